#include "series/series.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "crypto/random.h"
#include "series/beside.h"
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
    series->limits = (struct pack_limits){ .least = 8 << 20,
                                           .most = 16 << 20,
                                           .records = STORE_SEGMENT_RECORDS };
    vlt_random(seed, sizeof seed);
    series->recent = recent_new();
    st = series->recent != NULL ? lock_new(&series->lock) : VLT_E_NOMEM;
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
    series->dirty_lanes = NULL;
    series->end = 0;
    series->turn_end = 0;
    series->kept = 0;
    series->first = 0;
    series->turn_first = 0;
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
    tombs_clear(series);
    if (series->seqs != NULL) {
        sequence_clear(series);
    }
    map_free(series->by_id);
    map_free(series->seqs);
    lock_free(series->lock);
    recent_free(series->recent);
    beside_free(series->beside);
    free(series->by_name);
    free(series->undo);
    free(series);
}

void
series_clear(struct series *series)
{
    lock_take(series->lock);
    drop_slots(series);
    tombs_clear(series);
    sequence_clear(series);
    lock_drop(series->lock);
    recent_undo(series->recent, 0);
    beside_drop(series->beside);
}

enum vlt_status
series_pack_beside(struct series *series)
{
    return series->beside == NULL ? beside_new(true, &series->beside) : VLT_OK;
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
        memcpy(slot->made, id, sizeof slot->made);
        loading->st = stream_record_get(id, json, &slot->stream);
    }
    /* The vault's status may be asked for meanwhile. */
    lock_take(loading->series->lock);
    if (loading->st == VLT_OK) {
        loading->st = map_put(loading->series->by_id, id, slot);
    }
    if (loading->st != VLT_OK) {
        slot_free(slot);
    } else {
        loading->st = series_publish(loading->series, slot);
    }
    lock_drop(loading->series->lock);
    return loading->st == VLT_OK;
}

static bool
load_lane(void *ctx, const struct store_lane *where, struct vlt_slice plain)
{
    struct loading *loading = ctx;
    struct slot *slot = map_get(loading->series->by_id, where->stream);
    struct lane_record record = { .rows = 0 };
    struct lane *lane = NULL;

    loading->st =
        slot != NULL ? lane_record_decode(plain, &record) : VLT_E_FORMAT;
    if (loading->st == VLT_OK) {
        loading->st = lane_make(loading->series, slot, where->epoch, &lane);
    }
    if (loading->st == VLT_OK) {
        lock_take(loading->series->lock);
        lane->open.done = record.done;
        lane->open.packed = record.rows;
        lane->open.packed_last = record.last;
        if (record.rows > 0) {
            extent_add(&slot->extent, record.rows, record.first, record.last);
        }
        lock_drop(loading->series->lock);
    } else {
        log_error("series", "a lane's record is not readable");
    }
    lane_record_free(&record);
    return loading->st == VLT_OK;
}

/* The rows of a tail that are not in a chunk. */
static void
count_open(struct lane *lane, const struct tail_ref *ref,
           const struct vlt_rows *rows)
{
    const int64_t *times = vlt_rows_times(rows);
    size_t count = vlt_rows_count(rows);
    size_t from = 0;

    if (lane_holds(&lane->open.done, ref->arrival, ref->last)) {
        return;
    }
    if (ref->arrival < lane->open.done.a) {
        from = vlt_rows_seek(rows, lane->open.done.t + 1);
    }
    extent_add(&lane->slot->extent, count - from, times[from], ref->last);
    lane->open.bytes += ref->bytes * (count - from) / count;
}

