#include "yaml/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "unit.h"

enum {
    TEXT_MAX = 4096,
    DEPTH_MAX = 4,
};

/* Append a fault as `line:column why says`, with the other line if any. */
static void
note(void *ctx, const struct vlt_yaml_fault *fault)
{
    static const char *const words[] = {
        [VLT_YAML_ENCODING] = "encoding",   [VLT_YAML_TOO_BIG] = "big",
        [VLT_YAML_SYNTAX] = "syntax",       [VLT_YAML_FEATURE] = "feature",
        [VLT_YAML_DUPLICATE] = "duplicate", [VLT_YAML_CONTROL] = "control",
    };

    vlt_buf_printf(ctx, "%d:%d %s %s", fault->line, fault->column,
                   words[fault->why], fault->says);
    if (fault->other_line > 0) {
        vlt_buf_printf(ctx, " (%d)", fault->other_line);
    }
    vlt_buf_put_u8(ctx, '\n');
}

static struct vlt_yaml *
parsed(const char *text)
{
    struct vlt_buf faults = { 0 };
    struct vlt_yaml *yaml = NULL;
    enum vlt_status st = vlt_yaml_parse(vlt_slice_text(text), TEXT_MAX,
                                        DEPTH_MAX, note, &faults, &yaml);

    if (st != VLT_OK) {
        print_message("%s", vlt_buf_text(&faults));
    }
    assert_int_equal(st, VLT_OK);
    assert_int_equal(faults.len, 0);
    vlt_buf_free(&faults);
    return yaml;
}

static void
must_refuse(struct vlt_slice text, const char *expected)
{
    struct vlt_buf faults = { 0 };
    struct vlt_yaml *yaml = NULL;

    assert_int_equal(
        vlt_yaml_parse(text, TEXT_MAX, DEPTH_MAX, note, &faults, &yaml),
        VLT_E_FORMAT);
    assert_null(yaml);
    assert_string_equal(vlt_buf_text(&faults), expected);
    vlt_buf_free(&faults);
}

static void
must_stand_at(const struct vlt_yaml_node *node, int line, int column)
{
    assert_non_null(node);
    assert_int_equal(node->line, line);
    assert_int_equal(node->column, column);
}

static const char *const rules = "version: 1\n"
                                 "rules:\n"
                                 "  - name: no-ads      # a comment\n"
                                 "    effect: deny\n"
                                 "    purpose: [märz, 'two', \"th\\u00e9\"]\n"
                                 "  - {name: x, empty: , note: a b}\n";

static void
everything_has_its_place(void **state)
{
    struct vlt_yaml *yaml = parsed(rules);
    const struct vlt_yaml_node *root = vlt_yaml_root(yaml);
    const struct vlt_yaml_node *list = vlt_yaml_get(root, "rules");

    must_stand_at(root, 1, 1);
    must_stand_at(list, 3, 3);
    assert_int_equal(list->key_line, 2);
    assert_int_equal(list->key_column, 1);
    must_stand_at(list->first, 3, 5);
    must_stand_at(vlt_yaml_get(list->first, "effect"), 4, 13);
    assert_int_equal(vlt_yaml_get(list->first, "effect")->key_column, 5);
    const struct vlt_yaml_node *purpose = vlt_yaml_get(list->first, "purpose");

    must_stand_at(purpose->first, 5, 15);
    must_stand_at(purpose->first->next, 5, 21);
    must_stand_at(vlt_yaml_get(list->first->next, "note"), 6, 30);
    vlt_yaml_free(yaml);
}

static void
a_scalar_is_its_text_whatever_it_looks_like(void **state)
{
    struct vlt_yaml *yaml =
        parsed("[no, 1e3, 0x10, ~, 2026-11-25, \"a\\tb\", 'it''s', ]\n");
    static const char *const texts[] = { "no",         "1e3",  "0x10", "~",
                                         "2026-11-25", "a\tb", "it's" };
    const struct vlt_yaml_node *node = vlt_yaml_root(yaml)->first;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(node->kind, VLT_YAML_SCALAR);
        assert_true(vlt_slice_is(node->text, texts[i]));
        node = node->next;
    }
    assert_null(node);
    vlt_yaml_free(yaml);
}

