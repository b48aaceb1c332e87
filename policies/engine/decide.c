/*
 * The sentences of LANGUAGE.md, 3, that this release's keys reach.  Nothing
 * here allocates; every loop is over the rules of one firm and those that name
 * none.
 */
#include <string.h>

#include "base/time.h"
#include "engine/policy.h"
#include "engine/set_internal.h"

/* Sentence 6: the caps that do not hold, one bit each. */
static uint32_t
failed_axes(const struct policy_rule *rule, const struct policy_atom *atom)
{
    struct terms_limits narrowed;

    if (!terms_explicit(atom->purpose, atom->data)) {
        return terms_failed_axes(&atom->asked, &rule->caps);
    }
    policy_rule_caps(rule, atom->purpose, atom->data, &narrowed);
    return terms_failed_axes(&atom->asked, &narrowed);
}

/* Sentence 8: the stronger effect decides, and all rules that have it. */
static void
determine(struct policy_atom *atom, enum policy_outcome outcome, uint16_t rule)
{
    if (atom->rule_count > 0 && outcome < atom->outcome) {
        return;
    }
    if (atom->rule_count == 0 || outcome > atom->outcome) {
        atom->outcome = outcome;
        atom->rule_count = 0;
    }
    atom->rules[atom->rule_count++] = rule;
}

static void
weigh_permit(struct policy_atom *atom, const struct policy_rule *rule,
             uint16_t number)
{
    uint32_t failed = failed_axes(rule, atom);

    /* Sentence 10: duties bind whether or not the caps hold. */
    atom->duties = policy_duties_both(atom->duties, rule->duties);
    if (failed == 0) {
        determine(atom, POLICY_PERMIT, number);
    } else if (rule->firm_count > 0 || rule->has_data ||
               (rule->has_purposes && atom->data == VOCAB_NONE)) {
        atom->failed[atom->failed_count++] =
            (struct policy_failed){ .rule = number, .axes = failed };
    }
}

/* A deny or an ask with streams takes these, and does not decide (sentence
 * 5). */
static void
weigh(struct policy_atom *atom, const struct policy_rule *rule, uint16_t number,
      const struct set_question *asked)
{
    switch (rule->effect) {
    case POLICY_EFFECT_PERMIT:
        if (set_covers(rule, asked)) {
            weigh_permit(atom, rule, number);
        } else if (rule->firm_count > 0 || rule->has_purposes ||
                   rule->has_data) {
            atom->unnamed[atom->unnamed_count++] = number;
        }
        return;
    case POLICY_EFFECT_ASK:
        if (rule->pattern_count == 0) {
            determine(atom, POLICY_ASK, number);
        }
        return;
    case POLICY_EFFECT_DENY:
        if (rule->pattern_count == 0) {
            determine(atom, POLICY_DENY, number);
        }
        return;
    }
    determine(atom, POLICY_DENY, number);
}

/* Does the firm have this category in another detail already?  Two details of
 * one thing may tell what neither tells alone. */
static bool
in_another_detail(const struct policy_firm *firm,
                  const struct policy_atom *atom)
{
    const struct terms_limits *asked = &atom->asked;

    for (size_t i = 0; i < firm->held_count; i++) {
        const struct policy_held *held = &firm->held[i];

        if (held->data == atom->data &&
            (held->bucket_s != asked->at[TERMS_DETAIL] ||
             held->stats != asked->stats ||
             held->round.nano != asked->at[TERMS_ROUND] ||
             held->round.length != asked->length)) {
            return true;
        }
    }
    return false;
}

/* Did the owner deny just this not long ago?  Then asking again is nagging. */
static bool
keeps_quiet(const struct policy_quiet *quiet, const struct policy_atom *atom,
            int64_t now)
{
    return quiet->purpose == atom->purpose && quiet->data == atom->data &&
           now < quiet->until &&
           (quiet->offered == NULL ||
            terms_failed_axes(&atom->asked, quiet->offered) != 0);
}

static bool
is_quiet(const struct policy_firm *firm, const struct policy_atom *atom,
         int64_t now)
{
    for (size_t i = 0; i < firm->quiet_count; i++) {
        if (keeps_quiet(&firm->quiet[i], atom, now)) {
            return true;
        }
    }
    return false;
}

const struct policy_quiet *
policy_quiet_of(const struct policy_asking *asking,
                const struct policy_atom *atom)
{
    const struct policy_quiet *last = NULL;

    for (size_t i = 0; i < asking->firm->quiet_count; i++) {
        const struct policy_quiet *quiet = &asking->firm->quiet[i];

        if (keeps_quiet(quiet, atom, asking->now) &&
            (last == NULL || quiet->until > last->until)) {
            last = quiet;
        }
    }
    return last;
}

