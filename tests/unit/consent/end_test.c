#include "bench.h"

static enum vlt_status
end(struct bench *b, const struct grant *grant, enum consent_state how)
{
    return consent_end(b->consent, b->txn, grant->id, how, b->now, &b->changes);
}

/* Rows 25, 27, 28 and 29: each once, and from no final state again. */
static void
a_grant_ends_once(void **state)
{
    static const struct {
        enum consent_state how;
        int row;
        enum consent_event event;
        enum consent_by by;
    } rows[] = {
        { CONSENT_WITHDRAWN, 25, CONSENT_EV_WITHDRAWN, CONSENT_BY_OWNER },
        { CONSENT_REVOKED, 27, CONSENT_EV_REVOKED, CONSENT_BY_OWNER },
        { CONSENT_ENDED, 28, CONSENT_EV_ENDED, CONSENT_BY_FIRM },
        { CONSENT_INVALID, 29, CONSENT_EV_INVALIDATED, CONSENT_BY_OWNER },
    };
    struct asked asked = { .uses = NULL };
    struct bench b;

    bench_begin(&b);
    for (size_t i = 0; i < 4; i++) {
        const struct grant *grant = grant_by_hand(&b, &asked);
        const struct consent_change *change;
        uint64_t epoch = consent_epoch(b.consent);

        turn_begin(&b);
        assert_int_equal(end(&b, grant, rows[i].how), VLT_OK);
        change = assert_change(&b, 0, rows[i].row, rows[i].how, rows[i].event);
        assert_int_equal(change->by, rows[i].by);
        assert_int_equal(change->grant->state_by, rows[i].by);
        assert_int_equal(change->grant->changed, b.now);
        assert_int_equal(change->grant->suspended, 0);
        assert_memory_equal(change->request, grant->request, VLT_ID_LEN);
        assert_int_equal(change->part, 0);
        for (size_t j = 0; j < 4; j++) { /* also within the turn */
            assert_int_equal(end(&b, grant, rows[j].how), VLT_E_CONFLICT);
        }
        turn_commit(&b);
        assert_true(consent_epoch(b.consent) > epoch);
        assert_int_equal(grant_state(&b, grant), rows[i].how);
        assert_int_equal(commit_use(&b, grant), CONSENT_NO_ENDED);
        turn_begin(&b);
        assert_int_equal(end(&b, grant, CONSENT_WITHDRAWN), VLT_E_CONFLICT);
        turn_commit(&b);
        grant_release(grant);
    }
    bench_end(&b);
}

static void
no_other_state_is_an_end(void **state)
{
    static const enum consent_state states[] = {
        CONSENT_PENDING_STATE, CONSENT_ACTIVE,    CONSENT_SUSPENDED,
        CONSENT_EXPIRED,       CONSENT_EXHAUSTED, CONSENT_REPLACED,
    };
    struct asked asked = { .uses = NULL };
    const uint8_t nobody[VLT_ID_LEN] = { 9 };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    turn_begin(&b);
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        assert_int_equal(end(&b, grant, states[i]), VLT_E_CONFLICT);
    }
    assert_int_equal(consent_end(b.consent, b.txn, nobody, CONSENT_REVOKED,
                                 b.now, &b.changes),
                     VLT_E_NOT_FOUND);
    assert_int_equal(b.changes.count, 0);
    turn_commit(&b);
    assert_int_equal(grant_state(&b, grant), CONSENT_ACTIVE);
    grant_release(grant);
    bench_end(&b);
}

