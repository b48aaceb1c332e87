/*
 * The vault's own state: status, unlock, lock, confirm, panic.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/doctor.h"
#include "service/guard_internal.h"
#include "service/hold.h"
#include "service/notices.h"
#include "service/nouns.h"
#include "service/panic_internal.h"
#include "service/shared.h"
#include "service/unlock_internal.h"
#include "service/warnings.h"
#include "store/inbox.h"
#include "store/record.h"
#include "store/slots.h"
#include "util/log.h"
#include "wire/limits.h"
#include "json/json_write.h"

/* ---- status ---- */

struct waiting {
    uint64_t requests, firms;
};

static bool
count_request(void *ctx, const struct consent_request *request)
{
    struct waiting *waiting = ctx;

    waiting->requests += consent_request_has(request, CONSENT_PENDING_STATE);
    return true;
}

static bool
count_firm(void *ctx, const struct firm *firm)
{
    struct waiting *waiting = ctx;

    if (firm->state == IDENTITY_PENDING || firm->has_next) {
        waiting->firms++;
    }
    return true;
}

static enum vlt_status
put_counts(struct vlt_json_out *json, struct service *service, uint64_t *used)
{
    struct series_totals totals;
    struct waiting waiting = { 0 };
    struct store_read *read = NULL;
    struct store_stat stat;
    uint64_t quota = store_quota(service->store);
    enum vlt_status st = store_read_begin(service->store, &read);

    if (st != VLT_OK) {
        return st;
    }
    st = store_view_stat(store_read_view(read), &stat);
    store_read_end(read);
    if (st != VLT_OK) {
        return st;
    }
    series_totals(service->series, &totals);
    consent_requests(service->consent, count_request, &waiting);
    identity_firms(service->identity, count_firm, &waiting);
    vlt_put_uint(json, "streams", totals.streams);
    vlt_put_uint(json, "samples", totals.rows);
    vlt_put_object(json, "bytes");
    vlt_put_uint(json, "data", stat.file);
    vlt_put_uint(json, "used", stat.used);
    vlt_put_uint(json, "free", quota > stat.used ? quota - stat.used : 0);
    vlt_put_uint(json, "inbox", store_inbox_bytes(service->store));
    vlt_put_end(json);
    *used = stat.used;
    vlt_put_object(json, "pending");
    vlt_put_uint(json, "requests", waiting.requests);
    vlt_put_uint(json, "firms", waiting.firms);
    vlt_put_end(json);
    return VLT_OK;
}

static bool
note_waiting(void *ctx, const struct consent_request *request)
{
    bool *waits = ctx;

    *waits = consent_request_has(request, CONSENT_PENDING_STATE);
    return false;
}

static bool
request_waits(void *ctx, const uint8_t request[VLT_ID_LEN])
{
    struct service *service = ctx;
    bool waits = false;
    enum vlt_status st =
        consent_request_find(service->consent, request, note_waiting, &waits);

    return st == VLT_OK && waits;
}

/* The vault's name is the loop's: a worker gets a copy. */
static enum vlt_status
status_check(struct call *call, struct vlt_walk *params)
{
    char *vault = call_state(call, VAULT_TEXT);

    (void)params;
    if (vault == NULL) {
        return VLT_E_NOMEM;
    }
    memcpy(vault, call->service->vault_text, VAULT_TEXT);
    return VLT_OK;
}

/* Where firms find this vault, once it knows its own name. */
static void
put_address(struct vlt_json_out *json, const struct service *service,
            const char *vault)
{
    char address[VAULT_TEXT + 300];

    if (vault[0] == '\0') {
        vlt_put_null(json, "vault");
        return;
    }
    (void)snprintf(address, sizeof address, "%s%s%s", vault,
                   service->listen != NULL ? "@" : "",
                   service->listen != NULL ? service->listen : "");
    vlt_put_text(json, "vault", address);
}

static void
put_warning(void *ctx, const char *code, const char *says)
{
    struct vlt_json_out *json = ctx;

    vlt_put_object(json, NULL);
    vlt_put_text(json, "code", code);
    vlt_put_text(json, "says", says);
    vlt_put_end(json);
}

/* What live rows have cost: pages, and how many of them were encoded. */
static void
put_live(struct vlt_json_out *json, const struct service *service)
{
    struct shared_counts counts = shared_counts(service->shared);

    vlt_put_object(json, "live");
    vlt_put_uint(json, "pages", counts.pages);
    vlt_put_uint(json, "encoded", counts.encoded);
    vlt_put_end(json);
}

