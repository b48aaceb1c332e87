/*
 * source.replay: what lies in a source's quarantine is read again (WIRE.md,
 * 6.2).
 *
 * A worker reads the parts as they came, by what is kept beside each: its form,
 * the precision of its times, and when it came.  One turn appends what is good
 * now; rows that are there are equal, and are not stored twice.  In the same
 * turn those parts that stay are put behind all others, and a second turn
 * erases the stretch in which they all lay, if nothing else lies there by then.
 * So a part leaves when its rows are durable, and what is cut short between the
 * two turns is released once more into rows that are equal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "service/erase.h"
#include "service/intake.h"
#include "service/replay_internal.h"
#include "service/source_internal.h"
#include "json/json_write.h"

enum {
    FEW = 32, /* where these find no room */
    INBOX_AGAIN_MS = 1000,
    CURSOR_MAX = 64,
};

void
source_replay_clear(void *state)
{
    struct replay *replay = state;

    if (replay != NULL) {
        pour_free(replay->pour);
        stream_release(replay->stream);
        vlt_rows_free(replay->rows);
        free(replay->stays);
        free(replay);
    }
}

/* A cursor: the time and the count of a series_at, and the end of the pass. */
static bool
read_place(struct vlt_slice text, struct replay *replay)
{
    int64_t part[3];

    for (size_t i = 0; i < 3; i++) {
        size_t len = 0;

        while (len < text.len && text.at[len] != '.') {
            len++;
        }
        if ((len == text.len) != (i == 2) ||
            vlt_int_parse(vlt_slice_of(text.at, len), &part[i]) != VLT_OK) {
            return false;
        }
        if (i < 2) {
            text = vlt_slice_of(text.at + len + 1, text.len - len - 1);
        }
    }
    replay->from = (struct series_at){ part[0], (uint32_t)part[1] };
    replay->until = part[2];
    return part[1] >= 0 && part[1] <= UINT32_MAX && part[0] >= VLT_TIME_MIN &&
           part[0] <= part[2] && part[2] < VLT_TIME_MAX;
}

static void
put_place(struct vlt_json_out *json, const struct replay *replay)
{
    char text[CURSOR_MAX];

    (void)snprintf(text, sizeof text, "%lld.%u.%lld",
                   (long long)replay->at.time, (unsigned)replay->at.count,
                   (long long)replay->until);
    vlt_put_text(json, "cursor", text);
}

enum vlt_status
source_replay_check(struct call *call, struct vlt_walk *params)
{
    struct replay *replay = call_state(call, sizeof *replay);
    struct vlt_slice none = vlt_slice_text("");
    struct vlt_slice cursor =
        vlt_walk_text_or(params, "cursor", 1, CURSOR_MAX - 1, none);

    if (replay == NULL) {
        return VLT_E_NOMEM;
    }
    replay->from.time = VLT_TIME_MIN;
    replay->most = REPLAY_PARTS;
    replay->until = VLT_TIME_MAX;
    if (cursor.len > 0 && !read_place(cursor, replay)) {
        return call_refuse_at(call, "cursor", "That is no cursor of a replay.");
    }
    noun_copy(replay->name, sizeof replay->name,
              vlt_walk_text(params, "source", 1, IDENTITY_NAME_MAX));
    if (intake_drains(call->service)) {
        call->fault.retry_ms = INBOX_AGAIN_MS;
        return call_refuse(call, VLT_E_BUSY,
                           "Rows that came while the vault was locked are "
                           "being stored; try again in a moment.");
    }
    return VLT_OK;
}

/* ---- the turn that stores ---- */

static enum vlt_status
put_answer(struct call *call, bool removed)
{
    const struct replay *replay = call->state;
    struct vlt_json_out json = call_result(call);

    vlt_put_text(&json, "source", replay->name);
    vlt_put_uint(&json, "released", replay->good);
    vlt_put_uint(&json, "rows", replay->stored.rows);
    vlt_put_uint(&json, "equal", replay->stored.equal);
    vlt_put_uint(&json, "kept", replay->count - replay->good);
    vlt_put_uint(&json, "unread", replay->unread);
    vlt_put_bool(&json, "removed", removed);
    vlt_put_bool(&json, "more", replay->more);
    if (replay->more) {
        put_place(&json, replay);
    }
    vlt_put_end(&json);
    return vlt_buf_status(&call->result);
}

