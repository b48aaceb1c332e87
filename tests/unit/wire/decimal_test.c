#include "wire/decimal.h"

#include <math.h>
#include <stdlib.h>

#include "unit.h"

#include "wire/rows.h"

enum { MOST = 4 };

/* Split one double; false: it is not decimal at this scale. */
static bool
mantissa_of(double value, unsigned scale, int64_t *out)
{
    uint64_t bits = vlt_bits_of(value);
    uint64_t mantissa;
    struct vlt_patches none = { 0 };

    if (!vlt_decimal_split(&bits, 1, scale, &mantissa, &none)) {
        return false;
    }
    *out = (int64_t)mantissa;
    assert_true(vlt_decimal_join(&mantissa, 1, scale));
    assert_int_equal(mantissa, bits);
    return true;
}

/* A value, a scale, and the mantissa that it has there. */
static const struct {
    double value;
    unsigned scale;
    int64_t mantissa;
} decimals[] = {
    { 21.5, 1, 215 },
    { -21.6, 1, -216 },
    { 21.6, 3, 21600 },
    { 0.0, 0, 0 },
    { 0.1, 1, 1 },
    { 1e-15, 15, 1 },
    { 3.0, 0, 3 },
    { 9007199254740992.0, 0, 9007199254740992 },
    { -9007199254740992.0, 0, -9007199254740992 },
    { 9007199254740991.0, 0, 9007199254740991 },
    { 4503599627370497.0, 0, 4503599627370497 },
    { 0.30000000000000004, 15, 0 }, /* has 17 digits */
};

static void
decimals_have_their_mantissa(void **state)
{
    size_t last = sizeof decimals / sizeof *decimals - 1;
    int64_t mantissa;

    for (size_t i = 0; i < last; i++) {
        print_message("%.17g\n", decimals[i].value);
        assert_true(
            mantissa_of(decimals[i].value, decimals[i].scale, &mantissa));
        assert_int_equal(mantissa, decimals[i].mantissa);
    }
    assert_false(
        mantissa_of(decimals[last].value, decimals[last].scale, &mantissa));
}

static void
what_is_no_decimal_is_none_at_any_scale(void **state)
{
    static const double others[] = { -0.0,     5e-324,    -1e-310,
                                     INFINITY, -INFINITY, NAN,
                                     1e300,    1.0 / 3,   9007199254740994.0 };
    int64_t mantissa;

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        for (unsigned scale = 0; scale < VLT_DECIMAL_SCALES; scale++) {
            assert_false(mantissa_of(others[i], scale, &mantissa));
        }
    }
}

static void
a_mantissa_repeats_where_there_is_none(void **state)
{
    const uint64_t bits[] = { vlt_bits_of(NAN), vlt_bits_of(-0.0),
                              vlt_bits_of(1.5), vlt_bits_of(INFINITY),
                              vlt_bits_of(2.5), vlt_bits_of(1.0 / 3) };
    static const uint64_t expected[] = { 15, 15, 15, 15, 25, 25 };
    uint32_t at[MOST];
    struct vlt_patches patches = { .at = at, .max = MOST };
    uint64_t out[6];

    assert_true(vlt_decimal_split(bits, 6, 1, out, &patches));
    assert_memory_equal(out, expected, sizeof out);
    assert_int_equal(patches.count, 4);
    assert_int_equal(at[0], 0);
    assert_int_equal(at[1], 1);
    assert_int_equal(at[2], 3);
    assert_int_equal(at[3], 5);
    patches.max = 3;
    assert_false(vlt_decimal_split(bits, 6, 1, out, &patches));
}

static void
a_mantissa_beyond_the_limit_is_noticed(void **state)
{
    static const int64_t ends[] = { VLT_MANTISSA_MAX, -VLT_MANTISSA_MAX };

    for (size_t i = 0; i < 2; i++) {
        uint64_t values[2] = { (uint64_t)ends[i], 0 };

        assert_true(vlt_decimal_join(values, 2, 0));
        values[0] = (uint64_t)(ends[i] + (i == 0 ? 1 : -1));
        assert_false(vlt_decimal_join(values, 2, 0));
    }
}

