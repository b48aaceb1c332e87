#include <stdio.h>
#include <string.h>

#include "import/mapping.h"
#include "imported.h"
#include "unit.h"

static struct vlt_buf seen;
static struct vlt_buf again;

static int
drop(void **state)
{
    vlt_buf_free(&seen);
    vlt_buf_free(&again);
    return 0;
}

static struct mapping *
mapping_of(const char *yaml)
{
    struct mapping_fault fault = { 0 };
    struct mapping *mapping = NULL;

    if (mapping_read(vlt_slice_text(yaml), NULL, &fault, &mapping) != VLT_OK) {
        fail_msg("%d:%d: %s", fault.line, fault.column, fault.says);
    }
    return mapping;
}

/* Import whole, and in pieces of 1, 7 and 4,096 bytes, which must give the
 * same. */
static const char *
import_mapped(struct mapping *mapping, const char *file, size_t len)
{
    static const size_t pieces[] = { 1, 7, 4096 };
    struct import_options options = { .mapping = mapping };
    struct vlt_slice bytes = vlt_slice_of(file, len);

    imported("csv", &options, bytes, len > 0 ? len : 1, &seen);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        imported("csv", &options, bytes, pieces[i], &again);
        assert_string_equal(vlt_buf_text(&again), vlt_buf_text(&seen));
    }
    mapping_free(mapping);
    return vlt_buf_text(&seen);
}

static const char *
import(const char *yaml, const char *file)
{
    return import_mapped(mapping_of(yaml), file, strlen(file));
}

static const char plain[] =
    "time: {from: t, format: epoch-s}\n"
    "streams:\n"
    "  - {name: a, from: x, unit: Cel, category: home.climate}\n"
    "  - {name: b, from: y, type: i64}\n";

static void
each_mapped_column_becomes_a_row(void **state)
{
    assert_string_equal(import(plain, "t,x,y\n1,2.5,7\n2,,8\n3,4,\n"),
                        "a Cel home.climate @1000000000 value=2.5\n"
                        "b @1000000000 value=7i\n"
                        "b @2000000000 value=8i\n"
                        "a Cel home.climate @3000000000 value=4\n"
                        "end ok\n");
}

static void
quotes_may_hold_all(void **state)
{
    assert_string_equal(
        import("time: {from: t, format: epoch-s}\n"
               "streams: [{name: n, from: x, type: text}]\n",
               "\"t\",\"x\"\n1,\"a,\"\"b\"\"\nc\"\n2,d\"e\"\n\"3\",\"\"\n4,\n"),
        "n @1000000000 value=\"a,\"b\"\nc\"\n"
        "n @2000000000 value=\"d\"e\"\"\n"
        "n @3000000000 value=\"\"\n"
        "end ok\n");
}

static void
a_line_break_is_lf_or_cr_lf(void **state)
{
    assert_string_equal(import(plain, "t,x,y\r\n1,2,\r\n\r\n2,3,\n3,4,"),
                        "a Cel home.climate @1000000000 value=2\n"
                        "a Cel home.climate @2000000000 value=3\n"
                        "a Cel home.climate @3000000000 value=4\n"
                        "end ok\n");
}

static void
a_byte_order_mark_is_passed_over(void **state)
{
    assert_string_equal(
        import("time: {from: \"t,a\", format: epoch-s}\n"
               "streams: [{name: n, from: x}]\n",
               "\xef\xbb\xbf\"t,a\",x\n1,2\nz,1\n"),
        "n @1000000000 value=2\n"
        "fault time line 3 byte 15 of 15+3 field t,a: \"z\" is no time of "
        "this format\n"
        "end ok\n");
    assert_string_equal(
        import("time: {from: t, format: epoch-s}\n"
               "streams: [{name: n, from: x}]\n"
               "columns: [t, x]\n",
               "\xef\xbb\xbf"
               "1,y\n2,3\n"),
        "fault type line 1 byte 5 of 0+6 field x: \"y\" is not a number\n"
        "n @2000000000 value=3\n"
        "end ok\n");
}

static void
numbers_may_have_blanks_around(void **state)
{
    assert_string_equal(import(plain, "t,x,y\n\" 1\",\"  2.50 \",\" 7\"\n"),
                        "a Cel home.climate @1000000000 value=2.5\n"
                        "b @1000000000 value=7i\n"
                        "end ok\n");
}

