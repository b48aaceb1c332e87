/*
 * request.submit: signature, session, schema and time are checked here, in
 * this order; consent decides (WIRE.md, 8.2).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "crypto/hash.h"
#include "service/request_internal.h"
#include "wire/address.h"
#include "wire/jws.h"
#include "wire/limits.h"
#include "wire/request.h"
#include "json/json_write.h"

struct submit {
    struct vlt_slice jws; /* borrowed from the call's document */
    struct vlt_buf payload;
    uint8_t sha256[VLT_HASH_LEN]; /* of the payload */
    struct vlt_json *document;    /* owned */
    struct terms_request terms;   /* borrows from document */
    bool bad;                     /* refused by prepare; the fault is set */
};

void
submit_clear(void *state)
{
    struct submit *submit = state;

    vlt_buf_free(&submit->payload);
    vlt_json_free(submit->document);
    free(submit);
}

enum vlt_status
submit_check(struct call *call, struct vlt_walk *params)
{
    struct submit *submit = call_state(call, sizeof *submit);

    if (submit == NULL) {
        return VLT_E_NOMEM;
    }
    submit->jws = vlt_walk_text(params, "request", 1, VLT_LIMIT_REQUEST_JWS);
    return VLT_OK;
}

/* A fault of the request, which commit logs before it is answered. */
static enum vlt_status
fault(struct call *call, const char *at, const char *code, const char *says)
{
    struct submit *submit = call->state;

    submit->bad = true;
    (void)call_refuse_at(call, at, "%s%s%s", code, code[0] != '\0' ? ": " : "",
                         says);
    return VLT_OK;
}

/* iss and aud must be those of the session. */
static enum vlt_status
check_session(struct call *call)
{
    struct submit *submit = call->state;
    const struct firm *firm = NULL;
    struct vlt_signer *signer = NULL;
    uint8_t id[VLT_IDENTITY_LEN];
    char text[VLT_IDENTITY_TEXT];
    enum vlt_status st = noun_self(call, &firm);

    if (st != VLT_OK) {
        return st;
    }
    vlt_identity_of(VLT_IDENTITY_FIRM, firm->key, id);
    if (!vlt_slice_is(submit->terms.iss,
                      vlt_identity_print(VLT_IDENTITY_FIRM, id, text))) {
        firm_release(firm);
        return fault(call, "iss", "", "iss is not the firm that asks.");
    }
    st = noun_receipt_signer(call->service, firm, &signer);
    firm_release(firm);
    if (st != VLT_OK) {
        return st;
    }
    vlt_identity_of(VLT_IDENTITY_RECEIPT, vlt_signer_pk(signer), id);
    vlt_signer_free(signer);
    if (!vlt_slice_is(submit->terms.aud,
                      vlt_identity_print(VLT_IDENTITY_RECEIPT, id, text))) {
        return fault(call, "aud", "",
                     "aud is not this vault's receipt key for the firm; "
                     "session.info tells it.");
    }
    return VLT_OK;
}

enum vlt_status
submit_prepare(struct call *call)
{
    struct submit *submit = call->state;
    struct terms_fault lint;
    enum vlt_status st;

    vlt_buf_init(&submit->payload, VLT_LIMIT_REQUEST_JWS);
    st = vlt_jws_verify(submit->jws, VLT_LIMIT_REQUEST_JWS, VLT_TYP_REQUEST,
                        call->who.key, &submit->payload);
    if (st == VLT_E_FORMAT || st == VLT_E_AUTH || st == VLT_E_LIMIT) {
        return fault(call, "request", "",
                     st == VLT_E_AUTH
                         ? "The signature is not that of the session's key."
                         : "The request is no JWS of type " VLT_TYP_REQUEST
                           ".");
    }
    if (st != VLT_OK) {
        return st;
    }
    vlt_sha256_of(vlt_buf_slice(&submit->payload), submit->sha256);
    lint = (struct terms_fault){ .at = "request",
                                 .says = "The payload is too deep." };
    st = vlt_request_read(vlt_buf_slice(&submit->payload), &submit->document,
                          &submit->terms, &lint);
    if (st == VLT_E_FORMAT || st == VLT_E_LIMIT) {
        return fault(call, lint.at, lint.code, lint.says);
    }
    return st == VLT_OK ? check_session(call) : st;
}

/* ---- in the turn ---- */

static enum vlt_status
log_submitted(struct call *call, struct turn *turn, const struct firm *firm,
              enum audit_type type)
{
    const struct submit *submit = call->state;
    bool bad = type == AUDIT_REQUEST_BAD;
    struct guard_event event = {
        .type = type,
        .subject = bad ? NULL : submit->terms.jti,
        .firm = firm,
    };
    struct vlt_buf detail[2];
    enum vlt_status st;

