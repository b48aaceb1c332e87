#include "wire/sum.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "unit.h"

#include "wire/rows.h"

static struct vlt_sum
sum_of(const double *values, size_t n)
{
    struct vlt_sum sum = { 0 };

    for (size_t i = 0; i < n; i++) {
        uint64_t bits = vlt_bits_of(values[i]);

        vlt_sum_add_f64s(&sum, &bits, 1);
    }
    return sum;
}

static uint64_t
rounded(const double *values, size_t n, uint64_t by)
{
    struct vlt_sum sum = sum_of(values, n);

    return vlt_bits_of(vlt_sum_round(&sum, by));
}

static void
nothing_is_plus_zero(void **state)
{
    static const double cancel[] = { 1e300, -1e300 };
    static const double minus[] = { -0.0 };

    assert_int_equal(rounded(NULL, 0, 1), 0);
    assert_int_equal(rounded(cancel, 2, 1), 0);
    assert_int_equal(rounded(minus, 1, 1), 0);
    assert_int_equal(rounded(cancel, 2, 7), 0);
}

static void
one_value_is_itself(void **state)
{
    static const double values[] = {
        1.0,     -1.0,     0.1,
        5e-324,  -5e-324,  DBL_MAX,
        DBL_MIN, -DBL_MAX, 2.2250738585072009e-308
    };

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        assert_int_equal(rounded(values + i, 1, 1), vlt_bits_of(values[i]));
    }
}

static void
what_a_naive_sum_loses_is_kept(void **state)
{
    static const double values[] = { 1e308, 1.0, 5e-324, -1e308, -1.0 };

    assert_int_equal(rounded(values, 5, 1), 1);
}

static void
a_tie_goes_to_even(void **state)
{
    static const double down[] = { 9007199254740992.0, 1.0 };
    static const double up[] = { 9007199254740994.0, 1.0 };
    static const double above[] = { 9007199254740992.0, 1.0, 5e-324 };

    assert_int_equal(rounded(down, 2, 1), vlt_bits_of(9007199254740992.0));
    assert_int_equal(rounded(up, 2, 1), vlt_bits_of(9007199254740996.0));
    assert_int_equal(rounded(above, 3, 1), vlt_bits_of(9007199254740994.0));
}

static void
too_large_is_infinite_and_comes_back(void **state)
{
    static const double values[] = { DBL_MAX, DBL_MAX, -DBL_MAX };
    static const double edge[] = { DBL_MAX, 9.979201547673599e+291 };

    assert_int_equal(rounded(values, 2, 1), vlt_bits_of((double)INFINITY));
    assert_int_equal(rounded(values, 2, 2), vlt_bits_of(DBL_MAX));
    assert_int_equal(rounded(values, 3, 1), vlt_bits_of(DBL_MAX));
    /* Half of the last place more: the tie goes to the even one, too large. */
    assert_int_equal(rounded(edge, 2, 1), vlt_bits_of((double)INFINITY));
}

static void
a_mean_is_rounded_once(void **state)
{
    static const double tenths[] = { 0.1, 0.1, 0.1 };
    static const double tiny[] = { -5e-324 };

    assert_int_equal(rounded(tenths, 3, 3), vlt_bits_of(0.1));
    assert_int_equal(rounded(tiny, 1, 2), vlt_bits_of(-0.0));
    assert_int_equal(rounded(tiny, 1, 1), vlt_bits_of(-5e-324));
    assert_int_equal(rounded(tenths, 1, UINT64_C(1) << 63),
                     vlt_bits_of(0.1 / 9223372036854775808.0));
}

static void
integers_are_exact(void **state)
{
    static const int64_t values[] = { INT64_MAX, INT64_MAX, 7, INT64_MIN };
    static const char *const sums[] = { "9223372036854775807",
                                        "18446744073709551614",
                                        "18446744073709551621",
                                        "9223372036854775813" };
    struct vlt_sum sum = { 0 };
    char text[VLT_SUM_TEXT];
    int64_t number = 0;

    for (size_t i = 0; i < 4; i++) {
        uint64_t bits = (uint64_t)values[i];

        vlt_sum_add_i64s(&sum, &bits, 1);
        assert_string_equal(vlt_sum_text(&sum, text), sums[i]);
        assert_int_equal(vlt_sum_int64(&sum, &number), i == 0);
    }
    assert_int_equal(number, INT64_MAX);
}

