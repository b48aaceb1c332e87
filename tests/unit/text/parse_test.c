#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "text/policy_text.h"

enum {
    HEARD = 64,
};

/* The faults of one parse. */
struct heard {
    size_t count;
    char lines[HEARD][600];
    struct policy_fault last;
};

static void
hear(void *ctx, const struct policy_fault *fault)
{
    struct heard *heard = ctx;
    struct vlt_buf line = { 0 };

    vlt_buf_printf(&line, "%s ", fault->code);
    policy_fault_print(&line, fault);
    if (heard->count < HEARD) {
        snprintf(heard->lines[heard->count++], sizeof heard->lines[0], "%s",
                 vlt_buf_text(&line));
    }
    heard->last = *fault;
    vlt_buf_free(&line);
}

static enum vlt_status
parse_slice(struct vlt_slice text, struct heard *heard, struct policy_set **set)
{
    struct policy_text_file file = { .name = "home.yaml", .text = text };
    struct policy_text_input input = { .files = &file,
                                       .count = 1,
                                       .home = VOCAB_NONE };

    heard->count = 0;
    return policy_text_parse(&input, hear, heard, set);
}

static enum vlt_status
parse(const char *text, struct heard *heard, struct policy_set **set)
{
    return parse_slice(vlt_slice_text(text), heard, set);
}

/* ---- faults that text cases cannot hold ---- */

static void
a_file_that_cannot_be_read_is_p01(void **state)
{
    struct policy_fault fault;
    struct vlt_buf line = { 0 };

    policy_fault_unreadable(&fault, "home.yaml", "Permission denied");
    policy_fault_print(&line, &fault);
    assert_string_equal(fault.code, "P01");
    assert_string_equal(vlt_buf_text(&line),
                        "home.yaml:1:1: cannot be read: Permission denied, "
                        "would be right: a file that you may read");
    vlt_buf_free(&line);
}

static void
bytes_that_are_not_utf8_are_p02(void **state)
{
    struct policy_set *set = NULL;
    struct heard heard;

    assert_int_equal(parse("version: 1\nrules:\n  - name: a\n"
                           "    note: caf\xE9\n    effect: deny\n",
                           &heard, &set),
                     VLT_E_FORMAT);
    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.lines[0],
                        "P02 home.yaml:4:14: byte 0xE9 is not UTF-8, would be "
                        "right: the file saved as UTF-8");
    assert_null(set);
}

static void
a_rule_too_many_is_p03(void **state)
{
    struct policy_set *set = NULL;
    struct vlt_buf text = { 0 };
    struct heard heard;

    vlt_buf_put_text(&text, "version: 1\nrules:\n");
    for (int i = 0; i < POLICY_RULES; i++) {
        vlt_buf_printf(&text, "  - {name: r%d, effect: deny}\n", i);
    }
    assert_int_equal(parse_slice(vlt_buf_slice(&text), &heard, &set), VLT_OK);
    assert_int_equal(policy_rule_count(set), POLICY_RULES + POLICY_BUILTINS);
    policy_set_free(set);
    set = NULL;
    vlt_buf_put_text(&text, "  - {name: r, effect: deny}\n"
                            "  - {name: s, effect: deny}\n");
    assert_int_equal(parse_slice(vlt_buf_slice(&text), &heard, &set),
                     VLT_E_FORMAT);
    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.lines[0],
                        "P03 home.yaml:1003:5: rule 1001, would be right: at "
                        "most 1000 rules in the set");
    assert_null(set);
    vlt_buf_free(&text);
}

static void
a_value_too_many_is_p03(void **state)
{
    struct policy_set *set = NULL;
    struct vlt_buf text = { 0 };
    struct heard heard;

    vlt_buf_put_text(&text, "version: 1\nrules:\n"
                            "  - {name: a, effect: deny, firm: [f0");
    for (int i = 1; i <= POLICY_FIRMS; i++) {
        vlt_buf_printf(&text, ", f%d", i);
    }
    vlt_buf_put_text(&text, "]}\n");
    assert_int_equal(parse_slice(vlt_buf_slice(&text), &heard, &set),
                     VLT_E_FORMAT);
    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.lines[0], "P03 home.yaml:3:35: 65 values in "
                                        "'firm', would be right: at most 64");
    vlt_buf_free(&text);
}

