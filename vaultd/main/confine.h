/*
 * confine: what the process gives up once it has started.
 *
 * Whoever gets to run code of theirs inside the daemon, by a fault that nobody
 * knows yet, should find little there to go on with: no other file than the
 * vault's, no other program, no other process, no connection to the outside.
 * Two fences stand for it, Landlock around files (landlock.h) and seccomp
 * around system calls (calls.h).  Both hold for good, for the calling thread
 * and those that come after; so they are put up before there are others.
 */
#ifndef CONFINE_H
#define CONFINE_H

#include <stdbool.h>

#include "base/status.h"

/* Where the daemon goes on writing; texts are borrowed for the call. */
struct confine_places {
    const char *vault;
    const char *anchor;         /* folder; NULL: none */
    const char *socket;         /* the owner's; removed at the end */
    const char *const *backups; /* NULL-ended; none: the vault's parent */
    const char *const *dial;    /* firms that are dialled; likewise */
};

/* What stands. */
struct confined {
    int landlock; /* the kernel's version of it; 0: it has none */
    bool filter;
    const char *why; /* static, says what is missing; NULL: nothing is */
};

/*
 * Put both up around the daemon.  What this kernel lacks is logged once, and
 * is no failure.
 * VLT_E_STORAGE: the kernel has it and refused; said on stderr.  The process
 * should end.
 */
VLT_MUST_USE enum vlt_status confine_daemon(const struct confine_places *places,
                                            struct confined *out);

/* The same around the warden: it runs its own program, which reads a backup
 * and writes below /var/tmp. */
VLT_MUST_USE enum vlt_status
confine_warden(const struct confine_places *places);

#endif
