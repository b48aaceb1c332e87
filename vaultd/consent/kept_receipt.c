/*
 * Receipts as they were signed, kept by (grant, seq) or (request, part).
 */
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "consent/consent_internal.h"
#include "crypto/hash.h"
#include "json/json_write.h"

enum {
    RECORD_MAX = 256 << 10,
    RECORD_DEPTH = 2,
};

/* The id of a receipt's record. */
static void
record_id(const uint8_t of[VLT_ID_LEN], int part, uint64_t seq,
          uint8_t out[VLT_ID_LEN])
{
    uint8_t numbers[12];
    uint8_t hash[VLT_HASH_LEN];
    struct vlt_slice parts[] = {
        vlt_slice_text("vd1 receipt record"),
        vlt_slice_of(of, VLT_ID_LEN),
        vlt_slice_of(numbers, sizeof numbers),
    };

    vlt_store_u32(numbers, (uint32_t)part);
    vlt_store_u64(numbers + 4, seq);
    vlt_hash(parts, 3, hash);
    memcpy(out, hash, VLT_ID_LEN);
}

static enum vlt_status
put(struct store_txn *txn, const uint8_t id[VLT_ID_LEN],
    const uint8_t kid[STORE_KID_LEN], struct vlt_slice jws,
    struct vlt_slice countersignature, uint64_t log_index)
{
    struct vlt_json_out json;
    struct vlt_buf buf;
    enum vlt_status st;

    vlt_buf_init(&buf, RECORD_MAX);
    json = vlt_json_out(&buf);
    vlt_put_object(&json, NULL);
    vlt_put_slice(&json, "countersignature", countersignature);
    vlt_put_slice(&json, "jws", jws);
    vlt_put_uint(&json, "log_index", log_index);
    vlt_put_int(&json, "v", 1);
    vlt_put_end(&json);
    st = vlt_buf_status(&buf);
    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_RECEIPT, id, kid,
                            vlt_buf_slice(&buf));
    }
    vlt_buf_free(&buf);
    return st;
}

/* The grant knows its newest receipt. */
static enum vlt_status
note_on_grant(struct consent *consent, struct store_txn *txn,
              const struct consent_receipt *receipt, struct grant_box *box)
{
    struct grant_box *copy = grant_box_copy(box);
    enum vlt_status st;

    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    copy->grant.receipt_seq = receipt->seq;
    memcpy(copy->grant.last_receipt, receipt->sha256, 32);
    st = ledger_put_grant(consent, txn, copy);
    grant_release(&copy->grant);
    return st;
}

enum vlt_status
consent_receipt_put(struct consent *consent, struct store_txn *txn,
                    const struct consent_receipt *receipt)
{
    struct vlt_slice none = { .len = 0 };
    uint8_t id[VLT_ID_LEN];
    enum vlt_status st;

    if (receipt->grant == NULL) {
        struct kept_request *request =
            ledger_request(consent, receipt->request, true);

        if (request == NULL) {
            return VLT_E_NOT_FOUND;
        }
        record_id(receipt->request, receipt->part + 1, receipt->seq, id);
        st = put(txn, id, request->kid, receipt->jws, none, receipt->log_index);
        request_release(request);
        return st;
    }
    struct grant_box *box = ledger_grant(consent, receipt->grant, true);

    if (box == NULL) {
        return VLT_E_NOT_FOUND;
    }
    record_id(receipt->grant, 0, receipt->seq, id);
    st = put(txn, id, box->grant.firm_kid, receipt->jws, none,
             receipt->log_index);
    if (st == VLT_OK) {
        st = note_on_grant(consent, txn, receipt, box);
    }
    grant_release(&box->grant);
    return st;
}

static enum vlt_status
get(const struct store_view *view, const uint8_t id[VLT_ID_LEN],
    struct vlt_buf *jws, struct vlt_buf *countersignature, uint64_t *log_index)
{
    struct vlt_json *document = NULL;
    struct vlt_buf json;
    enum vlt_status st;