/* Does this one of the vault's own rules have no business here? */
static bool
idle(const struct policy_set *set, const struct policy_firm *firm,
     const struct policy_atom *atom, size_t rule, int64_t now)
{
    return (rule == set->two_details && !in_another_detail(firm, atom)) ||
           (rule == set->quiet && !is_quiet(firm, atom, now)) ||
           (rule == set->overdue && !firm->overdue);
}

/* No rule decides: one may offer less, of a part that is asked for. */
static void
decide_unruled(const struct policy_set *set, const struct terms *part,
               int64_t now, struct policy_atom *atom)
{
    uint16_t rule;

    if (part != NULL && offer_choose(set, part, now, atom, &rule)) {
        determine(atom, POLICY_OFFER, rule);
        return;
    }
    atom->by_default = true;
    atom->outcome = set->settings.default_deny ? POLICY_DENY : POLICY_ASK;
}

/* What an atom is decided by beside the rules. */
struct deciding {
    const struct policy_set *set;
    const struct policy_firm *firm;
    const struct terms *part; /* NULL: nothing is to be offered */
    int64_t now;
    const struct policy_atom *without; /* NULL, or its rules are not there */
};

static bool
is_left_out(const struct policy_atom *without, uint16_t rule)
{
    for (size_t i = 0; without != NULL && i < without->rule_count; i++) {
        if (without->rules[i] == rule) {
            return true;
        }
    }
    return false;
}

/* Decide one atom whose asked, purpose, data, n and needed are filled in. */
static void
decide_atom(const struct deciding *by, struct policy_atom *atom)
{
    const struct policy_set *set = by->set;
    const struct policy_firm *firm = by->firm;
    int64_t now = by->now;
    struct set_question asked = { .firm = firm,
                                  .purpose = vocab_purpose(atom->purpose),
                                  .data = vocab_category(atom->data) };
    struct set_bits rules;
    uint16_t number = 0;

    atom->left_out = false;
    atom->rule_count = 0;
    atom->failed_count = 0;
    atom->unnamed_count = 0;
    atom->duties = policy_duties_none();
    atom->outcome = POLICY_DENY;
    /* A purpose or category that is none cannot be decided upon. */
    atom->by_default = asked.purpose != NULL &&
                       (asked.data != NULL || atom->data == VOCAB_NONE);
    if (!atom->by_default) {
        return;
    }
    set_match(set, &asked, &rules);
    while (set_next(&rules, &number)) {
        if (!idle(set, firm, atom, number, now) &&
            !is_left_out(by->without, number)) {
            weigh(atom, &set->rules[number], number, &asked);
        }
    }
    atom->by_default = false;
    if (atom->rule_count == 0) {
        decide_unruled(set, by->part, now, atom);
    }
}

/* Without what the rules about requests look at. */
static const struct policy_firm *
about_rules(struct policy_firm *firm)
{
    firm->held_count = 0;
    firm->quiet_count = 0;
    firm->overdue = false;
    return firm;
}

/* Lay out the atoms of a part; contact is the one atom of a part without
 * items. */
static void
lay_out(const struct terms *part, int64_t now, struct policy_decision *out)
{
    out->no_policy = false;
    out->atom_count = part->item_count;
    for (size_t i = 0; i < part->item_count; i++) {
        const struct terms_item *item = &part->items[i];

        out->atoms[i].purpose = part->purpose;
        out->atoms[i].n = item->n;
        out->atoms[i].data = item->data;
        out->atoms[i].needed = item->needed;
        terms_atom(part, item, now, &out->atoms[i].asked);
    }
    if (part->item_count == 0 && part->common.action == VOCAB_CONTACT) {
        out->atom_count = 1;
        out->atoms[0].purpose = part->purpose;
        out->atoms[0].n = 0;
        out->atoms[0].data = VOCAB_NONE;
        out->atoms[0].needed = false;
        terms_atom(part, NULL, now, &out->atoms[0].asked);
    }
}

/* Sentence 4. */
static enum policy_outcome
decide_part(struct policy_decision *decision)
{
    enum policy_outcome worst = POLICY_PERMIT;
    size_t denied = 0;

    for (size_t i = 0; i < decision->atom_count; i++) {
        const struct policy_atom *atom = &decision->atoms[i];

        if (atom->outcome == POLICY_DENY) {
            denied++;
        } else if (atom->outcome > worst) {
            worst = atom->outcome;
        }
        if (atom->outcome == POLICY_DENY && atom->needed) {
            return POLICY_DENY;
        }
    }
    if (denied == decision->atom_count) {
        return POLICY_DENY;
    }
    for (size_t i = 0; i < decision->atom_count; i++) {
        decision->atoms[i].left_out = decision->atoms[i].outcome == POLICY_DENY;
    }
    return worst;
}

/* Rules of different atoms may offer what cannot be had together, as places of
 * which none is in both: then nothing is offered. */
