#include "wire/page.h"

#include <float.h>
#include <math.h>

#include "unit.h"

#include "base/time.h"

static const struct vlt_field fields[] = {
    { 0, VLT_TYPE_F64 },  { 1, VLT_TYPE_I64 },  { 2, VLT_TYPE_BOOL },
    { 3, VLT_TYPE_TEXT }, { 4, VLT_TYPE_JSON },
};

/* Two rows: one with a cell of each type, one with none. */
static struct vlt_rows *
two_rows(void)
{
    struct vlt_schema schema = { .fields = fields, .count = 5 };
    struct vlt_rows *rows = NULL;

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    assert_int_equal(
        vlt_rows_add(rows, INT64_C(1795630842) * VLT_SECOND + 500000000),
        VLT_OK);
    vlt_rows_set(rows, 0, vlt_bits_of(21.6));
    vlt_rows_set(rows, 1, (uint64_t)INT64_MIN);
    vlt_rows_set(rows, 2, 1);
    assert_int_equal(vlt_rows_set_text(rows, 3, vlt_slice_text("a\"b")),
                     VLT_OK);
    assert_int_equal(vlt_rows_set_text(rows, 4, vlt_slice_text("{\"k\":[1]}")),
                     VLT_OK);
    assert_int_equal(vlt_rows_add(rows, INT64_C(1795630843) * VLT_SECOND),
                     VLT_OK);
    return rows;
}

/* These columns of these rows print as this; the rows are freed. */
static void
prints(struct vlt_rows *rows, struct vlt_range range, const char *ids,
       const char *expected)
{
    struct vlt_page_order order = { .ids = (const uint8_t *)ids };
    struct vlt_buf buf = { 0 };
    struct vlt_json_out out = vlt_json_out(&buf);

    order.count = strlen(ids);
    vlt_page_put(&out, NULL, rows, range, &order);
    assert_string_equal(vlt_buf_text(&buf), expected);
    vlt_buf_free(&buf);
    vlt_rows_free(rows);
}

static void
a_row_is_a_time_and_its_cells(void **state)
{
    prints(two_rows(), (struct vlt_range){ 0, 2 }, "\1\2\3\4",
           "[[\"2026-11-25T18:20:42.500Z\",\"-9223372036854775808\",true,"
           "\"a\\\"b\",{\"k\":[1]}],"
           "[\"2026-11-25T18:20:43Z\",null,null,null,null]]");
}

static void
columns_come_in_the_order_asked_for(void **state)
{
    prints(two_rows(), (struct vlt_range){ 0, 1 }, "\3\x3f\2",
           "[[\"2026-11-25T18:20:42.500Z\",\"a\\\"b\",null,true]]");
}

static void
no_rows_are_an_empty_list(void **state)
{
    prints(two_rows(), (struct vlt_range){ 2, 0 }, "\1", "[]");
}

static void
what_json_cannot_say_is_null(void **state)
{
    static const double values[] = { INFINITY, -INFINITY, NAN, -0.0, 1e22 };
    struct vlt_schema schema = { .fields = fields, .count = 1 };
    static const uint8_t id = 0;
    struct vlt_page_order order = { .ids = &id, .count = 1 };
    struct vlt_rows *rows = NULL;
    struct vlt_buf buf = { 0 };
    struct vlt_json_out out = vlt_json_out(&buf);

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(vlt_rows_add(rows, 0), VLT_OK);
        vlt_rows_set(rows, 0, vlt_bits_of(values[i]));
    }
    vlt_put_object(&out, NULL);
    vlt_page_put(&out, "rows", rows, vlt_rows_all(rows), &order);
    vlt_put_end(&out);
    assert_string_equal(vlt_buf_text(&buf),
                        "{\"rows\":[[\"1970-01-01T00:00:00Z\",null],"
                        "[\"1970-01-01T00:00:00Z\",null],"
                        "[\"1970-01-01T00:00:00Z\",null],"
                        "[\"1970-01-01T00:00:00Z\",-0.0],"
                        "[\"1970-01-01T00:00:00Z\",1e22]]}");
    vlt_buf_free(&buf);
    vlt_rows_free(rows);
}

