/* What a part is offered where only caps of rules that offer fail. */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "base/time.h"
#include "engine/policy.h"
#include "requests.h"

#define NOW (INT64_C(1796083200) * VLT_SECOND) /* 2026-12-01 */

static const uint8_t bright[1][POLICY_FIRM_LEN] = { { 7 } };

/* A firm that asks for electricity and gas, and what it is told. */
struct rig {
    struct policy_builder *builder;
    struct policy_set *set;
    struct policy_firm firm;
    struct terms part;
    struct terms offered;
    struct policy_decision *decision;
};

static int
category(const char *id)
{
    return vocab_category_find(id, strlen(id));
}

static void
rig_begin(struct rig *rig)
{
    struct policy_settings settings = { .home = vocab_country_find("GB", 2) };
    struct terms_request request = brightgrid_request();

    *rig = (struct rig){ .firm = { .confirmed = true } };
    memcpy(rig->firm.id, bright[0], sizeof rig->firm.id);
    terms_part(&request, 0, &rig->part);
    rig->part.common.life_s = 30 * 86400;
    rig->part.items[0].bucket_s = 3600;
    rig->part.items[1] = rig->part.items[0];
    rig->part.items[1].n = 2;
    rig->part.items[1].data = category("energy.gas");
    rig->part.item_count = 2;
    rig->decision = malloc(sizeof *rig->decision);
    assert_non_null(rig->decision);
    assert_int_equal(policy_builder_new(&settings, &rig->builder), VLT_OK);
}

static void
rig_end(struct rig *rig)
{
    policy_set_free(rig->set);
    free(rig->decision);
}

static void
add(struct rig *rig, struct policy_rule rule)
{
    rule.file = "home.yaml";
    rule.line = 3;
    assert_int_equal(policy_builder_add(rig->builder, &rule), VLT_OK);
}

/* A rule that offers the firm data of a day; keep_s: 0 as unwritten. */
static void
add_offer(struct rig *rig, const char *name, int64_t keep_s)
{
    struct policy_rule rule = { .name = name,
                                .effect = POLICY_EFFECT_PERMIT,
                                .firm_count = 1,
                                .firms = bright,
                                .written = 1U << TERMS_WINDOW,
                                .offer = true };

    rule.caps.at[TERMS_WINDOW] = 86400;
    if (keep_s > 0) {
        rule.written |= 1U << TERMS_KEEP;
        rule.caps.at[TERMS_KEEP] = keep_s;
    }
    add(rig, rule);
}

static void
add_deny(struct rig *rig, const char *data)
{
    struct policy_rule rule = { .name = "no",
                                .effect = POLICY_EFFECT_DENY,
                                .has_data = true };

    vocab_mask_add(&rule.data, category(data));
    add(rig, rule);
}

static enum policy_outcome
decide(struct rig *rig)
{
    assert_int_equal(policy_build(rig->builder, &rig->set), VLT_OK);
    memset(rig->decision, 1, sizeof *rig->decision);
    return policy_decide(rig->set, &rig->firm, &rig->part, NOW, rig->decision);
}

static void
assert_offered(struct rig *rig)
{
    assert_int_equal(decide(rig), POLICY_OFFER);
    assert_true(
        policy_offer(rig->set, rig->decision, &rig->part, NOW, &rig->offered));
}

static const char *
rule_of(const struct rig *rig, size_t atom)
{
    assert_int_equal(rig->decision->atoms[atom].rule_count, 1);
    return policy_rule_at(rig->set, rig->decision->atoms[atom].rules[0])->name;
}

static void
a_part_is_offered_what_the_caps_allow(void **state)
{
    struct rig rig;

    rig_begin(&rig);
    add_offer(&rig, "day", 0);
    assert_offered(&rig);
    assert_int_equal(rig.offered.item_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(rig.offered.items[i].n, i + 1);
        assert_int_equal(rig.offered.items[i].window_s, 86400);
    }
    assert_int_equal(rig.offered.common.keep_s, rig.part.common.keep_s);
    rig_end(&rig);
}

/* What is denied is not offered, wherever it stands. */
static void
what_is_left_out_is_not_offered(void **state)
{
    static const char *const denied[] = { "energy.electricity", "energy.gas" };

    for (size_t i = 0; i < 2; i++) {
        struct rig rig;

        rig_begin(&rig);
        add_offer(&rig, "day", 0);
        add_deny(&rig, denied[i]);
        assert_offered(&rig);
        assert_true(rig.decision->atoms[i].left_out);
        assert_false(rig.decision->atoms[1 - i].left_out);
        assert_int_equal(rig.offered.item_count, 1);
        assert_int_equal(rig.offered.items[0].n, 2 - i);
        assert_int_equal(rig.offered.items[0].data, rig.part.items[1 - i].data);
        assert_int_equal(rig.offered.items[0].window_s, 86400);
        rig_end(&rig);
    }
}

