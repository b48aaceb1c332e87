/*
 * framer: a file in pieces to whole rows.
 *
 * A row ends at a line break (LF or CR LF) that is not inside quotes, or at
 * the end of the file.  The framer knows of quotes only where they begin and
 * end; what a row holds is not its question.
 */
#ifndef FRAMER_H
#define FRAMER_H

#include "base/buf.h"
#include "base/slice.h"

struct framer {
    struct vlt_buf raw; /* the row so far */
    size_t max;         /* most bytes of a row */
    uint8_t delimiter;  /* between cells; 0: no cells, no quotes */
    int state;
    bool too_long;                 /* the rest of this row is passed over */
    uint64_t byte, line;           /* where the row begins */
    uint64_t next_byte, next_line; /* where reading is */
};

/* One row, without its line break: borrowed until the framer goes on. */
struct framed {
    struct vlt_slice raw; /* of one that is too long the first max bytes */
    uint64_t byte, line;
    uint64_t len;  /* bytes of the row in the file, without its line break */
    bool too_long; /* over max */
    bool open;     /* a quote does not end */
};

/* Begin.  delimiter 0: rows are lines. */
void framer_init(struct framer *framer, uint8_t delimiter, size_t max);

/* Free what it holds. */
void framer_fini(struct framer *framer);

/*
 * Take bytes off the front of *piece, up to the end of a row.  True: *out is a
 * row; call again with what is left.  False: the piece is used up, or there is
 * no memory (vlt_buf_failed(&framer->raw)).
 */
bool framer_next(struct framer *framer, struct vlt_slice *piece,
                 struct framed *out);

/* The last row, when the file does not end in a line break. */
bool framer_last(struct framer *framer, struct framed *out);

#endif
