#include "base/text.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static const struct {
    const char *text;
    enum vlt_status st;
    int64_t value;
} ints[] = {
    { "0", VLT_OK, 0 },
    { "-0", VLT_OK, 0 },
    { "007", VLT_OK, 7 },
    { "9223372036854775807", VLT_OK, INT64_MAX },
    { "-9223372036854775808", VLT_OK, INT64_MIN },
    { "9223372036854775808", VLT_E_LIMIT, 0 },
    { "-9223372036854775809", VLT_E_LIMIT, 0 },
    { "99999999999999999999999", VLT_E_LIMIT, 0 },
    { "", VLT_E_FORMAT, 0 },
    { "-", VLT_E_FORMAT, 0 },
    { "+1", VLT_E_FORMAT, 0 },
    { "--1", VLT_E_FORMAT, 0 },
    { " 1", VLT_E_FORMAT, 0 },
    { "1 ", VLT_E_FORMAT, 0 },
    { "0x1", VLT_E_FORMAT, 0 },
    { "1.0", VLT_E_FORMAT, 0 },
    { "99999999999999999999999x", VLT_E_FORMAT, 0 },
};

static void
an_integer_is_digits_and_nothing_else(void **state)
{
    for (size_t i = 0; i < sizeof ints / sizeof ints[0]; i++) {
        int64_t value = 0;

        print_message("'%s'\n", ints[i].text);
        assert_int_equal(vlt_int_parse(vlt_slice_text(ints[i].text), &value),
                         ints[i].st);
        assert_true(value == ints[i].value);
    }
}

static void
an_unsigned_integer_has_no_sign(void **state)
{
    uint64_t value = 42;

    assert_int_equal(vlt_uint_parse(vlt_slice_text("-1"), &value),
                     VLT_E_FORMAT);
    assert_int_equal(
        vlt_uint_parse(vlt_slice_text("18446744073709551616"), &value),
        VLT_E_LIMIT);
    assert_true(value == 42);
    assert_int_equal(
        vlt_uint_parse(vlt_slice_text("18446744073709551615"), &value), VLT_OK);
    assert_true(value == UINT64_MAX);
}

static const struct {
    const char *text;
    double value;
} doubles[] = {
    { "0", 0 },
    { "-0", -0.0 },
    { "+1.5", 1.5 },
    { "007.25", 7.25 },
    { "21.5e1", 215 },
    { "1E+2", 100 },
    { "1e-2", 0.01 },
    { "0.1", 0.1 },
    { "123456789012345678", 123456789012345678.0 },
    { "9007199254740993", 9007199254740992.0 }, /* a tie goes to even */
    { "9007199254740993.0000000000000000000000000001", 9007199254740994.0 },
    { "1.7976931348623157e308", DBL_MAX },
    { "4.9406564584124654e-324", 0x1p-1074 },
    { "2.4703282292062327e-324", 0 }, /* below half of the least */
    { "2.2250738585072011e-308", 0x0.fffffffffffffp-1022 },
    { "0e999999999999", 0 },
    { "1e-999999999999", 0 },
    { "0.000000000000000000000000000000000000000000001e45", 1 },
};

static void
a_number_is_the_nearest_double(void **state)
{
    for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++) {
        double value = 42;

        print_message("%s\n", doubles[i].text);
        assert_int_equal(
            vlt_double_parse(vlt_slice_text(doubles[i].text), &value), VLT_OK);
        assert_memory_equal(&value, &doubles[i].value, sizeof value);
    }
}

static const struct {
    const char *text;
    enum vlt_status st;
} refused[] = {
    { "", VLT_E_FORMAT },
    { "-", VLT_E_FORMAT },
    { ".5", VLT_E_FORMAT },
    { "5.", VLT_E_FORMAT },
    { "5.e1", VLT_E_FORMAT },
    { "1e", VLT_E_FORMAT },
    { "1e+", VLT_E_FORMAT },
    { "e1", VLT_E_FORMAT },
    { "1e1.5", VLT_E_FORMAT },
    { "1,5", VLT_E_FORMAT },
    { " 1", VLT_E_FORMAT },
    { "1 ", VLT_E_FORMAT },
    { "0x10", VLT_E_FORMAT },
    { "inf", VLT_E_FORMAT },
    { "nan", VLT_E_FORMAT },
    { "1_000", VLT_E_FORMAT },
    { "+-1", VLT_E_FORMAT },
    { "1d5", VLT_E_FORMAT },
    { "1e309", VLT_E_LIMIT },
    { "-1e999999999999", VLT_E_LIMIT },
    { "1.7976931348623159e308", VLT_E_LIMIT },
};

static void
what_is_no_number_is_refused(void **state)
{
    double value = 42;

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        print_message("'%s'\n", refused[i].text);
        assert_int_equal(
            vlt_double_parse(vlt_slice_text(refused[i].text), &value),
            refused[i].st);
        assert_true(value == 42);
    }
}

