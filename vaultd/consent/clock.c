/*
 * clock: rows that take effect by time alone, written down (consent.h).
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "consent/consent_internal.h"

const struct ending unrecorded_ending = { CONSENT_REVOKED, CONSENT_EV_REVOKED,
                                          CONSENT_BY_CLOCK, ROW_UNRECORDED };

static int64_t
later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Nobody missed it for long: it waits for the owner.  Contact takes no uses. */
static bool
is_unused(const struct grant *grant, int64_t now)
{
    int64_t since = later(later(grant->nbf, grant->changed), grant->last_use);

    return grant->state == CONSENT_ACTIVE &&
           grant->terms.common.action != VOCAB_CONTACT &&
           now - since >= CONSENT_UNUSED_DAYS * VLT_DAY;
}

bool
grant_awaits_agreement(const struct grant_box *box)
{
    return box->agreement;
}

bool
grant_unrecorded(const struct grant_box *box, int64_t now)
{
    return grant_shown_active(&box->grant) && grant_awaits_agreement(box) &&
           now - box->grant.nbf >= CONSENT_AGREED_DAYS * VLT_DAY;
}

static bool
grant_due(const struct grant_box *box, int64_t now)
{
    const struct grant *grant = &box->grant;

    return !grant_over(grant) &&
           (now >= grant->exp || grant_unrecorded(box, now) ||
            is_unused(grant, now));
}

/* Uses of which the owner is to hear by now.  A rule that would tell of them
 * sooner acts at the use. */
static bool
digest_due(const struct grant *grant, int64_t now)
{
    return tell_due(grant, grant->duties.notify, now);
}

/* As the turn has the grant by now: another row may have been taken. */
static enum vlt_status
tell_digest(struct consent *consent, struct store_txn *txn,
            const uint8_t id[VLT_ID_LEN], int64_t now,
            struct consent_changes *changes)
{
    struct grant_box *box = ledger_grant(consent, id, true);
    struct grant_box *copy = grant_box_copy(box);
    enum vlt_status st =
        copy != NULL ? tell_uses(copy, now, changes) : VLT_E_NOMEM;

    if (st == VLT_OK) {
        st = ledger_put_grant(consent, txn, copy);
    }
    grant_release(copy != NULL ? &copy->grant : NULL);
    grant_release(&box->grant);
    return st;
}

/* Has it waited in vain, for the owner or for the firm? */
static bool
part_due(const struct consent_request *request, size_t i, int64_t now)
{
    const struct consent_part *part = &request->part[i];

    return (part->state == CONSENT_PENDING_STATE && now >= request->reply_by) ||
           (part->state == CONSENT_COUNTERED && now >= part->offer_until);
}

static bool
request_due(const struct consent_request *request, int64_t now)
{
    for (size_t i = 0; i < request->parts; i++) {
        if (part_due(request, i, now)) {
            return true;
        }
    }
    return false;
}

bool
consent_clock_due(struct consent *consent, int64_t now)
{
    bool due = false;
    size_t at = 0;
    void *value;

    lock_take(consent->lock);
    while (!due && map_next(consent->grants, &at, NULL, &value)) {
        const struct grant_box *box = value;
        const struct grant *grant = &box->grant;

        due = grant_due(box, now) || digest_due(grant, now) ||
              held_due(grant, now);
    }
    at = 0;
    while (!due && map_next(consent->requests, &at, NULL, &value)) {
        due = request_due(&((struct kept_request *)value)->request, now);
    }
    lock_drop(consent->lock);
    return due;
}

static enum vlt_status
lapse(struct consent *consent, struct store_txn *txn,
      const struct kept_request *kept, int64_t now,
      struct consent_changes *changes)
{
    static const struct ending how = { CONSENT_LAPSED, CONSENT_EV_LAPSED,
                                       CONSENT_BY_CLOCK, ROW_LAPSED };
    struct kept_request *copy = request_copy(kept);
    enum vlt_status st = copy != NULL ? VLT_OK : VLT_E_NOMEM;

    for (size_t i = 0; st == VLT_OK && i < copy->request.parts; i++) {
        if (part_due(&copy->request, i, now)) {
            const struct consent_part *part = &copy->request.part[i];
            bool offered = part->state == CONSENT_COUNTERED;

            if (offered) {
                offer_missed(copy, i, part->offer_until);
            }
            part_note_end(copy, i, how.by,
                          offered ? part->offer_until : copy->request.reply_by);
            st = end_part(consent, txn, copy, (int)i, &how, changes);
        }
    }
    if (st == VLT_OK) {
        st = ledger_put_request(consent, txn, copy);
    }
    request_release(copy);
    return st;
}

/* The rows of one grant that are due. */
static enum vlt_status
write_grant(struct consent *consent, struct store_txn *txn,
            struct grant_box *box, int64_t now, struct consent_changes *changes)
{
    static const struct ending expired = { CONSENT_EXPIRED, CONSENT_EV_EXPIRED,
                                           CONSENT_BY_CLOCK, ROW_EXPIRED };
    static const struct ending unused = { CONSENT_SUSPENDED,
                                          CONSENT_EV_SUSPENDED,
                                          CONSENT_BY_CLOCK, ROW_UNUSED };
    enum vlt_status st;

    if (!grant_due(box, now)) {
        st = VLT_OK;
    } else if (now >= box->grant.exp) {
        st = end_grant(consent, txn, box, &expired, now, changes);
    } else if (grant_unrecorded(box, now)) {
        st = end_grant(consent, txn, box, &unrecorded_ending, now, changes);
    } else {
        st = suspend_grant(consent, txn, box, &unused, now, changes);
    }
    if (st == VLT_OK && digest_due(&box->grant, now)) {
        st = tell_digest(consent, txn, box->grant.id, now, changes);
    }
    if (st == VLT_OK && held_due(&box->grant, now)) {
        st = held_tell(consent, txn, box->grant.id, now, changes);
    }
    return st;
}

static enum vlt_status
write_grants(struct consent *consent, struct store_txn *txn, int64_t now,
             struct consent_changes *changes)
{
    struct grant_box **list = NULL;
    size_t count = 0;
    enum vlt_status st = ledger_all_grants(consent, true, &list, &count);

    for (size_t i = 0; i < count; i++) {
        if (st == VLT_OK && changes->count < CONSENT_CLOCK_ROWS) {
            st = write_grant(consent, txn, list[i], now, changes);
        }
        grant_release(&list[i]->grant);
    }
    free(list);
    return st;
}

enum vlt_status
consent_clock(struct consent *consent, struct store_txn *txn, int64_t now,
              struct consent_changes *changes)
{
    struct kept_request **requests = NULL;
    size_t count = 0;
    enum vlt_status st = write_grants(consent, txn, now, changes);

    if (st == VLT_OK) {
        st = ledger_all_requests(consent, true, &requests, &count);
    }
    for (size_t i = 0; i < count; i++) {
        if (st == VLT_OK && changes->count < CONSENT_CLOCK_ROWS &&
            request_due(&requests[i]->request, now)) {
            st = lapse(consent, txn, requests[i], now, changes);
        }
        request_release(requests[i]);
    }
    free(requests);
    return st;
}
