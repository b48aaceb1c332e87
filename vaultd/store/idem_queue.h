/*
 * idem_queue: first answers, oldest first, so that they can be dropped in
 * their order without looking through all of them.
 *
 * In memory only: made at unlock from the versions of the records, which are
 * commit numbers.  What a transaction changes is kept apart and applied after
 * its commit, which therefore cannot fail.
 */
#ifndef STORE_IDEM_QUEUE_H
#define STORE_IDEM_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "base/status.h"

struct idem_item {
    uint64_t version;
    uint8_t key[VLT_ID_LEN];
};

struct idem_queue {
    struct idem_item *item; /* owned */
    size_t head;            /* the oldest */
    size_t count;           /* from head on */
    size_t cap;
};

/* Of one transaction. */
struct idem_change {
    size_t dropped; /* from the head of the queue */
    struct idem_item *added;
    size_t count; /* of added */
    size_t cap;
};

void idem_queue_free(struct idem_queue *queue);

/* Put one there, in any order; idem_queue_sort() comes after.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status idem_queue_push(struct idem_queue *queue,
                                             const struct idem_item *item);
void idem_queue_sort(struct idem_queue *queue);

/* How many there are, seen through a change. */
size_t idem_queue_left(const struct idem_queue *queue,
                       const struct idem_change *change);

/* The oldest that the change has not dropped; NULL: it has dropped all that
 * were there before. */
const struct idem_item *idem_queue_oldest(const struct idem_queue *queue,
                                          const struct idem_change *change);

/* Note one more.  Also makes room in the queue, so that applying cannot fail.
 * VLT_E_NOMEM: nothing was noted. */
VLT_MUST_USE enum vlt_status idem_change_add(struct idem_queue *queue,
                                             struct idem_change *change,
                                             const struct idem_item *item);

/* The commit succeeded. */
void idem_change_apply(struct idem_queue *queue,
                       const struct idem_change *change);

void idem_change_free(struct idem_change *change);

#endif