static enum vlt_status
log_replay(struct turn *turn, const struct replay *replay)
{
    struct guard_event event = { .type = AUDIT_RUN };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", "source");
    vlt_put_text(&json, "source", replay->name);
    vlt_put_text(&json, "what", "replayed");
    vlt_put_uint(&json, "released", replay->good);
    vlt_put_uint(&json, "rows", replay->stored.rows);
    vlt_put_uint(&json, "equal", replay->stored.equal);
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

/* Those of the stretch that stay, behind all that lie there. */
static enum vlt_status
put_back(const struct replay *replay, struct store_txn *txn, int64_t now)
{
    const int64_t *times = vlt_rows_times(replay->rows);
    int64_t last = times[replay->count - 1];
    struct series_part part = { .stream = replay->stream };
    struct series_batch batch = { .source = replay->pour->source->number,
                                  .parts = 1,
                                  .part = &part };
    struct series_stored stored;
    struct vlt_rows *rows = NULL;
    int64_t time = now > last ? now : last + 1;
    enum vlt_status st = quarantine_rows_new(replay->stream, &rows);

    for (size_t i = replay->first; st == VLT_OK && i < replay->end; i++) {
        if (replay->stays[i]) {
            st = quarantine_row_copy(rows, replay->rows, i, time++);
        }
    }
    part.rows = rows;
    if (st == VLT_OK && vlt_rows_count(rows) > 0) {
        st = series_append(replay->pour->service->series, txn, &batch, &stored);
    }
    vlt_rows_free(rows);
    return st;
}

/* One of them finds no room: fewer are read again, and at last that one stays.
 * A job is prepared again JOB_TRIES times. */
static enum vlt_status
take_less(struct call *call, struct turn *turn)
{
    struct replay *replay = call->state;

    replay->most = replay->count > FEW ? FEW : replay->count > 1 ? 1 : 0;
    guard_undo(turn);
    call->job.again = true;
    return VLT_E_CONFLICT;
}

enum vlt_status
source_replay_commit(struct call *call, struct turn *turn)
{
    struct replay *replay = call->state;
    struct store_txn *txn;
    int64_t now;
    enum vlt_status st = guard_now(turn, &now);

    /* Those that stay are put behind it: a pass reads each once. */
    if (st == VLT_OK && replay->until == VLT_TIME_MAX) {
        replay->until = now;
    }
    if (st != VLT_OK || replay->good == 0) {
        return st == VLT_OK ? put_answer(call, false) : st;
    }
    st = guard_rows(turn, call);
    if (st == VLT_OK) {
        st = guard_txn(turn, &txn);
    }
    if (st == VLT_OK) {
        st = pour_release(replay->pour, turn, &replay->stored);
    }
    if (st == VLT_E_LIMIT) {
        return take_less(call, turn);
    }
    if (st == VLT_E_CONFLICT) {
        return call_refuse(call, VLT_E_BUSY,
                           "A stream changed meanwhile; try again.");
    }
    if (st == VLT_OK) {
        st = put_back(replay, txn, now);
    }
    if (st == VLT_OK) {
        st = log_replay(turn, replay);
    }
    return st == VLT_OK ? put_answer(call, false) : st;
}

/* ---- the turn that takes them away ---- */

/* What came into the stretch meanwhile keeps it: then nothing goes, and the
 * parts are released once more another time. */
static enum vlt_status
take_away(struct job *job, struct turn *turn)
{
    struct call *call = (struct call *)job;
    struct replay *replay = call->state;
    const int64_t *times = vlt_rows_times(replay->rows);
    struct series_erased wish = { .from = times[replay->first],
                                  .to = times[replay->end - 1] + 1 };
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    memcpy(wish.stream, replay->stream->id, sizeof wish.stream);
    wish.at = turn->now;
    st = series_erase(call->service->series, txn, &wish, &replay->erased);
    if (st == VLT_OK && replay->erased.rows != replay->end - replay->first) {
        st = VLT_E_BUSY;
    }
    if (st != VLT_OK) {
        store_txn_spoil(txn);
        return st;
    }
    st = consent_moved(call->service->consent, txn);
    return st == VLT_OK ? erase_log(turn, &replay->erased) : st;
}

static void
took_away(struct job *job, enum vlt_status st)
{
    struct call *call = (struct call *)job;
    struct replay *replay = call->state;
    const int64_t *times = vlt_rows_times(replay->rows);

    /* What went is in no count. */
    if (st == VLT_OK && replay->at.time == times[replay->end - 1]) {
        replay->at.count = 0;
    }
    vlt_buf_clear(&call->result);
    if (put_answer(call, st == VLT_OK) != VLT_OK) {
        call_fail(call, VLT_E_NOMEM);
        return;
    }
    erase_run(call->service); /* the keys of what went */
    call_answer(call);
}

void
source_replay_done(struct call *call, enum vlt_status st)
{
    const struct replay *replay = call->state;

    if (st != VLT_OK) {
        call_fail(call, st);
        return;
    }
    if (replay->good == 0) {
        call_answer(call);
        return;
    }
    after_run(call->service, replay->pour->after);
    call->job.next = NULL;
    call->job.prepare = NULL;
    call->job.commit = take_away;
    call->job.done = took_away;
    service_submit(call->service, &call->job);
}
