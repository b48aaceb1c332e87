/*
 * Lanes of a stream: where its rows lie in tails.
 */
#include <stdlib.h>
#include <string.h>

#include "series/series_internal.h"

#define KEYS_AHEAD (36 * VLT_HOUR) /* of their epoch; more than a day */

struct lane *
lane_find(const struct slot *slot, int32_t epoch)
{
    for (size_t i = 0; i < slot->lanes; i++) {
        if (slot->lane[i]->epoch == epoch) {
            return slot->lane[i];
        }
    }
    return NULL;
}

void
lane_free(struct lane *lane)
{
    if (lane != NULL) {
        free(lane->ref);
        free(lane);
    }
}

/* Where an epoch is, or belongs. */
static size_t
place_of(const struct slot *slot, int32_t epoch)
{
    size_t low = 0;
    size_t high = slot->lanes;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (slot->lane[middle]->epoch < epoch) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct lane *
new_lane(struct slot *slot, int32_t epoch)
{
    struct lane *lane = calloc(1, sizeof *lane);

    if (lane != NULL) {
        lane->epoch = epoch;
        lane->slot = slot;
        lane->try_at = 2 * (uint64_t)STORE_CHUNK_FULL;
        lane->open.sorted = true;
        lane->turn_open.sorted = true;
    }
    return lane;
}

enum vlt_status
lane_make(struct series *series, struct slot *slot, int32_t epoch,
          struct lane **out)
{
    size_t at = place_of(slot, epoch);
    struct lane **more;
    struct lane *lane;

    if (at < slot->lanes && slot->lane[at]->epoch == epoch) {
        *out = slot->lane[at];
        return VLT_OK;
    }
    lane = new_lane(slot, epoch);
    if (lane == NULL) {
        return VLT_E_NOMEM;
    }
    lock_take(series->lock);
    more = realloc(slot->lane, (slot->lanes + 1) * sizeof *more);
    if (more != NULL) {
        slot->lane = more;
        memmove(&more[at + 1], &more[at], (slot->lanes - at) * sizeof *more);
        more[at] = lane;
        slot->lanes++;
    }
    lock_drop(series->lock);
    if (more == NULL) {
        lane_free(lane);
        return VLT_E_NOMEM;
    }
    *out = lane;
    return VLT_OK;
}

enum vlt_status
lane_reserve(struct series *series, struct lane *lane, size_t more)
{
    size_t cap = lane->cap == 0 ? 4 : lane->cap;
    struct tail_ref *grown;

    if (lane->cap - lane->refs >= more) {
        return VLT_OK;
    }
    while (cap - lane->refs < more) {
        cap *= 2;
    }
    lock_take(series->lock);
    grown = realloc(lane->ref, cap * sizeof *grown);
    if (grown != NULL) {
        lane->ref = grown;
        lane->cap = cap;
    }
    lock_drop(series->lock);
    return grown != NULL ? VLT_OK : VLT_E_NOMEM;
}

/* Put one behind the others. */
static void
put(struct lane *lane, struct open_rows *open, const struct tail_ref *ref)
{
    open->sorted =
        open->sorted && (lane->refs == 0 || ref->first >= open->last);
    open->last = ref->last;
    lane->ref[lane->refs++] = *ref;
}

void
lane_add(struct lane *lane, const struct tail_ref *ref)
{
    put(lane, &lane->turn_open, ref);
    lane->turn_open.bytes += ref->bytes;
}

void
lane_load(struct lane *lane, const struct tail_ref *ref)
{
    put(lane, &lane->open, ref);
    lane->committed = lane->refs;
}

void
lane_mark_dirty(struct series *series, struct lane *lane)
{
    if (!lane->dirty) {
        lane->dirty = true;
        lane->turn_open = lane->open;
        lane->next_dirty = series->dirty_lanes;
        series->dirty_lanes = lane;
    }
}

size_t
lane_seek(const struct lane *lane, uint64_t arrival)
{
    size_t low = 0;
    size_t high = lane->refs;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (lane->ref[middle].arrival < arrival) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void
lane_forget_before(struct lane *lane, uint64_t kept)
{
    size_t gone = lane_seek(lane, kept);

    if (gone == 0) {
        return;
    }
    lane->refs -= gone;
    lane->committed -= gone;
    memmove(lane->ref, &lane->ref[gone], lane->refs * sizeof *lane->ref);
    if (lane->refs == 0) {
        free(lane->ref);
        lane->ref = NULL;
        lane->cap = 0;
        lane->open.sorted = true;
    }
}

void
lanes_turn_end(struct series *series, bool committed)
{
    struct lane *lane = series->dirty_lanes;

    series->dirty_lanes = NULL;
    while (lane != NULL) {
        struct lane *next = lane->next_dirty;

        if (committed) {
            lane->committed = lane->refs;
            lane->open = lane->turn_open;
        } else {
            lane->refs = lane->committed;
        }
        lane->dirty = false;
        lane->next_dirty = NULL;
        lane = next;
    }
}

enum vlt_status
lane_read(const struct store_view *view, const struct store_lane *where,
          struct lane_record *out)
{
    struct vlt_buf room;
    enum vlt_status st;

    *out = (struct lane_record){ .rows = 0 };
    vlt_buf_init(&room, 0);
    st = store_lane_get(view, where, &room);
    if (st == VLT_OK) {
        st = lane_record_decode(vlt_buf_slice(&room), out);
        if (st == VLT_E_FORMAT || st == VLT_E_LIMIT) {
            st = VLT_E_STORAGE; /* sealed, so what we wrote is damaged */
        }
    } else if (st == VLT_E_NOT_FOUND) {
        st = VLT_OK;
    }
    vlt_buf_free(&room);
    return st;
}

enum vlt_status
series_keys_ahead(struct series *series, struct store_txn *txn, int64_t now)
{
    struct store_key_about about = { .type = STORE_KEY_LANE,
                                     .epoch = epoch_of(now) + 1 };
    uint8_t kid[STORE_KID_LEN];
    enum vlt_status st = VLT_OK;

    if (epoch_begin(about.epoch) - now > KEYS_AHEAD) {
        return VLT_OK;
    }
    for (size_t i = 0; st == VLT_OK && i < series->count; i++) {
        const struct slot *slot = series->by_name[i];
        const struct lane *last =
            slot->lanes > 0 ? slot->lane[slot->lanes - 1] : NULL;

        if (last != NULL && last->epoch == about.epoch - 1) {
            memcpy(about.subject, slot->made, sizeof about.subject);
            st = store_txn_key(txn, &about, kid);
        }
    }
    return st;
}

void
extent_add(struct extent *extent, uint64_t rows, int64_t first, int64_t last)
{
    if (extent->rows == 0 || first < extent->first) {
        extent->first = first;
    }
    if (extent->rows == 0 || last > extent->last) {
        extent->last = last;
    }
    extent->rows += rows;
}

void
schema_of(const struct stream *stream,
          struct vlt_field fields[SERIES_COLUMNS_MAX], struct vlt_schema *out)
{
    for (size_t i = 0; i < stream->columns; i++) {
        fields[i].id = stream->column[i].id;
        fields[i].type = (enum vlt_type)stream->column[i].type;
    }
    out->fields = fields;
    out->count = stream->columns;
}
