/*
 * offer: the one counter-offer that a part gets (LANGUAGE.md, 3 and 4.1).
 */
#include <string.h>

#include "engine/set_internal.h"

static bool
lower_to(const struct policy_rule *rule, const struct policy_atom *atom,
         uint32_t axes, int64_t now, struct terms *part)
{
    struct terms_limits caps;

    policy_rule_caps(rule, atom->purpose, atom->data, &caps);
    return terms_lower(part, atom->n, &caps, axes, now);
}

static int
axes_in(uint32_t axes)
{
    return __builtin_popcount(axes);
}

bool
offer_choose(const struct policy_set *set, const struct terms *part,
             int64_t now, const struct policy_atom *atom, uint16_t *out)
{
    const struct policy_failed *best = NULL;

    /* Rules come by name, so of those that move as few axes the first stays. */
    for (size_t i = 0; i < atom->failed_count; i++) {
        const struct policy_failed *failed = &atom->failed[i];
        const struct policy_rule *rule = &set->rules[failed->rule];
        struct terms lowered;

        if (!rule->offer ||
            (best != NULL && axes_in(failed->axes) >= axes_in(best->axes))) {
            continue;
        }
        lowered = *part;
        if (lower_to(rule, atom, failed->axes, now, &lowered)) {
            best = failed;
        }
    }
    if (best != NULL) {
        *out = best->rule;
    }
    return best != NULL;
}

/* The axes on which the rule that offers failed: it is among those. */
static uint32_t
axes_of(const struct policy_atom *atom)
{
    size_t i = 0;

    while (atom->failed[i].rule != atom->rules[0]) {
        i++;
    }
    return atom->failed[i].axes;
}

static void
leave_out(struct terms *part, const struct policy_atom *atom)
{
    /* `contact` stands alone in its part, and is not left out of it. */
    const struct terms_item *item = terms_item_of(part, atom->n);
    size_t at = (size_t)(item - part->items);

    memmove(&part->items[at], item + 1,
            (part->item_count - at - 1) * sizeof *item);
    part->item_count--;
}

bool
policy_offer(const struct policy_set *set,
             const struct policy_decision *decision, const struct terms *part,
             int64_t now, struct terms *out)
{
    *out = *part;
    for (size_t i = 0; i < decision->atom_count; i++) {
        const struct policy_atom *atom = &decision->atoms[i];

        if (atom->left_out) {
            leave_out(out, atom);
        } else if (atom->outcome == POLICY_OFFER &&
                   !lower_to(&set->rules[atom->rules[0]], atom, axes_of(atom),
                             now, out)) {
            return false;
        }
    }
    return true;
}