/* What is wrong with a row, and what is said of it. */
static const struct {
    const char *says;
    const char *row;
    const char *fault;
} refused[] = {
    { "a cell too few", "1,2",
      "fault width line 2 byte 6 of 6+3: the row has 2 cells, not 3\n" },
    { "a cell too many", "1,2,3,4",
      "fault width line 2 byte 6 of 6+7: the row has 4 cells, not 3\n" },
    { "no number", "1,x,",
      "fault type line 2 byte 8 of 6+4 field x: \"x\" is not a number\n" },
    { "a decimal comma", "1,\"2,5\",",
      "fault type line 2 byte 8 of 6+8 field x: \"2,5\" is not a number\n" },
    { "half of a whole", "1,,2.5",
      "fault type line 2 byte 9 of 6+6 field y: \"2.5\" is not a whole "
      "number\n" },
    { "2^63", "1,,9223372036854775808",
      "fault range line 2 byte 9 of 6+22 field y: "
      "\"9223372036854775808\" is outside -2^63 to 2^63-1\n" },
    { "too large", "1,1e400,",
      "fault range line 2 byte 8 of 6+8 field x: \"1e400\" is too large\n" },
    { "infinite", "1,inf,",
      "fault type line 2 byte 8 of 6+6 field x: \"inf\" is not a number\n" },
    { "no time", "now,1,",
      "fault time line 2 byte 6 of 6+6 field t: \"now\" is no time of this "
      "format\n" },
    { "a time out of range", "99999999999,1,",
      "fault time line 2 byte 6 of 6+14 field t: \"99999999999\" is out of "
      "range\n" },
    { "something behind a quote", "1,\"2\"x,",
      "fault syntax line 2 byte 11 of 6+7: a quotation mark is not closed "
      "where the cell ends\n" },
    { "bad UTF-8", "1,\xff,",
      "fault encoding line 2 byte 8 of 6+4 field x: its bytes are not of the "
      "file's encoding\n" },
};

static void
a_bad_row_is_refused_by_place_and_the_next_is_taken(void **state)
{
    char file[256];
    char expected[512];

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        print_message("%s\n", refused[i].says);
        snprintf(file, sizeof file, "t,x,y\n%s\n9,5,\n", refused[i].row);
        snprintf(expected, sizeof expected,
                 "%sa Cel home.climate @9000000000 value=5\nend ok\n",
                 refused[i].fault);
        assert_string_equal(import(plain, file), expected);
    }
}

static void
a_bad_cell_costs_its_own_stream_only(void **state)
{
    assert_string_equal(
        import(plain, "t,x,y\n1,x,7\n"),
        "fault type line 2 byte 8 of 6+5 field x: \"x\" is not a number\n"
        "b @1000000000 value=7i\n"
        "end ok\n");
}

static void
a_quote_that_never_closes_is_one_bad_part(void **state)
{
    assert_string_equal(
        import(plain, "t,x,y\n1,2,\n2,\"3,\n3,4,\n"),
        "a Cel home.climate @1000000000 value=2\n"
        "fault syntax line 3 byte 13 of 11+11: a quotation mark is not "
        "closed where the cell ends\n"
        "end ok\n");
}

/* A quote that runs past the limit of a row: what follows its next line break
 * is read again. */
static void
a_row_over_its_limit_ends_at_a_line_break(void **state)
{
    size_t len = CELLS_ROW + 200;
    char *file = malloc(len);

    assert_non_null(file);
    memset(file, 'z', len);
    memcpy(file, "t,x,y\n1,\"", 9);
    memcpy(file + len - 20, "\n2,3,\n\"3\",4,5\n6,7,8\n", 20);
    const char *text = import_mapped(mapping_of(plain), file, len);

    assert_non_null(strstr(text, "fault size line 2 byte 6 of 6+1048750: the "
                                 "row is over 1,048,576 bytes\n"
                                 "a Cel home.climate @2000000000 value=3\n"
                                 "a Cel home.climate @3000000000 value=4\n"
                                 "b @3000000000 value=5i\n"));
    free(file);
}

static void
a_column_must_be_mapped_or_ignored(void **state)
{
    assert_string_equal(
        import(plain, "t,x,y,z\n1,2,3,4\n"),
        "fault name line 1 byte 0 of 0+7 field z: the column is neither "
        "mapped nor ignored\n"
        "end format\n");
    assert_string_equal(
        import(plain, "t,x\n1,2\n"),
        "fault name line 1 byte 0 of 0+3 field y: the file has no such "
        "column\n"
        "end format\n");
    assert_string_equal(
        import(plain, "t,x,y,x\n1,2,3,4\n"),
        "fault name line 1 byte 0 of 0+7 field x: the file has this column "
        "twice\n"
        "end format\n");
    assert_string_equal(import("time: {from: t, format: epoch-s}\n"
                               "streams: [{name: a, from: x}]\n"
                               "ignore: [\"rv{1..2}\", absent]\n",
                               "rv1,t,rv2,x\n0,1,0,2\n"),
                        "a @1000000000 value=2\nend ok\n");
}

