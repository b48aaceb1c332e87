/* What is done in one turn sees what was done in it before, and is committed
 * with it. */
#include "bench.h"

#include "consent/deletion.h"
#include "consent/lifecycle.h"

static const struct asked bill = { .uses = NULL };

static const struct consent_narrow day = { .axes = 1U << TERMS_WINDOW,
                                           .limits = { .at = { 0 } },
                                           .until = INT64_MAX,
                                           .ask_each = -1,
                                           .notify = -1 };

static void
keep_receipt(struct bench *b, const struct grant *grant, uint64_t seq)
{
    struct consent_receipt receipt = { .grant = grant->id,
                                       .seq = seq,
                                       .jws = vlt_slice_text("a.b.c") };

    assert_int_equal(consent_receipt_put(b->consent, b->txn, &receipt), VLT_OK);
}

static void
narrow_twice(struct bench *b, const struct consent_at *at)
{
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_narrow how = day;
    struct consent_narrowing narrowing = { *at, &how, &world };
    struct vlt_buf why = { 0 };

    for (int i = 2; i > 0; i--) {
        how.limits.at[TERMS_WINDOW] = i * 3600;
        assert_int_equal(
            consent_narrow(b->consent, b->txn, &narrowing, &why, &b->changes),
            VLT_OK);
    }
    vlt_buf_free(&why);
}

static void
admit_two(struct bench *b, const struct consent_at *at)
{
    struct consent_facts known = facts(b);
    struct consent_stream stream = b->stream[3];
    struct consent_arrival arrival = { &stream, &known, at->now };
    size_t held;

    for (uint8_t mark = 5; mark < 7; mark++) {
        stream.id[0] = mark;
        assert_int_equal(consent_stream_new(b->consent, b->txn, &arrival, &held,
                                            &b->changes),
                         VLT_OK);
        assert_int_equal(held, 1);
        assert_int_equal(
            consent_admit(b->consent, b->txn, at, stream.id, &b->changes),
            VLT_OK);
    }
}

static void
state_each(struct bench *b, const struct consent_at *at)
{
    struct consent_statement statement = { .at = *at, .deleted_at = at->now };
    struct vlt_buf why = { 0 };

    for (uint64_t use = 1; use < 3; use++) {
        statement.from = statement.to = use;
        assert_int_equal(consent_deleted(b->consent, b->txn, &statement, &why),
                         VLT_OK);
    }
    vlt_buf_free(&why);
}

