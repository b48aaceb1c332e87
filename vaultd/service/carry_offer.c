/*
 * carry_offer: a counter-offer is signed, kept and logged (commit thread).
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "consent/counter.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "service/carry_internal.h"
#include "wire/offer.h"
#include "json/json_write.h"

static void
fill(struct vlt_offer *out, const struct carrying *carrying,
     const struct vlt_signer *signer)
{
    const struct consent_change *change = carrying->change;
    int64_t now = carrying->turn->now;

    vlt_identity_of(VLT_IDENTITY_RECEIPT, vlt_signer_pk(signer), out->iss);
    vlt_identity_of(VLT_IDENTITY_FIRM, carrying->firm->key, out->aud);
    memcpy(out->sub, carrying->firm->subject, sizeof out->sub);
    vlt_ulid_new(now, out->jti);
    out->iat = now / VLT_SECOND;
    out->exp = out->iat + CONSENT_OFFER_DAYS * (VLT_DAY / VLT_SECOND);
    out->by_hand = change->by == CONSENT_BY_OWNER;
    memcpy(out->request, carrying->request->id, sizeof out->request);
    memcpy(out->request_sha256, carrying->request->sha256,
           sizeof out->request_sha256);
    out->left_out = change->left_out;
    out->terms = *change->offer;
}

static enum vlt_status
sign(struct carrying *carrying, const struct vlt_signer *signer)
{
    struct vlt_offer *offer = calloc(1, sizeof *offer);
    struct vlt_buf payload;
    struct terms asked;
    enum vlt_status st;

    if (offer == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_buf_init(&payload, VLT_OFFER_MAX);
    terms_part(carrying->request->terms, (size_t)carrying->change->part,
               &asked);
    fill(offer, carrying, signer);
    vlt_offer_put(offer, &asked, &payload);
    st = vlt_buf_status(&payload);
    if (st == VLT_OK) {
        st = vlt_jws_sign(signer, VLT_TYP_OFFER, vlt_buf_slice(&payload),
                          &carrying->jws);
    }
    vlt_buf_free(&payload);
    free(offer);
    return st;
}

enum vlt_status
carry_offer_make(struct carrying *carrying)
{
    struct service *service = carrying->turn->service;
    struct vlt_signer *signer = NULL;
    struct store_txn *txn;
    enum vlt_status st = guard_txn(carrying->turn, &txn);

    if (st == VLT_OK) {
        st = identity_receipt_signer(service->identity, carrying->firm->id,
                                     carrying->firm->receipt_n, &signer);
    }
    if (st == VLT_OK) {
        st = sign(carrying, signer);
    }
    if (st == VLT_OK) {
        st = consent_offer_put(service->consent, txn, carrying->request->id,
                               carrying->change->part,
                               vlt_buf_slice(&carrying->jws));
    }
    vlt_signer_free(signer);
    return st;
}

/* ---- the entry ---- */

static const char *
event_of(enum consent_row row)
{
    return row == ROW_ACCEPTED ? "accepted"
           : row == ROW_LEFT   ? "left"
                               : "offered";
}

static void
put_detail(const struct carrying *carrying, bool owner, struct vlt_buf *out)
{
    const struct consent_change *change = carrying->change;
    struct vlt_json_out json;

    vlt_buf_init(out, AUDIT_DETAIL_MAX);
    json = vlt_json_out(out);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", event_of(change->row));
    if (owner) {
        vlt_put_text(&json, "firm", carrying->firm->name);
    }
    vlt_put_ulid(&json, "request", carrying->request->id);
    vlt_put_text(
        &json, "purpose",
        vocab_purpose(carrying->request->terms->purposes[change->part].id)->id);
    if (change->offer != NULL) {
        uint8_t hash[VLT_HASH_LEN];

        vlt_sha256_of(vlt_buf_slice(&carrying->jws), hash);
        vlt_put_hex(&json, "offer", hash, sizeof hash);
    }
    vlt_put_end(&json);
}

enum vlt_status
carry_offer_log(struct carrying *carrying)
{
    struct guard_event event = { .type = AUDIT_OFFER,
                                 .subject = carrying->request->id,
                                 .firm = carrying->firm };
    struct vlt_buf firm;
    struct vlt_buf owner;
    enum vlt_status st;

    put_detail(carrying, false, &firm);
    put_detail(carrying, true, &owner);
    event.firm_detail = vlt_buf_slice(&firm);
    event.owner_detail = vlt_buf_slice(&owner);
    st = guard_log(carrying->turn, &event, NULL);
    vlt_buf_free(&firm);
    vlt_buf_free(&owner);
    return st;
}
