#include "unit.h"

#include <string.h>

#include "client/where.h"

static const struct {
    const char *text;
    const char *json;
} taken[] = {
    { "value > 20",
      "{\"w\":[{\"column\":\"value\",\"op\":\">\",\"value\":20}]}" },
    { "value>=-2.5e1",
      "{\"w\":[{\"column\":\"value\",\"op\":\">=\",\"value\":-25}]}" },
    { " on = true and off!=false ",
      "{\"w\":[{\"column\":\"on\",\"op\":\"=\",\"value\":true},"
      "{\"column\":\"off\",\"op\":\"!=\",\"value\":false}]}" },
    { "a == 'it''s', b.mean <= 0.5",
      "{\"w\":[{\"column\":\"a\",\"op\":\"=\",\"value\":\"it's\"},"
      "{\"column\":\"b.mean\",\"op\":\"<=\",\"value\":0.5}]}" },
    { "t = \"say \"\"yes\"\"\"",
      "{\"w\":[{\"column\":\"t\",\"op\":\"=\",\"value\":\"say "
      "\\\"yes\\\"\"}]}" },
};

static const char *const refused[] = {
    "",           "value",     "value >",     "> 20",
    "value ~ 20", "value > x", "value > 1 2", "value > 1 and",
    "a = 'b",     "1a = 2",    "value > ++",  "value > 1 or value < 0",
    "a = \xff",
};

static enum vlt_status
put(const char *text, struct vlt_buf *out, char *says)
{
    struct vlt_json_out json = vlt_json_out(out);
    enum vlt_status st;

    says[0] = '\0';
    vlt_put_object(&json, NULL);
    st = vlt_where_put(&json, "w", text, says);
    if (st == VLT_OK) {
        vlt_put_end(&json);
    }
    return st;
}

static void
comparisons_become_the_list_of_the_wire(void **state)
{
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        struct vlt_buf out = { 0 };
        char says[VLT_WHERE_SAYS];

        assert_int_equal(put(taken[i].text, &out, says), VLT_OK);
        assert_string_equal(vlt_buf_text(&out), taken[i].json);
        vlt_buf_free(&out);
    }
}

static void
what_is_no_comparison_is_refused_with_words(void **state)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct vlt_buf out = { 0 };
        char says[VLT_WHERE_SAYS];

        print_message("%s\n", refused[i]);
        assert_int_equal(put(refused[i], &out, says), VLT_E_FORMAT);
        assert_true(says[0] != '\0');
        vlt_buf_free(&out);
    }
}

/* Comparisons that are always the same, count of them. */
static enum vlt_status
many(size_t count)
{
    struct vlt_buf text = { 0 };
    struct vlt_buf out = { 0 };
    char says[VLT_WHERE_SAYS];
    enum vlt_status st;

    for (size_t i = 0; i < count; i++) {
        vlt_buf_put_text(&text, i > 0 ? " and a=1" : "a=1");
    }
    st = put(vlt_buf_text(&text), &out, says);
    vlt_buf_free(&text);
    vlt_buf_free(&out);
    return st;
}

static void
sixteen_comparisons_are_the_most(void **state)
{
    assert_int_equal(many(16), VLT_OK);
    assert_int_equal(many(17), VLT_E_FORMAT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparisons_become_the_list_of_the_wire),
        cmocka_unit_test(what_is_no_comparison_is_refused_with_words),
        cmocka_unit_test(sixteen_comparisons_are_the_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
