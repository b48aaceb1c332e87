/*
 * pack_beside: lanes are given to the thread that makes chunks, and what it
 * made is put.
 *
 * A job is of a lane as it was.  Where its record says the same still, all that
 * may have come meanwhile are tails behind those of the job; nothing of what is
 * made says anything of them.  Where it does not, what was made is dropped, and
 * the rows, which are in the tails as they were, are packed anew.
 */
#include <stdlib.h>
#include <string.h>

#include "series/beside.h"
#include "series/pack_internal.h"

enum {
    GIVE = 2, /* chunks' worth of a lane's open rows that are given at once, */
    FEW = 64, /* where they lie in no more tails, those before them in their
                 segment counted: others are read one by one */
    LAG = 6,  /* no more are waited for */
};

_Static_assert((int)BESIDE_COLUMNS == (int)SERIES_COLUMNS_MAX,
               "columns of a job");

/* ---- giving ---- */

static enum vlt_status
copy_tail(const struct series *series, const struct tail_ref *ref,
          struct beside_job *job)
{
    const struct lane_done *done = &job->packed.done;
    struct beside_tail *tail = &job->tail[job->tails];
    struct vlt_slice block;

    if (!recent_find(series->recent, ref->arrival, &block)) {
        return VLT_E_NOT_FOUND;
    }
    *tail = (struct beside_tail){
        .at = job->blocks.len,
        .len = block.len,
        .after = ref->arrival < done->a ? done->t : INT64_MIN,
    };
    vlt_buf_put(&job->blocks, block.at, block.len);
    job->tails++;
    return vlt_buf_status(&job->blocks);
}

/* VLT_E_NOT_FOUND: one is not in memory any more. */
static enum vlt_status
copy_tails(const struct series *series, const struct lane *lane,
           struct beside_job *job)
{
    size_t at = lane_seek(lane, job->packed.done.a0);
    enum vlt_status st = VLT_OK;

    job->tail = calloc(lane->refs - at + 1, sizeof *job->tail);
    if (job->tail == NULL) {
        return VLT_E_NOMEM;
    }
    for (; st == VLT_OK && at < lane->refs; at++) {
        const struct tail_ref *ref = &lane->ref[at];

        if (!lane_holds(&job->packed.done, ref->arrival, ref->last)) {
            st = copy_tail(series, ref, job);
        }
    }
    return st;
}

/* NULL: it is to be packed in the turn. */
static struct beside_job *
job_of(const struct series *series, const struct lane *lane)
{
    const struct open_rows *open = &lane->turn_open;
    struct lane_packed packed = { .done = open->done,
                                  .rows = open->packed,
                                  .last = open->packed_last };
    struct pack_wanted wanted = pack_look(lane, &packed, series->turn_end);
    struct beside_job *job;

    if (!wanted.whole || !wanted.behind) {
        return NULL;
    }
    job = beside_job_new();
    if (job == NULL) {
        return NULL;
    }
    memcpy(job->stream, lane->slot->made, sizeof job->stream);
    job->epoch = lane->epoch;
    schema_of(slot_now(lane->slot), job->field, &job->schema);
    job->packed = packed;
    job->end = wanted.end;
    job->bytes = open->bytes;
    job->rows = wanted.rows;
    if (copy_tails(series, lane, job) != VLT_OK) {
        beside_job_free(job);
        return NULL;
    }
    return job;
}

/* Is it better to wait for more?  A record of the lane, a head and a roll-up
 * are written each time.  No more rows than can be held are waited for. */
static bool
waits(const struct lane *lane)
{
    const struct open_rows *open = &lane->turn_open;
    size_t at = lane_seek(lane, open->done.a0);
    size_t rows = 0;

    if (open->bytes >= GIVE * lane->try_at || lane->refs - at > FEW) {
        return false;
    }
    for (; at < lane->refs; at++) {
        rows += lane->ref[at].rows;
    }
    return rows < PACK_ROWS / GIVE;
}

