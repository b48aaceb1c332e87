#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "unit.h"
#include "vaultctl/batch.h"

static struct streams streams;
static struct batch batch;
static struct vlt_buf columns, cells, out;

static int
drop(void **state)
{
    batch_free(&batch);
    streams_free(&streams);
    vlt_buf_free(&columns);
    vlt_buf_free(&cells);
    vlt_buf_free(&out);
    return 0;
}

static struct stream *
stream_of(const char *name, enum import_type type)
{
    struct stream *stream = streams_add(&streams, vlt_slice_text(name));

    assert_int_equal(streams_widen(stream, vlt_slice_text("value"), type),
                     VLT_OK);
    return stream;
}

static struct import_cell
cell_of(enum import_type type, double real, int64_t whole)
{
    return (struct import_cell){ .column = vlt_slice_text("value"),
                                 .type = type,
                                 .real = real,
                                 .whole = whole };
}

static enum vlt_status
write_cell(struct stream *stream, struct import_cell cell, char *says)
{
    struct import_row row = { .cells = &cell, .count = 1 };

    return batch_write(stream, &row, &columns, &cells, says);
}

static void
put(struct stream *stream, double value)
{
    char says[IMPORT_SAYS];

    assert_int_equal(write_cell(stream, cell_of(IMPORT_F64, value, 0), says),
                     VLT_OK);
    assert_int_equal(batch_put(&batch, stream, &columns, &cells), VLT_OK);
}

static const char *
printed(void)
{
    vlt_buf_clear(&out);
    struct vlt_json_out json = vlt_json_out(&out);

    vlt_put_object(&json, NULL);
    batch_print(&batch, &json);
    vlt_put_end(&json);
    return vlt_buf_text(&out);
}

static void
rows_of_a_stream_stand_together(void **state)
{
    struct stream *a = stream_of("a", IMPORT_F64);
    struct stream *b = stream_of("b", IMPORT_F64);

    put(a, 1);
    put(b, 2);
    put(a, 3);
    assert_string_equal(
        printed(),
        "{\"streams\":[{\"stream\":\"a\",\"columns\":[\"value\"],\"rows\":[[\""
        "1970-01-01T00:00:00Z\",1],[\"1970-01-01T00:00:00Z\",3]]},{\"stream\":"
        "\"b\",\"columns\":[\"value\"],\"rows\":[[\"1970-01-01T00:00:00Z\",2]]"
        "}]}");
}

static void
a_cleared_batch_begins_anew(void **state)
{
    struct stream *a = stream_of("a", IMPORT_F64);

    put(a, 1);
    batch_clear(&batch);
    assert_string_equal(printed(), "{\"streams\":[]}");
    put(a, 2);
    assert_int_equal(batch.rows, 1);
}

static void
a_batch_is_full_before_it_passes_a_message(void **state)
{
    struct stream *a = stream_of("a", IMPORT_F64);

    assert_false(batch_full(&batch, BATCH_BYTES * 2));
    while (!batch_full(&batch, 100)) {
        put(a, 0.1234567890123);
    }
    assert_true(strlen(printed()) < 262144 - 4096);
    assert_true(batch.rows > 1000);
}

static void
long_texts_fill_a_batch_by_their_bytes(void **state)
{
    static char text[1000];
    struct stream *a = stream_of("a", IMPORT_TEXT);
    struct import_cell cell = cell_of(IMPORT_TEXT, 0, 0);
    char says[IMPORT_SAYS];

    memset(text, 'x', sizeof text);
    cell.text = vlt_slice_of(text, sizeof text);
    do {
        assert_int_equal(write_cell(a, cell, says), VLT_OK);
        assert_int_equal(batch_put(&batch, a, &columns, &cells), VLT_OK);
    } while (!batch_full(&batch, cells.len));
    assert_true(batch.rows < BATCH_ROWS);
    assert_true(strlen(printed()) < 262144 - 4096);
}

