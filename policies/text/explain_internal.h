/*
 * explain: what the sources of an explanation share.
 */
#ifndef POLICIES_EXPLAIN_INTERNAL_H
#define POLICIES_EXPLAIN_INTERNAL_H

#include "text/policy_text.h"

/* An explanation under way. */
struct explaining {
    struct vlt_buf *out;
    const struct policy_set *set;
    const struct policy_asking *asking;
};

/* Would the rule let the atom through, were its explicit-only ids named there?
 * A permit for letters gives no data, whatever it names. */
bool explain_would_do(const struct policy_rule *rule,
                      const struct policy_atom *atom);

/* ---- own.c ---- */

/* Why one of the vault's own rules acts on the atom; false: it is a rule of
 * the owner's, and nothing was said. */
bool explain_own_why(const struct explaining *explaining,
                     const struct policy_rule *rule,
                     const struct policy_atom *atom);

/* What ends that, likewise. */
bool explain_own_remedy(const struct explaining *explaining,
                        const struct policy_rule *rule,
                        const struct policy_atom *atom);

/* Why nothing does; NULL: something does. */
const char *explain_own_stays(const struct explaining *explaining,
                              const struct policy_rule *rule);

/* ---- explain_change.c ---- */

/* The line that says what would make the atom's outcome another. */
void explain_change(const struct explaining *explaining,
                    const struct policy_atom *atom);

#endif