static void
a_file_too_big_is_p03(void **state)
{
    struct policy_set *set = NULL;
    struct vlt_buf text = { 0 };
    struct heard heard;

    vlt_buf_put_text(&text, "version: 1\n");
    while (text.len < POLICY_TEXT_MAX) {
        vlt_buf_put_text(&text, "# 23456789abcde\n");
    }
    text.len = POLICY_TEXT_MAX;
    assert_int_equal(parse_slice(vlt_buf_slice(&text), &heard, &set), VLT_OK);
    policy_set_free(set);
    set = NULL;
    vlt_buf_put_text(&text, "#");
    assert_int_equal(parse_slice(vlt_buf_slice(&text), &heard, &set),
                     VLT_E_FORMAT);
    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.last.code, "P03");
    assert_string_equal(heard.last.says, "a file of 262145 bytes, would be "
                                         "right: at most 262144 bytes");
    vlt_buf_free(&text);
}

/* ---- one fault put into a good file ---- */

static const char good[] = "version: 1\n"
                           "default: ask\n"
                           "rules:\n"
                           "  - name: no-ads\n"
                           "    effect: deny\n"
                           "    purpose: [marketing, improve.training]\n"
                           "  - name: bill\n"
                           "    effect: permit\n"
                           "    note: for the bill\n"
                           "    firm: brightgrid\n"
                           "    purpose: service.billing\n"
                           "    data: energy.electricity\n"
                           "    detail: mean/15min\n"
                           "    window: 90d\n"
                           "    until: 2027-06-30\n";

