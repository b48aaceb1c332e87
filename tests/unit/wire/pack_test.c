#include "wire/pack.h"

#include <string.h>

#include "unit.h"

enum { MANY = 400 };

/* n values of exactly this width, the same each time. */
static void
fill(uint64_t *values, size_t n, unsigned width)
{
    uint64_t x = 88172645463325252;

    for (size_t i = 0; i < n; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        values[i] = width == 0 ? 0 : x >> (64 - width);
    }
}

static struct vlt_buf
packed(const uint64_t *values, size_t n)
{
    struct vlt_buf buf = { 0 };

    vlt_pack_put(&buf, values, n);
    assert_false(vlt_buf_failed(&buf));
    assert_int_equal(buf.len, vlt_pack_size(values, n));
    return buf;
}

static void
each_width_and_length_comes_back(void **state)
{
    static const size_t lengths[] = { 0, 1, 2, 7, 127, 128, 129, 300, MANY };
    uint64_t values[MANY];
    uint64_t again[MANY];

    for (unsigned width = 0; width <= 64; width++) {
        fill(values, MANY, width);
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            struct vlt_buf buf = packed(values, lengths[i]);
            struct vlt_reader r = vlt_reader_over(vlt_buf_slice(&buf));

            assert_null(vlt_pack_get(&r, again, lengths[i]));
            assert_true(vlt_reader_done(&r));
            assert_memory_equal(values, again, lengths[i] * sizeof *values);
            vlt_buf_free(&buf);
        }
    }
}

static void
no_width_between_56_and_64_is_written(void **state)
{
    uint64_t value = UINT64_C(1) << 56;
    struct vlt_buf buf = packed(&value, 1);

    assert_int_equal(buf.at[0], 64);
    assert_int_equal(buf.len, 9);
    vlt_buf_free(&buf);
    value--;
    buf = packed(&value, 1);
    assert_int_equal(buf.at[0], 56);
    assert_int_equal(buf.len, 8);
    vlt_buf_free(&buf);
}

static void
every_cut_is_noticed(void **state)
{
    uint64_t values[MANY];
    uint64_t again[MANY];

    fill(values, MANY, 13);
    struct vlt_buf buf = packed(values, MANY);

    for (size_t len = 0; len < buf.len; len++) {
        struct vlt_reader r = vlt_reader_over(vlt_slice_of(buf.at, len));

        assert_non_null(vlt_pack_get(&r, again, MANY));
    }
    vlt_buf_free(&buf);
}

static void
an_unused_bit_is_noticed(void **state)
{
    uint8_t bytes[] = { 3, 0xff, 0x02 }; /* three values of 3 bits */
    struct vlt_reader r = vlt_reader_over(vlt_slice_of(bytes, sizeof bytes));
    uint64_t values[3];

    assert_non_null(vlt_pack_get(&r, values, 3));
    bytes[2] = 0x01;
    r = vlt_reader_over(vlt_slice_of(bytes, sizeof bytes));
    assert_null(vlt_pack_get(&r, values, 3));
    assert_int_equal(values[2], 7);
}

static void
a_width_that_does_not_exist_is_noticed(void **state)
{
    uint8_t bytes[128 * 32] = { 0 };
    uint64_t values[128];

    for (unsigned width = 0; width < 256; width++) {
        struct vlt_reader r =
            vlt_reader_over(vlt_slice_of(bytes, sizeof bytes));
        bool known = width <= 56 || width == 64;

        bytes[0] = (uint8_t)width;
        assert_int_equal(vlt_pack_get(&r, values, 128) == NULL, known);
    }
}

static void
zigzag_keeps_small_differences_small(void **state)
{
    assert_int_equal(vlt_zigzag(0), 0);
    assert_int_equal(vlt_zigzag((uint64_t)-1), 1);
    assert_int_equal(vlt_zigzag(1), 2);
    assert_int_equal(vlt_zigzag((uint64_t)INT64_MIN), UINT64_MAX);
    assert_int_equal(vlt_unzigzag(vlt_zigzag((uint64_t)INT64_MIN)),
                     (uint64_t)INT64_MIN);
    assert_int_equal(vlt_unzigzag(vlt_zigzag(12345)), 12345);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_width_and_length_comes_back),
        cmocka_unit_test(no_width_between_56_and_64_is_written),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(an_unused_bit_is_noticed),
        cmocka_unit_test(a_width_that_does_not_exist_is_noticed),
        cmocka_unit_test(zigzag_keeps_small_differences_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
