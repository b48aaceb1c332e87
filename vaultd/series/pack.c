/*
 * pack: rows leave the tails for chunks.
 */
#include <assert.h>
#include <stdlib.h>

#include "series/pack_internal.h"

/* Above every arrival: the row came late.  It stands in the arrival column
 * while rows are gathered, and in no record. */
#define LATE (UINT64_C(1) << 62)

enum {
    EXPECT_MORE = 8 /* a share on top of what makes a chunk */
};

struct gathered {
    struct vlt_rows *all; /* owned */
    uint64_t end;         /* all that arrived before is in it, or in chunks */
    bool whole;           /* that is all that was wanted */
    bool behind; /* each row came behind all others: there is no arrival
                    column */
};

/* ---- gathering ---- */

/* What was put a short while ago is in memory.  *rows is NULL, or a tail that
 * is looked at no more. */
static enum vlt_status
open_tail(const struct lane_work *work, uint64_t arrival,
          struct vlt_rows **rows)
{
    struct vlt_slice block;
    enum vlt_status st;

    if (!recent_find(work->series->recent, arrival, &block)) {
        vlt_rows_free(*rows);
        *rows = NULL;
        return tail_open(work->view, arrival, rows);
    }
    st = vlt_block_decode_into(block, VLT_BLOCK_DISK, NULL, NULL, rows);
    return st == VLT_OK || st == VLT_E_NOMEM ? st : VLT_E_STORAGE;
}

/* Did the rows of a tail that are in no chunk come behind all that is up to
 * `last`?  Of others it is to be told when they came. */
static bool
is_behind(const struct lane_done *done, const struct tail_ref *ref,
          const int64_t *last)
{
    int64_t first = ref->first;

    if (ref->arrival < done->a && first <= done->t) {
        first = done->t + 1;
    }
    return ref->late == 0 && (last == NULL || first > *last);
}

struct pack_wanted
pack_look(const struct lane *lane, const struct lane_packed *packed,
          uint64_t end)
{
    struct pack_wanted wanted = { .end = end, .whole = true, .behind = true };
    const int64_t *last = packed->rows > 0 ? &packed->last : NULL;

    for (size_t i = lane_seek(lane, packed->done.a0);
         i < lane->refs && lane->ref[i].arrival < end; i++) {
        const struct tail_ref *ref = &lane->ref[i];

        if (lane_holds(&packed->done, ref->arrival, ref->last)) {
            continue;
        }
        if (wanted.rows + ref->rows > PACK_ROWS && wanted.rows > 0) {
            wanted.end = ref->arrival;
            wanted.whole = false;
            break;
        }
        wanted.rows += ref->rows;
        wanted.behind = wanted.behind && is_behind(&packed->done, ref, last);
        last = &ref->last;
    }
    return wanted;
}

/* Rows of one tail that are in no chunk, straight to where they are gathered.
 * Beforehand it is known how many there are. */
static enum vlt_status
take_tail(const struct lane_work *work, const struct tail_ref *ref,
          struct vlt_rows **tail, struct vlt_rows *all)
{
    const struct lane_done *done = &work->record.done;
    struct piece piece = {
        .tail = true,
        .no = ref->arrival,
        .rows = ref->rows,
        .after = ref->arrival < done->a ? done->t : INT64_MIN,
    };
    struct plan_window window = { .from = VLT_TIME_MIN,
                                  .to = VLT_TIME_MAX,
                                  .end = UINT64_MAX };
    struct vlt_block_window times = { VLT_TIME_MIN, VLT_TIME_MAX };
    struct vlt_slice block;
    enum vlt_status st;

    if (!recent_find(work->series->recent, ref->arrival, &block)) {
        struct opening opening = { .rows = NULL };

        st = piece_take(work->view, &piece, &window, &opening, all);
        opening_free(&opening);
        return st;
    }
    if (piece.after >= times.from) {
        times.from = piece.after + 1;
    }
    st = vlt_block_append(block, &times, NULL, tail, all);
    return st == VLT_OK || st == VLT_E_NOMEM ? st : VLT_E_STORAGE;
}

