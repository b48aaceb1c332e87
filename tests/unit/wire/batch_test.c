#include "wire/batch.h"

#include <string.h>

#include "unit.h"

#include "base/time.h"
#include "wire/page.h"

enum {
    TEXT_MAX = 262144,
    DEPTH = 32,
};

static const struct vlt_batch_column columns[] = {
    { { (const uint8_t *)"value", 5 }, { 0, VLT_TYPE_F64 } },
    { { (const uint8_t *)"count", 5 }, { 2, VLT_TYPE_I64 } },
    { { (const uint8_t *)"on", 2 }, { 5, VLT_TYPE_BOOL } },
    { { (const uint8_t *)"note", 4 }, { 9, VLT_TYPE_TEXT } },
    { { (const uint8_t *)"raw", 3 }, { 63, VLT_TYPE_JSON } },
};

static const struct vlt_batch_stream stream = { columns, 5 };

static struct vlt_json *
parsed(const char *text)
{
    struct vlt_json *json = NULL;

    assert_int_equal(
        vlt_json_parse(vlt_slice_text(text), TEXT_MAX, DEPTH, NULL, &json),
        VLT_OK);
    return json;
}

/* The rows of a batch with one stream; its document is freed. */
static struct vlt_rows *
rows_in(const char *text)
{
    struct vlt_json *json = parsed(text);
    struct vlt_rows *rows = NULL;
    struct vlt_batch batch;

    assert_int_equal(vlt_batch_begin(json, &batch), VLT_OK);
    enum vlt_status st = vlt_batch_rows(&batch, 0, &stream, &rows);

    if (st != VLT_OK) {
        print_message("%s: %s\n", batch.walk.at, batch.walk.says);
    }
    assert_int_equal(st, VLT_OK);
    vlt_json_free(json);
    return rows;
}

static void
a_batch_says_who_it_is(void **state)
{
    struct vlt_json *json =
        parsed("{\"seq\":41,\"boot\":\"00F1c2d3e4a5b697\","
               "\"idem\":\"01M80XE2R06J9ATSEGBABKZVWC\",\"streams\":["
               "{\"stream\":\"home/meter\",\"rows\":[[1,2.5],[2,3]]},"
               "{\"stream\":\"home/other\",\"rows\":[[1,2.5]]}]}");
    struct vlt_batch batch;

    assert_int_equal(vlt_batch_begin(json, &batch), VLT_OK);
    assert_int_equal(batch.seq, 41);
    assert_true(batch.has_boot);
    assert_memory_equal(batch.boot, "\x00\xf1\xc2\xd3\xe4\xa5\xb6\x97", 8);
    assert_true(batch.has_idem);
    assert_int_equal(batch.count, 2);
    assert_int_equal(batch.rows, 3);
    assert_true(vlt_slice_is(vlt_batch_name(&batch, 1), "home/other"));
    assert_int_equal(batch.block.len, 0);
    vlt_json_free(json);
}

static void
the_block_form_names_a_stream(void **state)
{
    struct vlt_json *json = parsed("{\"seq\":1,\"block\":\"home/meter\"}");
    struct vlt_batch batch;

    assert_int_equal(vlt_batch_begin(json, &batch), VLT_OK);
    assert_true(vlt_slice_is(batch.block, "home/meter"));
    assert_int_equal(batch.count, 0);
    assert_false(batch.has_idem);
    assert_false(batch.has_boot);
    vlt_json_free(json);
}

static void
a_cell_of_each_type_is_read(void **state)
{
    struct vlt_rows *rows = rows_in(
        "{\"streams\":[{\"stream\":\"s\",\"columns\":[\"raw\",\"note\",\"on\","
        "\"count\",\"value\"],\"rows\":[[\"2026-11-25T18:00:00.5+01:00\","
        "{\"b\":[1, 2.5],\"a\":null},\"gr\\u00fcn\",true,-7,-0.0],"
        "[1764093601000000000,null,null,null,\"9223372036854775807\",3]]}]}");
    int64_t half = INT64_C(1795626000) * VLT_SECOND + VLT_SECOND / 2;

    assert_int_equal(vlt_rows_count(rows), 2);
    assert_int_equal(vlt_rows_columns(rows), 5);
    assert_int_equal(vlt_rows_times(rows)[0], INT64_C(1764093601000000000));
    assert_int_equal(vlt_rows_times(rows)[1], half);
    assert_int_equal(vlt_rows_bits(rows, 1, 0), vlt_bits_of(-0.0));
    assert_int_equal(vlt_rows_bits(rows, 1, 1), (uint64_t)-7);
    assert_int_equal(vlt_rows_bits(rows, 1, 2), 1);
    assert_true(vlt_slice_is(vlt_rows_text(rows, 1, 3), "grün"));
    assert_true(
        vlt_slice_is(vlt_rows_text(rows, 1, 4), "{\"b\":[1,2.5],\"a\":null}"));
    assert_int_equal(vlt_rows_bits(rows, 0, 0), vlt_bits_of(3.0));
    assert_int_equal(vlt_rows_bits(rows, 0, 1), INT64_MAX);
    for (size_t c = 2; c < 5; c++) {
        assert_false(vlt_rows_has(rows, 0, c));
    }
    vlt_rows_free(rows);
}