static void
the_smallest_scale_that_serves_is_chosen(void **state)
{
    uint64_t bits[160];

    for (size_t i = 0; i < 160; i++) {
        bits[i] = vlt_bits_of((double)(100 + i) / 100);
    }
    assert_int_equal(vlt_decimal_scale(bits, 160), 2);
    for (size_t i = 0; i < 8; i++) {
        bits[i * 16] = vlt_bits_of(NAN); /* one in sixteen */
    }
    assert_int_equal(vlt_decimal_scale(bits, 160), 2);
    bits[1] = vlt_bits_of(NAN);
    assert_int_equal(vlt_decimal_scale(bits, 160), VLT_DECIMAL_SCALES);
}

/* ---- whole groups ---- */

enum { GROUP = 128 };

static uint64_t
draw(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* A double of each kind in turn: a decimal at this scale with up to 54 bits,
 * around 2^51, 2^52, and 2^53, any bits at all. */
static uint64_t
any_double(unsigned kind, double power, uint64_t *x)
{
    int64_t near = (int64_t)(draw(x) % 9) - 4;

    switch (kind % 8) {
    case 0:
        return draw(x);
    case 1:
        return vlt_bits_of((double)(draw(x) >> (10 + draw(x) % 54)) / power);
    case 2:
        return vlt_bits_of(-(double)(draw(x) >> (10 + draw(x) % 54)) / power);
    case 3:
        return vlt_bits_of((double)((INT64_C(1) << 51) + near) / power);
    case 4:
        return vlt_bits_of((double)((INT64_C(1) << 52) + near) / power);
    case 5:
        return vlt_bits_of((double)(-(INT64_C(1) << 51) + near) / power);
    case 6:
        return vlt_bits_of(near == 0 ? -0.0 : (double)near / 3);
    default:
        return vlt_bits_of((double)(VLT_MANTISSA_MAX + near) / power);
    }
}

/* A group as a whole must find what its values alone do. */
static void
splits_as_its_values(const uint64_t *bits, unsigned scale)
{
    uint32_t at[GROUP];
    struct vlt_patches patches = { .at = at, .max = GROUP };
    uint64_t out[GROUP];
    size_t patched = 0;

    assert_true(vlt_decimal_split(bits, GROUP, scale, out, &patches));
    for (size_t i = 0; i < GROUP; i++) {
        struct vlt_patches none = { 0 };
        uint64_t mantissa;

        if (vlt_decimal_split(&bits[i], 1, scale, &mantissa, &none)) {
            assert_int_equal(out[i], mantissa);
        } else {
            assert_true(patched < patches.count);
            assert_int_equal(at[patched], i);
            patched++;
        }
    }
    assert_int_equal(patched, patches.count);
    assert_true(vlt_decimal_join(out, GROUP, scale));
    for (size_t i = 0, next = 0; i < GROUP; i++) {
        if (next < patched && at[next] == i) {
            next++;
        } else {
            assert_int_equal(out[i], bits[i]);
        }
    }
}

static void
a_group_splits_as_its_values_do(void **state)
{
    uint64_t bits[GROUP];
    uint64_t x = 88172645463325252;

    for (unsigned round = 0; round < 400; round++) {
        double power = 1;

        for (unsigned scale = 0; scale < VLT_DECIMAL_SCALES; scale++) {
            for (unsigned i = 0; i < GROUP; i++) {
                /* Some groups of one kind, some of all. */
                unsigned kind = round % 10 < 8 ? round : (unsigned)draw(&x);

                bits[i] = any_double(kind, power, &x);
            }
            splits_as_its_values(bits, scale);
            power *= 10;
        }
    }
}

static void
a_mantissa_beyond_the_limit_is_noticed_in_a_group(void **state)
{
    static const int64_t beyond[] = { VLT_MANTISSA_MAX + 1,
                                      -VLT_MANTISSA_MAX - 1, INT64_MAX,
                                      INT64_MIN };

    for (size_t i = 0; i < 4 * GROUP; i++) {
        uint64_t values[GROUP] = { 0 };

        values[i % GROUP] = (uint64_t)beyond[i / GROUP];
        assert_false(vlt_decimal_join(values, GROUP, 3));
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_have_their_mantissa),
        cmocka_unit_test(what_is_no_decimal_is_none_at_any_scale),
        cmocka_unit_test(a_mantissa_repeats_where_there_is_none),
        cmocka_unit_test(a_mantissa_beyond_the_limit_is_noticed),
        cmocka_unit_test(the_smallest_scale_that_serves_is_chosen),
        cmocka_unit_test(a_group_splits_as_its_values_do),
        cmocka_unit_test(a_mantissa_beyond_the_limit_is_noticed_in_a_group),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
