/*
 * explain_change: what would make a decision another, and what would come then.
 */
#include <string.h>

#include "terms/value.h"
#include "text/explain_internal.h"

enum { NAMED = 3 }; /* rules that would decide in the place of others */

/* How a rule is got rid of. */
static void
put_remedy(const struct explaining *explaining, const struct policy_rule *rule,
           const struct policy_atom *atom)
{
    if (!explain_own_remedy(explaining, rule, atom)) {
        vlt_buf_put_text(explaining->out, "take ");
        vlt_buf_put_text(explaining->out, rule->name);
        vlt_buf_put_text(explaining->out, " away or narrow it");
    }
}

/* Is the atom another one when all are got rid of, so that nothing can be said
 * of it? */
static bool
is_other_then(const struct explaining *explaining,
              const struct policy_atom *atom)
{
    for (size_t i = 0; i < atom->rule_count; i++) {
        if (strcmp(policy_rule_at(explaining->set, atom->rules[i])->name,
                   "builtin.two-details") == 0) {
            return true;
        }
    }
    return false;
}

/* "bill decides: permit", "a, b and 2 more decide: deny" */
static void
put_deciding(const struct explaining *explaining,
             const struct policy_atom *atom)
{
    struct vlt_buf *out = explaining->out;

    if (atom->by_default) {
        vlt_buf_put_text(out, "the default decides");
    }
    for (size_t i = 0; i < atom->rule_count && i < NAMED; i++) {
        vlt_buf_put_text(out, i > 0 ? ", " : "");
        vlt_buf_put_text(out,
                         policy_rule_at(explaining->set, atom->rules[i])->name);
    }
    if (atom->rule_count > NAMED) {
        vlt_buf_printf(out, " and %zu more", atom->rule_count - NAMED);
    }
    if (!atom->by_default) {
        vlt_buf_put_text(out, atom->rule_count > 1 ? " decide" : " decides");
    }
    vlt_buf_printf(out, ": %s", policy_outcome_word(atom->outcome));
}

/* How to be rid of all that made the outcome, and what would come then. */
static void
put_remedies(const struct explaining *explaining,
             const struct policy_atom *atom)
{
    struct policy_atom then;

    for (size_t i = 0; i < atom->rule_count; i++) {
        vlt_buf_put_text(explaining->out, i > 0 ? ", and " : "");
        put_remedy(explaining, policy_rule_at(explaining->set, atom->rules[i]),
                   atom);
    }
    if (!is_other_then(explaining, atom)) {
        policy_decide_without(explaining->set, explaining->asking, atom, &then);
        vlt_buf_put_text(explaining->out, "; then ");
        put_deciding(explaining, &then);
    }
}

/* Why nothing changes it; NULL: something does. */
static const char *
stays(const struct explaining *explaining, const struct policy_atom *atom)
{
    const char *why = NULL;

    for (size_t i = 0; why == NULL && i < atom->rule_count; i++) {
        why = explain_own_stays(
            explaining, policy_rule_at(explaining->set, atom->rules[i]));
    }
    return why;
}

/* "allow window 1y in bill" */
static void
put_allow(struct vlt_buf *out, const struct policy_set *set,
          const struct policy_atom *atom, const struct policy_failed *failed)
{
    const char *between = "allow ";

    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if ((failed->axes >> axis & 1) != 0) {
            vlt_buf_put_text(out, between);
            vlt_buf_put_text(out, terms_axis_key((enum terms_axis)axis)->name);
            vlt_buf_put_text(out, " ");
            terms_put_axis(out, (enum terms_axis)axis, &atom->asked);
            between = " and ";
        }
    }
    vlt_buf_put_text(out, " in ");
    vlt_buf_put_text(out, policy_rule_at(set, failed->rule)->name);
}

/* The permit that failed on fewest caps, by name. */
static const struct policy_failed *
nearest(const struct policy_atom *atom)
{
    const struct policy_failed *best = &atom->failed[0];

    for (size_t i = 1; i < atom->failed_count; i++) {
        if (__builtin_popcount(atom->failed[i].axes) <
            __builtin_popcount(best->axes)) {
            best = &atom->failed[i];
        }
    }
    return best;
}

/* How the one that offers failed. */
static const struct policy_failed *
offering(const struct policy_atom *atom)
{
    size_t i = 0;

    while (atom->failed[i].rule != atom->rules[0]) {
        i++;
    }
    return &atom->failed[i];
}

/* The first permit that lacks nothing but a name; NULL: there is none. */
static const struct policy_rule *
nearly(const struct policy_set *set, const struct policy_atom *atom)
{
    for (size_t i = 0; i < atom->unnamed_count; i++) {
        const struct policy_rule *rule = policy_rule_at(set, atom->unnamed[i]);

        if (explain_would_do(rule, atom)) {
            return rule;
        }
    }
    return NULL;
}

/* A permit that would have let it through: one that nearly did, or a new one.
 */
static void
put_permit(struct vlt_buf *out, const struct policy_set *set,
           const struct policy_atom *atom)
{
    const struct vocab_node *data = vocab_category(atom->data);
    const struct policy_rule *unnamed = nearly(set, atom);

    if (atom->failed_count > 0) {
        put_allow(out, set, atom, nearest(atom));
        vlt_buf_put_text(out, "; or the firm asks for less");
    } else if (unnamed != NULL) {
        vlt_buf_put_text(out, "name it in ");
        vlt_buf_put_text(out, unnamed->name);
    } else {
        vlt_buf_put_text(out, "write a permit for purpose ");
        vlt_buf_put_text(out, vocab_purpose(atom->purpose)->id);
        vlt_buf_put_text(out, data == NULL ? ", action contact" : ", data ");
        vlt_buf_put_text(out, data == NULL ? "" : data->id);
    }
}

/* Rules of the owner's or of the vault's made it. */
static void
put_ruled(const struct explaining *explaining, const struct policy_atom *atom)
{
    struct vlt_buf *out = explaining->out;
    const char *why = stays(explaining, atom);

    if (why != NULL) {
        vlt_buf_put_text(out, "nothing does: ");
        vlt_buf_put_text(out, why);
        return;
    }
    if (atom->outcome == POLICY_ASK) {
        vlt_buf_put_text(out, "you approve or deny it; or ");
    }
    put_remedies(explaining, atom);
    vlt_buf_put_text(out, atom->outcome == POLICY_PERMIT
                              ? "; or write a deny or an ask, which outweighs "
                                "a permit"
                              : "; no permit outweighs it");
}

void
explain_change(const struct explaining *explaining,
               const struct policy_atom *atom)
{
    struct vlt_buf *out = explaining->out;

    vlt_buf_put_text(out, "    to change it: ");
    if (atom->by_default) {
        if (atom->outcome == POLICY_ASK) {
            vlt_buf_put_text(out, "you approve or deny it; or ");
        }
        put_permit(out, explaining->set, atom);
    } else if (atom->outcome == POLICY_OFFER) {
        vlt_buf_put_text(out, "the firm takes what it is offered; or ");
        put_allow(out, explaining->set, atom, offering(atom));
    } else {
        put_ruled(explaining, atom);
    }
    vlt_buf_put_text(out, "\n");
}
