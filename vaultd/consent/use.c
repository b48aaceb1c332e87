/*
 * use: every use is decided again (LANGUAGE.md, 3).
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "consent/granting_internal.h"
#include "consent/lifecycle.h"
#include "crypto/random.h"
#include "util/log.h"

/* What was found out about a use, before anything is taken. */
struct verdict {
    enum consent_no no;
    int64_t retry_ms;
    bool takes;      /* a use is to be taken */
    bool by_yes;     /* by the owner's yes alone */
    bool free;       /* it is of free_of */
    bool expired;    /* row 30 is due */
    bool unrecorded; /* row 15 is due */
    bool denied;     /* row 26 is due */
    bool asked;      /* row 20 is due */
    struct policy_duties duties;
    uint64_t event_seq; /* of its entry, once it was taken; 0: none yet */
};

int64_t
consent_use_time(const uint8_t id[VLT_ID_LEN])
{
    int64_t ms = 0;

    for (int i = 0; i < 6; i++) {
        ms = ms << 8 | id[i];
    }
    return ms * 1000000;
}

static int64_t
running(const struct consent_asking *asking)
{
    return asking->running > asking->now ? asking->running : asking->now;
}

/* Is this of a use that was taken already?  Other uses may have been taken
 * since.  One of a time to come is of a clock that was ahead. */
static bool
same_use(const struct grant_box *box, const struct consent_asking *asking)
{
    if (asking->free_of == NULL || box->grant.use_seq == 0) {
        return false;
    }
    int64_t age = running(asking) - consent_use_time(asking->free_of);

    return age >= 0 && age <= CONSENT_AGAIN_S * VLT_SECOND;
}

/* Uses within the rate's window that ends now; *oldest is the first of them. */
static size_t
recent_uses(const struct grant_box *box, int64_t now, int64_t *oldest)
{
    int64_t from = now - box->grant.terms.common.rate.per_s * VLT_SECOND;
    size_t count = 0;

    for (size_t i = 0; i < box->recent_count; i++) {
        if (box->recent[i] > from) {
            if (count == 0 || box->recent[i] < *oldest) {
                *oldest = box->recent[i];
            }
            count++;
        }
    }
    return count;
}

static void
check_rate(const struct grant_box *box, int64_t now, struct verdict *verdict)
{
    const struct terms_rate *rate = &box->grant.terms.common.rate;
    int64_t oldest = now;

    if (rate->n > 0 && recent_uses(box, now, &oldest) >= (size_t)rate->n) {
        verdict->no = CONSENT_NO_RATE;
        verdict->retry_ms =
            (oldest + rate->per_s * VLT_SECOND - now) / 1000000 + 1;
    }
}

static struct policy_duties
duties_now(const struct grant_box *box, const struct policy_decision *decision)
{
    struct policy_duties duties = box->grant.duties;

    for (size_t i = 0; i < decision->atom_count; i++) {
        duties = policy_duties_both(duties, decision->atoms[i].duties);
    }
    /* Settled at birth. */
    duties.show_names = box->grant.duties.show_names;
    duties.join_new_streams = box->grant.duties.join_new_streams;
    return duties;
}

/* The rules of now. */
static void
check_rules(const struct policy_set *set, const struct grant_box *box,
            const struct consent_asking *asking,
            struct policy_decision *decision, struct verdict *verdict)
{
    struct policy_firm firm = firm_facts(asking->firm);
    struct policy_grant grant = { .terms = &box->grant.terms,
                                  .start = box->grant.nbf,
                                  .end = box->grant.exp,
                                  .by_rule = box->grant.by_rule };

    switch (policy_decide_use(set, &firm, &grant, asking->now, decision)) {
    case POLICY_USE_YES:
        verdict->duties = duties_now(box, decision);
        return;
    case POLICY_USE_ASK:
        verdict->no = CONSENT_NO_DENIED;
        verdict->asked = true;
        return;
    case POLICY_USE_NO:
        break;
    }
    verdict->no = CONSENT_NO_ENDED;
    verdict->denied = true;
}

