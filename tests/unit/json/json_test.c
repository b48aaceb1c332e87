#include "json/json.h"

#include <string.h>

#include "unit.h"

static enum vlt_status
parse(const char *text, struct vlt_json **out)
{
    return vlt_json_parse(vlt_slice_text(text), 1000, 8, NULL, out);
}

/* Parse what must parse. */
static struct vlt_json *
parsed(const char *text)
{
    struct vlt_json *json = NULL;

    assert_int_equal(parse(text, &json), VLT_OK);
    return json;
}

static const struct {
    const char *says;
    const char *text;
    size_t len; /* 0: to the zero */
    enum vlt_status st;
    size_t byte;
    int line, column;
} refused[] = {
    { "nothing", "", 0, VLT_E_FORMAT, 0, 1, 1 },
    { "blanks", " \n ", 0, VLT_E_FORMAT, 3, 2, 2 },
    { "a key given twice", "{\"a\":1,\"a\":2}", 0, VLT_E_FORMAT, 10, 1, 11 },
    { "trailing bytes", "{} x", 0, VLT_E_FORMAT, 4, 1, 5 },
    { "two texts", "{}{}", 0, VLT_E_FORMAT, 3, 1, 4 },
    { "a trailing comma", "[1,]", 0, VLT_E_FORMAT, 4, 1, 5 },
    { "a comment", "[1/**/]", 0, VLT_E_FORMAT, 3, 1, 4 },
    { "single quotes", "['a']", 0, VLT_E_FORMAT, 2, 1, 3 },
    { "a word of none", "[nan]", 0, VLT_E_FORMAT, 4, 1, 5 },
    { "a leading zero", "[01]", 0, VLT_E_FORMAT, 2, 1, 3 },
    { "a leading plus", "[+1]", 0, VLT_E_FORMAT, 2, 1, 3 },
    { "a bare point", "[1.]", 0, VLT_E_FORMAT, 3, 1, 4 },
    { "hex", "[0x1]", 0, VLT_E_FORMAT, 3, 1, 4 },
    { "beyond int64", "[9223372036854775808]", 0, VLT_E_FORMAT, 20, 1, 21 },
    { "beyond a double", "[1e999]", 0, VLT_E_FORMAT, 6, 1, 7 },
    { "a lone surrogate", "[\"\\ud800\"]", 0, VLT_E_FORMAT, 9, 1, 10 },
    { "U+0000 escaped", "[\"\\u0000\"]", 0, VLT_E_FORMAT, 9, 1, 10 },
    { "U+0000 itself", "[\"a\0b\"]", 7, VLT_E_FORMAT, 3, 1, 4 },
    { "U+0000 behind", "[]\0", 3, VLT_E_FORMAT, 3, 1, 4 },
    { "a raw line feed", "[\"a\nb\"]", 0, VLT_E_FORMAT, 3, 1, 4 },
    { "Latin-1", "[\"caf\xE9\"]", 0, VLT_E_FORMAT, 5, 1, 6 },
    { "overlong", "[\"\xC0\x80\"]", 0, VLT_E_FORMAT, 2, 1, 3 },
    { "a raw surrogate", "[\"\xED\xA0\x80\"]", 0, VLT_E_FORMAT, 2, 1, 3 },
    { "a byte order mark", "\xEF\xBB\xBF[]", 0, VLT_E_FORMAT, 3, 1, 2 },
    { "too deep", "[[[[[[[[[1]]]]]]]]]", 0, VLT_E_LIMIT, 8, 1, 9 },
    { "too deep", "\n{\"é\":[{\"a\":[{\"a\":[{\"a\":[[]]}]}]}]}", 0,
      VLT_E_LIMIT, 26, 2, 25 },
};

static void
what_is_not_strict_is_refused_with_its_place(void **state)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct vlt_json_fault fault = { 0 };
        struct vlt_json *json = NULL;
        size_t len =
            refused[i].len > 0 ? refused[i].len : strlen(refused[i].text);

        print_message("%s: ", refused[i].says);
        assert_int_equal(vlt_json_parse(vlt_slice_of(refused[i].text, len),
                                        1000, 8, &fault, &json),
                         refused[i].st);
        print_message("%zu %d:%d %s\n", fault.byte, fault.line, fault.column,
                      fault.says);
        assert_null(json);
        assert_int_equal(fault.byte, refused[i].byte);
        assert_int_equal(fault.line, refused[i].line);
        assert_int_equal(fault.column, refused[i].column);
        assert_true(strlen(fault.says) > 0);
    }
}

