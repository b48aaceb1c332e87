/*
 * pack_turn: what a turn packs beside its own work.
 *
 * A lane that fills a chunk is packed in the turn that fills it, or its chunks
 * are made beside and put in a later one.  When the open segment of tails is
 * large, the next is opened; the rows of the closed one are packed lane by
 * lane, as many in a turn as it may, and then it is dropped.
 */
#include <stdlib.h>

#include "series/pack_internal.h"
#include "util/log.h"

enum {
    SEGMENT_SHARE = 16 /* of the file, at which a segment is closed */
};

#define EPOCH_REST (48 * VLT_HOUR) /* until an epoch that ended is merged */

/* ---- one lane ---- */

enum vlt_status
pack_note_damage(const struct packer *packer, struct lane *lane,
                 enum vlt_status st)
{
    if (st == VLT_E_LIMIT && !store_txn_failed(packer->txn)) {
        lane->damaged = true;
        log_error("series",
                  "a stream is packed no more, since it has too many "
                  "rows for %d days",
                  (int)(EPOCH / VLT_DAY));
    } else if (st == VLT_E_STORAGE && !store_txn_failed(packer->txn)) {
        lane->damaged = true;
        log_error("series", "a stream is packed no more, since a record of it "
                            "does not open: run check");
    }
    return st;
}

static enum vlt_status
fill_lane(struct packer *packer, struct lane *lane)
{
    struct lane_work work;
    enum vlt_status st = pack_call_back(packer, lane);

    if (st != VLT_OK || lane->turn_open.bytes < lane->try_at) {
        return st;
    }
    st = work_begin(packer->series, packer->txn, lane, &packer->left, &work);
    if (st == VLT_OK) {
        st = pack_full(&work);
    }
    if (st == VLT_OK) {
        st = tidy_lane(&work);
    }
    if (st == VLT_OK) {
        st = work_end(&work);
    }
    lane->in_turn = false;
    work_free(&work);
    return pack_note_damage(packer, lane, st);
}

static bool
epoch_over(const struct packer *packer, const struct lane *lane)
{
    return store_txn_now(packer->txn) >=
           epoch_begin(lane->epoch + 1) + EPOCH_REST;
}

static enum vlt_status
empty_lane(struct packer *packer, struct lane *lane, uint64_t end)
{
    struct lane_work work;
    bool whole = false;
    enum vlt_status st = pack_call_back(packer, lane);

    if (st != VLT_OK) {
        return st;
    }
    st = work_begin(packer->series, packer->txn, lane, &packer->left, &work);
    while (st == VLT_OK && !whole && packer->left > 0) {
        st = pack_before(&work, end, &whole);
    }
    if (st == VLT_OK && whole) {
        st = epoch_over(packer, lane) ? tidy_epoch(&work) : tidy_lane(&work);
    }
    if (st == VLT_OK) {
        st = work_end(&work);
    }
    work_free(&work);
    return pack_note_damage(packer, lane, st);
}

/* ---- lanes that are full ---- */

static enum vlt_status
fill_lanes(struct packer *packer)
{
    enum vlt_status st = VLT_OK;

    for (struct lane *lane = packer->series->dirty_lanes;
         st == VLT_OK && lane != NULL && packer->left > 0;
         lane = lane->next_dirty) {
        if (lane->turn_open.bytes >= lane->try_at && !lane->damaged &&
            !pack_give(packer, lane)) {
            st = fill_lane(packer, lane);
        }
    }
    return st;
}

/* ---- segments ---- */

/* Has the lane rows that arrived before end, and are in no chunk? */
static bool
is_open_before(const struct lane *lane, uint64_t end)
{
    const struct open_rows *open = lane->dirty ? &lane->turn_open : &lane->open;
    size_t at = lane_seek(lane, open->done.a0);

    return at < lane->refs && lane->ref[at].arrival < end;
}

/* Empty lanes of a segment.  *whole: all of them are. */
static enum vlt_status
empty_lanes(struct packer *packer, uint64_t end, bool *whole)
{
    const struct series *series = packer->series;
    bool damaged = false;

    *whole = false;
    for (size_t i = 0; i < series->count; i++) {
        const struct slot *slot = series->by_name[i];

        for (size_t j = 0; j < slot->lanes; j++) {
            enum vlt_status st = VLT_OK;

            if (!is_open_before(slot->lane[j], end)) {
                continue;
            }
            if (slot->lane[j]->damaged) {
                damaged = true; /* its tails are kept, with all beside them */
                continue;
            }
            if (packer->left == 0) {
                return VLT_OK;
            }
            st = empty_lane(packer, slot->lane[j], end);
            if (st != VLT_OK || is_open_before(slot->lane[j], end)) {
                return st;
            }
        }
    }
    *whole = !damaged;
    return VLT_OK;
}

/* ---- the sources of a segment's rows ---- */

struct counted {
    uint32_t source;
    struct series_source rows;
};

