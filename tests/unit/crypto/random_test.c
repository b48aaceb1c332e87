#include "unit.h"

#include <string.h>

#include "crypto/random.h"
#include "crypto/secret.h"

static int
set_up(void **state)
{
    return vlt_secret_init() == VLT_OK ? 0 : -1;
}

static void
random_bytes_are_not_the_same_twice(void **state)
{
    uint8_t a[32] = { 0 };
    uint8_t b[32] = { 0 };

    vlt_random(a, sizeof a);
    vlt_random(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    vlt_random(NULL, 0);
}

static uint64_t
milliseconds_of(const uint8_t id[VLT_ID_LEN])
{
    uint64_t ms = 0;

    for (size_t i = 0; i < 6; i++) {
        ms = ms << 8 | id[i];
    }
    return ms;
}

static void
a_ulid_begins_with_its_milliseconds(void **state)
{
    static const struct {
        int64_t ns;
        uint64_t ms;
    } known[] = {
        { 0, 0 },
        { 999999, 0 },
        { 1000000, 1 },
        { INT64_C(1795652442123456789), UINT64_C(1795652442123) },
        { INT64_MAX, UINT64_C(9223372036854) },
        { -1, 0 },
        { INT64_MIN, 0 },
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint8_t id[VLT_ID_LEN];

        vlt_ulid_new(known[i].ns, id);
        assert_int_equal(milliseconds_of(id), known[i].ms);
    }
}

static void
later_ulids_sort_behind(void **state)
{
    uint8_t earlier[VLT_ID_LEN];
    uint8_t later[VLT_ID_LEN];

    for (int64_t ns = 0; ns < INT64_C(1) << 60; ns = 3 * ns + 1000000) {
        vlt_ulid_new(ns, earlier);
        vlt_ulid_new(ns + 1000000, later);
        assert_true(memcmp(earlier, later, sizeof earlier) < 0);
    }
}

static void
two_ulids_of_one_moment_differ(void **state)
{
    uint8_t a[VLT_ID_LEN];
    uint8_t b[VLT_ID_LEN];

    vlt_ulid_new(1000000, a);
    vlt_ulid_new(1000000, b);
    assert_memory_equal(a, b, 6);
    assert_memory_not_equal(a, b, sizeof a);
}

static void
every_number_below_the_bound_comes_up(void **state)
{
    unsigned seen = 0;

    for (int i = 0; i < 10000; i++) {
        uint32_t n = vlt_random_below(6);

        assert_true(n < 6);
        seen |= 1u << n;
    }
    assert_int_equal(seen, 63);
    assert_int_equal(vlt_random_below(1), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_bytes_are_not_the_same_twice),
        cmocka_unit_test(a_ulid_begins_with_its_milliseconds),
        cmocka_unit_test(later_ulids_sort_behind),
        cmocka_unit_test(two_ulids_of_one_moment_differ),
        cmocka_unit_test(every_number_below_the_bound_comes_up),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
