/*
 * stream.erase.
 */
#include <stdlib.h>
#include <string.h>

#include "service/backup_record.h"
#include "service/erase.h"
#include "service/intake.h"
#include "service/noun_internal.h"
#include "store/bury.h"
#include "util/log.h"
#include "wire/jws.h"
#include "json/json_write.h"

struct erase {
    char name[VLT_NAME_MAX + 1];
    bool whole;
    int64_t from, to;
    struct series_erased done;
    struct vlt_buf final; /* the answer when the keys are destroyed */
};

void
erase_clear(void *state)
{
    struct erase *erase = state;

    if (erase != NULL) {
        vlt_buf_free(&erase->final);
        free(erase);
    }
}

enum {
    BACKUPS_MAX = 100, /* that a receipt names */
    INBOX_AGAIN_MS = 1000,
};

/* The newest of those that are known. */
struct backups {
    uint64_t count;                      /* of all */
    uint8_t id[BACKUPS_MAX][VLT_ID_LEN]; /* number n at n % BACKUPS_MAX */
};

static const char *const states[] = { "pending", "keys_destroyed", "complete" };

/* ---- asking ---- */

enum vlt_status
erase_check(struct call *call, struct vlt_walk *params)
{
    struct erase *erase = call_state(call, sizeof *erase);

    if (erase == NULL) {
        return VLT_E_NOMEM;
    }
    noun_copy(erase->name, sizeof erase->name,
              vlt_walk_text(params, "name", 1, VLT_NAME_MAX));
    erase->whole = !vlt_walk_has(params, "from") && !vlt_walk_has(params, "to");
    erase->from = vlt_walk_time_or(params, "from", VLT_TIME_MIN);
    erase->to = vlt_walk_time_or(params, "to", VLT_TIME_MAX);
    if (!vlt_walk_failed(params) && erase->from >= erase->to) {
        return call_refuse_at(call, "to", "It must be after from.");
    }
    if (intake_drains(call->service)) {
        call->fault.retry_ms = INBOX_AGAIN_MS;
        return call_refuse(call, VLT_E_BUSY,
                           "Rows that came while the vault was locked are "
                           "being stored, and might come back after an erase; "
                           "try again in a moment.");
    }
    return VLT_OK;
}

/* ---- saying ---- */

static void
put_span(struct vlt_json_out *json, const struct series_erased *erased)
{
    if (erased->whole || erased->by_age) {
        vlt_put_null(json, "from");
        vlt_put_null(json, "to");
    } else {
        vlt_put_time(json, "from", erased->from);
        vlt_put_time(json, "to", erased->to);
    }
}

void
erase_put(struct vlt_json_out *json, const struct series_erased *erased)
{
    vlt_put_time(json, "at", erased->at);
    vlt_put_bool(json, "by_age", erased->by_age);
    vlt_put_ulid(json, "erase", erased->id);
    put_span(json, erased);
    vlt_put_uint(json, "rows", erased->rows);
    vlt_put_text(json, "state", states[erased->state]);
    vlt_put_bool(json, "whole", erased->whole);
}

