/*
 * rows: ways into each state of a part and a grant, and what may happen to one.
 */
#ifndef TESTS_CONSENT_ROWS_H
#define TESTS_CONSENT_ROWS_H

#include "offers.h"

#include "consent/lifecycle.h"

/* What may happen, whoever does it. */
enum event {
    NOTHING,
    SUBMITTED, /* a request, under the rules that are in force */
    APPROVED,
    COUNTERED,
    DENIED,
    WITHDRAWN,
    ACCEPTED,
    LEFT,
    WITHDRAWN_BY_ANOTHER, /* firm, as the next two */
    ACCEPTED_BY_ANOTHER,
    LEFT_BY_ANOTHER,
    A_DENY_RULE, /* is in force from now on */
    AN_ASK_RULE,
    NO_RULE,
    DAYS_7,
    DAYS_30,
    DAYS_60,
    THE_END, /* of a grant, were it one */
    SIGNED,  /* the receipt, by the firm */
    USED,
    USED_BY_ANOTHER,
    SUSPENDED,
    RESUMED,
    NARROWED,
    ADMITTED,
    REVOKED,
    BLOCKED,
    ENDED,
    INVALIDATED,
    RENEWED,
    REPLACED, /* a request that names it is granted */
    EVENTS
};

/* What is asked for. */
enum kind {
    PLAIN = 1, /* for 90 days */
    ONE_USE,   /* and one use */
    SHORT,     /* for 10 days, so that it may be renewed at once */
    AGREED,    /* and an agreement is named */
    KINDS
};

/* The state that a part or a grant is in, and how it came there. */
struct way {
    enum consent_state state; /* 0: nothing was asked for yet */
    const char *rules;        /* in force when it was asked for */
    bool by_rule;             /* a grant that stands and falls with rules */
    enum event by[3];
};

struct subject {
    enum kind kind;
    uint8_t request[VLT_ID_LEN];
    const struct grant *grant; /* held; NULL: it is none */
};

static const char ask_bill[] = "version: 1\n"
                               "rules:\n"
                               "  - {name: ask, effect: ask, data: energy}\n";
static const char no_rules[] = "version: 1\n";
static const uint8_t fifth[VLT_ID_LEN] = { 5 };

static inline struct asked
asked_of(enum kind kind)
{
    return (struct asked){ .uses = kind == ONE_USE ? "1" : NULL,
                           .life_s = kind == SHORT ? 10 * 86400 : 0,
                           .agreement = kind == AGREED };
}

/* The same bytes each time, as long as no time goes by. */
static inline enum vlt_status
ask_again(struct bench *b, const struct subject *subject)
{
    struct asked asked = asked_of(subject->kind);
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    enum vlt_status st;

    b->requests = 0;
    st = try_submit(b, &asked, id, &retry_ms);
    sign_offers(b);
    return st;
}

/* ---- a part ---- */

static inline enum vlt_status
offer_less(struct bench *b, const struct subject *subject)
{
    struct consent_narrow narrow = keep_for(86400);
    struct consent_countering countering = {
        .purpose = vocab_purpose_find("service.billing", 15),
        .narrow = &narrow,
        .firm = &b->firm,
        .now = b->now,
    };
    struct vlt_buf why = { 0 };
    enum vlt_status st;

    memcpy(countering.request, subject->request, VLT_ID_LEN);
    st = consent_counter(b->consent, b->txn, &countering, &why, &b->changes);
    if (st == VLT_OK) {
        sign_offers(b);
    }
    vlt_buf_free(&why);
    return st;
}

static inline enum vlt_status
answer_as(struct bench *b, const struct subject *subject, bool accepts,
          const struct consent_firm *firm)
{
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_answering answering = {
        .purpose = vocab_purpose_find("service.billing", 15),
        .accepts = accepts,
        .firm = firm,
        .world = &world,
        .now = b->now,
    };

    memcpy(answering.request, subject->request, VLT_ID_LEN);
    return consent_answer(b->consent, b->txn, &answering, &b->changes);
}

static inline enum vlt_status
withdraw_as(struct bench *b, const struct subject *subject,
            const struct consent_firm *firm)
{
    return consent_withdraw(b->consent, b->txn, subject->request, firm->id,
                            b->now, &b->changes);
}

/* ---- a grant ---- */

static inline enum vlt_status
narrow_rate(struct bench *b, const struct consent_at *at)
{
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_narrow narrow = { .axes = 1U << TERMS_RATE,
                                     .until = INT64_MAX,
                                     .ask_each = -1,
                                     .notify = -1 };
    struct consent_narrowing narrowing = { *at, &narrow, &world };
    struct vlt_buf why = { 0 };
    enum vlt_status st;

    narrow.limits.at[TERMS_RATE] = 1;
    narrow.limits.per_s = 86400;
    st = consent_narrow(b->consent, b->txn, &narrowing, &why, &b->changes);
    vlt_buf_free(&why);
    return st;
}

static inline enum vlt_status
renew_it(struct bench *b, const struct consent_at *at)
{
    struct consent_renewal renewal = { *at, &b->firm };
    struct vlt_buf why = { 0 };
    enum vlt_status st =
        consent_renew(b->consent, b->txn, &renewal, &why, &b->changes);

    vlt_buf_free(&why);
    return st;
}

static inline enum vlt_status
replace_it(struct bench *b, const struct consent_at *at)
{
    struct asked asked = asked_of(SHORT);
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    enum vlt_status st;

    asked.replaces = at->grant;
    asked.keep_s = 86400; /* no more than any way gives */
    st = try_submit(b, &asked, id, &retry_ms);
    if (st == VLT_OK && b->changes.at[b->changes.count - 1].row == ROW_ASKED) {
        st = try_approve(b, id, (struct consent_pick){ .all = false }, NULL);
    }
    return st;
}

