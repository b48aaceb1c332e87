#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/ago.h"
#include "cli/chart.h"
#include "cli/frame.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "cli/term.h"
#include "cli/view.h"
#include "unit.h"

static struct vlt_buf out;
static struct frames frames;

static int
drop(void **state)
{
    vlt_buf_free(&out);
    frames_free(&frames);
    return 0;
}

/* ---- terminals ---- */

static void
colour_is_for_terminals_that_did_not_say_no(void **state)
{
    assert_true(term_colour(true, NULL, "xterm"));
    assert_true(term_colour(true, "", "xterm"));
    assert_false(term_colour(false, NULL, "xterm"));
    assert_false(term_colour(true, "1", "xterm"));
    assert_false(term_colour(true, NULL, "dumb"));
    assert_false(term_colour(true, NULL, NULL));
}

static void
the_first_locale_that_is_set_decides(void **state)
{
    assert_true(term_unicode(NULL, NULL, NULL));
    assert_true(term_unicode("", NULL, "de_DE.UTF-8"));
    assert_false(term_unicode("C", NULL, "de_DE.UTF-8"));
}

static void
wide_and_combining_characters_have_their_width(void **state)
{
    assert_int_equal(term_width(vlt_slice_text("abc")), 3);
    assert_int_equal(term_width(vlt_slice_text("e\xcc\x81")), 1);
    assert_int_equal(term_width(vlt_slice_text("日本")), 4);
}

/* ---- tables ---- */

static void
columns_are_aligned_and_escaped(void **state)
{
    static const char *const heads[] = { "name", "n", "note" };
    struct table *table = table_new(heads, "lrl");

    table_put_text(table, "a\033[31m");
    table_put_text(table, "7");
    table_put_text(table, "x");
    table_put_text(table, "日本");
    table_put_text(table, "1234");
    table_put_text(table, "");
    table_print(table, false, &out);
    table_free(table);
    assert_string_equal(vlt_buf_text(&out), "name          n  note\n"
                                            "a\\x1B[31m     7  x\n"
                                            "日本       1234\n");
}

static void
heads_are_bold_where_there_is_colour(void **state)
{
    static const char *const heads[] = { "a" };
    struct table *table = table_new(heads, "l");

    table_print(table, true, &out);
    table_free(table);
    assert_string_equal(vlt_buf_text(&out), "\033[1ma\n\033[0m");
}

static void
a_long_cell_widens_no_other_row(void **state)
{
    static const char *const heads[] = { "a", "b" };
    char text[101];
    struct table *table = table_new(heads, "lr");

    memset(text, 'x', 100);
    text[100] = '\0';
    table_put_text(table, "1");
    table_put_text(table, text);
    table_put_text(table, text);
    table_put_text(table, "2");
    table_print(table, false, &out);
    table_free(table);
    /* Head, then "1", 48 wide and a gap; then the long one and its gap. */
    vlt_buf_put_u8(&out, 0);
    const char *second = strchr((const char *)out.at, '\n') + 1;
    const char *third = strchr(second, '\n') + 1;

    assert_int_equal(third - second, 48 + 2 + 100 + 1);
    assert_int_equal(strlen(third), 100 + 2 + 48 + 1);
}

/* ---- times and sizes ---- */

static const struct {
    int64_t then, now;
    const char *says;
} agos[] = {
    { 0, 0, "now" },
    { 0, 4 * VLT_SECOND, "now" },
    { 0, 90 * VLT_SECOND, "90 s ago" },
    { 0, 3 * VLT_MINUTE, "3 min ago" },
    { 0, 5 * VLT_HOUR, "5 h ago" },
    { 9 * VLT_DAY, 0, "in 9 d" },
    { 7 * VLT_DAY - 3 * VLT_SECOND, 0, "in 7 d" },
    { 0, 2 * VLT_DAY + 13 * VLT_HOUR, "3 d ago" },
    { 0, 2 * VLT_DAY + 11 * VLT_HOUR, "2 d ago" },
    { 0, 500 * VLT_DAY, "1970-01-01" },
};

static void
times_are_told_from_now(void **state)
{
    for (size_t i = 0; i < sizeof agos / sizeof agos[0]; i++) {
        vlt_buf_clear(&out);
        ago_put(agos[i].then, agos[i].now, &out);
        assert_string_equal(vlt_buf_text(&out), agos[i].says);
    }
}