static enum vlt_status
load_rows(struct series *series, struct lane *lane, struct tail_ref ref,
          const struct vlt_rows *rows)
{
    size_t count = vlt_rows_count(rows);
    enum vlt_status st = lane_reserve(series, lane, 1);

    ref.first = vlt_rows_times(rows)[0];
    ref.last = vlt_rows_times(rows)[count - 1];
    ref.rows = (uint32_t)count;
    if (st == VLT_OK) {
        lock_take(series->lock);
        lane_load(lane, &ref);
        count_open(lane, &ref, rows);
        lock_drop(series->lock);
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
                                .source = source,
                                .bytes = (uint32_t)block.len };
        struct lane *lane = NULL;

        loading->st = lane_make(loading->series, slot, tail->epoch, &lane);
        if (loading->st == VLT_OK) {
            loading->st = load_rows(loading->series, lane, ref, rows);
        }
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

static bool
load_dedup(void *ctx, uint32_t source, struct vlt_slice plain)
{
    struct loading *loading = ctx;

    loading->st = sequence_load_record(loading->series, source, plain);
    return loading->st == VLT_OK;
}

static enum vlt_status
load_all(struct loading *loading, const struct store_view *view)
{
    enum vlt_status st =
        store_meta_each(view, STORE_META_STREAM, load_stream, loading);

    if (st == VLT_OK && loading->st == VLT_OK) {
        st = store_dedup_each(view, load_dedup, loading);
    }
    if (st == VLT_OK && loading->st == VLT_OK) {
        st = store_lane_each(view, load_lane, loading);
    }
    if (st == VLT_OK && loading->st == VLT_OK) {
        st = store_tail_each(view, 0, load_tail, loading);
    }
    return st == VLT_OK ? loading->st : st;
}

static enum vlt_status
load_ends(struct series *series, const struct store_view *view)
{
    struct store_segment segment[STORE_SEGMENTS];
    size_t count;
    enum vlt_status st = store_tail_next(view, &series->turn_end);

    if (st == VLT_OK) {
        st = store_segments(view, segment, &count);
    }
    if (st == VLT_OK) {
        series->end = series->turn_end;
        series->first = count > 0 ? segment[0].first : series->end;
        series->turn_first = series->first;
        series->kept = series->first;
    }
    return st;
}

enum vlt_status
series_load(struct series *series, const struct store_view *view)
{
    struct loading loading = { .series = series, .st = VLT_OK };
    enum vlt_status st = load_all(&loading, view);

    if (st == VLT_OK) {
        st = load_ends(series, view);
    }
    if (st == VLT_OK) {
        tombs_raise_newest(series);
    }
    if (st == VLT_E_FORMAT || st == VLT_E_LIMIT) {
        st = VLT_E_STORAGE; /* sealed, so what we wrote is damaged */
    }
    if (st != VLT_OK) {
        series_clear(series);
    }
    return st;
}

static void
count_row(struct series_source *at, uint64_t rows, int64_t last)
{
    at->last = at->rows == 0 || last > at->last ? last : at->last;
    at->rows += rows;
}

static void
count_lane(const struct series *series, const struct lane *lane,
           struct series_source *out, size_t count)
{
    for (size_t i = lane_seek(lane, series->first); i < lane->committed; i++) {
        const struct tail_ref *ref = &lane->ref[i];

        if (ref->source < count) {
            count_row(&out[ref->source], ref->rows, ref->last);
        }
    }
}

void
series_sources(struct series *series, struct series_source *out, size_t count)
{
    memset(out, 0, count * sizeof *out);
    lock_take(series->lock);
    sequence_count(series, out, count);
    for (size_t i = 0; i < series->count; i++) {
        const struct slot *slot = series->by_name[i];

        for (size_t j = 0; j < slot->lanes; j++) {
            count_lane(series, slot->lane[j], out, count);
        }
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
    if (made) {
        enum vlt_status st = series_publish(series, slot);

        assert(st == VLT_OK); /* add_slot() has made the room */
        (void)st;
    }
    slot->extent = slot->turn_extent;
}

static void
forget(struct slot *slot)
{
    stream_release(slot->turn);
    slot->turn = NULL;
}

/* All of it was erased.  A reader may have it in hand until the gate has been
 * closed. */
static void
withdraw(struct series *series, struct slot *slot)
{
    series_withdraw(series, slot);
    (void)map_take(series->by_id, slot->made);
    slot->next_gone = series->gone;
    series->gone = slot;
}

static void
slots_turn_end(struct series *series, bool committed)
{
    struct slot *slot = series->dirty;

    series->dirty = NULL;
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
        } else if (slot->erased && committed) {
            withdraw(series, slot);
        } else {
            slot->erased = false;
        }
        slot = next;
    }
}

/* A segment is gone: its references are spare from now on, and those that were
 * spare before are forgotten. */
static void
first_moves(struct series *series)
{
    series->kept = series->first;
    series->first = series->turn_first;
    for (size_t i = 0; i < series->count; i++) {
        const struct slot *slot = series->by_name[i];

        for (size_t j = 0; j < slot->lanes; j++) {
            lane_forget_before(slot->lane[j], series->kept);
        }
    }
}

void
series_turn_end(struct series *series, bool committed)
{
    /* What is made beside is of tails that are gone, or whose arrivals others
     * will have. */
    if (!committed || series->turn_tomb != NULL) {
        beside_drop(series->beside);
    }
    lock_take(series->lock);
    sequence_turn_end(series, committed);
    if (committed) {
        series->end = series->turn_end;
    } else {
        series->turn_end = series->end;
        series->turn_first = series->first;
        recent_undo(series->recent, series->end);
    }
    lanes_turn_end(series, committed);
    tombs_turn_end(series, committed);
    slots_turn_end(series, committed);
    if (series->turn_first != series->first) {
        first_moves(series);
    }
    lock_drop(series->lock);
    recent_forget_before(series->recent, series->first);
    if (tombs_bury(series) != VLT_OK) {
        return; /* it was said; it is tried again before the next append */
    }
}
