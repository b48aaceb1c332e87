/*
 * frame: pages of rows, kept by stream until they are shown.
 *
 * All is held in memory: a query that does not fit says so, and --limit or a
 * shorter time helps.
 */
#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>

#include "base/buf.h"
#include "cli/term.h"
#include "vault/page.h"

struct frame_column {
    char *name; /* owned */
    enum vault_type type;
};

/* The rows of one stream. */
struct frame {
    char *stream; /* owned */
    struct frame_column *columns;
    size_t count; /* columns */
    size_t rows;
    struct vlt_buf time; /* int64_t, one a row */
    struct vlt_buf text; /* cells as text: numbers as they read back the same */
    struct vlt_buf ends; /* size_t, one a cell: where it ends in text */
    struct vlt_buf there; /* a byte a cell: 0 where it is absent */
};

/* Begins as { 0 }, ends with frames_free(). */
struct frames {
    struct frame *at;
    size_t count;
    bool failed; /* no memory */
    bool gap;    /* the vault said that something was left out */
};

void frames_free(struct frames *frames);

/* A page more: for vault_query_wait(), with frames as ctx. */
int frames_take(void *frames, const struct vault_page *page);

/* A cell: borrowed; false: it is absent. */
bool frame_cell(const struct frame *frame, size_t row, size_t column,
                struct vlt_slice *out);
int64_t frame_time(const struct frame *frame, size_t row);

/* {"series":[{"stream","columns":["time",…],"rows":[[…]…]}…]} and a line
 * break. */
void frames_put_json(const struct frames *frames, struct vlt_buf *out);

/* RFC 4180 with LF: time and the columns; in front of them the stream, where
 * there is more than one.  An absent cell is empty.  shown: for a terminal,
 * with cells and names escaped (line breaks too), so not exact. */
void frames_put_csv(const struct frames *frames, bool shown,
                    struct vlt_buf *out);

/* A line a row, {"stream","time","values":{…}}, which import and data put read
 * back: numbers of type f64 have a point or an exponent, absent cells are left
 * out. */
void frames_put_ndjson(const struct frames *frames, struct vlt_buf *out);

/* A table for each stream.  theirs: names come from others and are marked. */
void frames_put_text(const struct frames *frames, bool theirs, bool colour,
                     struct vlt_buf *out);

/* A chart for each column of numbers. */
void frames_put_charts(const struct frames *frames, struct term term,
                       struct vlt_buf *out);

/* Append one cell of a page as text; nothing when it is absent. */
void frame_put_cell(const struct vault_column *column, size_t row,
                    struct vlt_buf *out);

#endif
