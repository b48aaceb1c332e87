/* Rows that are cut to a range where they lie, or change hands. */
#include "wire/rows.h"

#include "unit.h"

enum { F64, TEXT, COLUMNS, ROWS = 45 };

static const struct vlt_field fields[] = {
    { 2, VLT_TYPE_F64 },
    { 5, VLT_TYPE_TEXT },
};

/* Rows of the times first to first + count - 1, each seventh without a text
 * and, with gaps, each third without a number. */
static struct vlt_rows *
some_rows(int64_t first, size_t count, bool gaps)
{
    struct vlt_schema schema = { .fields = fields, .count = COLUMNS };
    struct vlt_rows *rows = NULL;

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    for (size_t i = 0; i < count; i++) {
        char text[] = { (char)('a' + i % 26), '\0' };

        assert_int_equal(vlt_rows_add(rows, first + (int64_t)i), VLT_OK);
        if (!gaps || i % 3 != 0) {
            vlt_rows_set(rows, F64, vlt_bits_of((double)i));
        }
        if (i % 7 != 0) {
            assert_int_equal(
                vlt_rows_set_text(rows, TEXT, vlt_slice_text(text)), VLT_OK);
        }
    }
    return rows;
}

static size_t
cells_of(const struct vlt_rows *rows, size_t column)
{
    size_t count = 0;

    for (size_t i = 0; i < vlt_rows_count(rows); i++) {
        count += vlt_rows_has(rows, i, column);
    }
    return count;
}

/* Are they the range's, and do their columns count what they have? */
static void
assert_range(const struct vlt_rows *rows, const struct vlt_rows *all,
             struct vlt_range range)
{
    assert_int_equal(vlt_rows_count(rows), range.count);
    for (size_t i = 0; i < range.count; i++) {
        assert_true(vlt_rows_equal(rows, i, all, range.from + i));
    }
    for (size_t c = 0; c < COLUMNS; c++) {
        assert_int_equal(vlt_rows_column(rows, c).present, cells_of(rows, c));
    }
}

static void
each_range_is_what_is_kept(void **state)
{
    for (size_t from = 0; from <= ROWS; from++) {
        for (size_t count = 0; from + count <= ROWS; count++) {
            struct vlt_range range = { .from = from, .count = count };
            struct vlt_rows *all = some_rows(0, ROWS, true);
            struct vlt_rows *rows = some_rows(0, ROWS, true);

            vlt_rows_keep(rows, range);
            assert_range(rows, all, range);
            vlt_rows_free(rows);
            vlt_rows_free(all);
        }
    }
}

static void
what_was_kept_can_grow_be_cut_again_and_be_cleared(void **state)
{
    struct vlt_rows *all = some_rows(0, ROWS, true);
    struct vlt_rows *more = some_rows(ROWS, ROWS, false);
    struct vlt_rows *rows = some_rows(0, ROWS, true);
    struct vlt_range range = { .from = 11, .count = 20 };

    vlt_rows_keep(rows, range);
    assert_int_equal(vlt_rows_append(rows, more, vlt_rows_all(more)), VLT_OK);
    assert_int_equal(vlt_rows_count(rows), 20 + ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        assert_true(vlt_rows_equal(rows, 20 + i, more, i));
    }
    range.from = 3;
    range.count = 15;
    vlt_rows_keep(rows, range);
    range.from += 11;
    assert_range(rows, all, range);
    vlt_rows_clear(rows);
    assert_int_equal(vlt_rows_append(rows, all, vlt_rows_all(all)), VLT_OK);
    assert_range(rows, all, vlt_rows_all(all));
    vlt_rows_free(rows);
    vlt_rows_free(more);
    vlt_rows_free(all);
}

static void
rows_can_be_sorted_once_cut(void **state)
{
    struct vlt_rows *all = some_rows(0, ROWS, true);
    struct vlt_rows *rows = some_rows(0, ROWS, true);

    assert_int_equal(vlt_rows_append(rows, all, vlt_rows_all(all)), VLT_OK);
    vlt_rows_keep(rows, (struct vlt_range){ .from = ROWS - 1, .count = 9 });
    assert_int_equal(vlt_rows_sort(rows), VLT_OK);
    assert_true(vlt_rows_equal(rows, 8, all, ROWS - 1));
    vlt_rows_keep(rows, (struct vlt_range){ .from = 0, .count = 8 });
    assert_range(rows, all, (struct vlt_range){ .from = 0, .count = 8 });
    vlt_rows_free(rows);
    vlt_rows_free(all);
}

