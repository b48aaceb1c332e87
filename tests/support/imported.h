/*
 * imported: an import's rows and faults as text, one a line, so that a test
 * compares text and can compare it for every size of piece.
 *
 *     home/kitchen Cel home.climate @5 value=21.5
 *     fault type line 3 byte 118 of 100+40 field temp: "x" is not a number
 *     end ok
 */
#ifndef TESTS_IMPORTED_H
#define TESTS_IMPORTED_H

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "import/import.h"

static inline void
imported_put_cell(struct vlt_buf *out, const struct import_cell *cell)
{
    char number[VLT_DOUBLE_TEXT];

    vlt_buf_put_u8(out, ' ');
    vlt_buf_put_slice(out, cell->column);
    vlt_buf_put_u8(out, '=');
    switch (cell->type) {
    case IMPORT_F64:
        vlt_buf_put_text(out, vlt_double_print(cell->real, number));
        break;
    case IMPORT_I64:
        vlt_buf_printf(out, "%" PRId64 "i", cell->whole);
        break;
    case IMPORT_BOOL:
        vlt_buf_put_u8(out, cell->whole != 0 ? 'T' : 'F');
        break;
    case IMPORT_TEXT:
        vlt_buf_put_u8(out, '"');
        vlt_buf_put_slice(out, cell->text);
        vlt_buf_put_u8(out, '"');
        break;
    case IMPORT_JSON:
        vlt_buf_put_slice(out, cell->text);
        break;
    }
}

static inline enum vlt_status
imported_row(void *ctx, const struct import_row *row)
{
    struct vlt_buf *out = ctx;

    vlt_buf_put_slice(out, row->stream);
    if (row->unit.len > 0) {
        vlt_buf_put_u8(out, ' ');
        vlt_buf_put_slice(out, row->unit);
    }
    if (row->category.len > 0) {
        vlt_buf_put_u8(out, ' ');
        vlt_buf_put_slice(out, row->category);
    }
    vlt_buf_printf(out, " @%" PRId64 "%s", row->time,
                   row->gap_time ? " gap-time" : "");
    for (size_t i = 0; i < row->count; i++) {
        imported_put_cell(out, &row->cells[i]);
    }
    vlt_buf_put_u8(out, '\n');
    return vlt_buf_status(out);
}

static inline enum vlt_status
imported_fault(void *ctx, const struct import_fault *fault)
{
    struct vlt_buf *out = ctx;

    vlt_buf_printf(out,
                   "fault %s line %" PRIu64 " byte %" PRIu64 " of %" PRIu64
                   "+%" PRIu64,
                   import_reason_word(fault->reason), fault->place.line,
                   fault->byte, fault->place.byte, fault->place.len);
    if (fault->field[0] != '\0') {
        vlt_buf_printf(out, " field %s", fault->field);
    }
    vlt_buf_printf(out, ": %s\n", fault->says);
    return vlt_buf_status(out);
}

/* Import `file` in pieces of `piece` bytes, each in memory of its own so that
 * ASan sees a read past its end; the record goes to out. */
static inline void
imported(const char *kind, const struct import_options *options,
         struct vlt_slice file, size_t piece, struct vlt_buf *out)
{
    struct import_sink sink = { out, imported_row, imported_fault };
    struct import *import = NULL;
    enum vlt_status st;

    vlt_buf_clear(out);
    st = import_new(kind, options, &sink, &import);
    for (size_t at = 0; at < file.len && st == VLT_OK; at += piece) {
        size_t len = file.len - at < piece ? file.len - at : piece;
        uint8_t *copy = malloc(len);

        if (copy == NULL) {
            abort();
        }
        memcpy(copy, file.at + at, len);
        st = import_feed(import, vlt_slice_of(copy, len));
        free(copy);
    }
    if (st == VLT_OK) {
        st = import_end(import);
    }
    import_free(import);
    vlt_buf_printf(out, "end %s\n", vlt_status_word(st));
}

#endif
