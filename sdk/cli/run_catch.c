#include <signal.h>

#include "cli/run.h"

/* The one thing in this room that changes by itself: a signal handler can
 * reach nothing else. */
static volatile sig_atomic_t interrupted;

static void
on_interrupt(int number)
{
    struct sigaction plain = { .sa_handler = SIG_DFL };

    interrupted = 1;
    /* The second ^C ends the program, whatever it is doing. */
    sigaction(number, &plain, NULL);
}

const volatile int *
run_catch(void)
{
    struct sigaction action = { .sa_handler = on_interrupt };

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return &interrupted;
}
