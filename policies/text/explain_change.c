/*
 * explain_change: what would make the next decision another, and what would
 * come then.
 *
 * A change of rules answers nothing that waits: that is the owner's, and is
 * said where what became of the request is.  So all of this is for the next
 * time.  Each way says what would be decided then; one that would not help is
 * not there.
 */
#include <string.h>

#include "base/time.h"
#include "terms/value.h"
#include "text/explain_internal.h"

enum { NAMED = 3 }; /* rules that would decide in the place of others */

/* The ways of one atom, each on a line of its own. */
struct ways {
    const struct explaining *explaining;
    const struct policy_atom *atom;
    size_t count;
    bool permit; /* a rule is to be written, which stands on the next line */
};

static struct vlt_buf *
begin_way(struct ways *ways)
{
    struct vlt_buf *out = ways->explaining->out;

    vlt_buf_put_text(out, ways->count++ > 0 ? "\n    or: "
                                            : "    for the next time: ");
    return out;
}

/* "bill decides: permit", "a, b and 2 more decide: deny" */
static void
put_then(const struct explaining *explaining, const struct policy_atom *then)
{
    struct vlt_buf *out = explaining->out;

    vlt_buf_put_text(out, " (then ");
    if (then->by_default) {
        vlt_buf_put_text(out, "the default decides");
    }
    for (size_t i = 0; i < then->rule_count && i < NAMED; i++) {
        vlt_buf_put_text(out, i > 0 ? ", " : "");
        vlt_buf_put_text(out,
                         policy_rule_at(explaining->set, then->rules[i])->name);
    }
    if (then->rule_count > NAMED) {
        vlt_buf_put_text(out, " and ");
        vlt_buf_put_int(out, (int64_t)then->rule_count - NAMED);
        vlt_buf_put_text(out, " more");
    }
    if (!then->by_default) {
        vlt_buf_put_text(out, then->rule_count > 1 ? " decide" : " decides");
    }
    vlt_buf_put_texts(out, ": ", policy_outcome_word(then->outcome), ")", NULL);
}

static void
put_then_rule(struct vlt_buf *out, const struct policy_rule *rule)
{
    vlt_buf_put_texts(out, " (then ", rule->name, " decides: permit)", NULL);
}

/* The rule itself is on the next line. */
static void
put_add(struct ways *ways)
{
    vlt_buf_put_text(
        ways->explaining->out,
        "add this rule to your policy file and apply that (then it "
        "decides: permit):");
    ways->permit = true;
}

static const struct policy_rule *
rule_of(const struct ways *ways, uint16_t number)
{
    return policy_rule_at(ways->explaining->set, number);
}

/* ---- where no rule decides ---- */

/* "window 1y"; what is asked for later ends later, and no step cannot be
 * written. */
static void
put_cap(struct vlt_buf *out, enum terms_axis axis,
        const struct terms_limits *asked)
{
    if (axis == TERMS_ROUND && asked->at[axis] == 0) {
        vlt_buf_put_text(out, "any round, by leaving it out,");
        return;
    }
    vlt_buf_put_text(out, terms_axis_key(axis)->name);
    vlt_buf_put_text(out, axis == TERMS_UNTIL ? " after " : " ");
    if (axis == TERMS_FROM) {
        terms_put_date(out, asked->at[axis] / VLT_SECOND * VLT_SECOND);
        return;
    }
    terms_put_axis(out, axis, asked);
}

/* "allow window 1y in bill" */
static void
put_allow(struct vlt_buf *out, const struct policy_rule *rule,
          const struct policy_atom *atom, uint32_t axes)
{
    const char *between = "allow ";

    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if ((axes >> axis & 1) != 0) {
            vlt_buf_put_text(out, between);
            put_cap(out, (enum terms_axis)axis, &atom->asked);
            between = " and ";
        }
    }
    vlt_buf_put_text(out, " in ");
    vlt_buf_put_text(out, rule->name);
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