static void
spans_and_sizes_have_units(void **state)
{
    ago_put_span(900, &out);
    vlt_buf_put_text(&out, " ");
    ago_put_span(86400, &out);
    vlt_buf_put_text(&out, " ");
    ago_put_span(0, &out);
    vlt_buf_put_text(&out, " ");
    ago_put_bytes(812, &out);
    vlt_buf_put_text(&out, " ");
    ago_put_bytes(1468006, &out);
    assert_string_equal(vlt_buf_text(&out), "15min 1d 0s 812 B 1.4 MiB");
}

static void
people_type_times_in_four_ways(void **state)
{
    int64_t now = 100 * VLT_DAY;
    int64_t time = 0;
    bool rough = false;

    assert_int_equal(ago_parse(vlt_slice_text("now"), now, &time, &rough),
                     VLT_OK);
    assert_true(time == now && rough);
    assert_int_equal(ago_parse(vlt_slice_text("7d"), now, &time, &rough),
                     VLT_OK);
    assert_true(time == 93 * VLT_DAY && rough);
    assert_int_equal(
        ago_parse(vlt_slice_text("1970-01-03"), now, &time, &rough), VLT_OK);
    assert_true(time == 2 * VLT_DAY && !rough);
    assert_int_equal(ago_parse(vlt_slice_text("1970-01-03T01:00:00+01:00"), now,
                               &time, &rough),
                     VLT_OK);
    assert_true(time == 2 * VLT_DAY && !rough);
    assert_int_equal(
        ago_parse(vlt_slice_text("1970-02-30"), now, &time, &rough),
        VLT_E_FORMAT);
    assert_int_equal(ago_parse(vlt_slice_text("soon"), now, &time, &rough),
                     VLT_E_FORMAT);
}

/* ---- charts ---- */

static void
a_chart_shows_its_line_and_its_ends(void **state)
{
    int64_t time[21];
    double value[21];

    for (int i = 0; i < 21; i++) {
        time[i] = i * VLT_DAY;
        value[i] = i;
    }
    struct chart chart = {
        .time = time, .value = value, .count = 21, .width = 31, .height = 3
    };

    chart_draw(&chart, &out);
    assert_string_equal(vlt_buf_text(&out),
                        "      20 |               ******\n"
                        "         |     ***********\n"
                        "       0 |******\n"
                        "          1970-01-01T00:00 1970-01-21T00:00\n");
}

static void
a_short_chart_tells_its_ends_apart(void **state)
{
    int64_t time[2] = { 0, 5 * VLT_SECOND };
    double value[2] = { 0, 1 };
    struct chart chart = {
        .time = time, .value = value, .count = 2, .width = 60, .height = 2
    };

    chart_draw(&chart, &out);
    assert_non_null(strstr(vlt_buf_text(&out), "1970-01-01T00:00:00   "));
    assert_non_null(strstr(vlt_buf_text(&out), "   1970-01-01T00:00:05\n"));
    vlt_buf_clear(&out);
    time[1] = 1000000;
    chart_draw(&chart, &out);
    assert_non_null(strstr(vlt_buf_text(&out), "   1970-01-01T00:00:00.001"));
}

static void
a_peak_is_never_lost(void **state)
{
    static int64_t time[10000];
    static double value[10000];

    for (int i = 0; i < 10000; i++) {
        time[i] = i;
        value[i] = i == 5000 ? 100 : 0;
    }
    struct chart chart = {
        .time = time, .value = value, .count = 10000, .width = 40, .height = 4
    };

    chart_draw(&chart, &out);
    assert_non_null(strstr(vlt_buf_text(&out), "     100 |               *"));
}

static void
numbers_that_are_none_are_left_out(void **state)
{
    int64_t time[2] = { 0, 1 };
    double value[2] = { NAN, INFINITY };
    struct chart chart = {
        .time = time, .value = value, .count = 2, .width = 40, .height = 4
    };

    chart_draw(&chart, &out);
    assert_string_equal(vlt_buf_text(&out),
                        "nothing to draw: no row has a number\n");
}

/* ---- progress ---- */

