#include "wire/block.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Encode again; what comes out must decode to the same rows. */
static void
go_round(const struct vlt_rows *rows, enum vlt_block_mode mode)
{
    struct vlt_buf buf = { 0 };
    struct vlt_rows *again = NULL;

    /* A block squeezed better than ours may be too large when we pack it. */
    if (vlt_block_encode(rows, vlt_rows_all(rows), 0, &buf) == VLT_OK) {
        if (vlt_block_decode(vlt_buf_slice(&buf), mode, NULL, NULL, &again) !=
                VLT_OK ||
            !vlt_rows_same(rows, again)) {
            abort();
        }
    }
    vlt_rows_free(again);
    vlt_buf_free(&buf);
}

/* Where others were before, the same must come out; and of what does not
 * decode nothing. */
static void
decode_into_used(struct vlt_slice block, const struct vlt_rows *rows)
{
    struct vlt_slice cut = { .at = block.at, .len = block.len / 2 };
    struct vlt_rows *used = NULL;

    for (int i = 0; i < 2; i++) {
        if (vlt_block_decode_into(block, VLT_BLOCK_DISK, NULL, NULL, &used) !=
                VLT_OK ||
            !vlt_rows_same(rows, used)) {
            abort();
        }
    }
    if (vlt_block_decode_into(cut, VLT_BLOCK_DISK, NULL, NULL, &used) !=
            VLT_OK &&
        used != NULL) {
        abort();
    }
    vlt_rows_free(used);
}

/* As many of the rows as fit must decode to themselves. */
static void
fill_some(const struct vlt_rows *rows, size_t max)
{
    struct vlt_range range = vlt_rows_all(rows);
    struct vlt_buf buf = { 0 };
    struct vlt_rows *some = NULL;
    size_t taken = 0;

    if (range.count > 0 &&
        vlt_block_fill(rows, range, max, &buf, &taken) == VLT_OK) {
        if (buf.len > max || taken == 0 || taken > range.count ||
            vlt_block_decode(vlt_buf_slice(&buf), VLT_BLOCK_DISK, NULL, NULL,
                             &some) != VLT_OK ||
            vlt_rows_count(some) != taken) {
            abort();
        }
        for (size_t i = 0; i < taken; i++) {
            if (!vlt_rows_equal(rows, i, some, i)) {
                abort();
            }
        }
    }
    vlt_rows_free(some);
    vlt_buf_free(&buf);
}

/* Behind no rows of the same columns, as a scan and packing read it. */
static void
append_as_it_came(struct vlt_slice block, const struct vlt_rows *rows,
                  struct vlt_rows *empty)
{
    struct vlt_block_window all = { INT64_MIN, INT64_MAX };
    struct vlt_rows *spare = NULL;

    if (vlt_rows_reserve(empty, vlt_rows_count(rows)) != VLT_OK ||
        vlt_block_append(block, &all, NULL, &spare, empty) != VLT_OK ||
        !vlt_rows_same(rows, empty)) {
        abort();
    }
    vlt_rows_free(spare);
}

/* What came from outside may be stored as it is, of no request: then it is the
 * same rows when it is read. */
static void
keep_as_it_came(struct vlt_slice block, const struct vlt_rows *rows)
{
    struct vlt_buf kept = { 0 };
    struct vlt_rows *again = NULL;

    vlt_buf_put_slice(&kept, block);
    vlt_block_set_ordinal(kept.at, 0);
    if (vlt_block_decode(vlt_buf_slice(&kept), VLT_BLOCK_DISK, NULL, NULL,
                         &again) != VLT_OK ||
        !vlt_rows_same(rows, again)) {
        abort();
    }
    vlt_rows_clear(again);
    append_as_it_came(vlt_buf_slice(&kept), rows, again);
    vlt_rows_free(again);
    vlt_buf_free(&kept);
}

/* What decodes must encode to a block of the same rows, whole and in part, and
 * its header must say of it what was found. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice block = { .at = bytes, .len = len };

    for (int mode = VLT_BLOCK_WIRE; mode <= VLT_BLOCK_DISK; mode++) {
        struct vlt_block_head head;
        struct vlt_rows *rows = NULL;

        if (vlt_block_decode(block, (enum vlt_block_mode)mode, NULL, NULL,
                             &rows) != VLT_OK) {
            continue;
        }
        if (vlt_block_peek(block, NULL, &head) != VLT_OK ||
            head.rows != vlt_rows_count(rows) ||
            head.columns != vlt_rows_columns(rows) || !vlt_rows_sorted(rows)) {
            abort();
        }
        go_round(rows, (enum vlt_block_mode)mode);
        fill_some(rows, len * 3 / 4);
        if (mode == VLT_BLOCK_WIRE && head.rows > 0) {
            keep_as_it_came(block, rows);
        }
        if (mode == VLT_BLOCK_DISK) {
            decode_into_used(block, rows);
        }
        vlt_rows_free(rows);
    }
    return 0;
}
