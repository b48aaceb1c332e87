/*
 * chunk: chunks that were cut are put into the store.
 */
#include "series/pack_internal.h"

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
put_full(struct lane_work *work, const struct cut *cut,
         const struct chunk_entry *entry)
{
    enum vlt_status st = rolls_add(work, &cut->hours);

    return st == VLT_OK ? heads_add(work, entry, cut->stat) : st;
}

enum vlt_status
chunk_put(struct lane_work *work, const struct cut *cut)
{
    struct chunk_entry entry = cut->entry;
    enum vlt_status st = store_piece_put(work->txn, STORE_CHUNK, &work->where,
                                         vlt_buf_slice(&cut->block), &entry.no);

    if (st == VLT_OK) {
        st = cut->full ? put_full(work, cut, &entry)
                       : lane_add_short(&work->record, &entry);
    }
    if (st != VLT_OK) {
        return st;
    }
    count_in(&work->record, &entry);
    *work->left -= *work->left > 0;
    return VLT_OK;
}

enum vlt_status
chunk_emit(struct lane_work *work, const struct chunk_rows *rows,
           struct vlt_range range, struct chunk_how how, size_t *done)
{
    struct cutting cutting = { .rows = rows, .range = range, .how = how };
    struct cut cut;
    bool any = true;
    enum vlt_status st = VLT_OK;

    cut_init(&cut);
    while (st == VLT_OK && any) {
        st = cutting_next(&cutting, &cut, &any);
        if (st == VLT_OK && any) {
            st = chunk_put(work, &cut);
        }
    }
    cut_free(&cut);
    *done = cutting.done;
    work->rest = cutting.rest;
    return st;
}
