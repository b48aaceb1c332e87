/*
 * grant.countersign: the firm's signature over the very bytes of a receipt's
 * payload.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "service/grant_internal.h"
#include "wire/jws.h"
#include "wire/limits.h"
#include "wire/receipt.h"
#include "json/json_write.h"

struct countersign {
    uint8_t grant[VLT_ID_LEN];
    uint64_t seq;
    struct vlt_slice jws;         /* borrowed from the call's document */
    uint8_t sha256[VLT_HASH_LEN]; /* of the payload that was signed */
};

enum vlt_status
countersign_check(struct call *call, struct vlt_walk *params)
{
    struct countersign *state = call_state(call, sizeof *state);

    if (state == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_walk_ulid(params, "grant", state->grant);
    state->seq = (uint64_t)vlt_walk_int(params, "seq", 1, VLT_LIMIT_ID);
    state->jws =
        vlt_walk_text(params, "countersignature", 1, VLT_LIMIT_RECEIPT_JWS);
    return VLT_OK;
}

static enum vlt_status
refuse(struct call *call, const char *says)
{
    return call_refuse_at(call, "countersignature", "%s", says);
}

enum vlt_status
countersign_prepare(struct call *call)
{
    struct countersign *state = call->state;
    struct vlt_buf payload;
    enum vlt_status st;

    vlt_buf_init(&payload, VLT_RECEIPT_MAX);
    st = vlt_jws_verify(state->jws, VLT_LIMIT_RECEIPT_JWS, VLT_TYP_COUNTERSIGN,
                        call->who.key, &payload);
    if (st == VLT_E_AUTH) {
        st = refuse(call, "The signature is not that of the session's key.");
    } else if (st == VLT_E_FORMAT || st == VLT_E_LIMIT) {
        st = refuse(call, "It is no JWS of type " VLT_TYP_COUNTERSIGN ".");
    }
    if (st == VLT_OK) {
        vlt_sha256_of(vlt_buf_slice(&payload), state->sha256);
    }
    vlt_buf_free(&payload);
    return st;
}

/* The SHA-256 of the payload between the full stops. */
static enum vlt_status
payload_hash(struct vlt_slice jws, uint8_t out[VLT_HASH_LEN])
{
    const uint8_t *first = memchr(jws.at, '.', jws.len);
    const uint8_t *second;
    struct vlt_buf payload;
    enum vlt_status st;

    if (first == NULL) {
        return VLT_E_STORAGE;
    }
    first++;
    second = memchr(first, '.', jws.len - (size_t)(first - jws.at));
    if (second == NULL) {
        return VLT_E_STORAGE;
    }
    vlt_buf_init(&payload, VLT_RECEIPT_MAX);
    st = vlt_base64url_get(vlt_slice_of(first, (size_t)(second - first)),
                           &payload);
    if (st == VLT_OK) {
        vlt_sha256_of(vlt_buf_slice(&payload), out);
    }
    vlt_buf_free(&payload);
    return st;
}

/* It must be over the receipt's own payload.  *repeated: there is one. */
static enum vlt_status
check_same(struct call *call, struct store_txn *txn, bool *repeated)
{
    const struct countersign *state = call->state;
    uint8_t own[VLT_HASH_LEN];
    struct vlt_buf jws;
    struct vlt_buf before;
    uint64_t index;
    enum vlt_status st;

    vlt_buf_init(&jws, 0);
    vlt_buf_init(&before, 0);
    st = consent_receipt_get(call->service->consent, store_txn_view(txn),
                             state->grant, state->seq, &jws, &before, &index);
    if (st == VLT_E_NOT_FOUND) {
        st = call_refuse_at(call, "seq", "The grant has no such receipt.");
    } else if (st == VLT_OK) {
        st = payload_hash(vlt_buf_slice(&jws), own);
    }
    if (st == VLT_OK && memcmp(own, state->sha256, sizeof own) != 0) {
        st = refuse(call, "It is not over the payload of that receipt.");
    }
    *repeated = before.len > 0;
    vlt_buf_free(&jws);
    vlt_buf_free(&before);
    return st;
}

static enum vlt_status
log_signed(struct call *call, struct turn *turn)
{
    const struct countersign *state = call->state;
    const struct firm *firm =
        identity_firm_now(call->service->identity, call->who.id);
    struct guard_event event = { .type = AUDIT_COUNTERSIGN,
                                 .subject = state->grant,
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
    vlt_put_ulid(&json, "grant", state->grant);
    vlt_put_uint(&json, "seq", state->seq);
    vlt_put_hex(&json, "receipt", state->sha256, sizeof state->sha256);
    vlt_put_end(&json);
    event.firm_detail = vlt_buf_slice(&detail);
    event.owner_detail = event.firm_detail;
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    firm_release(firm);
    return st;
}

static enum vlt_status
sign(struct call *call, struct turn *turn, struct store_txn *txn)
{
    const struct countersign *state = call->state;
    enum vlt_status st =
        consent_countersign(call->service->consent, txn, state->grant,
                            state->seq, state->jws, turn->now);

    return st == VLT_OK ? log_signed(call, turn) : st;
}

enum vlt_status
countersign_commit(struct call *call, struct turn *turn)
{
    const struct countersign *state = call->state;
    const struct grant *grant = NULL;
    struct store_txn *txn;
    bool repeated = false;
    enum vlt_status st = grant_ask(call, true, state->grant, &grant);

    if (st == VLT_OK) {
        st = guard_txn(turn, &txn);
    }
    if (st == VLT_OK) {
        st = check_same(call, txn, &repeated);
    }
    if (st == VLT_OK && !repeated) {
        st = sign(call, turn, txn);
    }
    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);

        vlt_put_ulid(&json, "grant", state->grant);
        vlt_put_uint(&json, "seq", state->seq);
        vlt_put_time(&json, "countersigned",
                     repeated ? grant->countersigned : turn->now);
        vlt_put_end(&json);
    }
    grant_release(grant);
    return st;
}