    for (size_t i = 0; i < 2; i++) { /* the firm's, then the owner's */
        struct vlt_json_out json;

        vlt_buf_init(&detail[i], AUDIT_DETAIL_MAX);
        json = vlt_json_out(&detail[i]);
        vlt_put_object(&json, NULL);
        if (bad) {
            vlt_put_text(&json, "at", call->fault.at);
            vlt_put_text(&json, "says", call->fault.message);
        } else {
            vlt_put_ulid(&json, "request", submit->terms.jti);
            vlt_put_hex(&json, "sha256", submit->sha256, VLT_HASH_LEN);
        }
        if (i == 1) {
            vlt_put_text(&json, "firm", firm->name);
        }
        vlt_put_end(&json);
    }
    event.firm_detail = vlt_buf_slice(&detail[0]);
    event.owner_detail = vlt_buf_slice(&detail[1]);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail[0]);
    vlt_buf_free(&detail[1]);
    return st;
}

static bool
ignore_request(void *ctx, const struct consent_request *request)
{
    (void)ctx;
    (void)request;
    return false;
}

/* A new one must have been signed just now; a repetition need not. */
static bool
in_time(const struct submit *submit, int64_t now)
{
    int64_t off = submit->terms.iat - vlt_floor_div(now, VLT_SECOND);

    return off <= VLT_LIMIT_IAT_S && off >= -VLT_LIMIT_IAT_S;
}

/* A new one that names a grant to replace; false: refused, the fault is set. */
static bool
may_replace(struct call *call, const struct turn *turn, const struct firm *firm)
{
    const struct submit *submit = call->state;
    struct consent_firm facts = guard_firm(firm);
    struct consent_submission submission = {
        .firm = &facts,
        .request = &submit->terms,
        .now = turn->now,
    };
    struct terms_fault lint;

    if (consent_check_replaces(call->service->consent, &submission, &lint) ==
        VLT_OK) {
        return true;
    }
    (void)fault(call, lint.at, lint.code, lint.says);
    return false;
}

static enum vlt_status
hand_over(struct call *call, struct turn *turn, const struct firm *firm,
          bool known)
{
    struct submit *submit = call->state;
    struct consent_firm facts = guard_firm(firm);
    struct consent_world world = guard_world(turn);
    struct consent_submission submission = {
        .firm = &facts,
        .request = &submit->terms,
        .jws = submit->jws,
        .world = &world,
        .now = turn->now,
    };
    struct consent_changes changes = { .count = 0 };
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = consent_submit(call->service->consent, txn, &submission, &changes,
                            &call->fault.retry_ms);
    }
    if (st == VLT_E_CONFLICT) {
        (void)call_refuse(call, st,
                          "A request of this jti came before with other "
                          "bytes.");
    } else if (st == VLT_E_QUOTA) {
        (void)call_refuse(call, st,
                          "Too many requests wait or came within a day, or "
                          "too many grants are in force; wait.");
    }
    /* Its entry stands before those of what was decided. */
    if (st == VLT_OK && !known) {
        st = log_submitted(call, turn, firm, AUDIT_REQUEST);
    }
    if (st == VLT_OK) {
        st = guard_carry(turn, &changes, &call->after);
    }
    consent_changes_free(&changes);
    return st;
}

static enum vlt_status
tell(struct call *call, struct turn *turn)
{
    const struct submit *submit = call->state;
    struct vlt_json_out json;
    struct request_telling telling = { .service = call->service,
                                       .json = &json,
                                       .firm = call->who.id };
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    telling.view = store_txn_view(txn);
    json = call_result(call);
    st = consent_request_now(call->service->consent, submit->terms.jti,
                             request_tell_outcome, &telling);
    vlt_put_end(&json);
    return st == VLT_OK ? telling.st : st;
}

/* Refused as malformed, with its entry (consent.h). */
static enum vlt_status
refuse_bad(struct call *call, struct turn *turn, const struct firm *firm)
{
    enum vlt_status st = log_submitted(call, turn, firm, AUDIT_REQUEST_BAD);

    call->denied = true;

    return st == VLT_OK ? VLT_E_FORMAT : st;
}

enum vlt_status
submit_commit(struct call *call, struct turn *turn)
{
    struct submit *submit = call->state;
    const struct firm *firm =
        identity_firm_now(call->service->identity, call->who.id);
    int64_t now = 0;
    enum vlt_status st = firm != NULL ? guard_now(turn, &now) : VLT_E_DENIED;
    bool known;

    if (st != VLT_OK || submit->bad) {
        st = st != VLT_OK ? st : refuse_bad(call, turn, firm);
        firm_release(firm);
        return st;
    }
    known = consent_request_now(call->service->consent, submit->terms.jti,
                                ignore_request, NULL) == VLT_OK;
    if (!known && !in_time(submit, now)) {
        (void)fault(call, "iat", "",
                    "iat is more than 300 s from the vault's time.");
        st = refuse_bad(call, turn, firm);
    } else if (!known && !may_replace(call, turn, firm)) {
        st = refuse_bad(call, turn, firm);
    } else {
        st = hand_over(call, turn, firm, known);
    }
    firm_release(firm);
    return st == VLT_OK ? tell(call, turn) : st;
}
