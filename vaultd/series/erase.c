/*
 * erase: a turn says which keys go.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"
#include "series/pack_internal.h"
#include "series/tomb.h"
#include "store/bury.h"
#include "util/log.h"

struct erasing {
    struct series *series;
    struct store_txn *txn;
    struct tomb *tomb;
};

/* ---- the keys of one stream ---- */

struct stream_keys {
    const struct series_erased *wish;
    struct store_lane_key *key; /* owned */
    size_t count, cap;
    enum vlt_status st;
};

/* Nothing of the epoch is outside the range. */
static bool
within(const struct series_erased *wish, int32_t epoch)
{
    return wish->whole || (wish->from <= epoch_begin(epoch) &&
                           epoch_begin(epoch + 1) <= wish->to);
}

static bool
touches(const struct series_erased *wish, int32_t epoch)
{
    return wish->whole || (wish->from < epoch_begin(epoch + 1) &&
                           epoch_begin(epoch) < wish->to);
}

static bool
note_key(void *ctx, const struct store_lane_key *key)
{
    struct stream_keys *keys = ctx;

    /* Staged ones are left of what was undone: they go with all else. */
    if (memcmp(key->stream, keys->wish->stream, VLT_ID_LEN) != 0 ||
        !touches(keys->wish, key->epoch) ||
        (!key->live && !keys->wish->whole)) {
        return true;
    }
    if (keys->count == keys->cap) {
        size_t cap = keys->cap == 0 ? 32 : 2 * keys->cap;
        struct store_lane_key *more = realloc(keys->key, cap * sizeof *more);

        if (more == NULL) {
            keys->st = VLT_E_NOMEM;
            return false;
        }
        keys->key = more;
        keys->cap = cap;
    }
    keys->key[keys->count++] = *key;
    return true;
}

/* ---- one lane ---- */

/* Its key goes, and all its rows. */
static enum vlt_status
drop_lane(struct erasing *erasing, struct lane *lane)
{
    struct slot *slot = lane->slot;
    uint64_t rows = 0;
    enum vlt_status st = trim_count(erasing->series, erasing->txn, lane, &rows);

    if (st == VLT_OK) {
        st = pack_sources(erasing->series, erasing->txn, lane);
    }
    if (st != VLT_OK) {
        return st;
    }
    lane->gone = true;
    erasing->tomb->said.rows += rows;
    slot->turn_extent.rows -= rows;
    return VLT_OK;
}

/* Its key goes; the rows outside the range stay under another. */
static enum vlt_status
replace_lane(struct erasing *erasing, struct lane *lane)
{
    struct trimmed done = { .rows = 0 };
    enum vlt_status st = trim_lane(erasing->series, erasing->txn, lane,
                                   &erasing->tomb->said, &done);

    if (st == VLT_OK) {
        st = pack_sources(erasing->series, erasing->txn, lane);
    }
    if (st == VLT_OK) {
        st = tomb_add_kid(&erasing->tomb->live, done.kid);
    }
    if (st != VLT_OK) {
        return st;
    }
    lane->replaced = true;
    erasing->tomb->said.rows += done.rows;
    lane->slot->turn_extent.rows -= done.rows;
    return VLT_OK;
}

/* Has a lane that the range cuts records with rows in it? */
static enum vlt_status
look_for_rows(const struct erasing *erasing, const struct lane *lane, bool *any)
{
    const struct series_erased *wish = &erasing->tomb->said;
    struct plan_range range = { .from = epoch_begin(lane->epoch),
                                .to = epoch_begin(lane->epoch + 1),
                                .turn = true };
    struct plan plan = { .count = 0 };
    enum vlt_status st;

    range.from = wish->from > range.from ? wish->from : range.from;
    range.to = wish->to < range.to ? wish->to : range.to;
    st = plan_make(erasing->series, store_txn_view(erasing->txn), lane->slot,
                   &range, &plan);
    *any = plan.count > 0;
    plan_free(&plan);
    return st;
}

static enum vlt_status
erase_key(struct erasing *erasing, const struct slot *slot,
          const struct store_lane_key *key)
{
    struct lane *lane = key->live ? lane_find(slot, key->epoch) : NULL;
    bool whole = within(&erasing->tomb->said, key->epoch);
    bool any = whole;
    enum vlt_status st = VLT_OK;

    if (!whole && lane != NULL) {
        st = look_for_rows(erasing, lane, &any);
    }
    if (st != VLT_OK || !any) {
        return st; /* no row of it is in the range */
    }
    if (lane != NULL) {
        st = whole ? drop_lane(erasing, lane) : replace_lane(erasing, lane);
    }
    return st == VLT_OK ? tomb_add_kid(&erasing->tomb->dead, key->kid) : st;
}