/* The same, each with its arrival. */
static enum vlt_status
gather_tail(const struct lane_work *work, const struct tail_ref *ref,
            struct vlt_rows **tail, struct vlt_rows *all)
{
    const struct lane_done *done = &work->record.done;
    size_t column = vlt_rows_columns(all) - 1;
    size_t before = vlt_rows_count(all);
    size_t from = 0;
    enum vlt_status st = open_tail(work, ref->arrival, tail);

    if (st != VLT_OK) {
        return st;
    }
    if (ref->arrival < done->a) {
        from = vlt_rows_seek(*tail, done->t + 1);
    }
    st = vlt_rows_append(
        all, *tail,
        (struct vlt_range){ .from = from,
                            .count = vlt_rows_count(*tail) - from });
    for (size_t i = from;
         st == VLT_OK && column != SIZE_MAX && i < vlt_rows_count(*tail); i++) {
        vlt_rows_set_at(all, before + i - from, column,
                        ref->arrival | (i < ref->late ? LATE : 0));
    }
    return st;
}

static enum vlt_status
gather_tails(const struct lane_work *work, const struct pack_wanted *wanted,
             struct vlt_rows *all)
{
    const struct lane *lane = work->lane;
    struct vlt_rows *tail = NULL;
    enum vlt_status st = vlt_rows_reserve(all, wanted->rows);

    for (size_t i = lane_seek(lane, work->record.done.a0);
         st == VLT_OK && i < lane->refs && lane->ref[i].arrival < wanted->end;
         i++) {
        const struct tail_ref *ref = &lane->ref[i];

        if (!lane_holds(&work->record.done, ref->arrival, ref->last)) {
            st = wanted->behind ? take_tail(work, ref, &tail, all)
                                : gather_tail(work, ref, &tail, all);
        }
    }
    vlt_rows_free(tail);
    return st;
}

static enum vlt_status
gather(struct lane_work *work, uint64_t end, struct gathered *out)
{
    struct lane_packed packed = lane_packed_of(&work->record);
    struct pack_wanted wanted = pack_look(work->lane, &packed, end);

    /* What is cut off a lane is told by what cuts. */
    wanted.behind = wanted.behind && work->trim_from >= work->trim_to;

    struct gathered got = { .end = wanted.end,
                            .whole = wanted.whole,
                            .behind = wanted.behind };
    enum vlt_status st =
        vlt_rows_new(got.behind ? &work->schema : &work->marking, &got.all);

    if (st == VLT_OK) {
        st = gather_tails(work, &wanted, got.all);
    }
    if (st == VLT_OK) {
        st = vlt_rows_sort(got.all);
    }
    if (st == VLT_OK) {
        st = trim_rows(work, got.all, &got.all);
    }
    if (st != VLT_OK) {
        vlt_rows_free(got.all);
        return st;
    }
    *out = got;
    return VLT_OK;
}

/*
 * Leave the arrival of those rows only that did not come behind all others: the
 * late ones, and those whose time was there already.  Of the others it is said
 * by their time that they came after what was there.
 */
static void
mark(const struct lane_work *work, struct vlt_rows *all)
{
    const int64_t *times = vlt_rows_times(all);
    size_t column = vlt_rows_columns(all) - 1;
    uint64_t first = 0; /* to arrive of those at this time */

    for (size_t i = 0; i < vlt_rows_count(all); i++) {
        uint64_t bits = vlt_rows_bits(all, i, column);
        uint64_t arrival = bits & ~LATE;
        bool met = work->record.rows > 0 && times[i] <= work->record.last;

        if (i == 0 || times[i] != times[i - 1]) {
            first = arrival;
        }
        if ((bits & LATE) == 0 && arrival == first && !met) {
            arrival = 0;
        }
        vlt_rows_set_at(all, i, column, arrival);
    }
}

/* Sorted rows, ready to be cut. */
static enum vlt_status
gather_ready(struct lane_work *work, uint64_t end, struct gathered *got,
             struct chunk_rows *out)
{
    enum vlt_status st = gather(work, end, got);

