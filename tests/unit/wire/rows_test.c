#include "wire/rows.h"

#include <stdio.h>

#include "unit.h"

#include "base/time.h"

static const struct vlt_field mixed[] = {
    { 0, VLT_TYPE_F64 },  { 3, VLT_TYPE_I64 },   { 7, VLT_TYPE_BOOL },
    { 9, VLT_TYPE_TEXT }, { 63, VLT_TYPE_JSON }, { 255, VLT_TYPE_I64 },
};

enum {
    F64,
    I64,
    BOOL,
    TEXT,
    JSON,
    ARRIVAL,
    MIXED,
};

static struct vlt_rows *
rows_of(const struct vlt_field *fields, size_t count)
{
    struct vlt_schema schema = { .fields = fields, .count = count };
    struct vlt_rows *rows = NULL;

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    return rows;
}

static struct vlt_rows *
mixed_rows(void)
{
    return rows_of(mixed, MIXED);
}

static void
add(struct vlt_rows *rows, int64_t time)
{
    assert_int_equal(vlt_rows_add(rows, time), VLT_OK);
}

static void
say(struct vlt_rows *rows, size_t column, const char *text)
{
    assert_int_equal(vlt_rows_set_text(rows, column, vlt_slice_text(text)),
                     VLT_OK);
}

/* Row i at `time`, with some cells absent in turn. */
static void
add_some(struct vlt_rows *rows, int64_t time, unsigned i)
{
    char text[32];

    add(rows, time);
    if (i % 2 == 0) {
        vlt_rows_set(rows, F64, vlt_bits_of(i / 4.0));
    }
    if (i % 3 == 0) {
        vlt_rows_set(rows, I64, (uint64_t)i - 100);
    }
    if (i % 5 != 0) {
        vlt_rows_set(rows, BOOL, i & 1);
    }
    if (i % 7 != 0) {
        snprintf(text, sizeof text, "text %u", i);
        say(rows, TEXT, text);
    }
}

static void
a_new_row_has_no_cell(void **state)
{
    struct vlt_rows *rows = mixed_rows();

    add(rows, 5);
    assert_int_equal(vlt_rows_count(rows), 1);
    for (size_t c = 0; c < MIXED; c++) {
        assert_false(vlt_rows_has(rows, 0, c));
        assert_int_equal(vlt_rows_bits(rows, 0, c), 0);
        assert_int_equal(vlt_rows_column(rows, c).present, 0);
    }
    assert_int_equal(vlt_rows_text(rows, 0, TEXT).len, 0);
    vlt_rows_free(rows);
}

static void
cells_come_back_as_they_were_set(void **state)
{
    struct vlt_rows *rows = mixed_rows();

    add(rows, -1);
    vlt_rows_set(rows, F64, UINT64_C(0x7ff0000000000001));
    vlt_rows_set(rows, I64, (uint64_t)INT64_MIN);
    vlt_rows_set(rows, BOOL, 1);
    say(rows, TEXT, "größer");
    say(rows, JSON, "{\"a\":1}");
    assert_int_equal(vlt_rows_bits(rows, 0, F64), 0x7ff0000000000001);
    assert_int_equal(vlt_rows_bits(rows, 0, I64), (uint64_t)INT64_MIN);
    assert_int_equal(vlt_rows_bits(rows, 0, BOOL), 1);
    assert_true(vlt_slice_is(vlt_rows_text(rows, 0, TEXT), "größer"));
    assert_true(vlt_slice_is(vlt_rows_text(rows, 0, JSON), "{\"a\":1}"));
    assert_int_equal(vlt_rows_times(rows)[0], -1);
    vlt_rows_free(rows);
}

static void
an_empty_text_is_there(void **state)
{
    struct vlt_rows *rows = mixed_rows();

    add(rows, 0);
    say(rows, TEXT, "");
    assert_true(vlt_rows_has(rows, 0, TEXT));
    assert_false(vlt_rows_has(rows, 0, JSON));
    vlt_rows_free(rows);
}

/* Which schemas are none. */
static const struct {
    const char *says;
    struct vlt_field fields[2];
} refused[] = {
    { "an id over 63", { { 0, VLT_TYPE_F64 }, { 64, VLT_TYPE_F64 } } },
    { "an id under 255", { { 0, VLT_TYPE_F64 }, { 254, VLT_TYPE_I64 } } },
    { "arrival that is no i64",
      { { 0, VLT_TYPE_F64 }, { 255, VLT_TYPE_F64 } } },
    { "the same id twice", { { 4, VLT_TYPE_F64 }, { 4, VLT_TYPE_F64 } } },
    { "descending ids", { { 4, VLT_TYPE_F64 }, { 3, VLT_TYPE_F64 } } },
    { "an unknown type", { { 0, VLT_TYPE_F64 }, { 1, (enum vlt_type)5 } } },
};

