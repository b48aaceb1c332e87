#include "main/calls.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "main/main_internal.h"
#include "main/seeds.h"

static uint32_t
action_of(enum calls_act act)
{
    switch (act) {
    case CALLS_ALLOW:
        return SCMP_ACT_ALLOW;
    case CALLS_ABSENT:
        return SCMP_ACT_ERRNO(ENOSYS);
    case CALLS_KILL:
        return SCMP_ACT_KILL_PROCESS;
    }
    return SCMP_ACT_KILL_PROCESS;
}

/* 0, or a negative errno.  Calls that this machine does not have are left
 * out by the library. */
static int
add(scmp_filter_ctx filter, const struct calls_row *row)
{
    const struct calls_argument *argument = &row->argument;
    struct scmp_arg_cmp compare = { .arg = argument->at,
                                    .op = SCMP_CMP_MASKED_EQ,
                                    .datum_a = argument->mask,
                                    .datum_b = argument->value };

    return seccomp_rule_add_array(filter, action_of(row->act), row->call,
                                  argument->mask != 0 ? 1 : 0, &compare);
}

static int
add_all(scmp_filter_ctx filter, unsigned who)
{
    /* All threads, or none: also one that a library has started. */
    int code = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);

    for (size_t i = 0; code == 0 && i < calls_count; i++) {
        if ((calls_rows[i].who & who) != 0) {
            code = add(filter, &calls_rows[i]);
        }
    }
    return code;
}

enum vlt_status
calls_install(unsigned who)
{
    if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) {
        return VLT_E_NOT_FOUND;
    }
    scmp_filter_ctx filter =
        seccomp_init(seeds_strict() ? SCMP_ACT_TRAP : SCMP_ACT_ERRNO(EPERM));

    if (filter == NULL) {
        errno = ENOMEM;
        return VLT_E_STORAGE;
    }
    int code = add_all(filter, who);

    if (code == 0) {
        code = seccomp_load(filter);
    }
    seccomp_release(filter);
    errno = -code;
    return code == 0 ? VLT_OK : VLT_E_STORAGE;
}

static void
on_forbidden(int number, siginfo_t *about, void *context)
{
    char says[80];
    int len = snprintf(says, sizeof says,
                       "vaultd: system call %d is not in the table\n",
                       about->si_syscall);

    (void)number;
    (void)context;
    if (len > 0) {
        (void)!write(STDERR_FILENO, says, (size_t)len);
    }
    _exit(EXIT_FAILED);
}

void
calls_tell(void)
{
    struct sigaction tell = { .sa_sigaction = on_forbidden,
                              .sa_flags = SA_SIGINFO };

    if (seeds_strict()) {
        (void)sigaction(SIGSYS, &tell, NULL);
    }
}
