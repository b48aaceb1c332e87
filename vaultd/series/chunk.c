/*
 * chunk: sorted rows become chunk records.
 */
#include <stdlib.h>

#include "series/pack_internal.h"

/* One chunk that is cut off the front of a range. */
struct cut {
    struct vlt_buf block; /* owned */
    size_t taken;
    bool filled;      /* not one row more would have gone in */
    uint64_t arrival; /* greatest of the marked ones; 0 without */
};

void
chunk_rows_free(struct chunk_rows *rows)
{
    vlt_rows_free(rows->plain);
    vlt_rows_free(rows->marked);
    *rows = (struct chunk_rows){ NULL, NULL };
}

/* The greatest arrival of a range. */
static uint64_t
greatest(const struct vlt_rows *marked, struct vlt_range range)
{
    size_t column;
    uint64_t most = 0;

    if (marked == NULL) {
        return 0;
    }
    column = vlt_rows_columns(marked) - 1;
    for (size_t i = 0; i < range.count; i++) {
        uint64_t arrival = vlt_rows_bits(marked, range.from + i, column);

        most = arrival > most ? arrival : most;
    }
    return most;
}

enum vlt_status
chunk_rows_make(const struct lane_work *work, struct vlt_rows *all,
                struct chunk_rows *out)
{
    struct vlt_rows *plain = NULL;
    enum vlt_status st = vlt_rows_new(&work->schema, &plain);

    if (st == VLT_OK) {
        st = vlt_rows_pick(plain, all, vlt_rows_all(all));
    }
    if (st != VLT_OK) {
        vlt_rows_free(plain);
        vlt_rows_free(all);
        return st;
    }
    out->plain = plain;
    out->marked = all;
    if (greatest(all, vlt_rows_all(all)) == 0) {
        vlt_rows_free(all);
        out->marked = NULL;
    }
    return VLT_OK;
}

/* ---- cutting ---- */

/* The first row of the time at `row`, and the row behind its last. */
static struct vlt_range
run_of(const struct vlt_rows *rows, size_t row)
{
    const int64_t *times = vlt_rows_times(rows);
    size_t from = vlt_rows_seek(rows, times[row]);
    size_t end = vlt_rows_seek(rows, times[row] + 1);

    return (struct vlt_range){ .from = from, .count = end - from };
}

/* As many rows as fill a record; but no time is cut in two, unless its rows
 * are more than any record holds. */
static enum vlt_status
fill(const struct vlt_rows *rows, struct vlt_range range, struct cut *cut)
{
    const int64_t *times = vlt_rows_times(rows);
    size_t end = range.from + range.count;
    size_t stop;
    struct vlt_range run;
    enum vlt_status st;

    vlt_buf_clear(&cut->block);
    st =
        vlt_block_fill(rows, range, STORE_CHUNK_FULL, &cut->block, &cut->taken);
    if (st == VLT_E_LIMIT) {
        cut->taken = 1; /* a row that is a record of its own */
    } else if (st != VLT_OK) {
        return st;
    }
    stop = range.from + cut->taken;
    cut->filled = stop < end || st == VLT_E_LIMIT;
    if (st == VLT_OK && (stop == end || times[stop] != times[stop - 1])) {
        return VLT_OK;
    }
    run = run_of(rows, stop - 1);
    vlt_buf_clear(&cut->block);
    if (run.from > range.from) {
        cut->taken = run.from - range.from;
        range.count = cut->taken;
        return vlt_block_encode(rows, range, 0, &cut->block);
    }
    run.count -= range.from - run.from;
    run.from = range.from;
    run.count = run.count < range.count ? run.count : range.count;
    return vlt_block_fill(rows, run, STORE_PIECE_MAX, &cut->block, &cut->taken);
}

static enum vlt_status
cut_chunk(const struct chunk_rows *rows, struct vlt_range range,
          struct cut *cut)
{
    enum vlt_status st = fill(rows->plain, range, cut);
    struct vlt_range taken = { .from = range.from, .count = cut->taken };

    if (st != VLT_OK) {
        return st;
    }
    cut->arrival = greatest(rows->marked, taken);
    if (cut->arrival > 0) {
        st = fill(rows->marked, range, cut);
        taken.count = cut->taken;
        cut->arrival = greatest(rows->marked, taken);
    }
    return st;
}

/* ---- putting ---- */

