#include "ingest/line.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "recorder.h"
#include "unit.h"

enum { RECEIVED = 1000 };

/* Parse with times in units of ns nanoseconds; the record is in `seen`. */
static struct vlt_buf seen;

static const char *
parse_bytes(const char *body, size_t len, int64_t ns)
{
    struct adapter_input input = { .body = vlt_slice_of(body, len),
                                   .received = RECEIVED,
                                   .precision = ns };
    struct sample_sink sink = recorder_sink(&seen);

    vlt_buf_clear(&seen);
    assert_int_equal(line_parse(&input, &sink), VLT_OK);
    return vlt_buf_text(&seen);
}

static const char *
parse(const char *body)
{
    return parse_bytes(body, strlen(body), 1);
}

static int
drop(void **state)
{
    vlt_buf_free(&seen);
    return 0;
}

/* As Home Assistant sends it. */
static void
home_assistants_line_becomes_its_stream(void **state)
{
    assert_string_equal(
        parse("°C,domain=sensor,entity_id=kitchen\\ temp "
              "value=21.5,friendly_name_str=\"Kitchen \\\"T\\\"\",n=3i,b=T "
              "1795322733323576745"),
        "sensor/kitchen%20temp Cel home.climate @1795322733323576745 b=T "
        "n=3i value=21.5\n"
        "fact sensor/kitchen%20temp friendly_name=\"Kitchen \"T\"\" "
        "@1795322733323576745\n");
}

static void
an_empty_body_is_nothing(void **state)
{
    assert_string_equal(parse(""), "");
    assert_string_equal(parse("\n\r\n# a comment\n  \n"), "");
}

static void
tags_go_into_the_path_in_order(void **state)
{
    assert_string_equal(
        parse("cpu,host=b,cpu=cpu\\,0 usage\\ idle=1\n"),
        "fault name line 1 byte 0 of 0+35 field usage idle: it cannot be the "
        "name of a column\n");
    assert_string_equal(parse("cpu,host=b,cpu=cpu\\,0 usage_idle=1,a=2i\n"),
                        "cpu/cpu=cpu%2C0/host=b - - @1000 a=2i "
                        "usage_idle=1\n");
}

static void
every_type_is_read(void **state)
{
    assert_string_equal(
        parse(
            "m a=-1.5e3,b=7i,c=9223372036854775807u,d=f,e=\"x,y z\",f=True\n"),
        "m - - @1000 a=-1500 b=7i c=9223372036854775807i d=F e=\"x,y z\" "
        "f=T\n");
}

static void
a_line_break_in_a_text_is_text(void **state)
{
    assert_string_equal(parse("m a=\"x\ny\",b=1 5\nm b=x\n"),
                        "m - - @5 a=\"x\ny\" b=1\n"
                        "fault type line 3 byte 20 of 16+5 field b: \"x\" is "
                        "not a number\n");
}

static void
lines_may_end_in_cr_lf_or_not_at_all(void **state)
{
    assert_string_equal(parse("m a=1\r\nm a=2 7\r\nm a=3 8"),
                        "m - - @1000 a=1\nm - - @7 a=2\nm - - @8 a=3\n");
}

static void
precision_gives_the_unit_of_time(void **state)
{
    assert_string_equal(parse_bytes("m a=1 2", 7, VLT_SECOND),
                        "m - - @2000000000 a=1\n");
}

static void
backslashes_stay_where_they_escape_nothing(void **state)
{
    assert_string_equal(parse("c:\\x\\=y,k=a\\ b v=\"\\\\n\\x\""),
                        "c:%5Cx=y/k=a%20b - - @1000 v=\"\\n\\x\"\n");
}

static void
other_tags_of_home_assistant_are_facts(void **state)
{
    assert_string_equal(parse("state,domain=lock,entity_id=door,area=hall "
                              "state=\"locked\",code_str=\"1\"\n"),
                        "lock/door 1 home.presence @1000 state=\"locked\"\n"
                        "fact lock/door area=\"hall\" @1000\n"
                        "fact lock/door code=\"1\" @1000\n");
}

static void
a_device_class_tells_the_category(void **state)
{
    assert_string_equal(
        parse("%,domain=sensor,entity_id=b device_class_str=\"battery\","
              "value=7\n"),
        "sensor/b % device.state @1000 value=7\n"
        "fact sensor/b device_class=\"battery\" @1000\n");
}