/* Can a rule permit it at all? */
static bool
can_be_permitted(const struct policy_atom *atom)
{
    return !terms_explicit(atom->purpose, atom->data) ||
           atom->asked.at[TERMS_LIFE] <= VOCAB_LIFE_EXPLICIT_MOST;
}

/* May the rule be written with more?  Not where it names something else that
 * has a floor. */
static bool
may_allow_more(const struct policy_rule *rule, const struct policy_atom *atom)
{
    struct vocab_mask data = rule->data;
    int bit;

    while (rule->has_data && (bit = vocab_mask_next(&data)) != VOCAB_NONE) {
        if (bit != atom->data && vocab_floor(bit) != NULL) {
            return false;
        }
    }
    return can_be_permitted(atom);
}

/* Can the firm ask so that these caps hold?  A time that is not yet or over, a
 * place where nobody may be, and what the firm is, it cannot ask less of. */
static bool
may_ask_less(const struct policy_atom *atom, const struct terms_limits *caps,
             uint32_t axes)
{
    static const struct terms_places nowhere;
    bool is_over = caps->at[TERMS_UNTIL] <= atom->asked.at[TERMS_FROM];
    bool is_nowhere = memcmp(&caps->where, &nowhere, sizeof nowhere) == 0;

    return (axes >> TERMS_FROM & 1) == 0 &&
           (axes >> TERMS_GATEKEEPER & 1) == 0 &&
           !((axes >> TERMS_UNTIL & 1) != 0 && is_over) &&
           !((axes >> TERMS_WHERES & 1) != 0 && is_nowhere);
}

/* The firm asks for as much as the rule allows; that may be another detail than
 * it has, so it is decided.  Of what there is no less of, the rule is said to
 * permit what it allows. */
static void
put_ask_less(struct ways *ways, const struct policy_failed *failed,
             const struct terms_limits *caps)
{
    const struct policy_asking *asking = ways->explaining->asking;
    struct terms part = *asking->part;
    struct policy_atom then = { .outcome = POLICY_PERMIT,
                                .rules = { failed->rule },
                                .rule_count = 1 };
    struct terms_limits asked;

    if (terms_lower(&part, ways->atom->n, caps, failed->axes, asking->now)) {
        terms_atom(&part, terms_item_of(&part, ways->atom->n), asking->now,
                   &asked);
        policy_decide_as(ways->explaining->set, asking, ways->atom, &asked,
                         &then);
    }
    if (then.outcome < ways->atom->outcome) {
        vlt_buf_put_texts(begin_way(ways), "the firm asks for what ",
                          rule_of(ways, failed->rule)->name, " allows", NULL);
        put_then(ways->explaining, &then);
    }
}

/* The rule is for a time to come: as asked then. */
static void
put_begins(struct ways *ways, const struct policy_rule *rule,
           const struct terms_limits *caps)
{
    const struct explaining *explaining = ways->explaining;
    int64_t from = caps->at[TERMS_FROM];
    struct policy_asking later = *explaining->asking;
    struct terms_limits asked = ways->atom->asked;
    struct policy_atom then;

    later.now = from;
    asked.at[TERMS_UNTIL] += from - asked.at[TERMS_FROM];
    asked.at[TERMS_FROM] = from;
    policy_decide_as(explaining->set, &later, ways->atom, &asked, &then);
    if (then.outcome < ways->atom->outcome) {
        struct vlt_buf *out = begin_way(ways);

        vlt_buf_put_text(out, "the firm asks again on ");
        terms_put_date(out, from);
        vlt_buf_put_texts(out, " or later, when ", rule->name, " begins", NULL);
        put_then(explaining, &then);
    }
}

