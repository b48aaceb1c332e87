#include "util/queue.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/lock.h"

struct queue {
    struct lock *lock;
    void *first; /* NULL: empty */
    void *last;
    size_t count;
    size_t limit;
    bool closed;
};

/* The first member of an item.  Copied, not cast: items point to their own
 * kind, and all pointers to structs look alike. */
static void *
next_of(const void *item)
{
    void *next;

    memcpy(&next, item, sizeof next);
    return next;
}

static void
set_next(void *item, const void *next)
{
    memcpy(item, &next, sizeof next);
}

enum vlt_status
queue_new(size_t limit, struct queue **out)
{
    struct queue *queue = calloc(1, sizeof *queue);

    if (queue == NULL) {
        return VLT_E_NOMEM;
    }
    enum vlt_status st = lock_new(&queue->lock);

    if (st != VLT_OK) {
        free(queue);
        return st;
    }
    queue->limit = limit;
    *out = queue;
    return VLT_OK;
}

void
queue_free(struct queue *queue)
{
    if (queue == NULL) {
        return;
    }
    lock_free(queue->lock);
    free(queue);
}

static enum vlt_status
append(struct queue *queue, void *first, void *last, size_t count)
{
    if (queue->closed) {
        return VLT_E_CONFLICT;
    }
    if (count > queue->limit - queue->count) {
        return VLT_E_BUSY;
    }
    if (queue->first == NULL) {
        queue->first = first;
    } else {
        set_next(queue->last, first);
    }
    queue->last = last;
    queue->count += count;
    return VLT_OK;
}

enum vlt_status
queue_push(struct queue *queue, void *first)
{
    void *last = first;
    size_t count = 1;

    if (first == NULL) {
        return VLT_OK;
    }
    /* Counted before the lock is taken: a list may be long. */
    for (void *next = next_of(last); next != NULL; next = next_of(last)) {
        last = next;
        count++;
    }
    lock_take(queue->lock);
    enum vlt_status st = append(queue, first, last, count);

    lock_drop(queue->lock);
    if (st == VLT_OK) {
        lock_wake_one(queue->lock);
    }
    return st;
}

/* Wait until there is something or nothing can come any more. */
static void
await(struct queue *queue, int64_t wait_ns)
{
    while (queue->first == NULL && !queue->closed && wait_ns != 0) {
        if (wait_ns == QUEUE_FOREVER) {
            lock_wait(queue->lock);
        } else if (!lock_wait_for(queue->lock, wait_ns)) {
            return;
        }
    }
}

/* Cut the list behind its first most items. */
static void *
cut(struct queue *queue, size_t most)
{
    void *first = queue->first;
    void *last = first;
    size_t count = 1;

    if (first == NULL || most >= queue->count) {
        queue->first = NULL;
        queue->last = NULL;
        queue->count = 0;
        return first;
    }
    while (count < most) {
        last = next_of(last);
        count++;
    }
    queue->first = next_of(last);
    queue->count -= count;
    set_next(last, NULL);
    return first;
}

void *
queue_take(struct queue *queue, size_t most, int64_t wait_ns)
{
    assert(most > 0);
    lock_take(queue->lock);
    await(queue, wait_ns);
    void *first = cut(queue, most);
    bool more = queue->first != NULL;

    lock_drop(queue->lock);
    if (more) {
        lock_wake_one(queue->lock); /* for another taker */
    }
    return first;
}

void
queue_close(struct queue *queue)
{
    lock_take(queue->lock);
    queue->closed = true;
    lock_drop(queue->lock);
    lock_wake_all(queue->lock);
}

bool
queue_closed(struct queue *queue)
{
    lock_take(queue->lock);
    bool closed = queue->closed;

    lock_drop(queue->lock);
    return closed;
}

size_t
queue_count(struct queue *queue)
{
    lock_take(queue->lock);
    size_t count = queue->count;

    lock_drop(queue->lock);
    return count;
}
