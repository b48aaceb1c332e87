#include <stdio.h>
#include <string.h>

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

static const char *
import_bytes(const char *file, size_t len, const char *stream)
{
    static const size_t pieces[] = { 1, 7, 4096 };
    struct import_options options = { .stream = stream };
    struct vlt_slice bytes = vlt_slice_of(file, len);

    imported("ndjson", &options, bytes, len > 0 ? len : 1, &seen);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        imported("ndjson", &options, bytes, pieces[i], &again);
        assert_string_equal(vlt_buf_text(&again), vlt_buf_text(&seen));
    }
    return vlt_buf_text(&seen);
}

/* ' stands for a quotation mark. */
static const char *
import_to(const char *text, const char *stream)
{
    static char file[4096];

    snprintf(file, sizeof file, "%s", text);
    for (char *c = file; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    return import_bytes(file, strlen(file), stream);
}

static const char *
import(const char *text)
{
    return import_to(text, NULL);
}

static void
a_line_becomes_a_row(void **state)
{
    assert_string_equal(
        import("{'stream':'home/kitchen','time':'2024-01-01T00:00:00Z',"
               "'value':21.5,'unit':'Cel','category':'home.climate'}\n"
               "\n"
               "{'stream':'a','time':5,'values':{'n':3,'ok':true,'s':'x',"
               "'j':{'k':[1,null]},'absent':null}}"),
        "home/kitchen Cel home.climate @1704067200000000000 value=21.5\n"
        "a @5 n=3i ok=T s=\"x\" j={\"k\":[1,null]}\n"
        "end ok\n");
}

static void
a_record_has_id_revision_and_itself(void **state)
{
    assert_string_equal(
        import("{'stream':'a','time':5,'id':'01ARZ3NDEKTSV4RRFFQ69G5FAV',"
               "'rec':{'x':1}}\n"
               "{'stream':'a','time':5,'id':'01ARZ3NDEKTSV4RRFFQ69G5FAV',"
               "'rev':2,'rec':{}}\n"),
        "a @5 id=\"01ARZ3NDEKTSV4RRFFQ69G5FAV\" rev=1i rec={\"x\":1}\n"
        "a @5 id=\"01ARZ3NDEKTSV4RRFFQ69G5FAV\" rev=2i rec={}\n"
        "end ok\n");
}

static void
a_stream_may_be_given_once_for_all(void **state)
{
    assert_string_equal(
        import_to("{'time':5,'value':1}\n{'stream':'b','time':6,'value':2}",
                  "a"),
        "a @5 value=1i\nb @6 value=2i\nend ok\n");
}

static void
a_row_of_nothing_is_no_row(void **state)
{
    assert_string_equal(import("{'stream':'a','time':5,'value':null}\n"
                               "{'stream':'a','time':5,'values':{}}\n"),
                        "end ok\n");
}

static void
a_byte_order_mark_is_passed_over(void **state)
{
    assert_string_equal(
        import("\xef\xbb\xbf{'stream':'a','time':5,'value':1}\r\n"),
        "a @5 value=1i\nend ok\n");
}

static const struct {
    const char *says;
    const char *line;
    const char *fault;
} refused[] = {
    { "no JSON", "{'a':}", "fault syntax line 1 byte " },
    { "no object", "[]", "fault syntax line 1 byte 0 of 0+2" },
    { "a key twice", "{'time':1,'time':2}", "fault syntax" },
    { "no stream", "{'time':5,'value':1}", "field stream" },
    { "a bad stream", "{'stream':'a//b','time':5,'value':1}",
      "fault name line 1 byte 0 of 0+36 field stream: is no name" },
    { "no time", "{'stream':'a','value':1}", "fault time" },
    { "a time that is none", "{'stream':'a','time':'now','value':1}",
      "fault time" },
    { "a time before all",
      "{'stream':'a','time':'1700-01-01T00:00:00Z',"
      "'value':1}",
      "fault time" },
    { "nothing", "{'stream':'a','time':5}", "needs one of value" },
    { "two ways", "{'stream':'a','time':5,'value':1,'values':{}}",
      "needs one of value" },
    { "values that are none", "{'stream':'a','time':5,'values':[1]}",
      "fault type" },
    { "a bad column", "{'stream':'a','time':5,'values':{'a b':1}}",
      "fault type line 1 byte 0 of 0+42 field values" },
    { "a record without id", "{'stream':'a','time':5,'rec':{}}", "field id" },
    { "a record with another id", "{'stream':'a','time':5,'id':'x','rec':{}}",
      "field id" },
    { "a record that is none",
      "{'stream':'a','time':5,'id':'01ARZ3NDEKTSV4RRFFQ69G5FAV','rec':1}",
      "fault type" },
    { "revision 0",
      "{'stream':'a','time':5,'id':'01ARZ3NDEKTSV4RRFFQ69G5FAV','rev':0,"
      "'rec':{}}",
      "field rev" },
    { "an unknown member", "{'stream':'a','time':5,'value':1,'x':2}",
      "field x" },
    { "bad UTF-8", "{'stream':'a','time':5,'value':'\xff'}", "fault encoding" },
    { "an integer beyond int64",
      "{'stream':'a','time':5,'value':9223372036854775808}", "fault syntax" },
};

static void
a_bad_line_is_refused_and_the_next_is_taken(void **state)
{
    char file[512];

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        print_message("%s\n", refused[i].says);
        snprintf(file, sizeof file, "%s\n{'stream':'a','time':7,'value':1}\n",
                 refused[i].line);
        const char *text = import(file);

        print_message("  %s", text);
        assert_non_null(strstr(text, refused[i].fault));
        assert_int_equal(strncmp(text, "fault", 5), 0);
        assert_non_null(strstr(text, "\na @7 value=1i\nend ok\n"));
    }
}