/* A summary a column; NULL: no memory. */
static struct vlt_stat *
new_summaries(const struct vlt_rows *rows)
{
    size_t columns = vlt_rows_columns(rows);
    struct vlt_stat *stat = calloc(columns + 1, sizeof *stat);

    for (size_t i = 0; stat != NULL && i < columns; i++) {
        vlt_stat_init(&stat[i], vlt_rows_column(rows, i).field.type);
    }
    return stat;
}

static void
summarise(const struct vlt_rows *rows, struct vlt_range range,
          struct vlt_stat *stat)
{
    for (size_t i = 0; i < vlt_rows_columns(rows); i++) {
        vlt_stat_add(&stat[i], rows, i, range);
    }
}

/* Values are added up once: a chunk's summary is that of its hours. */
static enum vlt_status
put_full(struct lane_work *work, const struct chunk_rows *rows,
         struct vlt_range range, struct chunk_entry *entry)
{
    struct vlt_stat *stat = new_summaries(rows->plain);
    enum vlt_status st = stat != NULL ? VLT_OK : VLT_E_NOMEM;

    entry->rolled = entry->last - entry->first <= PACK_ROLL_SPAN;
    if (st == VLT_OK && entry->rolled && !work->unrolled) {
        st = rolls_add(work, rows->plain, range, stat);
    } else if (st == VLT_OK) {
        summarise(rows->plain, range, stat);
    }
    if (st == VLT_OK) {
        st = heads_add(work, entry, stat);
    }
    free(stat);
    return st;
}

static void
count_in(struct lane_record *record, const struct chunk_entry *entry)
{
    if (record->rows == 0 || entry->first < record->first) {
        record->first = entry->first;
    }
    if (record->rows == 0 || entry->last > record->last) {
        record->last = entry->last;
    }
    record->rows += entry->rows;
}

static enum vlt_status
put_chunk(struct lane_work *work, const struct chunk_rows *rows, size_t from,
          const struct cut *cut, struct chunk_how how)
{
    const int64_t *times = vlt_rows_times(rows->plain);
    struct vlt_range range = { .from = from, .count = cut->taken };
    struct chunk_entry entry = {
        .rows = (uint32_t)cut->taken,
        .first = times[from],
        .last = times[from + cut->taken - 1],
        .marked = cut->arrival > 0,
        .arrival = cut->arrival,
    };
    enum vlt_status st = store_piece_put(work->txn, STORE_CHUNK, &work->where,
                                         vlt_buf_slice(&cut->block), &entry.no);

    if (st != VLT_OK) {
        return st;
    }
    if (cut->filled || how.rest == CHUNK_REST_FULL) {
        st = put_full(work, rows, range, &entry);
    } else {
        entry.level = how.level;
        st = lane_add_short(&work->record, &entry);
    }
    if (st == VLT_OK) {
        count_in(&work->record, &entry);
    }
    *work->left -= *work->left > 0;
    return st;
}

/* Are the rows that are left so many less than those that filled the last chunk
 * that they may be taken to fill none?  Their bytes are estimated; where they
 * are larger rows, that is too few, and the next turn packs them. */
static bool
is_little(struct lane_work *work, size_t count, const struct cut *cut)
{
    if (cut->taken == 0 || count > cut->taken / 2) {
        return false;
    }
    work->rest = cut->block.len * count / cut->taken;
    return true;
}

/* Was a time cut in two, and is this row of its second part?  What is done is
 * told by a time, so that part may not stay. */
static bool
is_torn(const struct vlt_rows *rows, size_t row, size_t done)
{
    const int64_t *times = vlt_rows_times(rows);

    return done > 0 && times[row] == times[row - 1];
}

enum vlt_status
chunk_emit(struct lane_work *work, const struct chunk_rows *rows,
           struct vlt_range range, struct chunk_how how, size_t *done)
{
    struct cut cut = { .taken = 0 };
    enum vlt_status st = VLT_OK;

    *done = 0;
    vlt_buf_init(&cut.block, STORE_PIECE_MAX);
    while (st == VLT_OK && *done < range.count) {
        struct vlt_range rest = { .from = range.from + *done,
                                  .count = range.count - *done };
        bool stays = how.rest == CHUNK_REST_STAYS &&
                     !is_torn(rows->plain, rest.from, *done);

        if (stays && is_little(work, rest.count, &cut)) {
            break;
        }
        st = cut_chunk(rows, rest, &cut);
        if (st == VLT_OK && !cut.filled && stays) {
            work->rest = cut.block.len;
            break;
        }
        if (st == VLT_OK) {
            st = put_chunk(work, rows, rest.from, &cut, how);
            *done += cut.taken;
        }
    }
    vlt_buf_free(&cut.block);
    return st;
}
