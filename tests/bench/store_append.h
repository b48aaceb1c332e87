/*
 * store_append: batches of the rows of meter.h for streams of a vault, one
 * after the other, each stream going on behind the rows that it has.
 *
 * What cannot go on ends the program.  Threads: one has an appending, and with
 * it the vault's turns.
 */
#ifndef STORE_APPEND_H
#define STORE_APPEND_H

#include "store_vault.h"

struct appending {
    struct vault *vault;
    size_t streams;
    size_t batch; /* rows of each stream */
    struct series_part part[SERIES_STREAMS_MAX];
    struct vlt_rows *rows; /* owned; the same for all */
    uint64_t row;          /* the next one */
};

/* Streams 0 to streams - 1, made if need be.  Freed by appending_free(). */
struct appending *appending_new(struct vault *vault, size_t streams,
                                size_t batch);
void appending_free(struct appending *appending);

/* One batch, durable when this returns: ns that it took. */
int64_t appending_batch(struct appending *appending);

#endif
