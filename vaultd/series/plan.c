/*
 * plan: which records have rows of a range.
 *
 * What is in force of a lane is read from its record in the view, so chunks and
 * tails agree with each other in every view.  Memory only says where tails lie,
 * and may know more of them than the view needs.
 */
#include <stdlib.h>
#include <string.h>

#include "series/series_internal.h"
#include "series/summary_record.h"
#include "util/log.h"

/* A lane's references, copied while nobody moves them. */
struct lane_refs {
    int32_t epoch;
    size_t begin, end; /* of planning.refs */
};

struct planning {
    const struct store_view *view;
    const struct plan_range *range;
    struct plan *plan;
    const uint8_t *stream;
    struct tail_ref *refs; /* owned */
    size_t count, cap;
    struct lane_refs *lanes; /* owned */
    size_t lane_count;
};

void
plan_free(struct plan *plan)
{
    free(plan->piece);
    free(plan->roll);
    *plan = (struct plan){ .end = 0 };
}

/* A list with room for so many more; NULL: no memory, and it is as it was. */
static void *
room_for(void *list, size_t count, size_t more, size_t *cap, size_t size)
{
    size_t need = count + more;
    size_t twice = *cap == 0 ? 64 : 2 * *cap;

    if (need <= *cap) {
        return list;
    }
    twice = twice > need ? twice : need;
    list = realloc(list, twice * size);
    if (list != NULL) {
        *cap = twice;
    }
    return list;
}

/* ---- what memory knows ---- */

/* Which of a reference's times. */
enum side { SIDE_FIRST, SIDE_LAST };

/* Where references are in order: of how many of them this time is before
 * `time`. */