static void
a_thousand_bytes_are_read_and_one_more_is_not(void **state)
{
    char text[1001];
    double value;

    memset(text, '0', sizeof text);
    text[999] = '7';
    assert_int_equal(vlt_double_parse(vlt_slice_of(text, 1000), &value),
                     VLT_OK);
    assert_true(value == 7);
    assert_int_equal(vlt_double_parse(vlt_slice_of(text, 1001), &value),
                     VLT_E_FORMAT);
}

static const struct {
    double value;
    const char *text;
} printed[] = {
    { 0, "0" },
    { -0.0, "-0" },
    { 21.5, "21.5" },
    { -21, "-21" },
    { 0.1, "0.1" },
    { 1.0 / 3, "0.3333333333333333" },
    { 0.1 + 0.2, "0.30000000000000004" },
    { 100, "100" },
    { 1e16, "10000000000000000" },
    { 1e17, "1e17" },
    { 1.5e300, "1.5e300" },
    { 0.00001, "0.00001" },
    { 0.000001, "1e-6" },
    { -1.25e-7, "-1.25e-7" },
    { 9007199254740993.0, "9007199254740992" },
    { DBL_MAX, "1.7976931348623157e308" },
    { DBL_MIN, "2.2250738585072014e-308" },
    { 0x1p-1074, "5e-324" },
    { -0x1p-1074, "-5e-324" },
    { NAN, "nan" },
    { INFINITY, "inf" },
    { -INFINITY, "-inf" },
};

static void
a_double_is_printed_in_its_shortest_form(void **state)
{
    char text[VLT_DOUBLE_TEXT];

    for (size_t i = 0; i < sizeof printed / sizeof printed[0]; i++) {
        assert_string_equal(vlt_double_print(printed[i].value, text),
                            printed[i].text);
    }
}

/* Does it read back the same, by us and by the library? */
static void
must_read_back(double value)
{
    char text[VLT_DOUBLE_TEXT];
    double again = 0;

    vlt_double_print(value, text);
    assert_int_equal(vlt_double_parse(vlt_slice_text(text), &again), VLT_OK);
    assert_memory_equal(&again, &value, sizeof value);
    again = strtod(text, NULL);
    assert_memory_equal(&again, &value, sizeof value);
}

static void
whatever_is_printed_reads_back_the_same(void **state)
{
    uint64_t x = 88172645463325252U;
    double value;

    for (int i = 0; i < 50000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        memcpy(&value, &x, sizeof value);
        if (isfinite(value)) {
            must_read_back(value);
        }
        must_read_back((double)(int64_t)(x >> 32) / 1000);
        must_read_back((double)(x >> 11) * 0x1p-1074);
    }
}

/* Is it printed behind others as it is alone? */
static void
must_print_the_same(unsigned *places, double value)
{
    char alone[VLT_DOUBLE_TEXT];
    char next[VLT_DOUBLE_TEXT];
    size_t len = vlt_double_print_next(places, value, next);

    vlt_double_print(value, alone);
    assert_int_equal(len, strlen(alone));
    assert_memory_equal(next, alone, len);
}

static void
a_double_is_printed_the_same_behind_any_other(void **state)
{
    const size_t count = sizeof printed / sizeof printed[0];
    static const double more[] = { 10,      9.5,     1e14 + 0.5, 999999.999999,
                                   9999999, 0.25,    1e15 - 1,   1e15,
                                   1.5e14,  -0.0625, 0.000009,   0.000123 };
    unsigned places = 0;

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < sizeof more / sizeof more[0]; j++) {
            must_print_the_same(&places, more[j]);
            must_print_the_same(&places, printed[i].value);
            must_print_the_same(&places, -more[j]);
        }
    }
}

static void
numbers_of_few_decimals_are_printed_the_same_in_any_order(void **state)
{
    static const double by[] = { 1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7 };
    uint64_t x = 88172645463325252U;
    unsigned places = 0;

    for (int i = 0; i < 200000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        must_print_the_same(&places,
                            (double)(int64_t)(x >> (x & 63)) / by[x >> 32 & 7]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_integer_is_digits_and_nothing_else),
        cmocka_unit_test(an_unsigned_integer_has_no_sign),
        cmocka_unit_test(a_number_is_the_nearest_double),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(a_thousand_bytes_are_read_and_one_more_is_not),
        cmocka_unit_test(a_double_is_printed_in_its_shortest_form),
        cmocka_unit_test(whatever_is_printed_reads_back_the_same),
        cmocka_unit_test(a_double_is_printed_the_same_behind_any_other),
        cmocka_unit_test(
            numbers_of_few_decimals_are_printed_the_same_in_any_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
