#include "consent/lifecycle.h"

#include <stdlib.h>
#include <string.h>

#include "consent/consent_internal.h"

/* ---- suspend ---- */

enum vlt_status
suspend_grant(struct consent *consent, struct store_txn *txn,
              struct grant_box *grant, const struct ending *how, int64_t now,
              struct consent_changes *changes)
{
    struct grant_box *copy = grant_box_copy(grant);
    enum vlt_status st;

    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    copy->grant.suspended = now;
    st = alter_grant(consent, txn, copy, how, now, changes);
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
    struct ending how = { CONSENT_SUSPENDED, CONSENT_EV_SUSPENDED,
                          old->state_by, suspended_by(old->state_by) };
    struct grant_box *copy = grant_box_copy(successor);
    enum vlt_status st;

    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    copy->grant.suspended = old->suspended;
    st = alter_grant(consent, txn, copy, &how, now, changes);
    grant_release(&copy->grant);
    return st;
}

/* The grant, in this state at that time: held. */
static enum vlt_status
find(struct consent *consent, const struct consent_at *at,
     enum consent_state state, struct grant_box **out)
{
    struct grant_box *box = ledger_grant(consent, at->grant, true);

    if (box == NULL) {
        return VLT_E_NOT_FOUND;
    }
    /* What is over by time alone is over, written down or not. */
    if (box->grant.state != state || at->now >= box->grant.exp) {
        grant_release(&box->grant);
        return VLT_E_CONFLICT;
    }
    *out = box;
    return VLT_OK;
}

enum vlt_status
consent_suspend(struct consent *consent, struct store_txn *txn,
                const struct consent_at *at, struct consent_changes *changes)
{
    static const struct ending how = { CONSENT_SUSPENDED, CONSENT_EV_SUSPENDED,
                                       CONSENT_BY_OWNER, ROW_SUSPENDED };
    struct grant_box *box = NULL;
    enum vlt_status st = find(consent, at, CONSENT_ACTIVE, &box);

    if (st != VLT_OK) {
        return st;
    }
    st = suspend_grant(consent, txn, box, &how, at->now, changes);
    grant_release(&box->grant);
    return st;
}

/* ---- resume ---- */

enum vlt_status
grant_add_gap(struct grant_box *box, int64_t from, int64_t to)
{
    struct grant *grant = &box->grant;

    if (to <= from) {
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
        box->gap[CONSENT_GAPS - 1].to = to;
    } else {
        box->gap[grant->gap_count++] = (struct grant_gap){ from, to };
    }
    return VLT_OK;
}

enum vlt_status
consent_resume(struct consent *consent, struct store_txn *txn,
               const struct consent_at *at, bool release_gap,
               struct consent_changes *changes)
{
    static const struct ending how = { CONSENT_ACTIVE, CONSENT_EV_RESUMED,
                                       CONSENT_BY_OWNER, ROW_RESUMED };
    struct grant_box *box = NULL;
    struct grant_box *copy;
    enum vlt_status st = find(consent, at, CONSENT_SUSPENDED, &box);

    if (st != VLT_OK) {
        return st;
    }
    copy = grant_box_copy(box);
    grant_release(&box->grant);
    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    if (!release_gap) {
        st = grant_add_gap(copy, copy->grant.suspended, at->now);
    }
    if (copy->grant.state_by == CONSENT_BY_VAULT) {
        copy->grant.by_rule = false;
    }
    copy->grant.suspended = 0;
    if (st == VLT_OK) {
        st = alter_grant(consent, txn, copy, &how, at->now, changes);
    }
    grant_release(&copy->grant);
    return st;
}
