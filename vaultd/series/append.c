/*
 * append: a batch becomes tail records, one for each stream and epoch
 * (storage.md, 6.1), and rows that are there already are left out (7).
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "base/writer.h"
#include "series/series_internal.h"

#define EPOCH (30 * VLT_DAY)

/* One part on its way in. */
struct putting {
    struct series *series;
    struct store_txn *txn;
    const struct series_batch *batch;
    struct slot *slot;
    struct vlt_rows *rows; /* sorted, without what is there already */
    struct series_stored *out;
};

/* ---- what is there already ---- */

/* Rows of a stream that may stand at the times of the new ones. */
static enum vlt_status
load_near(const struct putting *putting, int64_t from, int64_t to,
          struct vlt_rows **near)
{
    const struct store_view *view = store_txn_view(putting->txn);
    struct index_range range = { .from = from, .to = to, .turn = true };
    struct vlt_field fields[SERIES_COLUMNS_MAX];
    struct vlt_schema schema;
    struct tail_ref *refs = NULL;
    size_t count = 0;
    enum vlt_status st;

    schema_of(slot_now(putting->slot), fields, &schema);
    st = vlt_rows_new(&schema, near);
    if (st == VLT_OK) {
        st = index_pick(putting->series, view, putting->slot, range, &refs,
                        &count);
    }
    for (size_t i = 0; st == VLT_OK && i < count; i++) {
        struct vlt_rows *rows = NULL;

        st = index_open(view, refs[i].arrival, &rows);
        if (st == VLT_OK) {
            size_t first = vlt_rows_seek(rows, from);
            struct vlt_range part = { .from = first,
                                      .count =
                                          vlt_rows_seek(rows, to) - first };

            st = vlt_rows_append(*near, rows, part);
            vlt_rows_free(rows);
        }
    }
    free(refs);
    if (st == VLT_OK) {
        st = vlt_rows_sort(*near);
    }
    return st;
}

/* Is row i of rows equal, bit for bit, to one of `there` at its time?
 * *at_time counts those. */
static bool
is_there(const struct vlt_rows *rows, size_t i, const struct vlt_rows *there,
         size_t end, size_t *at_time)
{
    int64_t time = vlt_rows_times(rows)[i];
    size_t j = vlt_rows_seek(there, time);
    const int64_t *times = vlt_rows_times(there);

    *at_time = 0;
    for (; j < end && times[j] == time; j++) {
        (*at_time)++;
        if (vlt_rows_equal(rows, i, there, j)) {
            return true;
        }
    }
    return false;
}

/* Keep of `all` what is neither in `near` nor earlier in `all` itself. */
static enum vlt_status
keep_new(struct putting *putting, const struct vlt_rows *all,
         const struct vlt_rows *near)
{
    size_t count = vlt_rows_count(all);

    for (size_t i = 0; i < count; i++) {
        struct vlt_range one = { .from = i, .count = 1 };
        size_t kept = vlt_rows_count(putting->rows);
        size_t stored = 0;
        size_t own = 0;
        bool equal = near != NULL &&
                     is_there(all, i, near, vlt_rows_count(near), &stored);

        if (equal || is_there(all, i, putting->rows, kept, &own)) {
            putting->out->equal++;
            continue;
        }
        if (stored + own >= SERIES_EQUAL_TIMES) {
            return VLT_E_CONFLICT;
        }
        enum vlt_status st = vlt_rows_append(putting->rows, all, one);

        if (st != VLT_OK) {
            return st;
        }
    }
    return VLT_OK;
}

/* No two rows of one time? */
static bool
times_rise(const struct vlt_rows *rows)
{
    const int64_t *times = vlt_rows_times(rows);

    for (size_t i = 1; i < vlt_rows_count(rows); i++) {
        if (times[i] == times[i - 1]) {
            return false;
        }
    }
    return true;
}