static void
columns_that_do_not_exist_are_refused(void **state)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct vlt_schema schema = { .fields = refused[i].fields, .count = 2 };
        struct vlt_rows *rows = NULL;

        print_message("%s\n", refused[i].says);
        assert_int_equal(vlt_rows_new(&schema, &rows), VLT_E_FORMAT);
        assert_null(rows);
    }
}

static void
a_time_out_of_range_is_refused(void **state)
{
    struct vlt_rows *rows = mixed_rows();

    assert_int_equal(vlt_rows_add(rows, VLT_TIME_MAX), VLT_E_LIMIT);
    assert_int_equal(vlt_rows_add(rows, VLT_TIME_MIN - 1), VLT_E_LIMIT);
    add(rows, VLT_TIME_MIN);
    add(rows, VLT_TIME_MAX - 1);
    assert_int_equal(vlt_rows_count(rows), 2);
    vlt_rows_free(rows);
}

static void
a_text_over_the_limit_is_refused(void **state)
{
    static uint8_t long_text[VLT_VALUE_MAX + 1];
    struct vlt_rows *rows = mixed_rows();

    add(rows, 0);
    assert_int_equal(
        vlt_rows_set_text(rows, TEXT,
                          vlt_slice_of(long_text, VLT_VALUE_MAX + 1)),
        VLT_E_LIMIT);
    assert_false(vlt_rows_has(rows, 0, TEXT));
    assert_int_equal(
        vlt_rows_set_text(rows, TEXT, vlt_slice_of(long_text, VLT_VALUE_MAX)),
        VLT_OK);
    vlt_rows_free(rows);
}

static void
more_rows_than_may_be_held_are_refused(void **state)
{
    struct vlt_rows *rows = mixed_rows();

    assert_int_equal(vlt_rows_reserve(rows, (size_t)VLT_ROWS_MAX + 1),
                     VLT_E_LIMIT);
    assert_int_equal(vlt_rows_reserve(rows, SIZE_MAX), VLT_E_LIMIT);
    vlt_rows_free(rows);
}

static void
growing_keeps_what_is_there(void **state)
{
    struct vlt_rows *rows = mixed_rows();
    char text[32];

    for (unsigned i = 0; i < 1000; i++) {
        add_some(rows, i, i);
    }
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(text, sizeof text, "text %u", i);
        assert_int_equal(vlt_rows_has(rows, i, F64), i % 2 == 0);
        assert_int_equal(vlt_rows_has(rows, i, I64), i % 3 == 0);
        assert_int_equal(vlt_rows_has(rows, i, BOOL), i % 5 != 0);
        assert_true(
            vlt_slice_is(vlt_rows_text(rows, i, TEXT), i % 7 != 0 ? text : ""));
    }
    assert_int_equal(vlt_rows_column(rows, F64).present, 500);
    vlt_rows_free(rows);
}

static void
a_column_without_gaps_has_no_bitmap(void **state)
{
    struct vlt_rows *rows = mixed_rows();

    add(rows, 0);
    vlt_rows_set(rows, I64, 1);
    assert_null(vlt_rows_column(rows, I64).bitmap);
    assert_non_null(vlt_rows_column(rows, F64).bitmap);
    add(rows, 1);
    assert_non_null(vlt_rows_column(rows, I64).bitmap);
    vlt_rows_set_at(rows, 1, I64, 2);
    assert_null(vlt_rows_column(rows, I64).bitmap);
    vlt_rows_free(rows);
}

static void
a_slice_equals_its_rows(void **state)
{
    struct vlt_rows *rows = mixed_rows();
    struct vlt_rows *part = NULL;

    for (unsigned i = 0; i < 300; i++) {
        add_some(rows, i, i);
    }
    assert_int_equal(vlt_rows_slice(rows, (struct vlt_range){ 13, 101 }, &part),
                     VLT_OK);
    assert_int_equal(vlt_rows_count(part), 101);
    for (size_t i = 0; i < 101; i++) {
        assert_true(vlt_rows_equal(part, i, rows, i + 13));
        assert_false(vlt_rows_equal(part, i, rows, i + 14));
    }
    vlt_rows_free(part);
    vlt_rows_free(rows);
}

