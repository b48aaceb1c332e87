/*
 * batch: the parameters of data.append, and the rows in them.
 *
 *     {"seq": 1.., "boot": 16 hex digits, "idem": ULID,
 *      "streams": [{"stream": NAME, "columns": [COLUMN…], "rows":
 *                   [[TIME, CELL…]…]}…]}
 *
 * or, in place of "streams", "block": NAME, and one frame with a block follows.
 * Without "columns" there is one, "value".  Each row has a time (RFC 3339 text,
 * or integer ns) and one cell a column; null is absent.  A cell is
 *
 *     f64    a number, rounded to the nearest double
 *     i64    an integer, or one as text (as integers beyond 2^53 are written)
 *     bool   true or false
 *     text   text of at most VLT_VALUE_MAX bytes
 *     json   anything; kept as compact JSON
 *
 * Rows may stand in any order and come out sorted by time, equal times as they
 * stood.  A stream may be named twice; whether a row is too old or there
 * already is not known here.
 *
 * A batch is a plain value that borrows from its JSON document, or its scan.
 * After a fault batch.walk.at says where ("streams[0].rows[3][1]") and
 * batch.walk.says what and what would be right ("is text, must be a number or
 * null").
 *
 * Pure.  Threads: one at a time.
 */
#ifndef VLT_BATCH_H
#define VLT_BATCH_H

#include "base/id.h"
#include "wire/batch_scan.h"
#include "wire/rows.h"
#include "json/json.h"

enum {
    VLT_BATCH_ROWS = 65536,         /* rows of a batch, over all streams */
    VLT_BATCH_STREAMS = 10000,      /* streams of a batch */
    VLT_BATCH_COLUMNS = 64,         /* columns named for a stream */
    VLT_BATCH_BOOT = VLT_SCAN_BOOT, /* bytes */
};

struct vlt_batch {
    const struct vlt_json *params;
    const struct vlt_scan *scan; /* borrowed; NULL: rows are in the document */
    struct vlt_walk walk;        /* at and says, after a fault */
    bool has_idem;
    uint8_t idem[VLT_ID_LEN];
    uint64_t seq; /* from 1; 0: none was given */
    bool has_boot;
    uint8_t boot[VLT_BATCH_BOOT]; /* zero where none was given */
    struct vlt_slice block; /* block form: the stream's name; else empty */
    const struct vlt_json *streams; /* NULL in block form, or when plain */
    size_t count;                   /* streams; 0 in block form */
    size_t rows;                    /* of all streams */
};

/* A column of a stream, as the catalogue has it: in order of ids. */
struct vlt_batch_column {
    struct vlt_slice name;
    struct vlt_field field;
};

struct vlt_batch_stream {
    const struct vlt_batch_column *columns; /* borrowed */
    size_t count;                           /* at most VLT_BATCH_COLUMNS */
};

/*
 * Read everything but the cells: names are names, counts are in range, no
 * member is unknown.
 * VLT_E_FORMAT: out->walk says where and why.
 */
VLT_MUST_USE enum vlt_status vlt_batch_begin(const struct vlt_json *params,
                                             struct vlt_batch *out);

/* The same where the rows were scanned out of the text (batch_scan.h), which
 * lasts as long as the batch; of a plain message params are NULL.  Faults say
 * nothing that the caller may be told: the message has to be read whole then.
 */
VLT_MUST_USE enum vlt_status
vlt_batch_begin_scanned(const struct vlt_json *params,
                        const struct vlt_scan *scan, struct vlt_batch *out);

/* The name of stream i (below batch->count): borrowed from the document,
 * or from the text of a plain message. */
struct vlt_slice vlt_batch_name(const struct vlt_batch *batch, size_t i);

/*
 * The rows of stream i, sorted, with the columns that the batch names.
 * The caller owns *out and frees it with vlt_rows_free().
 *
 * VLT_E_FORMAT  a column that the stream has not, or a cell of another kind:
 *               batch->walk says where and why, but not of scanned rows
 * VLT_E_LIMIT   scanned rows: a time is out of range
 * VLT_E_NOMEM
 */
VLT_MUST_USE enum vlt_status
vlt_batch_rows(struct vlt_batch *batch, size_t i,
               const struct vlt_batch_stream *stream, struct vlt_rows **out);

#endif
