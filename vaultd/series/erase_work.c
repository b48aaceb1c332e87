/*
 * erase_work: what follows when a turn has said which keys go.
 */
#include <stdlib.h>
#include <string.h>

#include "series/series_internal.h"
#include "series/tomb.h"
#include "store/bury.h"
#include "store/compact.h"
#include "util/log.h"

enum { STEP_BITS = 56 };

/* ---- the end of a turn, under the lock ---- */

static void
empty_lane(struct lane *lane)
{
    free(lane->ref);
    lane->ref = NULL;
    lane->refs = 0;
    lane->cap = 0;
    lane->committed = 0;
    lane->open.bytes = 0;
    lane->open.sorted = true;
    lane->damaged = false;
}

static void
lanes_end(struct slot *slot, bool committed)
{
    size_t kept = 0;

    for (size_t i = 0; i < slot->lanes; i++) {
        struct lane *lane = slot->lane[i];

        if (committed && lane->gone) {
            lane_free(lane);
            continue;
        }
        if (committed && lane->replaced) {
            empty_lane(lane);
        }
        lane->gone = false;
        lane->replaced = false;
        slot->lane[kept++] = lane;
    }
    slot->lanes = kept;
}

/* Rows up to a time were told: what comes now, not later than it, is late. */
static void
raise_newest(struct slot *slot, int64_t time)
{
    if (!slot->was_newer || time > slot->newest) {
        slot->newest = time;
    }
    slot->was_newer = true;
}

/* Of a slot of which rows were to be erased. */
static void
end_slot(struct slot *slot, bool erased)
{
    if (!erased || slot->turn_fresh <= slot->fresh) {
        return;
    }
    slot->fresh = slot->turn_fresh;
    raise_newest(slot, slot->turn_newest);
}

/* Put it where its id belongs, the greatest first; under the lock. */
static void
add_tomb(struct series *series, struct tomb *tomb)
{
    struct tomb **at = &series->tombs;

    while (*at != NULL &&
           memcmp((*at)->said.id, tomb->said.id, sizeof tomb->said.id) > 0) {
        at = &(*at)->next;
    }
    tomb->next = *at;
    *at = tomb;
}

static void
take_tomb(struct series *series)
{
    struct tomb *tomb = series->turn_tomb;

    add_tomb(series, tomb);
    series->to_bury = true;
    series->erased_since_copy = true;
    series->progress = (struct erase_progress){ .swept = false };
    if (tomb->arrival > series->close_below) {
        series->close_below = tomb->arrival;
    }
}

static void
states_end(struct series *series, bool committed)
{
    for (struct tomb *tomb = series->tombs; tomb != NULL; tomb = tomb->next) {
        if (committed) {
            tomb->said.state = tomb->turn_state;
        } else {
            tomb->turn_state = tomb->said.state;
        }
    }
}

void
tombs_turn_end(struct series *series, bool committed)
{
    if (series->moving) {
        states_end(series, committed);
        series->moving = false;
    }
    if (committed) {
        series->progress = series->turn_progress;
    }
    if (series->erasing) {
        /* Without a tombstone nothing was erased, whatever was committed. */
        bool erased = committed && series->turn_tomb != NULL;

        for (struct slot *slot = series->dirty; slot != NULL;
             slot = slot->next_dirty) {
            lanes_end(slot, erased);
            slot->erased = slot->erased && erased;
            end_slot(slot, erased);
        }
        if (erased) {
            take_tomb(series);
        } else {
            tomb_free(series->turn_tomb);
        }
        series->turn_tomb = NULL;
        series->erasing = false;
    }
    series->turn_progress = series->progress;
}

/* ---- burying ---- */

static enum vlt_status
bury_one(const struct series *series, struct tomb *tomb)
{
    struct store_burial burial = {
        .dead = tomb->dead.kid,
        .dead_count = tomb->dead.count,
        .live = tomb->live.kid,
        .live_count = tomb->live.count,
    };
    enum vlt_status st = VLT_OK;

    if (!tomb->buried && tomb->said.state != SERIES_ERASE_COMPLETE) {
        st = store_bury(series->store, &burial);
    }
    tomb->buried = tomb->buried || st == VLT_OK;
    return st;
}

