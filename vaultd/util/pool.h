/*
 * pool: things of one size that lie side by side.
 *
 * What is looked at one by one, in no order, waits for memory: for the page
 * that a thing lies in, and for each line of the processor's cache.  So these
 * begin with a line, in blocks of 2 MiB, of which all but the first are asked
 * for as one large page; and each has a number of 22 bits, by which a map
 * (util/map.h) finds it from a table that is small.
 *
 * A pool outlives whoever made it until the last of its things is given back.
 * Blocks in which nothing is left go back to the system, but for one.
 *
 * Threads: any.  Its lock is held for a few lines and takes no other, as the
 * heap's; so things may be given back under any lock.  Blocks are made and go
 * back outside of it.
 */
#ifndef UTIL_POOL_H
#define UTIL_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct pool;

enum {
    POOL_LINE = 64, /* bytes: things begin with one */
    POOL_SIZE_MIN = 1024,
    POOL_SIZE_MAX = 1 << 20,
    POOL_NUMBER_BITS = 22,
};

/* An empty pool of things of `size` bytes (POOL_SIZE_MIN to POOL_SIZE_MAX).
 * The caller ends *out with pool_free().  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status pool_new(size_t size, struct pool **out);

/* Nothing is taken any more; what was taken stays, and so does the pool for as
 * long.  NULL is allowed. */
void pool_free(struct pool *pool);

/* A thing, all zero, which the caller gives back with pool_give().  NULL: no
 * memory, or 4 GiB are taken. */
void *pool_take(struct pool *pool);

/* Give it back: it is wiped.  NULL is allowed. */
void pool_give(void *thing);

/* Of a thing that is taken: its pool, and its number there, which is not 0
 * and below 1 << POOL_NUMBER_BITS. */
struct pool *pool_of(const void *thing);
uint32_t pool_number(const void *thing);

/* The thing of a number, which is taken. */
void *pool_at(const struct pool *pool, uint32_t number);

#endif
