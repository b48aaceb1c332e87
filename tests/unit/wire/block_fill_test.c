#include "wire/block.h"

#include <stdlib.h>

#include "block_rows.h"

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

/* What stands in the buffer stays, whether all of a few rows fit, some, or
 * none. */
static void
a_few_rows_go_behind_what_the_buffer_has(void **state)
{
    struct vlt_rows *rows = noisy_rows(50);
    struct vlt_buf alone = { 0 };
    struct vlt_buf buf = { 0 };
    size_t taken = 0;

    assert_int_equal(vlt_block_encode(rows, vlt_rows_all(rows), 0, &alone),
                     VLT_OK);
    vlt_buf_put_text(&buf, "head");
    assert_int_equal(
        vlt_block_fill(rows, vlt_rows_all(rows), CHUNK, &buf, &taken), VLT_OK);
    assert_int_equal(taken, 50);
    assert_int_equal(buf.len, 4 + alone.len);
    assert_memory_equal(buf.at, "head", 4);
    assert_memory_equal(buf.at + 4, alone.at, alone.len);

    buf.len = 4;
    assert_int_equal(
        vlt_block_fill(rows, vlt_rows_all(rows), alone.len - 1, &buf, &taken),
        VLT_OK);
    assert_true(taken > 0 && taken < 50);
    assert_true(buf.len < 4 + alone.len);
    assert_memory_equal(buf.at, "head", 4);

    buf.len = 4;
    assert_int_equal(vlt_block_fill(rows, vlt_rows_all(rows), 20, &buf, &taken),
                     VLT_E_LIMIT);
    assert_int_equal(buf.len, 4);
    vlt_buf_free(&buf);
    vlt_buf_free(&alone);
    vlt_rows_free(rows);
}