static void
a_text_may_have_its_maximum_and_no_byte_more(void **state)
{
    struct vlt_json *json = NULL;
    struct vlt_slice text = vlt_slice_text("[1,2]");

    assert_int_equal(vlt_json_parse(text, 4, 8, NULL, &json), VLT_E_LIMIT);
    assert_int_equal(vlt_json_parse(text, 5, 8, NULL, &json), VLT_OK);
    vlt_json_free(json);
}

static void
no_bytes_at_all_are_refused(void **state)
{
    struct vlt_json_fault fault;
    struct vlt_json *json = NULL;

    assert_int_equal(
        vlt_json_parse((struct vlt_slice){ 0 }, 1, 1, &fault, &json),
        VLT_E_FORMAT);
    assert_int_equal(fault.column, 1);
}

static void
brackets_in_texts_are_no_depth(void **state)
{
    struct vlt_json *json = NULL;
    struct vlt_slice text = vlt_slice_text("[\"[[[[\\\"[[[\\\\\",\"{{{\"]");

    assert_int_equal(vlt_json_parse(text, 100, 1, NULL, &json), VLT_OK);
    vlt_json_free(json);
    assert_int_equal(vlt_json_parse(vlt_slice_text("7"), 100, 0, NULL, &json),
                     VLT_OK);
    vlt_json_free(json);
}

static void
depth_is_counted_where_it_is_and_not_in_sum(void **state)
{
    struct vlt_json *json = NULL;

    assert_int_equal(
        vlt_json_parse(vlt_slice_text("[[],[],[[]],{}]"), 100, 3, NULL, &json),
        VLT_OK);
    vlt_json_free(json);
}

static void
a_fault_is_told_in_printable_text(void **state)
{
    struct vlt_json_fault fault;
    struct vlt_json *json = NULL;
    char text[200];

    assert_int_equal(vlt_json_parse(vlt_slice_text("[\"a\x1B[2Jb\"]"), 100, 8,
                                    &fault, &json),
                     VLT_E_FORMAT);
    assert_true(vlt_slice_text(fault.says).len > 0);
    assert_int_equal(
        vlt_json_parse(vlt_slice_text("[\"\\u0000\"]"), 100, 8, &fault, &json),
        VLT_E_FORMAT);
    assert_string_equal(fault.says, "U+0000 is not allowed");
    memset(text, 'e', sizeof text);
    assert_int_equal(
        vlt_json_parse(vlt_slice_of(text, sizeof text), 1000, 8, &fault, &json),
        VLT_E_FORMAT);
    assert_true(strlen(fault.says) < sizeof fault.says);
}

static void
values_are_what_was_written(void **state)
{
    struct vlt_json *json = parsed(
        "{\"i\":-9223372036854775808,\"r\":2.5,\"t\":\"h\\u00e9\",\"b\":true,"
        "\"n\":null,\"l\":[1,2,3],\"o\":{}}");

    assert_int_equal(vlt_json_kind(json), VLT_JSON_OBJECT);
    assert_int_equal(vlt_json_count(json), 7);
    assert_true(vlt_json_int_of(vlt_json_get(json, "i")) == INT64_MIN);
    assert_true(vlt_json_number_of(vlt_json_get(json, "r")) == 2.5);
    assert_true(vlt_slice_is(vlt_json_text_of(vlt_json_get(json, "t")), "hé"));
    assert_true(vlt_json_bool_of(vlt_json_get(json, "b")));
    assert_int_equal(vlt_json_kind(vlt_json_get(json, "n")), VLT_JSON_NULL);
    assert_null(vlt_json_get(json, "x"));
    const struct vlt_json *list = vlt_json_get(json, "l");

    assert_int_equal(vlt_json_count(list), 3);
    assert_int_equal(vlt_json_int_of(vlt_json_item(list, 2)), 3);
    assert_true(vlt_json_number_of(vlt_json_item(list, 2)) == 3);
    assert_null(vlt_json_get(list, "i"));
    vlt_json_free(json);
}

static void
a_value_of_another_kind_is_zero(void **state)
{
    struct vlt_json *json = parsed("[\"1\",1,2.5,true,[7],{}]");

    assert_int_equal(vlt_json_int_of(vlt_json_item(json, 0)), 0);
    assert_int_equal(vlt_json_text_of(vlt_json_item(json, 1)).len, 0);
    assert_int_equal(vlt_json_int_of(vlt_json_item(json, 2)), 0);
    assert_true(vlt_json_number_of(vlt_json_item(json, 3)) == 0);
    assert_false(vlt_json_bool_of(vlt_json_item(json, 1)));
    assert_int_equal(vlt_json_count(vlt_json_item(json, 0)), 0);
    vlt_json_free(json);
}

