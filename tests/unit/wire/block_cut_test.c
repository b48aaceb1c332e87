#include "wire/block_internal.h"

#include "block_rows.h"

enum {
    ROWS = 300,
    COLUMNS = 8,
};

static const struct vlt_field fields[COLUMNS] = {
    { 0, VLT_TYPE_F64 },  { 1, VLT_TYPE_F64 },  { 2, VLT_TYPE_I64 },
    { 3, VLT_TYPE_I64 },  { 4, VLT_TYPE_BOOL }, { 5, VLT_TYPE_TEXT },
    { 6, VLT_TYPE_BOOL }, { 7, VLT_TYPE_I64 },
};

static const struct vlt_schema schema = { fields, COLUMNS };

/* A value for each column; the last begins late. */
static void
set_cells(struct vlt_rows *rows, int i, uint64_t *x)
{
    static const char *const words[] = { "open", "closed", "tilted" };
    double noise = i % 40 == 39 ? -0.0 : (double)(block_draw(x) % 100) / 10;

    vlt_rows_set(rows, 0, vlt_bits_of(noise));
    if (i % 3 != 1) {
        vlt_rows_set(rows, 1, vlt_bits_of(i / 8.0));
    }
    vlt_rows_set(rows, 2, block_draw(x) % 1000);
    if (i % 5 == 0) {
        vlt_rows_set(rows, 3, block_draw(x));
    }
    vlt_rows_set(rows, 4, block_draw(x) & 1);
    if (i % 2 == 0) {
        assert_int_equal(
            vlt_rows_set_text(rows, 5, vlt_slice_text(words[i * i % 3])),
            VLT_OK);
    }
    if (i % 7 == 0) {
        vlt_rows_set(rows, 6, 1);
    }
    if (i >= 200) {
        vlt_rows_set(rows, 7, (uint64_t)i);
    }
}

/* kind: of the steps between times. */
static struct vlt_rows *
rich_rows(int kind)
{
    struct vlt_rows *rows = NULL;
    uint64_t x = 1;
    int64_t time = 0;

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    for (int i = 0; i < ROWS; i++) {
        assert_int_equal(vlt_rows_add(rows, time), VLT_OK);
        set_cells(rows, i, &x);
        time += kind == 0   ? VLT_SECOND
                : kind == 1 ? VLT_SECOND + (int64_t)(block_draw(&x) % 5)
                            : i * INT64_C(1000) + (int64_t)(block_draw(&x) % 2);
    }
    return rows;
}

/* The block of the first rows that fit, which it must be. */
static size_t
cut_holds(const struct vlt_rows *rows, struct vlt_slice block, size_t max)
{
    struct vlt_buf cut = { 0 };
    size_t count = block_cut(block, max, &cut);

    if (count == 0) {
        assert_int_equal(cut.len, 0);
        return 0;
    }
    assert_true(cut.len <= max);
    struct vlt_rows *part = block_decoded(vlt_buf_slice(&cut));

    assert_int_equal(vlt_rows_count(part), count);
    for (size_t i = 0; i < count; i++) {
        assert_true(vlt_rows_equal(part, i, rows, i));
    }
    vlt_rows_free(part);
    vlt_buf_free(&cut);
    return count;
}

/* Each byte more leaves as many rows or one more, up to all of them. */
static void
as_many_rows_stay_as_fit(void **state)
{
    for (int kind = 0; kind < 3; kind++) {
        struct vlt_rows *rows = rich_rows(kind);
        struct vlt_buf block = block_encoded(rows);
        size_t count = 0;

        assert_true(block_may_cut(vlt_buf_slice(&block)));
        for (size_t max = 0; max <= block.len; max++) {
            size_t more = cut_holds(rows, vlt_buf_slice(&block), max);

            assert_true(more >= count && more <= count + 8);
            count = more;
        }
        assert_int_equal(count, ROWS);
        vlt_buf_free(&block);
        vlt_rows_free(rows);
    }
}

/* The codings that the rows above are meant to have. */
static void
all_codings_that_can_be_cut_are_tried(void **state)
{
    static const uint8_t expected[COLUMNS] = { 2, 1, 2, 3, 1, 3, 0, 1 };
    static const uint8_t times[] = { 1, 2, 3 };

    for (int kind = 0; kind < 3; kind++) {
        struct vlt_rows *rows = rich_rows(kind);
        struct vlt_buf block = block_encoded(rows);

        assert_int_equal(block.at[3] & 15, times[kind]);
        for (size_t c = 0; c < COLUMNS; c++) {
            assert_int_equal(block.at[25 + 8 * c] & 15, expected[c]);
        }
        assert_int_equal(block.at[27], 2); /* patches */
        vlt_buf_free(&block);
        vlt_rows_free(rows);
    }
}

static void
a_column_without_a_value_is_left_out_of_a_cut(void **state)
{
    struct vlt_rows *rows = rich_rows(0);
    struct vlt_buf block = block_encoded(rows);
    struct vlt_buf cut = { 0 };
    struct vlt_block_head head;

    assert_true(block_cut(vlt_buf_slice(&block), block.len / 2, &cut) > 100);
    assert_int_equal(vlt_block_peek(vlt_buf_slice(&cut), NULL, &head), VLT_OK);
    assert_int_equal(head.columns, COLUMNS - 1);
    vlt_buf_free(&cut);
    vlt_buf_free(&block);
    vlt_rows_free(rows);
}

/* Neither planes nor texts can be cut. */
static void
what_cannot_be_cut_is_left_alone(void **state)
{
    for (int kind = 0; kind < 3; kind++) {
        struct vlt_rows *rows =
            block_rows_of(kind == 0 ? VLT_TYPE_F64 : VLT_TYPE_TEXT);
        struct vlt_buf cut = { 0 };
        uint64_t x = 1;
        char words[64];

        for (int i = 0; i < (kind == 2 ? 10 : 200); i++) {
            snprintf(words, sizeof words, "row %d of the block", i);
            if (kind == 0) {
                block_add_bits(rows, block_draw(&x) >> 32 | UINT64_C(1) << 62);
            } else {
                block_add_text(rows, words);
            }
        }
        struct vlt_buf block = block_encoded(rows);
        struct vlt_slice bytes = vlt_buf_slice(&block);

        assert_false(block_may_cut(bytes));
        assert_int_equal(block_cut(bytes, block.len, &cut), 0);
        assert_int_equal(cut.len, 0);
        vlt_buf_free(&block);
        vlt_rows_free(rows);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_rows_stay_as_fit),
        cmocka_unit_test(all_codings_that_can_be_cut_are_tried),
        cmocka_unit_test(a_column_without_a_value_is_left_out_of_a_cut),
        cmocka_unit_test(what_cannot_be_cut_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