static void
judge(const struct policy_set *set, const struct grant_box *box,
      const struct consent_asking *asking, struct policy_decision *decision,
      struct verdict *verdict)
{
    const struct grant *grant = &box->grant;
    bool free = same_use(box, asking);
    /* What is left of its last use: it has ended, but is not spent yet. */
    bool rest = free && grant->state == CONSENT_EXHAUSTED && !grant->cut;

    *verdict = (struct verdict){ .no = CONSENT_YES, .free = free };
    if (memcmp(grant->firm, asking->firm->id, VLT_ID_LEN) != 0 ||
        memcmp(grant->firm_key, asking->firm->key, 32) != 0 ||
        !asking->firm->confirmed || asking->firm->blocked) {
        verdict->no = CONSENT_NO_DENIED;
    } else if (grant_over(grant) && !rest) {
        verdict->no = CONSENT_NO_ENDED;
    } else if (asking->now < grant->nbf ||
               grant_silent(grant, asking->now, asking->sure)) {
        verdict->no = CONSENT_NO_DENIED;
    } else if (asking->now >= grant->exp) {
        verdict->no = CONSENT_NO_ENDED;
        verdict->expired = !rest;
    } else if (grant_unrecorded(box, asking->now)) {
        verdict->no = CONSENT_NO_ENDED;
        verdict->unrecorded = true;
    } else {
        check_rules(set, box, asking, decision, verdict);
        verdict->denied = verdict->denied && !rest;
        verdict->asked = verdict->asked && !rest;
    }
    if (verdict->no != CONSENT_YES || free) {
        return;
    }
    if (grant_awaits_agreement(box)) {
        verdict->no = CONSENT_NO_AGREEMENT;
        return;
    }
    verdict->takes =
        !(asking->live &&
          box->live_hour == vlt_floor_div(running(asking), VLT_HOUR));
    if (verdict->takes) {
        check_rate(box, running(asking), verdict);
    }
    /* What a use that was allowed goes on with is not asked about again; what
     * else is live in an hour that was taken is. */
    if ((verdict->takes || !asking->goes_on) && verdict->no == CONSENT_YES &&
        verdict->duties.ask_each) {
        verdict->by_yes = asking->said_yes;
        verdict->no = asking->said_yes ? CONSENT_YES : CONSENT_NO_PENDING;
    }
}

/* ---- taking ---- */

/* Uses beyond the window are forgotten; this one is remembered. */
static void
remember_use(struct grant_box *box, int64_t now)
{
    const struct terms_rate *rate = &box->grant.terms.common.rate;
    int64_t from = now - rate->per_s * VLT_SECOND;
    size_t kept = 0;

    for (size_t i = 0; i < box->recent_count; i++) {
        if (box->recent[i] > from) {
            box->recent[kept++] = box->recent[i];
        }
    }
    box->recent_count = kept;
    if (rate->n > 0) {
        assert(kept < RECENT_MAX); /* the rate was looked at */
        box->recent[box->recent_count++] = now;
    }
}

static void
take_use(struct grant_box *box, const struct consent_asking *asking)
{
    struct grant *grant = &box->grant;

    remember_use(box, running(asking));
    vlt_ulid_new(running(asking), grant->last_use_id);
    grant->last_use = asking->now;
    grant->use_seq++;
    if (grant->uses_left != TERMS_UNLIMITED) {
        grant->uses_left--;
    }
    if (asking->live) {
        box->live_hour = vlt_floor_div(running(asking), VLT_HOUR);
    }
}

/* When it is delivered: a live one when its hour is over. */
static int64_t
delivered(const struct consent_asking *asking)
{
    return asking->live ? (vlt_floor_div(asking->now, VLT_HOUR) + 1) * VLT_HOUR
                        : asking->now;
}