static void
parts_appended_make_the_whole(void **state)
{
    struct vlt_rows *rows = mixed_rows();
    struct vlt_rows *whole = mixed_rows();

    for (unsigned i = 0; i < 300; i++) {
        add_some(rows, i, i);
    }
    for (size_t from = 0; from < 300; from += 60) {
        assert_int_equal(
            vlt_rows_append(whole, rows, (struct vlt_range){ from, 60 }),
            VLT_OK);
    }
    assert_true(vlt_rows_same(rows, whole));
    for (size_t c = 0; c < MIXED; c++) {
        assert_int_equal(vlt_rows_column(whole, c).present,
                         vlt_rows_column(rows, c).present);
    }
    assert_int_equal(vlt_rows_size(whole, vlt_rows_all(whole)),
                     vlt_rows_size(rows, vlt_rows_all(rows)));
    vlt_rows_free(whole);
    vlt_rows_free(rows);
}

static void
a_missing_column_is_absent_after_append(void **state)
{
    struct vlt_rows *small = rows_of(mixed + I64, 1);
    struct vlt_rows *rows = mixed_rows();

    add(small, 4);
    vlt_rows_set(small, 0, 77);
    add_some(rows, 1, 1);
    assert_int_equal(vlt_rows_append(rows, small, vlt_rows_all(small)), VLT_OK);
    assert_int_equal(vlt_rows_bits(rows, 1, I64), 77);
    assert_false(vlt_rows_has(rows, 1, F64));
    assert_true(vlt_rows_equal(rows, 1, small, 0));
    assert_true(vlt_rows_equal(small, 0, rows, 1));
    vlt_rows_free(rows);
    vlt_rows_free(small);
}

static void
a_foreign_column_is_refused_or_left_out(void **state)
{
    struct vlt_rows *small = rows_of(mixed + I64, 1);
    struct vlt_rows *rows = mixed_rows();

    add_some(rows, 1, 3);
    assert_int_equal(vlt_rows_append(small, rows, vlt_rows_all(rows)),
                     VLT_E_FORMAT);
    assert_int_equal(vlt_rows_count(small), 0);
    assert_int_equal(vlt_rows_pick(small, rows, vlt_rows_all(rows)), VLT_OK);
    assert_int_equal(vlt_rows_bits(small, 0, 0), vlt_rows_bits(rows, 0, I64));
    vlt_rows_free(rows);
    vlt_rows_free(small);
}

static void
a_column_of_another_type_is_refused(void **state)
{
    static const struct vlt_field other[] = { { 3, VLT_TYPE_F64 } };
    struct vlt_rows *strange = rows_of(other, 1);
    struct vlt_rows *rows = mixed_rows();

    add(strange, 0);
    assert_int_equal(vlt_rows_append(rows, strange, vlt_rows_all(strange)),
                     VLT_E_FORMAT);
    assert_int_equal(vlt_rows_pick(rows, strange, vlt_rows_all(strange)),
                     VLT_E_FORMAT);
    vlt_rows_free(rows);
    vlt_rows_free(strange);
}

static void
sorting_keeps_the_order_of_equal_times(void **state)
{
    struct vlt_rows *rows = mixed_rows();
    unsigned last = 0;

    for (unsigned i = 0; i < 500; i++) {
        add_some(rows, (int64_t)(i * 37 % 11), i);
        vlt_rows_set(rows, ARRIVAL, i);
    }
    assert_false(vlt_rows_sorted(rows));
    assert_int_equal(vlt_rows_sort(rows), VLT_OK);
    assert_true(vlt_rows_sorted(rows));
    for (size_t i = 0; i < 500; i++) {
        unsigned was = (unsigned)vlt_rows_bits(rows, i, ARRIVAL);

        assert_int_equal(vlt_rows_times(rows)[i], was * 37 % 11);
        assert_int_equal(vlt_rows_has(rows, i, I64), was % 3 == 0);
        if (i > 0 && vlt_rows_times(rows)[i] == vlt_rows_times(rows)[i - 1]) {
            assert_true(was > last);
        }
        last = was;
    }
    assert_int_equal(vlt_rows_column(rows, F64).present, 250);
    vlt_rows_free(rows);
}

static void
rows_can_grow_after_sorting(void **state)
{
    struct vlt_rows *rows = mixed_rows();

    for (unsigned i = 0; i < 20; i++) {
        add_some(rows, -(int64_t)i, i);
    }
    assert_int_equal(vlt_rows_sort(rows), VLT_OK);
    for (unsigned i = 0; i < 20; i++) {
        add_some(rows, i, i);
        assert_int_equal(vlt_rows_has(rows, 20 + i, BOOL), i % 5 != 0);
    }
    vlt_rows_free(rows);
}