static void
a_document_lives_until_its_last_owner(void **state)
{
    struct vlt_json *json = parsed("[1]");
    struct vlt_json *other = vlt_json_hold(json);

    vlt_json_free(json);
    assert_int_equal(vlt_json_count(other), 1);
    vlt_json_free(other);
    vlt_json_free(NULL);
}

static bool
until_b(void *ctx, const char *name, const struct vlt_json *value)
{
    struct vlt_buf *names = ctx;

    vlt_buf_put_text(names, name);
    return strcmp(name, "b") != 0;
}

static void
members_come_in_the_order_of_the_text(void **state)
{
    struct vlt_json *json = parsed("{\"z\":1,\"a\":2,\"b\":3,\"c\":4}");
    struct vlt_buf names = { 0 };

    vlt_json_each(json, until_b, &names);
    assert_string_equal(vlt_buf_text(&names), "zab");
    vlt_buf_free(&names);
    vlt_json_free(json);
}

static const struct {
    const char *text;
    const char *plain;
    const char *sorted; /* NULL: the same */
} prints[] = {
    { "{ }", "{}", NULL },
    { "[ 1 , 2 ]", "[1,2]", NULL },
    { "{\"b\":1,\"a\":{\"d\":[],\"c\":null}}",
      "{\"b\":1,\"a\":{\"d\":[],\"c\":null}}",
      "{\"a\":{\"c\":null,\"d\":[]},\"b\":1}" },
    { "[0.10,1.0,1e3,-0.0,5e-324,1E+30]", "[0.1,1.0,1000.0,-0.0,5e-324,1e30]",
      NULL },
    { "[9223372036854775807,-9223372036854775808,-0]",
      "[9223372036854775807,-9223372036854775808,0]", NULL },
    { "[true,false,null]", "[true,false,null]", NULL },
    { "\"\\u00e9\\/\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u007f\"",
      "\"é/\\\"\\\\\\b\\f\\n\\r\\t\\u0001\x7F\"", NULL },
    { "{\"\":1,\"é\":2,\"Z\":3}", "{\"\":1,\"é\":2,\"Z\":3}",
      "{\"\":1,\"Z\":3,\"é\":2}" },
};

static void
a_print_is_compact_and_may_be_sorted(void **state)
{
    for (size_t i = 0; i < sizeof prints / sizeof prints[0]; i++) {
        struct vlt_json *json = parsed(prints[i].text);
        struct vlt_buf buf = { 0 };

        vlt_json_print(json, false, &buf);
        assert_string_equal(vlt_buf_text(&buf), prints[i].plain);
        vlt_buf_clear(&buf);
        vlt_json_print(json, true, &buf);
        assert_string_equal(vlt_buf_text(&buf), prints[i].sorted != NULL
                                                    ? prints[i].sorted
                                                    : prints[i].plain);
        vlt_buf_free(&buf);
        vlt_json_free(json);
    }
}

static void
a_text_cut_anywhere_is_refused(void **state)
{
    const char *text = "{\"a\":[1,2.5,\"x\\u00e9\",true,null],\"b\":{}}";
    struct vlt_json *json = NULL;

    for (size_t len = 0; len < strlen(text); len++) {
        assert_int_equal(
            vlt_json_parse(vlt_slice_of(text, len), 100, 8, NULL, &json),
            VLT_E_FORMAT);
    }
    assert_null(json);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_strict_is_refused_with_its_place),
        cmocka_unit_test(a_text_may_have_its_maximum_and_no_byte_more),
        cmocka_unit_test(no_bytes_at_all_are_refused),
        cmocka_unit_test(brackets_in_texts_are_no_depth),
        cmocka_unit_test(depth_is_counted_where_it_is_and_not_in_sum),
        cmocka_unit_test(a_fault_is_told_in_printable_text),
        cmocka_unit_test(values_are_what_was_written),
        cmocka_unit_test(a_value_of_another_kind_is_zero),
        cmocka_unit_test(a_document_lives_until_its_last_owner),
        cmocka_unit_test(members_come_in_the_order_of_the_text),
        cmocka_unit_test(a_print_is_compact_and_may_be_sorted),
        cmocka_unit_test(a_text_cut_anywhere_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