static void
take_back_offers(const struct policy_set *set, struct policy_decision *decision)
{
    for (size_t i = 0; i < decision->atom_count; i++) {
        struct policy_atom *atom = &decision->atoms[i];

        atom->left_out = false;
        if (atom->outcome == POLICY_OFFER) {
            atom->rule_count = 0;
            decide_unruled(set, NULL, 0, atom);
        }
    }
}

static enum policy_outcome
decide_offers(const struct policy_set *set, const struct terms *part,
              int64_t now, struct policy_decision *out)
{
    enum policy_outcome outcome = decide_part(out);
    struct terms offered;

    if (outcome != POLICY_OFFER ||
        policy_offer(set, out, part, now, &offered)) {
        return outcome;
    }
    take_back_offers(set, out);
    return decide_part(out);
}

static enum policy_outcome
without_policy(struct policy_decision *out)
{
    out->no_policy = true;
    out->atom_count = 0;
    out->outcome = POLICY_DENY;
    return POLICY_DENY;
}

enum policy_outcome
policy_decide(const struct policy_set *set, const struct policy_firm *firm,
              const struct terms *part, int64_t now,
              struct policy_decision *out)
{
    if (set == NULL) {
        return without_policy(out);
    }
    struct deciding by = { set, firm, part, now, NULL };

    lay_out(part, now, out);
    for (size_t i = 0; i < out->atom_count; i++) {
        decide_atom(&by, &out->atoms[i]);
    }
    out->outcome = decide_offers(set, part, now, out);
    return out->outcome;
}

/* An atom once more, asked for so. */
static void
decide_again(const struct deciding *by, const struct policy_atom *atom,
             const struct terms_limits *asked, struct policy_atom *out)
{
    out->purpose = atom->purpose;
    out->n = atom->n;
    out->data = atom->data;
    out->needed = atom->needed;
    out->asked = *asked;
    decide_atom(by, out);
}

void
policy_decide_without(const struct policy_set *set,
                      const struct policy_asking *asking,
                      const struct policy_atom *atom, struct policy_atom *out)
{
    struct deciding by = { set, asking->firm, asking->part, asking->now, atom };

    decide_again(&by, atom, &atom->asked, out);
}

void
policy_decide_as(const struct policy_set *set,
                 const struct policy_asking *asking,
                 const struct policy_atom *atom,
                 const struct terms_limits *asked, struct policy_atom *out)
{
    struct deciding by = { set, asking->firm, asking->part, asking->now, NULL };

    decide_again(&by, atom, asked, out);
}

void
policy_decide_atom(const struct policy_set *set, const struct policy_firm *firm,
                   struct policy_atom *atom)
{
    struct policy_firm alone = *firm;
    struct deciding by = { set, about_rules(&alone), NULL, 0, NULL };

    if (set != NULL) {
        decide_atom(&by, atom);
        return;
    }
    atom->outcome = POLICY_DENY;
    atom->left_out = false;
    atom->by_default = false;
    atom->rule_count = 0;
    atom->failed_count = 0;
    atom->unnamed_count = 0;
    atom->duties = policy_duties_none();
}

/* ---- use ---- */

/* The grant's own times in place of those of a request made now. */
static void
set_times(const struct policy_grant *grant, struct policy_decision *out)
{
    for (size_t i = 0; i < out->atom_count; i++) {
        struct terms_limits *asked = &out->atoms[i].asked;

        asked->at[TERMS_UNTIL] = grant->end;
        asked->at[TERMS_LIFE] = (grant->end - grant->start) / VLT_SECOND;
    }
}

/* Sentence 14, for one atom. */
enum policy_use
policy_atom_use(const struct policy_atom *atom, bool by_rule)
{
    if (atom->outcome == POLICY_DENY && !atom->by_default) {
        return POLICY_USE_NO;
    }
    if (!by_rule || atom->outcome == POLICY_PERMIT) {
        return POLICY_USE_YES;
    }
    return atom->outcome == POLICY_ASK && !atom->by_default ? POLICY_USE_ASK
                                                            : POLICY_USE_NO;
}

enum policy_use
policy_decide_use(const struct policy_set *set, const struct policy_firm *firm,
                  const struct policy_grant *grant, int64_t now,
                  struct policy_decision *out)
{
    enum policy_use use = POLICY_USE_YES;
    struct policy_firm alone = *firm;
    struct deciding by = { set, about_rules(&alone), NULL, now, NULL };

    if (set == NULL) {
        without_policy(out);
        return POLICY_USE_NO;
    }
    lay_out(grant->terms, now, out);
    set_times(grant, out);
    for (size_t i = 0; i < out->atom_count; i++) {
        decide_atom(&by, &out->atoms[i]);
        enum policy_use one = policy_atom_use(&out->atoms[i], grant->by_rule);

        use = one > use ? one : use;
    }
    out->outcome = decide_part(out);
    return out->atom_count == 0 ? POLICY_USE_NO : use;
}
