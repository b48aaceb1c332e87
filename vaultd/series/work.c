/*
 * A lane under the hands of the commit thread, within one transaction.
 */
#include <string.h>

#include "series/pack_internal.h"

static void
take_schema(struct lane_work *work, const struct stream *stream)
{
    schema_of(stream, work->fields, &work->schema);
    work->marking = work->schema;
    work->fields[work->marking.count].id = VLT_COLUMN_ARRIVAL;
    work->fields[work->marking.count++].type = VLT_TYPE_I64;
}

enum vlt_status
work_look(const struct store_view *view, const struct stream *stream,
          int32_t epoch, struct lane_work *out)
{
    *out = (struct lane_work){ .view = view, .where = { .epoch = epoch } };
    memcpy(out->where.stream, stream->id, sizeof out->where.stream);
    take_schema(out, stream);
    return lane_read(out->view, &out->where, &out->record);
}

enum vlt_status
work_begin(struct series *series, struct store_txn *txn, struct lane *lane,
           size_t *left, struct lane_work *out)
{
    *out = (struct lane_work){
        .series = series,
        .txn = txn,
        .view = store_txn_view(txn),
        .lane = lane,
        .where = { .epoch = lane->epoch },
        .left = left,
    };
    memcpy(out->where.stream, lane->slot->made, sizeof out->where.stream);
    take_schema(out, slot_now(lane->slot));
    lane_mark_dirty(series, lane);
    return lane_read(out->view, &out->where, &out->record);
}

/* What of the lane is not in chunks, by the bytes of its tails. */
static void
count_open(struct lane_work *work)
{
    struct lane *lane = work->lane;
    const struct lane_done *done = &work->record.done;
    struct open_rows *open = &lane->turn_open;

    open->bytes = 0;
    open->done = *done;
    open->packed = work->record.rows;
    open->packed_last = work->record.last;
    for (size_t i = lane_seek(lane, done->a0); i < lane->refs; i++) {
        const struct tail_ref *ref = &lane->ref[i];

        if (!lane_holds(done, ref->arrival, ref->last)) {
            open->bytes += ref->bytes;
        }
    }
}

enum vlt_status
work_end(struct lane_work *work)
{
    struct vlt_buf plain;
    enum vlt_status st;

    vlt_buf_init(&plain, STORE_LANE_MAX);
    st = lane_record_encode(&work->record, &plain);
    if (st == VLT_OK) {
        st = store_lane_put(work->txn, &work->where, vlt_buf_slice(&plain));
    }
    vlt_buf_free(&plain);
    if (st == VLT_OK) {
        count_open(work);
    }
    return st;
}

void
work_free(struct lane_work *work)
{
    lane_record_free(&work->record);
}

enum vlt_status
work_open(const struct lane_work *work, uint64_t no, struct vlt_rows **out)
{
    struct piece piece = { .no = no, .after = INT64_MIN };
    struct vlt_rows *rows = NULL;
    struct vlt_rows *all = NULL;
    enum vlt_status st = piece_open(work->view, &piece, UINT64_MAX, &rows);

    if (st == VLT_OK) {
        st = vlt_rows_new(&work->marking, &all);
    }
    if (st == VLT_OK) {
        st = vlt_rows_append(all, rows, vlt_rows_all(rows));
    }
    vlt_rows_free(rows);
    if (st != VLT_OK) {
        vlt_rows_free(all);
        return st;
    }
    size_t column = vlt_rows_columns(all) - 1;

    for (size_t i = 0; i < vlt_rows_count(all); i++) {
        if (!vlt_rows_has(all, i, column)) {
            vlt_rows_set_at(all, i, column, 0);
        }
    }
    *out = all;
    return VLT_OK;
}
