/* Decisions that no rule of the owner makes, and words. */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "base/time.h"
#include "engine/policy.h"
#include "requests.h"

#define NOW (INT64_C(1796083200) * VLT_SECOND) /* 2026-12-01 */

/* The bill, for which one rule permits everything that is asked. */
static struct policy_set *
permitting(struct terms *part)
{
    struct policy_settings settings = { .home = vocab_country_find("GB", 2) };
    struct terms_request request = brightgrid_request();
    struct policy_builder *builder = NULL;
    struct policy_set *set = NULL;
    struct policy_rule rule = { .name = "all",
                                .effect = POLICY_EFFECT_PERMIT,
                                .file = "home.yaml" };

    terms_part(&request, 0, part);
    part->common.life_s = 30 * 86400;
    part->items[0].bucket_s = 3600;
    assert_int_equal(policy_builder_new(&settings, &builder), VLT_OK);
    assert_int_equal(policy_builder_add(builder, &rule), VLT_OK);
    assert_int_equal(policy_build(builder, &set), VLT_OK);
    return set;
}

/* What the firm has of the category already, and what becomes of the request:
 * only the very same is no other detail. */
static void
another_detail_of_what_the_firm_has_is_asked_about(void **state)
{
    static const struct {
        const char *says;
        unsigned stats;
        int64_t bucket_s, nano;
        bool length;
        enum policy_outcome outcome;
    } cases[] = {
        { "the same", 1, 3600, 0, false, POLICY_PERMIT },
        { "another bucket", 1, 7200, 0, false, POLICY_ASK },
        { "other statistics", 3, 3600, 0, false, POLICY_ASK },
        { "rounded", 1, 3600, 5, false, POLICY_ASK },
        { "by a length", 1, 3600, 0, true, POLICY_ASK },
        { "raw", 0, 0, 0, false, POLICY_ASK },
    };
    struct policy_decision *decision = malloc(sizeof *decision);
    struct terms part;
    struct policy_set *set = permitting(&part);

    assert_non_null(decision);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct policy_held held[] = {
            { .data = vocab_category_find("energy.gas", 10), .stats = 9 },
            { .data = part.items[0].data,
              .stats = cases[i].stats,
              .bucket_s = cases[i].bucket_s,
              .round = { .nano = cases[i].nano, .length = cases[i].length } },
        };
        struct policy_firm firm = { .confirmed = true,
                                    .held_count = 2,
                                    .held = held };

        print_message("%s\n", cases[i].says);
        assert_int_equal(policy_decide(set, &firm, &part, NOW, decision),
                         cases[i].outcome);
    }
    policy_set_free(set);
    free(decision);
}

/* A grant of which nothing is left may not be used, whatever is permitted. */
static void
a_grant_without_items_may_not_be_used(void **state)
{
    struct policy_decision *decision = malloc(sizeof *decision);
    struct policy_firm firm = { .confirmed = true };
    struct terms part;
    struct policy_set *set = permitting(&part);
    struct policy_grant grant = {
        .terms = &part, .start = NOW, .end = NOW + VLT_SECOND, .by_rule = true
    };

    assert_non_null(decision);
    assert_int_equal(policy_decide_use(set, &firm, &grant, NOW, decision),
                     POLICY_USE_YES);
    part.item_count = 0;
    assert_int_equal(policy_decide_use(set, &firm, &grant, NOW, decision),
                     POLICY_USE_NO);
    policy_set_free(set);
    free(decision);
}

/* Contact is the one atom of its purpose, and is no item. */
static void
contact_is_one_atom_that_nothing_needs(void **state)
{
    struct policy_decision *decision = malloc(sizeof *decision);
    struct policy_firm firm = { .confirmed = true };
    struct terms part;
    struct policy_set *set = permitting(&part);

    assert_non_null(decision);
    memset(decision, 1, sizeof *decision);
    part.item_count = 0;
    part.common.action = VOCAB_CONTACT;
    assert_int_equal(policy_decide(set, &firm, &part, NOW, decision),
                     POLICY_ASK);
    assert_int_equal(decision->atom_count, 1);
    assert_int_equal(decision->atoms[0].n, 0);
    assert_int_equal(decision->atoms[0].data, VOCAB_NONE);
    assert_int_equal(decision->atoms[0].purpose, part.purpose);
    assert_false(decision->atoms[0].needed);
    assert_true(decision->atoms[0].by_default);
    assert_int_equal(decision->atoms[0].rule_count, 0);
    assert_int_equal(decision->atoms[0].failed_count, 0);
    assert_int_equal(decision->atoms[0].unnamed_count, 0);
    assert_false(decision->no_policy);
    policy_set_free(set);
    free(decision);
}

