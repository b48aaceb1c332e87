#include "bench.h"

#include "consent/lifecycle.h"

#define DAY (86400 * VLT_SECOND)

static struct consent_at
at(const struct bench *b, const struct grant *grant)
{
    struct consent_at at = { .now = b->now };

    memcpy(at.grant, grant->id, VLT_ID_LEN);
    return at;
}

static enum vlt_status
suspend(struct bench *b, const struct grant *grant)
{
    struct consent_at when = at(b, grant);

    return consent_suspend(b->consent, b->txn, &when, &b->changes);
}

static enum vlt_status
resume(struct bench *b, const struct grant *grant, bool release_gap)
{
    struct consent_at when = at(b, grant);

    return consent_resume(b->consent, b->txn, &when, release_gap, &b->changes);
}

/* The grant as it is committed: held. */
static const struct grant *
now_of(struct bench *b, const struct grant *grant)
{
    const struct grant *now = consent_grant_find(b->consent, grant->id);

    assert_non_null(now);
    return now;
}

static void
a_suspended_grant_gives_nothing_until_it_is_resumed(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct consent_change *change;
    const struct grant *grant;
    uint64_t epoch;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    epoch = consent_epoch(b.consent);
    turn_begin(&b);
    assert_int_equal(suspend(&b, grant), VLT_OK);
    change = assert_change(&b, 0, 18, CONSENT_SUSPENDED, CONSENT_EV_SUSPENDED);
    assert_int_equal(change->by, CONSENT_BY_OWNER);
    assert_int_equal(use_once(&b, grant), CONSENT_NO_DENIED);
    assert_int_equal(suspend(&b, grant), VLT_E_CONFLICT);
    turn_commit(&b);
    assert_true(consent_epoch(b.consent) > epoch);
    bench_reopen(&b);
    assert_int_equal(commit_use(&b, grant), CONSENT_NO_DENIED);
    b.now += 5 * VLT_MINUTE;
    turn_begin(&b);
    assert_int_equal(resume(&b, grant, false), VLT_OK);
    assert_change(&b, 0, 22, CONSENT_ACTIVE, CONSENT_EV_RESUMED);
    assert_int_equal(resume(&b, grant, false), VLT_E_CONFLICT);
    assert_int_equal(use_once(&b, grant), CONSENT_YES);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

static void
the_time_between_is_a_gap_for_ever(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    const struct grant *now;
    int64_t first;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    first = b.now;
    for (int i = 0; i < 3; i++) {
        turn_begin(&b);
        assert_int_equal(suspend(&b, grant), VLT_OK);
        turn_commit(&b);
        b.now += VLT_MINUTE;
        turn_begin(&b);
        assert_int_equal(resume(&b, grant, i == 1), VLT_OK);
        turn_commit(&b);
        b.now += VLT_MINUTE;
    }
    bench_reopen(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->gap_count, 2); /* the second was released */
    assert_int_equal(now->gap[0].from, first);
    assert_int_equal(now->gap[0].to, first + VLT_MINUTE);
    assert_int_equal(now->gap[1].from, first + 4 * VLT_MINUTE);
    assert_int_equal(now->gap[1].to, first + 5 * VLT_MINUTE);
    assert_int_equal(now->suspended, 0);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

/* Beyond the last that is kept apart more is withheld, never less. */
static void
gaps_beyond_the_limit_run_into_the_last(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    for (int i = 0; i < CONSENT_GAPS + 2; i++) {
        turn_begin(&b);
        assert_int_equal(suspend(&b, grant), VLT_OK);
        b.now += VLT_MINUTE;
        assert_int_equal(resume(&b, grant, false), VLT_OK);
        turn_commit(&b);
        b.now += VLT_MINUTE;
    }
    bench_reopen(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->gap_count, CONSENT_GAPS);
    assert_int_equal(now->gap[CONSENT_GAPS - 1].to, b.now - VLT_MINUTE);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

static void
a_suspended_grant_expires_and_is_revoked_as_ever(void **state)
{
    struct asked asked = { .life_s = 3600 };
    const struct grant *grant;
    const struct grant *other;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    other = grant_by_hand(&b, &asked);
    turn_begin(&b);
    assert_int_equal(suspend(&b, grant), VLT_OK);
    assert_int_equal(suspend(&b, other), VLT_OK);
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(consent_end(b.consent, b.txn, other->id, CONSENT_WITHDRAWN,
                                 b.now, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    assert_int_equal(grant_state(&b, other), CONSENT_WITHDRAWN);
    b.now = grant->exp;
    turn_begin(&b);
    assert_int_equal(resume(&b, grant, false), VLT_E_CONFLICT);
    assert_int_equal(consent_clock(b.consent, b.txn, b.now, &b.changes),
                     VLT_OK);
    assert_change(&b, 0, 30, CONSENT_EXPIRED, CONSENT_EV_EXPIRED);
    turn_commit(&b);
    grant_release(grant);
    grant_release(other);
    bench_end(&b);
}

/* Row 20, and what resuming after it means. */
static void
a_rule_that_asks_suspends_what_a_rule_gave(void **state)
{
    static const char ask[] = "version: 1\n"
                              "rules:\n"
                              "  - {name: ask, effect: ask, data: energy}\n";
    struct asked asked = { .uses = NULL };
    const struct grant *rule;
    const struct grant *hand;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    hand = grant_by_hand(&b, &asked);
    rule = grant_by_rule(&b, &asked);
    turn_begin(&b);
    apply_rules(&b, ask);
    assert_int_equal(b.changes.count, 1);
    assert_change(&b, 0, 20, CONSENT_SUSPENDED, CONSENT_EV_SUSPENDED);
    assert_memory_equal(b.changes.at[0].grant->id, rule->id, VLT_ID_LEN);
    turn_commit(&b);
    assert_int_equal(commit_use(&b, hand), CONSENT_YES);
    assert_int_equal(commit_use(&b, rule), CONSENT_NO_DENIED);
    turn_begin(&b);
    assert_int_equal(resume(&b, rule, false), VLT_OK);
    turn_commit(&b);
    assert_int_equal(commit_use(&b, rule), CONSENT_YES);
    now = now_of(&b, rule);
    assert_false(now->by_rule);
    grant_release(now);
    grant_release(rule);
    grant_release(hand);
    bench_end(&b);
}

/* What the owner suspended stays what a rule gave. */
static void
resuming_ones_own_suspension_approves_nothing(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *rule;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    rule = grant_by_rule(&b, &asked);
    turn_begin(&b);
    assert_int_equal(suspend(&b, rule), VLT_OK);
    assert_int_equal(resume(&b, rule, false), VLT_OK);
    turn_commit(&b);
    now = now_of(&b, rule);
    assert_true(now->by_rule);
    grant_release(now);
    grant_release(rule);
    bench_end(&b);
}

/* Row 19. */
static void
what_nobody_uses_for_60_days_is_suspended(void **state)
{
    struct asked asked = { .keep_s = 315360000 };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    b.now += 30 * DAY;
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    b.now += 60 * DAY - 1;
    /* It lives 90 days: the last use puts it off beyond its end. */
    assert_false(consent_clock_due(b.consent, b.now - DAY));
    grant_release(grant);
    grant = grant_by_hand(&b, &asked);
    b.now += 60 * DAY - 1;
    turn_begin(&b);
    assert_int_equal(consent_clock(b.consent, b.txn, b.now, &b.changes),
                     VLT_OK);
    for (size_t i = 0; i < b.changes.count; i++) {
        assert_int_not_equal(b.changes.at[i].row, 19);
    }
    turn_commit(&b);
    b.now += 1;
    assert_true(consent_clock_due(b.consent, b.now));
    turn_begin(&b);
    assert_int_equal(consent_clock(b.consent, b.txn, b.now, &b.changes),
                     VLT_OK);
    assert_int_equal(b.changes.count, 1);
    assert_change(&b, 0, 19, CONSENT_SUSPENDED, CONSENT_EV_SUSPENDED);
    assert_int_equal(b.changes.at[0].by, CONSENT_BY_CLOCK);
    turn_commit(&b);
    assert_false(consent_clock_due(b.consent, b.now));
    grant_release(grant);
    bench_end(&b);
}

static void
of_a_grant_that_is_not_there_nothing_is_suspended(void **state)
{
    struct grant nobody = { .id = { 99 } };
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    assert_int_equal(suspend(&b, &nobody), VLT_E_NOT_FOUND);
    assert_int_equal(resume(&b, &nobody, false), VLT_E_NOT_FOUND);
    assert_int_equal(b.changes.count, 0);
    turn_commit(&b);
    bench_end(&b);
}

/* Within one instant nothing is withheld. */
static void
no_time_between_is_no_gap(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    turn_begin(&b);
    assert_int_equal(suspend(&b, grant), VLT_OK);
    assert_int_equal(resume(&b, grant, false), VLT_OK);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->gap_count, 0);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_suspended_grant_gives_nothing_until_it_is_resumed),
        cmocka_unit_test(the_time_between_is_a_gap_for_ever),
        cmocka_unit_test(gaps_beyond_the_limit_run_into_the_last),
        cmocka_unit_test(a_suspended_grant_expires_and_is_revoked_as_ever),
        cmocka_unit_test(a_rule_that_asks_suspends_what_a_rule_gave),
        cmocka_unit_test(resuming_ones_own_suspension_approves_nothing),
        cmocka_unit_test(what_nobody_uses_for_60_days_is_suspended),
        cmocka_unit_test(of_a_grant_that_is_not_there_nothing_is_suspended),
        cmocka_unit_test(no_time_between_is_no_gap),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
