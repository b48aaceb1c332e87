#include "import/mapping.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "unit.h"

static const char least[] = "time: {from: t, format: epoch-s}\n"
                            "streams: [{name: a, from: x}]\n";

static void
only_time_and_streams_must_be_said(void **state)
{
    struct mapping_fault fault;
    struct mapping *mapping = NULL;

    assert_int_equal(
        mapping_read(vlt_slice_text(least), NULL, &fault, &mapping), VLT_OK);
    assert_int_equal(mapping->delimiter, ',');
    assert_int_equal(mapping->decimal, '.');
    assert_int_equal(mapping->encoding, CELLS_UTF_8);
    assert_true(mapping->header);
    assert_int_equal(mapping->missing.count, 3);
    assert_string_equal(mapping->missing.at[1], "NA");
    assert_int_equal(mapping->count, 1);
    assert_string_equal(mapping->streams[0]->columns[0].column, "value");
    assert_int_equal(mapping->streams[0]->columns[0].type, IMPORT_F64);
    assert_string_equal(mapping->streams[0]->unit, "");
    mapping_free(mapping);
}

/* Each key once. */
static void
the_whole_of_it_is_read(void **state)
{
    static const char yaml[] =
        "format: csv\n"
        "delimiter: \",\"\n"
        "encoding: utf-8\n"
        "header: true\n"
        "decimal: \".\"\n"
        "missing: [\"\", \"NA\", \"null\"]\n"
        "time: {from: date, format: \"%Y-%m-%d %H:%M:%S\", zone: UTC}\n"
        "streams:\n"
        "  - {name: home/appliances/energy, from: Appliances, column: value, "
        "type: i64, unit: W.h, category: energy.electricity}\n"
        "  - {name: \"home/room{1..9}/temperature\", from: \"T{1..9}\", "
        "column: value, type: f64, unit: Cel, category: home.climate}\n"
        "ignore: [rv1, rv2, NSM, WeekStatus, Day_of_week]\n";
    struct mapping_fault fault = { 0 };
    struct mapping *mapping = NULL;

    assert_int_equal(mapping_read(vlt_slice_text(yaml), NULL, &fault, &mapping),
                     VLT_OK);
    assert_int_equal(mapping->count, 10);
    assert_string_equal(mapping->streams[9]->name, "home/room9/temperature");
    assert_string_equal(mapping->streams[9]->columns[0].from, "T9");
    assert_string_equal(mapping->streams[9]->category, "home.climate");
    assert_int_equal(mapping->ignore.count, 5);
    mapping_free(mapping);
}

static const char time_part[] = "time: {from: t, format: epoch-s}\n";
static const char stream_part[] = "streams: [{name: a, from: x}]\n";

/* A mapping with one thing wrong, which parts of a good one stand before it,
 * and where and how that is said. */