static const struct {
    const char *from; /* the first of these in the file … */
    const char *to;   /* … becomes this */
    const char *code;
    int line, column;
} spoils[] = {
    { "version: 1", "version: 9", "P25", 1, 10 },
    { "version: 1\n", "", "P08", 1, 1 },
    { "default: ask", "default: permit", "P13", 2, 10 },
    { "default: ask", "defalt: ask", "P06", 2, 1 },
    { "default: ask", "overdue: often", "P13", 2, 10 },
    { "default: ask", "gpc: maybe", "P13", 2, 6 },
    { "default: ask", "gpc: [on]", "P09", 2, 6 },
    { "default: ask", "vocabulary: vocab/2", "P25", 2, 13 },
    { "name: no-ads", "name: No-Ads", "P13", 4, 11 },
    { "  - name: bill", "  - name: no-ads", "P17", 7, 11 },
    { "effect: permit", "effect: allow", "P13", 8, 13 },
    { "    effect: deny\n", "", "P08", 4, 5 },
    { "marketing,", "marketing, marketing,", "P23", 6, 26 },
    { "marketing,", "marketting,", "P14", 6, 15 },
    { "[marketing, improve.training]", "[]", "P23", 6, 14 },
    { "[marketing, improve.training]", "{a: b}", "P09", 6, 14 },
    { "effect: deny", "effect: deny\n    window: 1d", "P18", 6, 5 },
    { "effect: deny", "effect: deny\n    names: show", "P18", 6, 5 },
    { "effect: deny", "effect: deny\n    streams: home/*x", "P20", 6, 14 },
    { "effect: deny", "effect: deny\n    streams: []", "P23", 6, 14 },
    { "effect: deny", "effect: deny\n    streams: *x", "P05", 6, 14 },
    { "note: for the bill", "note: [a]", "P09", 9, 11 },
    { "note: for the bill", "note: \"a\\tb\"", "P24", 9, 11 },
    { "note: for the bill", "nota: for the bill", "P06", 9, 5 },
    { "firm: brightgrid", "firm: anyone", "P16", 10, 11 },
    { "firm: brightgrid", "firm: vf1:abc", "P16", 10, 11 },
    { "service.billing", "service.*", "P15", 11, 14 },
    { "energy.electricity", "energy.electric", "P14", 12, 11 },
    { "energy.electricity", "*power", "P05", 12, 11 },
    { "energy.electricity", "&power energy", "P05", 12, 11 },
    { "energy.electricity", "!x energy", "P05", 12, 11 },
    { "mean/15min", "mean/20min", "P26", 13, 13 },
    { "mean/15min", "avg/15min", "P13", 13, 13 },
    { "mean/15min", "mean+mean/15min", "P23", 13, 13 },
    { "window: 90d", "window: 90m", "P12", 14, 13 },
    { "window: 90d", "window: 30y", "P11", 14, 13 },
    { "window: 90d", "offer: often", "P13", 14, 12 },
    { "window: 90d", "action: stream", "P13", 14, 13 },
    { "window: 90d", "action: [read, read]", "P23", 14, 20 },
    { "window: 90d", "action: []", "P23", 14, 13 },
    { "window: 90d", "action: {a: b}", "P09", 14, 13 },
    { "window: 90d", "action: contact", "P27", 14, 5 },
    { "window: 90d", "channels: email", "P27", 14, 5 },
    { "window: 90d", "action: contact\n    channels: fax", "P13", 15, 15 },
    { "window: 90d", "round: -1", "P13", 14, 12 },
    { "window: 90d", "round: 0", "P11", 14, 12 },
    { "window: 90d", "round: [1]", "P09", 14, 12 },
    { "window: 90d", "delay: soon", "P12", 14, 12 },
    { "window: 90d", "delay: 2y", "P11", 14, 12 },
    { "window: 90d", "delay: new", "P12", 14, 12 },
    { "window: 90d", "every: 0s", "P11", 14, 12 },
    { "window: 90d", "every: 25h", "P11", 14, 12 },
    { "window: 90d", "rate: [4/day]", "P09", 14, 11 },
    { "window: 90d", "rate: 4/month", "P13", 14, 11 },
    { "window: 90d", "rate: 1001/day", "P11", 14, 11 },
    { "window: 90d", "rate: 0/day", "P11", 14, 11 },
    { "window: 90d", "uses: fifty", "P10", 14, 11 },
    { "window: 90d", "uses: 1e3", "P10", 14, 11 },
    { "window: 90d", "uses: 0", "P11", 14, 11 },
    { "window: 90d", "uses: 1000001", "P11", 14, 11 },
    { "window: 90d", "uses: 99999999999999999999", "P11", 14, 11 },
    { "window: 90d", "life: 59s", "P11", 14, 11 },
    { "window: 90d", "life: 366d", "P11", 14, 11 },
    { "window: 90d", "from: 2027-02-30", "P21", 14, 11 },
    { "window: 90d", "from: 2027-06-30", "P19", 15, 12 },
    { "window: 90d", "keep: 11y", "P11", 14, 11 },
    { "window: 90d", "onward: [no, Post]", "P13", 14, 14 },
    { "window: 90d", "onward: [Post, Post]", "P23", 14, 20 },
    { "window: 90d", "onward: ''", "P11", 14, 13 },
    { "window: 90d", "where: gb", "P13", 14, 12 },
    { "window: 90d", "where: [EEA, EEA]", "P23", 14, 18 },
    { "window: 90d", "basis: contact", "P13", 14, 12 },
    { "window: 90d", "profiling: some", "P13", 14, 16 },
    { "window: 90d", "automated: 1", "P13", 14, 16 },
    { "window: 90d", "min_readings: 0", "P11", 14, 19 },
    { "window: 90d", "min_readings: none", "P10", 14, 19 },
    { "window: 90d", "names: all", "P13", 14, 12 },
    { "window: 90d", "noise: 1", "P22", 14, 5 },
    { "window: 90d", "data: energy", "P07", 14, 5 },
    { "window: 90d", "\twindow: 90d", "P05", 14, 5 },
    { "window: 90d", " window: 90d", "P04", 14, 12 },
    { "until: 2027-06-30", "until: 30.6.2027", "P21", 15, 12 },
    { "energy.electricity\n    detail: mean/15min",
      "finance.transaction\n    detail: raw", "P28", 13, 13 },
    { "service.billing\n    data: energy.electricity\n    detail: mean/15min",
      "service.support\n    data: interaction.view.l2\n    rate: 1/day", "P28",
      13, 11 },
    { "until: 2027-06-30\n", "until: 2027-06-30\n---\nversion: 1\n", "P05", 16,
      1 },
};

