#include "unit.h"

#include "service/hold.h"

/* A grant that ended five minutes ago may not come to life; one that lasts a
 * day more may not end. */
static void
small_steps_are_no_jumps(void **state)
{
    assert_false(hold_clock_jumped(0));
    assert_false(hold_clock_jumped(-HOLD_BACK));
    assert_false(hold_clock_jumped(HOLD_AHEAD));
    assert_false(hold_clock_jumped(3600 * VLT_SECOND));
}

static void
beyond_them_are_jumps(void **state)
{
    assert_true(hold_clock_jumped(-HOLD_BACK - 1));
    assert_true(hold_clock_jumped(HOLD_AHEAD + 1));
    assert_true(hold_clock_jumped(INT64_MIN));
    assert_true(hold_clock_jumped(INT64_MAX));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_steps_are_no_jumps),
        cmocka_unit_test(beyond_them_are_jumps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