/* ---- what is left of a stream ---- */

/* The times of a lane's rows, as far as its record and its tails tell: both
 * name only rows that are there.  kid: of the staged key under which its new
 * record is, which is not in force yet; all its rows are in that. */
static enum vlt_status
extend(const struct erasing *erasing, const struct lane *lane,
       const uint8_t *kid, struct extent *extent)
{
    struct store_lane where = { .epoch = lane->epoch, .staged = kid != NULL };
    struct lane_record record;
    enum vlt_status st;

    memcpy(where.stream, lane->slot->made, sizeof where.stream);
    if (kid != NULL) {
        memcpy(where.kid, kid, sizeof where.kid);
    }
    st = lane_read(store_txn_view(erasing->txn), &where, &record);
    if (st == VLT_OK && record.rows > 0) {
        extent_add(extent, 0, record.first, record.last);
        extent->rows = 1;
    }
    for (size_t i = lane_seek(lane, record.done.a0);
         st == VLT_OK && kid == NULL && i < lane->refs; i++) {
        extent_add(extent, 0, lane->ref[i].first, lane->ref[i].last);
        extent->rows = 1;
    }
    lane_record_free(&record);
    return st;
}

static enum vlt_status
measure(const struct erasing *erasing, struct slot *slot)
{
    struct extent left = { .rows = 0 };
    size_t replaced = 0;
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < slot->lanes; i++) {
        const struct lane *lane = slot->lane[i];

        const uint8_t *kid = NULL;

        if (lane->replaced) {
            kid = erasing->tomb->live.kid + replaced++ * STORE_KID_LEN;
        }
        if (!lane->gone) {
            st = extend(erasing, lane, kid, &left);
        }
    }
    if (left.rows > 0) {
        slot->turn_extent.first = left.first;
        slot->turn_extent.last = left.last;
    }
    return st;
}

static void
note_newest(const struct erasing *erasing, const struct slot *slot)
{
    const struct extent *left = &slot->turn_extent;

    if (erasing->tomb->said.rows > 0 &&
        (left->rows == 0 || left->last < slot->turn_newest)) {
        tomb_set_newest(erasing->tomb, slot->turn_newest);
    }
}

/* ---- the tombstone ---- */

/* What was erased before is gone from memory, or nothing is erased now. */
static enum vlt_status
begin(struct series *series)
{
    if (series->turn_tomb != NULL) {
        return VLT_E_BUSY;
    }
    series->erasing = true;
    return tombs_bury(series);
}

static struct tomb *
begin_tomb(const struct series *series, const struct series_erased *wish)
{
    struct tomb *tomb = calloc(1, sizeof *tomb);

    if (tomb != NULL) {
        tomb->said = *wish;
        tomb->said.rows = 0;
        tomb->said.state = SERIES_ERASE_PENDING;
        tomb->arrival = series->turn_end;
        vlt_ulid_new(wish->at, tomb->said.id);
    }
    return tomb;
}

enum vlt_status
tomb_put(struct store_txn *txn, const struct tomb *tomb)
{
    struct vlt_buf json;
    enum vlt_status st;

    vlt_buf_init(&json, STORE_META_MAX);
    tomb_print(tomb, &json);
    st = vlt_buf_status(&json);
    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_TOMBSTONE, tomb->said.id, NULL,
                            vlt_buf_slice(&json));
    }
    vlt_buf_free(&json);
    return st;
}

/* The turn has it: it takes the tombstone, or frees it. */
static enum vlt_status
keep_tomb(struct erasing *erasing, enum vlt_status st,
          struct series_erased *out)
{
    if (st == VLT_OK) {
        st = tomb_put(erasing->txn, erasing->tomb);
    }
    if (st != VLT_OK) {
        tomb_free(erasing->tomb);
        return st;
    }
    *out = erasing->tomb->said;
    erasing->series->turn_tomb = erasing->tomb;
    return VLT_OK;
}

/* ---- a stream, or rows of it ---- */

static int
by_epoch(const void *a, const void *b)
{
    const struct store_lane_key *x = a;
    const struct store_lane_key *y = b;

    return x->epoch < y->epoch ? -1 : x->epoch > y->epoch;
}

