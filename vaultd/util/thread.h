/*
 * thread: start one, wait for its end.
 *
 * A new thread has all signals blocked, so that they come to the first thread
 * alone; but not SIGBUS, SIGSEGV and SIGSYS, which are of the thread whose read
 * failed, or whose system call was refused.
 */
#ifndef UTIL_THREAD_H
#define UTIL_THREAD_H

#include "base/status.h"

struct thread;

enum {
    THREAD_NAME_MAX = 15 /* characters, as Linux has it */
};

/*
 * Run fn(ctx) on a new thread that is called name (cut to THREAD_NAME_MAX).
 * The caller ends *out with thread_join().
 * VLT_E_NOMEM: no memory, or as many threads as are allowed.
 */
VLT_MUST_USE enum vlt_status thread_start(const char *name,
                                          void (*fn)(void *ctx), void *ctx,
                                          struct thread **out);

/* Wait until fn has returned, and free.  NULL is allowed; not the thread's own
 * business. */
void thread_join(struct thread *thread);

#endif