static void
members_are_found_by_key_and_kept_in_order(void **state)
{
    struct vlt_yaml *yaml = parsed(rules);
    const struct vlt_yaml_node *rule =
        vlt_yaml_get(vlt_yaml_root(yaml), "rules")->first->next;

    assert_int_equal(rule->kind, VLT_YAML_MAP);
    assert_true(vlt_slice_is(rule->first->key, "name"));
    assert_true(vlt_slice_is(rule->first->next->key, "empty"));
    assert_int_equal(rule->first->next->text.len, 0);
    assert_true(vlt_slice_is(rule->first->next->next->text, "a b"));
    assert_null(vlt_yaml_get(rule, "effect"));
    assert_null(vlt_yaml_get(rule->first, "name"));
    vlt_yaml_free(yaml);
}

static void
an_empty_document_has_no_root(void **state)
{
    static const char *const texts[] = { "", "\n\n", "# only this\n",
                                         "\xEF\xBB\xBF" };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct vlt_yaml *yaml = parsed(texts[i]);

        assert_null(vlt_yaml_root(yaml));
        vlt_yaml_free(yaml);
    }
    vlt_yaml_free(NULL);
}

static void
a_mark_before_and_breaks_of_any_kind_are_read(void **state)
{
    struct vlt_yaml *yaml =
        parsed("\xEF\xBB\xBF---\r\na: 1\r\nb: 2\rc: |\n  x\n  y\n...\n");
    const struct vlt_yaml_node *root = vlt_yaml_root(yaml);

    must_stand_at(vlt_yaml_get(root, "a"), 2, 4);
    must_stand_at(vlt_yaml_get(root, "b"), 3, 4);
    must_stand_at(vlt_yaml_get(root, "c"), 4, 4);
    assert_true(vlt_slice_is(vlt_yaml_get(root, "c")->text, "x\ny\n"));
    vlt_yaml_free(yaml);
}

/* Text, and all that is wrong with it. */
static const struct {
    const char *text;
    const char *faults;
} refused[] = {
    { "a: &base 1\n", "1:4 feature anchor '&base'\n" },
    { "é: x\nb: *base\n", "2:4 feature alias '*base'\n" },
    { "a: [é, *b, *c]\n", "1:8 feature alias '*b'\n"
                          "1:12 feature alias '*c'\n" },
    { "*a : 1\n", "1:1 feature alias '*a'\n" },
    { "a: !!str x\n", "1:4 feature tag '!!str'\n" },
    { "a: !mine [x]\n", "1:4 feature tag '!mine'\n" },
    { "a: !!map {x: y}\n", "1:4 feature tag '!!map'\n" },
    { "a: &x !y z\n", "1:4 feature anchor '&x'\n1:4 feature tag '!y'\n" },
    { "a: !<tag:x%1b> b\n", "1:4 feature tag 'tag:x\\x1B'\n" },
    { "%TAG !e! tag:x,2000:\n---\na: 1\n",
      "1:1 feature tag directive '%TAG'\n" },
    { "a: 1\n<<: {b: 2}\n", "2:1 feature merge key '<<'\n" },
    { "a: 1\n---\nb: 2\n", "2:1 feature second document\n" },
    { "a: 1\n...\n---\n", "3:1 feature second document\n" },
    { "? [a]\n: b\n", "1:3 feature key that is a list or a map\n" },
    { "a: [[[[1]]]]\n", "1:7 feature depth 5\n" },
    { "a:\n\tb: 1\n", "2:1 feature tab as indentation\n" },
    { "a:\n  \t \tb: 1\n\tc: 2\n", "2:3 feature tab as indentation\n"
                                   "3:1 feature tab as indentation\n" },
    { "a:\n  -\tb: 1\n", "2:4 feature tab as indentation\n" },
    { "a: 1\nb: 2\na: 3\n", "3:1 duplicate a (1)\n" },
    { "a: 1\nb: 2\nc: 3\nb: 4\n", "4:1 duplicate b (2)\n" },
    { "a: 1\r\nb: \x01\rc: \x02\n\rd: \x03\n",
      "2:4 control U+0001\n3:4 control U+0002\n5:4 control U+0003\n" },
    { "a: 1\na: 2\na: 3\n", "2:1 duplicate a (1)\n3:1 duplicate a (1)\n" },
    { "a: {x: 1, 'x': 2}\n\"a\": 3\n",
      "1:11 duplicate x (1)\n2:1 duplicate a (1)\n" },
    { "a: \x1Bx\n", "1:4 control U+001B\n" },
    { "é: x\x7F\xC2\x85\n", "1:5 control U+007F\n1:6 control U+0085\n" },
    { "a: x\xE2\x80\xA8y\nb: \xEF\xBB\xBF\n",
      "1:5 control U+2028\n2:4 control U+FEFF\n" },
    { "a: [b, \"x\\ey\"]\n", "1:8 control U+001B\n" },
    { "\"a\\0\": x\n", "1:1 control U+0000\n" },
    { "a: \"x\\r\"\n", "1:4 control U+000D\n" },
    { "é: \xE9\n", "1:4 encoding byte 0xE9\n" },
    { "a: 1\nb: \xED\xA0\x80\n", "2:4 encoding byte 0xED\n" },
    { "\xFF\xFE"
      "a",
      "1:1 encoding byte 0xFF\n" },
    { "a: b: c\n", "1:5 syntax mapping values are not allowed in this "
                   "context\n" },
    { "rules:\n  - a\n b\n", "3:2 syntax did not find expected key\n" },
    { "a: [1\n", "2:1 syntax did not find expected ',' or ']'\n" },
    { "a: \"\\ud800\"\n",
      "1:7 syntax found invalid Unicode character escape code\n" },
    { "a: 'x\n", "2:1 syntax found unexpected end of stream\n" },
    { "a: `x`\n", "1:4 syntax found character that cannot start any token\n" },
    { "a: &x 1\na: 2\nb: \x01\nc: [\n",
      "1:4 feature anchor '&x'\n3:4 control U+0001\n"
      "5:1 syntax did not find expected node content\n" },
};