static enum vlt_status
status_prepare(struct call *call)
{
    struct service *service = call->service;
    bool locked = !store_readable(service->store);
    struct vlt_json_out json = call_result(call);
    enum vlt_status st = VLT_OK;
    uint64_t used = 0;

    put_address(&json, service, call->state);
    vlt_put_text(&json, "state", locked ? "locked" : "unlocked");
    vlt_put_text(&json, "listen", service->listen);
    vlt_put_text(&json, "http", service->http);
    vlt_put_text(&json, "sealed", service->sealed);
    vlt_put_text(&json, "socket", service->socket);
    vlt_put_text(&json, "version", service->config.version);
    if (locked) {
        vlt_put_null(&json, "streams");
        vlt_put_null(&json, "samples");
        vlt_put_null(&json, "bytes");
        vlt_put_null(&json, "pending");
        vlt_put_null(&json, "notices");
    } else {
        st = put_counts(&json, service, &used);
        notices_list(service->notices, request_waits, service, &json);
    }
    if (st != VLT_OK) {
        return st;
    }
    put_live(&json, service);
    hold_put(service, &json);
    vlt_put_list(&json, "warnings");
    warnings_each(service, locked, used, put_warning, &json);
    vlt_put_end(&json);
    vlt_put_end(&json);
    return VLT_OK;
}

/* ---- lock ---- */

struct lock_state {
    int64_t began; /* boot time, ns */
};

static enum vlt_status
lock_check(struct call *call, struct vlt_walk *params)
{
    (void)params;
    return call_state(call, sizeof(struct lock_state)) != NULL ? VLT_OK
                                                               : VLT_E_NOMEM;
}

static void
lock_begin(struct call *call)
{
    struct lock_state *state = call->state;

    state->began = service_boot(call->service);
    lockstate_begin(call->service);
}

static enum vlt_status
lock_commit(struct call *call, struct turn *turn)
{
    enum vlt_status st;

    if (store_locked(call->service->store)) {
        return VLT_OK;
    }
    st = unlock_log_run(turn, "lock");
    guard_lock_after(turn);
    /* With no space for the entry the keys go all the same: locking only
     * takes away, and must work on a full disk. */
    if (st != VLT_OK) {
        log_error("service", "the lock was not logged: %s",
                  vlt_status_word(st));
    }
    return VLT_OK;
}

static void
lock_done(struct call *call, enum vlt_status st)
{
    struct lock_state *state = call->state;

    lockstate_end(call->service);
    if (st != VLT_OK && !store_locked(call->service->store)) {
        (void)lockstate_open(call->service);
        call_fail(call, st);
        return;
    }
    lockstate_shut(call->service);

    struct vlt_json_out json = call_result(call);

    vlt_put_text(&json, "state", "locked");
    vlt_put_double(&json, "silence_ms",
                   (double)(service_boot(call->service) - state->began) / 1e6);
    vlt_put_end(&json);
    call_answer(call);
}

const struct method op_vault[] = {
    { .name = "vault.status",
      .roles = ROLE_OWNER,
      .flags = METHOD_LOCKED,
      .check = status_check,
      .prepare = status_prepare },
    { .name = "vault.doctor",
      .roles = ROLE_OWNER,
      .flags = METHOD_LOCKED,
      .prepare = doctor_prepare },
    { .name = "vault.unlock",
      .roles = ROLE_OWNER,
      .flags = METHOD_LOCKED | METHOD_HEAVY | METHOD_ALONE | METHOD_CONTROL,
      .check = unlock_check,
      .prepare = unlock_prepare,
      .commit = unlock_commit,
      .done = unlock_done,
      .clear = unlock_clear },
    { .name = "vault.lock",
      .roles = ROLE_OWNER,
      .flags = METHOD_LOCKED | METHOD_ALONE | METHOD_CONTROL,
      .check = lock_check,
      .begin = lock_begin,
      .commit = lock_commit,
      .done = lock_done },
    { .name = "vault.confirm",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES | METHOD_REAUTH,
      .check = hold_confirm_check,
      .commit = hold_confirm_commit },
    { .name = "vault.panic",
      .roles = ROLE_OWNER,
      .flags = METHOD_LOCKED | METHOD_ALONE | METHOD_CONTROL | METHOD_REAUTH,
      .check = panic_check,
      .done = panic_done,
      .clear = panic_clear },
    { .name = NULL },
};
