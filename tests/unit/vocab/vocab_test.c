#include <string.h>

#include "unit.h"

#include "vocab/vocab.h"

static int
purpose(const char *id)
{
    return vocab_purpose_find(id, strlen(id));
}

static int
category(const char *id)
{
    return vocab_category_find(id, strlen(id));
}

/* Does `above` equal `below` or stand above it? */
static bool
covers(const struct vocab_node *below, int above)
{
    return vocab_mask_meets(below->within, vocab_mask_of(above));
}

static void
every_purpose_is_found_under_its_own_bit(void **state)
{
    assert_int_equal(vocab_purposes(), 41);
    for (int bit = 0; bit < vocab_purposes(); bit++) {
        const struct vocab_node *node = vocab_purpose(bit);

        assert_int_equal(node->bit, bit);
        assert_int_equal(purpose(node->id), bit);
        assert_true(vocab_mask_has(node->within, bit));
        assert_true(strlen(node->words) > 0);
    }
    assert_null(vocab_purpose(41));
    assert_null(vocab_purpose(-1));
}

static void
every_category_is_found_under_its_own_bit(void **state)
{
    assert_int_equal(vocab_categories(), 64);
    for (int bit = 0; bit < vocab_categories(); bit++) {
        const struct vocab_node *node = vocab_category(bit);

        assert_int_equal(node->bit, bit);
        assert_int_equal(category(node->id), bit);
        assert_true(vocab_mask_has(node->within, bit));
        assert_false(vocab_never(node->id, strlen(node->id)));
    }
    assert_null(vocab_category(64));
}

/* The published bits: a bit never changes its meaning. */
static const struct {
    bool purpose;
    int bit;
    const char *id;
} published[] = {
    { true, 0, "service" },
    { true, 1, "service.billing" },
    { true, 12, "improve.training" },
    { true, 21, "public.climate" },
    { true, 32, "marketing.targeted" },
    { true, 40, "judge.work" },
    { false, 1, "energy.electricity" },
    { false, 17, "location.precise" },
    { false, 31, "finance" },
    { false, 32, "finance.transaction" },
    { false, 61, "interaction.view.cash" },
    { false, 63, "self.intent" },
};

static void
published_bits_stay(void **state)
{
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        int bit = published[i].purpose ? purpose(published[i].id)
                                       : category(published[i].id);

        print_message("%s\n", published[i].id);
        assert_int_equal(bit, published[i].bit);
    }
}

static void
a_node_is_within_what_its_id_begins_with(void **state)
{
    for (int bit = 0; bit < vocab_categories(); bit++) {
        const struct vocab_node *node = vocab_category(bit);

        for (int other = 0; other < vocab_categories(); other++) {
            const char *above = vocab_category(other)->id;
            size_t len = strlen(above);
            bool begins = strncmp(node->id, above, len) == 0 &&
                          (node->id[len] == '\0' || node->id[len] == '.');

            assert_int_equal(covers(node, other), begins);
        }
    }
}

static void
targeted_advertising_is_personalisation_too(void **state)
{
    const struct vocab_node *node =
        vocab_purpose(purpose("marketing.targeted"));

    assert_true(covers(node, purpose("personalise")));
    assert_true(covers(node, purpose("marketing")));
    assert_false(covers(node, purpose("personalise.recommend")));
    assert_int_equal(node->parent, purpose("marketing"));
}

static void
explicit_and_group_flags_are_those_of_the_table(void **state)
{
    int explicit_purposes = 0;
    int explicit_categories = 0;
    int groups = 0;

    for (int bit = 0; bit < vocab_purposes(); bit++) {
        explicit_purposes += (vocab_purpose(bit)->flags & VOCAB_EXPLICIT) != 0;
        groups += (vocab_purpose(bit)->flags & VOCAB_GROUP) != 0;
    }
    for (int bit = 0; bit < vocab_categories(); bit++) {
        explicit_categories +=
            (vocab_category(bit)->flags & VOCAB_EXPLICIT) != 0;
        groups += (vocab_category(bit)->flags & VOCAB_GROUP) != 0;
    }
    assert_int_equal(explicit_purposes, 11);
    assert_int_equal(explicit_categories, 37);
    assert_int_equal(groups, 19);
}

static void
special_categories_are_health_biometric_belief_and_sexuality(void **state)
{
    for (int bit = 0; bit < vocab_categories(); bit++) {
        const struct vocab_node *node = vocab_category(bit);
        bool special = covers(node, category("health")) ||
                       covers(node, category("biometric")) ||
                       covers(node, category("belief")) ||
                       covers(node, category("sexuality"));

        assert_int_equal((node->flags & VOCAB_SPECIAL) != 0, special);
    }
}

