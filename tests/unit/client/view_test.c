#include "unit.h"

#include <string.h>

#include "client/page_json.h"
#include "client/view.h"

static const char text[] = "{\"ordinal\":3,\"stream\":\"home/a\",\"columns\":["
                           "{\"name\":\"v\",\"type\":\"f64\",\"id\":2},"
                           "{\"name\":\"n\",\"type\":\"i64\",\"id\":0},"
                           "{\"name\":\"on\",\"type\":\"bool\",\"id\":1},"
                           "{\"name\":\"t\",\"type\":\"text\",\"id\":5},"
                           "{\"name\":\"j\",\"type\":\"json\",\"id\":7}]}";

static struct vlt_json *
parse(const char *json)
{
    struct vlt_json *document = NULL;

    assert_int_equal(
        vlt_json_parse(vlt_slice_text(json), 4096, 8, NULL, &document), VLT_OK);
    return document;
}

static int
set_up(void **state)
{
    static struct vlt_series series;
    struct vlt_json *document = parse(text);

    series = (struct vlt_series){ 0 };
    assert_int_equal(vlt_series_add(&series, document), VLT_OK);
    vlt_json_free(document);
    *state = &series;
    return 0;
}

static int
tear_down(void **state)
{
    vlt_series_free(*state);
    return 0;
}

static struct vlt_rows *
rows_of(void **state, const char *json)
{
    struct vlt_json *document = parse(json);
    struct vlt_rows *rows = NULL;

    assert_int_equal(
        vlt_page_json_read(document, vlt_series_find(*state, 3), &rows),
        VLT_OK);
    vlt_json_free(document);
    return rows;
}

static void
columns_stand_in_the_order_of_the_series(void **state)
{
    struct vlt_rows *rows = rows_of(
        state, "[[5,1.5,\"9007199254740993\",true,\"x\",{\"a\":1}],"
               "[\"1970-01-01T00:00:00.000000006Z\",null,-2,false,null,7]]");
    struct vlt_view view;

    assert_int_equal(vlt_view_make(rows, vlt_series_find(*state, 3), &view),
                     VLT_OK);
    const struct vault_page *page = &view.page;

    assert_string_equal(page->stream, "home/a");
    assert_int_equal(page->rows, 2);
    assert_int_equal(page->columns, 5);
    assert_int_equal(page->time[0], 5);
    assert_int_equal(page->time[1], 6);
    assert_string_equal(page->column[0].name, "v");
    assert_true(page->column[0].f64[0] == 1.5);
    assert_true(vault_present(&page->column[0], 0));
    assert_false(vault_present(&page->column[0], 1));
    assert_true(page->column[0].f64[1] == 0);
    assert_null(page->column[0].i64);
    assert_int_equal(page->column[1].i64[0], INT64_C(9007199254740993));
    assert_int_equal(page->column[1].i64[1], -2);
    assert_int_equal(page->column[2].flag[0], 1);
    assert_int_equal(page->column[2].flag[1], 0);
    assert_memory_equal(page->column[3].text[0].at, "x", 1);
    assert_false(vault_present(&page->column[3], 1));
    assert_int_equal(page->column[4].text[0].len, strlen("{\"a\":1}"));
    vlt_view_free(&view);
    vlt_rows_free(rows);
}

static void
a_column_that_the_rows_have_not_is_absent(void **state)
{
    struct vlt_field field = { .id = 0, .type = VLT_TYPE_I64 };
    struct vlt_schema schema = { &field, 1 };
    struct vlt_rows *rows = NULL;
    struct vlt_view view;

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    assert_int_equal(vlt_rows_add(rows, 9), VLT_OK);
    vlt_rows_set(rows, 0, 4);
    assert_int_equal(vlt_view_make(rows, vlt_series_find(*state, 3), &view),
                     VLT_OK);
    assert_false(vault_present(&view.page.column[0], 0));
    assert_true(view.page.column[0].f64[0] == 0);
    assert_int_equal(view.page.column[1].i64[0], 4);
    assert_non_null(view.page.column[3].text);
    vlt_view_free(&view);
    vlt_rows_free(rows);
}

static const char *const broken_rows[] = {
    "{}",
    "[7]",
    "[[5]]",
    "[[\"no time\",1,2,true,\"x\",1]]",
    "[[5,\"x\",2,true,\"x\",1]]",
    "[[5,1,2.5,true,\"x\",1]]",
    "[[5,1,2,1,\"x\",1]]",
    "[[5,1,2,true,7,1]]",
    "[[5,1,2,true,\"x\",1,9]]",
};

static void
rows_that_do_not_fit_the_series_are_refused(void **state)
{
    for (size_t i = 0; i < sizeof broken_rows / sizeof *broken_rows; i++) {
        struct vlt_json *document = parse(broken_rows[i]);
        struct vlt_rows *rows = NULL;

        print_message("%s\n", broken_rows[i]);
        assert_int_equal(
            vlt_page_json_read(document, vlt_series_find(*state, 3), &rows),
            VLT_E_FORMAT);
        vlt_json_free(document);
    }
}

static const char *const broken_series[] = {
    "{}",
    "{\"ordinal\":3,\"stream\":\"again\",\"columns\":[]}",
    "{\"ordinal\":-1,\"stream\":\"a\",\"columns\":[]}",
    "{\"ordinal\":4,\"stream\":\"\",\"columns\":[]}",
    "{\"ordinal\":4,\"stream\":\"a\"}",
    "{\"ordinal\":4,\"stream\":\"a\",\"columns\":[{\"name\":\"v\","
    "\"type\":\"f32\",\"id\":0}]}",
    "{\"ordinal\":4,\"stream\":\"a\",\"columns\":[{\"name\":\"v\","
    "\"type\":\"f64\",\"id\":64}]}",
    "{\"ordinal\":4,\"stream\":\"a\",\"columns\":[{\"name\":\"v\","
    "\"type\":\"f64\",\"id\":1},{\"name\":\"w\",\"type\":\"f64\",\"id\":1}]}",
};

static void
series_that_are_malformed_are_refused(void **state)
{
    for (size_t i = 0; i < sizeof broken_series / sizeof *broken_series; i++) {
        struct vlt_json *document = parse(broken_series[i]);

        print_message("%s\n", broken_series[i]);
        assert_int_equal(vlt_series_add(*state, document), VLT_E_FORMAT);
        vlt_json_free(document);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            columns_stand_in_the_order_of_the_series, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_column_that_the_rows_have_not_is_absent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            rows_that_do_not_fit_the_series_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(series_that_are_malformed_are_refused,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