static void
ranges_spread_out(void **state)
{
    assert_string_equal(
        import("time: {from: t, format: epoch-s}\n"
               "streams: [{name: \"room{1..3}/temp\", from: \"T{01..03}\"}]\n",
               "t,T01,T02,T03\n1,2,3,4\n"),
        "room1/temp @1000000000 value=2\n"
        "room2/temp @1000000000 value=3\n"
        "room3/temp @1000000000 value=4\n"
        "end ok\n");
}

static void
columns_of_one_stream_make_one_row(void **state)
{
    assert_string_equal(
        import("time: {from: t, format: epoch-ms}\n"
               "streams:\n"
               "  - {name: pos, from: la, column: lat, unit: deg}\n"
               "  - {name: pos, from: lo, column: lon}\n"
               "  - {name: pos, from: ok, column: ok, type: bool}\n",
               "la,lo,ok,t\n1.5,2.5,true,1500\n,3,0,2500\n1,x,T,3500\n"),
        "pos deg @1500000000 lat=1.5 lon=2.5 ok=T\n"
        "pos deg @2500000000 lon=3 ok=F\n"
        "fault type line 4 byte 41 of 39+10 field lo: \"x\" is not a "
        "number\n"
        "end ok\n");
}

static void
european_files_are_read(void **state)
{
    assert_string_equal(
        import("delimiter: \";\"\n"
               "encoding: windows-1252\n"
               "decimal: \",\"\n"
               "header: false\n"
               "skip: 2\n"
               "columns: [tag, betrag, zweck]\n"
               "time: {from: tag, format: \"%d.%m.%Y\", zone: UTC}\n"
               "streams:\n"
               "  - {name: konto, from: betrag, column: amount}\n"
               "  - {name: konto, from: zweck, column: memo, type: text}\n",
               "Umsatz\n\n2.1.1970;-12,50;\x80 f\xfcr \"M\xfcller\"\n"
               "3.1.1970;1.5;x\n4.1.1970;1;\x81\n"),
        "konto @86400000000000 amount=-12.5 memo=\"€ für \"Müller\"\"\n"
        "fault type line 4 byte 48 of 39+14 field betrag: \"1.5\" is "
        "not a number\n"
        "fault encoding line 5 byte 65 of 54+12 field zweck: its bytes are "
        "not of the file's encoding\n"
        "end ok\n");
}

static void
latin_1_has_a_character_for_every_byte(void **state)
{
    assert_string_equal(import("encoding: latin-1\n"
                               "time: {from: t, format: epoch-s}\n"
                               "streams: [{name: n, from: x, type: text}]\n",
                               "t,x\n1,\"\xe9\"\"\xff\"\n"),
                        "n @1000000000 value=\"é\"ÿ\"\n"
                        "end ok\n");
}

static void
a_cell_is_split_into_a_list(void **state)
{
    assert_string_equal(
        import(
            "delimiter: \"\\t\"\n"
            "time: {from: t, format: epoch-s}\n"
            "streams:\n"
            "  - {name: n, from: x, type: json, split: <div>}\n"
            "  - {name: n, from: j, type: json, column: raw}\n",
            "t\tx\tj\n1\ta<div>b \"q\"\t\"{\"\"k\"\": [1]}\"\n2\t<div>\t{\n"),
        "n @1000000000 value=[\"a\",\"b \\\"q\\\"\"] raw={\"k\": [1]}\n"
        "fault type line 3 byte 43 of 35+9 field j: \"{\" is not JSON\n"
        "end ok\n");
}

static void
missing_is_what_the_mapping_says(void **state)
{
    assert_string_equal(
        import("missing: [\"-\"]\n"
               "time: {from: t, format: epoch-s}\n"
               "streams: [{name: n, from: x}]\n",
               "t,x\n1,-\n2, - \n3,\n"),
        "fault type line 4 byte 16 of 14+2 field x: \"\" is not a number\n"
        "end ok\n");
}

