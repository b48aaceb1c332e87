#include "ingest/collectd.h"

#include <stdio.h>
#include <string.h>

#include "recorder.h"
#include "unit.h"

static struct vlt_buf seen;

static const char *
parse_bytes(const char *body, size_t len)
{
    struct adapter_input input = { .body = vlt_slice_of(body, len),
                                   .received = 1000 };
    struct sample_sink sink = recorder_sink(&seen);

    vlt_buf_clear(&seen);
    assert_int_equal(collectd_parse(&input, &sink), VLT_OK);
    return vlt_buf_text(&seen);
}

/* ' stands for a quotation mark. */
static const char *
parse(const char *text)
{
    static char body[4096];

    snprintf(body, sizeof body, "%s", text);
    for (char *c = body; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    return parse_bytes(body, strlen(body));
}

static int
drop(void **state)
{
    vlt_buf_free(&seen);
    return 0;
}

/* As collectd 5.12 sends it. */
static const char load[] =
    "{'values':[0.42,1,null],'dstypes':['gauge','gauge','gauge'],"
    "'dsnames':['shortterm','midterm','longterm'],'time':1700000000.123,"
    "'interval':10.000,'host':'box.lan','plugin':'load',"
    "'plugin_instance':'','type':'load','type_instance':''}";

static const char disk[] =
    "{'values':[12.5],'dstypes':['derive'],'dsnames':['value'],"
    "'time':1700000001,'interval':10,'host':'box','plugin':'disk',"
    "'plugin_instance':'sda 1','type':'ops','type_instance':'read',"
    "'meta':{'network:received':true}}";

static void
a_list_becomes_a_row(void **state)
{
    char body[2048];

    snprintf(body, sizeof body, "[%s,\n%s]\n", load, disk);
    assert_string_equal(
        parse(body),
        "box.lan/load/load 1 - @1700000000123000000 shortterm=0.42 "
        "midterm=1\n"
        "box/disk-sda%201/ops-read 1 - @1700000001000000000 value=12.5\n");
}

static void
an_empty_array_is_nothing(void **state)
{
    assert_string_equal(parse(" [ ] "), "");
}

static void
all_null_is_no_row(void **state)
{
    assert_string_equal(parse("[{'values':[null],'dstypes':['gauge'],"
                              "'dsnames':['value'],'host':'h','plugin':'p',"
                              "'type':'t'}]"),
                        "");
}

static void
without_a_time_it_is_that_of_arrival(void **state)
{
    assert_string_equal(parse("[{'values':[1],'dstypes':['gauge'],"
                              "'dsnames':['value'],'host':'h','plugin':'p',"
                              "'type':'t'}]"),
                        "h/p/t 1 - @1000 value=1\n");
}

/* A change to a good list, the reason and the field. */
static const struct {
    const char *says;
    const char *list;
    const char *reason;
    const char *field;
} refused[] = {
    { "lengths differ",
      "{'values':[1,2],'dstypes':['a'],'dsnames':['v'],'host':'h',"
      "'plugin':'p','type':'t'}",
      "fault type", "field values" },
    { "a text as a value",
      "{'values':['1'],'dstypes':['a'],'dsnames':['v'],'host':'h',"
      "'plugin':'p','type':'t'}",
      "fault type", "field values" },
    { "a column twice",
      "{'values':[1,2],'dstypes':['a','a'],'dsnames':['v','v'],'host':'h',"
      "'plugin':'p','type':'t'}",
      "fault name", "field dsnames" },
    { "a name that is none",
      "{'values':[1],'dstypes':['a'],'dsnames':['v w'],'host':'h',"
      "'plugin':'p','type':'t'}",
      "fault name", "field dsnames" },
    { "a number as a name",
      "{'values':[1],'dstypes':['a'],'dsnames':[1],'host':'h',"
      "'plugin':'p','type':'t'}",
      "fault name", "field dsnames" },
    { "no host",
      "{'values':[1],'dstypes':['a'],'dsnames':['v'],'plugin':'p',"
      "'type':'t'}",
      "fault name", "field host" },
    { "an unknown field",
      "{'values':[1],'dstypes':['a'],'dsnames':['v'],'host':'h',"
      "'plugin':'p','type':'t','x':1}",
      "fault syntax", "field x" },
    { "a time far out",
      "{'values':[1],'dstypes':['a'],'dsnames':['v'],'host':'h',"
      "'plugin':'p','type':'t','time':1e30}",
      "fault time", "field time" },
    { "a key twice",
      "{'values':[1],'values':[1],'dstypes':['a'],'dsnames':['v'],"
      "'host':'h','plugin':'p','type':'t'}",
      "fault syntax", "" },
    { "no object", "7", "fault syntax", "" },
};

static void
a_bad_list_is_refused_and_the_next_is_taken(void **state)
{
    char body[2048];

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        print_message("%s\n", refused[i].says);
        snprintf(body, sizeof body, "[%s,%s]", refused[i].list, disk);
        const char *text = parse(body);

        print_message("  %s", text);
        assert_int_equal(
            strncmp(text, refused[i].reason, strlen(refused[i].reason)), 0);
        assert_non_null(strstr(text, refused[i].field));
        assert_non_null(strstr(text, "box/disk-sda%201/ops-read"));
    }
}

static void
a_broken_array_keeps_what_came_before(void **state)
{
    char body[2048];

    snprintf(body, sizeof body, "[%s,\n{'values':[1", disk);
    assert_string_equal(
        parse(body),
        "box/disk-sda%201/ops-read 1 - @1700000001000000000 value=12.5\n"
        "fault syntax line 2 byte 217 of 217+12: the array does not end\n");
}

static void
what_is_no_array_is_refused(void **state)
{
    assert_non_null(strstr(parse(""), "there is no array"));
    assert_non_null(strstr(parse(disk), "does not begin with ["));
    assert_non_null(strstr(parse("[] x"), "something follows"));
    assert_non_null(strstr(parse("[1,]"), "fault syntax"));
    assert_non_null(strstr(parse("['a\\'"), "a text does not end"));
}

static void
every_cut_keeps_what_came_before(void **state)
{
    static const char good[] =
        "[{\"values\":[1],\"dstypes\":[\"a\"],\"dsnames\":[\"v\"],"
        "\"host\":\"h\",\"plugin\":\"p\",\"type\":\"t\"}";
    static char body[512];
    size_t one = strlen(good);

    snprintf(body, sizeof body, "%s,%s]", good, good + 1);
    for (size_t len = 0; len < strlen(body); len++) {
        const char *text = parse_bytes(body, len);

        /* The comma or bracket behind it shows that an element is whole. */
        assert_true((strncmp(text, "h/p/t", 5) == 0) == (len > one));
        assert_non_null(strstr(text, "fault syntax"));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_becomes_a_row),
        cmocka_unit_test(an_empty_array_is_nothing),
        cmocka_unit_test(all_null_is_no_row),
        cmocka_unit_test(without_a_time_it_is_that_of_arrival),
        cmocka_unit_test(a_bad_list_is_refused_and_the_next_is_taken),
        cmocka_unit_test(a_broken_array_keeps_what_came_before),
        cmocka_unit_test(what_is_no_array_is_refused),
        cmocka_unit_test(every_cut_keeps_what_came_before),
    };

    return cmocka_run_group_tests(tests, NULL, drop);
}
