/*
 * unlock: the keys come in, by a call or at the start.
 */
#include <stdlib.h>

#include "crypto/secret.h"
#include "service/guard_internal.h"
#include "service/hold.h"
#include "service/intake.h"
#include "service/quota.h"
#include "service/reauth.h"
#include "service/restored.h"
#include "service/unlock_internal.h"
#include "service/wrong.h"
#include "store/inbox.h"
#include "store/record.h"
#include "store/slots.h"
#include "util/log.h"
#include "wire/limits.h"
#include "json/json_write.h"

struct unlock {
    struct vlt_secret *secret;
    enum store_opener opener;
    struct vlt_secret *root;
    struct vlt_secret *cursor_key; /* for the loop, once it is unlocked */
    uint64_t asks;                 /* locks that were begun before */
    void (*done)(void *ctx, enum vlt_status st); /* NULL: a call */
    void *ctx;
};

static const char locked_meanwhile[] = "The vault was locked meanwhile.";

void
unlock_clear(void *state)
{
    struct unlock *unlock = state;

    if (unlock != NULL) {
        vlt_secret_free(unlock->secret);
        vlt_secret_free(unlock->root);
        vlt_secret_free(unlock->cursor_key);
        free(unlock);
    }
}

enum vlt_status
unlock_check(struct call *call, struct vlt_walk *params)
{
    struct service *service = call->service;
    struct unlock *unlock = call_state(call, sizeof *unlock);
    bool has_words = vlt_walk_has(params, "recovery");
    bool has_key = vlt_walk_has(params, "key");

    if (unlock == NULL) {
        return VLT_E_NOMEM;
    }
    if (vlt_walk_has(params, "passphrase") + has_words + has_key != 1) {
        return call_refuse_at(
            call, "passphrase",
            "Give exactly one of passphrase, recovery and key.");
    }
    if (service->unlocked) {
        return call_refuse(call, VLT_E_CONFLICT,
                           "The vault is unlocked already.");
    }
    if (store_destroyed(service->store)) {
        return call_refuse(call, VLT_E_STORAGE,
                           "The keys of this vault were destroyed; only a "
                           "backup brings it back.");
    }
    enum vlt_status st = wrong_refuse(call);

    if (st != VLT_OK) {
        return st;
    }
    unlock->asks = atomic_get(&service->lock_asks);
    unlock->opener = has_key ? STORE_KEY_FILE : STORE_TYPED;
    if (has_key) {
        return reauth_key(params, "key", &unlock->secret);
    }
    return reauth_text(params, has_words ? "recovery" : "passphrase",
                       &unlock->secret);
}

/* Argon2id, on a worker. */
static enum vlt_status
unlock_root(struct service *service, struct unlock *unlock)
{
    enum vlt_status st = store_root_key(service->store, unlock->opener,
                                        unlock->secret, &unlock->root);

    vlt_secret_free(unlock->secret);
    unlock->secret = NULL;
    return st == VLT_E_LIMIT ? VLT_E_AUTH : st;
}

static enum vlt_status
load_rooms(struct service *service)
{
    struct store_read *read = NULL;
    enum vlt_status st = series_load_tombs(service->series);

    if (st == VLT_OK) {
        st = store_read_loading(service->store, &read);
    }
    if (st != VLT_OK) {
        return st;
    }
    const struct store_view *view = store_read_view(read);

    st = identity_load(service->identity, view);
    if (st == VLT_OK) {
        st = series_load(service->series, view);
    }
    if (st == VLT_OK) {
        st = audit_load(service->audit, view);
    }
    if (st == VLT_OK) {
        st = consent_load(service->consent, view);
    }
    store_read_end(read);
    return st;
}

