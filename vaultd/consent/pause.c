/*
 * pause: suspensions that begin and end by themselves, and those that the firm
 * is not told of (lifecycle.h).
 *
 * They begin by effective time, which never goes back, and end by the wall
 * clock alone, where nobody doubts that: a clock that was ahead makes effective
 * time stand still ahead of it, and would end them too early.
 */
#include <stdlib.h>
#include <string.h>

#include "consent/consent_internal.h"
#include "consent/lifecycle.h"

/* ---- what is so at a time ---- */

/* An active one whose time has come, which is not written yet. */
static bool
begun(const struct grant *grant, int64_t now)
{
    return grant->state == CONSENT_ACTIVE && grant->pause_from != 0 &&
           now >= grant->pause_from;
}

static bool
passed(const struct grant *grant, int64_t sure)
{
    return grant->pause_until != 0 && sure >= grant->pause_until;
}

bool
grant_paused(const struct grant *grant, int64_t now, int64_t sure)
{
    return (grant->state == CONSENT_SUSPENDED || begun(grant, now)) &&
           !passed(grant, sure);
}

bool
grant_shown_active(const struct grant *grant)
{
    return grant->state == CONSENT_ACTIVE ||
           (grant->state == CONSENT_SUSPENDED && grant->hidden);
}

bool
grant_silent(const struct grant *grant, int64_t now, int64_t sure)
{
    return grant_paused(grant, now, sure) && !grant->hidden;
}

size_t
grant_gaps(const struct grant *grant, struct grant_gap out[CONSENT_GAPS_NOW])
{
    int64_t from = grant->state == CONSENT_SUSPENDED ? grant->suspended
                   : grant->state == CONSENT_ACTIVE  ? grant->pause_from
                                                     : 0;
    size_t count = grant->gap_count;

    for (size_t i = 0; i < count; i++) {
        out[i] = grant->gap[i];
    }
    if (from != 0) {
        out[count++] = (struct grant_gap){
            .from = from,
            .to = grant->pause_until != 0 ? grant->pause_until : INT64_MAX,
            .hidden = grant->hidden,
        };
    }
    return count;
}

static bool
is_due(const struct grant *grant, int64_t now, int64_t sure)
{
    return !grant_over(grant) && now < grant->exp &&
           (begun(grant, now) ||
            (grant->state == CONSENT_SUSPENDED && passed(grant, sure)));
}

/* ---- its rows ---- */

/* Row 18: it was the owner who said when. */
static enum vlt_status
begin_row(struct consent *consent, struct store_txn *txn,
          struct grant_box *copy, int64_t now, struct consent_changes *changes)
{
    struct grant *grant = &copy->grant;
    struct ending how = { CONSENT_SUSPENDED,
                          grant->hidden ? CONSENT_NO_RECEIPT
                                        : CONSENT_EV_SUSPENDED,
                          CONSENT_BY_CLOCK, ROW_SUSPENDED };

    grant->suspended = grant->pause_from;
    grant->pause_from = 0;
    grant->state = CONSENT_SUSPENDED;
    grant->state_by = CONSENT_BY_OWNER;
    grant->changed = now;
    return alter_grant(consent, txn, copy, &how, now, changes);
}

/* Row 22.  By whatever rules there are by now it is decided at its next use. */
static enum vlt_status
end_row(struct consent *consent, struct store_txn *txn, struct grant_box *copy,
        int64_t now, struct consent_changes *changes)
{
    struct grant *grant = &copy->grant;
    struct grant_gap gap = { grant->suspended, grant->pause_until,
                             grant->hidden };
    struct ending how = { CONSENT_ACTIVE,
                          grant->hidden ? CONSENT_NO_RECEIPT
                                        : CONSENT_EV_RESUMED,
                          CONSENT_BY_CLOCK, ROW_RESUMED };
    enum vlt_status st = grant_add_gap(copy, gap);

    grant->suspended = 0;
    grant->pause_until = 0;
    grant->hidden = false;
    return st == VLT_OK ? alter_grant(consent, txn, copy, &how, now, changes)
                        : st;
}

typedef enum vlt_status row_fn(struct consent *consent, struct store_txn *txn,
                               struct grant_box *copy, int64_t now,
                               struct consent_changes *changes);

static enum vlt_status
put_row(struct consent *consent, struct store_txn *txn, row_fn *row,
        const struct consent_at *at, struct consent_changes *changes)
{
    struct grant_box *box = ledger_grant(consent, at->grant, true);
    struct grant_box *copy = grant_box_copy(box);
    enum vlt_status st =
        copy != NULL ? row(consent, txn, copy, at->now, changes) : VLT_E_NOMEM;

    grant_release(copy != NULL ? &copy->grant : NULL);
    grant_release(&box->grant);
    return st;
}

