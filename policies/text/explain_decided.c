/*
 * explain_decided: by what it was decided, in words that are kept.
 */
#include "base/text.h"
#include "text/explain_internal.h"

enum { TOLD = 3 }; /* rules that are named */

/* Those that were named, and how many were not. */
struct deciders {
    struct vlt_buf *out;
    const struct policy_set *set;
    size_t count;
    uint16_t rule[TOLD];
    size_t more;
    bool by_default;
};

static void
put_decider(struct deciders *deciders, uint16_t number)
{
    const struct policy_rule *rule = policy_rule_at(deciders->set, number);

    for (size_t i = 0; i < deciders->count; i++) {
        if (deciders->rule[i] == number) {
            return;
        }
    }
    if (deciders->count == TOLD) {
        deciders->more++;
        return;
    }
    vlt_buf_put_text(deciders->out, deciders->count > 0 ? " and " : "");
    vlt_buf_put_text(deciders->out, policy_rule_builtin(rule)
                                        ? "the vault's rule "
                                        : "your rule ");
    explain_put_rule(deciders->out, rule);
    explain_put_answered(deciders->out, rule);
    deciders->rule[deciders->count++] = number;
}

static void
take_deciders(struct deciders *deciders, const struct policy_atom *atom)
{
    deciders->by_default = deciders->by_default || atom->by_default;
    for (size_t i = 0; i < atom->rule_count; i++) {
        put_decider(deciders, atom->rules[i]);
    }
}

static void
put_more(struct deciders *deciders)
{
    struct vlt_buf *out = deciders->out;
    const struct policy_settings *settings = policy_settings(deciders->set);

    if (deciders->more > 0) {
        vlt_buf_put_text(out, " and more");
    }
    if (!deciders->by_default) {
        return;
    }
    vlt_buf_put_text(out, deciders->count > 0 ? " and " : "");
    vlt_buf_put_texts(out, settings->default_at.line != 0 ? "your" : "the",
                      " default, ", settings->default_deny ? "deny" : "ask",
                      " (", NULL);
    explain_put_default_place(out, settings);
    vlt_buf_put_text(out, ")");
}

void
policy_text_decided(struct vlt_buf *out, const struct policy_set *set,
                    const struct policy_decision *decision)
{
    struct deciders deciders = { .out = out, .set = set };

    for (size_t i = 0; i < decision->atom_count; i++) {
        const struct policy_atom *atom = &decision->atoms[i];

        if (atom->outcome == decision->outcome && !atom->left_out) {
            take_deciders(&deciders, atom);
        }
    }
    put_more(&deciders);
}

/* Does the atom say so by a rule? */
static bool
refuses(const struct policy_atom *atom, bool by_rule, enum policy_use use)
{
    return policy_atom_use(atom, by_rule) == use && atom->rule_count > 0;
}

void
policy_text_refused(struct vlt_buf *out, const struct policy_set *set,
                    const struct policy_decision *decision, bool by_rule,
                    enum policy_use use)
{
    struct deciders deciders = { .out = out, .set = set };
    bool ruled = false;

    for (size_t i = 0; i < decision->atom_count; i++) {
        ruled = ruled || refuses(&decision->atoms[i], by_rule, use);
    }
    vlt_buf_put_text(out, ruled ? "by " : "as no rule permits it any more");
    for (size_t i = 0; ruled && i < decision->atom_count; i++) {
        if (refuses(&decision->atoms[i], by_rule, use)) {
            take_deciders(&deciders, &decision->atoms[i]);
        }
    }
    put_more(&deciders);
    vlt_buf_put_text(out, !ruled                  ? ""
                          : use == POLICY_USE_ASK ? ", which asks"
                                                  : ", which denies");
}
