/*
 * Any bytes as an NDJSON file: rows have valid names and times, and in pieces
 * of 1 and 7 bytes all comes out the same.
 */
#include <stdlib.h>

#include "base/name.h"
#include "base/time.h"
#include "imported.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static enum vlt_status
on_row(void *ctx, const struct import_row *row)
{
    must(vlt_name_valid(row->stream));
    must(row->time >= VLT_TIME_MIN && row->time < VLT_TIME_MAX);
    must(row->count >= 1 && row->count <= IMPORT_CELLS);
    return imported_row(ctx, row);
}

static void
run(struct vlt_slice file, size_t piece, struct vlt_buf *out)
{
    struct import_options options = { .stream = "usual" };
    struct import_sink sink = { out, on_row, imported_fault };
    struct import *import = NULL;
    enum vlt_status st = import_new("ndjson", &options, &sink, &import);

    for (size_t at = 0; at < file.len && st == VLT_OK; at += piece) {
        size_t len = file.len - at < piece ? file.len - at : piece;

        st = import_feed(import, vlt_slice_of(file.at + at, len));
    }
    must(st == VLT_OK && import_end(import) == VLT_OK);
    import_free(import);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const size_t pieces[] = { 1, 7 };
    struct vlt_slice file = vlt_slice_of(bytes, len);
    struct vlt_buf whole = { 0 };

    run(file, len + 1, &whole);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct vlt_buf cut = { 0 };

        run(file, pieces[i], &cut);
        must(vlt_slice_equal(vlt_buf_slice(&whole), vlt_buf_slice(&cut)));
        vlt_buf_free(&cut);
    }
    vlt_buf_free(&whole);
    return 0;
}