enum vlt_status
tombs_bury(struct series *series)
{
    enum vlt_status st = VLT_OK;

    if (!series->to_bury) {
        return VLT_OK;
    }
    for (struct tomb *tomb = series->tombs; st == VLT_OK && tomb != NULL;
         tomb = tomb->next) {
        st = bury_one(series, tomb);
    }
    if (st != VLT_OK) {
        log_error("series", "keys that are to go are still in memory: %s",
                  vlt_status_word(st));
        return st;
    }
    series->to_bury = false;
    recent_undo(series->recent, 0);
    while (series->gone != NULL) {
        struct slot *next = series->gone->next_gone;

        slot_free(series->gone);
        series->gone = next;
    }
    return VLT_OK;
}

void
tombs_clear(struct series *series)
{
    while (series->tombs != NULL) {
        struct tomb *next = series->tombs->next;

        tomb_free(series->tombs);
        series->tombs = next;
    }
    while (series->gone != NULL) {
        struct slot *next = series->gone->next_gone;

        slot_free(series->gone);
        series->gone = next;
    }
    tomb_free(series->turn_tomb);
    series->turn_tomb = NULL;
    series->erasing = false;
    series->to_bury = false;
    series->moving = false;
    series->erased_since_copy = true;
    series->progress = (struct erase_progress){ .swept = false };
    series->turn_progress = series->progress;
    series->close_below = 0;
}

/* ---- loading ---- */

struct loading {
    struct series *series;
    enum vlt_status st;
};

static bool
load_tomb(void *ctx, const uint8_t id[VLT_ID_LEN], struct vlt_slice json)
{
    struct loading *loading = ctx;
    struct series *series = loading->series;
    struct tomb *tomb = NULL;

    loading->st = tomb_parse(id, json, &tomb);
    if (loading->st != VLT_OK) {
        return false;
    }
    tomb->turn_state = tomb->said.state;
    lock_take(series->lock);
    add_tomb(series, tomb);
    series->to_bury = true;
    lock_drop(series->lock);
    if (tomb->said.state != SERIES_ERASE_COMPLETE &&
        tomb->arrival > series->close_below) {
        series->close_below = tomb->arrival;
    }
    return true;
}

enum vlt_status
series_load_tombs(struct series *series)
{
    struct loading loading = { .series = series, .st = VLT_OK };
    struct store_read *read = NULL;
    enum vlt_status st = store_read_loading(series->store, &read);

    if (st != VLT_OK) {
        return st;
    }
    st = store_meta_each(store_read_view(read), STORE_META_TOMBSTONE, load_tomb,
                         &loading);
    store_read_end(read);
    if (st == VLT_OK) {
        st = loading.st;
    }
    if (st == VLT_OK) {
        st = tombs_bury(series);
    }
    if (st == VLT_E_FORMAT || st == VLT_E_LIMIT) {
        st = VLT_E_STORAGE; /* sealed, so what we wrote is damaged */
    }
    if (st != VLT_OK) {
        series_clear(series);
    }
    return st;
}

void
tombs_raise_newest(struct series *series)
{
    lock_take(series->lock);
    for (const struct tomb *tomb = series->tombs; tomb != NULL;
         tomb = tomb->next) {
        struct slot *slot = tomb->newest_went
                                ? map_get(series->by_id, tomb->said.stream)
                                : NULL;

        if (slot != NULL) {
            raise_newest(slot, tomb->newest);
        }
    }
    lock_drop(series->lock);
}

/* ---- step by step ---- */

enum series_erase_step
series_erase_next(const struct series *series)
{
    enum series_erase_step behind = SERIES_ERASE_SWEEP;
    enum series_erase_step step = SERIES_ERASE_NOTHING;

    lock_take(series->lock);
    if (series->progress.swept) {
        behind = SERIES_ERASE_COMPACT;
    }
    for (const struct tomb *tomb = series->tombs;
         tomb != NULL && step != SERIES_ERASE_KEYS; tomb = tomb->next) {
        if (tomb->said.state == SERIES_ERASE_PENDING) {
            step = SERIES_ERASE_KEYS;
        } else if (tomb->said.state == SERIES_ERASE_DESTROYED) {
            step = behind;
        }
    }
    lock_drop(series->lock);
    return step;
}

uint64_t
series_erase_mark(struct series *series)
{
    lock_take(series->lock);
    uint64_t mark = series->first + series->progress.sweep.no +
                    ((uint64_t)series->progress.sweep.step << STEP_BITS);

    lock_drop(series->lock);
    return mark;
}

