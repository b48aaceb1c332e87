#include <string.h>

#include "cli/args.h"
#include "unit.h"

static int
never(struct run *run)
{
    (void)run;
    return 0;
}

static const struct args_option every[] = {
    { "socket", "PATH", "where", false },
    { "json", NULL, "one object", false },
    { .name = NULL },
};

static const struct args_option options[] = {
    { "from", "TIME", "first", false },
    { "stat", "STATS", "which", true },
    { "yes", NULL, "do not ask", false },
    { "fill", "HOW", NULL, false },
    { .name = NULL },
};

static const struct args_command verbs[] = {
    { .name = "query",
      .takes = "PATTERN…",
      .says = "rows",
      .examples = { "data query a", "data query b --from 1d" },
      .min = 1,
      .max = ARGS_MANY,
      .options = options,
      .run = never },
    { .name = "put",
      .takes = "NAME",
      .says = "one",
      .examples = { "data put a", "data put b" },
      .min = 1,
      .max = 1,
      .options = options,
      .run = never },
    { .name = "erase", .says = "" },
    { .name = NULL },
};

static const struct args_command commands[] = {
    { .name = "status",
      .says = "how it is",
      .examples = { "status", "status --json" },
      .run = never },
    { .name = "data",
      .says = "rows",
      .examples = { "data query a", "data put b" },
      .verbs = verbs },
    { .name = "backup", .says = "" },
    { .name = NULL },
};

static const struct args_program program = {
    .name = "tool",
    .says = "a tool",
    .examples = { "status", "data query a" },
    .options = every,
    .commands = commands,
};

enum { MOST = 16 };

static struct args args;
static struct vlt_buf says;

static int
drop(void **state)
{
    args_free(&args);
    vlt_buf_free(&says);
    return 0;
}

/* Words apart by blanks. */
static enum args_outcome
read_line(const char *line)
{
    static char copy[256];
    char *argv[MOST + 1] = { "tool" };
    int argc = 1;

    args_free(&args);
    vlt_buf_clear(&says);
    assert_true(strlen(line) < sizeof copy);
    memcpy(copy, line, strlen(line) + 1);
    for (char *at = copy; *at != '\0' && argc < MOST;) {
        size_t len = strcspn(at, " ");
        bool last = at[len] == '\0';

        argv[argc++] = at;
        at[len] = '\0';
        at += len + (last ? 0 : 1);
    }
    return args_read(&program, argc, argv, &says, &args);
}

static const char *
said(const char *line, enum args_outcome outcome)
{
    assert_int_equal(read_line(line), outcome);
    return vlt_buf_text(&says);
}

static void
words_and_options_may_be_mixed(void **state)
{
    assert_int_equal(read_line("--json data query a --from 1d b"), ARGS_RUN);
    assert_string_equal(args.command->name, "query");
    assert_string_equal(args.noun->name, "data");
    assert_string_equal(args_word(&args, 0), "a");
    assert_string_equal(args_word(&args, 1), "b");
    assert_null(args_word(&args, 2));
    assert_string_equal(args_value(&args, "from"), "1d");
    assert_true(args_has(&args, "json"));
    assert_false(args_has(&args, "yes"));
}

static void
an_equals_sign_gives_a_value_too(void **state)
{
    assert_int_equal(read_line("data query a --from=b=c"), ARGS_RUN);
    assert_string_equal(args_value(&args, "from"), "b=c");
}

static void
behind_two_dashes_all_are_words(void **state)
{
    assert_int_equal(read_line("data query -- --from -h"), ARGS_RUN);
    assert_string_equal(args_word(&args, 0), "--from");
    assert_string_equal(args_word(&args, 1), "-h");
}

static void
numbers_and_a_dash_are_words(void **state)
{
    assert_int_equal(read_line("data query -5 -"), ARGS_RUN);
    assert_string_equal(args_word(&args, 0), "-5");
    assert_string_equal(args_word(&args, 1), "-");
}

static void
a_list_takes_words_once_the_command_has_its_own(void **state)
{
    assert_int_equal(read_line("data put name --stat a b c --yes"), ARGS_RUN);
    assert_string_equal(args_each(&args, "stat", 0), "a");
    assert_string_equal(args_each(&args, "stat", 1), "b");
    assert_string_equal(args_each(&args, "stat", 2), "c");
    assert_null(args_each(&args, "stat", 3));
    assert_int_equal(read_line("data put --stat a name"), ARGS_RUN);
    assert_string_equal(args_word(&args, 0), "name");
    assert_null(args_each(&args, "stat", 1));
}