static void
without_columns_it_is_value(void **state)
{
    struct vlt_rows *rows =
        rows_in("{\"streams\":[{\"stream\":\"s\",\"rows\":[[5,1e300]]}]}");

    assert_int_equal(vlt_rows_columns(rows), 1);
    assert_int_equal(vlt_rows_column(rows, 0).field.id, 0);
    assert_int_equal(vlt_rows_bits(rows, 0, 0), vlt_bits_of(1e300));
    vlt_rows_free(rows);
}

static void
rows_come_out_by_time_and_equal_times_as_they_stood(void **state)
{
    static const int64_t expected[] = { 3, 4, 1, 2, 5 };
    struct vlt_rows *rows =
        rows_in("{\"streams\":[{\"stream\":\"s\",\"columns\":[\"count\"],"
                "\"rows\":[[7,1],[7,2],[-1,3],[0,4],[9,5]]}]}");

    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(vlt_rows_bits(rows, i, 0), expected[i]);
    }
    vlt_rows_free(rows);
}

#define ONE "{\"streams\":[{\"stream\":\"s\","

/* Where and why a batch is refused, at once or at its rows. */
static const struct {
    const char *text;
    const char *at;
    const char *says;
} refused[] = {
    { "[]", "", "is a list, must be an object" },
    { "{}", "streams", "is missing" },
    { "{\"streams\":[]}", "streams", NULL },
    { "{\"streams\":[{\"stream\":\"s\",\"rows\":[]}]}", "streams[0].rows",
      NULL },
    { "{\"streams\":[{\"rows\":[[1,2]]}]}", "streams[0].stream", "is missing" },
    { "{\"streams\":[{\"stream\":\"a//b\",\"rows\":[[1,2]]}]}",
      "streams[0].stream", "is no stream name" },
    { "{\"block\":\"..\"}", "block", "is no stream name" },
    { "{\"block\":\"s\",\"streams\":[]}", "streams",
      "must not stand beside block: one of the two" },
    { "{\"boot\":\"00f1c2d3e4a5b69x\",\"block\":\"s\"}", "boot",
      "must be 16 hex digits" },
    { "{\"seq\":0,\"block\":\"s\"}", "seq", NULL },
    { "{\"idem\":\"short\",\"block\":\"s\"}", "idem", NULL },
    { ONE "\"rows\":[[1,2]],\"unit\":\"W\"}]}", "streams[0].unit", NULL },
    { ONE "\"rows\":[[1,2]]}],\"more\":1}", "more", NULL },
    { ONE "\"rows\":[[1,2],[1]]}]}", "streams[0].rows[1]",
      "must be a list of 2: a time and 1 cells" },
    { ONE "\"rows\":[7]}]}", "streams[0].rows[0]",
      "must be a list of 2: a time and 1 cells" },
    { ONE "\"rows\":[[null,2]]}]}", "streams[0].rows[0][0]",
      "is null, must be a time: RFC 3339 text or integer ns" },
    { ONE "\"rows\":[[\"yesterday\",2]]}]}", "streams[0].rows[0][0]",
      "is no time, must be as 2026-11-25T18:20:42.5Z" },
    { ONE "\"rows\":[[\"1700-01-01T00:00:00Z\",2]]}]}", "streams[0].rows[0][0]",
      "is out of range, must be 1823-11 to 2116-02" },
    { ONE "\"rows\":[[4611686018427387904,2]]}]}", "streams[0].rows[0][0]",
      "is out of range, must be 1823-11 to 2116-02" },
    { ONE "\"rows\":[[1,2],[2,\"3\"]]}]}", "streams[0].rows[1][1]",
      "is text, must be a number or null" },
    { ONE "\"columns\":[\"value\",\"count\"],\"rows\":[[1,2,3.5]]}]}",
      "streams[0].rows[0][2]", "has a point or exponent, must be an integer" },
    { ONE "\"columns\":[\"count\"],\"rows\":[[1,\"9223372036854775808\"]]}]}",
      "streams[0].rows[0][1]", "is no integer within 64 bits" },
    { ONE "\"columns\":[\"on\"],\"rows\":[[1,1]]}]}", "streams[0].rows[0][1]",
      "is a number, must be true, false or null" },
    { ONE "\"columns\":[\"note\"],\"rows\":[[1,[]]]}]}",
      "streams[0].rows[0][1]", "is a list, must be text or null" },
    { ONE "\"columns\":[\"gone\"],\"rows\":[[1,1]]}]}", "streams[0].columns[0]",
      "gone is no column of this stream" },
    { ONE "\"columns\":[\"on\",\"on\"],\"rows\":[[1,1,1]]}]}",
      "streams[0].columns[1]", "names a column for the second time" },
    { ONE "\"columns\":[3],\"rows\":[[1,1]]}]}", "streams[0].columns[0]",
      "must be the name of a column" },
};