    vlt_buf_init(&json, RECORD_MAX);
    st = store_meta_get(view, STORE_META_RECEIPT, id, &json);
    if (st == VLT_OK) {
        st = vlt_json_parse(vlt_buf_slice(&json), RECORD_MAX, RECORD_DEPTH,
                            NULL, &document);
    }
    if (st == VLT_OK) {
        vlt_buf_put_slice(jws, vlt_json_text_of(vlt_json_get(document, "jws")));
        vlt_buf_put_slice(countersignature, vlt_json_text_of(vlt_json_get(
                                                document, "countersignature")));
        *log_index =
            (uint64_t)vlt_json_int_of(vlt_json_get(document, "log_index"));
        st = vlt_buf_status(jws);
    }
    if (st == VLT_OK) {
        st = vlt_buf_status(countersignature);
    }
    vlt_json_free(document);
    vlt_buf_free(&json);
    return st;
}

enum vlt_status
consent_receipt_get(struct consent *consent, const struct store_view *view,
                    const uint8_t grant[VLT_ID_LEN], uint64_t seq,
                    struct vlt_buf *jws, struct vlt_buf *countersignature,
                    uint64_t *log_index)
{
    uint8_t id[VLT_ID_LEN];

    (void)consent;
    record_id(grant, 0, seq, id);
    return get(view, id, jws, countersignature, log_index);
}

enum vlt_status
consent_refusal_get(struct consent *consent, const struct store_view *view,
                    const uint8_t request[VLT_ID_LEN], int part,
                    struct vlt_buf *jws, uint64_t *log_index)
{
    struct vlt_buf none;
    uint8_t id[VLT_ID_LEN];
    enum vlt_status st;

    (void)consent;
    vlt_buf_init(&none, 0);
    record_id(request, part + 1, 1, id);
    st = get(view, id, jws, &none, log_index);
    vlt_buf_free(&none);
    return st;
}

enum vlt_status
consent_countersign(struct consent *consent, struct store_txn *txn,
                    const uint8_t grant[VLT_ID_LEN], uint64_t seq,
                    struct vlt_slice countersignature, int64_t now)
{
    struct grant_box *box = ledger_grant(consent, grant, true);
    struct grant_box *copy = NULL;
    struct vlt_buf jws;
    struct vlt_buf before;
    uint8_t id[VLT_ID_LEN];
    uint64_t log_index;
    enum vlt_status st;

    if (box == NULL) {
        return VLT_E_NOT_FOUND;
    }
    if ((box->grant.state != CONSENT_ACTIVE && !box->grant.hidden) ||
        now >= box->grant.exp) {
        grant_release(&box->grant);
        return VLT_E_CONFLICT;
    }
    vlt_buf_init(&jws, RECORD_MAX);
    vlt_buf_init(&before, RECORD_MAX);
    record_id(grant, 0, seq, id);
    st = get(store_txn_view(txn), id, &jws, &before, &log_index);
    if (st == VLT_OK && before.len == 0) {
        st = put(txn, id, box->grant.firm_kid, vlt_buf_slice(&jws),
                 countersignature, log_index);
        copy = grant_box_copy(box);
        if (copy == NULL) {
            st = VLT_E_NOMEM;
        }
        if (st == VLT_OK && copy->grant.countersigned == 0) {
            copy->grant.countersigned = now;
            st = ledger_put_grant(consent, txn, copy);
        }
    }
    grant_release(copy != NULL ? &copy->grant : NULL);
    grant_release(&box->grant);
    vlt_buf_free(&jws);
    vlt_buf_free(&before);
    return st;
}

enum vlt_status
consent_acknowledged(struct consent *consent, struct store_txn *txn,
                     const uint8_t grant[VLT_ID_LEN], int64_t now)
{
    struct grant_box *box = ledger_grant(consent, grant, true);
    struct grant_box *copy;
    enum vlt_status st;

    if (box == NULL) {
        return VLT_E_NOT_FOUND;
    }
    copy = grant_box_copy(box);
    grant_release(&box->grant);
    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    copy->grant.acks++;
    copy->grant.acked = now;
    st = ledger_put_grant(consent, txn, copy);
    grant_release(&copy->grant);
    return st;
}

enum vlt_status
consent_event_seq(struct consent *consent, struct store_txn *txn,
                  const uint8_t grant[VLT_ID_LEN], uint64_t *out)
{
    struct grant_box *box = ledger_grant(consent, grant, true);
    struct grant_box *copy;
    enum vlt_status st;

    if (box == NULL) {
        return VLT_E_NOT_FOUND;
    }
    copy = grant_box_copy(box);
    grant_release(&box->grant);
    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    copy->grant.event_seq++;
    *out = copy->grant.event_seq;
    st = ledger_put_grant(consent, txn, copy);
    grant_release(&copy->grant);
    return st;
}