    if (st != VLT_OK) {
        return st;
    }
    if (got->behind) {
        *out = (struct chunk_rows){ .plain = got->all };
        return VLT_OK;
    }
    mark(work, got->all);
    return chunk_rows_make(&work->schema, got->all, out);
}

/* ---- packing ---- */

void
pack_expect(struct lane *lane, uint64_t bytes, const struct pack_filled *filled)
{
    uint64_t units = filled->chunks * STORE_CHUNK_FULL + filled->rest;
    uint64_t about = units > 0 ? bytes * STORE_CHUNK_FULL / units : 0;

    if (filled->chunks == 0 && about < bytes) {
        about = bytes;
    }
    about += about / EXPECT_MORE;
    lane->try_at = about > STORE_CHUNK_FULL ? about : STORE_CHUNK_FULL;
}

/* The first row behind everything that is in chunks. */
static size_t
ahead_of_chunks(const struct lane_work *work, const struct vlt_rows *rows)
{
    return work->record.rows > 0 ? vlt_rows_seek(rows, work->record.last + 1)
                                 : 0;
}

/*
 * What lies behind all chunks fills new ones; the rest of it stays.  Then rows
 * that came late become chunks of their own, so that the full ones do not
 * overlap: they are part of what is done up to that time.
 */
static enum vlt_status
emit_full(struct lane_work *work, const struct chunk_rows *rows, uint64_t end,
          struct pack_filled *filled)
{
    struct chunk_how stays = { .rest = CHUNK_REST_STAYS };
    struct chunk_how late = { .rest = CHUNK_REST_SHORT };
    struct vlt_range behind = { .from = ahead_of_chunks(work, rows->plain) };
    struct vlt_range before = { .count = behind.from };
    size_t left = *work->left;
    size_t done = 0;
    size_t some = 0;
    enum vlt_status st;

    behind.count = vlt_rows_count(rows->plain) - behind.from;
    work->rest = 0;
    st = chunk_emit(work, rows, behind, stays, &done);
    filled->chunks = left - *work->left;
    filled->rest = work->rest;
    if (st != VLT_OK || done == 0) {
        return st;
    }
    /* What is done is told by a time: the next row must have another. */
    assert(done == behind.count ||
           vlt_rows_times(rows->plain)[behind.from + done] >
               vlt_rows_times(rows->plain)[behind.from + done - 1]);
    work->record.done.a = end;
    work->record.done.t = vlt_rows_times(rows->plain)[behind.from + done - 1];
    return chunk_emit(work, rows, before, late, &some);
}

enum vlt_status
pack_full(struct lane_work *work)
{
    uint64_t bytes = work->lane->turn_open.bytes;
    struct chunk_rows rows = { NULL, NULL };
    struct gathered got = { .whole = false };
    struct pack_filled filled = { .chunks = 0 };
    uint64_t end;
    enum vlt_status st = store_tail_next(work->view, &end);

    if (st == VLT_OK) {
        st = gather_ready(work, end, &got, &rows);
    }
    if (st != VLT_OK) {
        return st;
    }
    if (got.whole) {
        st = emit_full(work, &rows, end, &filled);
    }
    if (st == VLT_OK) {
        pack_expect(work->lane, bytes, &filled);
    }
    chunk_rows_free(&rows);
    return st;
}

enum vlt_status
pack_before(struct lane_work *work, uint64_t end, bool *whole)
{
    struct chunk_how how = { .rest = CHUNK_REST_SHORT };
    struct lane_done *done = &work->record.done;
    struct chunk_rows rows = { NULL, NULL };
    struct gathered got = { .whole = false };
    size_t count = 0;
    enum vlt_status st = gather_ready(work, end, &got, &rows);

    if (st == VLT_OK) {
        struct vlt_range all = vlt_rows_all(rows.plain);

        st = chunk_emit(work, &rows, all, how, &count);
    }
    chunk_rows_free(&rows);
    if (st != VLT_OK) {
        return st;
    }
    done->a0 = got.end;
    if (done->a < done->a0) {
        done->a = done->a0;
        done->t = INT64_MIN;
    }
    *whole = got.whole;
    return VLT_OK;
}