static size_t
seek(const struct lane *lane, size_t count, enum side side, int64_t time)
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct tail_ref *ref = &lane->ref[middle];

        if ((side == SIDE_FIRST ? ref->first : ref->last) < time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Room for so many references, made at once: a lane may have thousands. */
static enum vlt_status
room_for_refs(struct planning *planning, size_t more)
{
    void *list = room_for(planning->refs, planning->count, more, &planning->cap,
                          sizeof *planning->refs);

    if (list == NULL) {
        return VLT_E_NOMEM;
    }
    planning->refs = list;
    return VLT_OK;
}

static enum vlt_status
copy_lane(struct planning *planning, const struct lane *lane)
{
    const struct plan_range *range = planning->range;
    bool turn = range->turn && lane->dirty;
    size_t refs = turn ? lane->refs : lane->committed;
    bool sorted = turn ? lane->turn_open.sorted : lane->open.sorted;
    size_t at = sorted ? seek(lane, refs, SIDE_LAST, range->from) : 0;
    size_t end = sorted ? seek(lane, refs, SIDE_FIRST, range->to) : refs;
    struct lane_refs *mine = &planning->lanes[planning->lane_count++];

    mine->epoch = lane->epoch;
    mine->begin = planning->count;
    mine->end = planning->count;
    if (at >= end) {
        return VLT_OK;
    }
    if (room_for_refs(planning, end - at) != VLT_OK) {
        return VLT_E_NOMEM;
    }
    for (; at < end; at++) {
        const struct tail_ref *ref = &lane->ref[at];

        if (ref->last >= range->from && ref->first < range->to &&
            ref->arrival < planning->plan->end) {
            planning->refs[planning->count++] = *ref;
        }
    }
    mine->end = planning->count;
    return VLT_OK;
}

/* Under the lock. */
static enum vlt_status
copy_slot(struct planning *planning, const struct slot *slot)
{
    enum vlt_status st = VLT_OK;

    planning->lanes = calloc(slot->lanes + 1, sizeof *planning->lanes);
    if (planning->lanes == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; st == VLT_OK && i < slot->lanes; i++) {
        const struct lane *lane = slot->lane[i];

        if (epoch_begin(lane->epoch) < planning->range->to &&
            epoch_begin(lane->epoch + 1) > planning->range->from) {
            st = copy_lane(planning, lane);
        }
    }
    return st;
}

/* ---- what the view knows ---- */

static enum vlt_status
add_piece(struct plan *plan, const struct piece *piece)
{
    void *list =
        room_for(plan->piece, plan->count, 1, &plan->cap, sizeof *plan->piece);

    if (list == NULL) {
        return VLT_E_NOMEM;
    }
    plan->piece = list;
    plan->piece[plan->count++] = *piece;
    return VLT_OK;
}

static enum vlt_status
add_chunk(struct planning *planning, const struct chunk_entry *entry)
{
    struct piece piece = {
        .marked = entry->marked,
        .rolled = entry->rolled,
        .no = entry->no,
        .arrival = entry->arrival,
        .first = entry->first,
        .last = entry->last,
        .after = INT64_MIN,
        .rows = entry->rows,
    };

    if (entry->last < planning->range->from ||
        entry->first >= planning->range->to) {
        return VLT_OK;
    }
    return add_piece(planning->plan, &piece);
}

static bool
reaches(const struct plan_range *range, const struct head_ref *ref)
{
    return ref->last >= range->from && ref->first < range->to;
}

static enum vlt_status
add_head(struct planning *planning, const struct head_ref *ref)
{
    struct head_record head;
    struct vlt_buf room;
    enum vlt_status st;

    if (!reaches(planning->range, ref)) {
        return VLT_OK;
    }
    vlt_buf_init(&room, 0);
    st = store_piece_get(planning->view, STORE_HEAD, ref->no, &room, NULL);
    if (st == VLT_OK) {
        st = head_record_decode(vlt_buf_slice(&room), NULL, &head);
        if (st != VLT_OK) {
            goto done;
        }
        for (size_t i = 0; st == VLT_OK && i < head.count; i++) {
            st = add_chunk(planning, &head.entry[i]);
        }
        head_record_free(&head);
    }

done:
    vlt_buf_free(&room);
    return st;
}

static enum vlt_status
add_roll(struct planning *planning, const struct roll_ref *roll)
{
    struct plan *plan = planning->plan;
    void *list;

    if ((roll->day + 1) * VLT_DAY <= planning->range->from ||
        roll->day * VLT_DAY >= planning->range->to) {
        return VLT_OK;
    }
    list = room_for(plan->roll, plan->rolls, 1, &plan->roll_cap,
                    sizeof *plan->roll);
    if (list == NULL) {
        return VLT_E_NOMEM;
    }
    plan->roll = list;
    plan->roll[plan->rolls++] = *roll;
    return VLT_OK;
}

static enum vlt_status
add_tail(struct planning *planning, const struct tail_ref *ref,
         const struct lane_done *done)
{
    struct piece piece = {
        .tail = true,
        .no = ref->arrival,
        .first = ref->first,
        .last = ref->last,
        .after = ref->arrival < done->a ? done->t : INT64_MIN,
        .rows = ref->rows,
    };

    if (lane_holds(done, ref->arrival, ref->last)) {
        return VLT_OK;
    }
    return add_piece(planning->plan, &piece);
}

static int
head_by_last_down(const void *a, const void *b)
{
    const struct head_ref *x = a;
    const struct head_ref *y = b;

    return x->last > y->last ? -1 : x->last < y->last;
}

/* Are there enough rows before whatever this head has?  Those of other epochs
 * are; of this lane's pieces, from `begin` on, some may not be. */
static bool
enough_before(const struct planning *planning, const struct head_ref *head,
              size_t begin, size_t rows)
{
    const struct plan_range *range = planning->range;
    const struct plan *plan = planning->plan;

    for (size_t i = begin; i < plan->count && rows < range->enough; i++) {
        const struct piece *piece = &plan->piece[i];

        if (range->down ? piece->first > head->last
                        : piece->last < head->first) {
            rows += piece_rows(piece);
        }
    }
    return rows >= range->enough;
}

/*
 * What the heads of a lane name, those first whose rows come first: each is
 * opened whole, and long streams have many.  Once there are enough rows before
 * whatever the next one has, the others can wait.  rows: of the epochs before.
 */
static enum vlt_status
add_heads(struct planning *planning, struct lane_record *record, size_t begin,
          size_t rows)
{
    const struct plan_range *range = planning->range;
    bool some = range->enough > 0 && !range->whole;
    enum vlt_status st = VLT_OK;

    /* Upwards they are in order: a record has them by their first times. */
    if (some && range->down && record->heads > 1) {
        qsort(record->head, record->heads, sizeof *record->head,
              head_by_last_down);
    }
    for (size_t i = 0; st == VLT_OK && i < record->heads; i++) {
        const struct head_ref *head = &record->head[i];

        if (some && reaches(range, head) &&
            enough_before(planning, head, begin, rows)) {
            planning->plan->cut = true;
            planning->plan->edge = range->down ? head->last + 1 : head->first;
            return VLT_OK;
        }
        st = add_head(planning, head);
    }
    return st;
}

/* rows: of the epochs before. */
static enum vlt_status
plan_lane(struct planning *planning, const struct lane_refs *mine, size_t rows)
{
    size_t begin = planning->plan->count;
    struct store_lane where = { .epoch = mine->epoch };
    struct lane_record record;
    enum vlt_status st;

    memcpy(where.stream, planning->stream, sizeof where.stream);
    st = lane_read(planning->view, &where, &record);
    for (size_t i = 0; st == VLT_OK && i < record.shorts; i++) {
        st = add_chunk(planning, &record.entry[i]);
    }
    for (size_t i = 0; st == VLT_OK && i < record.rolls; i++) {
        st = add_roll(planning, &record.roll[i]);
    }
    for (size_t i = mine->begin; st == VLT_OK && i < mine->end; i++) {
        st = add_tail(planning, &planning->refs[i], &record.done);
    }
    if (st == VLT_OK) {
        st = add_heads(planning, &record, begin, rows);
    }
    lane_record_free(&record);
    return st;
}

/* Rows that the records of the pieces from `at` on have, about. */
static size_t
rows_from(const struct plan *plan, size_t at)
{
    size_t rows = 0;

    for (; at < plan->count; at++) {
        rows += piece_rows(&plan->piece[at]);
    }
    return rows;
}

/* Epochs part time, so once there are enough rows of some, those behind them
 * can wait. */
static enum vlt_status
plan_lanes(struct planning *planning)
{
    const struct plan_range *range = planning->range;
    struct plan *plan = planning->plan;
    size_t rows = 0;
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < planning->lane_count; i++) {
        const struct lane_refs *lane =
            &planning->lanes[range->down ? planning->lane_count - 1 - i : i];
        size_t before = plan->count;

        if (range->enough > 0 && rows >= range->enough) {
            plan->cut = true;
            plan->edge = range->down ? epoch_begin(lane->epoch + 1)
                                     : epoch_begin(lane->epoch);
            return VLT_OK;
        }
        st = plan_lane(planning, lane, rows);
        if (plan->cut) {
            return st;
        }
        rows += rows_from(plan, before);
    }
    return st;
}