/* The rows of a part that are new, sorted, with the stream's columns. */
static enum vlt_status
sift(struct putting *putting, const struct vlt_rows *given)
{
    struct vlt_field fields[SERIES_COLUMNS_MAX];
    struct vlt_schema schema;
    struct vlt_rows *all = NULL;
    struct vlt_rows *near = NULL;
    enum vlt_status st;

    schema_of(slot_now(putting->slot), fields, &schema);
    st = vlt_rows_new(&schema, &all);
    if (st == VLT_OK) {
        st = vlt_rows_append(all, given, vlt_rows_all(given));
    }
    if (st == VLT_OK) {
        st = vlt_rows_sort(all);
    }
    if (st != VLT_OK) {
        goto done;
    }
    size_t count = vlt_rows_count(all);
    const int64_t *times = vlt_rows_times(all);
    const struct extent *extent = &putting->slot->turn_extent;
    bool behind = extent->rows == 0 || count == 0 || times[0] > extent->last;

    if (behind && times_rise(all)) {
        putting->rows = all; /* nothing stands there, and none stands twice */
        return VLT_OK;
    }
    if (!behind) {
        st = load_near(putting, times[0], times[count - 1] + 1, &near);
    }
    if (st == VLT_OK) {
        st = vlt_rows_new(&schema, &putting->rows);
    }
    if (st == VLT_OK) {
        st = keep_new(putting, all, near);
    }

done:
    vlt_rows_free(all);
    vlt_rows_free(near);
    return st;
}

/* ---- records ---- */

static uint64_t
count_samples(const struct vlt_rows *rows, struct vlt_range range)
{
    uint64_t samples = 0;

    for (size_t i = 0; i < vlt_rows_columns(rows); i++) {
        struct vlt_column column = vlt_rows_column(rows, i);

        if (column.bitmap == NULL) {
            samples += range.count;
            continue;
        }
        for (size_t j = 0; j < range.count; j++) {
            samples += vlt_rows_has(rows, range.from + j, i);
        }
    }
    return samples;
}

/* Seal as many rows of the range as one record holds. */
static enum vlt_status
put_record(struct putting *putting, struct vlt_range range, int32_t epoch,
           size_t *taken)
{
    const struct series_batch *batch = putting->batch;
    struct extent *extent = &putting->slot->turn_extent;
    const int64_t *times = vlt_rows_times(putting->rows);
    uint8_t head[STORE_TAIL_HEAD];
    struct vlt_writer w = vlt_writer_over(head, sizeof head);
    struct tail_ref ref = { .first = times[range.from] };
    struct vlt_buf plain;
    struct vlt_buf block;
    enum vlt_status st;

    vlt_buf_init(&block, VLT_BLOCK_MAX);
    st = vlt_block_fill(putting->rows, range, VLT_BLOCK_MAX, &block, taken);
    if (st != VLT_OK) {
        vlt_buf_free(&block);
        return st;
    }
    range.count = *taken;
    ref.rows = (uint32_t)range.count;
    ref.last = times[range.from + range.count - 1];
    for (size_t i = 0; extent->rows > 0 && i < range.count &&
                       times[range.from + i] < extent->last;
         i++) {
        ref.late++;
    }
    vlt_write_u32(&w, batch->source);
    vlt_write_u32(&w, ref.late);
    vlt_write_bytes(&w, batch->boot, sizeof batch->boot);
    vlt_write_u64(&w, batch->seq);
    vlt_buf_init(&plain, STORE_TAIL_MAX);
    vlt_buf_put(&plain, head, sizeof head);
    vlt_buf_put_slice(&plain, vlt_buf_slice(&block));
    st = vlt_buf_status(&plain);
    if (st == VLT_OK) {
        st = store_tail_put(putting->txn, slot_now(putting->slot)->id, epoch,
                            vlt_buf_slice(&plain), &ref.arrival);
    }
    vlt_buf_free(&plain);
    vlt_buf_free(&block);
    if (st == VLT_OK) {
        st = index_add(putting->slot, &ref);
    }
    if (st == VLT_OK) {
        extent_add(extent, &ref, count_samples(putting->rows, range));
        putting->out->rows += ref.rows;
        putting->out->late += ref.late;
    }
    return st;
}

/* The last row by time; of equal times the one that arrived last. */
static enum vlt_status
note_last(struct putting *putting)
{
    struct slot *slot = putting->slot;
    size_t count = vlt_rows_count(putting->rows);
    const int64_t *times = vlt_rows_times(putting->rows);
    const struct vlt_rows *before =
        slot->turn_last != NULL ? slot->turn_last : slot->last;
    struct vlt_range one = { .from = count - 1, .count = 1 };
    struct vlt_rows *last = NULL;
    enum vlt_status st;

    if (before != NULL && vlt_rows_count(before) > 0 &&
        vlt_rows_times(before)[0] > times[count - 1]) {
        return VLT_OK;
    }
    st = vlt_rows_slice(putting->rows, one, &last);
    if (st == VLT_OK) {
        vlt_rows_free(slot->turn_last);
        slot->turn_last = last;
    }
    return st;
}

