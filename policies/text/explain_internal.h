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
    const struct policy_text_nothing *nothing; /* NULL: that is not known */
};

/* ---- explain.c ---- */

/* "no-ads (home.yaml:4:5)"; a built-in rule stands nowhere. */
void explain_put_rule(struct vlt_buf *out, const struct policy_rule *rule);

/* Of a rule that an answer made (cli-REQUEST-N), which one it was. */
void explain_put_answered(struct vlt_buf *out, const struct policy_rule *rule);

/* "home.yaml:2:1": where the default is said; or that no file says one. */
void explain_put_default_place(struct vlt_buf *out,
                               const struct policy_settings *settings);

/* Would the rule let the atom through, were its explicit-only ids named there?
 * A permit for letters gives no data, whatever it names. */
bool explain_would_do(const struct policy_rule *rule,
                      const struct policy_atom *atom);

/* "health.heart", "judge.credit and health.heart": the explicit-only ids of an
 * atom that a rule does not name. */
void explain_put_unnamed(struct vlt_buf *out, const struct policy_rule *rule,
                         const struct policy_atom *atom);

/* The firm as rules and commands name it; text has room for its id. */
const char *explain_firm(const struct explaining *explaining,
                         char text[POLICY_FIRM_TEXT]);

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

/* Is the firm blocked or forgotten?  Then this one of the vault's own rules
 * stands before all others, and what there is to do instead is said. */
bool explain_own_barred(const struct explaining *explaining,
                        const struct policy_rule *rule);

/* The one detail that the firm has of the category, as what it may ask for:
 * asked is what it does ask.  False: it has several. */
bool explain_own_detail(const struct explaining *explaining,
                        const struct policy_atom *atom,
                        struct terms_limits *asked);

/* ---- explain_offer.c ---- */

/* Why a permit whose caps fail offers nothing, where the owner might think that
 * it would; nothing is said where it does, or need not. */
void explain_put_no_offer(const struct explaining *explaining,
                          const struct policy_atom *atom,
                          const struct policy_failed *failed);

/* ---- explain_rule.c ---- */

/* The permit that a file may have so that the atom is permitted: on a line of
 * its own.  False: no rule can permit it, and nothing was said. */
bool explain_put_permit(const struct explaining *explaining,
                        const struct policy_atom *atom);

/* ---- explain_change.c ---- */

/* The lines that say what would make the next decision on the atom another. */
void explain_change(const struct explaining *explaining,
                    const struct policy_atom *atom);

#endif