/* Eight rows fill their store, so what is dropped there leaves no room. */
static void
rows_that_fill_their_store_can_be_cut_twice_and_grow(void **state)
{
    struct vlt_rows *all = some_rows(0, 8, true);
    struct vlt_rows *rows = some_rows(0, 8, true);
    size_t held = vlt_rows_memory(rows);

    vlt_rows_keep(rows, (struct vlt_range){ .from = 1, .count = 7 });
    vlt_rows_keep(rows, (struct vlt_range){ .from = 1, .count = 6 });
    assert_range(rows, all, (struct vlt_range){ .from = 2, .count = 6 });
    assert_int_equal(vlt_rows_memory(rows), held);
    assert_int_equal(vlt_rows_append(rows, all, vlt_rows_all(all)), VLT_OK);
    vlt_rows_keep(rows, (struct vlt_range){ .from = 6, .count = 8 });
    assert_range(rows, all, vlt_rows_all(all));
    vlt_rows_free(rows);
    vlt_rows_free(all);
}

static void
rows_that_fill_their_store_can_be_cut_and_sorted(void **state)
{
    struct vlt_rows *all = some_rows(0, 4, true);
    struct vlt_rows *rows = some_rows(4, 4, true);

    assert_int_equal(vlt_rows_append(rows, all, vlt_rows_all(all)), VLT_OK);
    vlt_rows_keep(rows, (struct vlt_range){ .from = 1, .count = 7 });
    assert_int_equal(vlt_rows_sort(rows), VLT_OK);
    vlt_rows_keep(rows, (struct vlt_range){ .from = 0, .count = 4 });
    assert_range(rows, all, vlt_rows_all(all));
    vlt_rows_free(rows);
    vlt_rows_free(all);
}

static void
any_range_is_appended_at_any_place(void **state)
{
    struct vlt_rows *all = some_rows(0, ROWS, true);

    for (size_t place = 0; place < 17; place++) {
        for (size_t from = 0; from < 17; from++) {
            struct vlt_range range = { .from = from, .count = ROWS - from };
            struct vlt_rows *rows = some_rows(0, place, true);

            for (size_t cut = 1; range.count > 0; cut++) {
                struct vlt_range part = {
                    .from = range.from,
                    .count = cut < range.count ? cut : range.count,
                };

                assert_int_equal(vlt_rows_append(rows, all, part), VLT_OK);
                range.from += part.count;
                range.count -= part.count;
            }
            vlt_rows_keep(rows, (struct vlt_range){ .from = place,
                                                    .count = ROWS - from });
            assert_range(
                rows, all,
                (struct vlt_range){ .from = from, .count = ROWS - from });
            vlt_rows_free(rows);
        }
    }
    vlt_rows_free(all);
}

static void
rows_of_the_same_columns_change_hands(void **state)
{
    struct vlt_rows *all = some_rows(0, ROWS, true);
    struct vlt_rows *few = some_rows(9, 3, false);
    struct vlt_rows *a = some_rows(0, ROWS, true);
    struct vlt_rows *b = some_rows(9, 3, false);

    assert_true(vlt_rows_swap(a, b));
    assert_range(a, few, vlt_rows_all(few));
    assert_range(b, all, vlt_rows_all(all));
    vlt_rows_free(a);
    vlt_rows_free(b);
    vlt_rows_free(few);
    vlt_rows_free(all);
}

static void
rows_of_other_columns_do_not(void **state)
{
    static const struct vlt_field other[] = { { 2, VLT_TYPE_F64 },
                                              { 5, VLT_TYPE_JSON } };
    struct vlt_schema schema = { .fields = other, .count = 2 };
    struct vlt_rows *few = some_rows(9, 3, false);
    struct vlt_rows *a = some_rows(9, 3, false);
    struct vlt_rows *b = NULL;

    assert_int_equal(vlt_rows_new(&schema, &b), VLT_OK);
    assert_false(vlt_rows_swap(a, b));
    assert_range(a, few, vlt_rows_all(few));
    assert_int_equal(vlt_rows_count(b), 0);
    vlt_rows_free(a);
    vlt_rows_free(b);
    schema.count = 1;
    a = some_rows(9, 3, false);
    assert_int_equal(vlt_rows_new(&schema, &b), VLT_OK);
    assert_false(vlt_rows_swap(a, b));
    assert_range(a, few, vlt_rows_all(few));
    vlt_rows_free(a);
    vlt_rows_free(b);
    vlt_rows_free(few);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_range_is_what_is_kept),
        cmocka_unit_test(what_was_kept_can_grow_be_cut_again_and_be_cleared),
        cmocka_unit_test(rows_can_be_sorted_once_cut),
        cmocka_unit_test(rows_that_fill_their_store_can_be_cut_twice_and_grow),
        cmocka_unit_test(rows_that_fill_their_store_can_be_cut_and_sorted),
        cmocka_unit_test(any_range_is_appended_at_any_place),
        cmocka_unit_test(rows_of_the_same_columns_change_hands),
        cmocka_unit_test(rows_of_other_columns_do_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