static enum vlt_status
exhaust(struct consent *consent, struct store_txn *txn, struct grant_box *box,
        int64_t now, struct consent_changes *changes)
{
    static const struct ending how = { CONSENT_EXHAUSTED, CONSENT_EV_EXHAUSTED,
                                       CONSENT_BY_VAULT, ROW_EXHAUSTED };

    return end_grant(consent, txn, box, &how, now, changes);
}

static enum vlt_status
carry_out(struct consent *consent, struct store_txn *txn, struct grant_box *box,
          const struct verdict *verdict, int64_t now,
          struct consent_changes *changes)
{
    static const struct ending expired = { CONSENT_EXPIRED, CONSENT_EV_EXPIRED,
                                           CONSENT_BY_CLOCK, ROW_EXPIRED };

    if (verdict->expired) {
        return end_grant(consent, txn, box, &expired, now, changes);
    }
    if (verdict->unrecorded) {
        return end_grant(consent, txn, box, &unrecorded_ending, now, changes);
    }
    if (verdict->denied || verdict->asked) {
        struct ruling ruling = {
            .use = verdict->denied ? POLICY_USE_NO : POLICY_USE_ASK,
            .decision = consent->decision,
        };

        return rule_grant(consent, txn, box, &ruling, now, changes);
    }
    return VLT_OK;
}

/* Its entry has no number yet where those of what else happened come first. */
static enum vlt_status
taken(struct consent *consent, struct store_txn *txn, struct grant_box *box,
      const struct consent_asking *asking, struct verdict *verdict,
      struct consent_changes *changes)
{
    struct grant_box *copy = grant_box_copy(box);
    enum vlt_status st = VLT_OK;

    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    take_use(copy, asking);
    st = held_note(copy, delivered(asking));
    if (st == VLT_OK &&
        tell_due(&copy->grant, verdict->duties.notify, asking->now)) {
        st = tell_uses(copy, asking->now, changes);
    }
    if (asking->logged && changes->count == 0 && copy->grant.uses_left != 0) {
        verdict->event_seq = ++copy->grant.event_seq;
    }
    if (st == VLT_OK) {
        st = ledger_put_grant(consent, txn, copy);
    }
    if (st == VLT_OK && copy->grant.uses_left == 0) {
        st = exhaust(consent, txn, copy, asking->now, changes);
    }
    grant_release(&copy->grant);
    return st;
}

/* The use as the caller gets it, from the turn's newest value. */
static void
tell(struct consent *consent, const struct verdict *verdict,
     const struct consent_asking *asking, struct consent_use *out)
{
    struct grant_box *box = ledger_grant(consent, asking->grant, true);

    out->grant = &box->grant; /* held */
    memcpy(out->id, verdict->free ? asking->free_of : box->grant.last_use_id,
           VLT_ID_LEN);
    out->seq = box->grant.use_seq;
    out->event_seq = verdict->event_seq;
    out->by_yes = verdict->by_yes;
    out->duties = verdict->duties;
    out->decision = consent->decision;
}

enum vlt_status
consent_use(struct consent *consent, struct store_txn *txn,
            const struct consent_asking *asking,
            struct consent_changes *changes, struct consent_use *out)
{
    struct consent_at at = { .now = asking->now, .sure = asking->sure };
    struct verdict verdict = { .no = CONSENT_NO_DENIED };
    struct grant_box *box;
    enum vlt_status st;

    *out = (struct consent_use){ .no = CONSENT_NO_DENIED };
    memcpy(at.grant, asking->grant, sizeof at.grant);
    st = pause_settle(consent, txn, &at, changes);
    box = st == VLT_OK ? ledger_grant(consent, asking->grant, true) : NULL;
    if (box == NULL) {
        return st;
    }
    judge(ledger_set_now(consent)->owned, box, asking, consent->decision,
          &verdict);
    st = carry_out(consent, txn, box, &verdict, asking->now, changes);
    if (st == VLT_OK && verdict.no == CONSENT_YES && verdict.takes) {
        st = taken(consent, txn, box, asking, &verdict, changes);
    }
    grant_release(&box->grant);
    if (st != VLT_OK) {
        return st;
    }
    out->no = verdict.no;
    out->retry_ms = verdict.retry_ms;
    if (verdict.no == CONSENT_YES) {
        tell(consent, &verdict, asking, out);
    }
    return VLT_OK;
}

