/*
 * warn: what the parts of policy_warn share.
 */
#ifndef TEXT_WARN_INTERNAL_H
#define TEXT_WARN_INTERNAL_H

#include "text/policy_warn.h"

struct warning {
    const struct policy_warn_input *input;
    size_t work;
    struct policy_atom *atom; /* owned: of the decision under way */
    size_t count;
    struct policy_fault *at; /* owned: POLICY_WARN_MAX */
};

/* One more, about a rule. */
void warn(struct warning *warning, const char *code,
          const struct policy_rule *rule, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Does the selector cover this node, in a permit without what is explicit-only
 * and not named? */
bool warn_covers(const struct policy_rule *rule, bool has,
                 struct vocab_mask mask, const struct vocab_node *node);

/* ---- warn_matter.c ---- */

/* Would no decision differ without the rule?  False also where there were too
 * many to look at.  number: the rule's in the set. */
bool warn_idle(struct warning *warning, uint16_t number);

#endif