/* A permit that nearly did. */
static void
put_nearest(struct ways *ways)
{
    const struct policy_atom *atom = ways->atom;
    const struct policy_failed *failed = nearest(atom);
    const struct policy_rule *rule = rule_of(ways, failed->rule);
    struct terms_limits caps;
    struct vlt_buf *out;

    policy_rule_caps(rule, atom->purpose, atom->data, &caps);
    if ((failed->axes >> TERMS_FROM & 1) != 0) {
        put_begins(ways, rule, &caps);
    }
    if (may_allow_more(rule, atom)) {
        out = begin_way(ways);
        put_allow(out, rule, atom, failed->axes);
        put_then_rule(out, rule);
    }
    if (may_ask_less(atom, &caps, failed->axes)) {
        put_ask_less(ways, failed, &caps);
    }
}

/* The first permit that lacks nothing but a name; NULL: there is none, or what
 * it would name has a floor, which it may be beyond. */
static const struct policy_rule *
nearly(const struct ways *ways)
{
    if (vocab_floor(ways->atom->data) != NULL) {
        return NULL;
    }
    for (size_t i = 0; i < ways->atom->unnamed_count; i++) {
        const struct policy_rule *rule = rule_of(ways, ways->atom->unnamed[i]);

        if (explain_would_do(rule, ways->atom)) {
            return rule;
        }
    }
    return NULL;
}

/* A permit that would have let it through: one that nearly did, or a new one.
 */
static void
put_permits(struct ways *ways)
{
    const struct policy_rule *unnamed = nearly(ways);

    if (ways->atom->failed_count > 0) {
        put_nearest(ways);
    } else if (unnamed != NULL) {
        struct vlt_buf *out = begin_way(ways);

        vlt_buf_put_text(out, "name ");
        explain_put_unnamed(out, unnamed, ways->atom);
        vlt_buf_put_texts(out, " in ", unnamed->name, NULL);
        put_then_rule(out, unnamed);
    } else if (can_be_permitted(ways->atom)) {
        (void)begin_way(ways);
        put_add(ways);
    } else {
        vlt_buf_put_text(begin_way(ways),
                         "the firm asks for 180d at most; no rule permits "
                         "more of what is explicit-only");
    }
}

/* ---- where rules do ---- */

/* How a rule is got rid of. */
static void
put_remedy(const struct ways *ways, const struct policy_rule *rule)
{
    struct vlt_buf *out = ways->explaining->out;

    if (explain_own_remedy(ways->explaining, rule, ways->atom)) {
        return;
    }
    if (strncmp(rule->name, "cli-", 4) == 0) {
        vlt_buf_put_texts(out, "`vaultctl policy forget ", rule->name, "`",
                          NULL);
    } else {
        vlt_buf_put_texts(out, "take ", rule->name, " away or narrow it", NULL);
    }
}

/* How to be rid of all that made the outcome, and to write a rule where that
 * is needed too: "both: (1) write `gpc: off`; (2) take no-ads away". */
static struct vlt_buf *
put_remedies(struct ways *ways, bool and_add)
{
    struct vlt_buf *out = begin_way(ways);
    size_t rules = ways->atom->rule_count;
    size_t count = rules + and_add;

    vlt_buf_put_text(out, count > 2 ? "all of: " : count == 2 ? "both: " : "");
    for (size_t i = 0; i < count; i++) {
        vlt_buf_put_text(out, i > 0 ? "; " : "");
        if (count > 1) {
            vlt_buf_put_text(out, "(");
            vlt_buf_put_int(out, (int64_t)i + 1);
            vlt_buf_put_text(out, ") ");
        }
        if (i < rules) {
            put_remedy(ways, rule_of(ways, ways->atom->rules[i]));
        } else {
            put_add(ways);
        }
    }
    return out;
}

static bool
is_barred(struct ways *ways)
{
    for (size_t i = 0; i < ways->atom->rule_count; i++) {
        const struct policy_rule *rule = rule_of(ways, ways->atom->rules[i]);
        const struct policy_firm *firm = ways->explaining->asking->firm;

        if ((firm->blocked || firm->forgotten) &&
            strcmp(rule->name, "builtin.unconfirmed") == 0) {
            (void)begin_way(ways);
            return explain_own_barred(ways->explaining, rule);
        }
    }
    return false;
}