static void
the_ends_of_int64_are_integers(void **state)
{
    static const int64_t values[] = { INT64_MIN, -1, 1, 0 };
    struct vlt_sum sum = { 0 };
    char text[VLT_SUM_TEXT];
    int64_t number;

    for (size_t i = 0; i < 4; i++) {
        uint64_t bits = (uint64_t)values[i];

        vlt_sum_add_i64s(&sum, &bits, 1);
        assert_int_equal(vlt_sum_int64(&sum, &number), i != 1);
    }
    assert_int_equal(number, INT64_MIN);
    assert_string_equal(vlt_sum_text(&sum, text), "-9223372036854775808");
}

static void
sums_of_sums_are_as_one(void **state)
{
    double values[1000];
    struct vlt_sum merged = { 0 };

    for (int i = 0; i < 1000; i++) {
        values[i] = ldexp(i % 3 == 0 ? -1.1 : 1.3, i % 600 - 300);
    }
    struct vlt_sum whole = sum_of(values, 1000);

    for (size_t i = 0; i < 1000; i += 50) {
        struct vlt_sum part = sum_of(values + i, 50);

        vlt_sum_merge(&merged, &part);
    }
    assert_int_equal(vlt_bits_of(vlt_sum_round(&whole, 1)),
                     vlt_bits_of(vlt_sum_round(&merged, 1)));
}

/* 128 values of two sizes, added as a group, are what they are one by one. */
static void
group_holds(int low, int high)
{
    double values[128];
    uint64_t bits[128];
    struct vlt_sum together = { 0 };
    struct vlt_sum_parts a;
    struct vlt_sum_parts b;

    for (int i = 0; i < 128; i++) {
        values[i] = ldexp(2 - DBL_EPSILON, i == 77 ? low : high);
        values[i] = i == 33 ? 0 : values[i];
        bits[i] = vlt_bits_of(values[i]);
    }
    struct vlt_sum alone = sum_of(values, 128);

    vlt_sum_add_f64s(&together, bits, 128);
    vlt_sum_store(&together, false, &a);
    vlt_sum_store(&alone, false, &b);
    assert_memory_equal(&a, &b, sizeof a);
}

static void
a_group_is_as_its_values_one_by_one(void **state)
{
    static const int lows[] = { -1074, -1030, -1022, -975, -970, 0, 880 };

    for (size_t i = 0; i < sizeof lows / sizeof *lows; i++) {
        for (int spread = 0; spread < 140; spread++) {
            group_holds(lows[i], lows[i] + spread);
        }
    }
}

/* ---- stored ---- */

/* A sum of one double and how it is stored. */
static const struct {
    double value;
    int e;
    size_t len;
    uint8_t m[4];
} stored[] = {
    { 0.0, 0, 0, { 0 } },
    { 1.0, 0, 1, { 1 } },
    { -1.0, 0, 1, { 0xff } },
    { 6.0, 1, 1, { 3 } },
    { 127.0, 0, 1, { 127 } },
    { -127.0, 0, 1, { 0x81 } },
    { 129.0, 0, 2, { 0x81, 0 } },
    { -129.0, 0, 2, { 0x7f, 0xff } },
    { -128.0, 7, 1, { 0xff } },
    { 0.75, -2, 1, { 3 } },
    { 5e-324, -1074, 1, { 1 } },
    { 256.0, 8, 1, { 1 } },
    { 65535.0, 0, 3, { 255, 255, 0 } },
};

static void
a_sum_is_stored_as_odd_times_a_power(void **state)
{
    for (size_t i = 0; i < sizeof stored / sizeof *stored; i++) {
        struct vlt_sum sum = sum_of(&stored[i].value, 1);
        struct vlt_sum_parts parts;

        print_message("%g\n", stored[i].value);
        vlt_sum_store(&sum, false, &parts);
        assert_int_equal(parts.e, stored[i].e);
        assert_int_equal(parts.len, stored[i].len);
        assert_memory_equal(parts.m, stored[i].m, stored[i].len);
    }
}

