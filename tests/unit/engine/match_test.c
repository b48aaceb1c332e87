/* Which rules concern a question, where there are as many as there may be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "engine/policy.h"
#include "engine/set_internal.h"
#include "requests.h"

enum {
    FIRMS = 8,
};

static const char *const purposes[] = { "service.billing", "service.support",
                                        "improve" };

/* The selectors of a written rule, by its number. */
static size_t
purpose_of(size_t number)
{
    return number % 3;
}

/* FIRMS: it names none. */
static size_t
firm_of(size_t number)
{
    return number / 3 % (FIRMS + 1);
}

/* Two of them begin alike each, and differ in their last byte alone. */
static void
put_id(size_t firm, uint8_t id[POLICY_FIRM_LEN])
{
    memset(id, 0, POLICY_FIRM_LEN);
    id[0] = (uint8_t)(firm / 2);
    id[POLICY_FIRM_LEN - 1] = (uint8_t)(firm % 2);
}

/* A thousand denials, whose names lie in the order of their numbers. */
static struct policy_set *
a_thousand(void)
{
    struct policy_settings settings = { .home = VOCAB_NONE };
    struct policy_builder *builder = NULL;
    struct policy_set *set = NULL;

    assert_int_equal(policy_builder_new(&settings, &builder), VLT_OK);
    for (size_t i = 0; i < POLICY_RULES; i++) {
        uint8_t firm[1][POLICY_FIRM_LEN];
        const char *purpose = purposes[purpose_of(i)];
        struct policy_rule rule = { .effect = POLICY_EFFECT_DENY,
                                    .file = "home.yaml",
                                    .has_purposes = true };
        char name[POLICY_NAME];

        (void)snprintf(name, sizeof name, "rule-%04zu", i);
        rule.name = name;
        vocab_mask_add(&rule.purposes,
                       vocab_purpose_find(purpose, strlen(purpose)));
        if (firm_of(i) < FIRMS) {
            put_id(firm_of(i), firm[0]);
            rule.firms = (const uint8_t(*)[POLICY_FIRM_LEN])firm;
            rule.firm_count = 1;
        }
        assert_int_equal(policy_builder_add(builder, &rule), VLT_OK);
    }
    assert_int_equal(policy_build(builder, &set), VLT_OK);
    return set;
}

/* Those that denied, against those whose selectors match. */
static void
assert_those_that_match(const struct policy_set *set,
                        const struct policy_decision *decision, size_t firm,
                        size_t purpose)
{
    const struct policy_atom *atom = &decision->atoms[0];
    size_t found = 0;

    for (size_t i = 0; i < POLICY_RULES; i++) {
        char name[POLICY_NAME];

        if (purpose_of(i) != purpose ||
            (firm_of(i) != firm && firm_of(i) != FIRMS)) {
            continue;
        }
        (void)snprintf(name, sizeof name, "rule-%04zu", i);
        assert_true(found < atom->rule_count);
        assert_string_equal(policy_rule_at(set, atom->rules[found])->name,
                            name);
        found++;
    }
    assert_int_equal(atom->rule_count, found);
}

static void
of_a_thousand_rules_those_decide_whose_selectors_match(void **state)
{
    struct policy_decision *decision = malloc(sizeof *decision);
    struct policy_set *set = a_thousand();
    struct terms_request request = brightgrid_request();
    struct terms part;

    assert_non_null(decision);
    terms_part(&request, 0, &part);
    for (size_t purpose = 0; purpose < 3; purpose++) {
        part.purpose =
            vocab_purpose_find(purposes[purpose], strlen(purposes[purpose]));
        /* And two that no rule names, before and behind the others. */
        for (size_t firm = 0; firm <= FIRMS + 1; firm++) {
            struct policy_firm asks = { .confirmed = true };

            put_id(firm, asks.id);
            asks.id[1] = firm > FIRMS;
            assert_int_equal(policy_decide(set, &asks, &part, 0, decision),
                             POLICY_DENY);
            assert_those_that_match(set, decision, firm, purpose);
        }
    }
    free(decision);
    policy_set_free(set);
}

/* They are as many words as there may be rules, and what lies behind them is
 * somebody else's. */
static void
nothing_is_written_behind_the_words_of_rules(void **state)
{
    struct policy_set *set = a_thousand();
    struct policy_firm asks = { .confirmed = true };
    struct set_question asked = { .firm = &asks,
                                  .purpose = vocab_purpose(0),
                                  .data = vocab_category(0) };
    struct {
        struct set_bits bits;
        uint64_t behind[2];
    } out;

    memset(&out, 0xA5, sizeof out);
    set_match(set, &asked, &out.bits);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(out.behind[i], UINT64_C(0xA5A5A5A5A5A5A5A5));
    }
    policy_set_free(set);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            of_a_thousand_rules_those_decide_whose_selectors_match),
        cmocka_unit_test(nothing_is_written_behind_the_words_of_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
