/*
 * refuse: the owner denies, the firm takes back (WIRE.md, 6.5).
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "consent/granting_internal.h"

enum vlt_status
answer_begin(struct consent *consent, const uint8_t id[VLT_ID_LEN],
             struct kept_request **out)
{
    struct kept_request *kept = ledger_request(consent, id, true);
    struct kept_request *copy;

    if (kept == NULL) {
        return VLT_E_NOT_FOUND;
    }
    copy = request_copy(kept);
    request_release(kept);
    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    *out = copy;
    return VLT_OK;
}

bool
consent_part_waits(const struct consent_request *request, size_t part,
                   int64_t now)
{
    const struct consent_part *at = &request->part[part];

    return (at->state == CONSENT_PENDING_STATE && now < request->reply_by) ||
           (at->state == CONSENT_COUNTERED && now < at->offer_until);
}

bool
part_waits(const struct kept_request *request, size_t part, int64_t now)
{
    return consent_part_waits(&request->request, part, now);
}

size_t
parts_wait(const struct kept_request *request, int64_t now)
{
    size_t count = 0;

    for (size_t i = 0; i < request->request.parts; i++) {
        count += part_waits(request, i, now);
    }
    return count;
}

void
offer_missed(struct kept_request *request, size_t part, int64_t now)
{
    struct consent_part *at = &request->request.part[part];

    at->denied = now;
    at->denied_items = items_of(&request->offer[part]->terms);
}

/* The owner's reason, kept with each part that waits. */
static enum vlt_status
note_reason(struct kept_request *request, struct vlt_slice reason, int64_t now)
{
    for (size_t i = 0; reason.len > 0 && i < request->request.parts; i++) {
        if (!part_waits(request, i, now)) {
            continue;
        }
        free(request->reason[i]);
        request->reason[i] = vlt_text_copy(reason);
        if (request->reason[i] == NULL) {
            return VLT_E_NOMEM;
        }
        request->request.part[i].reason = vlt_slice_text(request->reason[i]);
    }
    return VLT_OK;
}

/* What the owner denies is not to be asked for again soon. */
static void
note_denied(struct kept_request *request, size_t i, int64_t now)
{
    struct consent_part *part = &request->request.part[i];
    struct terms terms;

    terms_part(&request->terms, i, &terms);
    part->denied = now;
    part->denied_items = items_of(&terms) & ~part->ruled_out;
}

/* End what waits of it: what is offered only the owner can take back. */
static enum vlt_status
end_pending(struct consent *consent, struct store_txn *txn,
            struct kept_request *request, const struct ending *how, int64_t now,
            struct consent_changes *changes)
{
    bool any = false;
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < request->request.parts; i++) {
        if (part_waits(request, i, now) &&
            (is_pending(request, i) || how->row == ROW_DENIED)) {
            any = true;
            if (how->row == ROW_DENIED) {
                note_denied(request, i, now);
            }
            part_note_end(request, i, how->by, now);
            st = end_part(consent, txn, request, (int)i, how, changes);
        }
    }
    if (st == VLT_OK && !any) {
        return VLT_E_CONFLICT;
    }
    return st == VLT_OK ? ledger_put_request(consent, txn, request) : st;
}

enum vlt_status
consent_deny(struct consent *consent, struct store_txn *txn,
             const uint8_t id[VLT_ID_LEN], struct vlt_slice reason, int64_t now,
             struct consent_changes *changes)
{
    static const struct ending how = { CONSENT_DENIED, CONSENT_REFUSED,
                                       CONSENT_BY_OWNER, ROW_DENIED };
    struct kept_request *request = NULL;
    enum vlt_status st;

    if (reason.len > CONSENT_REASON) {
        return VLT_E_LIMIT;
    }
    st = answer_begin(consent, id, &request);
    if (st == VLT_OK) {
        st = note_reason(request, reason, now);
    }
    if (st == VLT_OK) {
        st = end_pending(consent, txn, request, &how, now, changes);
    }
    request_release(request);
    return st;
}

enum vlt_status
consent_withdraw(struct consent *consent, struct store_txn *txn,
                 const uint8_t id[VLT_ID_LEN], const uint8_t firm[VLT_ID_LEN],
                 int64_t now, struct consent_changes *changes)
{
    static const struct ending how = { CONSENT_DROPPED, CONSENT_NO_RECEIPT,
                                       CONSENT_BY_FIRM, ROW_DROPPED };
    struct kept_request *request = NULL;
    enum vlt_status st = answer_begin(consent, id, &request);

    if (st != VLT_OK) {
        return st;
    }
    st = memcmp(request->request.firm, firm, VLT_ID_LEN) == 0
             ? end_pending(consent, txn, request, &how, now, changes)
             : VLT_E_NOT_FOUND;
    request_release(request);
    return st;
}
