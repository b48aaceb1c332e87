/*
 * policy_json: rules, and caps that failed, in answers.
 */
#include <string.h>

#include "service/policy_internal.h"
#include "terms/value.h"
#include "json/json_write.h"

void
policy_put_place(struct vlt_json_out *json, const struct policy_rule *rule)
{
    vlt_put_object(json, NULL);
    vlt_put_text(json, "name", rule->name);
    vlt_put_text(json, "file", rule->file);
    vlt_put_int(json, "line", rule->line);
    vlt_put_int(json, "column", rule->column);
    vlt_put_end(json);
}

void
policy_put_default(struct vlt_json_out *json, const struct policy_place *at)
{
    vlt_put_object(json, NULL);
    vlt_put_text(json, "name", "default");
    vlt_put_text(json, "file", at->file);
    vlt_put_int(json, "line", at->line);
    vlt_put_int(json, "column", at->column);
    vlt_put_end(json);
}

void
policy_put_failed(struct vlt_json_out *json, const struct policy_set *set,
                  const struct policy_atom *atom)
{
    for (size_t i = 0; i < atom->failed_count; i++) {
        const struct policy_rule *rule =
            policy_rule_at(set, atom->failed[i].rule);
        struct terms_limits caps;

        policy_rule_caps(rule, atom->purpose, atom->data, &caps);
        for (int axis = 0; axis < TERMS_AXES; axis++) {
            struct vlt_buf asked;
            struct vlt_buf cap;

            if ((atom->failed[i].axes & 1U << axis) == 0) {
                continue;
            }
            vlt_buf_init(&asked, 0);
            vlt_buf_init(&cap, 0);
            terms_put_axis(&asked, (enum terms_axis)axis, &atom->asked);
            terms_put_axis(&cap, (enum terms_axis)axis, &caps);
            vlt_put_object(json, NULL);
            vlt_put_text(json, "rule", rule->name);
            vlt_put_text(json, "axis",
                         terms_axis_key((enum terms_axis)axis)->name);
            vlt_put_slice(json, "asked", vlt_buf_slice(&asked));
            vlt_put_slice(json, "cap", vlt_buf_slice(&cap));
            vlt_put_end(json);
            vlt_buf_free(&asked);
            vlt_buf_free(&cap);
        }
    }
}

void
policy_put_lines(struct vlt_json_out *json, struct vlt_slice text)
{
    vlt_put_list(json, "text");
    for (size_t at = 0; at < text.len;) {
        const uint8_t *end = memchr(text.at + at, '\n', text.len - at);
        size_t len = end != NULL ? (size_t)(end - text.at) - at : text.len - at;

        vlt_put_slice(json, NULL, vlt_slice_of(text.at + at, len));
        at += len + 1;
    }
    vlt_put_end(json);
}
