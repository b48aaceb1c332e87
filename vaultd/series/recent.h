/*
 * recent: blocks of the tails that were put last, as they were.
 *
 * The commit thread packs most rows soon after it sealed them; so it need not
 * open them again.  What is not here any more, or not yet after a start, is
 * read from the store.
 *
 * Tails come in the order of their arrivals.  RECENT_SLABS slabs hold them; the
 * oldest is used again.  Memory is wiped when it is given back.
 *
 * Threads: one has it.
 */
#ifndef SERIES_RECENT_H
#define SERIES_RECENT_H

#include "base/slice.h"

struct recent;

enum {
    RECENT_SLABS = 40, /* a segment that is packed, and a part of the next */
    RECENT_BYTES = 256 << 10, /* of blocks in a slab */
    RECENT_TAILS = 4096,      /* in a slab */
};

/* NULL: no memory. */
struct recent *recent_new(void);

/* NULL is allowed. */
void recent_free(struct recent *recent);

/* Keep the block of a tail, which is newer than all others.  It is not kept
 * where there is no room for it. */
void recent_put(struct recent *recent, uint64_t arrival,
                struct vlt_slice block);

/* The block of a tail: borrowed until anything changes.  False: it is not
 * here. */
bool recent_find(const struct recent *recent, uint64_t arrival,
                 struct vlt_slice *out);

/* Forget all that arrived from `end` on: the turn was undone. */
void recent_undo(struct recent *recent, uint64_t end);

/* Forget slabs of which all arrived before `first`. */
void recent_forget_before(struct recent *recent, uint64_t first);

#endif
