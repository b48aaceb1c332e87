/*
 * store_ask: what is asked of a vault that has the rows of meter.h.
 *
 * What cannot go on, and an answer that leaves rows out, ends the program.
 * Threads: any, one vault by several at once as well.
 */
#ifndef STORE_ASK_H
#define STORE_ASK_H

#include "store_vault.h"

enum query {
    RAW,
    MEAN,     /* of whole hours */
    ODD_MEAN, /* of hours that begin a while after those of the clock */
    FILTER,   /* of whole hours, of the rows above a value */
    QUERIES
};

/* Rows, or buckets, that the answer has. */
uint64_t ask(struct vault *vault, const struct stream *stream,
             const struct series_want *want);

/* Ask for all of a stream once.  No row may come meanwhile. */
void ask_all(struct vault *vault, const struct stream *stream,
             enum query query);

/* The newest row of stream 0. */
void ask_newest(struct vault *vault);

#endif