/* One cell of the second row is changed; each change must be seen. */
static void
every_difference_is_seen(void **state)
{
    struct vlt_rows *rows = mixed_rows();

    for (unsigned i = 0; i < 8; i++) {
        add(rows, i == 7);
        vlt_rows_set(rows, F64, vlt_bits_of(i == 1 ? -0.0 : 0.0));
        vlt_rows_set(rows, I64, i == 2);
        if (i != 3) {
            vlt_rows_set(rows, BOOL, i == 4);
        }
        say(rows, TEXT, i == 5 ? "ab" : "a");
        if (i == 6) {
            say(rows, JSON, "1");
        }
    }
    assert_true(vlt_rows_equal(rows, 0, rows, 0));
    for (size_t i = 1; i < 8; i++) {
        print_message("%zu\n", i);
        assert_false(vlt_rows_equal(rows, 0, rows, i));
        assert_false(vlt_rows_equal(rows, i, rows, 0));
    }
    vlt_rows_free(rows);
}

static void
seek_finds_the_first_row_not_before(void **state)
{
    static const int64_t times[] = { 1, 3, 3, 3, 8 };
    struct vlt_rows *rows = mixed_rows();

    assert_int_equal(vlt_rows_seek(rows, 0), 0);
    for (size_t i = 0; i < 5; i++) {
        add(rows, times[i]);
    }
    assert_int_equal(vlt_rows_seek(rows, 1), 0);
    assert_int_equal(vlt_rows_seek(rows, 2), 1);
    assert_int_equal(vlt_rows_seek(rows, 3), 1);
    assert_int_equal(vlt_rows_seek(rows, 4), 4);
    assert_int_equal(vlt_rows_seek(rows, 9), 5);
    vlt_rows_free(rows);
}

static void
cleared_rows_are_as_new(void **state)
{
    struct vlt_rows *rows = mixed_rows();
    struct vlt_rows *fresh = mixed_rows();

    for (unsigned i = 0; i < 50; i++) {
        add_some(rows, i, i);
    }
    vlt_rows_clear(rows);
    add_some(rows, 9, 15);
    add_some(fresh, 9, 15);
    assert_true(vlt_rows_same(rows, fresh));
    vlt_rows_free(fresh);
    vlt_rows_free(rows);
}

static void
the_size_counts_cells_and_texts(void **state)
{
    struct vlt_rows *rows = mixed_rows();

    add(rows, 0);
    say(rows, TEXT, "abc");
    add(rows, 1);
    say(rows, JSON, "null1");
    assert_int_equal(vlt_rows_size(rows, vlt_rows_all(rows)),
                     2 * MIXED * 8 + 3 + 5);
    assert_int_equal(vlt_rows_size(rows, (struct vlt_range){ 1, 1 }),
                     MIXED * 8 + 5);
    assert_true(vlt_rows_memory(rows) > 2 * MIXED * 8 + 8);
    vlt_rows_free(rows);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_row_has_no_cell),
        cmocka_unit_test(cells_come_back_as_they_were_set),
        cmocka_unit_test(an_empty_text_is_there),
        cmocka_unit_test(columns_that_do_not_exist_are_refused),
        cmocka_unit_test(a_time_out_of_range_is_refused),
        cmocka_unit_test(a_text_over_the_limit_is_refused),
        cmocka_unit_test(more_rows_than_may_be_held_are_refused),
        cmocka_unit_test(growing_keeps_what_is_there),
        cmocka_unit_test(a_column_without_gaps_has_no_bitmap),
        cmocka_unit_test(a_slice_equals_its_rows),
        cmocka_unit_test(parts_appended_make_the_whole),
        cmocka_unit_test(a_missing_column_is_absent_after_append),
        cmocka_unit_test(a_foreign_column_is_refused_or_left_out),
        cmocka_unit_test(a_column_of_another_type_is_refused),
        cmocka_unit_test(sorting_keeps_the_order_of_equal_times),
        cmocka_unit_test(rows_can_grow_after_sorting),
        cmocka_unit_test(every_difference_is_seen),
        cmocka_unit_test(seek_finds_the_first_row_not_before),
        cmocka_unit_test(cleared_rows_are_as_new),
        cmocka_unit_test(the_size_counts_cells_and_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