static void
local_times_go_through_their_zone(void **state)
{
    assert_string_equal(import("time: {from: t, format: \"%Y-%m-%d %H:%M\", "
                               "zone: Europe/Berlin}\n"
                               "streams: [{name: n, from: x}]\n",
                               "t,x\n2024-10-27 02:30,1\n2024-10-27 02:00,2\n"
                               "2024-10-27 02:30,3\n2024-03-31 02:30,4\n"),
                        "n @1729989000000000000 value=1\n"
                        "n @1729990800000000000 value=2\n"
                        "n @1729992600000000000 value=3\n"
                        "n @1711848600000000000 gap-time value=4\n"
                        "end ok\n");
}

static void
what_a_query_writes_is_read_back(void **state)
{
    static const struct mapping_named columns[] = { { "value", IMPORT_F64 },
                                                    { "note", IMPORT_TEXT },
                                                    { "n", IMPORT_I64 } };
    static const char file[] = "time,note,value\n"
                               "2024-01-01T00:00:00.5Z,\"\",1.5\n"
                               "2024-01-01T00:00:01Z,,\n";
    struct mapping *mapping = NULL;

    assert_int_equal(mapping_for_stream("a/b", columns, 3, &mapping), VLT_OK);
    assert_string_equal(import_mapped(mapping, file, strlen(file)),
                        "a/b @1704067200500000000 value=1.5 note=\"\"\n"
                        "end ok\n");
    assert_int_equal(mapping_for_stream("a//b", columns, 3, &mapping),
                     VLT_E_FORMAT);
}

static size_t
known(void *ctx, struct vlt_slice stream,
      struct mapping_named out[IMPORT_CELLS])
{
    out[0] = (struct mapping_named){ "value", IMPORT_F64 };
    out[1] = (struct mapping_named){ "note", IMPORT_TEXT };
    return vlt_slice_is(stream, "a") ? 2 : vlt_slice_is(stream, "b") ? 1 : 0;
}

static const char *
import_named(const char *file)
{
    struct mapping_lookup lookup = { .columns = known };
    struct mapping *mapping = NULL;

    assert_int_equal(mapping_for_streams(&lookup, &mapping), VLT_OK);
    return import_mapped(mapping, file, strlen(file));
}

static void
rows_may_name_their_stream(void **state)
{
    assert_string_equal(import_named("stream,time,value,note\n"
                                     "a,1970-01-01T00:00:01Z,1.5,\"\"\n"
                                     "b,1970-01-01T00:00:02Z,2,\n"
                                     "a,1970-01-01T00:00:03Z,,x\n"
                                     "a,1970-01-01T00:00:04Z,,\n"),
                        "a @1000000000 value=1.5 note=\"\"\n"
                        "b @2000000000 value=2\n"
                        "a @3000000000 note=\"x\"\n"
                        "end ok\n");
}

static void
a_row_has_cells_of_its_own_stream_only(void **state)
{
    assert_string_equal(
        import_named("stream,time,value,note\n"
                     "b,1970-01-01T00:00:01Z,1,x\n"
                     "c,1970-01-01T00:00:01Z,1,\n"
                     "b,1970-01-01T00:00:01Z,no,\n"
                     "b,1970-01-01T00:00:02Z,2,\n"),
        "fault name line 2 byte 23 of 23+26 field note: the stream has no such "
        "column\n"
        "fault name line 3 byte 50 of 50+25 field stream: \"c\" is no stream "
        "of "
        "the vault, and CSV does not say what its columns are: create it "
        "first\n"
        "fault type line 4 byte 99 of 76+26 field value: \"no\" is not a "
        "number\n"
        "b @2000000000 value=2\n"
        "end ok\n");
}

static void
a_header_of_named_rows_is_checked(void **state)
{
    static const char *const headers[][2] = {
        { "time,value\n", "field stream: the file has no such column" },
        { "stream,value\n", "field time: the file has no such column" },
        { "stream,time,v,v\n", "field v: the file has this column twice" },
        { "stream,time,1\n", "field 1: cannot be the name of a column" },
    };

    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        const char *told = import_named(headers[i][0]);

        print_message("%s", headers[i][0]);
        assert_non_null(strstr(told, headers[i][1]));
        assert_non_null(strstr(told, "end format"));
    }
}

static void
a_query_is_known_by_its_header(void **state)
{
    static const struct {
        const char *head;
        enum mapping_header is;
    } heads[] = {
        { "stream,time,value\n", MAPPING_MANY },
        { "\xef\xbb\xbfstream,time,value\n", MAPPING_MANY },
        { "time,value\n", MAPPING_ONE },
        { "stream,time\n", MAPPING_STRANGE },
        { "stream;time;value\n", MAPPING_STRANGE },
        { "times,value\n", MAPPING_STRANGE },
        { "", MAPPING_STRANGE },
    };

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        print_message("%s", heads[i].head);
        assert_int_equal(mapping_header_of(vlt_slice_text(heads[i].head)),
                         heads[i].is);
    }
}