static void
spoil(const char *from, const char *to, struct vlt_buf *out)
{
    const char *at = strstr(good, from);

    assert_non_null(at);
    vlt_buf_clear(out);
    vlt_buf_put(out, good, (size_t)(at - good));
    vlt_buf_put_text(out, to);
    vlt_buf_put_text(out, at + strlen(from));
}

static void
the_good_file_is_good(void **state)
{
    struct policy_set *set = NULL;
    struct heard heard;

    assert_int_equal(parse(good, &heard, &set), VLT_OK);
    assert_int_equal(heard.count, 0);
    assert_int_equal(policy_rule_at(set, 0)->line, 7);
    assert_int_equal(policy_rule_at(set, 0)->column, 5);
    policy_set_free(set);
}

static void
an_injected_fault_is_told_at_its_place_with_its_code(void **state)
{
    struct vlt_buf text = { 0 };

    for (size_t i = 0; i < sizeof spoils / sizeof spoils[0]; i++) {
        struct policy_set *set = NULL;
        struct heard heard;

        spoil(spoils[i].from, spoils[i].to, &text);
        print_message("%s -> %s\n", spoils[i].from, spoils[i].to);
        assert_int_equal(parse_slice(vlt_buf_slice(&text), &heard, &set),
                         VLT_E_FORMAT);
        assert_null(set);
        print_message("  %s\n", heard.lines[0]);
        assert_int_equal(heard.count, 1);
        assert_string_equal(heard.last.code, spoils[i].code);
        assert_int_equal(heard.last.line, spoils[i].line);
        assert_int_equal(heard.last.column, spoils[i].column);
        assert_non_null(strstr(heard.last.says, ", would be right: "));
    }
    vlt_buf_free(&text);
}

static void
two_faults_are_told_in_the_order_of_the_file(void **state)
{
    struct policy_set *set = NULL;
    struct heard heard;

    assert_int_equal(parse("version: 1\nrules:\n"
                           "  - {efect: deny, name: A, window: 1}\n"
                           "  - {name: b, effect: no}\n",
                           &heard, &set),
                     VLT_E_FORMAT);
    assert_int_equal(heard.count, 5);
    assert_non_null(strstr(heard.lines[0], "P08 home.yaml:3:5:"));
    assert_non_null(strstr(heard.lines[1], "P06 home.yaml:3:6:"));
    assert_non_null(strstr(heard.lines[2], "P13 home.yaml:3:25:"));
    assert_non_null(strstr(heard.lines[3], "P12 home.yaml:3:36:"));
    assert_non_null(strstr(heard.lines[4], "P13 home.yaml:4:23:"));
}

/* Faults of the YAML and of what it says, side by side. */
static void
a_fault_of_the_yaml_hides_no_other(void **state)
{
    struct policy_set *set = NULL;
    struct heard heard;

    assert_int_equal(parse("version: 1\nrules:\n"
                           "  - {name: &a a, effect: deny, efect: no}\n"
                           "  - {name: b, effect: deny, effect: ask}\n"
                           "  - {name: b, effect: *a}\n",
                           &heard, &set),
                     VLT_E_FORMAT);
    assert_int_equal(heard.count, 5);
    assert_non_null(strstr(heard.lines[0], "P05 home.yaml:3:12:"));
    assert_non_null(strstr(heard.lines[1], "P06 home.yaml:3:32:"));
    assert_non_null(strstr(heard.lines[2], "P07 home.yaml:4:29:"));
    assert_non_null(strstr(heard.lines[3], "P17 home.yaml:5:12:"));
    assert_non_null(strstr(heard.lines[4], "P05 home.yaml:5:23:"));
    assert_null(set);
}

static void
faults_are_told_fifty_at_most(void **state)
{
    struct policy_set *set = NULL;
    struct vlt_buf text = { 0 };
    struct heard heard;

    vlt_buf_put_text(&text, "version: 1\nrules:\n");
    for (int i = 0; i < 6000; i++) {
        vlt_buf_put_text(&text, "  - {}\n");
    }
    assert_int_equal(parse_slice(vlt_buf_slice(&text), &heard, &set),
                     VLT_E_FORMAT);
    assert_int_equal(heard.count, POLICY_TEXT_FAULTS);
    assert_string_equal(heard.last.code, "P03");
    vlt_buf_free(&text);
}