/* Each act twice, and none undoes another. */
static void
acts_of_a_turn_see_one_another(void **state)
{
    const struct grant *grant;
    const struct grant *now;
    struct consent_at at;
    uint64_t seq;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    at = (struct consent_at){ .now = b.now };
    memcpy(at.grant, grant->id, VLT_ID_LEN);
    turn_begin(&b);
    for (uint64_t i = 1; i < 3; i++) {
        assert_int_equal(use_once(&b, grant), CONSENT_YES);
        keep_receipt(&b, grant, i);
        assert_int_equal(
            consent_acknowledged(b.consent, b.txn, grant->id, b.now), VLT_OK);
        assert_int_equal(consent_event_seq(b.consent, b.txn, grant->id, &seq),
                         VLT_OK);
        assert_int_equal(seq, i);
        assert_int_equal(consent_countersign(b.consent, b.txn, grant->id, i,
                                             vlt_slice_text("d.e.f"), b.now),
                         VLT_OK);
    }
    narrow_twice(&b, &at);
    admit_two(&b, &at);
    state_each(&b, &at);
    assert_int_equal(consent_suspend(b.consent, b.txn, &at, &b.changes),
                     VLT_OK);
    assert_int_equal(consent_suspend(b.consent, b.txn, &at, &b.changes),
                     VLT_E_CONFLICT);
    assert_int_equal(consent_resume(b.consent, b.txn, &at, false, &b.changes),
                     VLT_OK);
    assert_int_equal(consent_end(b.consent, b.txn, grant->id, CONSENT_WITHDRAWN,
                                 b.now, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    bench_reopen(&b);
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->state, CONSENT_WITHDRAWN);
    assert_int_equal(now->use_seq, 2);
    assert_int_equal(now->receipt_seq, 2);
    assert_int_equal(now->acks, 2);
    assert_int_equal(now->event_seq, 2);
    assert_int_equal(now->countersigned, b.now);
    assert_int_equal(now->terms_version, 3);
    assert_int_equal(now->terms.items[0].window_s, 3600);
    assert_int_equal(now->bound_count, 4);
    assert_int_equal(now->held_count, 0);
    assert_int_equal(now->stated, 2);
    assert_int_equal(now->kept_count, 0);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

/* A grant of the turn may be used in it, and renewed; and one that has ended in
 * it is not any more. */
static void
a_grant_of_the_turn_is_there_in_it(void **state)
{
    struct consent_pick all = { .all = true };
    struct consent_renewal renewal;
    struct vlt_buf why = { 0 };
    const struct grant *grant;
    struct asked again = { .life_s = 86400 };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &again, id);
    assert_int_equal(try_approve(&b, id, all, NULL), VLT_OK);
    grant = grant_hold(b.changes.at[1].grant);
    assert_int_equal(use_once(&b, grant), CONSENT_YES);
    renewal.firm = &b.firm;
    renewal.at.now = b.now;
    memcpy(renewal.at.grant, grant->id, VLT_ID_LEN);
    assert_int_equal(
        consent_renew(b.consent, b.txn, &renewal, &why, &b.changes), VLT_OK);
    assert_int_equal(
        consent_renew(b.consent, b.txn, &renewal, &why, &b.changes),
        VLT_E_CONFLICT);
    assert_int_equal(use_once(&b, grant), CONSENT_NO_ENDED);
    again.replaces = b.changes.at[3].grant->id; /* the successor */
    submit(&b, &again, id);
    assert_int_equal(try_approve(&b, id, all, NULL), VLT_OK);
    assert_change(&b, 5, ROW_REPLACED, CONSENT_REPLACED, CONSENT_EV_REPLACED);
    turn_commit(&b);
    assert_int_equal(grant_state(&b, grant), CONSENT_REPLACED);
    vlt_buf_free(&why);
    grant_release(grant);
    bench_end(&b);
}

/* What the clock brings at once is written at once: it expires, the owner hears
 * of its uses, and the firm is asked for what it holds. */
static void
rows_of_one_clock_do_not_undo_each_other(void **state)
{
    struct asked month = { .life_s = 31 * 86400 };
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &month);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    b.now = grant->exp;
    turn_begin(&b);
    assert_int_equal(consent_clock(b.consent, b.txn, b.now, &b.changes),
                     VLT_OK);
    assert_int_equal(b.changes.count, 3);
    assert_change(&b, 0, ROW_EXPIRED, CONSENT_EXPIRED, CONSENT_EV_EXPIRED);
    assert_change(&b, 1, ROW_TOLD, CONSENT_EXPIRED, CONSENT_NO_RECEIPT);
    assert_change(&b, 2, ROW_DEMANDED, CONSENT_EXPIRED, CONSENT_NO_RECEIPT);
    for (size_t i = 0; i < 3; i++) {
        assert_memory_equal(b.changes.at[i].request, grant->request,
                            VLT_ID_LEN);
        assert_int_equal(b.changes.at[i].part, 0);
        assert_int_equal(b.changes.at[i].by,
                         i == 1 ? CONSENT_BY_VAULT : CONSENT_BY_CLOCK);
    }
    turn_commit(&b);
    bench_reopen(&b);
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->state, CONSENT_EXPIRED);
    assert_int_equal(now->told, b.now);
    assert_int_equal(now->told_seq, 1);
    assert_int_equal(now->demanded, 1);
    assert_int_equal(now->kept_count, 0);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

/* An answer sees what was answered in the turn before it. */
static void
answers_of_a_turn_see_one_another(void **state)
{
    struct asked two = { .purposes = "service.billing,service.support" };
    struct consent_pick first = { .items = { 1 } };
    struct consent_pick second = { .items = { 0, 1 } };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &two, id);
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, first, NULL), VLT_OK);
    assert_int_equal(try_approve(&b, id, first, NULL), VLT_E_CONFLICT);
    assert_int_equal(consent_deny(b.consent, b.txn, id, vlt_slice_text("no"),
                                  b.now, &b.changes),
                     VLT_OK);
    assert_int_equal(try_approve(&b, id, second, NULL), VLT_E_CONFLICT);
    turn_commit(&b);
    assert_int_equal(part_state(&b, id, 0), CONSENT_ACTIVE);
    assert_int_equal(part_state(&b, id, 1), CONSENT_DENIED);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acts_of_a_turn_see_one_another),
        cmocka_unit_test(a_grant_of_the_turn_is_there_in_it),
        cmocka_unit_test(rows_of_one_clock_do_not_undo_each_other),
        cmocka_unit_test(answers_of_a_turn_see_one_another),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
