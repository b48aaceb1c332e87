/*
 * cells: one row of CSV to its cells (RFC 4180).
 *
 * A cell that begins with a quotation mark goes to the mark that closes it and
 * may hold the delimiter, line breaks and, doubled, the mark itself; a mark
 * inside any other cell is text.  Cells come out as UTF-8.
 */
#ifndef CELLS_H
#define CELLS_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/status.h"

enum {
    CELLS_MAX = 1024,      /* of one row */
    CELLS_ROW = 4 * 262144 /* bytes of one row, line breaks included */
};

enum cells_encoding {
    CELLS_UTF_8,
    CELLS_LATIN_1,
    CELLS_WINDOWS_1252,
};

struct cell {
    struct vlt_slice text; /* UTF-8; borrowed until the next split */
    size_t at;             /* where it begins in the row */
    bool quoted;
    bool broken; /* its bytes are not of the encoding; text is empty */
};

struct cells; /* the cells of one row, and room for their texts */

/* The caller owns *out and frees it with cells_free(). */
VLT_MUST_USE enum vlt_status cells_new(enum cells_encoding encoding,
                                       uint8_t delimiter, struct cells **out);

/* NULL is allowed. */
void cells_free(struct cells *cells);

/*
 * Split a row of at most CELLS_ROW bytes.
 * VLT_OK: the cells are *out, *count of them, at least one.
 * VLT_E_FORMAT  something follows a closing mark, or a mark does not close;
 *               *bad is where in the row
 * VLT_E_LIMIT   more than CELLS_MAX
 * VLT_E_NOMEM
 */
VLT_MUST_USE enum vlt_status cells_split(struct cells *cells,
                                         struct vlt_slice row,
                                         const struct cell **out, size_t *count,
                                         size_t *bad);

#endif
