#include "unit.h"

#include "base/time.h"
#include "util/clock.h"

static void
the_system_clock_goes_forward(void **state)
{
    struct clock clock = clock_system();
    int64_t boot = clock_boot(&clock);
    int64_t later = boot;

    for (int i = 0; i < 1000000 && later == boot; i++) {
        later = clock_boot(&clock);
    }
    assert_true(later > boot);
}

/* After the day on which this was written, and before 2116. */
static void
the_system_clock_tells_nanoseconds_since_1970(void **state)
{
    struct clock clock = clock_system();
    int64_t wall = clock_wall(&clock);

    assert_true(wall > INT64_C(1700000000) * VLT_SECOND);
    assert_true(wall < VLT_TIME_MAX);
}

static void
a_clock_by_hand_stands_where_it_was_set(void **state)
{
    struct clock_hand hand = { 0 };
    struct clock clock = clock_by_hand(&hand);

    assert_int_equal(clock_wall(&clock), 0);
    clock_set_wall(&hand, -5 * VLT_SECOND);
    assert_int_equal(clock_wall(&clock), -5 * VLT_SECOND);
    assert_int_equal(clock_boot(&clock), 0);
    clock_advance(&hand, 7 * VLT_SECOND);
    assert_int_equal(clock_wall(&clock), 2 * VLT_SECOND);
    assert_int_equal(clock_boot(&clock), 7 * VLT_SECOND);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_system_clock_goes_forward),
        cmocka_unit_test(the_system_clock_tells_nanoseconds_since_1970),
        cmocka_unit_test(a_clock_by_hand_stands_where_it_was_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
