/* Caps that are not written, as a set has them. */
#include <string.h>

#include "unit.h"

#include "engine/policy.h"

/* Whatever stands in the place of what is not written. */
static void
what_a_permit_does_not_write_has_its_default(void **state)
{
    struct policy_settings settings = { .home = vocab_country_find("GB", 2) };
    struct policy_rule rule = { .name = "p",
                                .effect = POLICY_EFFECT_PERMIT,
                                .file = "home.yaml" };
    const struct vlt_slice names[] = { vlt_slice_text("Acme") };
    struct policy_builder *builder = NULL;
    const struct terms_limits *caps;
    struct terms_limits unsaid;

    terms_caps_unsaid(settings.home, &unsaid);
    memset(&rule.caps, 1, sizeof rule.caps);
    rule.caps.names = names;
    rule.caps.name_count = 1;
    assert_int_equal(policy_builder_new(&settings, &builder), VLT_OK);
    assert_int_equal(policy_builder_add(builder, &rule), VLT_OK);
    caps = &policy_builder_find(builder, "p")->caps;
    assert_memory_equal(caps->at, unsaid.at, sizeof unsaid.at);
    assert_int_equal(caps->stats, unsaid.stats);
    assert_int_equal(caps->length, unsaid.length);
    assert_int_equal(caps->per_s, unsaid.per_s);
    assert_memory_equal(&caps->where, &unsaid.where, sizeof unsaid.where);
    assert_int_equal(caps->name_count, unsaid.name_count);
    policy_builder_free(builder);
}

/* The caps as a set has them of a permit that writes this axis alone. */
static struct terms_limits
written_alone(enum terms_axis axis)
{
    struct policy_settings settings = { .home = vocab_country_find("GB", 2) };
    struct policy_rule rule = { .name = "p",
                                .effect = POLICY_EFFECT_PERMIT,
                                .file = "home.yaml",
                                .written = 1U << axis };
    struct policy_builder *builder = NULL;
    struct terms_limits caps;

    memset(&rule.caps, 1, sizeof rule.caps);
    rule.caps.names = NULL;
    rule.caps.name_count = 0;
    assert_int_equal(policy_builder_new(&settings, &builder), VLT_OK);
    assert_int_equal(policy_builder_add(builder, &rule), VLT_OK);
    caps = policy_builder_find(builder, "p")->caps;
    policy_builder_free(builder);
    return caps;
}

/* Four axes have a second part, which is written with the first. */
static void
what_a_permit_writes_is_kept_and_nothing_else(void **state)
{
    struct terms_limits unsaid;
    struct terms_limits ones;

    memset(&ones, 1, sizeof ones);
    terms_caps_unsaid(vocab_country_find("GB", 2), &unsaid);
    for (enum terms_axis axis = 0; axis < TERMS_AXES; axis++) {
        struct terms_limits caps = written_alone(axis);
        const struct terms_limits *where =
            axis == TERMS_WHERES ? &ones : &unsaid;

        for (enum terms_axis one = 0; one < TERMS_AXES; one++) {
            assert_int_equal(caps.at[one],
                             one == axis ? ones.at[one] : unsaid.at[one]);
        }
        assert_int_equal(caps.stats,
                         axis == TERMS_DETAIL ? ones.stats : unsaid.stats);
        assert_int_equal(caps.length,
                         axis == TERMS_ROUND ? ones.length : unsaid.length);
        assert_int_equal(caps.per_s,
                         axis == TERMS_RATE ? ones.per_s : unsaid.per_s);
        assert_memory_equal(&caps.where, &where->where, sizeof caps.where);
    }
}

static void
rules_of_the_vault_have_the_caps_that_are_not_written(void **state)
{
    struct policy_settings settings = { .home = vocab_country_find("GB", 2) };
    struct policy_builder *builder = NULL;
    struct policy_set *set = NULL;
    struct terms_limits unsaid;

    terms_caps_unsaid(settings.home, &unsaid);
    assert_int_equal(policy_builder_new(&settings, &builder), VLT_OK);
    assert_int_equal(policy_build(builder, &set), VLT_OK);
    for (size_t i = 0; i < policy_rule_count(set); i++) {
        const struct terms_limits *caps = &policy_rule_at(set, i)->caps;

        assert_memory_equal(caps->at, unsaid.at, sizeof unsaid.at);
        assert_memory_equal(&caps->where, &unsaid.where, sizeof unsaid.where);
    }
    const struct terms_limits *known = policy_caps_unsaid(set);

    assert_memory_equal(known->at, unsaid.at, sizeof unsaid.at);
    assert_memory_equal(&known->where, &unsaid.where, sizeof unsaid.where);
    assert_int_equal(known->stats, unsaid.stats);
    assert_int_equal(known->per_s, unsaid.per_s);
    policy_set_free(set);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_permit_does_not_write_has_its_default),
        cmocka_unit_test(what_a_permit_writes_is_kept_and_nothing_else),
        cmocka_unit_test(rules_of_the_vault_have_the_caps_that_are_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