static void
rows_before_a_cut_are_as_without_it(void **state)
{
    static const char file[] = "t,x,y\n1,\"2\",3\n4,5,6\n";
    static const char first[] = "a Cel home.climate @1000000000 value=2\n"
                                "b @1000000000 value=3i\n";

    for (size_t len = 7; len < sizeof file - 1; len++) {
        const char *text = import_mapped(mapping_of(plain), file, len);

        assert_true((strncmp(text, first, sizeof first - 1) == 0) ==
                    (len >= 13));
    }
}

static void
csv_needs_a_mapping(void **state)
{
    struct import_options options = { 0 };

    imported("csv", &options, vlt_slice_text("a,b\n"), 1, &seen);
    assert_string_equal(vlt_buf_text(&seen), "end format\n");
}

static enum vlt_status
keep_fault(void *ctx, const struct import_fault *fault)
{
    import_fault_print(fault, ctx);
    return VLT_OK;
}

static void
a_fault_is_told_as_a_person_reads_it(void **state)
{
    struct mapping *mapping = mapping_of(plain);
    struct import_options options = { .mapping = mapping };
    struct import_sink sink = { &seen, imported_row, keep_fault };
    struct vlt_slice file = vlt_slice_text("t,x,y\n1,warm,\n1\n");
    struct import *import = NULL;

    vlt_buf_clear(&seen);
    assert_int_equal(import_new("csv", &options, &sink, &import), VLT_OK);
    assert_int_equal(import_feed(import, file), VLT_OK);
    assert_string_equal(vlt_buf_text(&seen),
                        "field \"x\": \"warm\" is not a number"
                        "the row has 1 cells, not 3");
    import_free(import);
    mapping_free(mapping);
}

static enum vlt_status
full(void *ctx, const struct import_row *row)
{
    return VLT_E_QUOTA;
}

static void
a_sink_that_is_full_ends_it_for_good(void **state)
{
    struct mapping *mapping = mapping_of(plain);
    struct import_options options = { .mapping = mapping };
    struct import_sink sink = { &seen, full, imported_fault };
    struct vlt_slice file = vlt_slice_text("t,x,y\n1,2,3\n");
    struct import *import = NULL;

    assert_int_equal(import_new("csv", &options, &sink, &import), VLT_OK);
    assert_int_equal(import_feed(import, file), VLT_E_QUOTA);
    assert_int_equal(import_feed(import, file), VLT_E_QUOTA);
    assert_int_equal(import_end(import), VLT_E_QUOTA);
    import_free(import);
    mapping_free(mapping);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mapped_column_becomes_a_row),
        cmocka_unit_test(quotes_may_hold_all),
        cmocka_unit_test(a_line_break_is_lf_or_cr_lf),
        cmocka_unit_test(a_byte_order_mark_is_passed_over),
        cmocka_unit_test(numbers_may_have_blanks_around),
        cmocka_unit_test(a_bad_row_is_refused_by_place_and_the_next_is_taken),
        cmocka_unit_test(a_bad_cell_costs_its_own_stream_only),
        cmocka_unit_test(a_quote_that_never_closes_is_one_bad_part),
        cmocka_unit_test(a_row_over_its_limit_ends_at_a_line_break),
        cmocka_unit_test(a_column_must_be_mapped_or_ignored),
        cmocka_unit_test(ranges_spread_out),
        cmocka_unit_test(columns_of_one_stream_make_one_row),
        cmocka_unit_test(european_files_are_read),
        cmocka_unit_test(latin_1_has_a_character_for_every_byte),
        cmocka_unit_test(a_cell_is_split_into_a_list),
        cmocka_unit_test(missing_is_what_the_mapping_says),
        cmocka_unit_test(local_times_go_through_their_zone),
        cmocka_unit_test(what_a_query_writes_is_read_back),
        cmocka_unit_test(rows_may_name_their_stream),
        cmocka_unit_test(a_row_has_cells_of_its_own_stream_only),
        cmocka_unit_test(a_header_of_named_rows_is_checked),
        cmocka_unit_test(a_query_is_known_by_its_header),
        cmocka_unit_test(rows_before_a_cut_are_as_without_it),
        cmocka_unit_test(csv_needs_a_mapping),
        cmocka_unit_test(a_fault_is_told_as_a_person_reads_it),
        cmocka_unit_test(a_sink_that_is_full_ends_it_for_good),
    };

    return cmocka_run_group_tests(tests, NULL, drop);
}
