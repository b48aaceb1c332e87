/*
 * What shells are given of a program's tables: what there is, and nothing of
 * what is to come.  flow.owner_cli has bash complete by it.
 */
#include "unit.h"

#include <string.h>

#include "cli/completion.h"

static int
never(struct run *run)
{
    return run == NULL;
}

static const struct args_option every[] = {
    { "json", NULL, "one object", false },
    { .name = NULL },
};

static const struct args_option options[] = {
    { "from", "TIME", "the owner's first \\ time", false },
    { "fill", "HOW", NULL, false },
    { .name = NULL },
};

static const struct args_command verbs[] = {
    { .name = "query", .says = "rows", .options = options, .run = never },
    { .name = "erase", .says = "" },
    { .name = NULL },
};

static const struct args_command commands[] = {
    { .name = "status", .says = "how it is", .run = never },
    { .name = "data", .says = "all rows", .verbs = verbs },
    { .name = "backup", .says = "" },
    { .name = NULL },
};

static const struct args_program program = {
    .name = "tool", .says = "a tool", .options = every, .commands = commands
};

static bool
gives(const char *shell, const char *part)
{
    struct vlt_buf text = { 0 };
    bool has;

    assert_true(completion_put(&program, shell, &text));
    has = strstr(vlt_buf_text(&text), part) != NULL;
    vlt_buf_free(&text);
    return has;
}

static void
bash_and_zsh_get_words_by_command(void **state)
{
    static const char *const shells[] = { "bash", "zsh" };

    for (size_t i = 0; i < 2; i++) {
        assert_true(gives(shells[i], "'') words='status data' ;;"));
        assert_true(gives(shells[i], "'status') words='-h --json' ;;"));
        assert_true(gives(shells[i], "'data') words='query' ;;"));
        assert_true(
            gives(shells[i], "'data query') words='-h --from --json' ;;"));
        assert_true(gives(shells[i], "complete -o default -F _tool tool\n"));
    }
    assert_true(gives("zsh", "bashcompinit"));
    assert_false(gives("bash", "bashcompinit"));
}

static void
fish_gets_them_with_what_they_are(void **state)
{
    assert_true(gives("fish", "complete -c tool -f -n '__fish_use_subcommand' "
                              "-a data -d 'all rows'\n"));
    assert_true(gives("fish", "__fish_seen_subcommand_from query' -l from -r "
                              "-d 'the owner\\'s first \\\\ time'\n"));
    assert_true(gives("fish", "complete -c tool -l json -d 'one object'\n"));
}

static void
what_is_to_come_is_not_there(void **state)
{
    static const char *const shells[] = { "bash", "zsh", "fish" };

    for (size_t i = 0; i < 3; i++) {
        assert_false(gives(shells[i], "backup"));
        assert_false(gives(shells[i], "erase"));
        assert_false(gives(shells[i], "fill"));
    }
}

static void
another_shell_is_not_known(void **state)
{
    struct vlt_buf text = { 0 };

    assert_false(completion_put(&program, "csh", &text));
    assert_int_equal(text.len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bash_and_zsh_get_words_by_command),
        cmocka_unit_test(fish_gets_them_with_what_they_are),
        cmocka_unit_test(what_is_to_come_is_not_there),
        cmocka_unit_test(another_shell_is_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
