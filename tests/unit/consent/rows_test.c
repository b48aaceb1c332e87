/*
 * Who may change what out of which state: every state that a grant or a part
 * of a request can be in, against all that its owner and its firm can do.  A
 * row of the table takes it to its state; what is none is refused, and changes
 * nothing.  Rows of the vault and of its clock are in the tests of each.
 */
#include "bench.h"

#include "consent/counter.h"
#include "consent/lifecycle.h"
#include "wire/offer.h"

static const struct asked bill = { .life_s = 10 * 86400 };
static const uint8_t fifth[VLT_ID_LEN] = { 5 };

/* ---- a grant ---- */

enum act {
    SUSPEND,
    RESUME,
    NARROW,
    ADMIT,
    REVOKE,
    BLOCK,
    END,
    INVALIDATE,
    RENEW,
    ACTS
};

static enum vlt_status
narrow_rate(struct bench *b, const struct consent_at *at)
{
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_narrow narrow = { .axes = 1U << TERMS_RATE,
                                     .until = INT64_MAX,
                                     .ask_each = -1,
                                     .notify = -1 };
    struct consent_narrowing narrowing = { *at, &narrow, &world };
    struct vlt_buf why;
    enum vlt_status st;

    narrow.limits.at[TERMS_RATE] = 1;
    narrow.limits.per_s = 86400;
    vlt_buf_init(&why, 0);
    st = consent_narrow(b->consent, b->txn, &narrowing, &why, &b->changes);
    vlt_buf_free(&why);
    return st;
}

static enum vlt_status
renew(struct bench *b, const struct consent_at *at)
{
    struct consent_renewal renewal = { *at, &b->firm };
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, 0);
    st = consent_renew(b->consent, b->txn, &renewal, &why, &b->changes);
    vlt_buf_free(&why);
    return st;
}

static enum vlt_status
act_on(struct bench *b, const struct grant *grant, enum act act)
{
    static const enum consent_state ends[ACTS] = {
        [REVOKE] = CONSENT_WITHDRAWN,
        [BLOCK] = CONSENT_REVOKED,
        [END] = CONSENT_ENDED,
        [INVALIDATE] = CONSENT_INVALID,
    };
    struct consent_at at = { .now = b->now };

    memcpy(at.grant, grant->id, VLT_ID_LEN);
    switch (act) {
    case SUSPEND:
        return consent_suspend(b->consent, b->txn, &at, &b->changes);
    case RESUME:
        return consent_resume(b->consent, b->txn, &at, false, &b->changes);
    case NARROW:
        return narrow_rate(b, &at);
    case ADMIT:
        return consent_admit(b->consent, b->txn, &at, fifth, &b->changes);
    case RENEW:
        return renew(b, &at);
    default:
        return consent_end(b->consent, b->txn, grant->id, ends[act], b->now,
                           &b->changes);
    }
}

/* A stream appears, and waits for the owner. */
static void
let_a_stream_wait(struct bench *b)
{
    struct consent_stream stream = b->stream[3];
    struct consent_facts known = facts(b);
    struct consent_arrival arrival = { &stream, &known, b->now };
    size_t held = 0;

    memcpy(stream.id, fifth, VLT_ID_LEN);
    stream.name = vlt_slice_text("power/c");
    turn_begin(b);
    assert_int_equal(
        consent_stream_new(b->consent, b->txn, &arrival, &held, &b->changes),
        VLT_OK);
    turn_commit(b);
    assert_int_equal(held, 1);
}

/* Bring a new grant into a state. */
static const struct grant *
grant_in(struct bench *b, enum consent_state state)
{
    struct asked asked = bill;
    const struct grant *grant;

    asked.uses = state == CONSENT_EXHAUSTED ? "1" : NULL;
    grant = grant_by_hand(b, &asked);
    let_a_stream_wait(b);
    turn_begin(b);
    switch (state) {
    case CONSENT_SUSPENDED:
        assert_int_equal(act_on(b, grant, SUSPEND), VLT_OK);
        break;
    case CONSENT_EXHAUSTED:
        assert_int_equal(use_once(b, grant), CONSENT_YES);
        /* Its pages cannot be fetched again any more. */
        b->now += (CONSENT_AGAIN_S + 1) * VLT_SECOND;
        break;
    case CONSENT_EXPIRED:
        b->now = grant->exp;
        assert_int_equal(consent_clock(b->consent, b->txn, b->now, &b->changes),
                         VLT_OK);
        break;
    case CONSENT_REPLACED:
        assert_int_equal(act_on(b, grant, RENEW), VLT_OK);
        break;
    case CONSENT_ACTIVE:
        break;
    default:
        assert_int_equal(consent_end(b->consent, b->txn, grant->id, state,
                                     b->now, &b->changes),
                         VLT_OK);
        break;
    }
    turn_commit(b);
    assert_int_equal(grant_state(b, grant), state);
    return grant;
}