enum vlt_status
pause_settle(struct consent *consent, struct store_txn *txn,
             const struct consent_at *at, struct consent_changes *changes)
{
    struct grant_box *box = ledger_grant(consent, at->grant, true);
    enum vlt_status st = VLT_OK;

    if (box == NULL) {
        return VLT_OK;
    }
    if (is_due(&box->grant, at->now, at->sure)) {
        bool ends = passed(&box->grant, at->sure);

        if (box->grant.state == CONSENT_ACTIVE) {
            st = put_row(consent, txn, begin_row, at, changes);
        }
        if (st == VLT_OK && ends) {
            st = put_row(consent, txn, end_row, at, changes);
        }
    }
    grant_release(&box->grant);
    return st;
}

/* ---- by time alone ---- */

bool
consent_pauses_due(struct consent *consent, int64_t now, int64_t sure)
{
    bool due = false;
    size_t at = 0;
    void *value;

    lock_take(consent->lock);
    while (!due && map_next(consent->grants, &at, NULL, &value)) {
        due = is_due(&((struct grant_box *)value)->grant, now, sure);
    }
    lock_drop(consent->lock);
    return due;
}

enum vlt_status
consent_pauses(struct consent *consent, struct store_txn *txn,
               const struct consent_at *at, struct consent_changes *changes)
{
    struct grant_box **list = NULL;
    size_t count = 0;
    enum vlt_status st = ledger_all_grants(consent, true, &list, &count);

    for (size_t i = 0; i < count; i++) {
        if (st == VLT_OK && changes->count < CONSENT_CLOCK_ROWS) {
            struct consent_at one = *at;

            memcpy(one.grant, list[i]->grant.id, sizeof one.grant);
            st = pause_settle(consent, txn, &one, changes);
        }
        grant_release(&list[i]->grant);
    }
    free(list);
    return st;
}

/* ---- the owner's ---- */

/* Of one that is suspended already: does this let nothing out? */
static bool
may_again(const struct grant *grant, const struct consent_at *at,
          const struct consent_pause *pause)
{
    if (pause->from > at->now || (pause->hidden && !grant->hidden)) {
        return false;
    }
    return grant->pause_until != 0 || (grant->hidden && !pause->hidden);
}

static bool
may_pause(const struct grant *grant, const struct consent_at *at,
          const struct consent_pause *pause)
{
    if (grant_over(grant) || at->now >= grant->exp ||
        pause->from >= grant->exp) {
        return false;
    }
    return !grant_paused(grant, at->now, at->sure) ||
           may_again(grant, at, pause);
}

/* The receipt of it: the firm hears of what begins now, once. */
static enum consent_event
told(const struct grant *grant, const struct consent_pause *pause, int64_t now)
{
    bool known = grant->state == CONSENT_SUSPENDED && !grant->hidden;

    return known || pause->hidden || pause->from > now ? CONSENT_NO_RECEIPT
                                                       : CONSENT_EV_SUSPENDED;
}

/* Rows bear the time of the clock that is right, which may be behind the time
 * that never goes back. */
static int64_t
gap_begin(const struct consent_at *at)
{
    return at->sure != 0 && at->sure < at->now ? at->sure : at->now;
}

static void
set_pause(struct grant *grant, const struct consent_pause *pause,
          const struct consent_at *at)
{
    bool later = pause->from > at->now;

    grant->pause_from = later ? pause->from : 0;
    grant->pause_until = pause->until;
    grant->hidden = pause->hidden;
    if (!later && grant->state != CONSENT_SUSPENDED) {
        grant->suspended = gap_begin(at);
    }
}

enum vlt_status
consent_pause(struct consent *consent, struct store_txn *txn,
              const struct consent_at *at, const struct consent_pause *pause,
              struct consent_changes *changes)
{
    struct ending how = { pause->from > at->now ? CONSENT_ACTIVE
                                                : CONSENT_SUSPENDED,
                          CONSENT_NO_RECEIPT, CONSENT_BY_OWNER, ROW_SUSPENDED };
    struct grant_box *box = ledger_grant(consent, at->grant, true);
    struct grant_box *copy = NULL;
    bool may;
    enum vlt_status st;

    if (box == NULL) {
        return VLT_E_NOT_FOUND;
    }
    may = may_pause(&box->grant, at, pause);
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
    st = copy != NULL ? VLT_OK : VLT_E_NOMEM;
    if (st == VLT_OK) {
        how.event = told(&copy->grant, pause, at->now);
        set_pause(&copy->grant, pause, at);
        st = alter_grant(consent, txn, copy, &how, at->now, changes);
    }
    grant_release(&box->grant);
    grant_release(copy != NULL ? &copy->grant : NULL);
    return st;
}
