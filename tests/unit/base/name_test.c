#include "base/name.h"

#include <string.h>

#include "unit.h"

static const struct {
    const char *text;
    bool valid;
} names[] = {
    { "temp", true },
    { "home/bedroom/temp", true },
    { "a.b_c-d:e=f@g+h%20/Z9", true },
    { "küche/温度", true },
    { "...", true },
    { "\xC2\xA0", true },
    { "\xC2\x9F", false },
    { "", false },
    { "/", false },
    { "/a", false },
    { "a/", false },
    { "a//b", false },
    { ".", false },
    { "a/../b", false },
    { "a/./b", false },
    { "a b", false },
    { "a*", false },
    { "*", false },
    { "a\\b", false },
    { "a,b", false },
    { "a\"", false },
    { "a\n", false },
    { "a\x7F", false },
    { "caf\xE9", false },
};

static void
a_name_is_made_of_plain_segments(void **state)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        print_message("'%s'\n", names[i].text);
        assert_int_equal(vlt_name_valid(vlt_slice_text(names[i].text)),
                         names[i].valid);
        if (names[i].valid) {
            assert_true(vlt_pattern_valid(vlt_slice_text(names[i].text)));
        }
    }
    assert_false(vlt_name_valid(vlt_slice_of("a\0b", 3)));
}

static void
a_name_has_three_limits(void **state)
{
    char text[300];

    memset(text, 'a', sizeof text);
    assert_true(vlt_name_valid(vlt_slice_of(text, 64)));
    assert_false(vlt_name_valid(vlt_slice_of(text, 65)));
    for (size_t i = 1; i < sizeof text; i += 2) {
        text[i] = '/';
    }
    assert_true(vlt_name_valid(vlt_slice_of(text, 31)));
    assert_false(vlt_name_valid(vlt_slice_of(text, 33)));
    memset(text, 'a', sizeof text);
    text[63] = text[127] = text[191] = '/';
    assert_true(vlt_name_valid(vlt_slice_of(text, 255)));
    text[250] = '/';
    assert_true(vlt_name_valid(vlt_slice_of(text, 256)));
    assert_false(vlt_name_valid(vlt_slice_of(text, 257)));
}

static const struct {
    const char *text;
    bool valid;
} columns[] = {
    { "value", true },    { "_a.b-c1", true },    { "größe", true },
    { "\xC2\xA0", true }, { "Time", true },       { "timer", true },
    { "time", false },    { "", false },          { "1a", false },
    { "-a", false },      { ".a", false },        { "a b", false },
    { "a/b", false },     { "a:b", false },       { "a\n", false },
    { "a\x7F", false },   { "a\xC2\x85", false }, { "a\xFF", false },
};

static void
a_column_has_a_name_of_letters(void **state)
{
    char text[VLT_COLUMN_MAX + 1];

    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        print_message("'%s'\n", columns[i].text);
        assert_int_equal(vlt_column_valid(vlt_slice_text(columns[i].text)),
                         columns[i].valid);
    }
    memset(text, 'a', sizeof text);
    assert_true(vlt_column_valid(vlt_slice_of(text, VLT_COLUMN_MAX)));
    assert_false(vlt_column_valid(vlt_slice_of(text, VLT_COLUMN_MAX + 1)));
    assert_false(vlt_column_valid(vlt_slice_of("a\0b", 3)));
}

static void
stars_stand_alone_in_a_pattern(void **state)
{
    assert_true(vlt_pattern_valid(vlt_slice_text("*")));
    assert_true(vlt_pattern_valid(vlt_slice_text("home/**/temp/*")));
    assert_false(vlt_pattern_valid(vlt_slice_text("**kitchen")));
    assert_false(vlt_pattern_valid(vlt_slice_text("home/te*")));
    assert_false(vlt_pattern_valid(vlt_slice_text("***")));
    assert_false(vlt_pattern_valid(vlt_slice_text("")));
    assert_false(vlt_pattern_valid(vlt_slice_text("*/")));
}

static const struct {
    const char *text;
    const char *segment;
} escaped[] = {
    { "", "" },
    { "temp", "temp" },
    { "living room", "living%20room" },
    { "a/b", "a%2Fb" },
    { "50%", "50%25" },
    { ".", "%2E" },
    { "..", "%2E%2E" },
    { "...", "..." },
    { "küche", "küche" },
    { "caf\xE9", "caf%E9" },
    { "\xC2\x85", "%C2%85" },
    { "*", "%2A" },
    { "a,b=c", "a%2Cb=c" },
};

static void
any_text_becomes_one_valid_segment(void **state)
{
    for (size_t i = 0; i < sizeof escaped / sizeof escaped[0]; i++) {
        struct vlt_buf buf = { 0 };

        vlt_name_put_segment(&buf, vlt_slice_text(escaped[i].text));
        assert_string_equal(vlt_buf_text(&buf), escaped[i].segment);
        assert_int_equal(vlt_name_valid(vlt_buf_slice(&buf)), buf.len > 0);
        vlt_buf_free(&buf);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_made_of_plain_segments),
        cmocka_unit_test(a_name_has_three_limits),
        cmocka_unit_test(a_column_has_a_name_of_letters),
        cmocka_unit_test(stars_stand_alone_in_a_pattern),
        cmocka_unit_test(any_text_becomes_one_valid_segment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