static enum vlt_status
erase_keys_of(struct erasing *erasing, struct slot *slot)
{
    struct stream_keys keys = { .wish = &erasing->tomb->said };
    enum vlt_status st;

    store_lane_keys(erasing->series->store, note_key, &keys);
    st = keys.st;
    if (keys.count > 1) { /* as lanes stand, which measure() relies on */
        qsort(keys.key, keys.count, sizeof *keys.key, by_epoch);
    }
    for (size_t i = 0; st == VLT_OK && i < keys.count; i++) {
        st = erase_key(erasing, slot, &keys.key[i]);
    }
    free(keys.key);
    return st;
}

enum vlt_status
series_erase(struct series *series, struct store_txn *txn,
             const struct series_erased *wish, struct series_erased *out)
{
    struct erasing erasing = { .series = series, .txn = txn };
    struct slot *slot = series_slot(series, wish->stream);
    enum vlt_status st;

    if (slot == NULL || slot->stream == NULL) {
        return VLT_E_NOT_FOUND;
    }
    st = begin(series);
    if (st != VLT_OK) {
        return st;
    }
    erasing.tomb = begin_tomb(series, wish);
    if (erasing.tomb == NULL) {
        return VLT_E_NOMEM;
    }
    series_mark_dirty(series, slot);
    slot->turn_newest = slot->turn_extent.last;
    st = erase_keys_of(&erasing, slot);
    if (st == VLT_OK && wish->whole) {
        st = store_meta_delete(txn, STORE_META_STREAM, slot->made);
        slot->erased = true;
    } else if (st == VLT_OK) {
        st = measure(&erasing, slot);
        note_newest(&erasing, slot);
    }
    slot->turn_fresh = store_txn_number(txn);
    return keep_tomb(&erasing, st, out);
}

/* ---- what is kept long enough ---- */

struct old_key {
    struct slot *slot;
    struct store_lane_key key;
};

struct old_keys {
    struct series *series;
    int64_t now;
    struct old_key *key; /* owned */
    size_t count;
};

static bool
note_old(void *ctx, const struct store_lane_key *key)
{
    struct old_keys *old = ctx;
    struct slot *slot = series_slot(old->series, key->stream);

    if (!key->live || slot == NULL || slot->stream == NULL ||
        slot->stream->keep == INT64_MAX ||
        epoch_begin(key->epoch + 1) > old->now - slot->stream->keep) {
        return true;
    }
    old->key[old->count].slot = slot;
    old->key[old->count++].key = *key;
    return old->count < SERIES_EXPIRE_LANES;
}

static enum vlt_status
expire_key(struct erasing *erasing, const struct old_key *old)
{
    struct slot *slot = old->slot;
    struct lane *lane = lane_find(slot, old->key.epoch);
    enum vlt_status st = VLT_OK;

    series_mark_dirty(erasing->series, slot);
    slot->turn_newest = slot->extent.last;
    if (lane != NULL) {
        st = drop_lane(erasing, lane);
    }
    slot->turn_fresh = store_txn_number(erasing->txn);
    return st == VLT_OK ? tomb_add_kid(&erasing->tomb->dead, old->key.kid) : st;
}

static enum vlt_status
expire_all(struct erasing *erasing, const struct old_keys *old)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < old->count; i++) {
        st = expire_key(erasing, &old->key[i]);
    }
    for (size_t i = 0; st == VLT_OK && i < old->count; i++) {
        st = measure(erasing, old->key[i].slot);
    }
    return st;
}

enum vlt_status
series_expire(struct series *series, struct store_txn *txn,
              const struct series_erased *wish, struct series_erased *out,
              bool *any)
{
    struct erasing erasing = { .series = series, .txn = txn };
    struct old_keys old = { .series = series, .now = wish->at };
    enum vlt_status st = VLT_OK;

    *any = false;
    st = begin(series);
    if (st != VLT_OK) {
        return st;
    }
    old.key = calloc(SERIES_EXPIRE_LANES, sizeof *old.key);
    if (old.key == NULL) {
        return VLT_E_NOMEM;
    }
    store_lane_keys(series->store, note_old, &old);
    if (old.count == 0) {
        goto done;
    }
    erasing.tomb = begin_tomb(series, wish);
    if (erasing.tomb == NULL) {
        st = VLT_E_NOMEM;
        goto done;
    }
    erasing.tomb->said.by_age = true;
    st = expire_all(&erasing, &old);
    st = keep_tomb(&erasing, st, out);
    *any = st == VLT_OK;

done:
    free(old.key);
    return st;
}