/* What is wrong with a line, and what is said of it. */
static const struct {
    const char *says;
    const char *line;
    const char *fault;
} refused[] = {
    { "a comma as decimal point", "m temp=21,5",
      "syntax line 1 byte 11 of 0+11 field 5: a field has no =" },
    { "text where a number is", "m temp=warm",
      "type line 1 byte 7 of 0+11 field temp: \"warm\" is not a number" },
    { "not a number", "m a=NaN",
      "type line 1 byte 4 of 0+7 field a: \"NaN\" is not a number" },
    { "2^63", "m a=9223372036854775808i",
      "range line 1 byte 4 of 0+24 field a: \"9223372036854775808i\" is "
      "outside -2^63 to 2^63-1" },
    { "2^63 unsigned", "m a=9223372036854775808u",
      "range line 1 byte 4 of 0+24 field a: \"9223372036854775808u\" is "
      "outside -2^63 to 2^63-1" },
    { "half a whole number", "m a=1.5i",
      "type line 1 byte 4 of 0+8 field a: \"1.5i\" is not a whole number" },
    { "a number over all", "m a=1e999",
      "range line 1 byte 4 of 0+9 field a: \"1e999\" is too large" },
    { "no fields", "m", "syntax line 1 byte 1 of 0+1: there are no fields" },
    { "no measurement", ",a=b c=1",
      "syntax line 1 byte 0 of 0+8: there is no measurement" },
    { "an empty tag", "m,a= b=1",
      "syntax line 1 byte 4 of 0+8 field a: a tag has no value" },
    { "a tag twice", "m,a=1,a=2 b=1",
      "syntax line 1 byte 0 of 0+13 field a: the tag stands twice" },
    { "a field twice", "m b=1,b=2",
      "syntax line 1 byte 0 of 0+9 field b: the field stands twice" },
    { "an empty value",
      "m b=", "syntax line 1 byte 4 of 0+4 field b: it has no value" },
    { "an open text", "m b=\"x",
      "syntax line 1 byte 4 of 0+6 field b: a text does not end" },
    { "something behind a text", "m b=\"x\"y",
      "syntax line 1 byte 7 of 0+8: the line does not end here" },
    { "a time that is none", "m b=1 now",
      "time line 1 byte 6 of 0+9: \"now\" is not a time" },
    { "two times", "m b=1 5 6",
      "syntax line 1 byte 8 of 0+9: the line does not end here" },
    { "a time out of range", "m b=1 9223372036854775807",
      "time line 1 byte 0 of 0+25: the time is out of range" },
    { "bad UTF-8", "m b=\"\xff\"",
      "encoding line 1 byte 0 of 0+7: the line is not UTF-8" },
};

static void
a_bad_line_is_refused_whole_and_by_place(void **state)
{
    char body[256];
    char expected[512];

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        print_message("%s\n", refused[i].says);
        snprintf(body, sizeof body, "%s\nm good=1", refused[i].line);
        snprintf(expected, sizeof expected, "fault %s\nm - - @1000 good=1\n",
                 refused[i].fault);
        /* An open text swallows what follows up to the line break. */
        assert_string_equal(parse(body), expected);
    }
}

static enum vlt_status
keep_fault(void *ctx, const struct sample_fault *fault)
{
    sample_fault_print(fault, ctx);
    return VLT_OK;
}

static void
a_fault_is_told_as_its_sender_reads_it(void **state)
{
    struct adapter_input input = {
        .body = vlt_slice_text("m temp=1\nm temp=warm\n"),
        .precision = 1,
    };
    struct sample_sink sink = recorder_sink(&seen);

    vlt_buf_clear(&seen);
    sink.fault = keep_fault;
    assert_int_equal(line_parse(&input, &sink), VLT_OK);
    assert_string_equal(vlt_buf_text(&seen),
                        "m - - @0 temp=1\n"
                        "line 2, byte 16: field \"temp\": \"warm\" is not a "
                        "number");
}

/* 5,124,096 hours are 2^64 ns and a little: a product that wraps looks good. */
static void
a_time_overflows_by_its_precision(void **state)
{
    assert_string_equal(
        parse_bytes("m a=1 5124096", 13, VLT_HOUR),
        "fault time line 1 byte 0 of 0+13: the time is out of range\n");
}

