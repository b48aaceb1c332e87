/*
 * own: the words of the vault's own rules, which have no selectors that say
 * what each is about.
 */
#include <assert.h>
#include <string.h>

#include "base/time.h"
#include "terms/value.h"
#include "text/explain_internal.h"

typedef void own_fn(const struct explaining *explaining,
                    const struct policy_atom *atom);

static void
say(const struct explaining *explaining, const char *text)
{
    vlt_buf_put_text(explaining->out, text);
}

static void
say_date(const struct explaining *explaining, int64_t ns)
{
    terms_put_date(explaining->out, ns / VLT_SECOND * VLT_SECOND);
}

/* ---- builtin.quiet ---- */

static void
put_quiet(const struct explaining *explaining, const struct policy_atom *atom)
{
    const struct policy_quiet *quiet =
        policy_quiet_of(explaining->asking, atom);

    assert(quiet != NULL); /* it acts */
    say(explaining,
        quiet->offered == NULL
            ? "you denied this to the firm on "
            : "the firm left an offer of this, or let it lapse, on ");
    say_date(explaining, quiet->until - POLICY_QUIET_DAYS * VLT_DAY);
    say(explaining, quiet->offered == NULL
                        ? "; it is not to ask again before "
                        : "; it is not to ask for more than that before ");
    say_date(explaining, quiet->until);
}

static void
put_quiet_remedy(const struct explaining *explaining,
                 const struct policy_atom *atom)
{
    const struct policy_quiet *quiet =
        policy_quiet_of(explaining->asking, atom);

    assert(quiet != NULL);
    say(explaining, "confirm the firm anew, or wait until ");
    say_date(explaining, quiet->until);
}

/* ---- builtin.two-details ---- */

static bool
same_detail(const struct policy_held *a, const struct policy_held *b)
{
    return a->data == b->data && a->stats == b->stats &&
           a->bucket_s == b->bucket_s && a->round.nano == b->round.nano &&
           a->round.length == b->round.length;
}

/* Was it said already, of another grant? */
static bool
was_said(const struct policy_firm *firm, size_t number)
{
    for (size_t i = 0; i < number; i++) {
        if (same_detail(&firm->held[i], &firm->held[number])) {
            return true;
        }
    }
    return false;
}

static void
put_details(const struct explaining *explaining, const struct policy_atom *atom)
{
    const struct policy_firm *firm = explaining->asking->firm;
    const char *between = "the firm has this category already, as ";

    for (size_t i = 0; i < firm->held_count; i++) {
        const struct policy_held *held = &firm->held[i];

        if (held->data != atom->data || was_said(firm, i)) {
            continue;
        }
        say(explaining, between);
        terms_put_detail(explaining->out, held->stats, held->bucket_s);
        if (held->round.nano != 0) {
            say(explaining, " in steps of ");
            terms_put_step(explaining->out, held->round);
        }
        between = " and ";
    }
}

/* ---- builtin.unconfirmed ---- */

static void
put_unconfirmed(const struct explaining *explaining,
                const struct policy_atom *atom)
{
    const struct policy_firm *firm = explaining->asking->firm;

    (void)atom;
    say(explaining, firm->forgotten ? "the firm is forgotten"
                    : firm->blocked ? "the firm is blocked"
                                    : "the firm is not confirmed");
}

/* ---- all of them ---- */

/* Each by what it is about, why it acts and what ends that; where that hangs on
 * the firm, a function says it. */
static const struct own {
    const char *name;
    const char *about;
    const char *why;
    const char *remedy;
    own_fn *put_why;
    own_fn *put_remedy;
} own[] = {
    { "builtin.gpc", "sale and targeted advertising",
      "sale and targeted advertising are refused (gpc: on)", "write gpc: off",
      NULL, NULL },
    { "builtin.overdue",
      "a firm that has not said that it deleted what it had to",
      "the firm has not said that it deleted what it had to",
      "the firm says that it has deleted it", NULL, NULL },
    { "builtin.quiet",
      "for 90 days what you denied to that firm, or it did not take when it "
      "was offered",
      NULL, NULL, put_quiet, put_quiet_remedy },
    { "builtin.two-details",
      "a category that the firm has in another detail already", NULL,
      "the firm asks for a detail that it has", put_details, NULL },
    { "builtin.unconfirmed", "a firm that is not confirmed, or is blocked",
      NULL, "confirm the firm", put_unconfirmed, NULL },
};

/* NULL: it is a rule of the owner's. */
static const struct own *
own_of(const struct policy_rule *rule)
{
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (strcmp(rule->name, own[i].name) == 0) {
            return &own[i];
        }
    }
    return NULL;
}

const char *
policy_own_words(const struct policy_rule *rule)
{
    const struct own *found = own_of(rule);

    return found != NULL ? found->about : NULL;
}

bool
explain_own_why(const struct explaining *explaining,
                const struct policy_rule *rule, const struct policy_atom *atom)
{
    const struct own *found = own_of(rule);

    if (found != NULL && found->put_why != NULL) {
        found->put_why(explaining, atom);
    } else if (found != NULL) {
        say(explaining, found->why);
    }
    return found != NULL;
}

bool
explain_own_remedy(const struct explaining *explaining,
                   const struct policy_rule *rule,
                   const struct policy_atom *atom)
{
    const struct own *found = own_of(rule);

    if (found != NULL && found->put_remedy != NULL) {
        found->put_remedy(explaining, atom);
    } else if (found != NULL) {
        say(explaining, found->remedy);
    }
    return found != NULL;
}

const char *
explain_own_stays(const struct explaining *explaining,
                  const struct policy_rule *rule)
{
    const struct policy_firm *firm = explaining->asking->firm;

    if (strcmp(rule->name, "builtin.unconfirmed") != 0) {
        return NULL;
    }
    return firm->forgotten ? "a firm that is forgotten has to be invited, and "
                             "to ask again"
           : firm->blocked ? "a firm that is blocked stays so"
                           : NULL;
}
