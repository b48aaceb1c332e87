/*
 * carry_receipt: the receipt of a row of the lifecycle (commit thread).
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "service/carry_internal.h"

static enum vlt_receipt_event
receipt_event(enum consent_event event)
{
    switch (event) {
    case CONSENT_GIVEN:
        return VLT_RECEIPT_GIVEN;
    case CONSENT_NO_RECEIPT:
    case CONSENT_REFUSED:
        return VLT_RECEIPT_REFUSED_EVENT;
    case CONSENT_EV_LAPSED:
        return VLT_RECEIPT_LAPSED;
    case CONSENT_EV_EXHAUSTED:
        return VLT_RECEIPT_EXHAUSTED;
    case CONSENT_EV_WITHDRAWN:
        return VLT_RECEIPT_WITHDRAWN;
    case CONSENT_EV_REVOKED:
        return VLT_RECEIPT_REVOKED;
    case CONSENT_EV_ENDED:
        return VLT_RECEIPT_ENDED;
    case CONSENT_EV_EXPIRED:
        return VLT_RECEIPT_EXPIRED;
    case CONSENT_EV_SUSPENDED:
        return VLT_RECEIPT_SUSPENDED;
    case CONSENT_EV_RESUMED:
        return VLT_RECEIPT_RESUMED;
    case CONSENT_EV_NARROWED:
        return VLT_RECEIPT_NARROWED;
    case CONSENT_EV_ADMITTED:
        return VLT_RECEIPT_ADMITTED;
    case CONSENT_EV_INVALIDATED:
        return VLT_RECEIPT_INVALIDATED;
    case CONSENT_EV_REPLACED:
        return VLT_RECEIPT_REPLACED;
    case CONSENT_EV_RENEWED:
        return VLT_RECEIPT_RENEWED;
    }
    return VLT_RECEIPT_REFUSED_EVENT;
}

static enum vlt_receipt_by
receipt_by(enum consent_by by)
{
    switch (by) {
    case CONSENT_BY_OWNER:
        return VLT_RECEIPT_BY_OWNER;
    case CONSENT_BY_FIRM:
        return VLT_RECEIPT_BY_FIRM;
    case CONSENT_BY_VAULT:
        return VLT_RECEIPT_BY_VAULT;
    case CONSENT_BY_CLOCK:
        return VLT_RECEIPT_BY_CLOCK;
    }
    return VLT_RECEIPT_BY_VAULT;
}

/* What the request said, as it stands in every receipt. */
static void
fill_request(struct vlt_receipt *out, const struct carrying *carrying)
{
    const struct terms_request *terms = carrying->request->terms;
    const struct terms_purpose *purpose =
        &terms->purposes[carrying->change->part];

    memcpy(out->request, carrying->request->id, sizeof out->request);
    memcpy(out->request_sha256, carrying->request->sha256,
           sizeof out->request_sha256);
    out->has_agreement = terms->has_agreement;
    out->agreement_id = terms->agreement_id;
    memcpy(out->agreement_sha256, terms->agreement_sha256,
           sizeof out->agreement_sha256);
    out->controller_name = terms->controller_name;
    out->controller_contact = terms->controller_contact;
    out->controller_address = terms->controller_address;
    out->controller_country = terms->controller_country;
    out->has_behalf = terms->has_behalf;
    out->behalf_name = terms->behalf_name;
    out->behalf_country = terms->behalf_country;
    out->purpose_text = purpose->text;
    out->lang = purpose->lang;
    out->benefit = purpose->benefit;
    out->notice_uri = terms->notice_uri;
    memcpy(out->notice_sha256, terms->notice_sha256, sizeof out->notice_sha256);
    out->notice_lang = terms->notice_lang;
    out->rights = terms->rights;
    out->authority = terms->authority;
    out->jurisdiction = terms->controller_country;
}

