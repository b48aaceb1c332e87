#include "series/series.h"

#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "crypto/random.h"
#include "series/series_internal.h"
#include "util/log.h"

enum vlt_status
series_new(struct store *store, struct series **out)
{
    struct series *series = calloc(1, sizeof *series);
    uint8_t seed[MAP_SEED_LEN];
    enum vlt_status st;

    if (series == NULL) {
        return VLT_E_NOMEM;
    }
    series->store = store;
    vlt_random(seed, sizeof seed);
    st = lock_new(&series->lock);
    if (st == VLT_OK) {
        st = map_new(VLT_ID_LEN, seed, &series->by_id);
    }
    if (st == VLT_OK) {
        st = map_new(sizeof(uint32_t), seed, &series->seqs);
    }
    if (st != VLT_OK) {
        series_free(series);
        return st;
    }
    *out = series;
    return VLT_OK;
}

static void
drop_slots(struct series *series)
{
    size_t at = 0;
    void *slot;

    while (map_next(series->by_id, &at, NULL, &slot)) {
        slot_free(slot);
    }
    map_clear(series->by_id);
    series->count = 0;
    series->dirty = NULL;
    series->end = 0;
    series->turn_end = 0;
}

void
series_free(struct series *series)
{
    if (series == NULL) {
        return;
    }
    if (series->by_id != NULL) {
        drop_slots(series);
    }
    if (series->seqs != NULL) {
        sequence_clear(series);
    }
    map_free(series->by_id);
    map_free(series->seqs);
    lock_free(series->lock);
    free(series->by_name);
    free(series->undo);
    free(series);
}

void
series_clear(struct series *series)
{
    lock_take(series->lock);
    drop_slots(series);
    lock_drop(series->lock);
    sequence_clear(series);
}

/* ---- loading ---- */

struct loading {
    struct series *series;
    enum vlt_status st;
};

static bool
load_stream(void *ctx, const uint8_t id[VLT_ID_LEN], struct vlt_slice json)
{
    struct loading *loading = ctx;
    struct slot *slot = calloc(1, sizeof *slot);

    loading->st = slot != NULL ? VLT_OK : VLT_E_NOMEM;
    if (loading->st == VLT_OK) {
        slot->extent.sorted = true;
        loading->st = stream_record_get(id, json, &slot->stream);
    }
    if (loading->st == VLT_OK) {
        loading->st = map_put(loading->series->by_id, id, slot);
    }
    if (loading->st != VLT_OK) {
        slot_free(slot);
        return false;
    }
    loading->st = series_publish(loading->series, slot);
    return loading->st == VLT_OK;
}

/* Take the last row of a record, if it is the stream's last. */
static enum vlt_status
load_last(struct slot *slot, const struct vlt_rows *rows)
{
    size_t count = vlt_rows_count(rows);
    struct vlt_range one = { .from = count - 1, .count = 1 };
    struct vlt_field fields[SERIES_COLUMNS_MAX];
    struct vlt_schema schema;
    enum vlt_status st = VLT_OK;

    if (slot->last != NULL &&
        vlt_rows_times(slot->last)[0] > vlt_rows_times(rows)[count - 1]) {
        return VLT_OK;
    }
    vlt_rows_free(slot->last);
    slot->last = NULL;
    schema_of(slot->stream, fields, &schema);
    st = vlt_rows_new(&schema, &slot->last);
    return st == VLT_OK ? vlt_rows_append(slot->last, rows, one) : st;
}

static uint64_t
samples_of(const struct vlt_rows *rows)
{
    uint64_t samples = 0;

    for (size_t i = 0; i < vlt_rows_columns(rows); i++) {
        samples += vlt_rows_column(rows, i).present;
    }
    return samples;
}

static enum vlt_status
load_rows(struct series *series, struct slot *slot, struct tail_ref ref,
          const struct vlt_rows *rows)
{
    size_t count = vlt_rows_count(rows);
    enum vlt_status st = index_reserve(series, slot, 1);

    ref.first = vlt_rows_times(rows)[0];
    ref.last = vlt_rows_times(rows)[count - 1];
    ref.rows = (uint32_t)count;

    if (st == VLT_OK) {
        index_add(slot, &ref);
        extent_add(&slot->extent, &ref, samples_of(rows));
        slot->committed = slot->refs;
        st = load_last(slot, rows);
    }
    return st;
}