static void
words_are_those_of_the_language(void **state)
{
    assert_string_equal(policy_notify_word(POLICY_NOTIFY_EACH), "each");
    assert_string_equal(policy_notify_word(POLICY_NOTIFY_FIRST), "first");
    assert_string_equal(policy_notify_word(POLICY_NOTIFY_DAILY), "daily");
    assert_string_equal(policy_notify_word(POLICY_NOTIFY_WEEKLY), "weekly");
    assert_string_equal(policy_notify_word((enum policy_notify)77), "each");
    assert_string_equal(policy_effect_word(POLICY_EFFECT_PERMIT), "permit");
    assert_string_equal(policy_effect_word(POLICY_EFFECT_ASK), "ask");
    assert_string_equal(policy_effect_word(POLICY_EFFECT_DENY), "deny");
    assert_string_equal(policy_outcome_word(POLICY_PERMIT), "permit");
    assert_string_equal(policy_outcome_word(POLICY_OFFER), "offer");
    assert_string_equal(policy_outcome_word(POLICY_ASK), "ask");
    assert_string_equal(policy_outcome_word(POLICY_DENY), "deny");
}

/* What it did not take it may ask for all the same, if it asks for no more. */
static void
who_left_an_offer_may_ask_for_no_more_than_that(void **state)
{
    static const struct {
        int64_t keep_s;
        enum policy_outcome outcome;
    } cases[] = { { 86400, POLICY_PERMIT }, { 86401, POLICY_DENY } };
    struct policy_decision *decision = malloc(sizeof *decision);
    struct terms part;
    struct policy_set *set = permitting(&part);
    struct terms_limits offered;

    assert_non_null(decision);
    part.common.keep_s = 86400;
    terms_atom(&part, &part.items[0], NOW, &offered);
    /* As caps: it stands for whatever time. */
    offered.at[TERMS_UNTIL] = INT64_MAX;
    offered.at[TERMS_FROM] = INT64_MIN;
    terms_places_add_all(&offered.where);
    for (size_t i = 0; i < 2; i++) {
        struct policy_quiet quiet = { .purpose = part.purpose,
                                      .data = part.items[0].data,
                                      .until = NOW + 1,
                                      .offered = &offered };
        struct policy_firm firm = { .confirmed = true,
                                    .quiet_count = 1,
                                    .quiet = &quiet };

        part.common.keep_s = cases[i].keep_s;
        assert_int_equal(policy_decide(set, &firm, &part, NOW, decision),
                         cases[i].outcome);
    }
    free(decision);
    policy_set_free(set);
}

/* For its purpose and category alone, and not what is over. */
static void
what_keeps_an_atom_quiet_is_what_lasts_longest(void **state)
{
    struct policy_decision *decision = malloc(sizeof *decision);
    struct terms part;
    struct policy_set *set = permitting(&part);
    int data = part.items[0].data;
    const struct policy_quiet quiet[] = {
        { .purpose = part.purpose, .data = data, .until = NOW },
        { .purpose = part.purpose, .data = data, .until = NOW + 2 },
        { .purpose = part.purpose, .data = data, .until = NOW + 5 },
        { .purpose = part.purpose, .data = data, .until = NOW + 4 },
        { .purpose = part.purpose, .data = VOCAB_NONE, .until = NOW + 9 },
        { .purpose = part.purpose + 1, .data = data, .until = NOW + 9 },
    };
    struct policy_firm firm = { .confirmed = true, .quiet = quiet };
    struct policy_asking asking = { &firm, &part, NOW, NULL };

    assert_non_null(decision);
    firm.quiet_count = 6;
    (void)policy_decide(set, &firm, &part, NOW, decision);
    assert_ptr_equal(policy_quiet_of(&asking, &decision->atoms[0]), &quiet[2]);
    firm.quiet_count = 1;
    assert_null(policy_quiet_of(&asking, &decision->atoms[0]));
    free(decision);
    policy_set_free(set);
}