static void
fill_refused(struct vlt_receipt *out, const struct carrying *carrying)
{
    const struct consent_change *change = carrying->change;
    int purpose = carrying->request->terms->purposes[change->part].id;

    for (int n = 1; n <= TERMS_ITEMS; n++) {
        if ((change->left_out & (1U << (n - 1))) != 0) {
            out->refused[out->refused_count++] =
                (struct vlt_receipt_refused){ .purpose = purpose, .n = n };
        }
    }
}

static bool
any_explicit(const struct terms *terms)
{
    for (size_t i = 0; i < terms->item_count; i++) {
        if (terms_explicit(terms->purpose, terms->items[i].data)) {
            return true;
        }
    }
    return terms_explicit(terms->purpose, VOCAB_NONE);
}

/* Its predecessor: an earlier row of this turn may have made it. */
static void
fill_chain(struct vlt_receipt *out, const struct carrying *carrying)
{
    const struct grant *now = consent_grant_now(
        carrying->turn->service->consent, carrying->change->grant->id);
    const struct grant *grant = now != NULL ? now : carrying->change->grant;

    out->seq = grant->receipt_seq + 1;
    out->has_prev = grant->receipt_seq > 0;
    memcpy(out->prev, grant->last_receipt, sizeof out->prev);
    grant_release(now);
}

static void
fill_grant(struct vlt_receipt *out, const struct grant *grant)
{
    out->has_grant = true;
    memcpy(out->grant, grant->id, sizeof out->grant);
    out->terms = grant->terms;
    out->is_explicit = grant->explicit_only;
    out->nbf = grant->nbf / VLT_SECOND;
    out->exp = grant->exp / VLT_SECOND;
    out->by_hand = !grant->by_rule;
    out->ask_each = grant->duties.ask_each;
    out->min_readings = grant->duties.min_readings;
    out->names_show = grant->duties.show_names;
    out->new_streams_include = grant->duties.join_new_streams;
}

/* Its predecessor is the last receipt of the grant that it renews, which was
 * made before in this turn. */
static void
fill_renewed(struct vlt_receipt *out, const struct carrying *carrying)
{
    const struct grant *old = consent_grant_now(
        carrying->turn->service->consent, carrying->change->grant->prev);

    if (old != NULL) {
        out->has_prev = true;
        memcpy(out->prev, old->last_receipt, sizeof out->prev);
    }
    grant_release(old);
}

/* A part that is no grant: the terms as asked. */
static void
fill_part(struct vlt_receipt *out, const struct carrying *carrying)
{
    struct policy_duties unsaid = policy_duties_unsaid();

    terms_part(carrying->request->terms, (size_t)carrying->change->part,
               &out->terms);
    out->is_explicit = any_explicit(&out->terms);
    out->seq = 1;
    out->nbf = out->iat;
    out->exp = out->iat;
    out->by_hand = carrying->change->by == CONSENT_BY_OWNER;
    out->ask_each = unsaid.ask_each;
    out->min_readings = unsaid.min_readings;
}

/* The commitment to the policy set that was in force: the owner can open it by
 * the salt, firms cannot compare it. */
static void
fill_policy(struct vlt_receipt *out, struct carrying *carrying)
{
    const struct grant *grant = carrying->change->grant;
    const struct consent_set *set;
    uint8_t *salt = carrying->policy_salt;
    struct vlt_slice hash;

    if (grant != NULL) {
        memcpy(salt, grant->policy_salt, sizeof carrying->policy_salt);
        hash = vlt_slice_of(grant->policy_hash, sizeof grant->policy_hash);
    } else {
        vlt_random(salt, sizeof carrying->policy_salt);
        set = consent_set_now(carrying->turn->service->consent);
        hash = vlt_slice_of(set->hash, sizeof set->hash);
    }
    vlt_hmac(vlt_slice_of(salt, sizeof carrying->policy_salt), &hash, 1,
             out->policy);
}