static void
progress_tells_rate_and_time_left(void **state)
{
    struct progress progress = { .what = "a.csv", .all = 100 };

    progress_line(&progress, 50, 1000, 2 * VLT_SECOND, &out);
    assert_string_equal(vlt_buf_text(&out),
                        "a.csv ############............  50 %  1000 rows, 500 "
                        "a second, 2 s left");
}

/* ---- answers ---- */

static void
what_others_wrote_is_marked(void **state)
{
    struct vlt_json *json = NULL;

    assert_int_equal(vlt_json_parse(vlt_slice_text("[\"hi\",null,[\"a\","
                                                   "\"b\"],900,true,"
                                                   "-32499,2500]"),
                                    100, 8, NULL, &json),
                     VLT_OK);
    static const enum view_as as[] = { VIEW_THEIRS, VIEW_THEIRS, VIEW_LIST,
                                       VIEW_SPAN,   VIEW_TEXT,   VIEW_MILLI,
                                       VIEW_MILLI };

    for (size_t i = 0; i < 7; i++) {
        view_value(vlt_json_item(json, i), as[i], 0, &out);
        vlt_buf_put_text(&out, "|");
    }
    vlt_json_free(json);
    assert_string_equal(vlt_buf_text(&out), "» hi|-|a, b|15min|yes|-32|3|");
}

/* ---- rows ---- */

static const int64_t times[2] = { 0, VLT_HOUR };
static const double numbers[2] = { 1.5, 0 };
static const int64_t large[2] = { INT64_C(9007199254740993), 2 };
static const struct vault_text texts[2] = { { "a,\"b\"\n", 6 }, { "", 0 } };
static const uint8_t first_only[1] = { 1 };

static const struct vault_column columns[] = {
    { .name = "value",
      .type = VAULT_F64,
      .present = first_only,
      .f64 = numbers },
    { .name = "n", .type = VAULT_I64, .i64 = large },
    { .name = "note", .type = VAULT_TEXT, .text = texts },
};

static const struct vault_page page = { .stream = "home/a",
                                        .seq = 1,
                                        .rows = 2,
                                        .time = times,
                                        .columns = 3,
                                        .column = columns };

static void
rows_become_json_that_reads_back(void **state)
{
    assert_int_equal(frames_take(&frames, &page), 0);
    frames_put_json(&frames, &out);
    assert_string_equal(
        vlt_buf_text(&out),
        "{\"series\":[{\"stream\":\"home/a\",\"columns\":[\"time\",\"value\","
        "\"n\",\"note\"],\"rows\":[[\"1970-01-01T00:00:00Z\",1.5,"
        "\"9007199254740993\",\"a,\\\"b\\\"\\n\"],[\"1970-01-01T01:00:00Z\","
        "null,2,\"\"]]}]}\n");
}

static void
ndjson_keeps_types_and_leaves_out_what_is_absent(void **state)
{
    static const double reals[] = { 21, -0., 1e300, 0.5 };
    static const struct vault_column real = { .name = "v",
                                              .type = VAULT_F64,
                                              .f64 = reals };
    static const int64_t at[] = { 0, 1, 2, 3 };
    static const struct vault_page more = {
        .stream = "b", .rows = 4, .time = at, .columns = 1, .column = &real
    };

    assert_int_equal(frames_take(&frames, &page), 0);
    assert_int_equal(frames_take(&frames, &more), 0);
    frames_put_ndjson(&frames, &out);
    assert_string_equal(
        vlt_buf_text(&out),
        "{\"stream\":\"home/a\",\"time\":\"1970-01-01T00:00:00Z\",\"values\":"
        "{\"value\":1.5,\"n\":9007199254740993,\"note\":\"a,\\\"b\\\"\\n\"}}\n"
        "{\"stream\":\"home/a\",\"time\":\"1970-01-01T01:00:00Z\",\"values\":"
        "{\"n\":2,\"note\":\"\"}}\n"
        "{\"stream\":\"b\",\"time\":\"1970-01-01T00:00:00Z\",\"values\":"
        "{\"v\":21.0}}\n"
        "{\"stream\":\"b\",\"time\":\"1970-01-01T00:00:00.000000001Z\","
        "\"values\":{\"v\":-0.0}}\n"
        "{\"stream\":\"b\",\"time\":\"1970-01-01T00:00:00.000000002Z\","
        "\"values\":{\"v\":1e300}}\n"
        "{\"stream\":\"b\",\"time\":\"1970-01-01T00:00:00.000000003Z\","
        "\"values\":{\"v\":0.5}}\n");
}

