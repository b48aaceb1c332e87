/*
 * lock: a mutex with one condition.
 *
 * Hold it for a few lines; never while waiting for a disk, a peer or another
 * lock.  See also util/read_gate.h (many readers, rarely stopped) and
 * util/thread.h.
 *
 * Threads: any; taking it twice in one thread is a bug and asserts.
 */
#ifndef UTIL_LOCK_H
#define UTIL_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct lock;

/* The caller owns *out and frees it with lock_free().  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status lock_new(struct lock **out);

/* Nobody may hold it or wait for it.  NULL is allowed. */
void lock_free(struct lock *lock);

/* Wait until nobody holds it, and hold it. */
void lock_take(struct lock *lock);
/* Hold it no longer; who took it does. */
void lock_drop(struct lock *lock);

/* Drop it, wait to be woken, take it again.  May wake for no reason: call it
 * in a loop that looks at what is waited for. */
void lock_wait(struct lock *lock);

/* The same for ns nanoseconds (1 to an hour) at most: false when they have
 * passed. */
bool lock_wait_for(struct lock *lock, int64_t ns);

/* Wake one of those who wait.  The caller holds the lock or not. */
void lock_wake_one(struct lock *lock);
/* All of them. */
void lock_wake_all(struct lock *lock);

#endif
