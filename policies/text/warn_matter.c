/*
 * warn_matter: can a rule decide anything by itself?  (LANGUAGE.md, 6.1)
 *
 * A permit is a box whose greatest corners are tried, as where two sets are
 * compared; a deny and an ask have no caps, so that any atom does.  What does
 * not matter for a firm that no rule names matters for none: rules that name
 * one only add to what decides.
 */
#include <string.h>

#include "engine/corner.h"
#include "text/warn_internal.h"

struct trying {
    struct warning *warning;
    const struct policy_rule *rule;
    uint16_t number;
    struct policy_firm firm;
    bool *others; /* those that decide in its place are noted; or NULL */
    struct terms_recipient recipient[TERMS_NAMES];
};

/* Note one that decides in its place: none more where one is noted already, and
 * one of the vault's own only where no other does. */
static void
note_other(const struct trying *trying, const struct policy_atom *atom)
{
    const struct policy_set *set = trying->warning->input->set;
    uint16_t other = 0;
    bool any = false;

    for (uint16_t i = 0; i < atom->rule_count; i++) {
        uint16_t rule = atom->rules[i];

        if (trying->others[rule]) {
            return;
        }
        if (!trying->warning->idle[rule] &&
            (!any || policy_rule_builtin(policy_rule_at(set, other)))) {
            other = rule;
            any = true;
        }
    }
    trying->others[other] = any;
}

/* Is it the only one of these that may matter? */
static bool
is_alone(const struct trying *trying, const struct policy_atom *atom)
{
    bool found = false;

    for (uint16_t i = 0; i < atom->rule_count; i++) {
        if (atom->rules[i] == trying->number) {
            found = true;
        } else if (!trying->warning->idle[atom->rules[i]]) {
            if (trying->others != NULL) {
                note_other(trying, atom);
            }
            return false;
        }
    }
    return found;
}

/* Does it decide this atom, and nothing else does?  Also true where there were
 * too many to look at: then it is not said that it does not. */
static bool
decides_alone(const struct trying *trying, struct policy_atom *atom)
{
    struct warning *warning = trying->warning;

    if (warning->work >= POLICY_WARN_WORK) {
        return true;
    }
    policy_decide_atom(warning->input->set, &trying->firm, atom);
    warning->work += 1 + atom->rule_count + atom->failed_count;
    return !atom->by_default && is_alone(trying, atom);
}

/* The corners of a permit at one atom. */
static bool
permits_alone(struct trying *trying, struct policy_atom *atom)
{
    const struct policy_rule *rule = trying->rule;
    struct terms_limits caps;

    policy_rule_caps(rule, atom->purpose, atom->data, &caps);
    for (int64_t basis = 1; basis <= VOCAB_BASES_ALL; basis <<= 1) {
        struct policy_corner corner = {
            .action = atom->data == VOCAB_NONE
                          ? caps.at[TERMS_ACTION] & VOCAB_CONTACT
                          : policy_greatest(caps.at[TERMS_ACTION]),
            .basis = basis,
            .now = trying->warning->input->now,
        };

        if (caps.at[TERMS_FROM] > corner.now) {
            corner.now = caps.at[TERMS_FROM];
        }
        if (corner.action != 0 && (caps.at[TERMS_BASIS] & basis) != 0 &&
            policy_corner(&caps, &corner, trying->recipient, &atom->asked) &&
            decides_alone(trying, atom)) {
            return true;
        }
    }
    return false;
}

static bool
matters_at(struct trying *trying, int purpose, int data)
{
    struct policy_atom *atom = trying->warning->atom;

    atom->purpose = purpose;
    atom->data = data;
    atom->n = data == VOCAB_NONE ? 0 : 1;
    return trying->rule->effect == POLICY_EFFECT_PERMIT
               ? permits_alone(trying, atom)
               : decides_alone(trying, atom);
}

/* One purpose, with each category and with contact. */
static bool
matters_for(struct trying *trying, int purpose)
{
    const struct policy_rule *rule = trying->rule;
    bool matters = !rule->has_data && matters_at(trying, purpose, VOCAB_NONE);

    for (int data = 0; !matters && data < vocab_categories(); data++) {
        matters =
            policy_names(rule->has_data, rule->data, vocab_category(data)) &&
            matters_at(trying, purpose, data);
    }
    return matters;
}

