/* verify: how many signatures are checked. */
#include "unit.h"

#include "net/verify.h"

static struct verify *
ration(unsigned total, unsigned per_address)
{
    struct verify_limits limits = { total, per_address, 42 };
    struct verify *verify = NULL;

    assert_int_equal(verify_new(&limits, &verify), VLT_OK);
    return verify;
}

static struct gate_address
number(unsigned n)
{
    return (struct gate_address){ .family = 4,
                                  .at = { (uint8_t)(n >> 24),
                                          (uint8_t)(n >> 16), (uint8_t)(n >> 8),
                                          (uint8_t)n } };
}

/* How many of count are allowed at this moment? */
static int
allowed(struct verify *verify, unsigned address, int count, int64_t now_ms)
{
    struct gate_address at = number(address);
    int sum = 0;

    for (int i = 0; i < count; i++) {
        sum += verify_allowed(verify, &at, now_ms);
    }
    return sum;
}

static void
an_address_has_a_burst_and_then_its_rate(void **state)
{
    struct verify *verify = ration(1000, 5);

    assert_int_equal(allowed(verify, 1, 100, 1000), 20);
    assert_int_equal(allowed(verify, 1, 100, 1000), 0);
    assert_int_equal(allowed(verify, 2, 100, 1000), 20);
    assert_int_equal(allowed(verify, 1, 100, 2000), 5);
    assert_int_equal(allowed(verify, 1, 100, 2199), 0);
    assert_int_equal(allowed(verify, 1, 100, 2200), 1);
    assert_int_equal(allowed(verify, 1, 100, 9000000), 20);
    verify_free(verify);
}

static void
all_together_have_their_rate(void **state)
{
    struct verify *verify = ration(10, 5);
    int sum = 0;

    for (unsigned i = 0; i < 100; i++) {
        sum += allowed(verify, i, 20, 5000);
    }
    assert_int_equal(sum, 40);
    assert_int_equal(allowed(verify, 500, 20, 5500), 5);
    verify_free(verify);
}

/* Strangers from everywhere spend all that there is. */
static void
who_has_been_here_before_is_kept_out_by_no_flood(void **state)
{
    struct verify *verify = ration(20, 5);
    struct gate_address at = number(7);
    int64_t now = 1000;
    int64_t day = INT64_C(86400000);

    verify_good(verify, &at, now);
    for (unsigned i = 1000; i < 20000; i++) {
        (void)allowed(verify, i, 1, now);
    }
    assert_int_equal(allowed(verify, 8, 1, now), 0);
    assert_int_equal(allowed(verify, 7, 30, now), 20); /* its own burst */
    assert_int_equal(allowed(verify, 7, 30, now + 200), 1);
    now += day + 200;
    for (unsigned i = 1000; i < 20000; i++) {
        (void)allowed(verify, i, 1, now);
    }
    assert_int_equal(allowed(verify, 7, 30, now), 0); /* it is forgotten */
    verify_free(verify);
}

static void
each_wrong_one_doubles_the_wait(void **state)
{
    struct verify *verify = ration(1000, 100);
    struct gate_address at = number(7);
    int64_t now = 1000;

    for (int64_t wait = 1000; wait <= 600000; wait *= 2) {
        verify_wrong(verify, &at, now);
        assert_int_equal(allowed(verify, 7, 1, now), 0);
        assert_int_equal(allowed(verify, 7, 1, now + wait - 1), 0);
        assert_int_equal(allowed(verify, 7, 1, now + wait), 1);
        assert_int_equal(allowed(verify, 8, 1, now + wait), 1);
        now += wait;
    }
    verify_wrong(verify, &at, now);
    assert_int_equal(allowed(verify, 7, 1, now + 599999), 0);
    assert_int_equal(allowed(verify, 7, 1, now + 600000), 1);
    verify_wrong(verify, &at, now + 600000);
    assert_int_equal(allowed(verify, 7, 1, now + 1199999), 0);
    assert_int_equal(allowed(verify, 7, 1, now + 1200000), 1);
    verify_free(verify);
}

static void
a_wrong_one_is_forgiven_after_long(void **state)
{
    struct verify *verify = ration(1000, 100);
    struct gate_address at = number(7);

    verify_wrong(verify, &at, 0);
    verify_wrong(verify, &at, 1);
    assert_int_equal(allowed(verify, 7, 1, 1999), 0);
    verify_wrong(verify, &at, 1300000);
    assert_int_equal(allowed(verify, 7, 1, 1300999), 0);
    assert_int_equal(allowed(verify, 7, 1, 1301000), 1);
    verify_free(verify);
}

/* A flood from many addresses must not make one that waits be forgotten. */
static void
who_has_to_wait_is_not_forgotten_for_others(void **state)
{
    struct verify *verify = ration(1000000, 100);
    struct gate_address at = number(7);

    for (int i = 0; i < 8; i++) {
        verify_wrong(verify, &at, 0);
    }
    for (unsigned i = 1000; i < 20000; i++) {
        (void)allowed(verify, i, 1, 10);
    }
    assert_int_equal(allowed(verify, 7, 1, 10), 0);
    verify_free(verify);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_a_burst_and_then_its_rate),
        cmocka_unit_test(all_together_have_their_rate),
        cmocka_unit_test(who_has_been_here_before_is_kept_out_by_no_flood),
        cmocka_unit_test(each_wrong_one_doubles_the_wait),
        cmocka_unit_test(a_wrong_one_is_forgiven_after_long),
        cmocka_unit_test(who_has_to_wait_is_not_forgotten_for_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