static const struct {
    const char *says;
    const char *before;
    const char *yaml;
    const char *at;
    const char *why;
} refused[] = {
    { "nothing", "", "", "1:1", "is empty" },
    { "no streams", time_part, "", "1:1", "`streams` is missing" },
    { "no time", stream_part, "", "1:1", "`time` is missing" },
    { "an unknown key", least, "colour: red\n", "3:", "`colour` is not known" },
    { "another format", least, "format: xml\n", "3:9", "must be one of: csv" },
    { "a long delimiter", least, "delimiter: ab\n", "3:12",
      "one ASCII character" },
    { "a quotation mark as delimiter", least, "delimiter: '\"'\n", "3:12",
      "one ASCII character" },
    { "an unknown encoding", least, "encoding: utf-16\n", "3:11",
      "must be one of: utf-8, latin-1, windows-1252" },
    { "a header that is neither", least, "header: yes\n", "3:9",
      "must be one of: false, true" },
    { "no header and no columns", least, "header: false\n", "1:1",
      "either a `header` or `columns`" },
    { "a header and columns", least, "header: true\ncolumns: [t, x]\n", "1:1",
      "either a `header` or `columns`" },
    { "skip below zero", least, "skip: -1\n", "3:7", "0 to 1000" },
    { "missing that is no list", least, "missing: NA\n", "3:10",
      "must be a list" },
    { "a list in missing", least, "missing: [[a]]\n", "3:11",
      "must be a text" },
    { "decimal as delimiter", least, "decimal: \",\"\n", "1:1",
      "are the same" },
    { "a time without from", stream_part, "time: {format: epoch-s}\n", "2:7",
      "`from` is missing" },
    { "a local time without zone", stream_part,
      "time: {from: t, format: \"%Y-%m-%d\"}\n", "2:7", "need a `zone`" },
    { "an unknown zone", stream_part,
      "time: {from: t, format: \"%Y-%m-%d\", zone: Europe/Atlantis}\n", "2:43",
      "no such zone" },
    { "a zone that leads elsewhere", stream_part,
      "time: {from: t, format: \"%Y-%m-%d\", zone: ../../etc/passwd}\n", "2:43",
      "no such zone" },
    { "a zone for a time with offset", stream_part,
      "time: {from: t, format: rfc3339, zone: UTC}\n", "2:40",
      "carry their offset" },
    { "an unknown directive", stream_part,
      "time: {from: t, format: \"%Y-%m-%d %p\", zone: UTC}\n", "2:25",
      "must be epoch-s" },
    { "a year twice", stream_part,
      "time: {from: t, format: \"%Y-%m-%d %Y\", zone: UTC}\n", "2:25",
      "must be epoch-s" },
    { "no day", stream_part, "time: {from: t, format: \"%Y-%m\", zone: UTC}\n",
      "2:25", "must be epoch-s" },
    { "streams that are none", time_part, "streams: []\n", "2:10",
      "at least one stream" },
    { "a stream without from", time_part, "streams: [{name: a}]\n", "2:11",
      "`from` is missing" },
    { "a stream with an unknown key", time_part,
      "streams: [{name: a, from: x, colour: y}]\n", "2:", "`colour`" },
    { "a bad name", time_part, "streams: [{name: a//b, from: x}]\n", "2:11",
      "no name of a stream" },
    { "a bad column", time_part, "streams: [{name: a, from: x, column: 1st}]\n",
      "2:11", "the name of a column" },
    { "an unknown type", time_part,
      "streams: [{name: a, from: x, type: int}]\n", "2:36",
      "must be one of: f64, i64, bool, text, json" },
    { "a split text", time_part,
      "streams: [{name: a, from: x, type: text, split: \";\"}]\n", "2:11",
      "its type is json" },
    { "a column twice", time_part,
      "streams: [{name: a, from: x}, {name: a, from: y}]\n", "2:31",
      "has this column" },
    { "two units", time_part,
      "streams: [{name: a, from: x, unit: m}, {name: a, from: y, column: z, "
      "unit: km}]\n",
      "2:40", "another unit" },
    { "a range of one side", time_part,
      "streams: [{name: \"a{1..2}\", from: x}]\n", "2:11", "not as long" },
    { "ranges of two lengths", time_part,
      "streams: [{name: \"a{1..2}\", from: \"x{1..3}\"}]\n", "2:11",
      "not as long" },
    { "a range backwards", time_part,
      "streams: [{name: \"a{2..1}\", from: \"x{2..1}\"}]\n", "2:18",
      "a range is {a..b}" },
    { "a brace alone", time_part, "streams: [{name: \"a{\", from: x}]\n",
      "2:18", "a range is {a..b}" },
    { "two ranges", time_part,
      "streams: [{name: \"a{1..2}{1..2}\", from: x}]\n", "2:18",
      "a range is {a..b}" },
    { "a key twice", least, "skip: 1\nskip: 2\n", "4:", "" },
    { "no YAML", "", "a: [", "", "" },
};

static void
what_is_wrong_is_said_by_line_and_column(void **state)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct mapping_fault fault = { 0 };
        struct mapping *mapping = NULL;
        char yaml[1024];
        char at[32];

        snprintf(yaml, sizeof yaml, "%s%s", refused[i].before, refused[i].yaml);
        assert_int_equal(
            mapping_read(vlt_slice_text(yaml), NULL, &fault, &mapping),
            VLT_E_FORMAT);
        print_message("%s: %d:%d: %s\n", refused[i].says, fault.line,
                      fault.column, fault.says);
        snprintf(at, sizeof at, "%d:%d", fault.line, fault.column);
        assert_int_equal(strncmp(at, refused[i].at, strlen(refused[i].at)), 0);
        assert_non_null(strstr(fault.says, refused[i].why));
        assert_null(mapping);
    }
}

static void
the_callers_zone_stands_where_none_is_said(void **state)
{
    static const char yaml[] = "time: {from: t, format: \"%Y-%m-%d\"}\n"
                               "streams: [{name: a, from: x}]\n";
    struct mapping_fault fault = { 0 };
    struct mapping *mapping = NULL;

    assert_int_equal(
        mapping_read(vlt_slice_text(yaml), "+02:00", &fault, &mapping), VLT_OK);
    assert_int_equal(zone_offset(mapping->zone, 0), 7200);
    mapping_free(mapping);
}

static void
there_are_1000_streams_at_most(void **state)
{
    static const char yaml[] =
        "time: {from: t, format: epoch-s}\n"
        "streams:\n"
        "  - {name: \"a{0..999}\", from: \"x{0..999}\"}\n"
        "  - {name: b, from: y}\n";
    struct mapping_fault fault = { 0 };
    struct mapping *mapping = NULL;

    assert_int_equal(mapping_read(vlt_slice_text(yaml), NULL, &fault, &mapping),
                     VLT_E_FORMAT);
    assert_int_equal(fault.line, 4);
    assert_non_null(strstr(fault.says, "more than 1,000 streams"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_time_and_streams_must_be_said),
        cmocka_unit_test(the_whole_of_it_is_read),
        cmocka_unit_test(what_is_wrong_is_said_by_line_and_column),
        cmocka_unit_test(the_callers_zone_stands_where_none_is_said),
        cmocka_unit_test(there_are_1000_streams_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
