/*
 * stock: batches that were made before the clock runs.
 *
 * What a load generator makes while it measures is work that the measured side
 * has no part in, on the same processors; what stands beside it has its batches
 * ready.  A stock holds them one behind another, each with room in front for
 * what is only known when it is sent.  Who runs out of them makes the next one
 * then.
 *
 * Threads: a stock belongs to one thread.
 */
#ifndef STOCK_H
#define STOCK_H

#include "base/buf.h"

enum {
    STOCK_FRONT = 256,        /* bytes of room in front of a batch */
    STOCK_BYTES = 192 << 20,  /* that are made for a second, by all */
    STOCK_ROWS = 16000000,    /* likewise: about twice what is taken */
    STOCK_BYTES_MAX = 1 << 29 /* by all */
};

/* How much is made ahead: whichever is reached first.  Zeros: nothing. */
struct stock_share {
    size_t bytes;
    size_t batches;
};

/* A plain value that begins as { 0 } and ends with stock_free(). */
struct stock {
    struct vlt_buf bytes;
    size_t taken; /* of them */
};

/* Appends one batch. */
typedef void stock_fn(void *ctx, struct vlt_buf *out);

void stock_free(struct stock *stock);

/* Make so many batches ahead; the stock is empty. */
void stock_fill(struct stock *stock, struct stock_share share, stock_fn *make,
                void *ctx);

/* Take the next batch, which is made now if there is none: *len bytes, borrowed
 * until the next one, and STOCK_FRONT bytes before it, which are the caller's
 * to write. */
uint8_t *stock_take(struct stock *stock, stock_fn *make, void *ctx,
                    size_t *len);

/* The share of each of so many connections, which send batches of so many rows
 * for ms; of single rows none. */
struct stock_share stock_share(int64_t ms, size_t connections, size_t rows);

#endif
