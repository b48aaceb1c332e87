/*
 * explain_offer: why a permit that nearly does offers nothing.
 */
#include "text/explain_internal.h"

/* The axes of those on which nothing is allowed by both. */
static uint32_t
stuck_axes(const struct explaining *explaining, const struct policy_atom *atom,
           const struct policy_failed *failed)
{
    struct terms_limits caps;
    uint32_t stuck = 0;

    policy_rule_caps(policy_rule_at(explaining->set, failed->rule),
                     atom->purpose, atom->data, &caps);
    for (int axis = 0; axis < TERMS_AXES; axis++) {
        struct terms part = *explaining->asking->part;
        uint32_t bit = UINT32_C(1) << axis;

        if ((failed->axes & bit) != 0 &&
            !terms_lower(&part, atom->n, &caps, bit, explaining->asking->now)) {
            stuck |= bit;
        }
    }
    return stuck;
}

static void
put_stuck(struct vlt_buf *out, uint32_t stuck)
{
    const char *between = "what was asked and what it allows have no ";

    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if ((stuck >> axis & 1) != 0) {
            vlt_buf_put_text(out, between);
            vlt_buf_put_text(out, terms_axis_key((enum terms_axis)axis)->name);
            between = " and no ";
        }
    }
    vlt_buf_put_text(out, " in common");
}

void
explain_put_no_offer(const struct explaining *explaining,
                     const struct policy_atom *atom,
                     const struct policy_failed *failed)
{
    struct vlt_buf *out = explaining->out;
    const struct policy_rule *rule =
        policy_rule_at(explaining->set, failed->rule);

    /* A rule that names no firm has no `offer`, and one that is not yet gives
     * nothing, as everybody knows. */
    if (rule->firm_count == 0 || atom->outcome == POLICY_OFFER ||
        failed->axes == UINT32_C(1) << TERMS_FROM) {
        return;
    }
    if (!atom->by_default) {
        vlt_buf_put_text(out, rule->offer ? "; it offers less only where no "
                                            "rule asks or denies"
                                          : "");
        return;
    }
    vlt_buf_put_text(out, "; it offers no less, since ");
    if (!rule->offer) {
        vlt_buf_put_text(out, "it has no `offer: yes`");
        return;
    }
    uint32_t stuck = stuck_axes(explaining, atom, failed);

    if (stuck != 0) {
        put_stuck(out, stuck);
    } else {
        vlt_buf_put_text(out, "what the items would be offered has nothing in "
                              "common");
    }
}