static void
a_stored_sum_comes_back(void **state)
{
    static const double values[] = { DBL_MAX, -1e300, 3.3,  -5e-324,
                                     1e-300,  -7.0,   1e16, DBL_MAX };
    for (size_t n = 0; n <= 8; n++) {
        struct vlt_sum sum = sum_of(values, n);
        struct vlt_sum_parts parts;
        struct vlt_sum_parts again;
        struct vlt_sum back;

        vlt_sum_store(&sum, false, &parts);
        assert_int_equal(vlt_sum_load(&parts, false, &back), VLT_OK);
        vlt_sum_store(&back, false, &again);
        assert_memory_equal(&parts, &again, sizeof parts);
        assert_int_equal(vlt_bits_of(vlt_sum_round(&back, 1)),
                         vlt_bits_of(vlt_sum_round(&sum, 1)));
    }
}

static void
a_stored_integer_has_no_exponent(void **state)
{
    uint64_t bits = (uint64_t)-256;
    struct vlt_sum sum = { 0 };
    struct vlt_sum_parts parts;
    struct vlt_sum back;
    int64_t number = 0;

    vlt_sum_add_i64s(&sum, &bits, 1);
    vlt_sum_store(&sum, true, &parts);
    assert_int_equal(parts.e, 0);
    assert_int_equal(parts.len, 2);
    assert_memory_equal(parts.m, "\x00\xff", 2);
    assert_int_equal(vlt_sum_load(&parts, true, &back), VLT_OK);
    assert_true(vlt_sum_int64(&back, &number));
    assert_int_equal(number, -256);
}

/* What vlt_sum_store() never makes. */
static const struct {
    const char *says;
    bool whole;
    struct vlt_sum_parts parts;
} refused[] = {
    { "zero with an exponent", false, { .e = 1 } },
    { "zero with a byte", false, { .e = 0, .len = 1, .m = { 0 } } },
    { "an even M", false, { .e = 0, .len = 1, .m = { 2 } } },
    { "a byte too many", false, { .e = 0, .len = 2, .m = { 1, 0 } } },
    { "a sign too many", false, { .e = 0, .len = 2, .m = { 0x81, 0xff } } },
    { "an exponent too low", false, { .e = -1075, .len = 1, .m = { 1 } } },
    { "an exponent too high", false, { .e = 1200, .len = 1, .m = { 1 } } },
    { "a length too high", false, { .e = -1074, .len = 281, .m = { 1 } } },
    { "an integer with an exponent", true, { .e = 1, .len = 1, .m = { 1 } } },
    { "an integer too long",
      true,
      { .len = 13, .m = { 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } } },
};

static void
parts_that_are_never_made_are_refused(void **state)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct vlt_sum sum;

        print_message("%s\n", refused[i].says);
        assert_int_equal(
            vlt_sum_load(&refused[i].parts, refused[i].whole, &sum),
            VLT_E_FORMAT);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_plus_zero),
        cmocka_unit_test(one_value_is_itself),
        cmocka_unit_test(what_a_naive_sum_loses_is_kept),
        cmocka_unit_test(a_tie_goes_to_even),
        cmocka_unit_test(too_large_is_infinite_and_comes_back),
        cmocka_unit_test(a_mean_is_rounded_once),
        cmocka_unit_test(integers_are_exact),
        cmocka_unit_test(the_ends_of_int64_are_integers),
        cmocka_unit_test(sums_of_sums_are_as_one),
        cmocka_unit_test(a_group_is_as_its_values_one_by_one),
        cmocka_unit_test(a_sum_is_stored_as_odd_times_a_power),
        cmocka_unit_test(a_stored_sum_comes_back),
        cmocka_unit_test(a_stored_integer_has_no_exponent),
        cmocka_unit_test(parts_that_are_never_made_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