/* A buffer that holds no more than some of them gets those. */
static void
a_few_rows_fill_a_buffer_with_a_bound(void **state)
{
    struct vlt_rows *rows = noisy_rows(50);
    struct vlt_buf buf;
    size_t taken = 0;

    vlt_buf_init(&buf, 80);
    assert_int_equal(vlt_block_fill(rows, vlt_rows_all(rows), 80, &buf, &taken),
                     VLT_OK);
    assert_true(taken > 0 && taken < 50);
    assert_true(buf.len <= 80);
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

/* Texts of 10 MiB, of which zstd makes next to nothing: what they are when they
 * are decoded ends the block. */
static void
the_decoded_size_ends_a_block(void **state)
{
    struct vlt_rows *rows = block_rows_of(VLT_TYPE_TEXT);
    char *words = calloc(1, VLT_VALUE_MAX + 1);
    struct vlt_buf buf = { 0 };
    size_t taken = 0;

    assert_non_null(words);
    memset(words, 'x', VLT_VALUE_MAX);
    for (int i = 0; i < 40; i++) {
        words[i] = 'y';
        block_add_text(rows, words);
    }
    assert_int_equal(
        vlt_block_fill(rows, vlt_rows_all(rows), CHUNK, &buf, &taken), VLT_OK);
    assert_int_equal(taken, 31);
    free(words);
    vlt_buf_free(&buf);
    vlt_rows_free(rows);
}

/* Columns of a household: all that the vault sees, at different rates. */
static struct vlt_rows *
wide_rows(size_t count, size_t columns)
{
    struct vlt_field fields[VLT_COLUMNS_MAX];
    struct vlt_schema schema = { fields, columns };
    struct vlt_rows *rows = NULL;
    uint64_t x = 1;

    for (size_t c = 0; c < columns; c++) {
        fields[c] = (struct vlt_field){ (uint8_t)c, VLT_TYPE_F64 };
    }
    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    for (size_t i = 0; i < count; i++) {
        block_add(rows);
        for (size_t c = 0; c < columns; c++) {
            if (i % (c + 1) == 0) {
                vlt_rows_set(rows, c,
                             vlt_bits_of((double)(block_draw(&x) % 900) / 10));
            }
        }
    }
    return rows;
}

/* Blocks one after the other, until all rows are in one. */
static void
blocks_hold_all(const struct vlt_rows *rows, size_t max)
{
    size_t count = vlt_rows_count(rows);
    size_t taken = 0;

    for (size_t done = 0; done < count; done += taken) {
        struct vlt_buf buf = { 0 };

        assert_int_equal(
            vlt_block_fill(rows, (struct vlt_range){ done, count - done }, max,
                           &buf, &taken),
            VLT_OK);
        assert_true(buf.len <= max);
        assert_true(buf.len > max - max / 32 || done + taken == count);
        struct vlt_rows *part = block_decoded(vlt_buf_slice(&buf));

        assert_int_equal(vlt_rows_count(part), taken);
        for (size_t i = 0; i < taken; i++) {
            assert_true(vlt_rows_equal(part, i, rows, done + i));
        }
        vlt_rows_free(part);
        vlt_buf_free(&buf);
    }
}

static void
wide_rows_are_filled_into_blocks(void **state)
{
    struct vlt_rows *rows = wide_rows(6000, 40);

    blocks_hold_all(rows, CHUNK);
    vlt_rows_free(rows);
}

/* Where the rest is of another kind: noise behind decimals, steps of
 * nanoseconds behind steps of seconds. */
static void
rows_that_change_their_kind_are_filled_into_blocks(void **state)
{
    for (size_t at = 500; at < 12000; at += 2300) {
        struct vlt_rows *rows = block_rows_of(VLT_TYPE_F64);
        uint64_t x = 1;
        int64_t time = 0;

        for (size_t i = 0; i < 16000; i++) {
            uint64_t noise = block_draw(&x);
            double decimal = (double)(noise % 1000) / 10;

            assert_int_equal(vlt_rows_add(rows, time), VLT_OK);
            vlt_rows_set(rows, 0,
                         i > at && i % 3 == 0 ? noise : vlt_bits_of(decimal));
            time += VLT_SECOND + (i > at ? (int64_t)(noise & 0xffff) : 0);
        }
        blocks_hold_all(rows, CHUNK);
        vlt_rows_free(rows);
    }
}

/* Stamps of milliseconds up to a row, and of nanoseconds behind it, where all
 * times need 20 bits more: what comes before is not packed as what follows. */
static void
a_finer_unit_behind_does_not_spoil_a_block(void **state)
{
    struct vlt_rows *rows = block_rows_of(VLT_TYPE_I64);
    struct vlt_buf buf = { 0 };
    uint64_t x = 1;
    size_t taken = 0;

    for (int64_t i = 0; i < 20000; i++) {
        int64_t late = (int64_t)(block_draw(&x) % (i < 9000 ? 4 : 4000000));

        assert_int_equal(
            vlt_rows_add(rows,
                         i * VLT_SECOND + (i < 9000 ? late * 1000000 : late)),
            VLT_OK);
        vlt_rows_set(rows, 0, block_draw(&x) % 1000);
    }
    assert_int_equal(
        vlt_block_fill(rows, vlt_rows_all(rows), CHUNK, &buf, &taken), VLT_OK);
    assert_in_range(taken, 8990, 9010);
    vlt_buf_free(&buf);
    vlt_rows_free(rows);
}

static void
squeezed_texts_are_filled_into_blocks(void **state)
{
    struct vlt_rows *rows = block_rows_of(VLT_TYPE_TEXT);
    uint64_t x = 1;
    char words[64];

    for (size_t i = 0; i < 8000; i++) {
        snprintf(words, sizeof words, "request %x took %u us",
                 (unsigned)(block_draw(&x) & 0xffffff),
                 (unsigned)(block_draw(&x) % 90000));
        block_add_text(rows, words);
    }
    blocks_hold_all(rows, CHUNK);
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
        cmocka_unit_test(a_few_rows_go_behind_what_the_buffer_has),
        cmocka_unit_test(a_few_rows_fill_a_buffer_with_a_bound),
        cmocka_unit_test(a_range_over_the_limits_is_filled_up_to_them),
        cmocka_unit_test(the_decoded_size_ends_a_block),
        cmocka_unit_test(wide_rows_are_filled_into_blocks),
        cmocka_unit_test(rows_that_change_their_kind_are_filled_into_blocks),
        cmocka_unit_test(a_finer_unit_behind_does_not_spoil_a_block),
        cmocka_unit_test(squeezed_texts_are_filled_into_blocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