static void
csv_tells_an_empty_text_from_none(void **state)
{
    assert_int_equal(frames_take(&frames, &page), 0);
    frames_put_csv(&frames, false, &out);
    assert_string_equal(vlt_buf_text(&out),
                        "time,value,n,note\n"
                        "1970-01-01T00:00:00Z,1.5,9007199254740993,\"a,"
                        "\"\"b\"\"\n\"\n"
                        "1970-01-01T01:00:00Z,,2,\"\"\n");
}

static void
csv_on_a_terminal_has_a_line_a_row(void **state)
{
    assert_int_equal(frames_take(&frames, &page), 0);
    frames_put_csv(&frames, true, &out);
    assert_string_equal(vlt_buf_text(&out),
                        "time,value,n,note\n"
                        "1970-01-01T00:00:00Z,1.5,9007199254740993,\"a,"
                        "\"\"b\"\"\\x0A\"\n"
                        "1970-01-01T01:00:00Z,,2,\"\"\n");
}

static void
csv_of_two_streams_names_them(void **state)
{
    struct vault_page other = page;

    other.stream = "home/b";
    other.columns = 1;
    other.rows = 1;
    assert_int_equal(frames_take(&frames, &page), 0);
    assert_int_equal(frames_take(&frames, &other), 0);
    frames_put_csv(&frames, false, &out);
    assert_non_null(strstr(vlt_buf_text(&out), "stream,time,value,n,note\n"));
    assert_non_null(
        strstr(vlt_buf_text(&out), "home/b,1970-01-01T00:00:00Z,1.5,,\n"));
}

static void
pages_of_a_stream_join(void **state)
{
    assert_int_equal(frames_take(&frames, &page), 0);
    assert_int_equal(frames_take(&frames, &page), 0);
    assert_int_equal(frames.count, 1);
    assert_int_equal(frames.at[0].rows, 4);
    frames_put_text(&frames, true, false, &out);
    assert_non_null(strstr(vlt_buf_text(&out), "» home/a  (4 rows)\n"));
    assert_non_null(strstr(vlt_buf_text(&out), "a,\"b\"\\x0A\n"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colour_is_for_terminals_that_did_not_say_no),
        cmocka_unit_test(the_first_locale_that_is_set_decides),
        cmocka_unit_test(wide_and_combining_characters_have_their_width),
        cmocka_unit_test_teardown(columns_are_aligned_and_escaped, drop),
        cmocka_unit_test_teardown(heads_are_bold_where_there_is_colour, drop),
        cmocka_unit_test_teardown(times_are_told_from_now, drop),
        cmocka_unit_test_teardown(spans_and_sizes_have_units, drop),
        cmocka_unit_test(people_type_times_in_four_ways),
        cmocka_unit_test_teardown(a_long_cell_widens_no_other_row, drop),
        cmocka_unit_test_teardown(a_chart_shows_its_line_and_its_ends, drop),
        cmocka_unit_test_teardown(a_short_chart_tells_its_ends_apart, drop),
        cmocka_unit_test_teardown(a_peak_is_never_lost, drop),
        cmocka_unit_test_teardown(numbers_that_are_none_are_left_out, drop),
        cmocka_unit_test_teardown(progress_tells_rate_and_time_left, drop),
        cmocka_unit_test_teardown(what_others_wrote_is_marked, drop),
        cmocka_unit_test_teardown(rows_become_json_that_reads_back, drop),
        cmocka_unit_test_teardown(
            ndjson_keeps_types_and_leaves_out_what_is_absent, drop),
        cmocka_unit_test_teardown(csv_tells_an_empty_text_from_none, drop),
        cmocka_unit_test_teardown(csv_on_a_terminal_has_a_line_a_row, drop),
        cmocka_unit_test_teardown(csv_of_two_streams_names_them, drop),
        cmocka_unit_test_teardown(pages_of_a_stream_join, drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
