/*
 * A passphrase leaves nothing of itself in memory that vaultctl gives back.
 */
#include "screen.h"

#include <jansson.h>

#include "freed.h"

enum { LEFT = 98 };

static const char passphrase[] = "correct \"horse\" battery";
static const char key[] = "0123456789abcdef0123456789abcdef";

/* Strict verbs want the passphrase; unlocking gets it at once. */
static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    int64_t id = rpc->id.number;
    struct vlt_slice given =
        vlt_json_text_of(vlt_json_get(rpc->params, "passphrase"));

    if (vlt_slice_is(rpc->method, "vault.unlock")) {
        bool right = vlt_slice_is(given, passphrase) ||
                     vlt_json_get(rpc->params, "key") != NULL;

        fake_result(fake, id, right ? "{\"state\":\"unlocked\"}" : "[]");
    } else if (vlt_slice_is(rpc->method, "request.approve") &&
               !vlt_slice_is(given, passphrase)) {
        fake_error(fake, id,
                   "{\"code\":7,\"message\":\"The passphrase is wanted.\","
                   "\"data\":{\"reason\":\"reauth\"}}");
    } else {
        fake_result(fake, id, "{\"vault\":\"vd1:x\",\"state\":\"active\"}");
    }
    return true;
}

static struct screen screen;

static int
open_screen(void **state)
{
    char path[64];

    screen_open(&screen, answer);
    screen_path(&screen, "pass", path);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(passphrase, file) >= 0 && fclose(file) == 0);
    screen_path(&screen, "key", path);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(key, file) >= 0 && fclose(file) == 0);
    return 0;
}

static int
close_screen(void **state)
{
    char path[64];

    screen_path(&screen, "pass", path);
    unlink(path);
    screen_path(&screen, "key", path);
    unlink(path);
    screen_close(&screen);
    return 0;
}

/* The exit code of vaultctl; LEFT: a secret was left. */
static int
run_watched(char *const *words, int count)
{
    char path[64];
    char name[] = "vaultctl";
    char socket[] = "--socket";
    char *argv[SCREEN_WORDS] = { name, socket, screen.socket };
    int status;

    for (int i = 0; i < count; i++) {
        argv[3 + i] = words[i];
    }
    screen_path(&screen, "err", path);
    fflush(NULL);
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        screen_divert(&screen, "out", STDOUT_FILENO);
        screen_divert(&screen, "err", STDERR_FILENO);
        json_set_alloc_funcs(malloc, __wrap_free);
        freed_watch(passphrase, 7); /* what no escape comes between */
        freed_watch(key, sizeof key - 1);
        int code = run_main(&vaultctl_program, 3 + count, argv);

        _exit(freed_found() > 0 ? LEFT : code);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void
unlocking_leaves_nothing(void **state)
{
    char verb[] = "unlock";
    char option[] = "--passphrase-file";
    char path[64];
    char *words[] = { verb, option, path };

    screen_path(&screen, "pass", path);
    assert_int_equal(run_watched(words, 3), RUN_DONE);
}

static void
unlocking_by_a_key_leaves_nothing(void **state)
{
    char verb[] = "unlock";
    char option[] = "--key-file";
    char path[64];
    char *words[] = { verb, option, path };

    screen_path(&screen, "key", path);
    assert_int_equal(run_watched(words, 3), RUN_DONE);
}

static void
a_verb_that_wants_the_passphrase_leaves_nothing(void **state)
{
    char noun[] = "request";
    char verb[] = "approve";
    char id[] = "01M8AA8FJKTVZA051EDF89J0BM";
    char all[] = "--all";
    char option[] = "--passphrase-file";
    char path[64];
    char *words[] = { noun, verb, id, all, option, path };

    screen_path(&screen, "pass", path);
    assert_int_equal(run_watched(words, 6), RUN_DONE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unlocking_leaves_nothing),
        cmocka_unit_test(unlocking_by_a_key_leaves_nothing),
        cmocka_unit_test(a_verb_that_wants_the_passphrase_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, open_screen, close_screen);
}