/* Only what made it is left out: what the vault's own rules say stays. */
static void
an_atom_can_be_decided_without_the_rules_that_made_it(void **state)
{
    struct policy_decision *decision = malloc(sizeof *decision);
    struct policy_atom *then = malloc(sizeof *then);
    struct terms part;
    struct policy_set *set = permitting(&part);
    struct policy_quiet quiet = { .purpose = part.purpose,
                                  .data = part.items[0].data,
                                  .until = NOW + 1 };
    struct policy_firm firm = { .confirmed = true,
                                .quiet_count = 1,
                                .quiet = &quiet };
    struct policy_asking asking = { &firm, &part, NOW, NULL };
    const struct policy_atom *atom = &decision->atoms[0];

    assert_non_null(decision);
    assert_non_null(then);
    assert_int_equal(policy_decide(set, &firm, &part, NOW, decision),
                     POLICY_DENY);
    policy_decide_without(set, &asking, atom, then);
    assert_int_equal(then->outcome, POLICY_PERMIT);
    assert_int_equal(then->rule_count, 1);
    assert_string_equal(policy_rule_at(set, then->rules[0])->name, "all");
    assert_int_equal(then->purpose, atom->purpose);
    assert_int_equal(then->data, atom->data);
    assert_int_equal(then->n, atom->n);
    assert_int_equal(then->needed, atom->needed);
    firm.quiet_count = 0;
    assert_int_equal(policy_decide(set, &firm, &part, NOW, decision),
                     POLICY_PERMIT);
    policy_decide_without(set, &asking, atom, then);
    assert_int_equal(then->outcome, POLICY_ASK);
    assert_true(then->by_default);
    free(then);
    free(decision);
    policy_set_free(set);
}

/* Whatever an earlier decision left in it. */
static void
one_atom_alone_is_denied_where_there_is_no_set(void **state)
{
    struct policy_atom *atom = malloc(sizeof *atom);
    struct policy_firm firm = { .confirmed = true };
    struct policy_duties none = policy_duties_none();

    assert_non_null(atom);
    memset(atom, 1, sizeof *atom);
    policy_decide_atom(NULL, &firm, atom);
    assert_int_equal(atom->outcome, POLICY_DENY);
    assert_false(atom->left_out || atom->by_default);
    assert_int_equal(atom->rule_count, 0);
    assert_int_equal(atom->failed_count, 0);
    assert_int_equal(atom->unnamed_count, 0);
    assert_int_equal(atom->duties.min_readings, none.min_readings);
    assert_true(atom->duties.show_names && atom->duties.join_new_streams);
    free(atom);
}

/* With as many atoms as there may be. */
static void
a_decision_writes_nothing_behind_itself(void **state)
{
    struct guarded {
        struct policy_decision decision;
        struct policy_atom behind;
    } *guarded = malloc(sizeof *guarded);
    struct policy_atom *before = malloc(sizeof *before);
    struct policy_firm firm = { .confirmed = true };
    struct terms part;
    struct policy_set *set = permitting(&part);
    struct policy_grant grant = { .terms = &part,
                                  .start = NOW,
                                  .end = NOW + VLT_DAY };

    assert_non_null(guarded);
    assert_non_null(before);
    memset(&guarded->behind, 0xA5, sizeof guarded->behind);
    memset(before, 0xA5, sizeof *before);
    while (part.item_count < TERMS_ITEMS) {
        part.items[part.item_count] = part.items[0];
        part.items[part.item_count].n = (int)part.item_count + 1;
        part.item_count++;
    }
    assert_int_equal(policy_decide(set, &firm, &part, NOW, &guarded->decision),
                     POLICY_PERMIT);
    assert_memory_equal(&guarded->behind, before, sizeof *before);
    assert_int_equal(
        policy_decide_use(set, &firm, &grant, NOW, &guarded->decision),
        POLICY_USE_YES);
    assert_memory_equal(&guarded->behind, before, sizeof *before);
    policy_set_free(set);
    free(before);
    free(guarded);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_left_an_offer_may_ask_for_no_more_than_that),
        cmocka_unit_test(another_detail_of_what_the_firm_has_is_asked_about),
        cmocka_unit_test(a_grant_without_items_may_not_be_used),
        cmocka_unit_test(contact_is_one_atom_that_nothing_needs),
        cmocka_unit_test(what_keeps_an_atom_quiet_is_what_lasts_longest),
        cmocka_unit_test(an_atom_can_be_decided_without_the_rules_that_made_it),
        cmocka_unit_test(one_atom_alone_is_denied_where_there_is_no_set),
        cmocka_unit_test(a_decision_writes_nothing_behind_itself),
        cmocka_unit_test(words_are_those_of_the_language),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
