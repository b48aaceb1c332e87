/*
 * child: what a damaged file can crash is done in a process of its own.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "main/main_internal.h"

/* Signals that this process waits for while it has a child. */
static void
set_of(sigset_t *out)
{
    (void)sigemptyset(out);
    (void)sigaddset(out, SIGCHLD);
    (void)sigaddset(out, SIGINT);
    (void)sigaddset(out, SIGTERM);
}

/* Wait for its end; a signal that would end us ends it first, so that what it
 * leaves can be cleared away.  False: nothing can be told of it. */
static bool
wait_for(pid_t child, const sigset_t *signals, int *how)
{
    for (;;) {
        pid_t ended = waitpid(child, how, WNOHANG);

        if (ended == child) {
            return true;
        }
        if (ended < 0 && errno != EINTR) {
            return false;
        }
        int came = sigwaitinfo(signals, NULL);

        if (came == SIGINT || came == SIGTERM) {
            (void)kill(child, SIGKILL);
        }
    }
}

/* Does a process die of this by what it reads, and not by others? */
static bool
by_fault(int signal)
{
    return signal == SIGSEGV || signal == SIGBUS || signal == SIGABRT ||
           signal == SIGFPE || signal == SIGILL;
}

static int
code_of(const char *command, int how)
{
    if (WIFSIGNALED(how) && !by_fault(WTERMSIG(how))) {
        complain("%s: the reader was killed", command);
        return EXIT_NOT_RUN;
    }
    if (WIFSIGNALED(how)) {
        complain("%s: the reader died by signal %d: the vault is damaged",
                 command, WTERMSIG(how));
        return EXIT_FAILED;
    }
    return WEXITSTATUS(how);
}

int
in_child(const char *command, int (*run)(void *ctx), void *ctx)
{
    /* Whoever started us may have had ends of children ignored; then nobody
     * would be told of ours. */
    struct sigaction usual = { .sa_handler = SIG_DFL };
    sigset_t signals;
    sigset_t before;
    int how = 0;

    set_of(&signals);
    (void)sigaction(SIGCHLD, &usual, NULL);
    (void)sigprocmask(SIG_BLOCK, &signals, &before);
    pid_t child = fork();

    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        (void)sigprocmask(SIG_SETMASK, &before, NULL);
        int code = run(ctx);

        (void)fflush(stdout);
        _exit(code);
    }
    int code = EXIT_NOT_RUN;

    if (child < 0) {
        complain("%s: no process can be made: %s", command, strerror(errno));
    } else if (!wait_for(child, &signals, &how)) {
        complain("%s: the reader is lost: %s", command, strerror(errno));
    } else {
        code = code_of(command, how);
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return code;
}