/* What is wrong, told in one line that says what to type. */
static const struct {
    const char *line, *says;
} wrong[] = {
    { "statsu", "tool: there is no command \"statsu\"; did you mean status?; "
                "type: tool -h\n" },
    { "zzz", "tool: there is no command \"zzz\"; type: tool -h\n" },
    { "data qeury a", "tool data: there is no command \"qeury\"; did you mean "
                      "query?; type: tool data -h\n" },
    { "data query a --form b",
      "tool data query: there is no option --form; did you mean --from?; "
      "type: tool data query -h\n" },
    { "data query a --jsno", "tool data query: there is no option --jsno; did "
                             "you mean --json?; type: tool data query -h\n" },
    { "data query a -x", "tool data query: there is no option -x; type: tool "
                         "data query -h\n" },
    { "data query a --from", "tool data query: --from needs a value, --from "
                             "TIME; type: tool data query -h\n" },
    { "data query a --yes=1", "tool data query: --yes takes no value; type: "
                              "tool data query -h\n" },
    { "data query a --from b --from c",
      "tool data query: --from is given twice; type: tool data query -h\n" },
    { "data query a --fill b",
      "tool data query: --fill is to come; this version of the vault does not "
      "have it yet; type: tool data query -h\n" },
    { "data query a --fill=b",
      "tool data query: --fill is to come; this version of the vault does not "
      "have it yet; type: tool data query -h\n" },
    { "data query a --fil b", "tool data query: there is no option --fil; "
                              "type: tool data query -h\n" },
    { "data query", "tool data query: something is missing: tool data query "
                    "PATTERN…; type: tool data query -h\n" },
    { "data put a b", "tool data put: that is too much: tool data put NAME; "
                      "type: tool data put -h\n" },
    { "status x", "tool status: that is too much: tool status; type: tool "
                  "status -h\n" },
    { "backup", "tool backup: this is to come; this version of the vault does "
                "not have it yet; type: tool backup -h\n" },
    { "data erase a",
      "tool data erase: this is to come; this version of the "
      "vault does not have it yet; type: tool data erase -h\n" },
    { "\033[2J", "tool: there is no command \"\\x1B[2J\"; type: tool -h\n" },
};

static void
what_is_wrong_is_told_with_what_to_type(void **state)
{
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        print_message("%s\n", wrong[i].line);
        assert_string_equal(said(wrong[i].line, ARGS_WRONG), wrong[i].says);
    }
}

static void
help_begins_with_two_examples(void **state)
{
    assert_string_equal(said("data query -h", ARGS_HELP),
                        "tool data query: rows\n"
                        "\n"
                        "  tool data query a\n"
                        "  tool data query b --from 1d\n"
                        "\n"
                        "usage: tool data query PATTERN… [options]\n"
                        "\n"
                        "  --from TIME   first\n"
                        "  --stat STATS  which (may be repeated)\n"
                        "  --yes         do not ask\n"
                        "\n"
                        "options of every command:\n"
                        "  --socket PATH  where\n"
                        "  --json         one object\n");
}

static void
help_tells_what_is_to_come(void **state)
{
    assert_string_equal(said("data --help", ARGS_HELP),
                        "tool data: rows\n"
                        "\n"
                        "  tool data query a\n"
                        "  tool data put b\n"
                        "\n"
                        "  query           rows\n"
                        "  put             one\n"
                        "\n"
                        "to come, not in this version: erase\n");
}

static void
what_is_to_come_is_not_offered(void **state)
{
    assert_null(strstr(said("data query -h", ARGS_HELP), "fill"));
    assert_int_equal(read_line("data query a --fill -h"), ARGS_WRONG);
}

static void
nothing_at_all_is_help_and_a_fault(void **state)
{
    assert_non_null(strstr(said("", ARGS_WRONG), "tool: a tool\n\n  tool "));
    assert_non_null(strstr(said("data", ARGS_WRONG), "tool data: rows"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(words_and_options_may_be_mixed, drop),
        cmocka_unit_test_teardown(an_equals_sign_gives_a_value_too, drop),
        cmocka_unit_test_teardown(behind_two_dashes_all_are_words, drop),
        cmocka_unit_test_teardown(numbers_and_a_dash_are_words, drop),
        cmocka_unit_test_teardown(
            a_list_takes_words_once_the_command_has_its_own, drop),
        cmocka_unit_test_teardown(what_is_wrong_is_told_with_what_to_type,
                                  drop),
        cmocka_unit_test_teardown(help_begins_with_two_examples, drop),
        cmocka_unit_test_teardown(help_tells_what_is_to_come, drop),
        cmocka_unit_test_teardown(what_is_to_come_is_not_offered, drop),
        cmocka_unit_test_teardown(nothing_at_all_is_help_and_a_fault, drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
