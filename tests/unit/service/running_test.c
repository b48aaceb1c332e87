/* Which time it is, where the wall clock is set. */
#include "unit.h"

#include "service/service_internal.h"

#define NOW (INT64_C(1800000000) * VLT_SECOND)

static struct clock_hand hand;
static struct clock by_hand;
static struct service service;

static int
begin(void **state)
{
    hand = (struct clock_hand){ { 0 }, { 0 } };
    service = (struct service){ .config.clock = &by_hand };
    by_hand = clock_by_hand(&hand);
    clock_set_wall(&hand, NOW);
    (void)service_reckon(&service, NOW);
    return 0;
}

static void
running_time_is_effective_time_while_the_clock_is_right(void **state)
{
    for (int i = 0; i < 3; i++) {
        assert_int_equal(service_running(&service), NOW + i * VLT_HOUR);
        assert_int_equal(service_effective(&service), NOW + i * VLT_HOUR);
        clock_advance(&hand, VLT_HOUR);
    }
}

static void
it_goes_on_where_effective_time_stands_still(void **state)
{
    clock_set_wall(&hand, NOW + 20 * VLT_HOUR);
    assert_int_equal(service_reckon(&service, NOW + 20 * VLT_HOUR),
                     NOW + 20 * VLT_HOUR);
    clock_set_wall(&hand, NOW);
    clock_advance(&hand, VLT_HOUR);
    assert_int_equal(service_effective(&service), NOW + 20 * VLT_HOUR);
    assert_int_equal(service_running(&service), NOW + 21 * VLT_HOUR);
    assert_int_equal(service_reckon(&service, NOW + 20 * VLT_HOUR),
                     NOW + 21 * VLT_HOUR);
    clock_advance(&hand, VLT_HOUR);
    assert_int_equal(service_running(&service), NOW + 22 * VLT_HOUR);
}

static void
it_never_goes_back_and_is_never_behind(void **state)
{
    int64_t last = NOW;

    for (int i = 0; i < 20; i++) {
        int64_t wall = NOW + (i % 3 - 1) * (i + 1) * VLT_HOUR;

        clock_set_wall(&hand, wall);
        clock_advance(&hand, VLT_SECOND);
        assert_true(service_running(&service) > last);
        last = service_reckon(&service, service_effective(&service));
        assert_true(last >= service_effective(&service));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(
            running_time_is_effective_time_while_the_clock_is_right, begin),
        cmocka_unit_test_setup(it_goes_on_where_effective_time_stands_still,
                               begin),
        cmocka_unit_test_setup(it_never_goes_back_and_is_never_behind, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
