/*
 * rule_streams: patterns of streams.
 */
#include <string.h>

#include "base/name.h"
#include "text/text_internal.h"

/* Write what a segment that mixes stars with text probably means: the stars
 * and the text apart. */
static void
put_apart(struct vlt_buf *out, struct vlt_slice segment)
{
    bool any = false;

    for (size_t i = 0; i < segment.len;) {
        size_t from = i;
        bool star = segment.at[i] == '*';

        while (i < segment.len && (segment.at[i] == '*') == star) {
            i++;
        }
        vlt_buf_put_text(out, any ? "/" : "");
        if (star) {
            vlt_buf_put_text(out, i - from == 1 ? "*" : "**");
        } else {
            vlt_buf_put(out, segment.at + from, i - from);
        }
        any = true;
    }
}

/* The pattern with every mixed segment taken apart. */
static void
mend(struct vlt_buf *out, struct vlt_slice text)
{
    size_t from = 0;

    for (size_t i = 0; i <= text.len; i++) {
        if (i == text.len || text.at[i] == '/') {
            put_apart(out, vlt_slice_of(text.at + from, i - from));
            vlt_buf_put_text(out, i < text.len ? "/" : "");
            from = i + 1;
        }
    }
}

/* How the stars of a text are called in a fault; NULL: it has none. */
static const char *
stars(struct vlt_slice text)
{
    const uint8_t *star = text.len > 0 ? memchr(text.at, '*', text.len) : NULL;

    if (star == NULL) {
        return NULL;
    }
    return star + 1 < text.at + text.len && star[1] == '*' ? "**" : "*";
}

static void
pattern_fault(struct text_reading *reading, const struct vlt_yaml_node *value)
{
    struct vlt_buf right = { 0 };
    char shown[TEXT_SHOWN_LEN];
    char mended[TEXT_SHOWN_LEN];

    text_shown(value->text, shown);
    if (stars(value->text) != NULL) {
        mend(&right, value->text);
    }
    if (vlt_buf_status(&right) == VLT_OK &&
        vlt_pattern_valid(vlt_buf_slice(&right))) {
        text_fault(reading, "P20", text_value_at(value),
                   "'%s' mixes %s with text, would be right: '%s'", shown,
                   stars(value->text),
                   text_shown(vlt_buf_slice(&right), mended));
    } else {
        text_fault(reading, "P20", text_value_at(value),
                   "'%s' is no pattern, would be right: a stream's name, in "
                   "which * stands for one segment and ** for any number",
                   shown);
    }
    vlt_buf_free(&right);
}

void
text_read_streams(struct text_reading *reading, struct text_rule *rule,
                  const struct vlt_yaml_node *node)
{
    const struct vlt_yaml_node *value;
    struct text_values values;

    if (!text_values_begin(reading, node, &values)) {
        return;
    }
    while ((value = text_values_next(reading, node, &values)) != NULL) {
        if (!vlt_pattern_valid(value->text)) {
            pattern_fault(reading, value);
        } else if (text_values_seen(&values, value)) {
            text_twice(reading, node, value);
        } else {
            rule->patterns[rule->rule.pattern_count++] = value->text;
        }
    }
}