/* The first of as many items as there may be is left out. */
static void
an_offer_writes_nothing_behind_itself(void **state)
{
    struct guarded {
        struct terms offered;
        uint8_t behind[4096];
    } *guarded = malloc(sizeof *guarded);
    struct terms *part;
    struct rig rig;

    assert_non_null(guarded);
    memset(guarded->behind, 1, sizeof guarded->behind);
    rig_begin(&rig);
    part = &rig.part;
    for (; part->item_count < TERMS_ITEMS; part->item_count++) {
        part->items[part->item_count] = part->items[1];
        part->items[part->item_count].n = (int)part->item_count + 1;
    }
    add_offer(&rig, "day", 0);
    add_deny(&rig, "energy.electricity");
    assert_int_equal(decide(&rig), POLICY_OFFER);
    assert_true(
        policy_offer(rig.set, rig.decision, part, NOW, &guarded->offered));
    assert_int_equal(guarded->offered.item_count, TERMS_ITEMS - 1);
    for (size_t i = 0; i < TERMS_ITEMS - 1; i++) {
        assert_int_equal(guarded->offered.items[i].n, i + 2);
    }
    for (size_t i = 0; i < sizeof guarded->behind; i++) {
        assert_int_equal(guarded->behind[i], 1);
    }
    free(guarded);
    rig_end(&rig);
}

static void
of_several_the_one_that_moves_fewest_axes_offers(void **state)
{
    struct rig rig;

    rig_begin(&rig);
    add_offer(&rig, "a-day-kept-short", 3600);
    add_offer(&rig, "b-day", 0);
    assert_offered(&rig);
    assert_string_equal(rule_of(&rig, 0), "b-day");
    assert_int_equal(rig.offered.common.keep_s, rig.part.common.keep_s);
    rig_end(&rig);
}

static void
of_those_that_move_as_few_the_first_by_name_offers(void **state)
{
    struct rig rig;

    rig_begin(&rig);
    add_offer(&rig, "b", 3600);
    add_offer(&rig, "a", 7200);
    assert_offered(&rig);
    assert_string_equal(rule_of(&rig, 0), "a");
    assert_string_equal(rule_of(&rig, 1), "a");
    assert_int_equal(rig.offered.common.keep_s, 7200);
    rig_end(&rig);
}

/* A rule that offers the firm a category, where it is processed in a place. */
static void
add_place(struct rig *rig, const char *name, const char *data,
          const char *country)
{
    struct policy_rule rule = { .name = name,
                                .effect = POLICY_EFFECT_PERMIT,
                                .firm_count = 1,
                                .firms = bright,
                                .has_data = true,
                                .written = 1U << TERMS_WHERES,
                                .offer = true };

    vocab_mask_add(&rule.data, category(data));
    terms_places_add(&rule.caps.where, vocab_country_find(country, 2));
    add(rig, rule);
}

/* One rule wants it here, the other there: neither is offered, and what comes
 * of the part is what would without them. */
static void
what_cannot_be_had_together_is_not_offered(void **state)
{
    static const struct {
        bool denies;
        enum policy_outcome outcome;
    } cases[] = { { false, POLICY_ASK }, { true, POLICY_DENY } };

    for (size_t i = 0; i < 2; i++) {
        struct policy_settings settings = {
            .default_deny = cases[i].denies,
            .home = vocab_country_find("GB", 2),
        };
        struct rig rig;

        rig_begin(&rig);
        policy_builder_settle(rig.builder, &settings);
        rig.part.items[2] = rig.part.items[0];
        rig.part.items[2].n = 3;
        rig.part.items[2].data = category("energy.heat");
        rig.part.item_count = 3;
        rig.part.common.where_count = 2;
        rig.part.common.where[0] = vocab_country_find("DE", 2);
        rig.part.common.where[1] = vocab_country_find("FR", 2);
        add_place(&rig, "a", "energy.electricity", "DE");
        add_place(&rig, "b", "energy.gas", "FR");
        add_deny(&rig, "energy.heat");
        assert_int_equal(decide(&rig), cases[i].outcome);
        for (size_t a = 0; a < 2; a++) {
            assert_int_equal(rig.decision->atoms[a].outcome, cases[i].outcome);
            assert_true(rig.decision->atoms[a].by_default);
            assert_int_equal(rig.decision->atoms[a].rule_count, 0);
            assert_false(rig.decision->atoms[a].left_out);
        }
        assert_int_equal(rig.decision->atoms[2].left_out, !cases[i].denies);
        rig_end(&rig);
    }
}

static void
only_a_rule_that_says_so_offers(void **state)
{
    struct policy_rule rule = { .name = "day",
                                .effect = POLICY_EFFECT_PERMIT,
                                .firm_count = 1,
                                .firms = bright,
                                .written = 1U << TERMS_WINDOW };
    struct rig rig;

    rule.caps.at[TERMS_WINDOW] = 86400;
    rig_begin(&rig);
    add(&rig, rule);
    assert_int_equal(decide(&rig), POLICY_ASK);
    assert_true(rig.decision->atoms[0].by_default);
    assert_int_equal(rig.decision->atoms[0].rule_count, 0);
    rig_end(&rig);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_is_offered_what_the_caps_allow),
        cmocka_unit_test(what_is_left_out_is_not_offered),
        cmocka_unit_test(an_offer_writes_nothing_behind_itself),
        cmocka_unit_test(of_several_the_one_that_moves_fewest_axes_offers),
        cmocka_unit_test(of_those_that_move_as_few_the_first_by_name_offers),
        cmocka_unit_test(what_cannot_be_had_together_is_not_offered),
        cmocka_unit_test(only_a_rule_that_says_so_offers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