static void
every_fault_is_told_with_its_place(void **state)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        print_message("%s", refused[i].text);
        must_refuse(vlt_slice_text(refused[i].text), refused[i].faults);
    }
    must_refuse(vlt_slice_of("a: x\0y", 6), "1:5 control U+0000\n");
}

static void
what_only_looks_like_a_fault_is_none(void **state)
{
    static const char *const texts[] = {
        "a: x\ty\nb:\tc\n",       /* tabs between */
        "'<<': 1\n",              /* a quoted key is no merge */
        "a: '*b'\nc: \"&d\"\n",   /* quoted */
        "a: {x: 1}\nb: {x: 2}\n", /* the same key in another map */
        "a: 1\nA: 2\n",           /* another key */
        "a: [[[1]]]\n",           /* as deep as may be */
        "# \t *x &y !z\na: 1\n",  /* a comment */
        "%YAML 1.1\n---\na: 1\n", /* its version */
        "a: \xF0\x9F\x98\x80\n",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        vlt_yaml_free(parsed(texts[i]));
    }
}

static void
a_text_may_have_its_maximum_and_no_byte_more(void **state)
{
    struct vlt_slice text = vlt_slice_text("a: 1\nb: é\n");
    struct vlt_buf faults = { 0 };
    struct vlt_yaml *yaml = NULL;

    assert_int_equal(vlt_yaml_parse(text, text.len, 1, NULL, NULL, &yaml),
                     VLT_OK);
    vlt_yaml_free(yaml);
    assert_int_equal(
        vlt_yaml_parse(text, text.len - 1, 1, note, &faults, &yaml),
        VLT_E_FORMAT);
    assert_string_equal(vlt_buf_text(&faults),
                        "2:5 big 11 bytes, at most 10 are read\n");
    vlt_buf_free(&faults);
}

static void
faults_beyond_256_are_not_told(void **state)
{
    struct vlt_buf text = { 0 };
    struct vlt_buf faults = { 0 };
    struct vlt_yaml *yaml = NULL;
    size_t lines = 0;

    for (int i = 0; i < 300; i++) {
        vlt_buf_printf(&text, "k%d: *x\n", i);
    }
    assert_int_equal(vlt_yaml_parse(vlt_buf_slice(&text), TEXT_MAX, DEPTH_MAX,
                                    note, &faults, &yaml),
                     VLT_E_FORMAT);
    for (size_t i = 0; i < faults.len; i++) {
        lines += faults.at[i] == '\n';
    }
    assert_int_equal(lines, VLT_YAML_FAULTS);
    vlt_buf_free(&text);
    vlt_buf_free(&faults);
}