static void
note_touched(struct slot *slot, int64_t first, int64_t last)
{
    if (!slot->touched || first < slot->touched_first) {
        slot->touched_first = first;
    }
    if (!slot->touched || last > slot->touched_last) {
        slot->touched_last = last;
    }
    slot->touched = true;
}

/* All new rows of a part, cut at the ends of epochs. */
static enum vlt_status
put_part(struct putting *putting)
{
    size_t count = vlt_rows_count(putting->rows);
    const int64_t *times = vlt_rows_times(putting->rows);
    size_t at = 0;

    while (at < count) {
        int64_t epoch = vlt_floor_div(times[at], EPOCH);
        size_t end = vlt_rows_seek(putting->rows, (epoch + 1) * EPOCH);
        struct vlt_range range = { .from = at, .count = end - at };
        size_t taken = 0;

        if (range.count > VLT_BLOCK_ROWS) {
            range.count = VLT_BLOCK_ROWS;
        }
        enum vlt_status st = put_record(putting, range, (int32_t)epoch, &taken);

        if (st != VLT_OK) {
            return st;
        }
        at += taken;
    }
    if (count == 0) {
        return VLT_OK;
    }
    note_touched(putting->slot, times[0], times[count - 1]);
    return note_last(putting);
}

/* ---- checking first, then putting ---- */

/* Columns and types must be the stream's. */
static enum vlt_status
check_part(const struct series_part *part, const struct slot *slot)
{
    const struct stream *stream = slot_now(slot);

    for (size_t i = 0; i < vlt_rows_columns(part->rows); i++) {
        struct vlt_field field = vlt_rows_column(part->rows, i).field;
        bool known = false;

        for (size_t j = 0; !known && j < stream->columns; j++) {
            known = stream->column[j].id == field.id &&
                    stream->column[j].type == (uint8_t)field.type;
        }
        if (!known) {
            return VLT_E_FORMAT;
        }
    }
    return VLT_OK;
}

bool
series_knows(struct series *series, uint32_t source, const uint8_t boot[8],
             uint64_t seq)
{
    return sequence_known(series, source, boot, seq);
}

static enum vlt_status
append_part(struct series *series, struct store_txn *txn,
            const struct series_batch *batch, size_t i,
            struct series_stored *out)
{
    struct putting putting = {
        .series = series, .txn = txn, .batch = batch, .out = out
    };
    enum vlt_status st;

    putting.slot = series_slot(series, batch->part[i].stream->id);
    if (putting.slot == NULL) {
        return VLT_E_NOT_FOUND;
    }
    st = check_part(&batch->part[i], putting.slot);
    if (st != VLT_OK) {
        return st;
    }
    series_mark_dirty(series, putting.slot);
    st = sift(&putting, batch->part[i].rows);
    if (st == VLT_OK) {
        st = put_part(&putting);
    }
    vlt_rows_free(putting.rows);
    return st;
}

enum vlt_status
series_append(struct series *series, struct store_txn *txn,
              const struct series_batch *batch, struct series_stored *out)
{
    enum vlt_status st = VLT_OK;

    *out = (struct series_stored){ .duplicate = false };
    if (sequence_known(series, batch->source, batch->boot, batch->seq)) {
        out->duplicate = true;
        return VLT_OK;
    }
    for (size_t i = 0; st == VLT_OK && i < batch->parts; i++) {
        struct slot *slot = series_slot(series, batch->part[i].stream->id);

        st = slot != NULL ? check_part(&batch->part[i], slot) : VLT_E_NOT_FOUND;
    }
    for (size_t i = 0; st == VLT_OK && i < batch->parts; i++) {
        st = append_part(series, txn, batch, i, out);
    }
    if (st == VLT_OK) {
        st =
            sequence_note(series, batch->source, batch->boot, batch->seq, true);
    }
    return st;
}