void
use_ask(const struct policy_set *set, struct grant_box *box,
        const struct consent_asking *asking, struct policy_decision *decision,
        struct consent_use *out)
{
    struct verdict verdict = { .no = CONSENT_NO_DENIED };

    judge(set, box, asking, decision, &verdict);
    *out = (struct consent_use){ .no = verdict.no,
                                 .retry_ms = verdict.retry_ms,
                                 .duties = verdict.duties };
    if (verdict.no == CONSENT_YES) {
        out->grant = grant_hold(&box->grant);
    }
}

/* What was kept of the one before, or new.  NULL: no memory. */
static struct policy_decision *
decision_take(struct consent *consent)
{
    struct policy_decision *decision;

    lock_take(consent->lock);
    decision = consent->spare;
    consent->spare = NULL;
    lock_drop(consent->lock);
    return decision != NULL ? decision : malloc(sizeof *decision);
}

/* It is kept for the next who asks: it is large. */
static void
decision_give(struct consent *consent, struct policy_decision *decision)
{
    struct policy_decision *other;

    lock_take(consent->lock);
    other = consent->spare;
    consent->spare = decision;
    lock_drop(consent->lock);
    free(other);
}

/* box is released; without memory nothing is allowed. */
static void
ask(struct consent *consent, const struct policy_set *set,
    struct grant_box *box, const struct consent_asking *asking,
    struct consent_use *out)
{
    struct policy_decision *decision = decision_take(consent);

    *out = (struct consent_use){ .no = CONSENT_NO_DENIED };
    if (decision == NULL) {
        log_error("consent", "no memory to decide a use: it is refused");
    }
    /* defensive: a vault that is unlocked between two looks has a grant and no
     * set. */
    if (box != NULL && set != NULL && decision != NULL) {
        use_ask(set, box, asking, decision, out);
    }
    grant_release(box != NULL ? &box->grant : NULL);
    if (decision != NULL) {
        decision_give(consent, decision);
    }
}

void
consent_may(struct consent *consent, const struct consent_asking *asking,
            struct consent_use *out)
{
    const struct consent_set *set = consent_set_hold(consent);

    ask(consent, set != NULL ? set->set : NULL,
        ledger_grant(consent, asking->grant, false), asking, out);
    consent_set_release(set);
}

void
consent_may_now(struct consent *consent, const struct consent_asking *asking,
                struct consent_use *out)
{
    ask(consent, ledger_set_now(consent)->owned,
        ledger_grant(consent, asking->grant, true), asking, out);
}

int64_t
consent_boundary(struct consent *consent, const struct grant *grant,
                 int64_t now)
{
    const struct consent_set *set = consent_set_hold(consent);
    int64_t next = grant->exp;

    if (set == NULL) {
        return now; /* locked: there is nothing to wait for */
    }
    if (grant->state == CONSENT_ACTIVE && grant->pause_from > now &&
        grant->pause_from < next) {
        next = grant->pause_from;
    }
    /* A rule's own times may change what it says. */
    for (size_t i = 0; i < policy_rule_count(set->set); i++) {
        const struct policy_rule *rule = policy_rule_at(set->set, i);
        int64_t until = rule->caps.at[TERMS_UNTIL];
        int64_t from = rule->caps.at[TERMS_FROM];

        if (rule->effect != POLICY_EFFECT_PERMIT) {
            continue;
        }
        if (until > now && until < next) {
            next = until;
        }
        if (from > now && from < next) {
            next = from;
        }
    }
    consent_set_release(set);
    return next;
}
