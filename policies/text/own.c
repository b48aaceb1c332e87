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
    say(explaining, quiet->offered == NULL
                        ? "you denied this to the firm on "
                        : "the firm did not take an offer of this on ");
    say_date(explaining, quiet->until - POLICY_QUIET_DAYS * VLT_DAY);
    say(explaining, quiet->offered == NULL
                        ? "; it is not to ask again before "
                        : "; it is not to ask for more than that before ");
    say_date(explaining, quiet->until);
}

static void
say_command(const struct explaining *explaining, const char *command)
{
    char text[POLICY_FIRM_TEXT];

    vlt_buf_put_texts(explaining->out, "`vaultctl ", command, " ",
                      explain_firm(explaining, text), "`", NULL);
}

static void
put_quiet_remedy(const struct explaining *explaining,
                 const struct policy_atom *atom)
{
    const struct policy_quiet *quiet =
        policy_quiet_of(explaining->asking, atom);

    assert(quiet != NULL);
    say_command(explaining, "firm confirm");
    say(explaining, ", or a wait until ");
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
put_grant(const struct explaining *explaining, const struct policy_held *held)
{
    char text[VLT_ULID_TEXT];

    vlt_buf_put_text(explaining->out, vlt_ulid_print(held->grant, text));
}

static void
put_detail(const struct explaining *explaining, const struct policy_held *held)
{
    terms_put_detail(explaining->out, held->stats, held->bucket_s);
    if (held->round.nano != 0) {
        say(explaining, " in steps of ");
        terms_put_step(explaining->out, held->round);
    }
}

static bool
is_asked_for(const struct policy_held *held, const struct policy_atom *atom)
{
    const struct terms_limits *asked = &atom->asked;

    return held->bucket_s == asked->at[TERMS_DETAIL] &&
           held->stats == asked->stats &&
           held->round.nano == asked->at[TERMS_ROUND] &&
           held->round.length == asked->length;
}

/* The grants of one detail, each once: an item of a grant may be there twice.
 */
static void
put_grants_of(const struct explaining *explaining,
              const struct policy_held *detail)
{
    const struct policy_firm *firm = explaining->asking->firm;
    const struct policy_held *last = NULL;

    for (size_t i = 0; i < firm->held_count; i++) {
        const struct policy_held *held = &firm->held[i];

        if (same_detail(held, detail) &&
            (last == NULL ||
             memcmp(last->grant, held->grant, sizeof held->grant) != 0)) {
            say(explaining, last == NULL ? " by grant " : ", ");
            put_grant(explaining, held);
            last = held;
        }
    }
}

static void
put_details(const struct explaining *explaining, const struct policy_atom *atom)
{
    const struct policy_firm *firm = explaining->asking->firm;
    const char *between = "the firm has this category already, as ";

    for (size_t i = 0; i < firm->held_count; i++) {
        const struct policy_held *held = &firm->held[i];

        if (held->data == atom->data && !was_said(firm, i)) {
            say(explaining, between);
            put_detail(explaining, held);
            put_grants_of(explaining, held);
            between = " and ";
        }
    }
    say(explaining, "; two details tell more than each alone");
}

/* Without the grants that have it in another detail. */
static void
put_details_remedy(const struct explaining *explaining,
                   const struct policy_atom *atom)
{
    const struct policy_firm *firm = explaining->asking->firm;
    const struct policy_held *last = NULL;

    for (size_t i = 0; i < firm->held_count; i++) {
        const struct policy_held *held = &firm->held[i];

        if (held->data == atom->data && !is_asked_for(held, atom) &&
            (last == NULL ||
             memcmp(last->grant, held->grant, sizeof held->grant) != 0)) {
            say(explaining, last != NULL ? " and " : "");
            say(explaining, "`vaultctl grant revoke ");
            put_grant(explaining, held);
            say(explaining, "`");
            last = held;
        }
    }
}

bool
explain_own_detail(const struct explaining *explaining,
                   const struct policy_atom *atom, struct terms_limits *asked)
{
    const struct policy_firm *firm = explaining->asking->firm;
    const struct policy_held *one = NULL;

    for (size_t i = 0; i < firm->held_count; i++) {
        const struct policy_held *held = &firm->held[i];

        if (held->data == atom->data && one != NULL &&
            !same_detail(one, held)) {
            return false;
        }
        one = held->data == atom->data ? held : one;
    }
    if (one == NULL) {
        return false;
    }
    *asked = atom->asked;
    asked->at[TERMS_DETAIL] = one->bucket_s;
    asked->stats = one->stats;
    asked->at[TERMS_ROUND] = one->round.nano;
    asked->length = one->round.length;
    return true;
}

/* ---- builtin.unconfirmed ---- */

static void
put_unconfirmed(const struct explaining *explaining,
                const struct policy_atom *atom)
{
    const struct policy_firm *firm = explaining->asking->firm;

    (void)atom;
    say(explaining, firm->forgotten ? "you forgot the firm"
                    : firm->blocked ? "you blocked the firm"
                                    : "you did not confirm the firm");
}

static void
put_unconfirmed_remedy(const struct explaining *explaining,
                       const struct policy_atom *atom)
{
    (void)atom;
    say_command(explaining, "firm confirm");
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
      "sale and targeted advertising are refused (gpc: on)",
      "write `gpc: off` in your policy file", NULL, NULL },
    { "builtin.overdue",
      "a firm that has not said that it deleted what it had to",
      "the firm has not said that it deleted what it had to",
      "the firm says that it has deleted it", NULL, NULL },
    { "builtin.quiet",
      "for 90 days what you denied to that firm, or it did not take when it "
      "was offered",
      NULL, NULL, put_quiet, put_quiet_remedy },
    { "builtin.two-details",
      "a category that the firm has in another detail already", NULL, NULL,
      put_details, put_details_remedy },
    { "builtin.unconfirmed", "a firm that is not confirmed, or is blocked",
      NULL, NULL, put_unconfirmed, put_unconfirmed_remedy },
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

bool
explain_own_barred(const struct explaining *explaining,
                   const struct policy_rule *rule)
{
    const struct policy_firm *firm = explaining->asking->firm;

    if (strcmp(rule->name, "builtin.unconfirmed") != 0 ||
        !(firm->blocked || firm->forgotten)) {
        return false;
    }
    if (!firm->forgotten) {
        say_command(explaining, "firm forget");
        say(explaining, " and then ");
    }
    say_command(explaining, "firm invite");
    say(explaining, ": it has to enrol as a new firm, to be confirmed by you, "
                    "and to ask again");
    return true;
}
