/* What rows do several at a time, at the edges of how many. */
#include "wire/rows.h"

#include "unit.h"

#include "base/time.h"

static const struct vlt_field field[] = { { 3, VLT_TYPE_I64 } };

/* Rows of which each has a cell, or every third. */
static struct vlt_rows *
rows_of(size_t count, bool whole)
{
    struct vlt_schema schema = { .fields = field, .count = 1 };
    struct vlt_rows *rows = NULL;

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(vlt_rows_add(rows, (int64_t)i), VLT_OK);
        if (whole || i % 3 == 0) {
            vlt_rows_set(rows, 0, i);
        }
    }
    return rows;
}

/* Rows [from, from + count) of whole ones behind `at` others. */
static void
come_over(size_t at, size_t from, size_t count)
{
    struct vlt_rows *whole = rows_of(50, true);
    struct vlt_rows *rows = rows_of(at, false);
    size_t present = vlt_rows_column(rows, 0).present;

    assert_int_equal(
        vlt_rows_append(rows, whole, (struct vlt_range){ from, count }),
        VLT_OK);
    assert_int_equal(vlt_rows_add(rows, 1000), VLT_OK);
    for (size_t i = 0; i < at; i++) {
        assert_int_equal(vlt_rows_has(rows, i, 0), i % 3 == 0);
    }
    for (size_t i = 0; i < count; i++) {
        assert_true(vlt_rows_equal(rows, at + i, whole, from + i));
    }
    assert_false(vlt_rows_has(rows, at + count, 0));
    assert_int_equal(vlt_rows_column(rows, 0).present, present + count);
    vlt_rows_free(rows);
    vlt_rows_free(whole);
}

static void
cells_come_over_to_any_place_from_any_place(void **state)
{
    for (size_t at = 0; at < 18; at++) {
        for (size_t count = 1; count < 34; count++) {
            come_over(at, at / 2, count);
        }
    }
}

static void
a_time_that_goes_back_is_seen_wherever_it_is(void **state)
{
    enum { COUNT = 300 };

    for (size_t at = 1; at < COUNT; at++) {
        struct vlt_rows *rows = rows_of(0, true);

        for (size_t i = 0; i < COUNT; i++) {
            assert_int_equal(
                vlt_rows_add(rows, i < at ? VLT_TIME_MAX - 1 : VLT_TIME_MIN),
                VLT_OK);
        }
        assert_false(vlt_rows_sorted(rows));
        assert_int_equal(vlt_rows_sort(rows), VLT_OK);
        assert_true(vlt_rows_sorted(rows));
        vlt_rows_free(rows);
    }
}

/* A range of rows, kept, and what is added then. */
static void
keep(bool whole, struct vlt_range range)
{
    struct vlt_rows *rows = rows_of(40, whole);
    struct vlt_rows *wanted = NULL;

    assert_int_equal(vlt_rows_slice(rows, range, &wanted), VLT_OK);
    vlt_rows_keep(rows, range);
    for (size_t i = 0; i < 9; i++) {
        assert_int_equal(vlt_rows_add(rows, 1000), VLT_OK);
        assert_int_equal(vlt_rows_add(wanted, 1000), VLT_OK);
    }
    assert_true(vlt_rows_same(rows, wanted));
    assert_int_equal(vlt_rows_column(rows, 0).present,
                     vlt_rows_column(wanted, 0).present);
    vlt_rows_free(wanted);
    vlt_rows_free(rows);
}

static void
any_range_can_be_kept(void **state)
{
    for (size_t from = 0; from <= 40; from++) {
        for (size_t count = 0; from + count <= 40; count++) {
            keep(true, (struct vlt_range){ from, count });
            keep(false, (struct vlt_range){ from, count });
        }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_come_over_to_any_place_from_any_place),
        cmocka_unit_test(any_range_can_be_kept),
        cmocka_unit_test(a_time_that_goes_back_is_seen_wherever_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
