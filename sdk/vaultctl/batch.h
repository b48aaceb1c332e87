/*
 * batch: rows on their way, as the parameters of one data.append.
 *
 * Rows of one stream with the same columns stand together.  Pure but for the
 * ULID that names a batch.
 */
#ifndef BATCH_H
#define BATCH_H

#include "vaultctl/streams.h"

enum {
    BATCH_ROWS = 5000,
    BATCH_BYTES = 230000, /* a text message holds 262,144 */
    BATCH_GROUPS = 1024,
};

struct batch_group {
    const struct stream *stream; /* borrowed */
    struct vlt_buf columns;      /* JSON list */
    struct vlt_buf rows;         /* JSON rows, by commas */
};

/* Begins as { 0 }, ends with batch_free(). */
struct batch {
    struct batch_group *groups; /* owned */
    size_t count, room;
    size_t next; /* where the next row is looked for first */
    size_t rows, bytes;
};

void batch_free(struct batch *batch);
void batch_clear(struct batch *batch);

/* Is it time to send it, if a row of so many bytes is to come? */
bool batch_full(const struct batch *batch, size_t bytes);

/*
 * Write a row as [time, cell…], with its columns, where the stream can take
 * it.  says (IMPORT_SAYS bytes) tells why it cannot.
 * VLT_E_FORMAT: it cannot.
 */
VLT_MUST_USE enum vlt_status batch_write(struct stream *stream,
                                         const struct import_row *row,
                                         struct vlt_buf *columns,
                                         struct vlt_buf *cells, char *says);

/* Take a row that was written. */
VLT_MUST_USE enum vlt_status batch_put(struct batch *batch,
                                       const struct stream *stream,
                                       const struct vlt_buf *columns,
                                       const struct vlt_buf *cells);

/* Put the member `streams` of data.append. */
void batch_print(const struct batch *batch, struct vlt_json_out *put);

#endif
