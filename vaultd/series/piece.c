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

size_t
piece_rows(const struct piece *piece)
{
    double all = (double)piece->last - (double)piece->first;
    double left = (double)piece->last - (double)piece->after;

    if (piece->after < piece->first || piece->after > piece->last) {
        return piece->rows;
    }
    return all > 0 ? (size_t)((double)piece->rows * (left / all)) : 0;
}

void
opening_free(struct opening *opening)
{
    vlt_rows_free(opening->rows);
    vlt_buf_free(&opening->room);
    *opening = (struct opening){ .rows = NULL };
}

/* What a damaged block is told as. */
static enum vlt_status
decoded(enum vlt_status st, const char *why, bool tail, uint64_t no)
{
    if (st != VLT_OK && st != VLT_E_NOMEM) {
        log_error("series", "%s %llu does not decode: %s",
                  tail ? "tail" : "chunk", (unsigned long long)no, why);
        return VLT_E_STORAGE;
    }
    return st;
}

/* The block of a record, in the room for it. */
static enum vlt_status
block_of(const struct store_view *view, bool tail, uint64_t no,
         struct vlt_buf *room, struct vlt_slice *out)
{
    struct store_tail stored;
    enum vlt_status st;

    vlt_buf_clear(room);
    if (tail) {
        st = store_tail_get(view, no, room, &stored);
        if (st == VLT_OK) {
            *out = vlt_slice_of(stored.plain.at + STORE_TAIL_HEAD,
                                stored.plain.len - STORE_TAIL_HEAD);
        }
    } else {
        st = store_piece_get(view, STORE_CHUNK, no, room, NULL);
        *out = vlt_buf_slice(room);
    }
    return st == VLT_E_NOT_FOUND ? VLT_E_STORAGE : st;
}

static enum vlt_status
open_record(const struct store_view *view, bool tail, uint64_t no,
            struct opening *opening)
{
    const char *why = "";
    struct vlt_slice block;
    enum vlt_status st = block_of(view, tail, no, &opening->room, &block);

    if (st != VLT_OK) {
        return st;
    }
    st = vlt_block_decode_into(block, VLT_BLOCK_DISK, NULL, &why,
                               &opening->rows);
    return decoded(st, why, tail, no);
}

/* Who opens one record takes its rows along. */
static enum vlt_status
give_rows(enum vlt_status st, struct opening *opening, struct vlt_rows **out)
{
    if (st == VLT_OK) {
        *out = opening->rows;
        opening->rows = NULL;
    }
    opening_free(opening);
    return st;
}

enum vlt_status
tail_open(const struct store_view *view, uint64_t arrival,
          struct vlt_rows **out)
{
    struct opening opening = { .rows = NULL };
    enum vlt_status st = open_record(view, true, arrival, &opening);

    return give_rows(st, &opening, out);
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

/* Only the rows that are not in a chunk by now. */
static void
drop_done(struct vlt_rows *rows, int64_t after)
{
    size_t from = vlt_rows_seek(rows, after + 1);

    vlt_rows_keep(rows,
                  (struct vlt_range){ .from = from,
                                      .count = vlt_rows_count(rows) - from });
}

static enum vlt_status
open_piece(const struct store_view *view, const struct piece *piece,
           uint64_t end, struct opening *opening)
{
    enum vlt_status st = open_record(view, piece->tail, piece->no, opening);

    if (st == VLT_OK && piece->tail && piece->after >= piece->first) {
        drop_done(opening->rows, piece->after);
    }
    if (st == VLT_OK && piece->marked && piece->arrival >= end) {
        st = drop_later(&opening->rows, end);
    }
    return st;
}

enum vlt_status
piece_open(const struct store_view *view, const struct piece *piece,
           uint64_t end, struct vlt_rows **out)
{
    struct opening opening = { .rows = NULL };
    enum vlt_status st = open_piece(view, piece, end, &opening);

    return give_rows(st, &opening, out);
}

/* Of its rows those that arrived before the window's end are wanted. */
static enum vlt_status
take_earlier(const struct store_view *view, const struct piece *piece,
             const struct plan_window *window, struct opening *opening,
             struct vlt_rows *to_rows)
{
    enum vlt_status st = open_piece(view, piece, window->end, opening);
    size_t first;
    struct vlt_range range;

    if (st != VLT_OK) {
        return st;
    }
    first = vlt_rows_seek(opening->rows, window->from);
    range = (struct vlt_range){
        .from = first,
        .count = vlt_rows_seek(opening->rows, window->to) - first,
    };
    return vlt_rows_pick(to_rows, opening->rows, range);
}

enum vlt_status
piece_take(const struct store_view *view, const struct piece *piece,
           const struct plan_window *window, struct opening *opening,
           struct vlt_rows *to_rows)
{
    struct vlt_block_window times = { window->from, window->to };
    struct vlt_slice block;
    const char *why = "";
    enum vlt_status st;

    if (piece->marked && piece->arrival >= window->end) {
        return take_earlier(view, piece, window, opening, to_rows);
    }
    if (piece->tail && piece->after >= times.from) {
        times.from = piece->after + 1; /* the others are in a chunk by now */
    }
    /* What is refused behind this is damage. */
    st = vlt_rows_reserve(to_rows, piece->rows);
    if (st == VLT_OK) {
        st = block_of(view, piece->tail, piece->no, &opening->room, &block);
    }
    if (st != VLT_OK) {
        return st;
    }
    st = vlt_block_append(block, &times, &why, &opening->rows, to_rows);
    return decoded(st, why, piece->tail, piece->no);
}
