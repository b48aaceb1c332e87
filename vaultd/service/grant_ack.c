/*
 * grant.ack: the firm's signature under what it was given, which the log keeps
 * whole (service/acks.h).
 */
#include <stdlib.h>
#include <string.h>

#include "service/acks.h"
#include "service/grant_internal.h"
#include "wire/jws.h"
#include "wire/limits.h"
#include "json/json_write.h"

struct acknowledging {
    struct vlt_slice jws; /* borrowed from the call's document */
    struct vlt_ack what;
    int64_t when; /* ns: that is the answer */
};

enum vlt_status
ack_grant_check(struct call *call, struct vlt_walk *params)
{
    struct acknowledging *state = call_state(call, sizeof *state);

    if (state == NULL) {
        return VLT_E_NOMEM;
    }
    state->jws = vlt_walk_text(params, "ack", 1, VLT_LIMIT_ACK_JWS);
    return VLT_OK;
}

enum vlt_status
ack_grant_prepare(struct call *call)
{
    struct acknowledging *state = call->state;

    switch (vlt_ack_verify(state->jws, call->who.key, &state->what)) {
    case VLT_OK:
        return VLT_OK;
    case VLT_E_AUTH:
        return call_refuse_at(call, "ack",
                              "The signature is not that of the session's "
                              "key.");
    case VLT_E_NOMEM:
        return VLT_E_NOMEM;
    default:
        return call_refuse_at(call, "ack",
                              "It is no JWS of type " VLT_TYP_ACK
                              " over grant, use or span, last_seq and "
                              "sha256.");
    }
}

/* ---- in the turn ---- */

static void
put_what(struct vlt_json_out *json, const struct vlt_ack *what)
{
    vlt_put_ulid(json, "grant", what->grant);
    vlt_put_ulid(json, what->span ? "span" : "use", what->id);
}

static enum vlt_status
log_acknowledged(struct call *call, struct turn *turn)
{
    const struct acknowledging *state = call->state;
    const struct firm *firm =
        identity_firm_now(call->service->identity, call->who.id);
    struct guard_event event = { .type = AUDIT_ACK,
                                 .subject = state->what.grant,
                                 .firm = firm,
                                 .of_grant = true };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    if (firm == NULL) {
        return VLT_E_DENIED;
    }
    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    put_what(&json, &state->what);
    vlt_put_uint(&json, "last_seq", state->what.last_seq);
    vlt_put_hex(&json, "sha256", state->what.sha256, sizeof state->what.sha256);
    vlt_put_slice(&json, "ack", state->jws);
    vlt_put_end(&json);
    event.firm_detail = vlt_buf_slice(&detail);
    event.owner_detail = event.firm_detail;
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    firm_release(firm);
    return st;
}

static enum vlt_status
acknowledge(struct call *call, struct turn *turn)
{
    struct acknowledging *state = call->state;
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = guard_now(turn, &state->when);
    }
    if (st == VLT_OK) {
        st = consent_acknowledged(call->service->consent, txn,
                                  state->what.grant, state->when);
    }
    return st == VLT_OK ? log_acknowledged(call, turn) : st;
}

static enum vlt_status
take(struct call *call, struct turn *turn)
{
    struct acknowledging *state = call->state;

    switch (acks_claim(call->service->acks, call->who.id, &state->what, call,
                       &state->when)) {
    case ACKS_FRESH:
        return acknowledge(call, turn);
    case ACKS_AGAIN:
        return VLT_OK;
    case ACKS_BUSY:
        return VLT_E_BUSY;
    case ACKS_OTHER:
        return call_refuse_at(call, "ack",
                              "Not that left under this use or span; last_seq "
                              "or sha256 is another.");
    case ACKS_NONE:
        break;
    }
    return call_refuse_at(call, "ack",
                          "The grant has no such use or span, it is not over, "
                          "or it is too long ago.");
}

enum vlt_status
ack_grant_commit(struct call *call, struct turn *turn)
{
    struct acknowledging *state = call->state;
    const struct grant *grant = NULL;
    enum vlt_status st = grant_ask(call, true, state->what.grant, &grant);

    grant_release(grant);
    if (st == VLT_OK) {
        st = take(call, turn);
    }
    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);

        put_what(&json, &state->what);
        vlt_put_time(&json, "acknowledged", state->when);
        vlt_put_end(&json);
    }
    return st;
}

void
ack_grant_done(struct call *call, enum vlt_status st)
{
    const struct acknowledging *state = call->state;

    acks_settle(call->service->acks, call->who.id, call,
                st == VLT_OK ? state->when : 0);
    if (st == VLT_OK) {
        call_answer(call);
    } else {
        call_fail(call, st);
    }
}