static void
a_path_that_is_too_long_is_refused(void **state)
{
    char body[512];

    snprintf(body, sizeof body, "m,k=%063d a=1", 0);
    assert_non_null(strstr(parse(body), "fault name"));
    snprintf(body, sizeof body, "m,k=%062d a=1", 0);
    assert_null(strstr(parse(body), "fault"));
}

static void
a_line_of_65536_bytes_is_the_longest(void **state)
{
    static char body[70000];

    memset(body, 'x', sizeof body);
    memcpy(body, "m a=\"", 5);
    body[65533] = '"';
    assert_null(strstr(parse_bytes(body, 65534, 1), "fault"));
    body[65533] = 'x';
    body[65536] = '"';
    assert_non_null(strstr(parse_bytes(body, 65537, 1), "fault"));
}

static void
there_are_64_columns_at_most(void **state)
{
    char body[2048] = "m ";

    for (int i = 0; i < 64; i++) {
        snprintf(body + strlen(body), sizeof body - strlen(body), "%sc%d=1",
                 i > 0 ? "," : "", i);
    }
    assert_null(strstr(parse(body), "fault"));
    strncat(body, ",c64=1", sizeof body - strlen(body) - 1);
    assert_non_null(strstr(parse(body), "fault size"));
}

/* What comes before a cut is as if there were none. */
static void
a_cut_costs_only_the_line_it_goes_through(void **state)
{
    static const char body[] = "m,t=a a=1,b=\"x\\\"y\" 5\nm a=2i 6\n";
    static const char first[] = "m/t=a - - @5 a=1 b=\"x\"y\"\n";

    for (size_t len = 0; len < sizeof body - 1; len++) {
        const char *text = parse_bytes(body, len, 1);

        assert_true((strncmp(text, first, sizeof first - 1) == 0) ==
                    (len >= 20));
    }
}

static enum vlt_status
full(void *ctx, const struct sample *sample)
{
    return VLT_E_QUOTA;
}

static void
a_sink_that_is_full_ends_it(void **state)
{
    struct adapter_input input = { .body = vlt_slice_text("m a=1\nm a=2\n"),
                                   .precision = 1 };
    struct sample_sink sink = recorder_sink(&seen);

    vlt_buf_clear(&seen);
    sink.sample = full;
    assert_int_equal(line_parse(&input, &sink), VLT_E_QUOTA);
    assert_int_equal(seen.len, 0);
}

static void
a_body_over_8_mib_is_refused(void **state)
{
    struct adapter_input input = { .body = { (const uint8_t *)"",
                                             ADAPTER_INFLATED + 1 } };
    struct sample_sink sink = recorder_sink(&seen);

    assert_int_equal(line_parse(&input, &sink), VLT_E_LIMIT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(home_assistants_line_becomes_its_stream),
        cmocka_unit_test(an_empty_body_is_nothing),
        cmocka_unit_test(tags_go_into_the_path_in_order),
        cmocka_unit_test(every_type_is_read),
        cmocka_unit_test(a_line_break_in_a_text_is_text),
        cmocka_unit_test(lines_may_end_in_cr_lf_or_not_at_all),
        cmocka_unit_test(precision_gives_the_unit_of_time),
        cmocka_unit_test(backslashes_stay_where_they_escape_nothing),
        cmocka_unit_test(other_tags_of_home_assistant_are_facts),
        cmocka_unit_test(a_device_class_tells_the_category),
        cmocka_unit_test(a_bad_line_is_refused_whole_and_by_place),
        cmocka_unit_test(a_fault_is_told_as_its_sender_reads_it),
        cmocka_unit_test(a_time_overflows_by_its_precision),
        cmocka_unit_test(a_path_that_is_too_long_is_refused),
        cmocka_unit_test(a_line_of_65536_bytes_is_the_longest),
        cmocka_unit_test(there_are_64_columns_at_most),
        cmocka_unit_test(a_cut_costs_only_the_line_it_goes_through),
        cmocka_unit_test(a_sink_that_is_full_ends_it),
        cmocka_unit_test(a_body_over_8_mib_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, drop);
}