/* ---- both ---- */

static int
by_order(const void *a, const void *b)
{
    return piece_order(a, b);
}

static enum vlt_status
copy_all(struct series *series, struct planning *planning,
         const struct slot *slot, uint64_t oldest)
{
    const struct plan_range *range = planning->range;
    struct plan *plan = planning->plan;
    enum vlt_status st = VLT_OK;

    lock_take(series->lock);
    if (!range->turn && series->end < plan->end) {
        plan->end = series->end;
    }
    if (range->below != 0 && range->below < plan->end) {
        plan->end = range->below;
    }
    if (oldest < series->kept ||
        (slot != NULL && store_view_number(planning->view) < slot->fresh)) {
        st = VLT_E_BUSY;
    } else if (slot != NULL) {
        st = copy_slot(planning, slot);
    }
    lock_drop(series->lock);
    return st;
}

enum vlt_status
plan_make(struct series *series, const struct store_view *view,
          struct slot *slot, const struct plan_range *range, struct plan *out)
{
    struct plan plan = { .end = 0 };
    struct planning planning = { .view = view, .range = range, .plan = &plan };
    uint64_t oldest = 0;
    enum vlt_status st = store_tail_next(view, &plan.end);

    if (st == VLT_OK) {
        st = store_tail_first(view, &oldest);
    }
    if (slot != NULL) {
        planning.stream = slot->made;
    }
    if (st == VLT_OK) {
        st = copy_all(series, &planning, slot, oldest);
    }
    if (st == VLT_OK) {
        st = plan_lanes(&planning);
    }
    free(planning.refs);
    free(planning.lanes);
    if (st != VLT_OK) {
        plan_free(&plan);
        if (st == VLT_E_FORMAT || st == VLT_E_LIMIT || st == VLT_E_NOT_FOUND) {
            log_error("series", "a lane's records contradict themselves");
            return VLT_E_STORAGE;
        }
        return st;
    }
    if (plan.count > 1) {
        qsort(plan.piece, plan.count, sizeof *plan.piece, by_order);
    }
    *out = plan;
    return VLT_OK;
}

enum vlt_status
series_end(struct series *series, const struct store_view *view, uint64_t *out)
{
    uint64_t end;
    enum vlt_status st = store_tail_next(view, &end);

    if (st != VLT_OK) {
        return st;
    }
    lock_take(series->lock);
    *out = series->end < end ? series->end : end;
    lock_drop(series->lock);
    return VLT_OK;
}
