#include <string.h>

#include "terms/value.h"
#include "text/text_internal.h"

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
    vlt_buf_put_texts(out, "    ", key, ": [", NULL);
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

/* The ids of a selector. */
static void
put_ids(struct vlt_buf *out, const char *key, struct vocab_mask ids,
        const struct vocab_node *(*node)(int bit))
{
    struct list list = begin_list(out, key);
    int bit;

    while ((bit = vocab_mask_next(&ids)) != VOCAB_NONE) {
        put_item(&list, node(bit)->id);
    }
    end_list(&list);
}

static void
put_purposes(struct vlt_buf *out, const struct policy_rule *rule)
{
    if (rule->has_purposes) {
        put_ids(out, "purpose", rule->purposes, vocab_purpose);
    }
}

static void
put_data(struct vlt_buf *out, const struct policy_rule *rule)
{
    if (rule->has_data) {
        put_ids(out, "data", rule->data, vocab_category);
    }
}

/* Texts in quotes. */
static void
put_texts(struct vlt_buf *out, const char *key, const struct vlt_slice *texts,
          size_t count)
{
    vlt_buf_put_texts(out, "    ", key, ": [", NULL);
    for (size_t i = 0; i < count; i++) {
        vlt_buf_put_text(out, i > 0 ? ", " : "");
        put_quoted(out, texts[i]);
    }
    vlt_buf_put_text(out, "]\n");
}

static void
put_bits(struct vlt_buf *out, const char *key, enum vocab_kind kind,
         int64_t bits)
{
    struct list list = begin_list(out, key);
    const struct vocab_value *value;

    for (size_t i = 0; (value = vocab_value_at(kind, i)) != NULL; i++) {
        if ((bits & value->value) != 0) {
            put_item(&list, value->id);
        }
    }
    end_list(&list);
}

/* Countries; the words `any`, and `home` where that is none. */
static void
put_places(struct vlt_buf *out, const char *key,
           const struct terms_places *places)
{
    struct list list = begin_list(out, key);
    struct terms_places all = { { 0 } };

    terms_places_add_all(&all);
    if (terms_places_within(all, *places)) {
        put_item(&list, "any");
        end_list(&list);
        return;
    }
    for (int i = 0; vocab_country(i) != NULL; i++) {
        if ((places->bits[i / 64] >> (i % 64) & 1) != 0) {
            /* NO is Norway, and no is a word: quotes keep them apart for
             * readers that look at words. */
            vlt_buf_put_texts(out, list.count++ > 0 ? ", \"" : "\"",
                              vocab_country(i), "\"", NULL);
        }
    }
    if (list.count == 0) {
        put_item(&list, "home");
    }
    end_list(&list);
}

static void
put_onward(struct vlt_buf *out, const char *key,
           const struct terms_limits *caps)
{
    if (caps->at[TERMS_ONWARDS] != TERMS_ONWARD_NAMES) {
        vlt_buf_put_texts(out, "    ", key, ": ", NULL);
        terms_put_axis(out, TERMS_ONWARDS, caps);
        vlt_buf_put_text(out, "\n");
        return;
    }
    put_texts(out, key, caps->names, caps->name_count);
}

static void
put_cap(struct vlt_buf *out, enum terms_axis axis,
        const struct terms_limits *caps)
{
    const char *key = terms_axis_key(axis)->name;

    if (axis == TERMS_ACTION) {
        put_bits(out, key, VOCAB_ACTION, caps->at[axis]);
    } else if (axis == TERMS_CHANNELS) {
        put_bits(out, key, VOCAB_CHANNEL, caps->at[axis]);
    } else if (axis == TERMS_BASIS) {
        put_bits(out, key, VOCAB_BASIS, caps->at[axis]);
    } else if (axis == TERMS_WHERES) {
        put_places(out, key, &caps->where);
    } else if (axis == TERMS_ONWARDS) {
        put_onward(out, key, caps);
    } else {
        vlt_buf_put_texts(out, "    ", key, ": ", NULL);
        terms_put_axis(out, axis, caps);
        vlt_buf_put_text(out, "\n");
    }
}

