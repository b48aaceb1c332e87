/*
 * stock: batches that were made before the clock runs.
 *
 * What a load generator makes while it measures is work that the measured side
 * has no part in, on the same processors; what stands beside it has its batches
 * ready.  A stock holds them one behind another, each with room in front for
 * what is only known when it is sent.  Who runs out of them makes the next one
 * then.
 *
 * Threads: one belongs to one.
 */
#ifndef STOCK_H
#define STOCK_H

#include "base/buf.h"

enum {
    STOCK_FRONT = 256,        /* bytes of room in front of a batch */
    STOCK_SECOND = 192 << 20, /* bytes that are made for a second */
};

/* A plain value that begins as { 0 } and ends with stock_free(). */
struct stock {
    struct vlt_buf bytes;
    size_t taken; /* of them */
};

/* Appends one batch. */
typedef void stock_fn(void *ctx, struct vlt_buf *out);

void stock_free(struct stock *stock);

/* Make batches until the stock has so many bytes. */
void stock_fill(struct stock *stock, size_t bytes, stock_fn *make, void *ctx);

/* Take the next batch, which is made now if there is none: borrowed until the
 * next one, with STOCK_FRONT bytes before it that are the caller's to write. */
uint8_t *stock_take(struct stock *stock, stock_fn *make, void *ctx,
                    size_t *len);

/* Bytes of stock for each of so many connections that send for ms. */
size_t stock_share(int64_t ms, size_t connections);

#endif
