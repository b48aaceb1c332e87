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
    bool *idle;               /* owned: of each rule, as far as it is known */
    bool *others;             /* owned: likewise; of the rule under way */
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

/* May two permits be for the same: a firm, a purpose and a category of both? */
bool warn_meet(const struct policy_rule *a, const struct policy_rule *b);

/* Was it written, by no answer? */
bool warn_written(const struct policy_rule *rule);

/* ---- warn_matter.c ---- */

/* Find the rules without which no decision would differ, all of them together:
 * of two that say the same the later.  Where there were too many to look at,
 * none is. */
void warn_find_idle(struct warning *warning);

/* Of a rule that was found so: note the rules that decide in its place. */
void warn_find_others(struct warning *warning, size_t number, bool *others);

/* The first deny or ask that says the same as this one; NULL: none before. */
const struct policy_rule *warn_twin(const struct warning *warning,
                                    size_t number);

#endif
