/*
 * tests_offer: would a rule offer less of what a test asks?
 *
 * What is offered depends on a whole part, so the atom is laid out as a request
 * for it alone.  A request names at most TERMS_WHERE places and TERMS_ONWARD
 * recipients, where a test may ask for more: then those that a rule which
 * offers allows come first.
 */
#include <string.h>

#include "text/tests_internal.h"

static bool
allows(const struct tests_holding *holding, int country)
{
    const struct policy_atom *atom = holding->atom;
    struct terms_places one = { .bits = { 0 } };

    terms_places_add(&one, country);
    for (size_t i = 0; i < atom->failed_count; i++) {
        const struct policy_rule *rule =
            policy_rule_at(holding->input->set, atom->failed[i].rule);

        if (rule->offer && terms_places_within(one, rule->caps.where)) {
            return true;
        }
    }
    return false;
}

static void
put_places(const struct tests_holding *holding, struct terms_common *out)
{
    const struct terms_places asked = holding->atom->asked.where;

    for (int first = 1; first >= 0; first--) {
        for (int country = 0; country < 64 * VOCAB_PLACES; country++) {
            struct terms_places one = { .bits = { 0 } };

            terms_places_add(&one, country);
            if (out->where_count < TERMS_WHERE &&
                terms_places_within(one, asked) &&
                allows(holding, country) == (first == 1)) {
                out->where[out->where_count++] = country;
            }
        }
    }
}

static void
put_common(const struct tests_holding *holding, struct terms_common *out)
{
    const struct terms_limits *asked = &holding->atom->asked;

    *out = (struct terms_common){
        .action = asked->at[TERMS_ACTION],
        .channels = asked->at[TERMS_CHANNELS],
        .rate = { .n = asked->at[TERMS_RATE], .per_s = asked->per_s },
        .uses = asked->at[TERMS_USES],
        .life_s = asked->at[TERMS_LIFE],
        .keep_s = asked->at[TERMS_KEEP],
        .profiling = asked->at[TERMS_PROFILING],
        .automated = asked->at[TERMS_AUTOMATED] != 0,
        .training = asked->at[TERMS_TRAINING] != 0,
        .gatekeeper = asked->at[TERMS_GATEKEEPER] != 0,
    };
    for (size_t i = 0; i < asked->onward_count && i < TERMS_ONWARD; i++) {
        out->onward[out->onward_count++] = asked->onward[i];
    }
    put_places(holding, out);
}

static void
put_item(const struct policy_atom *atom, struct terms_item *out)
{
    const struct terms_limits *asked = &atom->asked;
    bool raw = asked->at[TERMS_DETAIL] == 0;

    *out = (struct terms_item){
        .n = atom->n,
        .data = atom->data,
        .raw = raw,
        .stats = raw ? 0 : asked->stats,
        .bucket_s = asked->at[TERMS_DETAIL],
        .round = { .nano = asked->at[TERMS_ROUND], .length = asked->length },
        .window_s = asked->at[TERMS_WINDOW],
        .delay_s = asked->at[TERMS_DELAY],
        .every_s =
            asked->at[TERMS_ACTION] == VOCAB_LIVE ? asked->at[TERMS_EVERY] : 0,
    };
}

void
tests_offer(struct tests_holding *holding, const struct policy_firm *firm,
            int64_t now)
{
    struct policy_atom *atom = holding->atom;
    struct policy_decision *decision = holding->decision;
    struct terms part = { .purpose = atom->purpose,
                          .basis = atom->asked.at[TERMS_BASIS] };

    if (!atom->by_default || holding->input->set == NULL) {
        return;
    }
    put_common(holding, &part.common);
    if (atom->data != VOCAB_NONE) {
        put_item(atom, &part.items[part.item_count++]);
    }
    if (policy_decide(holding->input->set, firm, &part, now, decision) ==
        POLICY_OFFER) {
        *atom = decision->atoms[0];
    }
}
