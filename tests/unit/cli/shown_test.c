/* shown: what a terminal gets. */
#include "unit.h"

#include "cli/shown.h"

static void
shows(const char *text, bool json, const char *want)
{
    struct vlt_buf out = { 0 };

    shown_put(vlt_slice_text(text), json, &out);
    assert_string_equal(vlt_buf_text(&out), want);
    vlt_buf_free(&out);
}

static void
json_stays_the_same_json(void **state)
{
    shows("{\"a\":\"é\xC2\x9B"
          "2J \u202Ex\u2028 \U000E0041\"}\n",
          true, "{\"a\":\"é\\u009B2J \\u202Ex\\u2028 \\uDB40\\uDC41\"}\n");
    shows("{\"a\":\"\x1B[31m\x7F\t\"}", true,
          "{\"a\":\"\\u001B[31m\\u007F\\u0009\"}");
    shows("{\"a\":\"\U0010FFFF\U0001F600\"}", true,
          "{\"a\":\"\\uDBFF\\uDFFF😀\"}");
}

static void
only_colours_and_line_breaks_reach_a_terminal(void **state)
{
    shows("\x1B[1mname\x1B[0m\t\x1B[38;5;1mx\n", false,
          "\x1B[1mname\x1B[0m\t\x1B[38;5;1mx\n");
    shows("\x1B[2J\x1B]0;me\a\x1B[31\x1B", false,
          "\\x1B[2J\\x1B]0;me\\x07\\x1B[31\\x1B");
    shows("a\xC2\x9B"
          "31m\u200Bb\r\n",
          false, "a\\u{009B}31m\\u{200B}b\\x0D\n");
    shows("bad \xFF\xC3", false, "bad \\xFF\\xC3");
    shows("\x1B[11111111111111111111m", false, "\\x1B[11111111111111111111m");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_stays_the_same_json),
        cmocka_unit_test(only_colours_and_line_breaks_reach_a_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
