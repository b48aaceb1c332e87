/* What each source at the gate takes of the inbox. */
#include "service/intake_internal.h"

#include "unit.h"

enum { HERE = 3, MIB = 1 << 20 };

static void
a_source_takes_no_more_than_its_room(void **state)
{
    struct intake intake = { .lock = 1 };
    struct intake_charge token = { .source = HERE, .proved = true };
    struct intake_charge device = { .source = HERE };
    struct intake_charge other = { .source = HERE + 1, .bytes = 1 };

    token.bytes = INTAKE_SOURCE_MAX;
    device.bytes = INTAKE_DEVICE_MAX;
    assert_true(intake_charge(&intake, &token));
    assert_false(intake_charge(&intake, &token));
    assert_true(intake_charge(&intake, &device));
    assert_false(intake_charge(&intake, &device));
    assert_int_equal(intake.unproved_all, INTAKE_DEVICE_MAX);
    assert_true(intake_charge(&intake, &other));
    intake.unproved_all = INTAKE_UNPROVED_MAX;
    assert_false(intake_charge(&intake, &other));
}

static void
what_did_not_get_in_is_given_back(void **state)
{
    for (int proved = 0; proved < 2; proved++) {
        struct intake intake = { .lock = 1, .unproved_all = MIB };
        struct intake_charge charge = { .source = HERE,
                                        .proved = proved == 1,
                                        .bytes = 5 };

        intake.taken[HERE] = intake.unproved[HERE] = 7;
        assert_true(intake_charge(&intake, &charge));
        intake_give_back(&intake, &charge);
        assert_int_equal(intake.taken[HERE], 7);
        assert_int_equal(intake.unproved[HERE], 7);
        assert_int_equal(intake.unproved_all, MIB);
    }
}

/* By then its place may be another's, whose room is not that wide. */
static void
what_was_charged_at_another_gate_is_not_given_back_at_this(void **state)
{
    for (int proved = 0; proved < 2; proved++) {
        struct intake intake = { .lock = 1 };
        struct intake_charge charge = { .source = HERE,
                                        .proved = proved == 1,
                                        .bytes = 5 };

        assert_true(intake_charge(&intake, &charge));
        intake.lock++; /* as intake_shut() does, which counts anew */
        intake.taken[HERE] = intake.unproved[HERE] = 7;
        intake.unproved_all = 7;
        intake_give_back(&intake, &charge);
        assert_int_equal(intake.taken[HERE], 7);
        assert_int_equal(intake.unproved[HERE], 7);
        assert_int_equal(intake.unproved_all, 7);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_takes_no_more_than_its_room),
        cmocka_unit_test(what_did_not_get_in_is_given_back),
        cmocka_unit_test(
            what_was_charged_at_another_gate_is_not_given_back_at_this),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