static void
whole_numbers_fit_where_a_double_holds_them(void **state)
{
    struct stream *a = stream_of("a", IMPORT_F64);
    char says[IMPORT_SAYS] = "";

    assert_int_equal(
        write_cell(a, cell_of(IMPORT_I64, 0, INT64_C(1) << 53), says), VLT_OK);
    assert_int_equal(
        write_cell(a, cell_of(IMPORT_I64, 0, (INT64_C(1) << 53) + 1), says),
        VLT_E_FORMAT);
    assert_string_equal(says, "value is f64 in the stream, and i64 here");
}

static void
another_type_or_column_is_refused(void **state)
{
    struct stream *a = stream_of("a", IMPORT_I64);
    struct import_cell cell = cell_of(IMPORT_I64, 0, 1);
    char says[IMPORT_SAYS] = "";

    assert_int_equal(write_cell(a, cell_of(IMPORT_F64, 1, 0), says),
                     VLT_E_FORMAT);
    assert_string_equal(says, "value is i64 in the stream, and f64 here");
    cell.column = vlt_slice_text("other");
    assert_int_equal(write_cell(a, cell, says), VLT_E_FORMAT);
    assert_string_equal(says, "the stream has no column other");
}

static void
a_row_too_large_for_a_message_is_refused(void **state)
{
    static char text[BATCH_BYTES + 1];
    struct stream *a = stream_of("a", IMPORT_TEXT);
    struct import_cell cell = cell_of(IMPORT_TEXT, 0, 0);
    char says[IMPORT_SAYS] = "";

    memset(text, 'x', sizeof text);
    cell.text = vlt_slice_of(text, sizeof text);
    assert_int_equal(write_cell(a, cell, says), VLT_E_FORMAT);
    assert_string_equal(says, "the row is too large for one message");
}

static void
many_streams_are_found_by_name(void **state)
{
    char name[32];

    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "home/%d", i);
        assert_null(streams_find(&streams, vlt_slice_text(name)));
        assert_non_null(streams_add(&streams, vlt_slice_text(name)));
    }
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "home/%d", i);
        struct stream *found = streams_find(&streams, vlt_slice_text(name));

        assert_non_null(found);
        assert_string_equal(found->name, name);
    }
}

static void
a_stream_to_be_made_fits_all_its_rows(void **state)
{
    struct stream *a = streams_add(&streams, vlt_slice_text("a"));
    struct import_cell whole = cell_of(IMPORT_I64, 0, 1);
    struct import_cell real = cell_of(IMPORT_F64, 1.5, 0);
    struct import_row row = { .cells = &whole,
                              .count = 1,
                              .unit = vlt_slice_text("Cel") };

    assert_int_equal(streams_fit(a, &row), VLT_OK);
    assert_int_equal(a->columns[0].type, IMPORT_I64);
    row.cells = &real;
    row.unit = vlt_slice_text("");
    assert_int_equal(streams_fit(a, &row), VLT_OK);
    assert_int_equal(a->columns[0].type, IMPORT_F64);
    assert_int_equal(a->count, 1);
    assert_string_equal(a->unit, "Cel");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(rows_of_a_stream_stand_together, drop),
        cmocka_unit_test_teardown(a_cleared_batch_begins_anew, drop),
        cmocka_unit_test_teardown(a_batch_is_full_before_it_passes_a_message,
                                  drop),
        cmocka_unit_test_teardown(long_texts_fill_a_batch_by_their_bytes, drop),
        cmocka_unit_test_teardown(whole_numbers_fit_where_a_double_holds_them,
                                  drop),
        cmocka_unit_test_teardown(another_type_or_column_is_refused, drop),
        cmocka_unit_test_teardown(a_row_too_large_for_a_message_is_refused,
                                  drop),
        cmocka_unit_test_teardown(many_streams_are_found_by_name, drop),
        cmocka_unit_test_teardown(a_stream_to_be_made_fits_all_its_rows, drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
