/*
 * request.answer: the firm accepts a counter-offer, by its signature over the
 * very bytes of it, or leaves it.
 */
#include <stdlib.h>
#include <string.h>

#include "consent/counter.h"
#include "crypto/hash.h"
#include "service/request_internal.h"
#include "wire/jws.h"
#include "wire/offer.h"
#include "json/json_write.h"

struct answer {
    uint8_t request[VLT_ID_LEN];
    int purpose;
    bool accepts;
    struct vlt_slice jws;         /* borrowed from the call's document */
    uint8_t sha256[VLT_HASH_LEN]; /* of the payload that was signed */
    const uint8_t *firm;          /* that calls; borrowed */
    bool own;                     /* the request is this firm's */
    bool same;                    /* what was signed is the offer */
};

void
answer_clear(void *state)
{
    free(state);
}

enum vlt_status
answer_check(struct call *call, struct vlt_walk *params)
{
    struct answer *answer = call_state(call, sizeof *answer);
    struct vlt_slice purpose;

    if (answer == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_walk_ulid(params, "request", answer->request);
    purpose = vlt_walk_text(params, "part", 1, VOCAB_ID_MAX);
    answer->purpose = vocab_purpose_find((const char *)purpose.at, purpose.len);
    answer->accepts = vlt_walk_bool(params, "accept");
    answer->jws = vlt_walk_text_or(params, "acceptance", 1, VLT_OFFER_JWS,
                                   vlt_slice_text(""));
    if (!vlt_walk_failed(params) && answer->purpose == VOCAB_NONE) {
        vlt_walk_fault(params, "part", "is no purpose");
    } else if (!vlt_walk_failed(params) &&
               answer->accepts != (answer->jws.len > 0)) {
        vlt_walk_fault(params, "acceptance",
                       "stands beside accept: true, and only there");
    }
    return VLT_OK;
}

enum vlt_status
answer_prepare(struct call *call)
{
    struct answer *answer = call->state;
    struct vlt_buf payload;
    enum vlt_status st;

    if (!answer->accepts) {
        return VLT_OK;
    }
    vlt_buf_init(&payload, VLT_OFFER_MAX);
    st = vlt_jws_verify(answer->jws, VLT_OFFER_JWS, VLT_TYP_ACCEPT,
                        call->who.key, &payload);
    if (st == VLT_E_AUTH) {
        st = call_refuse_at(call, "acceptance",
                            "The signature is not that of the session's key.");
    } else if (st == VLT_E_FORMAT || st == VLT_E_LIMIT) {
        st = call_refuse_at(call, "acceptance",
                            "It is no JWS of type " VLT_TYP_ACCEPT ".");
    }
    if (st == VLT_OK) {
        vlt_sha256_of(vlt_buf_slice(&payload), answer->sha256);
    }
    vlt_buf_free(&payload);
    return st;
}

/* ---- in the turn ---- */

/* The SHA-256 of the payload of what was offered. */
static bool
offered_hash(struct vlt_slice jws, uint8_t out[VLT_HASH_LEN])
{
    const uint8_t *first = jws.len > 0 ? memchr(jws.at, '.', jws.len) : NULL;
    const uint8_t *second = NULL;
    struct vlt_buf payload;
    bool made;

    if (first != NULL) {
        first++;
        second = memchr(first, '.', jws.len - (size_t)(first - jws.at));
    }
    if (second == NULL) {
        return false;
    }
    vlt_buf_init(&payload, VLT_OFFER_MAX);
    made = vlt_base64url_get(vlt_slice_of(first, (size_t)(second - first)),
                             &payload) == VLT_OK;
    if (made) {
        vlt_sha256_of(vlt_buf_slice(&payload), out);
    }
    vlt_buf_free(&payload);
    return made;
}

static bool
compare(void *ctx, const struct consent_request *request)
{
    struct answer *answer = ctx;

    answer->own = memcmp(request->firm, answer->firm, VLT_ID_LEN) == 0;
    for (size_t i = 0; i < request->parts; i++) {
        uint8_t own[VLT_HASH_LEN];

        if (request->part[i].purpose == answer->purpose &&
            offered_hash(request->part[i].offer, own)) {
            answer->same = memcmp(own, answer->sha256, sizeof own) == 0;
        }
    }
    return false;
}

static enum vlt_status
take(struct call *call, struct turn *turn, const struct firm *firm)
{
    const struct answer *answer = call->state;
    struct consent_firm facts = guard_firm(firm);
    struct consent_world world = guard_world(turn);
    struct consent_answering answering = { .purpose = answer->purpose,
                                           .accepts = answer->accepts,
                                           .firm = &facts,
                                           .world = &world,
                                           .now = turn->now };
    struct consent_changes changes = { .count = 0 };
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    memcpy(answering.request, answer->request, sizeof answering.request);
    if (st == VLT_OK) {
        st = consent_answer(call->service->consent, txn, &answering, &changes);
    }
    if (st == VLT_E_CONFLICT) {
        st = call_refuse(call, st, "Nothing is offered, or not any more.");
    } else if (st == VLT_E_QUOTA) {
        st = call_refuse(call, st, "Too many grants are in force; end some.");
    }
    if (st == VLT_OK) {
        st = guard_carry(turn, &changes, &call->after);
    }
    consent_changes_free(&changes);
    return st;
}

enum vlt_status
answer_commit(struct call *call, struct turn *turn)
{
    struct answer *answer = call->state;
    const struct firm *firm =
        identity_firm_now(call->service->identity, call->who.id);
    int64_t now = 0;
    enum vlt_status st = firm != NULL ? guard_now(turn, &now) : VLT_E_DENIED;

    if (st == VLT_OK && answer->accepts) {
        answer->firm = call->who.id;
        st = consent_request_now(call->service->consent, answer->request,
                                 compare, answer);
        if (st == VLT_OK && !answer->own) {
            st = VLT_E_NOT_FOUND;
        }
        if (st == VLT_OK && !answer->same) {
            st = call_refuse_at(call, "acceptance",
                                "It is not over the payload of the offer.");
        }
    }
    if (st == VLT_OK) {
        st = take(call, turn, firm);
    }
    firm_release(firm);
    return st == VLT_OK ? request_tell_turn(call, turn, answer->request) : st;
}
