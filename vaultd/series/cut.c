/*
 * cut: sorted rows become chunks, which are put nowhere yet.
 */
#include "series/cut.h"

#include <stdlib.h>

#include "crypto/secret.h"
#include "store/piece.h"

/* ---- rows ---- */

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
chunk_rows_make(const struct vlt_schema *schema, struct vlt_rows *all,
                struct chunk_rows *out)
{
    struct vlt_rows *plain = NULL;
    enum vlt_status st = vlt_rows_new(schema, &plain);

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

/* ---- a block ---- */

/* What is cut off the front of a range. */
struct part {
    size_t rows;
    bool filled; /* not one row more would have gone in */
};

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
fill(const struct vlt_rows *rows, struct vlt_range range, struct vlt_buf *block,
     struct part *part)
{
    const int64_t *times = vlt_rows_times(rows);
    size_t end = range.from + range.count;
    size_t stop;
    struct vlt_range run;
    enum vlt_status st;

    vlt_buf_clear(block);
    st = vlt_block_fill(rows, range, STORE_CHUNK_FULL, block, &part->rows);
    if (st == VLT_E_LIMIT) {
        part->rows = 1; /* a row that is a record of its own */
    } else if (st != VLT_OK) {
        return st;
    }
    stop = range.from + part->rows;
    part->filled = stop < end || st == VLT_E_LIMIT;
    if (st == VLT_OK && (stop == end || times[stop] != times[stop - 1])) {
        return VLT_OK;
    }
    run = run_of(rows, stop - 1);
    vlt_buf_clear(block);
    if (run.from > range.from) {
        part->rows = run.from - range.from;
        range.count = part->rows;
        return vlt_block_encode(rows, range, 0, block);
    }
    run.count -= range.from - run.from;
    run.from = range.from;
    run.count = run.count < range.count ? run.count : range.count;
    return vlt_block_fill(rows, run, STORE_PIECE_MAX, block, &part->rows);
}

static enum vlt_status
cut_block(const struct chunk_rows *rows, struct vlt_range range,
          struct cut *cut, struct part *part)
{
    struct vlt_range taken = { .from = range.from };
    enum vlt_status st = fill(rows->plain, range, &cut->block, part);
    uint64_t arrival;

    if (st != VLT_OK) {
        return st;
    }
    taken.count = part->rows;
    arrival = greatest(rows->marked, taken);
    if (arrival > 0) {
        st = fill(rows->marked, range, &cut->block, part);
        taken.count = part->rows;
        arrival = greatest(rows->marked, taken);
    }
    if (st == VLT_OK) {
        const int64_t *times = vlt_rows_times(rows->plain);

        cut->entry = (struct chunk_entry){
            .rows = (uint32_t)taken.count,
            .first = times[taken.from],
            .last = times[taken.from + taken.count - 1],
            .marked = arrival > 0,
            .arrival = arrival,
        };
    }
    return st;
}

/* ---- its summaries ---- */

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

/* Values are added up once: a chunk's summary is that of its hours. */
static enum vlt_status
summarise(const struct vlt_rows *rows, struct vlt_range range,
          struct chunk_how how, struct cut *cut)
{
    cut->entry.rolled = cut->entry.last - cut->entry.first <= CUT_ROLL_SPAN;
    cut->columns = vlt_rows_columns(rows);
    cut->stat = new_summaries(rows);
    if (cut->stat == NULL) {
        return VLT_E_NOMEM;
    }
    if (cut->entry.rolled && !how.unrolled) {
        return hours_sum(rows, range, cut->stat, &cut->hours);
    }
    for (size_t i = 0; i < vlt_rows_columns(rows); i++) {
        vlt_stat_add(&cut->stat[i], rows, i, range);
    }
    return VLT_OK;
}

/* ---- one chunk after the other ---- */

void
cut_init(struct cut *cut)
{
    *cut = (struct cut){ .full = false };
    vlt_buf_init(&cut->block, STORE_PIECE_MAX);
}

static void
forget_summaries(struct cut *cut)
{
    if (cut->stat != NULL) {
        vlt_wipe(cut->stat, cut->columns * sizeof *cut->stat);
    }
    free(cut->stat);
    cut->stat = NULL;
    hours_free(&cut->hours);
}

void
cut_free(struct cut *cut)
{
    forget_summaries(cut);
    vlt_buf_free(&cut->block);
}

/* Are the rows that are left so many less than those that filled the last chunk
 * that they may be taken to fill none?  Their bytes are estimated; where they
 * are larger rows, that is too few, and the next turn packs them. */
static bool
is_little(struct cutting *cutting, size_t count)
{
    if (cutting->last_rows == 0 || count > cutting->last_rows / 2) {
        return false;
    }
    cutting->rest = cutting->last_bytes * count / cutting->last_rows;
    return true;
}

bool
cutting_may_end(const struct cutting *cutting)
{
    const int64_t *times = vlt_rows_times(cutting->rows->plain);
    size_t row = cutting->range.from + cutting->done;

    return cutting->done == 0 || cutting->done == cutting->range.count ||
           times[row] != times[row - 1];
}

static void
count_in(struct cutting *cutting, const struct cut *cut)
{
    cutting->done += cut->entry.rows;
    cutting->last_rows = cut->entry.rows;
    cutting->last_bytes = cut->block.len;
}

enum vlt_status
cutting_next(struct cutting *cutting, struct cut *cut, bool *any)
{
    const struct chunk_rows *rows = cutting->rows;
    struct chunk_how how = cutting->how;
    struct vlt_range left = { .from = cutting->range.from + cutting->done,
                              .count = cutting->range.count - cutting->done };
    bool stays = how.rest == CHUNK_REST_STAYS && cutting_may_end(cutting);
    struct part part = { .rows = 0 };
    enum vlt_status st;

    *any = false;
    forget_summaries(cut);
    if (left.count == 0 || (stays && is_little(cutting, left.count))) {
        return VLT_OK;
    }
    st = cut_block(rows, left, cut, &part);
    if (st == VLT_OK && !part.filled && stays) {
        cutting->rest = cut->block.len;
        return VLT_OK;
    }
    cut->full = part.filled || how.rest == CHUNK_REST_FULL;
    left.count = part.rows;
    if (st == VLT_OK && cut->full) {
        st = summarise(rows->plain, left, how, cut);
    } else {
        cut->entry.level = how.level;
    }
    if (st == VLT_OK) {
        count_in(cutting, cut);
        *any = true;
    }
    return st;
}