/* So many rules, with so many unknown keys each: faults. */
static void
put_faulty(struct vlt_buf *text, int rules, int keys)
{
    vlt_buf_put_text(text, "version: 1\nrules:\n");
    for (int rule = 0; rule < rules; rule++) {
        vlt_buf_printf(text, "  - {name: r%d, effect: deny", rule);
        for (int key = 0; key < keys; key++) {
            vlt_buf_printf(text, ", k%d: 1", key);
        }
        vlt_buf_put_text(text, "}\n");
    }
}

static void
of_more_faults_their_number_is_told(void **state)
{
    static const struct {
        int rules, keys;
        size_t told;
        const char *last;
    } cases[] = {
        { 49, 1, 49, "unknown key" },        { 50, 1, 50, "unknown key" },
        { 51, 1, 50, "2 more faults" },      { 30, 5, 50, "101 more faults" },
        { 100, 50, 50, "4951 more faults" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct policy_set *set = NULL;
        struct vlt_buf text = { 0 };
        struct heard heard;

        print_message("%d rules, %d keys\n", cases[i].rules, cases[i].keys);
        put_faulty(&text, cases[i].rules, cases[i].keys);
        assert_int_equal(parse_slice(vlt_buf_slice(&text), &heard, &set),
                         VLT_E_FORMAT);
        assert_int_equal(heard.count, cases[i].told);
        assert_non_null(strstr(heard.last.says, cases[i].last));
        vlt_buf_free(&text);
    }
}

/* ---- bytes of any kind ---- */

/* What is taken prints to what is taken again, and prints the same. */
static void
must_hold(struct vlt_slice text)
{
    struct policy_set *set = NULL;
    struct heard heard;

    if (parse_slice(text, &heard, &set) != VLT_OK) {
        assert_true(heard.count > 0);
        assert_null(set);
        return;
    }
    struct policy_set *again = NULL;
    struct vlt_buf one = { 0 };
    struct vlt_buf other = { 0 };

    policy_text_print(&one, set);
    assert_int_equal(parse_slice(vlt_buf_slice(&one), &heard, &again), VLT_OK);
    policy_text_print(&other, again);
    assert_string_equal(vlt_buf_text(&one), vlt_buf_text(&other));
    vlt_buf_free(&one);
    vlt_buf_free(&other);
    policy_set_free(set);
    policy_set_free(again);
}

static void
a_file_cut_anywhere_is_taken_or_refused(void **state)
{
    for (size_t len = 0; len < sizeof good; len++) {
        uint8_t *cut = malloc(len + 1);

        assert_non_null(cut);
        memcpy(cut, good, len);
        must_hold(vlt_slice_of(cut, len));
        free(cut);
    }
}

static void
a_file_with_any_byte_changed_is_taken_or_refused(void **state)
{
    static const uint8_t bytes[] = {
        0,   '\n', '\t', ' ',  '-', ':', '*', '&',
        '"', '#',  'x',  0xC3, '[', '}', '%', '9'
    };
    uint8_t text[sizeof good - 1];

    for (size_t at = 0; at < sizeof text; at++) {
        for (size_t b = 0; b < sizeof bytes; b++) {
            memcpy(text, good, sizeof text);
            text[at] = bytes[b];
            must_hold(vlt_slice_of(text, sizeof text));
        }
    }
}

/* ---- the input as a whole ---- */

static void
too_many_files_or_too_long_a_name_is_a_limit(void **state)
{
    static struct policy_text_file files[POLICY_TEXT_FILES + 1];
    struct policy_text_input input = { .files = files,
                                       .count = POLICY_TEXT_FILES + 1,
                                       .home = VOCAB_NONE };
    struct policy_set *set = NULL;
    struct heard heard = { .count = 0 };
    char name[POLICY_FILE + 2];

    for (size_t i = 0; i < input.count; i++) {
        files[i] =
            (struct policy_text_file){ .name = "a.yaml",
                                       .text = vlt_slice_text("version: 1") };
    }
    assert_int_equal(policy_text_parse(&input, hear, &heard, &set),
                     VLT_E_LIMIT);
    input.count = 1;
    memset(name, 'a', sizeof name);
    name[POLICY_FILE + 1] = '\0';
    files[0].name = name;
    assert_int_equal(policy_text_parse(&input, hear, &heard, &set),
                     VLT_E_LIMIT);
    name[POLICY_FILE] = '\0';
    assert_int_equal(policy_text_parse(&input, hear, &heard, &set), VLT_OK);
    policy_set_free(set);
}

static void
no_file_at_all_is_an_empty_set(void **state)
{
    struct policy_text_input input = { .count = 0, .home = VOCAB_NONE };
    struct policy_set *set = NULL;
    struct heard heard = { .count = 0 };

    assert_int_equal(policy_text_parse(&input, hear, &heard, &set), VLT_OK);
    assert_int_equal(policy_rule_count(set), POLICY_BUILTINS);
    assert_false(policy_settings(set)->default_deny);
    assert_int_equal(policy_settings(set)->default_at.line, 0);
    policy_set_free(set);
}

/* One that has none would be explained by nothing. */
static void
each_of_the_vaults_own_rules_has_words_and_no_other(void **state)
{
    struct policy_text_input input = { .count = 0, .home = VOCAB_NONE };
    const struct policy_rule rule = { .name = "builtin" };
    struct policy_set *set = NULL;
    struct heard heard = { .count = 0 };

    assert_int_equal(policy_text_parse(&input, hear, &heard, &set), VLT_OK);
    for (size_t i = 0; i < policy_rule_count(set); i++) {
        assert_non_null(policy_own_words(policy_rule_at(set, i)));
    }
    assert_null(policy_own_words(&rule));
    policy_set_free(set);
}

/* Names of files come from outside too. */
static void
a_file_name_is_told_without_control_characters(void **state)
{
    struct policy_fault fault;
    struct vlt_buf line = { 0 };

    policy_fault_unreadable(&fault, "a\x1b[31m.yaml", "No such file");
    policy_fault_print(&line, &fault);
    assert_null(strchr(vlt_buf_text(&line), 0x1b));
    vlt_buf_free(&line);
}

static void
a_firm_id_is_read_and_printed(void **state)
{
    uint8_t id[POLICY_FIRM_LEN];
    uint8_t again[POLICY_FIRM_LEN];
    char text[POLICY_FIRM_TEXT];

    for (size_t i = 0; i < sizeof id; i++) {
        id[i] = (uint8_t)(i * 37 + 5);
    }
    policy_firm_print(id, text);
    assert_int_equal(strlen(text), 56);
    assert_int_equal(policy_firm_parse(vlt_slice_text(text), again), VLT_OK);
    assert_memory_equal(id, again, sizeof id);
    text[3] = ';';
    assert_int_equal(policy_firm_parse(vlt_slice_text(text), again),
                     VLT_E_FORMAT);
    assert_int_equal(policy_firm_parse(vlt_slice_text("vf1:"), again),
                     VLT_E_FORMAT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_cannot_be_read_is_p01),
        cmocka_unit_test(bytes_that_are_not_utf8_are_p02),
        cmocka_unit_test(a_rule_too_many_is_p03),
        cmocka_unit_test(a_value_too_many_is_p03),
        cmocka_unit_test(a_file_too_big_is_p03),
        cmocka_unit_test(the_good_file_is_good),
        cmocka_unit_test(an_injected_fault_is_told_at_its_place_with_its_code),
        cmocka_unit_test(two_faults_are_told_in_the_order_of_the_file),
        cmocka_unit_test(a_fault_of_the_yaml_hides_no_other),
        cmocka_unit_test(faults_are_told_fifty_at_most),
        cmocka_unit_test(of_more_faults_their_number_is_told),
        cmocka_unit_test(a_file_cut_anywhere_is_taken_or_refused),
        cmocka_unit_test(a_file_with_any_byte_changed_is_taken_or_refused),
        cmocka_unit_test(too_many_files_or_too_long_a_name_is_a_limit),
        cmocka_unit_test(no_file_at_all_is_an_empty_set),
        cmocka_unit_test(each_of_the_vaults_own_rules_has_words_and_no_other),
        cmocka_unit_test(a_file_name_is_told_without_control_characters),
        cmocka_unit_test(a_firm_id_is_read_and_printed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