static void
a_value_nested_too_deep_is_refused(void **state)
{
    char file[512] = "{'stream':'a','time':5,'value':";
    size_t len = strlen(file);

    memset(file + len, '[', 70);
    memset(file + len + 70, ']', 70);
    file[len + 140] = '}';
    assert_non_null(strstr(import(file), "fault depth"));
}

static void
a_line_over_2_mib_is_refused_and_the_next_is_taken(void **state)
{
    size_t len = (2u << 20) + 100;
    char *file = malloc(len);

    assert_non_null(file);
    memset(file, 'x', len);
    memcpy(file + len - 35, "\n{\"stream\":\"a\",\"time\":5,\"value\":1}\n",
           35);
    assert_string_equal(import_bytes(file, len, NULL),
                        "fault size line 1 byte 0 of 0+2097217: the line is "
                        "over 2,097,152 bytes\n"
                        "a @5 value=1i\nend ok\n");
    free(file);
}

static const char export[] =
    "{'vault_export':1,'vault':'vd1:x','from':'2024','streams':1}\n"
    "{'stream':'a','time':5,'value':1}\n"
    "{'vault_export_end':1,'lines':2,'blake2b':'00'}\n";

static void
an_export_is_read_back_and_its_end_is_checked(void **state)
{
    assert_string_equal(import(export), "a @5 value=1i\nend ok\n");
    assert_non_null(
        strstr(import("{'vault_export':2}\n"), "another version than 1"));
    assert_non_null(strstr(import("{'vault_export':1}\n"
                                  "{'stream':'a','time':5,'value':1}\n"),
                           "the export's last line is missing"));
    assert_non_null(
        strstr(import("{'vault_export':1}\n"
                      "{'vault_export_end':1,'lines':2,'blake2b':''}\n"),
               "not as many lines"));
    assert_non_null(
        strstr(import("{'vault_export':1}\n"
                      "{'vault_export_end':1,'lines':1,'blake2b':''}\n"
                      "{'stream':'a','time':5,'value':1}\n"),
               "behind the last line"));
}

static void
rows_before_a_cut_are_as_without_it(void **state)
{
    static const char file[] = "{\"stream\":\"a\",\"time\":5,\"value\":1}\n"
                               "{\"stream\":\"b\",\"time\":6,\"value\":2}\n";
    size_t one = strcspn(file, "\n");

    for (size_t len = 1; len < sizeof file - 1; len++) {
        const char *text = import_bytes(file, len, NULL);

        assert_true((strncmp(text, "a @5 value=1i\n", 14) == 0) ==
                    (len >= one));
        assert_true((strstr(text, "fault") != NULL) ==
                    (len != one && len != one + 1 && len != 2 * one + 1));
    }
}

static void
the_kind_of_a_file_is_told_by_its_beginning(void **state)
{
    assert_string_equal(import_guess(vlt_slice_text(" \n{\"a\"")), "ndjson");
    assert_string_equal(import_guess(vlt_slice_text("\xef\xbb\xbf{}")),
                        "ndjson");
    assert_string_equal(import_guess(vlt_slice_text("a,b\n1,2\n")), "csv");
    assert_string_equal(import_guess(vlt_slice_text("a\tb")), "csv");
    assert_null(import_guess(vlt_slice_text("")));
    assert_null(import_guess(vlt_slice_text("\x1f\x8b,")));
    assert_null(import_guess(vlt_slice_text("word\n1,2")));
}

static void
an_unknown_kind_is_not_found(void **state)
{
    struct import_options options = { 0 };

    imported("xml", &options, vlt_slice_text("<a/>"), 1, &seen);
    assert_string_equal(vlt_buf_text(&seen), "end not_found\n");
    options.stream = "a//b";
    imported("ndjson", &options, vlt_slice_text("{}"), 1, &seen);
    assert_string_equal(vlt_buf_text(&seen), "end format\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_becomes_a_row),
        cmocka_unit_test(a_record_has_id_revision_and_itself),
        cmocka_unit_test(a_stream_may_be_given_once_for_all),
        cmocka_unit_test(a_row_of_nothing_is_no_row),
        cmocka_unit_test(a_byte_order_mark_is_passed_over),
        cmocka_unit_test(a_bad_line_is_refused_and_the_next_is_taken),
        cmocka_unit_test(a_value_nested_too_deep_is_refused),
        cmocka_unit_test(a_line_over_2_mib_is_refused_and_the_next_is_taken),
        cmocka_unit_test(an_export_is_read_back_and_its_end_is_checked),
        cmocka_unit_test(rows_before_a_cut_are_as_without_it),
        cmocka_unit_test(the_kind_of_a_file_is_told_by_its_beginning),
        cmocka_unit_test(an_unknown_kind_is_not_found),
    };

    return cmocka_run_group_tests(tests, NULL, drop);
}
