/* Blocks decoded behind rows that are there. */
#include "wire/block.h"

#include "unit.h"

#include "base/time.h"

static const struct vlt_field numbers[] = { { 0, VLT_TYPE_F64 },
                                            { 3, VLT_TYPE_I64 },
                                            { 4, VLT_TYPE_BOOL } };
static const struct vlt_field all[] = { { 0, VLT_TYPE_F64 },
                                        { 3, VLT_TYPE_I64 },
                                        { 4, VLT_TYPE_BOOL },
                                        { 7, VLT_TYPE_TEXT },
                                        { 255, VLT_TYPE_I64 } };

enum { NUMBERS = 3, TEXT = 3, ALL = 5, COUNT = 200 };

static struct vlt_rows *
no_rows(const struct vlt_field *fields, size_t columns)
{
    struct vlt_schema schema = { .fields = fields, .count = columns };
    struct vlt_rows *rows = NULL;

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    return rows;
}

/* Rows at 0, 10, 20, …; with gaps every fifth lacks its integer. */
static struct vlt_rows *
rows_of(size_t columns, size_t count, bool gaps)
{
    struct vlt_rows *rows = no_rows(columns > NUMBERS ? all : numbers, columns);

    for (size_t i = 0; i < count; i++) {
        assert_int_equal(vlt_rows_add(rows, (int64_t)i * 10), VLT_OK);
        vlt_rows_set(rows, 0, vlt_bits_of((double)(i % 7) / 4));
        if (!gaps || i % 5 != 0) {
            vlt_rows_set(rows, 1, i * i);
        }
        vlt_rows_set(rows, 2, i % 2);
        if (columns == ALL) {
            assert_int_equal(
                vlt_rows_set_text(rows, TEXT, vlt_slice_text("a text")),
                VLT_OK);
            vlt_rows_set(rows, ALL - 1, i);
        }
    }
    return rows;
}

static struct vlt_buf
block_of(const struct vlt_rows *rows)
{
    struct vlt_buf block = { 0 };

    assert_int_equal(vlt_block_encode(rows, vlt_rows_all(rows), 0, &block),
                     VLT_OK);
    return block;
}

/* What stands behind `before` rows is what picking gives. */
static void
assert_appended(const struct vlt_rows *rows, size_t before,
                const struct vlt_rows *from, struct vlt_block_window window)
{
    size_t first = vlt_rows_seek(from, window.from);
    size_t end = vlt_rows_seek(from, window.to);
    struct vlt_rows *wanted = NULL;

    end = end > first ? end : first;
    assert_int_equal(
        vlt_rows_slice(rows, (struct vlt_range){ 0, before }, &wanted), VLT_OK);
    assert_int_equal(
        vlt_rows_pick(wanted, from, (struct vlt_range){ first, end - first }),
        VLT_OK);
    assert_true(vlt_rows_same(rows, wanted));
    for (size_t c = 0; c < vlt_rows_columns(rows); c++) {
        assert_int_equal(vlt_rows_column(rows, c).present,
                         vlt_rows_column(wanted, c).present);
    }
    vlt_rows_free(wanted);
}

static void
append_to(size_t to, size_t from, bool gaps)
{
    static const struct vlt_block_window windows[] = {
        { VLT_TIME_MIN, VLT_TIME_MAX },
        { 10, 1990 },
        { 11, 1989 },
        { 500, 510 },
        { 511, 519 },
        { 700, 600 },
        { 1990, VLT_TIME_MAX },
        { 5000, 6000 },
        { VLT_TIME_MIN, 0 },
        { VLT_TIME_MIN, 1 },
    };
    struct vlt_rows *given = rows_of(from, COUNT, gaps);
    struct vlt_rows *spare = NULL;
    struct vlt_buf block = block_of(given);

    for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++) {
        for (size_t before = 0; before < 10; before++) {
            struct vlt_rows *rows = rows_of(to, before, true);

            assert_int_equal(vlt_block_append(vlt_buf_slice(&block),
                                              &windows[i], NULL, &spare, rows),
                             VLT_OK);
            assert_appended(rows, before, given, windows[i]);
            vlt_rows_free(rows);
        }
    }
    vlt_buf_free(&block);
    vlt_rows_free(spare);
    vlt_rows_free(given);
}

static void
rows_of_a_window_come_behind_others(void **state)
{
    append_to(NUMBERS, NUMBERS, false);
    append_to(NUMBERS, NUMBERS, true);
    append_to(NUMBERS, ALL, false);
    append_to(ALL, ALL, true);
    append_to(ALL, NUMBERS, false);
}

/* Blocks with a byte changed, or cut: whatever comes of them, what was there
 * stays, and nothing else is said than by decoding. */
static void
a_damaged_block_changes_nothing(void **state)
{
    static const struct vlt_block_window whole = { VLT_TIME_MIN, VLT_TIME_MAX };
    struct vlt_rows *given = rows_of(NUMBERS, COUNT, false);
    struct vlt_rows *spare = NULL;
    struct vlt_buf block = block_of(given);

    for (size_t i = 0; i < 2 * block.len; i++) {
        struct vlt_rows *rows = rows_of(NUMBERS, 5, true);
        struct vlt_rows *was = rows_of(NUMBERS, 5, true);
        struct vlt_rows *decoded = NULL;
        struct vlt_slice bytes = vlt_buf_slice(&block);
        const char *why = NULL;
        const char *why_too = NULL;

        block.at[i / 2] ^= i % 2 == 0 ? 0x41 : 0;
        bytes.len = i % 2 == 0 ? block.len : i / 2;
        enum vlt_status st =
            vlt_block_append(bytes, &whole, &why, &spare, rows);

        assert_int_equal(st, vlt_block_decode(bytes, VLT_BLOCK_DISK, NULL,
                                              &why_too, &decoded));
        if (st == VLT_OK) {
            assert_appended(rows, 5, decoded, whole);
        } else {
            assert_string_equal(why, why_too);
            assert_true(vlt_rows_same(rows, was));
            assert_int_equal(vlt_rows_column(rows, 0).present, 5);
        }
        block.at[i / 2] ^= i % 2 == 0 ? 0x41 : 0;
        vlt_rows_free(decoded);
        vlt_rows_free(was);
        vlt_rows_free(rows);
    }
    vlt_buf_free(&block);
    vlt_rows_free(spare);
    vlt_rows_free(given);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_a_window_come_behind_others),
        cmocka_unit_test(a_damaged_block_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
