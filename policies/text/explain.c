#include "base/text.h"
#include "terms/value.h"
#include "text/policy_text.h"

/* "no-ads (home.yaml:4:5)"; a built-in rule stands nowhere. */
static void
put_rule(struct vlt_buf *out, const struct policy_rule *rule)
{
    vlt_buf_put_text(out, rule->name);
    if (!policy_rule_builtin(rule)) {
        vlt_buf_put_text(out, " (");
        vlt_text_put_escaped(out, vlt_slice_text(rule->file));
        vlt_buf_printf(out, ":%d:%d)", rule->line, rule->column);
    }
}

/* "permit brightgrid-bill (home.yaml:4:5) failed: window asked 1y, allowed
 * 90d" */
static void
put_failed(struct vlt_buf *out, const struct policy_set *set,
           const struct policy_atom *atom, const struct policy_failed *failed)
{
    const struct policy_rule *rule = policy_rule_at(set, failed->rule);
    struct terms_limits caps;
    const char *between = "";

    policy_rule_caps(rule, atom->purpose, atom->data, &caps);
    vlt_buf_put_text(out, "    not ");
    put_rule(out, rule);
    vlt_buf_put_text(out, ":");
    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if ((failed->axes >> axis & 1) == 0) {
            continue;
        }
        vlt_buf_printf(out, "%s %s asked ", between,
                       terms_axis_key((enum terms_axis)axis)->name);
        terms_put_axis(out, (enum terms_axis)axis, &atom->asked);
        vlt_buf_put_text(out, ", allowed ");
        terms_put_axis(out, (enum terms_axis)axis, &caps);
        between = ";";
    }
    vlt_buf_put_text(out, "\n");
}

static void
put_atom(struct vlt_buf *out, const struct policy_set *set,
         const struct policy_atom *atom)
{
    const struct vocab_node *data = vocab_category(atom->data);

    vlt_buf_printf(
        out, "  %d %s: %s%s\n", atom->n, data == NULL ? "contact" : data->id,
        policy_outcome_word(atom->outcome), atom->left_out ? ", left out" : "");
    if (atom->by_default) {
        vlt_buf_printf(out, "    by default: %s\n",
                       policy_settings(set)->default_deny ? "deny" : "ask");
    }
    for (size_t i = 0; i < atom->rule_count; i++) {
        vlt_buf_put_text(out, "    by ");
        put_rule(out, policy_rule_at(set, atom->rules[i]));
        vlt_buf_put_text(out, "\n");
    }
    for (size_t i = 0; i < atom->failed_count; i++) {
        put_failed(out, set, atom, &atom->failed[i]);
    }
}

void
policy_text_explain(struct vlt_buf *out, const struct policy_set *set,
                    const struct policy_decision *decision)
{
    vlt_buf_printf(out, "%s\n", policy_outcome_word(decision->outcome));
    if (decision->no_policy) {
        vlt_buf_put_text(out, "  no policy is in force\n");
        return;
    }
    for (size_t i = 0; i < decision->atom_count; i++) {
        put_atom(out, set, &decision->atoms[i]);
    }
}