enum vlt_status
series_erase_keys(struct series *series, struct vlt_buf *why)
{
    enum vlt_status st = tombs_bury(series);

    return st == VLT_OK ? store_renew(series->store, why) : st;
}

/* Move all tombstones of one state into the next. */
static enum vlt_status
move_on(struct series *series, struct store_txn *txn,
        enum series_erase_state from, series_erased_fn *fn, void *ctx)
{
    enum vlt_status st = VLT_OK;

    for (struct tomb *tomb = series->tombs; st == VLT_OK && tomb != NULL;
         tomb = tomb->next) {
        struct tomb as = *tomb;

        if (tomb->said.state != from) {
            continue;
        }
        as.said.state = (enum series_erase_state)(from + 1);
        if (as.said.state == SERIES_ERASE_COMPLETE) {
            as.dead.count = 0; /* nothing has these names any more */
            as.live.count = 0;
        }
        st = tomb_put(txn, &as);
        series->moving = true;
        if (st == VLT_OK) {
            tomb->turn_state = as.said.state;
            st = fn(ctx, &as.said);
        }
    }
    return st;
}

enum vlt_status
series_erase_note(struct series *series, struct store_txn *txn,
                  series_erased_fn *fn, void *ctx)
{
    return move_on(series, txn, SERIES_ERASE_PENDING, fn, ctx);
}

enum vlt_status
series_erase_complete(struct series *series, struct store_txn *txn,
                      series_erased_fn *fn, void *ctx)
{
    return move_on(series, txn, SERIES_ERASE_DESTROYED, fn, ctx);
}

enum vlt_status
series_erase_sweep(struct series *series, struct store_txn *txn)
{
    struct erase_progress *progress = &series->turn_progress;
    uint64_t first;
    enum vlt_status st = store_tail_first(store_txn_view(txn), &first);

    /* Tails go with their segments, which packing drops before long. */
    if (st != VLT_OK || first < series->close_below || progress->swept) {
        return st;
    }
    return store_sweep(txn, &progress->sweep, &progress->swept);
}

static enum vlt_status
compact_conflict(struct vlt_buf *why)
{
    if (why != NULL) {
        vlt_buf_put_text(why, "compacting was given up: something was erased "
                              "meanwhile");
    }
    return VLT_E_CONFLICT;
}

enum vlt_status
series_erase_compact(struct series *series, const struct atomic *cancelled,
                     struct vlt_buf *why, struct store_compaction **out)
{
    const struct store_compact_wish wish = { .cancelled = cancelled };

    /* An erase may have come since this was asked for. */
    if (series_erase_next(series) != SERIES_ERASE_COMPACT) {
        return compact_conflict(why);
    }
    series->erased_since_copy = false;
    return store_compact_begin(series->store, &wish, why, out);
}

enum vlt_status
series_erase_compacted(struct series *series, struct store_compaction *c,
                       struct vlt_buf *why, bool *more)
{
    enum vlt_status st;

    *more = false;
    if (series->erased_since_copy) {
        return compact_conflict(why);
    }
    st = store_compact_finish(c, why, more);
    if (st == VLT_OK && !*more) {
        store_unbury(series->store);
    }
    return st;
}

/* ---- asking ---- */

/* A tombstone has no name, so only a stream that is still there gives one. */
static const char *
name_of(const struct series *series, const struct series_erased *erased)
{
    const struct slot *slot =
        erased->by_age ? NULL : map_get(series->by_id, erased->stream);

    return slot != NULL && slot->stream != NULL ? slot->stream->name : NULL;
}

void
series_erasures(struct series *series, series_erasures_fn *fn, void *ctx)
{
    bool go_on = true;

    lock_take(series->lock);
    for (const struct tomb *tomb = series->tombs; go_on && tomb != NULL;
         tomb = tomb->next) {
        go_on = fn(ctx, &tomb->said, name_of(series, &tomb->said));
    }
    lock_drop(series->lock);
}

bool
series_erased_since(struct series *series, const uint8_t id[VLT_ID_LEN],
                    uint64_t commit)
{
    lock_take(series->lock);
    const struct slot *slot = map_get(series->by_id, id);
    bool since = slot == NULL || slot->stream == NULL || slot->fresh >= commit;

    lock_drop(series->lock);
    return since;
}
