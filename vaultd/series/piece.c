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

void
opening_free(struct opening *opening)
{
    vlt_rows_free(opening->rows);
    vlt_buf_free(&opening->room);
    *opening = (struct opening){ .rows = NULL };
}

static enum vlt_status
decode(struct vlt_slice block, bool tail, uint64_t no, struct vlt_rows **rows)
{
    const char *why = "";
    enum vlt_status st =
        vlt_block_decode_into(block, VLT_BLOCK_DISK, NULL, &why, rows);

    if (st != VLT_OK && st != VLT_E_NOMEM) {
        log_error("series", "%s %llu does not decode: %s",
                  tail ? "tail" : "chunk", (unsigned long long)no, why);
        return VLT_E_STORAGE;
    }
    return st;
}

static enum vlt_status
open_tail(const struct store_view *view, uint64_t arrival,
          struct opening *opening)
{
    struct store_tail tail;
    enum vlt_status st;

    vlt_buf_clear(&opening->room);
    st = store_tail_get(view, arrival, &opening->room, &tail);
    if (st == VLT_OK) {
        st = decode(vlt_slice_of(tail.plain.at + STORE_TAIL_HEAD,
                                 tail.plain.len - STORE_TAIL_HEAD),
                    true, arrival, &opening->rows);
    }
    return st == VLT_E_NOT_FOUND ? VLT_E_STORAGE : st;
}

static enum vlt_status
open_chunk(const struct store_view *view, uint64_t no, struct opening *opening)
{
    enum vlt_status st;

    vlt_buf_clear(&opening->room);
    st = store_piece_get(view, STORE_CHUNK, no, &opening->room, NULL);
    if (st == VLT_OK) {
        st = decode(vlt_buf_slice(&opening->room), false, no, &opening->rows);
    }
    return st == VLT_E_NOT_FOUND ? VLT_E_STORAGE : st;
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
    enum vlt_status st = open_tail(view, arrival, &opening);

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
    enum vlt_status st = piece->tail ? open_tail(view, piece->no, opening)
                                     : open_chunk(view, piece->no, opening);

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

enum vlt_status
piece_take(const struct store_view *view, const struct piece *piece,
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
