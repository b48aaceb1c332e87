/*
 * carry: every row of the lifecycle that consent took is carried out here: its
 * entries in the log, its receipt, and what the loop has to do (commit thread).
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "service/guard_internal.h"
#include "wire/receipt.h"
#include "json/json_write.h"

/* What one change is carried out with. */
struct carrying {
    struct turn *turn;
    const struct consent_change *change;
    const struct consent_request *request; /* borrowed */
    const struct firm *firm;               /* held */
    struct after **after;
    struct vlt_buf payload; /* of the receipt */
    struct vlt_buf jws;
    uint8_t sha256[32];
    uint64_t seq;       /* of the receipt */
    uint64_t log_index; /* of its entry in the firm's tree */
};

/* Rows whose entry is a decision, and rows whose entry is the grant's. */
static bool
has_decision(int row)
{
    return row == 2 || row == 3 || row == 4 || row == 6 || row == 8 ||
           row == 9 || row == 11;
}

/* ---- the receipt ---- */

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

static void
fill_grant(struct vlt_receipt *out, const struct grant *grant)
{
    out->has_grant = true;
    memcpy(out->grant, grant->id, sizeof out->grant);
    out->seq = grant->receipt_seq + 1;
    out->has_prev = grant->receipt_seq > 0;
    memcpy(out->prev, grant->last_receipt, sizeof out->prev);
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
fill_policy(struct vlt_receipt *out, const struct carrying *carrying)
{
    const struct grant *grant = carrying->change->grant;
    const struct consent_set *set = NULL;
    uint8_t salt[32];
    struct vlt_slice hash;

    if (grant != NULL) {
        memcpy(salt, grant->policy_salt, sizeof salt);
        hash = vlt_slice_of(grant->policy_hash, sizeof grant->policy_hash);
    } else {
        vlt_random(salt, sizeof salt);
        set = consent_set_hold(carrying->turn->service->consent);
        hash = vlt_slice_of(set->hash, sizeof set->hash);
    }
    vlt_hmac(vlt_slice_of(salt, sizeof salt), &hash, 1, out->policy);
    consent_set_release(set);
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
    out->gpc = true;
    fill_request(out, carrying);
    if (change->grant != NULL) {
        fill_grant(out, change->grant);
    } else {
        fill_part(out, carrying);
    }
    /* What ends a grant binds from this moment. */
    if (change->grant != NULL && !vlt_receipt_in_force(out->event)) {
        out->exp = out->iat;
        out->has_deletion = true;
    }
    fill_refused(out, carrying);
    fill_policy(out, carrying);
    carrying->seq = out->seq;
    return fill_log(out, carrying);
}

/* Build, sign, and make the detail that the firm's tree commits to. */
static enum vlt_status
make_receipt(struct carrying *carrying, struct vlt_buf *detail)
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

static enum vlt_status
keep_receipt(struct carrying *carrying)
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

/* ---- the entries ---- */

static void
put_plain(const struct carrying *carrying, struct vlt_buf *out)
{
    const struct consent_change *change = carrying->change;
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    vlt_put_ulid(&json, "request", carrying->request->id);
    vlt_put_text(
        &json, "purpose",
        vocab_purpose(carrying->request->terms->purposes[change->part].id)->id);
    if (change->grant != NULL) {
        vlt_put_ulid(&json, "grant", change->grant->id);
    }
    vlt_put_text(&json, "state", consent_state_word(change->state));
    vlt_put_end(&json);
}

/* The same with the whole explanation, for the owner's tree. */
static void
put_owner(const struct carrying *carrying, struct vlt_buf *out)
{
    static const char *const by[] = { "", "owner", "firm", "vault", "clock" };
    const struct consent_change *change = carrying->change;
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    vlt_put_ulid(&json, "request", carrying->request->id);
    vlt_put_text(&json, "firm", carrying->firm->name);
    vlt_put_text(
        &json, "purpose",
        vocab_purpose(carrying->request->terms->purposes[change->part].id)->id);
    if (change->grant != NULL) {
        vlt_put_ulid(&json, "grant", change->grant->id);
    }
    vlt_put_text(&json, "state", consent_state_word(change->state));
    vlt_put_text(&json, "by", by[change->by]);
    vlt_put_int(&json, "row", change->row);
    if (change->grant != NULL) {
        vlt_put_list(&json, "rules");
        for (size_t i = 0; i < change->grant->rule_count; i++) {
            vlt_put_text(&json, NULL, change->grant->rule[i].name);
        }
        vlt_put_end(&json);
        vlt_put_uint(&json, "policy_version", change->grant->policy_version);
        vlt_put_hex(&json, "policy_salt", change->grant->policy_salt, 32);
    }
    vlt_put_end(&json);
}

static enum vlt_status
log_entry(struct carrying *carrying, enum audit_type type,
          struct vlt_slice firm_detail)
{
    const struct consent_change *change = carrying->change;
    bool of_grant = change->grant != NULL && type == AUDIT_GRANT;
    struct guard_event event = {
        .type = type,
        .subject = of_grant ? change->grant->id : carrying->request->id,
        .firm = carrying->firm,
        .of_grant = of_grant,
        .firm_detail = firm_detail,
    };
    struct vlt_buf owner;
    enum vlt_status st;

    vlt_buf_init(&owner, AUDIT_DETAIL_MAX);
    put_owner(carrying, &owner);
    event.owner_detail = vlt_buf_slice(&owner);
    st = guard_log(carrying->turn, &event, NULL);
    vlt_buf_free(&owner);
    return st;
}

/* The decision's entry, then the grant's; the later one carries the receipt. */
static enum vlt_status
log_change(struct carrying *carrying)
{
    const struct consent_change *change = carrying->change;
    bool receipt = change->event != CONSENT_NO_RECEIPT;
    struct vlt_buf plain;
    struct vlt_buf detail;
    enum vlt_status st = VLT_OK;

    vlt_buf_init(&plain, AUDIT_DETAIL_MAX);
    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    put_plain(carrying, &plain);
    if (has_decision(change->row) && (change->grant != NULL || !receipt)) {
        st = log_entry(carrying, AUDIT_DECISION, vlt_buf_slice(&plain));
    } else if (change->row == 10) {
        st = log_entry(carrying, AUDIT_REQUEST, vlt_buf_slice(&plain));
    }
    if (st == VLT_OK && receipt) {
        st = make_receipt(carrying, &detail);
        if (st == VLT_OK) {
            st = log_entry(carrying,
                           change->grant != NULL ? AUDIT_GRANT : AUDIT_DECISION,
                           vlt_buf_slice(&detail));
        }
        if (st == VLT_OK) {
            st = keep_receipt(carrying);
        }
    }
    vlt_buf_free(&plain);
    vlt_buf_free(&detail);
    return st;
}

/* ---- what the loop does ---- */

static void
notify_firm(struct carrying *carrying)
{
    const struct consent_change *change = carrying->change;
    struct after *after =
        after_add(carrying->after, AFTER_NOTIFY_FIRM, carrying->firm->id);
    struct vlt_json_out json;

    if (after == NULL) {
        return; /* grant.receipt gives the receipt all the same */
    }
    json = vlt_rpc_begin_notification(&after->text, change->grant != NULL
                                                        ? "grant.changed"
                                                        : "request.decided");
    vlt_put_object(&json, "params");
    if (change->grant != NULL) {
        vlt_put_ulid(&json, "grant", change->grant->id);
        vlt_put_text(&json, "state", consent_state_word(change->state));
        vlt_put_text(&json, "reason", consent_event_word(change->event));
    } else {
        vlt_put_ulid(&json, "request", carrying->request->id);
        vlt_put_text(&json, "state", consent_state_word(change->state));
    }
    vlt_put_slice(&json, "receipt", vlt_buf_slice(&carrying->jws));
    vlt_put_end(&json);
    vlt_put_end(&json);
}

static void
notify_owner(struct carrying *carrying)
{
    struct after *after =
        after_add(carrying->after, AFTER_NOTIFY_OWNER, carrying->request->id);
    struct vlt_json_out json;

    if (after == NULL) {
        return; /* request.list shows it all the same */
    }
    json = vlt_rpc_begin_notification(&after->text, "owner.notice");
    vlt_put_object(&json, "params");
    vlt_put_text(&json, "kind", "request");
    vlt_put_ulid(&json, "subject", carrying->request->id);
    vlt_put_text(&json, "says", "A request waits for your decision.");
    vlt_put_end(&json);
    vlt_put_end(&json);
}

static enum vlt_status
queue_after(struct carrying *carrying)
{
    const struct consent_change *change = carrying->change;

    /* The last use of a grant is still to be delivered (row 17). */
    if (change->grant != NULL && grant_over(change->grant) &&
        change->row != 17) {
        struct after *after =
            after_add(carrying->after, AFTER_SILENCE, change->grant->id);

        if (after == NULL) {
            return VLT_E_NOMEM; /* without silence no end */
        }
        after->committed = service_boot(carrying->turn->service);
    }
    if (change->event != CONSENT_NO_RECEIPT) {
        notify_firm(carrying);
    }
    if (change->row == 3) {
        notify_owner(carrying);
    }
    return VLT_OK;
}

/* ---- one change ---- */

struct finding {
    struct carrying *carrying;
    enum vlt_status st;
};

static bool
carry_one(void *ctx, const struct consent_request *request)
{
    struct finding *finding = ctx;
    struct carrying *carrying = finding->carrying;
    struct service *service = carrying->turn->service;

    carrying->request = request;
    carrying->firm = identity_firm_now(service->identity, request->firm);
    if (carrying->firm == NULL) {
        finding->st = VLT_E_STORAGE;
        return false;
    }
    vlt_buf_init(&carrying->payload, VLT_RECEIPT_MAX);
    vlt_buf_init(&carrying->jws, VLT_LIMIT_RECEIPT_JWS);
    finding->st = log_change(carrying);
    if (finding->st == VLT_OK) {
        finding->st = queue_after(carrying);
    }
    vlt_buf_free(&carrying->payload);
    vlt_buf_free(&carrying->jws);
    firm_release(carrying->firm);
    return false;
}

enum vlt_status
guard_carry(struct turn *turn, struct consent_changes *changes,
            struct after **after)
{
    enum vlt_status st = VLT_OK;
    int64_t now;

    if (changes->count > 0) {
        st = guard_now(turn, &now);
    }
    for (size_t i = 0; st == VLT_OK && i < changes->count; i++) {
        struct carrying carrying = { .turn = turn,
                                     .change = &changes->at[i],
                                     .after = after };
        struct finding finding = { .carrying = &carrying, .st = VLT_OK };

        st = consent_request_now(turn->service->consent, changes->at[i].request,
                                 carry_one, &finding);
        if (st == VLT_OK) {
            st = finding.st;
        }
    }
    consent_changes_free(changes);
    return st;
}
