#include "unit.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "util/thread.h"

struct seen {
    bool ran;
    bool blocked;
};

static void
look(void *ctx)
{
    static const int some[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGPIPE };
    struct seen *seen = ctx;
    sigset_t mask;

    seen->ran = true;
    seen->blocked = pthread_sigmask(SIG_SETMASK, NULL, &mask) == 0;
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        seen->blocked = seen->blocked && sigismember(&mask, some[i]) == 1;
    }
    /* What a thread's own read brings about is not. */
    seen->blocked = seen->blocked && sigismember(&mask, SIGBUS) == 0 &&
                    sigismember(&mask, SIGSEGV) == 0;
}

static void
a_thread_runs_with_all_signals_blocked(void **state)
{
    struct seen seen = { false, false };
    struct thread *thread = NULL;
    sigset_t mask;

    assert_int_equal(
        thread_start("a name that is far too long", look, &seen, &thread),
        VLT_OK);
    thread_join(thread);
    assert_true(seen.ran);
    assert_true(seen.blocked);
    /* Ours are as they were. */
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &mask), 0);
    assert_int_equal(sigismember(&mask, SIGTERM), 0);
}

static void
joining_nothing_is_allowed(void **state)
{
    thread_join(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_runs_with_all_signals_blocked),
        cmocka_unit_test(joining_nothing_is_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