enum vlt_status
unlock_log_run(struct turn *turn, const char *what)
{
    struct guard_event event = { .type = AUDIT_RUN };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", what);
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

/* What else the turn has to do, once the rooms are there. */
static enum vlt_status
take_up(struct service *service, struct unlock *unlock, struct turn *turn)
{
    enum vlt_status st =
        store_subkey(service->store, SERVICE_CURSOR_KEY, &unlock->cursor_key);

    if (st == VLT_OK) {
        st = quota_load(turn);
    }
    if (st == VLT_OK) {
        st = intake_check_gate(turn);
    }
    if (st == VLT_OK) {
        st = hold_judge(service, turn);
    }
    if (st == VLT_OK) {
        st = restored_note(service, turn);
    }
    return st == VLT_OK ? unlock_log_run(turn, "unlock") : st;
}

static enum vlt_status
bring_in(struct service *service, struct unlock *unlock, struct turn *turn,
         struct vlt_buf *why)
{
    enum vlt_status st = store_unlock(service->store, unlock->root, why);

    if (st != VLT_OK) {
        /* The secret has opened its slot: it is not what is wrong. */
        return st == VLT_E_AUTH ? VLT_E_STORAGE : st;
    }
    st = load_rooms(service);
    if (st == VLT_OK) {
        st = take_up(service, unlock, turn);
    }
    if (st != VLT_OK) {
        log_error("service", "unlocking failed while loading: %s",
                  vlt_status_word(st));
        guard_lock_now(turn);
        return st;
    }
    guard_unlocks(turn);
    return VLT_OK;
}

/* Keys in, everything read, and said in the log: on the commit thread. */
static enum vlt_status
unlock_all(struct service *service, struct unlock *unlock, struct turn *turn,
           struct vlt_buf *why)
{
    enum vlt_status st;

    /* A lock that came later was answered already. */
    if (atomic_get(&service->lock_asks) != unlock->asks) {
        return VLT_E_CONFLICT;
    }
    if (!store_locked(service->store)) {
        return VLT_OK;
    }
    /* A worker may have a job of before the lock, which looks into rooms. */
    store_hold_readers(service->store, true);
    st = bring_in(service, unlock, turn, why);
    store_hold_readers(service->store, false);
    return st;
}

enum vlt_status
unlock_prepare(struct call *call)
{
    /* Several may have waited for their turn. */
    enum vlt_status st = wrong_refuse(call);

    if (st != VLT_OK) {
        return st;
    }
    st = unlock_root(call->service, call->state);
    wrong_note(call->service, st);
    if (st == VLT_E_AUTH) {
        call->fault.retry_ms = wrong_wait(call->service);
        st = call_refuse(call, st, "That opens no slot of this vault.");
    }
    return st;
}

enum vlt_status
unlock_commit(struct call *call, struct turn *turn)
{
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, CALL_DETAIL);
    st = unlock_all(call->service, call->state, turn, &why);
    if (st == VLT_E_CONFLICT) {
        st = call_refuse(call, st, "%s", locked_meanwhile);
    } else if (st != VLT_OK && why.len > 0) {
        st = call_refuse(call, st, "%s", vlt_buf_text(&why));
    }
    vlt_buf_free(&why);
    return st;
}

/* It failed on the way: the rooms are locked again, and so is the loop. */
static void
shut_again(struct service *service)
{
    if (store_locked(service->store)) {
        lockstate_shut(service);
    }
}

/* False: a lock is under way.  Another unlock may have brought the key. */
static bool
open_up(struct service *service, struct unlock *unlock)
{
    if (unlock->cursor_key != NULL) {
        vlt_secret_free(service->cursor_key);
        service->cursor_key = unlock->cursor_key;
        unlock->cursor_key = NULL;
    }
    return lockstate_open(service);
}

void
unlock_done(struct call *call, enum vlt_status st)
{
    struct service *service = call->service;

    if (st == VLT_OK && !open_up(service, call->state)) {
        st = call_refuse(call, VLT_E_CONFLICT, "%s", locked_meanwhile);
    } else if (st != VLT_OK) {
        shut_again(service);
    }
    if (st != VLT_OK) {
        call_fail(call, st);
        return;
    }

    struct vlt_json_out json = call_result(call);

    vlt_put_text(&json, "state", "unlocked");
    vlt_put_text(&json, "vault", service->vault_text);
    vlt_put_uint(&json, "inbox", store_inbox_count(service->store));
    hold_put(service, &json);
    vlt_put_end(&json);
    call_answer(call);
}

/* ---- unlock at start: a job without a caller ---- */

struct unlock_job {
    struct job job; /* first */
    struct service *service;
    struct unlock *unlock;
};

static enum vlt_status
start_prepare(struct job *job)
{
    struct unlock_job *self = (struct unlock_job *)job;

    return unlock_root(self->service, self->unlock);
}

static enum vlt_status
start_commit(struct job *job, struct turn *turn)
{
    struct unlock_job *self = (struct unlock_job *)job;
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, CALL_DETAIL);
    st = unlock_all(self->service, self->unlock, turn, &why);
    if (st != VLT_OK && why.len > 0) {
        log_error("service", "%s", vlt_buf_text(&why));
    }
    vlt_buf_free(&why);
    return st;
}

static void
start_done(struct job *job, enum vlt_status st)
{
    struct unlock_job *self = (struct unlock_job *)job;

    if (st == VLT_OK) {
        (void)open_up(self->service, self->unlock);
    } else {
        shut_again(self->service);
    }
    if (st == VLT_E_CONFLICT) {
        log_info("service", "%s", locked_meanwhile);
        st = VLT_OK; /* as its owner wanted */
    }
    self->unlock->done(self->unlock->ctx, st);
    unlock_clear(self->unlock);
    free(self);
}

void
service_unlock(struct service *service, struct vlt_secret *secret,
               bool key_file, void (*done)(void *ctx, enum vlt_status st),
               void *ctx)
{
    struct unlock_job *self = calloc(1, sizeof *self);
    struct unlock *unlock = calloc(1, sizeof *unlock);

    if (self == NULL || unlock == NULL) {
        free(self);
        free(unlock);
        vlt_secret_free(secret);
        done(ctx, VLT_E_NOMEM);
        return;
    }
    unlock->secret = secret;
    unlock->asks = atomic_get(&service->lock_asks);
    unlock->opener = key_file ? STORE_KEY_FILE : STORE_TYPED;
    unlock->done = done;
    unlock->ctx = ctx;
    self->service = service;
    self->unlock = unlock;
    self->job.control = true;
    self->job.heavy = true;
    self->job.alone = true;
    self->job.prepare = start_prepare;
    self->job.commit = start_commit;
    self->job.done = start_done;
    service_submit(service, &self->job);
}
