#include "wire/block.h"

#include "block_rows.h"

#include "wire/block_internal.h"

enum {
    CHUNK = 16368, /* bytes of a chunk's record */
};

static struct vlt_rows *
noisy_rows(size_t count)
{
    struct vlt_field field = { 0, VLT_TYPE_F64 };
    struct vlt_schema schema = { .fields = &field, .count = 1 };
    struct vlt_rows *rows = NULL;
    uint64_t x = 88172645463325252;

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    for (size_t i = 0; i < count; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        assert_int_equal(vlt_rows_add(rows, (int64_t)i * VLT_SECOND), VLT_OK);
        vlt_rows_set(rows, 0, vlt_bits_of((double)(x % 1000) / 10));
    }
    return rows;
}

static void
as_many_rows_as_fit_are_taken(void **state)
{
    struct vlt_rows *rows = noisy_rows(60000);
    size_t done = 0;

    while (done < 60000) {
        struct vlt_buf buf = { 0 };
        struct vlt_rows *part = NULL;
        size_t taken = 0;

        assert_int_equal(
            vlt_block_fill(rows, (struct vlt_range){ done, 60000 - done },
                           CHUNK, &buf, &taken),
            VLT_OK);
        assert_true(buf.len <= CHUNK);
        assert_true(buf.len > CHUNK - CHUNK / 32 || done + taken == 60000);
        assert_int_equal(vlt_block_decode(vlt_buf_slice(&buf), VLT_BLOCK_DISK,
                                          NULL, NULL, &part),
                         VLT_OK);
        assert_int_equal(vlt_rows_count(part), taken);
        assert_true(vlt_rows_equal(part, taken - 1, rows, done + taken - 1));
        vlt_rows_free(part);
        vlt_buf_free(&buf);
        done += taken;
    }
    vlt_rows_free(rows);
}

static void
all_rows_are_taken_where_they_fit(void **state)
{
    struct vlt_rows *rows = noisy_rows(100);
    struct vlt_buf buf = { 0 };
    size_t taken = 0;

    assert_int_equal(
        vlt_block_fill(rows, vlt_rows_all(rows), CHUNK, &buf, &taken), VLT_OK);
    assert_int_equal(taken, 100);
    vlt_buf_free(&buf);
    vlt_rows_free(rows);
}

static void
one_row_that_does_not_fit_is_refused(void **state)
{
    struct vlt_rows *rows = noisy_rows(50);
    struct vlt_buf buf = { 0 };
    size_t taken = 0;

    assert_int_equal(vlt_block_fill(rows, vlt_rows_all(rows), 39, &buf, &taken),
                     VLT_E_LIMIT);
    assert_int_equal(buf.len, 0);
    assert_int_equal(vlt_block_fill(rows, vlt_rows_all(rows), 40, &buf, &taken),
                     VLT_OK);
    assert_int_equal(taken, 1);
    vlt_buf_free(&buf);
    vlt_rows_free(rows);
}

/* A long text in the middle, of which zstd makes little: what comes before it
 * still fits. */
static void
a_row_too_large_ends_the_block_before_it(void **state)
{
    static uint8_t words[VLT_VALUE_MAX];
    uint64_t x = 1;
    struct vlt_field field = { 0, VLT_TYPE_TEXT };
    struct vlt_schema schema = { .fields = &field, .count = 1 };
    struct vlt_rows *rows = NULL;
    struct vlt_buf buf = { 0 };
    size_t taken = 0;

    for (size_t i = 0; i < sizeof words; i++) {
        words[i] = (uint8_t)('!' + block_draw(&x) % 90);
    }
    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    for (int64_t i = 0; i < 3000; i++) {
        assert_int_equal(vlt_rows_add(rows, i), VLT_OK);
        assert_int_equal(
            vlt_rows_set_text(
                rows, 0, vlt_slice_of(words, i == 1234 ? sizeof words : 1)),
            VLT_OK);
    }
    assert_int_equal(
        vlt_block_fill(rows, vlt_rows_all(rows), CHUNK, &buf, &taken), VLT_OK);
    assert_int_equal(taken, 1234);
    vlt_buf_free(&buf);
    vlt_rows_free(rows);
}

static void
a_range_over_the_limits_is_filled_up_to_them(void **state)
{
    struct vlt_rows *rows = noisy_rows(70000);
    struct vlt_buf buf = { 0 };
    size_t taken = 0;

    assert_int_equal(vlt_block_encode(rows, vlt_rows_all(rows), 0, &buf),
                     VLT_E_LIMIT);
    assert_int_equal(
        vlt_block_fill(rows, vlt_rows_all(rows), VLT_BLOCK_MAX, &buf, &taken),
        VLT_OK);
    assert_int_equal(taken, VLT_BLOCK_ROWS);
    vlt_buf_free(&buf);
    vlt_rows_free(rows);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_rows_as_fit_are_taken),
        cmocka_unit_test(all_rows_are_taken_where_they_fit),
        cmocka_unit_test(one_row_that_does_not_fit_is_refused),
        cmocka_unit_test(a_row_too_large_ends_the_block_before_it),
        cmocka_unit_test(a_range_over_the_limits_is_filled_up_to_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
