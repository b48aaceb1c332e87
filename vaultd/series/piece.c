/*
 * piece: records that have rows, and how they are opened.
 */
#include "series/series_internal.h"
#include "util/log.h"

int
piece_order(const struct piece *a, const struct piece *b)
{
    if (a->tail != b->tail) {
        return a->tail ? 1 : -1;
    }
    return a->no < b->no ? -1 : a->no > b->no;
}

static enum vlt_status
decode(struct vlt_slice block, bool tail, uint64_t no, struct vlt_rows **out)
{
    const char *why = "";
    enum vlt_status st =
        vlt_block_decode(block, VLT_BLOCK_DISK, NULL, &why, out);

    if (st != VLT_OK && st != VLT_E_NOMEM) {
        log_error("series", "%s %llu does not decode: %s",
                  tail ? "tail" : "chunk", (unsigned long long)no, why);
        return VLT_E_STORAGE;
    }
    return st;
}

enum vlt_status
tail_open(const struct store_view *view, uint64_t arrival,
          struct vlt_rows **out)
{
    struct store_tail tail;
    struct vlt_buf room;
    enum vlt_status st;

    vlt_buf_init(&room, 0);
    st = store_tail_get(view, arrival, &room, &tail);
    if (st == VLT_OK) {
        st = decode(vlt_slice_of(tail.plain.at + STORE_TAIL_HEAD,
                                 tail.plain.len - STORE_TAIL_HEAD),
                    true, arrival, out);
    }
    vlt_buf_free(&room);
    return st == VLT_E_NOT_FOUND ? VLT_E_STORAGE : st;
}

static enum vlt_status
chunk_open(const struct store_view *view, uint64_t no, struct vlt_rows **out)
{
    struct vlt_buf room;
    enum vlt_status st;

    vlt_buf_init(&room, 0);
    st = store_piece_get(view, STORE_CHUNK, no, &room, NULL);
    if (st == VLT_OK) {
        st = decode(vlt_buf_slice(&room), false, no, out);
    }
    vlt_buf_free(&room);
    return st == VLT_E_NOT_FOUND ? VLT_E_STORAGE : st;
}

/* Rows of a chunk that arrived before end; where the chunk does not say, they
 * did. */
static enum vlt_status
drop_later(struct vlt_rows **rows, uint64_t end)
{
    size_t column = vlt_rows_find(*rows, VLT_COLUMN_ARRIVAL);
    struct vlt_range none = { .count = 0 };
    struct vlt_rows *kept = NULL;
    enum vlt_status st = vlt_rows_slice(*rows, none, &kept);

    for (size_t i = 0; st == VLT_OK && i < vlt_rows_count(*rows); i++) {
        struct vlt_range one = { .from = i, .count = 1 };

        if (column == SIZE_MAX || vlt_rows_bits(*rows, i, column) < end) {
            st = vlt_rows_append(kept, *rows, one);
        }
    }
    if (st != VLT_OK) {
        vlt_rows_free(kept);
        return st;
    }
    vlt_rows_free(*rows);
    *rows = kept;
    return VLT_OK;
}

/* Rows that are not in a chunk by now. */
static enum vlt_status
drop_done(struct vlt_rows **rows, int64_t after)
{
    size_t from = vlt_rows_seek(*rows, after + 1);
    struct vlt_range rest = { .from = from,
                              .count = vlt_rows_count(*rows) - from };
    struct vlt_rows *kept = NULL;
    enum vlt_status st = vlt_rows_slice(*rows, rest, &kept);

    if (st == VLT_OK) {
        vlt_rows_free(*rows);
        *rows = kept;
    }
    return st;
}

enum vlt_status
piece_open(const struct store_view *view, const struct piece *piece,
           uint64_t end, struct vlt_rows **out)
{
    struct vlt_rows *rows = NULL;
    enum vlt_status st = piece->tail ? tail_open(view, piece->no, &rows)
                                     : chunk_open(view, piece->no, &rows);

    if (st == VLT_OK && piece->tail && piece->after >= piece->first) {
        st = drop_done(&rows, piece->after);
    }
    if (st == VLT_OK && piece->marked && piece->arrival >= end) {
        st = drop_later(&rows, end);
    }
    if (st != VLT_OK) {
        vlt_rows_free(rows);
        return st;
    }
    *out = rows;
    return VLT_OK;
}

enum vlt_status
piece_take(const struct store_view *view, const struct piece *piece,
           const struct plan_window *window, struct vlt_rows *to_rows)
{
    struct vlt_rows *rows = NULL;
    enum vlt_status st = piece_open(view, piece, window->end, &rows);

    if (st == VLT_OK) {
        size_t first = vlt_rows_seek(rows, window->from);
        struct vlt_range range = {
            .from = first, .count = vlt_rows_seek(rows, window->to) - first
        };

        st = vlt_rows_pick(to_rows, rows, range);
        vlt_rows_free(rows);
    }
    return st;
}