static enum vlt_status
fill_log(struct vlt_receipt *out, struct carrying *carrying)
{
    struct service *service = carrying->turn->service;
    struct audit_head head;
    struct store_txn *txn;
    enum vlt_status st = guard_txn(carrying->turn, &txn);

    if (st == VLT_OK) {
        st = audit_head(service->audit, store_txn_view(txn), carrying->firm->id,
                        &head);
    }
    if (st == VLT_OK) {
        memcpy(out->log.tree, carrying->firm->id, sizeof out->log.tree);
        out->log.instance = audit_instance(service->audit);
        out->log_size = head.size;
        memcpy(out->log_root, head.root, sizeof head.root);
        carrying->log_index = head.size;
    }
    return st;
}

static enum vlt_status
fill(struct vlt_receipt *out, struct carrying *carrying,
     const struct vlt_signer *signer)
{
    const struct consent_change *change = carrying->change;

    vlt_identity_of(VLT_IDENTITY_RECEIPT, vlt_signer_pk(signer), out->iss);
    vlt_identity_of(VLT_IDENTITY_FIRM, carrying->firm->key, out->aud);
    memcpy(out->sub, carrying->firm->subject, sizeof out->sub);
    vlt_ulid_new(carrying->turn->now, out->jti);
    out->iat = carrying->turn->now / VLT_SECOND;
    out->fresh_until = out->iat + VLT_LIMIT_FRESH_S;
    out->event = receipt_event(change->event);
    out->by = receipt_by(change->by);
    out->gpc =
        !policy_settings(consent_set_now(carrying->turn->service->consent)->set)
             ->gpc_off;
    fill_request(out, carrying);
    if (change->grant != NULL) {
        fill_grant(out, change->grant);
        fill_chain(out, carrying);
    } else {
        fill_part(out, carrying);
    }
    if (change->event == CONSENT_EV_RENEWED) {
        fill_renewed(out, carrying);
    }
    /* What ends a grant binds from this moment. */
    if (change->grant != NULL && grant_over(change->grant)) {
        out->exp = out->iat;
        carry_deletion_fill(out, change->grant);
    }
    fill_refused(out, carrying);
    fill_policy(out, carrying);
    carrying->seq = out->seq;
    return fill_log(out, carrying);
}

enum vlt_status
carry_receipt_make(struct carrying *carrying, struct vlt_buf *detail)
{
    struct service *service = carrying->turn->service;
    struct vlt_receipt *receipt = calloc(1, sizeof *receipt);
    struct vlt_signer *signer = NULL;
    enum vlt_status st;

    if (receipt == NULL) {
        return VLT_E_NOMEM;
    }
    st = identity_receipt_signer(service->identity, carrying->firm->id,
                                 carrying->firm->receipt_n, &signer);
    if (st == VLT_OK) {
        st = fill(receipt, carrying, signer);
    }
    if (st != VLT_OK) {
        goto done;
    }
    vlt_receipt_put(receipt, &carrying->payload);
    st = vlt_buf_status(&carrying->payload);
    if (st == VLT_OK) {
        st = vlt_receipt_sign(signer, vlt_buf_slice(&carrying->payload),
                              &carrying->jws);
    }
    if (st == VLT_OK) {
        vlt_sha256_of(vlt_buf_slice(&carrying->payload), carrying->sha256);
        vlt_receipt_detail(receipt, carrying->sha256,
                           consent_state_word(carrying->change->state), detail);
        st = vlt_buf_status(detail);
    }

done:
    vlt_signer_free(signer);
    free(receipt);
    return st;
}

enum vlt_status
carry_receipt_keep(const struct carrying *carrying)
{
    const struct consent_change *change = carrying->change;
    struct consent_receipt kept = {
        .grant = change->grant != NULL ? change->grant->id : NULL,
        .request = carrying->request->id,
        .part = change->part,
        .seq = carrying->seq,
        .log_index = carrying->log_index,
        .jws = vlt_buf_slice(&carrying->jws),
        .time = carrying->turn->now,
    };
    struct store_txn *txn;
    enum vlt_status st = guard_txn(carrying->turn, &txn);

    memcpy(kept.sha256, carrying->sha256, sizeof kept.sha256);
    if (st == VLT_OK) {
        st = consent_receipt_put(carrying->turn->service->consent, txn, &kept);
    }
    return st;
}