/* What is in the table: the row, and the state after it. */
struct taken {
    int row; /* 0: none */
    enum consent_state to;
};

static struct taken
row_of(enum consent_state from, enum act act)
{
    static const struct taken rows[ACTS] = {
        [SUSPEND] = { ROW_SUSPENDED, CONSENT_SUSPENDED },
        [RESUME] = { ROW_RESUMED, CONSENT_ACTIVE },
        [NARROW] = { ROW_NARROWED, CONSENT_ACTIVE },
        [ADMIT] = { ROW_ADMITTED, CONSENT_ACTIVE },
        [REVOKE] = { ROW_WITHDRAWN, CONSENT_WITHDRAWN },
        [BLOCK] = { ROW_BLOCKED, CONSENT_REVOKED },
        [END] = { ROW_ENDED, CONSENT_ENDED },
        [INVALIDATE] = { ROW_INVALID, CONSENT_INVALID },
        [RENEW] = { ROW_REPLACED, CONSENT_REPLACED },
    };
    struct taken taken = rows[act];

    if ((from != CONSENT_ACTIVE && from != CONSENT_SUSPENDED) ||
        (from == CONSENT_ACTIVE && act == RESUME) ||
        (from == CONSENT_SUSPENDED && act == SUSPEND)) {
        return (struct taken){ 0, from };
    }
    if (act == NARROW || act == ADMIT) {
        taken.to = from;
    }
    return taken;
}

static void
a_grant_takes_the_rows_of_its_state_and_no_other(void **state)
{
    static const enum consent_state states[] = {
        CONSENT_ACTIVE,    CONSENT_SUSPENDED, CONSENT_EXPIRED,
        CONSENT_EXHAUSTED, CONSENT_WITHDRAWN, CONSENT_REVOKED,
        CONSENT_ENDED,     CONSENT_INVALID,   CONSENT_REPLACED,
    };

    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        for (enum act act = SUSPEND; act < ACTS; act++) {
            struct taken taken = row_of(states[i], act);
            const struct grant *grant;
            bool row = false;
            struct bench b;

            bench_begin(&b);
            grant = grant_in(&b, states[i]);
            turn_begin(&b);
            assert_int_equal(act_on(&b, grant, act),
                             taken.row != 0 ? VLT_OK : VLT_E_CONFLICT);
            for (size_t c = 0; c < b.changes.count; c++) {
                row = row || (int)b.changes.at[c].row == taken.row;
            }
            assert_int_equal(row, taken.row != 0);
            assert_int_equal(b.changes.count > 0, taken.row != 0);
            turn_commit(&b);
            assert_int_equal(grant_state(&b, grant), taken.to);
            bench_reopen(&b);
            assert_int_equal(grant_state(&b, grant), taken.to);
            grant_release(grant);
            bench_end(&b);
        }
    }
}

/* ---- a part of a request ---- */

enum reply { APPROVE, COUNTER, DENY, WITHDRAW, ACCEPT, LEAVE, REPLIES };

static enum vlt_status
offer_less(struct bench *b, const uint8_t id[VLT_ID_LEN], int purpose)
{
    struct consent_narrow narrow = { .axes = 1U << TERMS_KEEP,
                                     .until = INT64_MAX,
                                     .ask_each = -1,
                                     .notify = -1 };
    struct consent_countering countering = {
        .purpose = purpose, .narrow = &narrow, .firm = &b->firm, .now = b->now
    };
    struct vlt_offer offer = { .iat = b->now / VLT_SECOND, .by_hand = true };
    struct vlt_buf payload = { 0 };
    struct vlt_buf jws = { 0 };
    enum vlt_status st;

    narrow.limits.at[TERMS_KEEP] = 86400;
    memcpy(countering.request, id, VLT_ID_LEN);
    st =
        consent_counter(b->consent, b->txn, &countering, &payload, &b->changes);
    if (st != VLT_OK) {
        vlt_buf_free(&payload);
        return st;
    }
    offer.exp = offer.iat + CONSENT_OFFER_DAYS * 86400;
    memcpy(offer.request, id, VLT_ID_LEN);
    offer.terms = *b->changes.at[0].offer;
    vlt_offer_put(&offer, &offer.terms, &payload);
    assert_int_equal(
        vlt_jws_sign(b->signer, VLT_TYP_OFFER, vlt_buf_slice(&payload), &jws),
        VLT_OK);
    assert_int_equal(
        consent_offer_put(b->consent, b->txn, id, 0, vlt_buf_slice(&jws)),
        VLT_OK);
    vlt_buf_free(&payload);
    vlt_buf_free(&jws);
    return VLT_OK;
}

