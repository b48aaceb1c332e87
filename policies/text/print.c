#include <string.h>

#include "terms/value.h"
#include "text/policy_text.h"

/* Text in double quotes.  What YAML reads otherwise inside them (quotes,
 * backslashes, a mark of byte order) is escaped; control characters and line
 * separators no note contains. */
static void
put_quoted(struct vlt_buf *out, struct vlt_slice text)
{
    static const uint8_t mark[3] = { 0xEF, 0xBB, 0xBF };

    vlt_buf_put_text(out, "\"");
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];

        if (text.len - i >= sizeof mark &&
            memcmp(text.at + i, mark, sizeof mark) == 0) {
            vlt_buf_put_text(out, "\\uFEFF");
            i += sizeof mark - 1;
            continue;
        }
        if (c == '"' || c == '\\') {
            vlt_buf_put_u8(out, '\\');
        }
        vlt_buf_put_u8(out, c);
    }
    vlt_buf_put_text(out, "\"");
}

/* Values of a list, one after another. */
struct list {
    struct vlt_buf *out;
    size_t count;
};

static struct list
begin_list(struct vlt_buf *out, const char *key)
{
    vlt_buf_printf(out, "    %s: [", key);
    return (struct list){ .out = out, .count = 0 };
}

static void
put_item(struct list *list, const char *text)
{
    vlt_buf_put_text(list->out, list->count++ > 0 ? ", " : "");
    vlt_buf_put_text(list->out, text);
}

static void
end_list(struct list *list)
{
    vlt_buf_put_text(list->out, "]\n");
}

/* ---- one function a key that this release can write ---- */

static void
put_note(struct vlt_buf *out, const struct policy_rule *rule)
{
    if (rule->note.len > 0) {
        vlt_buf_put_text(out, "    note: ");
        put_quoted(out, rule->note);
        vlt_buf_put_text(out, "\n");
    }
}

static void
put_firms(struct vlt_buf *out, const struct policy_rule *rule)
{
    char text[POLICY_FIRM_TEXT];

    if (rule->firm_count == 0) {
        return;
    }
    struct list list = begin_list(out, "firm");

    for (size_t i = 0; i < rule->firm_count; i++) {
        put_item(&list, policy_firm_print(rule->firms[i], text));
    }
    end_list(&list);
}

static void
put_purposes(struct vlt_buf *out, const struct policy_rule *rule)
{
    if (!rule->has_purposes) {
        return;
    }
    struct list list = begin_list(out, "purpose");

    for (int bit = 0; bit < vocab_purposes(); bit++) {
        if (vocab_mask_has(rule->purposes, bit)) {
            put_item(&list, vocab_purpose(bit)->id);
        }
    }
    end_list(&list);
}

static void
put_data(struct vlt_buf *out, const struct policy_rule *rule)
{
    if (!rule->has_data) {
        return;
    }
    struct list list = begin_list(out, "data");

    for (int bit = 0; bit < vocab_categories(); bit++) {
        if (vocab_mask_has(rule->data, bit)) {
            put_item(&list, vocab_category(bit)->id);
        }
    }
    end_list(&list);
}

/* The caps that are written, in the order of the axes. */
static void
put_caps(struct vlt_buf *out, const struct policy_rule *rule)
{
    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if ((rule->written >> axis & 1) == 0) {
            continue;
        }
        vlt_buf_printf(out,
                       "    %s: ", terms_axis_key((enum terms_axis)axis)->name);
        terms_put_axis(out, (enum terms_axis)axis, &rule->caps);
        vlt_buf_put_text(out, "\n");
    }
}

static void
put_rule(struct vlt_buf *out, const struct policy_rule *rule)
{
    vlt_buf_printf(out, "  - name: %s\n", rule->name);
    vlt_buf_printf(out, "    effect: %s\n", policy_effect_word(rule->effect));
    put_note(out, rule);
    put_firms(out, rule);
    put_purposes(out, rule);
    put_data(out, rule);
    put_caps(out, rule);
}

void
policy_text_print(struct vlt_buf *out, const struct policy_set *set)
{
    bool any = false;

    vlt_buf_printf(out, "version: 1\ndefault: %s\n",
                   policy_settings(set)->default_deny ? "deny" : "ask");
    for (size_t i = 0; i < policy_rule_count(set); i++) {
        const struct policy_rule *rule = policy_rule_at(set, i);

        if (policy_rule_builtin(rule)) {
            continue;
        }
        vlt_buf_put_text(out, any ? "" : "rules:\n");
        any = true;
        put_rule(out, rule);
    }
}