static bool
load_tail(void *ctx, const struct store_tail *tail)
{
    struct loading *loading = ctx;
    struct vlt_reader r = vlt_reader_over(tail->plain);
    struct slot *slot = map_get(loading->series->by_id, tail->stream);
    struct vlt_rows *rows = NULL;
    const char *why = "no such stream";
    uint8_t boot[8];

    uint32_t source = vlt_read_u32(&r);
    uint32_t late = vlt_read_u32(&r);

    vlt_read_bytes(&r, boot, sizeof boot);

    uint64_t seq = vlt_read_u64(&r);
    struct vlt_slice block = vlt_read_rest(&r);

    loading->st = slot != NULL ? vlt_block_decode(block, VLT_BLOCK_DISK, NULL,
                                                  &why, &rows)
                               : VLT_E_FORMAT;
    if (loading->st == VLT_OK) {
        struct tail_ref ref = { .arrival = tail->arrival,
                                .late = late,
                                .source = source };

        loading->st = load_rows(loading->series, slot, ref, rows);
        vlt_rows_free(rows);
    } else {
        log_error("series", "tail %llu: %s", (unsigned long long)tail->arrival,
                  why);
    }
    if (loading->st == VLT_OK) {
        loading->st = sequence_load(loading->series, source, boot, seq);
    }
    return loading->st == VLT_OK;
}

enum vlt_status
series_load(struct series *series, const struct store_view *view)
{
    struct loading loading = { .series = series, .st = VLT_OK };
    enum vlt_status st =
        store_meta_each(view, STORE_META_STREAM, load_stream, &loading);

    if (st == VLT_OK && loading.st == VLT_OK) {
        st = store_tail_each(view, 0, load_tail, &loading);
    }
    if (st == VLT_OK) {
        st = loading.st;
    }
    if (st == VLT_OK) {
        st = store_tail_next(view, &series->turn_end);
    }
    series->end = series->turn_end;
    if (st == VLT_E_FORMAT || st == VLT_E_LIMIT) {
        st = VLT_E_STORAGE; /* sealed, so what we wrote is damaged */
    }
    if (st != VLT_OK) {
        series_clear(series);
    }
    return st;
}

static void
count_slot(const struct slot *slot, struct series_source *out, size_t count)
{
    for (size_t i = 0; i < slot->committed; i++) {
        const struct tail_ref *ref = &slot->ref[i];

        if (ref->source < count) {
            struct series_source *at = &out[ref->source];

            at->last =
                at->rows == 0 || ref->last > at->last ? ref->last : at->last;
            at->rows += ref->rows;
        }
    }
}

void
series_sources(struct series *series, struct series_source *out, size_t count)
{
    memset(out, 0, count * sizeof *out);
    lock_take(series->lock);
    for (size_t i = 0; i < series->count; i++) {
        count_slot(series->by_name[i], out, count);
    }
    lock_drop(series->lock);
}

/* ---- the end of a turn ---- */

void
series_touched(struct series *series, series_touched_fn *fn, void *ctx)
{
    for (struct slot *slot = series->dirty; slot != NULL;
         slot = slot->next_dirty) {
        if (slot->touched) {
            fn(ctx, slot_now(slot)->id, slot->touched_first,
               slot->touched_last);
        }
    }
}

/* Under the lock: what the turn made of a slot is what is found now. */
static void
keep(struct series *series, struct slot *slot)
{
    bool made = slot->stream == NULL;

    if (slot->turn != NULL) {
        stream_release(slot->stream);
        slot->stream = slot->turn;
        slot->turn = NULL;
    }
    if (made && series_publish(series, slot) != VLT_OK) {
        log_error("series", "no memory to list a new stream until restart");
    }
    if (slot->turn_last != NULL) {
        vlt_rows_free(slot->last);
        slot->last = slot->turn_last;
        slot->turn_last = NULL;
    }
    slot->extent = slot->turn_extent;
    slot->committed = slot->refs;
}

static void
forget(struct slot *slot)
{
    stream_release(slot->turn);
    vlt_rows_free(slot->turn_last);
    slot->turn = NULL;
    slot->turn_last = NULL;
    slot->refs = slot->committed;
}

void
series_turn_end(struct series *series, bool committed)
{
    struct slot *slot = series->dirty;

    series->dirty = NULL;
    sequence_turn_end(series, committed);
    lock_take(series->lock);
    if (committed) {
        series->end = series->turn_end;
    } else {
        series->turn_end = series->end;
    }
    while (slot != NULL) {
        struct slot *next = slot->next_dirty;

        if (committed) {
            keep(series, slot);
        } else {
            forget(slot);
        }
        slot->dirty = false;
        slot->touched = false;
        slot->next_dirty = NULL;
        if (slot->stream == NULL) { /* it was never committed */
            (void)map_take(series->by_id, slot->made);
            slot_free(slot);
        }
        slot = next;
    }
    lock_drop(series->lock);
}

enum vlt_status
series_latest(struct series *series, const struct stream *stream,
              struct vlt_rows *out)
{
    enum vlt_status st = VLT_E_NOT_FOUND;

    vlt_rows_clear(out);
    lock_take(series->lock);
    const struct slot *slot = map_get(series->by_id, stream->id);

    if (slot != NULL && slot->last != NULL) {
        st = vlt_rows_pick(out, slot->last, vlt_rows_all(slot->last));
    }
    lock_drop(series->lock);
    return st;
}
