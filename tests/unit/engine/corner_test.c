#include "engine/corner.h"

#include <string.h>

#include "unit.h"

#include "base/time.h"

#define NOW (INT64_C(1800000000) * VLT_SECOND + 7) /* within a second */
#define FROM (INT64_C(1800000000) * VLT_SECOND)
#define DAY INT64_C(86400)

static const int64_t bases[] = { VOCAB_BY_CONSENT };

/* The caps of a permit that writes none, and allows every action. */
static struct terms_limits
caps_of_all(void)
{
    struct terms_limits caps;

    terms_caps_unsaid(vocab_country_find("GB", 2), &caps);
    caps.at[TERMS_ACTION] =
        VOCAB_ONCE | VOCAB_READ | VOCAB_LIVE | VOCAB_CONTACT;
    return caps;
}

static struct policy_corner
corner_of(int64_t action)
{
    return (struct policy_corner){ .action = action,
                                   .basis = bases[0],
                                   .now = NOW };
}

static void
a_corner_asks_what_the_caps_allow_and_a_second_more_does_not_fit(void **state)
{
    static const int64_t actions[] = { VOCAB_ONCE, VOCAB_READ, VOCAB_LIVE,
                                       VOCAB_CONTACT };
    struct terms_recipient to[TERMS_NAMES];
    struct terms_limits caps = caps_of_all();
    struct terms_limits out;

    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        struct policy_corner corner = corner_of(actions[i]);

        assert_true(policy_corner(&caps, &corner, to, &out));
        assert_int_equal(out.at[TERMS_ACTION], actions[i]);
        assert_int_equal(out.at[TERMS_BASIS], bases[0]);
        assert_int_equal(terms_failed_axes(&out, &caps), 0);
        out.at[TERMS_LIFE]++;
        assert_int_equal(terms_failed_axes(&out, &caps), 1U << TERMS_LIFE);
    }
}

static void
a_corner_lives_until_the_rule_ends(void **state)
{
    struct policy_corner corner = corner_of(VOCAB_READ);
    struct terms_recipient to[TERMS_NAMES];
    struct terms_limits caps = caps_of_all();
    struct terms_limits out;

    assert_true(policy_corner(&caps, &corner, to, &out));
    assert_int_equal(out.at[TERMS_LIFE], caps.at[TERMS_LIFE]);
    assert_int_equal(out.at[TERMS_UNTIL],
                     FROM + caps.at[TERMS_LIFE] * VLT_SECOND);
    caps.at[TERMS_UNTIL] = FROM + 3 * DAY * VLT_SECOND;
    assert_true(policy_corner(&caps, &corner, to, &out));
    assert_int_equal(out.at[TERMS_LIFE], 3 * DAY);
    assert_int_equal(out.at[TERMS_UNTIL], caps.at[TERMS_UNTIL]);
    assert_int_equal(terms_failed_axes(&out, &caps), 0);
    /* A rule that ends behind its cap of the life does not lengthen it. */
    caps.at[TERMS_UNTIL] = FROM + 2 * caps.at[TERMS_LIFE] * VLT_SECOND;
    assert_true(policy_corner(&caps, &corner, to, &out));
    assert_int_equal(out.at[TERMS_LIFE], caps.at[TERMS_LIFE]);
    /* One that is over has no corner; one that lives for a second has. */
    caps.at[TERMS_UNTIL] = FROM;
    assert_false(policy_corner(&caps, &corner, to, &out));
    caps.at[TERMS_UNTIL] = FROM + VLT_SECOND;
    assert_true(policy_corner(&caps, &corner, to, &out));
}

static void
a_corner_of_a_rule_to_come_begins_with_it(void **state)
{
    struct policy_corner corner = corner_of(VOCAB_READ);
    struct terms_recipient to[TERMS_NAMES];
    struct terms_limits caps = caps_of_all();
    struct terms_limits out;

    assert_true(policy_corner(&caps, &corner, to, &out));
    assert_int_equal(out.at[TERMS_FROM], NOW);
    caps.at[TERMS_FROM] = FROM + DAY * VLT_SECOND;
    caps.at[TERMS_UNTIL] = FROM + 3 * DAY * VLT_SECOND;
    assert_true(policy_corner(&caps, &corner, to, &out));
    assert_int_equal(out.at[TERMS_FROM], caps.at[TERMS_FROM]);
    assert_int_equal(out.at[TERMS_LIFE], 2 * DAY);
    caps.at[TERMS_FROM] = FROM - DAY * VLT_SECOND;
    assert_true(policy_corner(&caps, &corner, to, &out));
    assert_int_equal(out.at[TERMS_FROM], NOW);
    assert_int_equal(out.at[TERMS_LIFE], 3 * DAY);
}