static void
a_long_name_in_a_fault_is_cut_between_characters(void **state)
{
    struct vlt_buf text = { 0 };
    struct vlt_buf faults = { 0 };
    struct vlt_yaml *yaml = NULL;

    for (int twice = 0; twice < 2; twice++) {
        for (int i = 0; i < 100; i++) {
            vlt_buf_put_text(&text, "é");
        }
        vlt_buf_put_text(&text, "x: 1\n");
    }
    assert_int_equal(vlt_yaml_parse(vlt_buf_slice(&text), TEXT_MAX, DEPTH_MAX,
                                    note, &faults, &yaml),
                     VLT_E_FORMAT);
    assert_int_equal(faults.len, strlen("2:1 duplicate  (1)\n") + 126);
    vlt_buf_free(&text);
    vlt_buf_free(&faults);
}

/* Each beginning of a good text is good or says why not. */
static void
a_text_cut_anywhere_is_read_or_refused_with_a_place(void **state)
{
    for (size_t len = 0; len <= strlen(rules); len++) {
        struct vlt_buf faults = { 0 };
        struct vlt_yaml *yaml = NULL;
        enum vlt_status st = vlt_yaml_parse(vlt_slice_of(rules, len), TEXT_MAX,
                                            DEPTH_MAX, note, &faults, &yaml);

        assert_int_equal(st == VLT_OK, faults.len == 0);
        assert_int_equal(st == VLT_OK, yaml != NULL);
        vlt_yaml_free(yaml);
        vlt_buf_free(&faults);
    }
}

/* What would be slow, or deep, or large, if it were read naively. */
static void
a_hostile_text_is_refused_soon(void **state)
{
    enum { LEN = 1 << 20 };
    static const char *const parts[] = { "[",   "{",   "- ",  "? ", "a: {",
                                         "&a ", "*a ", "!a ", "\"", "[a," };
    char *text = malloc(LEN);

    assert_non_null(text);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        size_t part = strlen(parts[i]);
        struct vlt_yaml *yaml = NULL;

        for (size_t at = 0; at < LEN; at++) {
            text[at] = parts[i][at % part];
        }
        assert_int_equal(vlt_yaml_parse(vlt_slice_of(text, LEN), LEN, DEPTH_MAX,
                                        NULL, NULL, &yaml),
                         VLT_E_FORMAT);
    }
    free(text);
}

static void
a_map_of_many_keys_is_read_in_good_time(void **state)
{
    struct vlt_buf text = { 0 };
    struct vlt_yaml *yaml = NULL;

    for (unsigned i = 0; i < 100000; i++) {
        vlt_buf_printf(&text, "k%u: %u\n", i * 7919 % 100003, i);
    }
    assert_int_equal(
        vlt_yaml_parse(vlt_buf_slice(&text), text.len, 1, NULL, NULL, &yaml),
        VLT_OK);
    vlt_yaml_free(yaml);
    vlt_buf_free(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_has_its_place),
        cmocka_unit_test(a_scalar_is_its_text_whatever_it_looks_like),
        cmocka_unit_test(members_are_found_by_key_and_kept_in_order),
        cmocka_unit_test(an_empty_document_has_no_root),
        cmocka_unit_test(a_mark_before_and_breaks_of_any_kind_are_read),
        cmocka_unit_test(every_fault_is_told_with_its_place),
        cmocka_unit_test(what_only_looks_like_a_fault_is_none),
        cmocka_unit_test(a_text_may_have_its_maximum_and_no_byte_more),
        cmocka_unit_test(faults_beyond_256_are_not_told),
        cmocka_unit_test(a_long_name_in_a_fault_is_cut_between_characters),
        cmocka_unit_test(a_text_cut_anywhere_is_read_or_refused_with_a_place),
        cmocka_unit_test(a_hostile_text_is_refused_soon),
        cmocka_unit_test(a_map_of_many_keys_is_read_in_good_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