/* The caps that are written, in the order of the axes. */
static void
put_caps(struct vlt_buf *out, const struct policy_rule *rule)
{
    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if ((rule->written >> axis & 1) != 0) {
            put_cap(out, (enum terms_axis)axis, &rule->caps);
        }
    }
}

/* The obligations that are other than when nothing is written. */
static void
put_duties(struct vlt_buf *out, const struct policy_duties *duties)
{
    struct policy_duties unsaid = policy_duties_unsaid();

    if (duties->notify != unsaid.notify) {
        vlt_buf_printf(out, "    notify: %s\n",
                       policy_notify_word(duties->notify));
    }
    if (duties->ask_each != unsaid.ask_each) {
        vlt_buf_printf(out, "    ask_each: %s\n",
                       duties->ask_each ? "yes" : "no");
    }
    if (duties->min_readings != unsaid.min_readings) {
        vlt_buf_printf(out, "    min_readings: %d\n", duties->min_readings);
    }
    if (duties->show_names != unsaid.show_names) {
        vlt_buf_printf(out, "    names: %s\n",
                       duties->show_names ? "show" : "hide");
    }
    if (duties->join_new_streams != unsaid.join_new_streams) {
        vlt_buf_printf(out, "    new_streams: %s\n",
                       duties->join_new_streams ? "include" : "hold");
    }
}

static void
put_rule(struct vlt_buf *out, const struct policy_rule *rule)
{
    vlt_buf_put_texts(out, "  - name: ", rule->name,
                      "\n    effect: ", policy_effect_word(rule->effect), "\n",
                      NULL);
    put_note(out, rule);
    put_firms(out, rule);
    put_purposes(out, rule);
    put_data(out, rule);
    if (rule->pattern_count > 0) {
        put_texts(out, "streams", rule->patterns, rule->pattern_count);
    }
    put_caps(out, rule);
    if (rule->effect == POLICY_EFFECT_PERMIT) {
        put_duties(out, &rule->duties);
        if (rule->offer) {
            vlt_buf_put_text(out, "    offer: yes\n");
        }
    }
}

enum { KEY_INDENT = 4 };

/* Lines of keys behind `begin` become one, in place: each is longer than what
 * stands for it. */
static void
join_lines(struct vlt_buf *out, size_t begin)
{
    size_t end = begin;
    size_t at = begin;
    const uint8_t *stop;

    while (!vlt_buf_failed(out) && at < out->len &&
           (stop = memchr(out->at + at, '\n', out->len - at)) != NULL) {
        size_t len = (size_t)(stop - out->at) - at - KEY_INDENT;

        memcpy(out->at + end, ", ", 2);
        memmove(out->at + end + 2, out->at + at + KEY_INDENT, len);
        at += KEY_INDENT + len + 1;
        end += 2 + len;
    }
    if (!vlt_buf_failed(out)) {
        out->len = end;
    }
}

/* Texts have no line ends, so each of a line is the end of a key. */
void
text_put_rule_line(struct vlt_buf *out, const struct policy_rule *rule,
                   const char *firm)
{
    size_t begin;

    vlt_buf_put_texts(out, "- {name: ", rule->name,
                      ", effect: ", policy_effect_word(rule->effect),
                      ", firm: \"", firm, "\"", NULL);
    begin = out->len;
    put_purposes(out, rule);
    put_data(out, rule);
    put_caps(out, rule);
    join_lines(out, begin);
    vlt_buf_put_text(out, "}");
}

void
policy_text_print(struct vlt_buf *out, const struct policy_set *set)
{
    bool any = false;

    vlt_buf_printf(out, "version: 1\ndefault: %s\n",
                   policy_settings(set)->default_deny ? "deny" : "ask");
    if (policy_settings(set)->gpc_off) {
        vlt_buf_put_text(out, "gpc: off\n");
    }
    if (policy_settings(set)->overdue_deny) {
        vlt_buf_put_text(out, "overdue: deny\n");
    }
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