static bool
matters_to(struct trying *trying)
{
    const struct policy_rule *rule = trying->rule;
    bool matters = false;

    for (int purpose = 0; !matters && purpose < vocab_purposes(); purpose++) {
        matters = policy_names(rule->has_purposes, rule->purposes,
                               vocab_purpose(purpose)) &&
                  matters_for(trying, purpose);
    }
    return matters;
}

/* What it demands binds whatever decides. */
static bool
demands(const struct policy_duties *duties)
{
    struct policy_duties unsaid = policy_duties_unsaid();

    return duties->notify < unsaid.notify ||
           duties->ask_each > unsaid.ask_each ||
           duties->min_readings > unsaid.min_readings;
}

/* Is one of what the two demand together stricter than the other alone? */
static bool
adds_to(const struct policy_duties *duties, const struct policy_duties *other)
{
    struct policy_duties both = policy_duties_both(*duties, *other);

    return both.notify != other->notify || both.ask_each != other->ask_each ||
           both.min_readings != other->min_readings ||
           both.show_names != other->show_names ||
           both.join_new_streams != other->join_new_streams;
}

/* Would a permit that it meets demand less without it?  What is not written
 * has a value, which may be the stricter. */
static bool
makes_stricter(const struct warning *warning, size_t number)
{
    const struct policy_set *set = warning->input->set;
    const struct policy_rule *rule = policy_rule_at(set, number);
    bool makes = false;

    for (size_t i = 0; !makes && i < policy_rule_count(set); i++) {
        const struct policy_rule *other = policy_rule_at(set, i);

        makes = i != number && other->effect == POLICY_EFFECT_PERMIT &&
                warn_written(other) && !warning->idle[i] &&
                adds_to(&rule->duties, &other->duties) &&
                warn_meet(rule, other);
    }
    return makes;
}

/* To one of the firms that it names, or to one that no rule names. */
static bool
matters_at_all(struct trying *trying)
{
    const struct policy_rule *rule = trying->rule;
    bool matters = rule->firm_count == 0 && matters_to(trying);

    for (size_t i = 0; !matters && i < rule->firm_count; i++) {
        memcpy(trying->firm.id, rule->firms[i], sizeof trying->firm.id);
        matters = matters_to(trying);
    }
    return matters;
}

static bool
is_idle(struct warning *warning, size_t number)
{
    const struct policy_rule *rule =
        policy_rule_at(warning->input->set, number);
    struct trying trying = { .warning = warning,
                             .rule = rule,
                             .number = (uint16_t)number,
                             .firm = { .confirmed = true } };

    return rule->pattern_count == 0 && !rule->offer &&
           (rule->effect != POLICY_EFFECT_PERMIT ||
            (!demands(&rule->duties) && !makes_stricter(warning, number))) &&
           !matters_at_all(&trying);
}

void
warn_find_others(struct warning *warning, size_t number, bool *others)
{
    struct trying trying = { .warning = warning,
                             .rule =
                                 policy_rule_at(warning->input->set, number),
                             .number = (uint16_t)number,
                             .firm = { .confirmed = true },
                             .others = others };

    (void)matters_at_all(&trying);
}

void
warn_find_idle(struct warning *warning)
{
    for (size_t i = policy_rule_count(warning->input->set); i-- > 0;) {
        warning->idle[i] =
            warn_written(policy_rule_at(warning->input->set, i)) &&
            is_idle(warning, i);
    }
}

/* Do two that have no caps say the same? */
static bool
same(const struct policy_rule *a, const struct policy_rule *b)
{
    return a->effect == b->effect && a->firm_count == b->firm_count &&
           (a->firm_count == 0 ||
            memcmp(a->firms, b->firms, a->firm_count * POLICY_FIRM_LEN) == 0) &&
           a->has_purposes == b->has_purposes &&
           memcmp(&a->purposes, &b->purposes, sizeof a->purposes) == 0 &&
           a->has_data == b->has_data &&
           memcmp(&a->data, &b->data, sizeof a->data) == 0 &&
           a->pattern_count + b->pattern_count == 0;
}

const struct policy_rule *
warn_twin(const struct warning *warning, size_t number)
{
    const struct policy_set *set = warning->input->set;
    const struct policy_rule *rule = policy_rule_at(set, number);

    for (size_t i = 0; rule->effect != POLICY_EFFECT_PERMIT && i < number;
         i++) {
        if (same(policy_rule_at(set, i), rule)) {
            return policy_rule_at(set, i);
        }
    }
    return NULL;
}
