#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static const struct {
    const char *says;
    const char *text;
    bool valid;
    bool printable;
} texts[] = {
    { "ASCII", "abc", true, true },
    { "two bytes", "\xC2\xA0", true, true },
    { "three bytes", "\xE2\x82\xAC", true, true },
    { "the last before the surrogates", "\xED\x9F\xBF", true, true },
    { "the first behind them", "\xEE\x80\x80", true, true },
    { "four bytes", "\xF0\x9F\x98\x80", true, true },
    { "the highest", "\xF4\x8F\xBF\xBF", true, true },
    { "above the highest", "\xF4\x90\x80\x80", false, false },
    { "a first byte of none", "\xF5\x80\x80\x80", false, false },
    { "a surrogate", "\xED\xA0\x80", false, false },
    { "overlong in two", "\xC0\x80", false, false },
    { "overlong in two", "\xC1\xBF", false, false },
    { "overlong in three", "\xE0\x9F\xBF", false, false },
    { "overlong in four", "\xF0\x8F\xBF\xBF", false, false },
    { "a byte of the middle", "a\x80", false, false },
    { "cut short", "\xE2\x82", false, false },
    { "cut short before another", "\xE2\x82z", false, false },
    { "Latin-1", "caf\xE9", false, false },
    { "an escape", "\x1B[2J", true, false },
    { "a line feed", "a\nb", true, false },
    { "delete", "\x7F", true, false },
    { "a C1 control", "\xC2\x9F", true, false },
};

static void
only_well_formed_utf8_is_valid(void **state)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct vlt_slice text = vlt_slice_text(texts[i].text);

        print_message("%s\n", texts[i].says);
        assert_int_equal(vlt_utf8_valid(text), texts[i].valid);
        assert_int_equal(vlt_text_printable(text), texts[i].printable);
    }
    assert_false(vlt_utf8_valid(vlt_slice_of("a\0b", 3)));
    assert_true(vlt_utf8_valid(vlt_slice_of(NULL, 0)));
}

static void
a_character_is_not_looked_for_behind_the_end(void **state)
{
    static const char *const whole[] = { "aa\xC2\xA0", "aaa\xE2\x82\xAC",
                                         "aaaa\xF0\x9F\x98\x80" };

    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        size_t len = strlen(whole[i]);

        assert_true(vlt_utf8_valid(vlt_slice_of(whole[i], len)));
        assert_false(vlt_utf8_valid(vlt_slice_of(whole[i], len - 1)));
    }
}

/* Encode and decode each scalar value that there is. */
static void
every_character_is_read_as_itself(void **state)
{
    for (uint32_t c = 0x800; c < 0x10000; c++) {
        const uint8_t bytes[] = { (uint8_t)(0xE0 | c >> 12),
                                  (uint8_t)(0x80 | (c >> 6 & 63)),
                                  (uint8_t)(0x80 | (c & 63)) };
        bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        uint32_t read = 0;

        assert_int_equal(vlt_utf8_next(vlt_slice_of(bytes, 3), 0, &read),
                         surrogate ? 0 : 3);
        assert_int_equal(read, surrogate ? 0 : c);
    }
}

static void
characters_are_counted_not_bytes(void **state)
{
    assert_int_equal(vlt_utf8_count(vlt_slice_text("")), 0);
    assert_int_equal(vlt_utf8_count(vlt_slice_text("aé€😀")), 4);
}

static void
what_would_move_a_terminal_is_shown(void **state)
{
    struct vlt_buf buf = { 0 };

    vlt_text_put_escaped(&buf, vlt_slice_text("é\x1B[2J\xC2\x9B\xE9\n"
                                              "\xE2\x80\xAE!"));
    assert_string_equal(vlt_buf_text(&buf),
                        "é\\x1B[2J\\u{009B}\\xE9\\x0A\\u{202E}!");
    assert_true(vlt_text_printable(vlt_buf_slice(&buf)));
    vlt_buf_clear(&buf);
    vlt_text_put_escaped(&buf, vlt_slice_text("\x7F~ \x1F!"));
    assert_string_equal(vlt_buf_text(&buf), "\\x7F~ \\x1F!");
    vlt_buf_free(&buf);
}