struct counting {
    struct counted *list; /* owned */
    size_t count, cap;
};

static enum vlt_status
count_ref(struct counting *counting, const struct tail_ref *ref)
{
    struct counted *at = NULL;

    for (size_t i = 0; at == NULL && i < counting->count; i++) {
        if (counting->list[i].source == ref->source) {
            at = &counting->list[i];
        }
    }
    if (at == NULL && counting->count == counting->cap) {
        size_t cap = counting->cap == 0 ? 16 : 2 * counting->cap;
        struct counted *more = realloc(counting->list, cap * sizeof *more);

        if (more == NULL) {
            return VLT_E_NOMEM;
        }
        counting->list = more;
        counting->cap = cap;
    }
    if (at == NULL) {
        at = &counting->list[counting->count++];
        *at = (struct counted){ .source = ref->source };
    }
    if (at->rows.rows == 0 || ref->last > at->rows.last) {
        at->rows.last = ref->last;
    }
    at->rows.rows += ref->rows;
    return VLT_OK;
}

static enum vlt_status
count_lane(struct counting *counting, const struct lane *lane, uint64_t from,
           uint64_t to)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = lane_seek(lane, from);
         st == VLT_OK && i < lane->refs && lane->ref[i].arrival < to; i++) {
        st = count_ref(counting, &lane->ref[i]);
    }
    return st;
}

static enum vlt_status
persist_counted(struct series *series, struct store_txn *txn,
                const struct counting *counting)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < counting->count; i++) {
        st = sequence_persist(series, txn, counting->list[i].source,
                              &counting->list[i].rows);
    }
    return st;
}

enum vlt_status
pack_sources(struct series *series, struct store_txn *txn,
             const struct lane *lane)
{
    struct counting counting = { .count = 0 };
    enum vlt_status st = count_lane(&counting, lane, series->first, UINT64_MAX);

    if (st == VLT_OK) {
        st = persist_counted(series, txn, &counting);
    }
    free(counting.list);
    return st;
}

static enum vlt_status
persist_sources(struct packer *packer, const struct store_segment *segment)
{
    const struct series *series = packer->series;
    struct counting counting = { .count = 0 };
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < series->count; i++) {
        const struct slot *slot = series->by_name[i];

        for (size_t j = 0; st == VLT_OK && j < slot->lanes; j++) {
            st = count_lane(&counting, slot->lane[j], segment->first,
                            segment->end);
        }
    }
    if (st == VLT_OK) {
        st = persist_counted(packer->series, packer->txn, &counting);
    }
    free(counting.list);
    return st;
}

static enum vlt_status
drop_segment(struct packer *packer, const struct store_segment *segment)
{
    enum vlt_status st = persist_sources(packer, segment);

    if (st == VLT_OK) {
        st = store_segment_drop(packer->txn, segment->number);
    }
    if (st == VLT_OK) {
        packer->series->turn_first = segment->end;
    }
    return st;
}

static enum vlt_status
close_if_large(struct packer *packer, const struct store_segment *open)
{
    const struct pack_limits *limits = &packer->series->limits;
    uint64_t most = store_file_bytes(packer->view) / SEGMENT_SHARE;
    enum vlt_status st;

    if (most < limits->least) {
        most = limits->least;
    }
    if (most > limits->most) {
        most = limits->most;
    }
    if (open->end == open->first ||
        (open->bytes < most && open->end - open->first < limits->records &&
         open->first >= packer->series->close_below)) {
        return VLT_OK;
    }
    st = store_segment_close(packer->txn);
    /* Without a free slot it grows until one is. */
    return st == VLT_E_BUSY ? VLT_OK : st;
}

static enum vlt_status
segments(struct packer *packer)
{
    struct store_segment segment[STORE_SEGMENTS];
    size_t count = 0;
    bool whole = false;
    enum vlt_status st = store_segments(packer->view, segment, &count);

    if (st != VLT_OK || count == 0) {
        return st;
    }
    st = close_if_large(packer, &segment[count - 1]);
    if (st == VLT_OK && !segment[0].open && packer->left > 0) {
        st = empty_lanes(packer, segment[0].end, &whole);
    }
    return st == VLT_OK && whole ? drop_segment(packer, &segment[0]) : st;
}

enum vlt_status
series_pack(struct series *series, struct store_txn *txn)
{
    struct packer packer = {
        .series = series,
        .txn = txn,
        .view = store_txn_view(txn),
        .left = PACK_TURN,
    };
    enum vlt_status st;

    if (series->turn_tomb != NULL ||
        (series->dirty_lanes == NULL &&
         series->turn_first >= series->close_below)) {
        return VLT_OK; /* nothing was appended, or keys go in this turn */
    }
    st = pack_put_made(&packer);
    if (st == VLT_OK) {
        st = fill_lanes(&packer);
    }
    return st == VLT_OK ? segments(&packer) : st;
}