static void
iris_are_whole(void **state)
{
    const struct vocab_node *sell = vocab_purpose(purpose("sell"));
    const struct vocab_node *judge = vocab_purpose(purpose("judge"));

    assert_string_equal(sell->iri[0],
                        "https://w3id.org/dpv#SellDataToThirdParties");
    assert_string_equal(sell->iri[1],
                        "https://w3id.org/dpv#SellInsightsFromData");
    assert_null(judge->iri[0]);
    assert_string_equal(vocab_category(category("energy.electricity"))->iri[0],
                        "https://w3id.org/dpv/pd#ServiceConsumptionBehaviour");
}

static void
words_turn_to_the_owner(void **state)
{
    assert_string_equal(vocab_purpose(purpose("service.billing"))->to_owner,
                        "work out your bill");
    assert_string_equal(vocab_purpose(purpose("service"))->to_owner,
                        "run the service you asked for");
    assert_string_equal(vocab_purpose(purpose("safety.identity"))->to_owner,
                        "check that it is you");
}

/* What was typed, and what was meant; NULL: nothing. */
static const struct {
    const char *typed;
    const char *meant;
} categories_mistyped[] = {
    { "energy.electric", "energy.electricity" },
    { "energy.electrictiy", "energy.electricity" },
    { "helth", "health" },
    { "finance.transactions", "finance.transaction" },
    { "quux", NULL },
    { "x", NULL },
    { "", NULL },
};

static void
a_mistyped_category_is_guessed(void **state)
{
    for (size_t i = 0;
         i < sizeof categories_mistyped / sizeof categories_mistyped[0]; i++) {
        const char *typed = categories_mistyped[i].typed;
        const char *near = vocab_category_near(typed, strlen(typed));

        print_message("%s\n", typed);
        if (categories_mistyped[i].meant == NULL) {
            assert_null(near);
        } else {
            assert_non_null(near);
            assert_string_equal(near, categories_mistyped[i].meant);
        }
    }
    assert_string_equal(vocab_purpose_near("service.biling", 14),
                        "service.billing");
}

static void
an_overlong_id_is_not_found_and_not_guessed(void **state)
{
    char text[4096];

    memset(text, 'a', sizeof text);
    assert_int_equal(vocab_category_find(text, sizeof text), VOCAB_NONE);
    assert_null(vocab_category_near(text, sizeof text));
    assert_null(vocab_purpose_near(text, sizeof text));
}

static void
an_id_is_taken_whole(void **state)
{
    assert_int_equal(vocab_category_find("energy.electricity", 6),
                     category("energy"));
    assert_int_equal(vocab_category_find("energy.electricity", 7), VOCAB_NONE);
    assert_int_equal(category("Energy"), VOCAB_NONE);
}

static void
what_no_firm_ever_has_is_known_with_what_is_below(void **state)
{
    assert_true(vocab_never("interaction.record", 18));
    assert_true(vocab_never("interaction.record.any", 22));
    assert_true(vocab_never("vault.quarantine", 16));
    assert_false(vocab_never("interaction.recording", 21));
    assert_false(vocab_never("interaction", 11));
    assert_false(vocab_never("interaction.view.l1", 19));
    size_t count = 0;

    while (vocab_never_id(count) != NULL) {
        count++;
    }
    assert_int_equal(count, 23);
}

static void
floors_are_those_of_the_specification(void **state)
{
    const struct vocab_floor *money =
        vocab_floor(category("finance.transaction"));
    const struct vocab_floor *l2 = vocab_floor(category("interaction.view.l2"));

    assert_int_equal(money->bucket_s, 4 * 604800);
    assert_int_equal(money->stats, 2 | VOCAB_STATS_COUNT);
    assert_true(vocab_mask_empty(money->purposes));
    assert_true(l2->raw);
    assert_int_equal(l2->delay_s, 3 * 86400);
    assert_int_equal(l2->rate_n, 1);
    assert_int_equal(l2->rate_s, 604800);
    assert_int_equal(l2->life_s, 180 * 86400);
    assert_true(vocab_mask_has(l2->purposes, purpose("improve")));
    assert_false(vocab_mask_has(l2->purposes, purpose("research.academic")));
    assert_true(vocab_floor(category("interaction.view.l4"))->once);
    assert_null(vocab_floor(category("energy.electricity")));
    assert_null(vocab_floor(VOCAB_NONE));
}

static void
keys_have_place_range_and_wave(void **state)
{
    const struct vocab_key *window = vocab_key_find(false, "window", 6);

    assert_int_equal(window->place, VOCAB_CAP);
    assert_int_equal(window->since, VOCAB_NOW);
    assert_int_equal(window->direction, VOCAB_AT_MOST);
    assert_int_equal(window->most, 20LL * 31536000);
    assert_string_equal(window->unsaid, "90d");
    assert_int_equal(vocab_key_find(false, "offer", 5)->since, VOCAB_NOW);
    assert_int_equal(vocab_key_find(false, "noise", 5)->since,
                     VOCAB_SECOND_WAVE);
    assert_null(vocab_key_find(true, "window", 6));
    assert_null(vocab_key_find(false, "efect", 5));
    assert_string_equal(vocab_key_near(false, "efect", 5), "effect");
    assert_string_equal(vocab_key_near(true, "rule", 4), "rules");
}