static void
what_is_over_by_time_is_not_ended(void **state)
{
    struct asked asked = { .life_s = 60 };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    b.now = grant->exp;
    turn_begin(&b);
    assert_int_equal(end(&b, grant, CONSENT_WITHDRAWN), VLT_E_CONFLICT);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

static void
an_end_that_is_undone_leaves_it_active(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    turn_begin(&b);
    assert_int_equal(end(&b, grant, CONSENT_WITHDRAWN), VLT_OK);
    turn_abort(&b);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    grant_release(grant);
    bench_end(&b);
}

/* ---- the clock ---- */

static void
clock_rows_are_written_when_they_are_due(void **state)
{
    struct asked asked = { .life_s = 60 };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    turn_begin(&b);
    submit(&b, &asked, id);
    turn_commit(&b);
    assert_false(consent_clock_due(b.consent, grant->exp - 1));
    assert_true(consent_clock_due(b.consent, grant->exp));
    turn_begin(&b);
    assert_int_equal(
        consent_clock(b.consent, b.txn, grant->exp - 1, &b.changes), VLT_OK);
    assert_int_equal(b.changes.count, 0);
    assert_int_equal(consent_clock(b.consent, b.txn, grant->exp, &b.changes),
                     VLT_OK);
    assert_int_equal(b.changes.count, 1);
    assert_change(&b, 0, 30, CONSENT_EXPIRED, CONSENT_EV_EXPIRED);
    assert_int_equal(consent_clock(b.consent, b.txn, grant->exp, &b.changes),
                     VLT_OK);
    assert_int_equal(b.changes.count, 1); /* once */
    turn_commit(&b);
    assert_false(consent_clock_due(b.consent, NOW + 7 * VLT_DAY - 1));
    assert_true(consent_clock_due(b.consent, NOW + 7 * VLT_DAY));
    turn_begin(&b);
    assert_int_equal(
        consent_clock(b.consent, b.txn, NOW + 7 * VLT_DAY, &b.changes), VLT_OK);
    assert_int_equal(b.changes.count, 1);
    assert_change(&b, 0, 11, CONSENT_LAPSED, CONSENT_EV_LAPSED);
    assert_int_equal(b.changes.at[0].by, CONSENT_BY_CLOCK);
    turn_commit(&b);
    assert_false(consent_clock_due(b.consent, INT64_MAX));
    assert_int_equal(part_state(&b, id, 0), CONSENT_LAPSED);
    bench_reopen(&b);
    assert_int_equal(part_state(&b, id, 0), CONSENT_LAPSED);
    assert_int_equal(grant_state(&b, grant), CONSENT_EXPIRED);
    grant_release(grant);
    bench_end(&b);
}

/* ---- what is left of a last use ---- */

/* Pages of it may be fetched for ten minutes: the owner cuts them off, once. */
static void
the_owner_cuts_off_what_is_left_of_a_last_use(void **state)
{
    struct asked once = { .uses = "1" };
    const struct grant *grant;
    struct consent_asking asking;
    uint8_t first[VLT_ID_LEN];
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &once);
    asking = asking_for(&b, grant);
    turn_begin(&b);
    assert_int_equal(use_as(&b, &asking, first, &retry_ms), CONSENT_YES);
    turn_commit(&b);
    asking.free_of = first;
    turn_begin(&b);
    assert_int_equal(end(&b, grant, CONSENT_ENDED), VLT_E_CONFLICT);
    assert_int_equal(end(&b, grant, CONSENT_REVOKED), VLT_E_CONFLICT);
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_YES);
    assert_int_equal(end(&b, grant, CONSENT_WITHDRAWN), VLT_OK);
    assert_change(&b, 0, ROW_CUT, CONSENT_EXHAUSTED, CONSENT_NO_RECEIPT);
    assert_int_equal(b.changes.at[0].by, CONSENT_BY_OWNER);
    assert_int_equal(b.changes.count, 1);
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_NO_ENDED);
    assert_int_equal(end(&b, grant, CONSENT_WITHDRAWN), VLT_E_CONFLICT);
    turn_commit(&b);
    bench_reopen(&b);
    turn_begin(&b);
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_NO_ENDED);
    turn_commit(&b);
    assert_int_equal(grant_state(&b, grant), CONSENT_EXHAUSTED);
    grant_release(grant);
    bench_end(&b);
}

static void
after_ten_minutes_nothing_is_left_of_a_last_use(void **state)
{
    struct asked once = { .uses = "1" };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &once);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    b.now += CONSENT_AGAIN_S * VLT_SECOND + 1;
    turn_begin(&b);
    assert_int_equal(end(&b, grant, CONSENT_WITHDRAWN), VLT_E_CONFLICT);
    b.now--;
    assert_int_equal(end(&b, grant, CONSENT_WITHDRAWN), VLT_OK);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

/* ---- the clock ---- */

static void
contact_waits_for_nobody_however_long_it_is_not_used(void **state)
{
    struct asked asked = { .purposes = "service.support",
                           .action = "\"contact\"" };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    assert_false(consent_clock_due(b.consent, grant->exp - 1));
    assert_true(consent_clock_due(b.consent, grant->exp));
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grant_ends_once),
        cmocka_unit_test(no_other_state_is_an_end),
        cmocka_unit_test(what_is_over_by_time_is_not_ended),
        cmocka_unit_test(an_end_that_is_undone_leaves_it_active),
        cmocka_unit_test(clock_rows_are_written_when_they_are_due),
        cmocka_unit_test(the_owner_cuts_off_what_is_left_of_a_last_use),
        cmocka_unit_test(after_ten_minutes_nothing_is_left_of_a_last_use),
        cmocka_unit_test(contact_waits_for_nobody_however_long_it_is_not_used),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
