/*
 * queue: a bounded list between threads, handed over in whole lists.
 *
 * Items are intrusive: an item is a struct whose first member is the pointer
 * to the next item of its kind, as struct job has it.  A list is its first
 * item; the last one's pointer is NULL.  The queue owns no item.
 *
 * A push of any length takes the lock once and wakes once; a take gets all that
 * is there.  So batches cross, never single items.
 *
 * Threads: any number push, any number take.
 */
#ifndef UTIL_QUEUE_H
#define UTIL_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct queue;

enum { QUEUE_FOREVER = -1 };

/* A queue of at most limit items (SIZE_MAX: no bound).  The caller owns *out
 * and frees it with queue_free().  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status queue_new(size_t limit, struct queue **out);

/* Items still in it are the caller's business.  NULL is allowed. */
void queue_free(struct queue *queue);

/*
 * Append the list that begins with first, in its order.
 * Takes the list: the caller forgets it, unless the push fails.
 *
 * VLT_E_BUSY      it would hold more than its limit; nothing was taken
 * VLT_E_CONFLICT  the queue is closed; nothing was taken
 */
VLT_MUST_USE enum vlt_status queue_push(struct queue *queue, void *first);

/*
 * Take the first most items (SIZE_MAX: all) as a list.  Waits for the first
 * for wait_ns nanoseconds (0: not at all; QUEUE_FOREVER; at most an hour).
 * NULL: the time has passed, or the queue is closed and empty.
 */
void *queue_take(struct queue *queue, size_t most, int64_t wait_ns);

/* No more pushes; what is in it can still be taken.  Wakes all who wait. */
void queue_close(struct queue *queue);
/* Was it closed? */
bool queue_closed(struct queue *queue);

/* Items in it; it may change at once. */
size_t queue_count(struct queue *queue);

#endif