static void
what_is_not_seen_is_shown(void **state)
{
    static const struct {
        uint32_t code;
        bool unseen;
    } cases[] = {
        { 0x1F, true },     { 0x20, false },    { 0x7E, false },
        { 0x7F, true },     { 0x9F, true },     { 0xA0, false },
        { 0xAC, false },    { 0xAD, true },     { 0xAE, false },
        { 0x301, false },   { 0x61C, true },    { 0x115F, true },
        { 0x1160, true },   { 0x180E, true },   { 0x200A, false },
        { 0x200B, true },   { 0x200D, true },   { 0x200F, true },
        { 0x2010, false },  { 0x2028, true },   { 0x2029, true },
        { 0x202E, true },   { 0x202F, false },  { 0x2060, true },
        { 0x2066, true },   { 0x20AC, false },  { 0x2800, true },
        { 0x2801, false },  { 0x3164, true },   { 0xE000, true },
        { 0xFE0F, true },   { 0xFEFF, true },   { 0xFF01, false },
        { 0xFFA0, true },   { 0xFFFD, false },  { 0xFFFE, true },
        { 0xFFFF, true },   { 0xFDD0, true },   { 0x1F600, false },
        { 0x2FFFF, true },  { 0xE0001, true },  { 0xE0041, true },
        { 0xE0FFF, true },  { 0xE1000, false }, { 0xF0000, true },
        { 0x10FFFF, true },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        print_message("U+%04X\n", (unsigned)cases[i].code);
        assert_int_equal(vlt_text_unseen(cases[i].code), cases[i].unseen);
    }
}

static void
a_name_cannot_hide_a_part(void **state)
{
    struct vlt_buf buf = { 0 };

    vlt_text_put_escaped(&buf, vlt_slice_text("no\u200Bthing\u2028 risks"
                                              "\U000E0041\u3164\uFEFF."));
    assert_string_equal(vlt_buf_text(&buf),
                        "no\\u{200B}thing\\u{2028} risks\\u{E0041}"
                        "\\u{3164}\\u{FEFF}.");
    vlt_buf_free(&buf);
}

static const struct {
    const char *a, *b;
    size_t distance;
} distances[] = {
    { "", "", 0 },
    { "", "abc", 3 },
    { "efect", "effect", 1 },
    { "effect", "efect", 1 },
    { "brightgird", "brightgrid", 1 },
    { "kitten", "sitting", 3 },
    { "allow", "permit", 6 },
    { "ab", "ba", 1 },
};

static void
distance_counts_the_edits(void **state)
{
    for (size_t i = 0; i < sizeof distances / sizeof distances[0]; i++) {
        print_message("%s %s\n", distances[i].a, distances[i].b);
        assert_int_equal(vlt_text_distance(distances[i].a, distances[i].b),
                         distances[i].distance);
        assert_int_equal(vlt_text_distance(distances[i].b, distances[i].a),
                         distances[i].distance);
    }
}

static void
large_texts_are_far_apart(void **state)
{
    char a[66];

    memset(a, 'a', sizeof a - 1);
    a[65] = 0;
    assert_int_equal(vlt_text_distance(a, a), 65);
    assert_int_equal(vlt_text_distance(a, "b"), 65);
    a[64] = 0;
    assert_int_equal(vlt_text_distance(a, a), 0);
    assert_int_equal(vlt_text_distance(a, ""), 64);
}

static void
a_copy_has_its_zero(void **state)
{
    char *copy = vlt_text_copy(vlt_slice_of("abc", 2));
    char *none = vlt_text_copy(vlt_slice_of(NULL, 0));

    assert_string_equal(copy, "ab");
    assert_string_equal(none, "");
    free(copy);
    free(none);
}

/* Longer than what is looked at in one step. */
static void
a_wrong_byte_is_found_wherever_it_stands(void **state)
{
    static const uint8_t wrong[] = { 0x00, 0x80, 0xC3, 0xFF };
    uint8_t text[40];

    for (size_t len = 1; len <= sizeof text; len++) {
        memset(text, 'a', sizeof text);
        text[0] = 0x01; /* the least that is right */
        text[len - 1] = 0x7F;
        assert_true(vlt_utf8_valid(vlt_slice_of(text, len)));
        for (size_t at = 0; at < len; at++) {
            for (size_t i = 0; i < sizeof wrong; i++) {
                uint8_t was = text[at];

                text[at] = wrong[i];
                assert_false(vlt_utf8_valid(vlt_slice_of(text, len)));
                text[at] = was;
            }
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_byte_is_found_wherever_it_stands),
        cmocka_unit_test(only_well_formed_utf8_is_valid),
        cmocka_unit_test(a_character_is_not_looked_for_behind_the_end),
        cmocka_unit_test(every_character_is_read_as_itself),
        cmocka_unit_test(characters_are_counted_not_bytes),
        cmocka_unit_test(what_would_move_a_terminal_is_shown),
        cmocka_unit_test(what_is_not_seen_is_shown),
        cmocka_unit_test(a_name_cannot_hide_a_part),
        cmocka_unit_test(distance_counts_the_edits),
        cmocka_unit_test(large_texts_are_far_apart),
        cmocka_unit_test(a_copy_has_its_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