static void
rows_of_numbers_print_as_each_number_does(void **state)
{
    static const double values[] = { 21.6, -0.0, 0,      1e300, 5e-324,
                                     NAN,  0.1,  -12345, 1e21,  INFINITY };
    static const struct vlt_field two[] = { { 1, VLT_TYPE_F64 },
                                            { 2, VLT_TYPE_BOOL } };
    struct vlt_schema schema = { .fields = two, .count = 2 };
    const size_t count = sizeof values / sizeof values[0];
    struct vlt_rows *rows = NULL;
    struct vlt_buf text = { 0 };
    struct vlt_json_out out = vlt_json_out(&text);

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    vlt_put_list(&out, NULL);
    for (size_t i = 0; i < count; i++) {
        int64_t time = (int64_t)i * 37 * VLT_SECOND + (int64_t)i;

        assert_int_equal(vlt_rows_add(rows, time), VLT_OK);
        vlt_rows_set(rows, 0, vlt_bits_of(values[i]));
        vlt_put_list(&out, NULL);
        vlt_put_time(&out, NULL, time);
        vlt_put_double(&out, NULL, values[i]);
        vlt_put_null(&out, NULL); /* no such column */
        if (i % 3 != 0) {
            vlt_rows_set(rows, 1, i % 2);
            vlt_put_bool(&out, NULL, i % 2 != 0);
        } else {
            vlt_put_null(&out, NULL);
        }
        vlt_put_end(&out);
    }
    vlt_put_end(&out);
    prints(rows, (struct vlt_range){ 0, count }, "\1\7\2", vlt_buf_text(&text));
    vlt_buf_free(&text);
}

/* More than is gathered before it goes to the buffer, and rows of many columns
 * among which are none. */
static void
many_rows_of_numbers_are_one_list(void **state)
{
    static const struct vlt_field two[] = { { 1, VLT_TYPE_F64 },
                                            { 2, VLT_TYPE_F64 } };
    struct vlt_schema schema = { .fields = two, .count = 2 };
    uint8_t ids[VLT_COLUMNS_MAX];
    struct vlt_page_order order = { .ids = ids, .count = VLT_COLUMNS_MAX };
    struct vlt_rows *rows = NULL;
    struct vlt_buf text = { 0 };
    struct vlt_buf got = { 0 };
    struct vlt_json_out out = vlt_json_out(&text);

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    for (size_t c = 0; c < VLT_COLUMNS_MAX; c++) {
        ids[c] = (uint8_t)(1 + c % 3);
    }
    vlt_put_list(&out, NULL);
    for (int64_t i = 0; i < 1000; i++) {
        assert_int_equal(vlt_rows_add(rows, i * VLT_HOUR + i % 7), VLT_OK);
        vlt_rows_set(rows, 0, vlt_bits_of(-DBL_MAX));
        vlt_put_list(&out, NULL);
        vlt_put_time(&out, NULL, i * VLT_HOUR + i % 7);
        for (size_t c = 0; c < VLT_COLUMNS_MAX; c++) {
            if (c % 3 == 0) {
                vlt_put_double(&out, NULL, -DBL_MAX);
            } else {
                vlt_put_null(&out, NULL);
            }
        }
        vlt_put_end(&out);
    }
    vlt_put_end(&out);
    out = vlt_json_out(&got);
    vlt_page_put(&out, NULL, rows, vlt_rows_all(rows), &order);
    assert_string_equal(vlt_buf_text(&got), vlt_buf_text(&text));
    vlt_buf_free(&got);
    vlt_buf_free(&text);
    vlt_rows_free(rows);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_a_time_and_its_cells),
        cmocka_unit_test(columns_come_in_the_order_asked_for),
        cmocka_unit_test(no_rows_are_an_empty_list),
        cmocka_unit_test(what_json_cannot_say_is_null),
        cmocka_unit_test(rows_of_numbers_print_as_each_number_does),
        cmocka_unit_test(many_rows_of_numbers_are_one_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
