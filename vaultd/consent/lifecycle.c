#include "consent/lifecycle.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "consent/consent_internal.h"

/* ---- suspend ---- */

enum consent_event
event_of_pause(const struct grant *grant, enum consent_event event)
{
    return grant->state == CONSENT_SUSPENDED && !grant->hidden
               ? event
               : CONSENT_NO_RECEIPT;
}

enum vlt_status
suspend_grant(struct consent *consent, struct store_txn *txn,
              struct grant_box *grant, const struct ending *how, int64_t now,
              struct consent_changes *changes)
{
    struct grant_box *copy = grant_box_copy(grant);
    enum vlt_status st = VLT_OK;

    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    assert(grant_shown_active(&grant->grant));
    /* What was withheld in secret stays so, and is told of by no page. */
    if (copy->grant.state == CONSENT_SUSPENDED) {
        struct grant_gap gap = { copy->grant.suspended, now, true };

        st = grant_add_gap(copy, gap);
    }
    copy->grant.suspended = now;
    copy->grant.state_by = how->by;
    copy->grant.pause_from = 0;
    copy->grant.pause_until = 0;
    copy->grant.hidden = false;
    if (st == VLT_OK) {
        st = alter_grant(consent, txn, copy, how, now, changes);
    }
    grant_release(&copy->grant);
    return st;
}

/* The row by which it was suspended. */
static enum consent_row
suspended_by(enum consent_by by)
{
    switch (by) {
    case CONSENT_BY_CLOCK:
        return ROW_UNUSED;
    case CONSENT_BY_VAULT:
        return ROW_HELD_UP;
    case CONSENT_BY_OWNER:
    case CONSENT_BY_FIRM:
        break;
    }
    return ROW_SUSPENDED;
}

enum vlt_status
suspend_successor(struct consent *consent, struct store_txn *txn,
                  struct grant_box *successor, const struct grant *old,
                  int64_t now, struct consent_changes *changes)
{
    struct ending how = { CONSENT_SUSPENDED,
                          event_of_pause(old, CONSENT_EV_SUSPENDED),
                          old->state_by, suspended_by(old->state_by) };
    struct grant_box *copy = grant_box_copy(successor);
    enum vlt_status st;

    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    copy->grant.suspended = old->suspended;
    copy->grant.pause_until = old->pause_until;
    copy->grant.hidden = old->hidden;
    st = grant_note_ruled(copy, old->ruled);
    if (st == VLT_OK) {
        st = alter_grant(consent, txn, copy, &how, now, changes);
    }
    grant_release(&copy->grant);
    return st;
}

enum vlt_status
consent_suspend(struct consent *consent, struct store_txn *txn,
                const struct consent_at *at, struct consent_changes *changes)
{
    static const struct consent_pause now = { .from = 0 };

    return consent_pause(consent, txn, at, &now, changes);
}

/* ---- resume ---- */

enum vlt_status
grant_add_gap(struct grant_box *box, struct grant_gap gap)
{
    struct grant *grant = &box->grant;

    if (gap.to <= gap.from) {
        return VLT_OK;
    }
    if (box->gap == NULL) {
        box->gap = calloc(CONSENT_GAPS, sizeof *box->gap);
        if (box->gap == NULL) {
            return VLT_E_NOMEM;
        }
        grant->gap = box->gap;
    }
    if (grant->gap_count == CONSENT_GAPS) {
        box->gap[CONSENT_GAPS - 1].to = gap.to;
    } else {
        box->gap[grant->gap_count++] = gap;
    }
    return VLT_OK;
}

/* What is suspended, or, of one that is active, was to be later on. */
static bool
may_resume(const struct grant *grant, const struct consent_at *at)
{
    return !grant_over(grant) && at->now < grant->exp &&
           (grant_paused(grant, at->now, at->sure) ||
            grant->pause_from > at->now);
}

/* What is left of its suspension: the gap, unless that is released. */
static enum vlt_status
lift(struct grant_box *copy, int64_t now, bool release_gap)
{
    struct grant *grant = &copy->grant;
    struct grant_gap gap = { grant->suspended, now, grant->hidden };
    bool was = grant->state == CONSENT_SUSPENDED;
    enum vlt_status st = VLT_OK;

    if (was && !release_gap) {
        st = grant_add_gap(copy, gap);
    }
    if (was && grant->state_by == CONSENT_BY_VAULT) {
        grant->by_rule = false;
    }
    if (st == VLT_OK) {
        st = grant_note_ruled(copy, (struct vlt_slice){ .len = 0 });
    }
    grant->suspended = 0;
    grant->pause_from = 0;
    grant->pause_until = 0;
    grant->hidden = false;
    return st;
}

enum vlt_status
consent_resume(struct consent *consent, struct store_txn *txn,
               const struct consent_at *at, bool release_gap,
               struct consent_changes *changes)
{
    struct ending how = { CONSENT_ACTIVE, CONSENT_EV_RESUMED, CONSENT_BY_OWNER,
                          ROW_RESUMED };
    struct grant_box *box = ledger_grant(consent, at->grant, true);
    struct grant_box *copy = NULL;
    bool may;
    enum vlt_status st;

    if (box == NULL) {
        return VLT_E_NOT_FOUND;
    }
    may = may_resume(&box->grant, at);
    grant_release(&box->grant);
    if (!may) {
        return VLT_E_CONFLICT;
    }
    st = pause_settle(consent, txn, at, changes);
    if (st != VLT_OK) {
        return st;
    }
    box = ledger_grant(consent, at->grant, true);
    copy = grant_box_copy(box);
    how.event = event_of_pause(&box->grant, CONSENT_EV_RESUMED);
    st = copy != NULL ? lift(copy, at->now, release_gap) : VLT_E_NOMEM;
    if (st == VLT_OK) {
        st = alter_grant(consent, txn, copy, &how, at->now, changes);
    }
    grant_release(&box->grant);
    grant_release(copy != NULL ? &copy->grant : NULL);
    return st;
}
