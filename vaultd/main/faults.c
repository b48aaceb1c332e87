/*
 * faults: reads that memory refuses.
 *
 * LMDB has no checksums: a page that was damaged on the disk can lead its
 * reader anywhere.  Where to, no check of ours can tell before.
 */
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "main/main_internal.h"

/* Beyond the end of a mapped file, or the disk gives no bytes. */
static void
on_bus_error(int number)
{
    static const char says[] =
        "vaultd: run: data.mdb cannot be read: it is damaged, or the disk "
        "fails; run vaultd check\n";

    (void)number;
    (void)!write(STDERR_FILENO, says, sizeof says - 1);
    _exit(EXIT_FAILED);
}

/* Anywhere else.  It may be a fault of the program, too: so it ends as it
 * would have, when the read is tried again without this. */
static void
on_segment_fault(int number)
{
    static const char says[] =
        "vaultd: run: a read went astray; if data.mdb is damaged, vaultd check "
        "says so\n";

    (void)number;
    (void)!write(STDERR_FILENO, says, sizeof says - 1);
}

void
faults_catch(void)
{
    struct sigaction bus = { .sa_handler = on_bus_error };
    struct sigaction segment = { .sa_handler = on_segment_fault,
                                 .sa_flags = (int)SA_RESETHAND };
    struct sigaction there;

    (void)sigaction(SIGBUS, &bus, NULL);
    /* A sanitizer's own handler tells more. */
    if (sigaction(SIGSEGV, NULL, &there) == 0 && there.sa_handler == SIG_DFL) {
        (void)sigaction(SIGSEGV, &segment, NULL);
    }
}
