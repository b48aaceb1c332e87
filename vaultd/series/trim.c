/*
 * trim: a lane without the rows of a range, under another key.
 */
#include <stdlib.h>
#include <string.h>

#include "series/pack_internal.h"
#include "store/bury.h"

enum vlt_status
trim_rows(struct lane_work *work, struct vlt_rows *all, struct vlt_rows **out)
{
    size_t count = vlt_rows_count(all);
    struct vlt_rows *left = NULL;
    size_t from = count;
    size_t to = count;
    enum vlt_status st;

    if (work->trim_from < work->trim_to) {
        from = vlt_rows_seek(all, work->trim_from);
        to = vlt_rows_seek(all, work->trim_to);
    }
    *out = all;
    if (from == to) {
        return VLT_OK;
    }
    st = vlt_rows_new(&work->marking, &left);
    if (st == VLT_OK) {
        st = vlt_rows_append(left, all, (struct vlt_range){ .count = from });
    }
    if (st == VLT_OK) {
        st = vlt_rows_append(
            left, all, (struct vlt_range){ .from = to, .count = count - to });
    }
    if (st != VLT_OK) {
        vlt_rows_free(left);
        return st;
    }
    work->trimmed += to - from;
    vlt_rows_free(all);
    *out = left;
    return VLT_OK;
}

/* ---- the chunks there are ---- */

struct source_chunk {
    struct chunk_entry entry;
    bool full;
};

struct source_chunks {
    struct source_chunk *chunk; /* owned */
    size_t count, cap;
};

static enum vlt_status
note_chunk(struct source_chunks *list, const struct chunk_entry *entry,
           bool full)
{
    if (list->count == SERIES_ERASE_CHUNKS) {
        return VLT_E_LIMIT;
    }
    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 256 : 2 * list->cap;
        struct source_chunk *more = realloc(list->chunk, cap * sizeof *more);

        if (more == NULL) {
            return VLT_E_NOMEM;
        }
        list->chunk = more;
        list->cap = cap;
    }
    list->chunk[list->count++] =
        (struct source_chunk){ .entry = *entry, .full = full };
    return VLT_OK;
}

static int
by_no(const void *a, const void *b)
{
    const struct source_chunk *x = a;
    const struct source_chunk *y = b;

    return x->entry.no < y->entry.no ? -1 : x->entry.no > y->entry.no;
}

/* All of the lane, in order of their numbers, so that rows of one time keep
 * their order. */
static enum vlt_status
list_chunks(const struct lane_work *from, struct source_chunks *out)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < from->record.heads; i++) {
        struct head_record head;

        st = heads_read(from, &from->record.head[i], &head);
        if (st != VLT_OK) {
            return st;
        }
        for (size_t j = 0; st == VLT_OK && j < head.count; j++) {
            st = note_chunk(out, &head.entry[j], true);
        }
        head_record_free(&head);
    }
    for (size_t i = 0; st == VLT_OK && i < from->record.shorts; i++) {
        st = note_chunk(out, &from->record.entry[i], false);
    }
    if (out->count > 1) {
        qsort(out->chunk, out->count, sizeof *out->chunk, by_no);
    }
    return st;
}

/* ---- the copy ---- */

static enum vlt_status
copy_chunk(const struct lane_work *from, struct lane_work *to,
           const struct source_chunk *chunk)
{
    struct chunk_how how = {
        .rest = chunk->full ? CHUNK_REST_FULL : CHUNK_REST_SHORT,
        .level = chunk->entry.level,
    };
    struct chunk_rows rows = { NULL, NULL };
    struct vlt_rows *all = NULL;
    size_t done = 0;
    enum vlt_status st = work_open(from, chunk->entry.no, &all);

    if (st == VLT_OK) {
        st = trim_rows(to, all, &all);
    }
    if (st != VLT_OK) {
        vlt_rows_free(all);
        return st;
    }
    st = chunk_rows_make(&to->schema, all, &rows);
    if (st == VLT_OK) {
        st = chunk_emit(to, &rows, vlt_rows_all(rows.plain), how, &done);
    }
    chunk_rows_free(&rows);
    return st;
}

static enum vlt_status
copy_tails(struct lane_work *to)
{
    uint64_t end;
    bool whole = false;
    enum vlt_status st = store_tail_next(to->view, &end);

    while (st == VLT_OK && !whole) {
        st = pack_before(to, end, &whole);
    }
    return st;
}

static enum vlt_status
copy_all(const struct lane_work *from, struct lane_work *to,
         const struct source_chunks *chunks)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < chunks->count; i++) {
        st = copy_chunk(from, to, &chunks->chunk[i]);
    }
    return st == VLT_OK ? copy_tails(to) : st;
}

enum vlt_status
trim_lane(struct series *series, struct store_txn *txn, struct lane *lane,
          const struct series_erased *wish, struct trimmed *out)
{
    struct source_chunks chunks = { .count = 0 };
    size_t left = SIZE_MAX;
    struct lane_work from;
    struct lane_work to;
    enum vlt_status st = work_begin(series, txn, lane, &left, &from);

    if (st != VLT_OK) {
        return st;
    }
    /* Its schemas lie in `from`, which lives as long. */
    to = from;
    to.record = (struct lane_record){ .done = from.record.done };
    to.trim_from = wish->from;
    to.trim_to = wish->to;
    to.where.staged = true;
    st = list_chunks(&from, &chunks);
    if (st == VLT_OK) {
        st = store_txn_reserve(txn,
                               (uint64_t)chunks.count * STORE_CHUNK_FULL * 2);
    }
    /* What is refused above leaves no key behind. */
    if (st == VLT_OK) {
        st = store_txn_stage(txn, to.where.stream, lane->epoch, to.where.kid);
    }
    if (st == VLT_OK) {
        st = copy_all(&from, &to, &chunks);
    }
    free(chunks.chunk);
    if (st == VLT_OK) {
        st = work_end(&to);
    }
    if (st == VLT_OK) {
        out->rows = to.trimmed;
        memcpy(out->kid, to.where.kid, sizeof out->kid);
    }
    work_free(&to);
    work_free(&from);
    return st;
}

/* ---- counting ---- */

/* Rows of a tail that are in no chunk. */
static enum vlt_status
count_tail(const struct lane_work *work, const struct tail_ref *ref,
           uint64_t *rows)
{
    const struct lane_done *done = &work->record.done;
    struct vlt_rows *all = NULL;
    enum vlt_status st;

    if (lane_holds(done, ref->arrival, ref->last)) {
        return VLT_OK;
    }
    if (ref->arrival >= done->a) {
        *rows += ref->rows;
        return VLT_OK;
    }
    st = tail_open(work->view, ref->arrival, &all);
    if (st == VLT_OK) {
        *rows += vlt_rows_count(all) - vlt_rows_seek(all, done->t + 1);
    }
    vlt_rows_free(all);
    return st;
}

enum vlt_status
trim_count(struct series *series, struct store_txn *txn, struct lane *lane,
           uint64_t *rows)
{
    size_t left = 0;
    struct lane_work work;
    enum vlt_status st = work_begin(series, txn, lane, &left, &work);

    if (st == VLT_OK) {
        *rows += work.record.rows;
    }
    for (size_t i = lane_seek(lane, work.record.done.a0);
         st == VLT_OK && i < lane->refs; i++) {
        st = count_tail(&work, &lane->ref[i], rows);
    }
    work_free(&work);
    return st;
}
