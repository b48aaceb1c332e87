/*
 * root: the plaintext of `!root`, 256 bytes, rewritten by every commit.  Pure.
 *
 * Four slots of tails are a ring: segment n lies in slot (n - 1) mod 4.  One
 * slot is open; those before it, as far as they are closed, hold the segments
 * just before, without a gap between their arrivals; the others are free.  A
 * segment is never closed without a record.
 */
#ifndef STORE_ROOT_H
#define STORE_ROOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "base/status.h"

enum {
    ROOT_LEN = 256,
    ROOT_TAILS = 4,
    ROOT_HASH = 32,
};

enum root_tail_state {
    ROOT_TAIL_FREE = 0,
    ROOT_TAIL_OPEN = 1,
    ROOT_TAIL_CLOSED = 2,
};

/* A slot of tails: which arrivals it holds. */
struct root_tail {
    uint64_t segment;
    uint64_t first; /* arrival of its first record */
    uint64_t end;   /* one past its last; 0 while it is open */
    enum root_tail_state state;
};

struct root {
    uint64_t commit;  /* number of the commit; also the record's version */
    uint64_t arrival; /* next */
    uint64_t no;      /* next number of a chunk, head or roll-up */
    uint64_t keyring_n;
    uint64_t keyring_g;
    struct root_tail tail[ROOT_TAILS];
    uint8_t set_hash[ROOT_HASH];
    uint64_t audit_size;
    uint8_t audit_head[ROOT_HASH];
    int64_t highest_ns; /* wall time ever written */
    uint64_t drained;   /* inbox entries */
};

void root_encode(const struct root *root, uint8_t out[ROOT_LEN]);

/*
 * VLT_E_LIMIT   a newer version of the record
 * VLT_E_FORMAT  another length, an unknown state, a zero that is not one, or
 *               slots that cannot be as they are
 */
VLT_MUST_USE enum vlt_status root_decode(struct vlt_slice bytes,
                                         struct root *out);

/* ---- slots of tails; of a root that was decoded, or made so ---- */

/* The slot that takes what comes. */
size_t root_open(const struct root *root);

/* The slot of the oldest segment; that of the open one, if there is no other.
 */
size_t root_oldest(const struct root *root);

/* One past the last arrival of a slot: of the open one, the next arrival; of a
 * free one, 0. */
uint64_t root_end(const struct root *root, size_t slot);

/* The slot where an arrival lies; false: it is gone, or is yet to come. */
bool root_find(const struct root *root, uint64_t arrival, size_t *slot);

/* Close the open slot at the next arrival and open the one behind it.
 * VLT_E_CONFLICT: it is empty.  VLT_E_BUSY: that one is not free. */
VLT_MUST_USE enum vlt_status root_close(struct root *root);

/* Free the slot of a segment.  VLT_E_NOT_FOUND: it is open, or not the oldest.
 */
VLT_MUST_USE enum vlt_status root_drop(struct root *root, uint64_t segment,
                                       size_t *slot);

#endif