static void
values_are_words_both_ways(void **state)
{
    for (int kind = 0; kind < VOCAB_KINDS; kind++) {
        const struct vocab_value *value;
        size_t count = 0;

        while ((value = vocab_value_at((enum vocab_kind)kind, count)) != NULL) {
            assert_ptr_equal(vocab_value_find((enum vocab_kind)kind, value->id,
                                              strlen(value->id)),
                             value);
            assert_ptr_equal(vocab_value((enum vocab_kind)kind, value->value),
                             value);
            count++;
        }
        assert_true(count >= 2);
    }
    assert_int_equal(vocab_value_find(VOCAB_BUCKET, "15min", 5)->value, 900);
    assert_null(vocab_value_find(VOCAB_BUCKET, "20min", 5));
    assert_null(vocab_value_find(VOCAB_STAT, "15min", 5));
}

static void
masks_of_words_are_whole(void **state)
{
    int64_t all[VOCAB_KINDS] = { 0 };

    for (int kind = 0; kind < VOCAB_KINDS; kind++) {
        for (size_t i = 0; vocab_value_at((enum vocab_kind)kind, i); i++) {
            all[kind] |= vocab_value_at((enum vocab_kind)kind, i)->value;
        }
    }
    assert_int_equal(all[VOCAB_STAT], VOCAB_STATS_ALL);
    assert_int_equal(all[VOCAB_CHANNEL], VOCAB_CHANNELS_ALL);
    assert_int_equal(all[VOCAB_BASIS], VOCAB_BASES_ALL);
    assert_int_equal(vocab_value_find(VOCAB_STAT, "count", 5)->value,
                     VOCAB_STATS_COUNT);
}

static void
the_bits_of_a_mask_come_one_by_one_and_growing(void **state)
{
    static const int bits[] = { 0, 5, 63, 64, 127 };
    struct vocab_mask mask = { { 0 } };

    for (size_t i = 5; i-- > 0;) {
        vocab_mask_add(&mask, bits[i]);
    }
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(vocab_mask_next(&mask), bits[i]);
        assert_false(vocab_mask_has(mask, bits[i]));
    }
    assert_int_equal(vocab_mask_next(&mask), VOCAB_NONE);
    assert_true(vocab_mask_empty(mask));
}

static void
countries_are_known_by_their_codes(void **state)
{
    int members = 0;

    for (int i = 0; vocab_country(i) != NULL; i++) {
        assert_int_equal(vocab_country_find(vocab_country(i), 2), i);
        members += vocab_country_eea(i);
    }
    assert_int_equal(members, 30);
    assert_int_equal(vocab_country_find("XX", 2), VOCAB_NONE);
    assert_int_equal(vocab_country_find("gb", 2), VOCAB_NONE);
    assert_false(vocab_country_eea(vocab_country_find("GB", 2)));
    assert_true(vocab_country_eea(vocab_country_find("IS", 2)));
    assert_false(vocab_country_eea(VOCAB_NONE));
}

static void
the_tables_have_version_and_hash(void **state)
{
    uint8_t zero[VOCAB_HASH_LEN] = { 0 };

    assert_string_equal(vocab_version(), "vocab/1");
    assert_memory_not_equal(vocab_hash(), zero, VOCAB_HASH_LEN);
}

static void
risks_name_categories(void **state)
{
    size_t count = 0;

    for (; vocab_risk(count) != NULL; count++) {
        assert_false(vocab_mask_empty(vocab_risk(count)->categories));
    }
    assert_int_equal(count, 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_purpose_is_found_under_its_own_bit),
        cmocka_unit_test(every_category_is_found_under_its_own_bit),
        cmocka_unit_test(published_bits_stay),
        cmocka_unit_test(a_node_is_within_what_its_id_begins_with),
        cmocka_unit_test(targeted_advertising_is_personalisation_too),
        cmocka_unit_test(explicit_and_group_flags_are_those_of_the_table),
        cmocka_unit_test(
            special_categories_are_health_biometric_belief_and_sexuality),
        cmocka_unit_test(iris_are_whole),
        cmocka_unit_test(words_turn_to_the_owner),
        cmocka_unit_test(a_mistyped_category_is_guessed),
        cmocka_unit_test(an_overlong_id_is_not_found_and_not_guessed),
        cmocka_unit_test(an_id_is_taken_whole),
        cmocka_unit_test(what_no_firm_ever_has_is_known_with_what_is_below),
        cmocka_unit_test(floors_are_those_of_the_specification),
        cmocka_unit_test(keys_have_place_range_and_wave),
        cmocka_unit_test(values_are_words_both_ways),
        cmocka_unit_test(masks_of_words_are_whole),
        cmocka_unit_test(the_bits_of_a_mask_come_one_by_one_and_growing),
        cmocka_unit_test(countries_are_known_by_their_codes),
        cmocka_unit_test(the_tables_have_version_and_hash),
        cmocka_unit_test(risks_name_categories),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
