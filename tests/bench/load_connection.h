/*
 * load_connection: the owner's WebSocket, which asks and counts answers.
 *
 * What cannot go on ends the program.  Threads: one belongs to one.
 */
#ifndef LOAD_CONNECTION_H
#define LOAD_CONNECTION_H

#include "limits/meter.h"
#include "line.h"
#include "stock.h"

enum load_kind { LOAD_APPEND, LOAD_JSON, LOAD_BLOCKS, LOAD_LATEST, LOAD_QUERY };

enum { LOAD_ROWS_MAX = 8192 }; /* of a batch: as JSON it fits a message */

/* What is asked. */
struct load_ask {
    enum load_kind kind;
    size_t rows;         /* of a batch */
    const char *streams; /* their name, up to the number: PREFIX/NN */
    uint64_t boot;       /* what batches are known by: drawn once, */
    uint64_t *seq;       /* and counted over all connections; borrowed */
};

struct load_connection {
    struct line line;
    const struct load_ask *ask;
    unsigned stream; /* the number in the name of its stream */
    uint64_t asked;  /* messages sent; the newest one's id */
    uint64_t answered;
    int64_t row_ns; /* time of the newest row of one that is of now */
    uint64_t row;   /* number of the next of the meter's */
    struct vlt_rows *rows;
    struct vlt_buf text;
    struct stock stock; /* of batches: rows as JSON, or a block */
};

/* Connect to the socket at path and be upgraded.  The caller owns what comes
 * out, and ends it with load_close(); ask is borrowed until then. */
struct load_connection *
load_connect(const char *path, const struct load_ask *ask, unsigned stream);

void load_close(struct load_connection *c);

/* Make batches ahead, where batches are sent. */
void load_stock(struct load_connection *c, struct stock_share share);

/* Send one call. */
void load_send(struct load_connection *c);

/* Take what came and count the answers; one that is an error ends the
 * program. */
void load_take(struct load_connection *c);

#endif