static void
what_is_wrong_is_said_with_its_place(void **state)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct vlt_json *json = parsed(refused[i].text);
        struct vlt_rows *rows = NULL;
        struct vlt_batch batch;

        print_message("%s\n", refused[i].text);
        enum vlt_status st = vlt_batch_begin(json, &batch);

        if (st == VLT_OK) {
            st = vlt_batch_rows(&batch, 0, &stream, &rows);
        }
        print_message("  %s: %s\n", batch.walk.at, batch.walk.says);
        assert_int_equal(st, VLT_E_FORMAT);
        assert_null(rows);
        assert_string_equal(batch.walk.at, refused[i].at);
        if (refused[i].says != NULL) {
            assert_string_equal(batch.walk.says, refused[i].says);
        }
        vlt_json_free(json);
    }
}

/* A batch of two streams with so many rows in all. */
static enum vlt_status
begin_with_rows(size_t first, size_t second, struct vlt_batch *batch)
{
    struct vlt_buf text = { 0 };
    struct vlt_json *json = NULL;
    enum vlt_status st;

    vlt_buf_put_text(&text, "{\"streams\":[{\"stream\":\"a\",\"rows\":[0");
    for (size_t i = 1; i < first; i++) {
        vlt_buf_put_text(&text, ",0");
    }
    vlt_buf_put_text(&text, "]},{\"stream\":\"b\",\"rows\":[0");
    for (size_t i = 1; i < second; i++) {
        vlt_buf_put_text(&text, ",0");
    }
    vlt_buf_put_text(&text, "]}]}");
    assert_int_equal(
        vlt_json_parse(vlt_buf_slice(&text), TEXT_MAX, DEPTH, NULL, &json),
        VLT_OK);
    st = vlt_batch_begin(json, batch);
    vlt_json_free(json);
    vlt_buf_free(&text);
    return st;
}

static void
more_rows_than_a_batch_may_have_are_refused(void **state)
{
    struct vlt_batch batch;

    assert_int_equal(begin_with_rows(60000, 5536, &batch), VLT_OK);
    assert_int_equal(batch.rows, VLT_BATCH_ROWS);
    assert_int_equal(begin_with_rows(60000, 5537, &batch), VLT_E_FORMAT);
    assert_string_equal(batch.walk.at, "streams[1].rows");
    assert_int_equal(begin_with_rows(65537, 1, &batch), VLT_E_FORMAT);
    assert_string_equal(batch.walk.at, "streams[0].rows");
}

/* What a page says a batch can say again. */
static void
a_page_is_read_back_bit_for_bit(void **state)
{
    static const uint8_t ids[] = { 0, 2, 5, 9, 63 };
    static const struct vlt_page_order order = { ids, 5 };
    struct vlt_rows *rows = rows_in(
        "{\"streams\":[{\"stream\":\"s\",\"columns\":[\"value\",\"count\","
        "\"on\",\"note\",\"raw\"],\"rows\":["
        "[-1,-0.0,\"-9223372036854775808\",false,\"\",1],"
        "[0,5e-324,9007199254740993,true,\"\\u0001\\\"\",\"x\"],"
        "[1,1.7976931348623157e308,7,null,\"\\u20ac\",{\"k\":[]}],"
        "[2,12345678901234568,0,null,null,false],"
        "[2,1e17,0,null,null,0.1],[3,null,null,null,null,null]]}]}");
    struct vlt_buf text = { 0 };

    vlt_buf_put_text(&text, "{\"streams\":[{\"stream\":\"s\",\"columns\":["
                            "\"value\",\"count\",\"on\",\"note\",\"raw\"],"
                            "\"rows\":");
    struct vlt_json_out out = vlt_json_out(&text);

    vlt_page_put(&out, NULL, rows, vlt_rows_all(rows), &order);
    vlt_buf_put_text(&text, "}]}");
    struct vlt_rows *again = rows_in(vlt_buf_text(&text));

    assert_int_equal(vlt_rows_count(again), 6);
    assert_true(vlt_rows_same(rows, again));
    vlt_rows_free(again);
    vlt_rows_free(rows);
    vlt_buf_free(&text);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_says_who_it_is),
        cmocka_unit_test(the_block_form_names_a_stream),
        cmocka_unit_test(a_cell_of_each_type_is_read),
        cmocka_unit_test(without_columns_it_is_value),
        cmocka_unit_test(rows_come_out_by_time_and_equal_times_as_they_stood),
        cmocka_unit_test(what_is_wrong_is_said_with_its_place),
        cmocka_unit_test(more_rows_than_a_batch_may_have_are_refused),
        cmocka_unit_test(a_page_is_read_back_bit_for_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