/* Of few bytes there may be much text, so that it is decoded in one place. */
static bool
has_texts(const struct lane *lane)
{
    const struct stream *stream = slot_now(lane->slot);
    bool texts = false;

    for (size_t i = 0; i < stream->columns; i++) {
        texts = texts || stream->column[i].type == VLT_TYPE_TEXT ||
                stream->column[i].type == VLT_TYPE_JSON;
    }
    return texts;
}

bool
pack_give(struct packer *packer, struct lane *lane)
{
    struct series *series = packer->series;
    struct beside_job *job;

    if (series->beside == NULL || lane->in_turn || has_texts(lane) ||
        lane->turn_open.bytes >= LAG * lane->try_at) {
        return false;
    }
    if (waits(lane) ||
        beside_has(series->beside, lane->slot->made, lane->epoch) ||
        !beside_has_room(series->beside)) {
        return true;
    }
    job = job_of(series, lane);
    if (job != NULL) {
        beside_give(series->beside, job);
    }
    return job != NULL;
}

/* ---- putting ---- */

/* Is the lane as it was, but for tails that came? */
static bool
stands(const struct lane_work *work, const struct beside_job *job)
{
    const struct lane_packed *was = &job->packed;
    struct lane_packed is = lane_packed_of(&work->record);
    bool same = is.done.a0 == was->done.a0 && is.done.a == was->done.a &&
                is.done.t == was->done.t && is.rows == was->rows &&
                is.last == was->last && work->schema.count == job->schema.count;

    for (size_t i = 0; same && i < job->schema.count; i++) {
        same = work->schema.fields[i].id == job->field[i].id &&
               work->schema.fields[i].type == job->field[i].type;
    }
    return same;
}

/* What was made of a lane that is as it was. */
static enum vlt_status
put_chunks(struct lane_work *work, const struct beside_job *job)
{
    const struct pack_filled filled = { .chunks = job->cuts,
                                        .rest = job->rest };
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < job->cuts; i++) {
        st = chunk_put(work, &job->cut[i]);
    }
    if (st == VLT_OK && job->cuts > 0) {
        work->record.done.a = job->end;
        work->record.done.t = job->cut[job->cuts - 1].entry.last;
        st = tidy_lane(work);
    }
    if (st == VLT_OK && job->cuts > 0) {
        st = work_end(work);
    }
    /* Of a job that was cut short nobody knows how many its bytes make. */
    if (st == VLT_OK && !job->more) {
        pack_expect(work->lane, job->bytes, &filled);
    }
    return st;
}

static enum vlt_status
put_job(struct packer *packer, struct lane *lane, const struct beside_job *job)
{
    struct lane_work work;
    enum vlt_status st =
        work_begin(packer->series, packer->txn, lane, &packer->left, &work);

    if (st == VLT_OK && stands(&work, job)) {
        st = put_chunks(&work, job);
    }
    work_free(&work);
    return pack_note_damage(packer, lane, st);
}

/* Takes it. */
static enum vlt_status
put_and_free(struct packer *packer, struct beside_job *job)
{
    const struct slot *slot = series_slot_here(packer->series, job->stream);
    struct lane *lane = slot != NULL ? lane_find(slot, job->epoch) : NULL;
    enum vlt_status st = VLT_OK;

    if (lane != NULL && !lane->damaged && job->st == VLT_OK) {
        st = put_job(packer, lane, job);
    } else if (lane != NULL) {
        lane->in_turn = true;
    }
    beside_job_free(job);
    return st;
}

enum vlt_status
pack_put_made(struct packer *packer)
{
    struct beside *beside = packer->series->beside;
    struct beside_job *job = NULL;
    enum vlt_status st = VLT_OK;

    do {
        job = beside != NULL && packer->left >= BESIDE_CHUNKS
                  ? beside_take(beside)
                  : NULL;
        if (job != NULL) {
            st = put_and_free(packer, job);
        }
    } while (st == VLT_OK && job != NULL);
    return st;
}

enum vlt_status
pack_call_back(struct packer *packer, struct lane *lane)
{
    struct beside *beside = packer->series->beside;
    struct beside_job *job = NULL;

    if (beside != NULL) {
        job = beside_call_back(beside, lane->slot->made, lane->epoch);
    }
    return job != NULL ? put_and_free(packer, job) : VLT_OK;
}