static inline enum vlt_status
use_by(struct bench *b, const struct consent_at *at,
       const struct consent_firm *firm)
{
    struct consent_asking asking = { .firm = firm, .now = b->now };
    struct consent_use use;

    memcpy(asking.grant, at->grant, VLT_ID_LEN);
    assert_int_equal(
        consent_use(b->consent, b->txn, &asking, &b->changes, &use), VLT_OK);
    grant_release(use.grant);
    return use.no == CONSENT_YES ? VLT_OK : VLT_E_DENIED;
}

static inline enum vlt_status
end_by(struct bench *b, const struct consent_at *at, enum consent_state how)
{
    return consent_end(b->consent, b->txn, at->grant, how, b->now, &b->changes);
}

/* Its first receipt, as the service keeps it. */
static inline void
keep_receipt(struct bench *b, const struct subject *subject)
{
    struct consent_receipt receipt = { .grant = subject->grant->id,
                                       .request = subject->request,
                                       .seq = 1,
                                       .jws = vlt_slice_text("a.b.c"),
                                       .time = b->now };

    assert_int_equal(consent_receipt_put(b->consent, b->txn, &receipt), VLT_OK);
}

/* A stream appears, and waits for the owner. */
static inline void
let_a_stream_wait(struct bench *b)
{
    struct consent_stream stream = b->stream[3];
    struct consent_facts known = facts(b);
    struct consent_arrival arrival = { &stream, &known, b->now };
    size_t held = 0;

    memcpy(stream.id, fifth, VLT_ID_LEN);
    stream.name = vlt_slice_text("power/c");
    assert_int_equal(
        consent_stream_new(b->consent, b->txn, &arrival, &held, &b->changes),
        VLT_OK);
    assert_int_equal(held, 1);
}

/* ---- anything ---- */

static inline enum vlt_status
wait_until(struct bench *b, int64_t then)
{
    b->now = then > b->now ? then : b->now;
    return consent_clock(b->consent, b->txn, b->now, &b->changes);
}

static inline enum vlt_status
put_in_force(struct bench *b, const char *text)
{
    apply_rules(b, text);
    return VLT_OK;
}

/* What only a grant knows. */
static inline enum vlt_status
happen_to_grant(struct bench *b, const struct consent_at *at, enum event event)
{
    switch (event) {
    case SIGNED:
        return consent_countersign(b->consent, b->txn, at->grant, 1,
                                   vlt_slice_text("a.b.d"), b->now);
    case USED:
        return use_by(b, at, &b->firm);
    case USED_BY_ANOTHER:
        return use_by(b, at, &b->other);
    case SUSPENDED:
        return consent_suspend(b->consent, b->txn, at, &b->changes);
    case RESUMED:
        return consent_resume(b->consent, b->txn, at, false, &b->changes);
    case NARROWED:
        return narrow_rate(b, at);
    case ADMITTED:
        return consent_admit(b->consent, b->txn, at, fifth, &b->changes);
    case REVOKED:
        return end_by(b, at, CONSENT_WITHDRAWN);
    case BLOCKED:
        return end_by(b, at, CONSENT_REVOKED);
    case ENDED:
        return end_by(b, at, CONSENT_ENDED);
    case INVALIDATED:
        return end_by(b, at, CONSENT_INVALID);
    case RENEWED:
        return renew_it(b, at);
    default:
        assert_int_equal(event, REPLACED);
        return replace_it(b, at);
    }
}

/* In the turn under way.  What the clock and the vault do is never refused. */
static inline enum vlt_status
happen(struct bench *b, const struct subject *subject, enum event event)
{
    struct consent_at at = { .now = b->now };

    switch (event) {
    case SUBMITTED:
        return ask_again(b, subject);
    case APPROVED:
        return try_approve(b, subject->request,
                           (struct consent_pick){ .all = false }, NULL);
    case COUNTERED:
        return offer_less(b, subject);
    case DENIED:
        return consent_deny(b->consent, b->txn, subject->request,
                            vlt_slice_text(""), b->now, &b->changes);
    case WITHDRAWN:
        return withdraw_as(b, subject, &b->firm);
    case ACCEPTED:
        return answer_as(b, subject, true, &b->firm);
    case LEFT:
        return answer_as(b, subject, false, &b->firm);
    case WITHDRAWN_BY_ANOTHER:
        return withdraw_as(b, subject, &b->other);
    case ACCEPTED_BY_ANOTHER:
        return answer_as(b, subject, true, &b->other);
    case LEFT_BY_ANOTHER:
        return answer_as(b, subject, false, &b->other);
    case A_DENY_RULE:
        return put_in_force(b, deny_all);
    case AN_ASK_RULE:
        return put_in_force(b, ask_bill);
    case NO_RULE:
        return put_in_force(b, no_rules);
    case DAYS_7:
        return wait_until(b, b->now + 7 * VLT_DAY);
    case DAYS_30:
        return wait_until(b, b->now + 30 * VLT_DAY);
    case DAYS_60:
        return wait_until(b, b->now + 60 * VLT_DAY);
    case THE_END:
        return wait_until(b, NOW + 90 * VLT_DAY);
    default:
        memcpy(at.grant,
               subject->grant != NULL ? subject->grant->id : subject->request,
               VLT_ID_LEN);
        return happen_to_grant(b, &at, event);
    }
}

#endif