static enum vlt_status
reply_to(struct bench *b, const uint8_t id[VLT_ID_LEN], enum reply reply)
{
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_answering answering = {
        .purpose = vocab_purpose_find("service.billing", 15),
        .accepts = reply == ACCEPT,
        .firm = &b->firm,
        .world = &world,
        .now = b->now,
    };

    switch (reply) {
    case APPROVE:
        return try_approve(b, id, (struct consent_pick){ .all = false }, NULL);
    case COUNTER:
        return offer_less(b, id, answering.purpose);
    case DENY:
        return consent_deny(b->consent, b->txn, id, vlt_slice_text(""), b->now,
                            &b->changes);
    case WITHDRAW:
        return consent_withdraw(b->consent, b->txn, id, b->firm.id, b->now,
                                &b->changes);
    default:
        memcpy(answering.request, id, VLT_ID_LEN);
        return consent_answer(b->consent, b->txn, &answering, &b->changes);
    }
}

/* Ways into each state. */
static const struct way {
    enum consent_state state;
    enum reply by[2]; /* REPLIES: none */
    int days;         /* that pass then, and the clock writes its rows */
} ways[] = {
    { CONSENT_PENDING_STATE, { REPLIES, REPLIES }, 0 },
    { CONSENT_COUNTERED, { COUNTER, REPLIES }, 0 },
    { CONSENT_DENIED, { DENY, REPLIES }, 0 },
    { CONSENT_DENIED, { COUNTER, DENY }, 0 },
    { CONSENT_DROPPED, { WITHDRAW, REPLIES }, 0 },
    { CONSENT_DROPPED, { COUNTER, LEAVE }, 0 },
    { CONSENT_LAPSED, { REPLIES, REPLIES }, 30 },
    { CONSENT_LAPSED, { COUNTER, REPLIES }, 30 },
    { CONSENT_ACTIVE, { APPROVE, REPLIES }, 0 },
    { CONSENT_ACTIVE, { COUNTER, ACCEPT }, 0 },
};

static void
go(struct bench *b, const struct way *way, uint8_t id[VLT_ID_LEN])
{
    turn_begin(b);
    submit(b, &bill, id);
    turn_commit(b);
    for (size_t i = 0; i < 2 && way->by[i] != REPLIES; i++) {
        turn_begin(b);
        assert_int_equal(reply_to(b, id, way->by[i]), VLT_OK);
        turn_commit(b);
    }
    if (way->days != 0) {
        b->now += way->days * VLT_DAY;
        turn_begin(b);
        assert_int_equal(consent_clock(b->consent, b->txn, b->now, &b->changes),
                         VLT_OK);
        turn_commit(b);
    }
    assert_int_equal(part_state(b, id, 0), way->state);
}

static void
a_part_takes_the_rows_of_its_state_and_no_other(void **state)
{
    static const struct taken rows[][REPLIES] = {
        [CONSENT_PENDING_STATE] = {
            [APPROVE] = { ROW_APPROVED, CONSENT_ACTIVE },
            [COUNTER] = { ROW_COUNTERED, CONSENT_COUNTERED },
            [DENY] = { ROW_DENIED, CONSENT_DENIED },
            [WITHDRAW] = { ROW_DROPPED, CONSENT_DROPPED },
        },
        [CONSENT_COUNTERED] = {
            [DENY] = { ROW_DENIED, CONSENT_DENIED },
            [ACCEPT] = { ROW_ACCEPTED, CONSENT_ACTIVE },
            [LEAVE] = { ROW_LEFT, CONSENT_DROPPED },
        },
    };

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        for (enum reply reply = APPROVE; reply < REPLIES; reply++) {
            struct taken taken = { 0, ways[i].state };
            uint8_t id[VLT_ID_LEN];
            struct bench b;

            if ((size_t)ways[i].state < sizeof rows / sizeof rows[0] &&
                rows[ways[i].state][reply].row != 0) {
                taken = rows[ways[i].state][reply];
            }
            bench_begin(&b);
            go(&b, &ways[i], id);
            turn_begin(&b);
            assert_int_equal(reply_to(&b, id, reply),
                             taken.row != 0 ? VLT_OK : VLT_E_CONFLICT);
            if (taken.row != 0) {
                assert_change(&b, 0, taken.row, taken.to,
                              b.changes.at[0].event);
            }
            assert_int_equal(b.changes.count, taken.row != 0);
            turn_commit(&b);
            assert_int_equal(part_state(&b, id, 0), taken.to);
            bench_end(&b);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grant_takes_the_rows_of_its_state_and_no_other),
        cmocka_unit_test(a_part_takes_the_rows_of_its_state_and_no_other),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