static void
contact_asks_for_no_data_and_data_for_no_contact(void **state)
{
    struct policy_corner corner = corner_of(VOCAB_CONTACT);
    struct terms_recipient to[TERMS_NAMES];
    struct terms_limits caps = caps_of_all();
    struct terms_limits out;

    caps.at[TERMS_CHANNELS] = 3;
    caps.at[TERMS_DELAY] = DAY;
    caps.at[TERMS_ROUND] = 5;
    assert_true(policy_corner(&caps, &corner, to, &out));
    assert_int_equal(out.at[TERMS_CHANNELS], 3);
    assert_int_equal(out.at[TERMS_WINDOW], TERMS_WINDOW_NEW);
    assert_int_equal(out.at[TERMS_DELAY], TERMS_UNLIMITED);
    assert_int_equal(out.at[TERMS_DETAIL], TERMS_UNLIMITED);
    assert_int_equal(out.at[TERMS_ROUND], 0);
    corner = corner_of(VOCAB_READ);
    assert_true(policy_corner(&caps, &corner, to, &out));
    assert_int_equal(out.at[TERMS_CHANNELS], 0);
    assert_int_equal(out.at[TERMS_WINDOW], caps.at[TERMS_WINDOW]);
    assert_int_equal(out.at[TERMS_DELAY], DAY);
    assert_int_equal(out.at[TERMS_DETAIL], caps.at[TERMS_DETAIL]);
    assert_int_equal(out.at[TERMS_ROUND], 5);
}

static void
only_live_has_an_interval(void **state)
{
    struct policy_corner corner = corner_of(VOCAB_LIVE);
    struct terms_recipient to[TERMS_NAMES];
    struct terms_limits caps = caps_of_all();
    struct terms_limits out;

    assert_true(policy_corner(&caps, &corner, to, &out));
    assert_int_equal(out.at[TERMS_EVERY], caps.at[TERMS_EVERY]);
    corner = corner_of(VOCAB_READ);
    assert_true(policy_corner(&caps, &corner, to, &out));
    assert_int_equal(out.at[TERMS_EVERY], TERMS_UNLIMITED);
}

static void
a_corner_passes_on_to_all_that_the_caps_name(void **state)
{
    const struct vlt_slice names[] = { vlt_slice_text("Acme"),
                                       vlt_slice_text("Zeta") };
    struct policy_corner corner = corner_of(VOCAB_READ);
    struct terms_recipient to[TERMS_NAMES];
    struct terms_limits caps = caps_of_all();
    struct terms_limits out;

    caps.onward_count = 3; /* of requests alone */
    assert_true(policy_corner(&caps, &corner, to, &out));
    assert_int_equal(out.onward_count, 0);
    caps.at[TERMS_ONWARDS] = TERMS_ONWARD_PROCESSORS;
    assert_true(policy_corner(&caps, &corner, to, &out));
    assert_int_equal(out.onward_count, 1);
    assert_false(out.onward[0].controller);
    caps.at[TERMS_ONWARDS] = TERMS_ONWARD_NAMES;
    caps.names = names;
    caps.name_count = 2;
    assert_true(policy_corner(&caps, &corner, to, &out));
    assert_int_equal(out.onward_count, 2);
    assert_true(out.onward[1].controller);
    assert_true(vlt_slice_is(out.onward[1].name, "Zeta"));
    assert_int_equal(out.name_count, 0);
    assert_int_equal(terms_failed_axes(&out, &caps), 0);
}

static void
the_greatest_action_contains_the_others(void **state)
{
    static const struct {
        int64_t of, greatest;
    } cases[] = {
        { 0, 0 },
        { VOCAB_ONCE, VOCAB_ONCE },
        { VOCAB_READ, VOCAB_READ },
        { VOCAB_ONCE | VOCAB_READ, VOCAB_READ },
        { VOCAB_ONCE | VOCAB_READ | VOCAB_LIVE, VOCAB_LIVE },
        { VOCAB_ONCE | VOCAB_CONTACT, VOCAB_ONCE },
        { VOCAB_CONTACT, 0 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(policy_greatest(cases[i].of), cases[i].greatest);
    }
}

static const struct vocab_node *
category(const char *id)
{
    const struct vocab_node *node =
        vocab_category(vocab_category_find(id, strlen(id)));

    assert_non_null(node);
    return node;
}

static void
a_group_is_named_by_no_request(void **state)
{
    struct vocab_mask mask = { { 0 } };

    assert_false(policy_names(false, mask, category("energy")));
    assert_true(policy_names(false, mask, category("energy.gas")));
    assert_false(policy_names(true, mask, category("energy.gas")));
    vocab_mask_add(&mask, category("energy")->bit);
    assert_true(policy_names(true, mask, category("energy.gas")));
    assert_false(policy_names(true, mask, category("energy")));
    assert_false(policy_names(true, mask, category("device.state")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_corner_asks_what_the_caps_allow_and_a_second_more_does_not_fit),
        cmocka_unit_test(a_corner_lives_until_the_rule_ends),
        cmocka_unit_test(a_corner_of_a_rule_to_come_begins_with_it),
        cmocka_unit_test(contact_asks_for_no_data_and_data_for_no_contact),
        cmocka_unit_test(only_live_has_an_interval),
        cmocka_unit_test(a_corner_passes_on_to_all_that_the_caps_name),
        cmocka_unit_test(the_greatest_action_contains_the_others),
        cmocka_unit_test(a_group_is_named_by_no_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
