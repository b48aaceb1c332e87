#include "unit.h"

#include <seccomp.h>
#include <stdbool.h>
#include <string.h>

#include "main/calls.h"

enum { BOTH = CALLS_DAEMON | CALLS_WARDEN };

/* Is there a row that lets one of these make the call? */
static bool
allowed(int call, unsigned who)
{
    for (size_t i = 0; i < calls_count; i++) {
        const struct calls_row *row = &calls_rows[i];

        if (row->call == call && row->act == CALLS_ALLOW &&
            (row->who & who) != 0) {
            return true;
        }
    }
    return false;
}

static void
every_row_has_a_reason_and_somebody_it_is_for(void **state)
{
    for (size_t i = 0; i < calls_count; i++) {
        assert_true(strlen(calls_rows[i].why) > 3);
        assert_true(calls_rows[i].who != 0);
        assert_true((calls_rows[i].who & ~(unsigned)(BOTH | CALLS_DIALS)) == 0);
        assert_true(calls_rows[i].argument.at < 6);
    }
}

static void
what_ends_the_process_is_allowed_to_nobody(void **state)
{
    for (size_t i = 0; i < calls_count; i++) {
        if (calls_rows[i].act == CALLS_KILL) {
            assert_false(allowed(calls_rows[i].call, calls_rows[i].who));
        }
    }
}

/* Rows of one call are alternatives, so one without a condition would undo
 * those that have one. */
static void
a_condition_is_not_undone_by_another_row(void **state)
{
    for (size_t i = 0; i < calls_count; i++) {
        for (size_t k = 0; k < calls_count; k++) {
            if (i != k && calls_rows[i].call == calls_rows[k].call &&
                (calls_rows[i].who & calls_rows[k].who) != 0) {
                assert_true(calls_rows[i].argument.mask != 0);
            }
        }
    }
}

/* A few that would make the rest worth nothing. */
static void
neither_may_leave_its_fence(void **state)
{
    static const int calls[] = {
        SCMP_SYS(ptrace),  SCMP_SYS(mount),   SCMP_SYS(setns),
        SCMP_SYS(unshare), SCMP_SYS(bpf),     SCMP_SYS(chown),
        SCMP_SYS(setuid),  SCMP_SYS(symlink), SCMP_SYS(bind),
        SCMP_SYS(listen),  SCMP_SYS(connect), SCMP_SYS(socket),
    };

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        assert_false(allowed(calls[i], BOTH));
    }
    /* Whoever dials neither listens anywhere new, nor gets more else. */
    assert_true(allowed(SCMP_SYS(connect), CALLS_DIALS));
    assert_false(allowed(SCMP_SYS(listen), CALLS_DIALS));
    assert_false(allowed(SCMP_SYS(bind), CALLS_DIALS));
    assert_false(allowed(SCMP_SYS(execve), CALLS_DAEMON));
    assert_false(allowed(SCMP_SYS(fork), CALLS_DAEMON));
    assert_false(allowed(SCMP_SYS(kill), CALLS_DAEMON));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_a_reason_and_somebody_it_is_for),
        cmocka_unit_test(what_ends_the_process_is_allowed_to_nobody),
        cmocka_unit_test(a_condition_is_not_undone_by_another_row),
        cmocka_unit_test(neither_may_leave_its_fence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
