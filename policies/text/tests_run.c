/*
 * tests_run: a test held against a set.
 *
 * What a test asks are the caps of a permit as values: an atom that asks
 * exactly them (engine/corner.h).
 */
#include <string.h>

#include "engine/corner.h"
#include "text/tests_internal.h"

/* What is not said asks the cap's default; of action and basis the usual. */
static void
fill_asked(const struct tests_one *test, int home, struct terms_limits *caps)
{
    const struct policy_rule *rule = &test->rule.rule;

    terms_caps_unsaid(home, caps);
    caps->at[TERMS_ACTION] = VOCAB_READ;
    caps->at[TERMS_BASIS] = 1; /* consent */
    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if ((rule->written >> axis & 1) != 0) {
            caps->at[axis] = rule->caps.at[axis];
        }
    }
    if ((rule->written >> TERMS_DETAIL & 1) != 0) {
        caps->stats = rule->caps.stats;
    }
    if ((rule->written >> TERMS_ROUND & 1) != 0) {
        caps->length = rule->caps.length;
    }
    if ((rule->written >> TERMS_RATE & 1) != 0) {
        caps->per_s = rule->caps.per_s;
    }
    if ((rule->written >> TERMS_WHERES & 1) != 0) {
        caps->where = rule->caps.where;
    }
    if ((rule->written >> TERMS_ONWARDS & 1) != 0) {
        caps->names = rule->caps.names;
        caps->name_count = rule->caps.name_count;
    }
}

/* A life that is not said is 30 days where the atom is explicit-only. */
static void
fit_life(const struct tests_one *test, int purpose, int data,
         struct terms_limits *caps)
{
    if ((test->rule.rule.written >> TERMS_LIFE & 1) == 0 &&
        terms_explicit(purpose, data)) {
        caps->at[TERMS_LIFE] = VOCAB_LIFE_EXPLICIT_UNSAID;
    }
}

static bool
names_rule(const struct tests_one *test, const char *name)
{
    for (size_t i = 0; i < test->by_count; i++) {
        if (vlt_slice_is(test->by[i], name)) {
            return true;
        }
    }
    return false;
}

/* Did these rules make the outcome, and no others?  `default` stands for the
 * setting. */
static bool
by_these(const struct tests_one *test, const struct policy_set *set,
         const struct policy_atom *atom)
{
    if (!test->has_by) {
        return true;
    }
    if (atom->by_default) {
        return test->by_count == 1 && names_rule(test, "default");
    }
    for (size_t i = 0; i < atom->rule_count; i++) {
        if (!names_rule(test, policy_rule_at(set, atom->rules[i])->name)) {
            return false;
        }
    }
    return test->by_count == atom->rule_count;
}

static void
hold_atom(struct tests_holding *holding, const struct tests_one *test,
          const struct policy_firm *firm, int purpose, int data)
{
    const struct policy_set *set = holding->input->set;
    struct policy_atom *atom = holding->atom;
    struct terms_limits caps;
    struct policy_miss miss = { .test = test->rule.name,
                                .line = test->rule.map->line,
                                .column = test->rule.map->column,
                                .purpose = purpose,
                                .data = data,
                                .expected = test->expect,
                                .atom = atom };

    fill_asked(test, holding->input->home, &caps);
    fit_life(test, purpose, data, &caps);
    struct policy_corner corner = { caps.at[TERMS_ACTION], caps.at[TERMS_BASIS],
                                    test->has_at ? test->at
                                                 : holding->input->now };

    *atom = (struct policy_atom){ .purpose = purpose, .n = 1, .data = data };
    (void)policy_corner(&caps, &corner, holding->recipients, &atom->asked);
    policy_decide_atom(set, firm, atom);
    tests_offer(holding, firm, corner.now);
    holding->count++;
    miss.other_rules = atom->outcome == test->expect;
    if (!miss.other_rules || !by_these(test, set, atom)) {
        holding->told->miss(holding->told->ctx, &miss);
    }
}

/* Is this node meant: itself, or by a group above it, which means every node
 * below? */
static bool
is_meant(struct vocab_mask mask, const struct vocab_node *node,
         const struct vocab_node *(*at)(int bit))
{
    if ((node->flags & VOCAB_GROUP) != 0) {
        return false;
    }
    for (int bit = 0; at(bit) != NULL; bit++) {
        if (vocab_mask_has(mask, bit) && vocab_mask_has(node->within, bit) &&
            (bit == node->bit || (at(bit)->flags & VOCAB_GROUP) != 0)) {
            return true;
        }
    }
    return false;
}

static void
hold_purpose(struct tests_holding *holding, const struct tests_one *test,
             const struct policy_firm *firm, int purpose)
{
    const struct policy_rule *rule = &test->rule.rule;

    if (!test->has_data) {
        hold_atom(holding, test, firm, purpose, VOCAB_NONE);
    }
    for (int data = 0; test->has_data && data < vocab_categories(); data++) {
        if (is_meant(rule->data, vocab_category(data), vocab_category)) {
            hold_atom(holding, test, firm, purpose, data);
        }
    }
}

static void
hold_firm(struct tests_holding *holding, const struct tests_one *test,
          const uint8_t id[POLICY_FIRM_LEN])
{
    struct policy_firm firm = { .confirmed = true };

    memcpy(firm.id, id, sizeof firm.id);
    for (int purpose = 0; purpose < vocab_purposes(); purpose++) {
        if (is_meant(test->rule.rule.purposes, vocab_purpose(purpose),
                     vocab_purpose)) {
            hold_purpose(holding, test, &firm, purpose);
        }
    }
}

void
tests_hold(struct tests_holding *holding, const struct tests_one *test)
{
    /* No key has such an id, so no rule names it. */
    static const uint8_t nobody[POLICY_FIRM_LEN];

    if (test->anyone) {
        hold_firm(holding, test, nobody);
    }
    for (size_t i = 0; i < test->rule.rule.firm_count; i++) {
        hold_firm(holding, test, test->rule.firms[i]);
    }
}