static bool
has_two_details(const struct ways *ways)
{
    for (size_t i = 0; i < ways->atom->rule_count; i++) {
        if (strcmp(rule_of(ways, ways->atom->rules[i])->name,
                   "builtin.two-details") == 0) {
            return true;
        }
    }
    return false;
}

/* The detail that it has already. */
static void
put_as_held(struct ways *ways)
{
    const struct explaining *explaining = ways->explaining;
    struct terms_limits asked;
    struct policy_atom then;

    if (!explain_own_detail(explaining, ways->atom, &asked)) {
        return;
    }
    policy_decide_as(explaining->set, explaining->asking, ways->atom, &asked,
                     &then);
    /* What was offered less would be another detail again. */
    if (then.outcome == POLICY_PERMIT) {
        struct vlt_buf *out = begin_way(ways);

        vlt_buf_put_text(out, "the firm asks for ");
        terms_put_axis(out, TERMS_DETAIL, &asked);
        if (asked.at[TERMS_ROUND] != 0) {
            vlt_buf_put_text(out, " in steps of ");
            terms_put_axis(out, TERMS_ROUND, &asked);
        }
        vlt_buf_put_text(out, ", which it has");
        put_then(explaining, &then);
    }
}

/* An ask or a deny: without it, or, where the default would take its place and
 * be no better, without it and with a permit. */
static void
put_ruled(struct ways *ways)
{
    const struct explaining *explaining = ways->explaining;
    struct policy_atom then;

    if (is_barred(ways)) {
        return;
    }
    policy_decide_without(explaining->set, explaining->asking, ways->atom,
                          &then);
    if (has_two_details(ways)) {
        put_as_held(ways);
    }
    if (then.outcome < ways->atom->outcome) {
        (void)put_remedies(ways, false);
        put_then(explaining, &then);
    } else if (can_be_permitted(&then)) {
        (void)put_remedies(ways, true);
    }
}

/* What it would be without the rules that permit it. */
static void
put_permitted(struct ways *ways)
{
    const struct explaining *explaining = ways->explaining;
    struct policy_atom then;
    struct vlt_buf *out = put_remedies(ways, false);

    policy_decide_without(explaining->set, explaining->asking, ways->atom,
                          &then);
    put_then(explaining, &then);
    if (then.outcome != POLICY_PERMIT) {
        vlt_buf_put_texts(out, ", which ",
                          policy_atom_use(&then, true) == POLICY_USE_ASK
                              ? "suspends"
                              : "ends",
                          " what was given by it", NULL);
    }
    vlt_buf_put_text(begin_way(ways),
                     "write an ask or a deny, which outweighs a permit");
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

static void
put_offered(struct ways *ways)
{
    const struct policy_failed *failed = offering(ways->atom);
    const struct policy_rule *rule = rule_of(ways, failed->rule);
    struct terms_limits caps;
    struct vlt_buf *out;

    if (may_allow_more(rule, ways->atom)) {
        out = begin_way(ways);
        put_allow(out, rule, ways->atom, failed->axes);
        put_then_rule(out, rule);
    }
    policy_rule_caps(rule, ways->atom->purpose, ways->atom->data, &caps);
    put_ask_less(ways, failed, &caps);
}

void
explain_change(const struct explaining *explaining,
               const struct policy_atom *atom)
{
    struct ways ways = { .explaining = explaining, .atom = atom };

    if (atom->by_default) {
        put_permits(&ways);
    } else if (atom->outcome == POLICY_OFFER) {
        put_offered(&ways);
    } else if (atom->outcome == POLICY_PERMIT) {
        put_permitted(&ways);
    } else {
        put_ruled(&ways);
    }
    if (ways.count > 0) {
        vlt_buf_put_text(explaining->out, "\n");
    }
    if (ways.permit) {
        (void)explain_put_permit(explaining, atom);
    }
}