enum vlt_status
erase_log(void *ctx, const struct series_erased *erased)
{
    struct guard_event event = { .type = AUDIT_ERASE };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    erase_put(&json, erased);
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(ctx, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

static bool
note_backup(void *ctx, const struct backup_record *record)
{
    struct backups *backups = ctx;

    memcpy(backups->id[backups->count++ % BACKUPS_MAX], record->id, VLT_ID_LEN);
    return true;
}

/* Those that were made, or begun, before: they hold what is erased. */
static enum vlt_status
find_backups(struct turn *turn, struct backups *backups)
{
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    backups->count = 0;
    return st == VLT_OK
               ? backup_record_each(store_txn_view(txn), note_backup, backups)
               : st;
}

/* By time. */
static void
put_backups(struct vlt_json_out *json, const struct backups *backups)
{
    uint64_t i =
        backups->count > BACKUPS_MAX ? backups->count - BACKUPS_MAX : 0;

    vlt_put_list(json, "backups");
    for (; i < backups->count; i++) {
        vlt_put_ulid(json, NULL, backups->id[i % BACKUPS_MAX]);
    }
    vlt_put_end(json);
    vlt_put_uint(json, "backups_all", backups->count);
}

/* What the vault signs: what is gone, when, and how far. */
static enum vlt_status
sign(struct turn *turn, const struct series_erased *erased, const char *name,
     const struct backups *backups, struct vlt_buf *jws)
{
    struct service *service = turn->service;
    struct vlt_signer *signer = NULL;
    struct vlt_json_out json;
    struct vlt_buf payload;
    enum vlt_status st =
        identity_receipt_signer(service->identity, NULL, 0, &signer);

    if (st != VLT_OK) {
        return st;
    }
    vlt_buf_init(&payload, 0);
    json = vlt_json_out(&payload);
    vlt_put_object(&json, NULL);
    erase_put(&json, erased);
    put_backups(&json, backups);
    vlt_put_bool(&json, "in_place", store_in_place(service->store));
    vlt_put_text(&json, "stream", name);
    vlt_put_int(&json, "v", 1);
    vlt_put_end(&json);
    st = vlt_buf_status(&payload);
    if (st == VLT_OK) {
        st =
            vlt_jws_sign(signer, VLT_TYP_ERASURE, vlt_buf_slice(&payload), jws);
    }
    vlt_buf_free(&payload);
    vlt_signer_free(signer);
    return st;
}

static enum vlt_status
put_answer(struct call *call, struct turn *turn,
           const struct series_erased *erased, struct vlt_buf *out)
{
    const struct erase *erase = call->state;
    struct vlt_json_out json = vlt_json_out(out);
    struct backups backups;
    struct vlt_buf jws;
    enum vlt_status st;

    vlt_buf_init(&jws, 0);
    st = find_backups(turn, &backups);
    if (st == VLT_OK) {
        st = sign(turn, erased, erase->name, &backups, &jws);
    }
    if (st != VLT_OK) {
        goto done;
    }
    vlt_put_object(&json, NULL);
    erase_put(&json, erased);
    put_backups(&json, &backups);
    vlt_put_bool(&json, "in_place", store_in_place(turn->service->store));
    vlt_put_slice(&json, "receipt", vlt_buf_slice(&jws));
    vlt_put_text(&json, "stream", erase->name);
    vlt_put_end(&json);
    st = vlt_buf_status(out);

done:
    vlt_buf_free(&jws);
    return st;
}

/* ---- the turn that says which keys go ---- */

static enum vlt_status
erase_refused(struct call *call, enum vlt_status st)
{
    const struct erase *erase = call->state;

    switch (st) {
    case VLT_E_NOT_FOUND:
        return call_not_found(call, "name", "stream", erase->name);
    case VLT_E_LIMIT:
        return call_refuse(call, VLT_E_QUOTA,
                           "An end of the range cuts through more rows than "
                           "can be written anew at once; let it begin or end "
                           "elsewhere.");
    default:
        return st;
    }
}

enum vlt_status
erase_commit(struct call *call, struct turn *turn)
{
    struct erase *erase = call->state;
    struct service *service = call->service;
    const struct stream *stream =
        series_by_name(service->series, vlt_slice_text(erase->name));
    struct series_erased wish = { .whole = erase->whole,
                                  .from = erase->from,
                                  .to = erase->to };
    struct store_txn *txn = NULL;
    enum vlt_status st = VLT_E_NOT_FOUND;

    if (stream != NULL) {
        memcpy(wish.stream, stream->id, sizeof wish.stream);
        st = guard_txn(turn, &txn);
    }
    stream_release(stream);
    if (st == VLT_OK) {
        wish.at = turn->now;
        st = series_erase(service->series, txn, &wish, &erase->done);
    }
    if (st != VLT_OK) {
        if (txn != NULL) {
            store_txn_spoil(txn); /* half of it may stand in the turn */
        }
        return erase_refused(call, st);
    }
    /* Pages under way are decided anew. */
    st = consent_moved(service->consent, txn);
    if (st == VLT_OK) {
        st = erase_log(turn, &erase->done);
    }
    return st == VLT_OK ? put_answer(call, turn, &erase->done, &call->result)
                        : st;
}

/* ---- the turn that destroys them ---- */

enum vlt_status
erase_destroy_keys(struct turn *turn)
{
    struct service *service = turn->service;
    struct store_txn *txn;
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, CALL_DETAIL);
    st = series_erase_keys(service->series, &why);
    if (st != VLT_OK) {
        log_error("service", "keys that are to go are on the disk still: %s",
                  why.len > 0 ? vlt_buf_text(&why) : vlt_status_word(st));
    }
    vlt_buf_free(&why);
    if (st == VLT_OK) {
        st = guard_txn(turn, &txn);
    }
    return st == VLT_OK
               ? series_erase_note(service->series, txn, erase_log, turn)
               : st;
}

static enum vlt_status
finish(struct job *job, struct turn *turn)
{
    struct call *call = (struct call *)job;
    struct erase *erase = call->state;
    struct series_erased gone = erase->done;
    enum vlt_status st = erase_destroy_keys(turn);

    if (st != VLT_OK) {
        return st;
    }
    gone.state = SERIES_ERASE_DESTROYED;
    return put_answer(call, turn, &gone, &erase->final);
}

/* That it was asked is durable, so what failed now is tried again: the first
 * turn's answer says that it is pending. */
static void
finish_done(struct job *job, enum vlt_status st)
{
    struct call *call = (struct call *)job;
    struct erase *erase = call->state;

    if (st == VLT_OK) {
        vlt_buf_free(&call->result);
        call->result = erase->final;
        erase->final = (struct vlt_buf){ 0 };
    }
    call_answer(call);
}

void
erase_done(struct call *call, enum vlt_status st)
{
    if (st != VLT_OK) {
        call_fail(call, st);
        return;
    }
    call->job.next = NULL;
    call->job.prepare = NULL;
    call->job.commit = finish;
    call->job.done = finish_done;
    service_submit(call->service, &call->job);
}
