/* As no_memory_test.c: suspensions that begin and end by themselves, or that
 * the firm is not told of. */
#include "trial.h"

static const struct asked bill = { .uses = NULL };

static enum vlt_status
pause_by(struct trial *trial, struct consent_pause pause)
{
    struct bench *b = trial->b;
    struct consent_at when = place_of(trial);

    when.sure = b->now;
    return consent_pause(b->consent, b->txn, &when, &pause, &b->changes);
}

/* From the next hour on, for an hour. */
static enum vlt_status
plan(struct trial *trial)
{
    int64_t from = trial->b->now + VLT_HOUR;

    return pause_by(trial, (struct consent_pause){ .from = from,
                                                   .until = from + VLT_HOUR });
}

static enum vlt_status
hide(struct trial *trial)
{
    return pause_by(trial, (struct consent_pause){ .hidden = true });
}

static enum vlt_status
suspend(struct trial *trial)
{
    return pause_by(trial, (struct consent_pause){ 0 });
}

static enum vlt_status
resume(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_at when = place_of(trial);

    when.sure = b->now;
    return consent_resume(b->consent, b->txn, &when, false, &b->changes);
}

/* All that came or went, written down. */
static enum vlt_status
write_pauses(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_at when = { .now = b->now, .sure = b->now };

    return consent_pauses(b->consent, b->txn, &when, &b->changes);
}

static enum vlt_status
take(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_asking asking = { .firm = &b->firm,
                                     .now = b->now,
                                     .sure = b->now };
    struct consent_use use;

    memcpy(asking.grant, trial->id, VLT_ID_LEN);
    enum vlt_status st =
        consent_use(b->consent, b->txn, &asking, &b->changes, &use);

    assert_true(st != VLT_OK || use.no == CONSENT_YES);
    grant_release(use.grant);
    return st;
}

static enum vlt_status
end(struct trial *trial)
{
    struct bench *b = trial->b;

    return consent_end(b->consent, b->txn, trial->id, CONSENT_WITHDRAWN, b->now,
                       &b->changes);
}

/* The gaps that it has, as committed. */
static size_t
gaps_of(const struct trial *trial)
{
    const struct grant *grant =
        consent_grant_find(trial->b->consent, trial->id);
    size_t count = grant->gap_count;

    grant_release(grant);
    return count;
}

static struct trial
trial_by_hand(struct bench *b)
{
    const struct grant *grant = grant_by_hand(b, &bill);
    struct trial trial = trial_of(b, grant);

    grant_release(grant);
    return trial;
}

/* Two of them, so that one is behind that for which there was none. */
static void
times_that_came_without_memory_are_written_once_there_is(void **state)
{
    struct trial trial[2];
    struct bench b;

    bench_begin(&b);
    for (size_t i = 0; i < 2; i++) {
        trial[i] = trial_by_hand(&b);
        try_both(&trial[i], plan);
    }
    b.now += VLT_HOUR;
    try_both(&trial[0], write_pauses);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(state_of(&trial[i]), CONSENT_SUSPENDED);
    }
    b.now += VLT_HOUR;
    try_both(&trial[0], write_pauses);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(state_of(&trial[i]), CONSENT_ACTIVE);
        assert_int_equal(gaps_of(&trial[i]), 1);
    }
    bench_end(&b);
}

/* By whoever acts on it first: the owner, or the firm. */
static void
an_act_without_memory_writes_no_time_that_came_before_it(void **state)
{
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    trial = trial_by_hand(&b);
    try_both(&trial, plan);
    b.now += VLT_HOUR;
    try_both(&trial, resume);
    assert_int_equal(gaps_of(&trial), 0);
    try_both(&trial, plan);
    b.now += 2 * VLT_HOUR;
    try_both(&trial, take);
    assert_int_equal(gaps_of(&trial), 1);
    try_both(&trial, plan);
    b.now += 2 * VLT_HOUR;
    try_both(&trial, suspend);
    assert_int_equal(gaps_of(&trial), 2);
    assert_int_equal(state_of(&trial), CONSENT_SUSPENDED);
    bench_end(&b);
}

static void
what_was_hidden_is_withheld_at_the_end_or_it_has_not_ended(void **state)
{
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    trial = trial_by_hand(&b);
    try_both(&trial, hide);
    try_both(&trial, end);
    assert_int_equal(state_of(&trial), CONSENT_WITHDRAWN);
    assert_int_equal(gaps_of(&trial), 1);
    bench_end(&b);
}

/* A rule asks that was not there. */
static void
what_was_hidden_is_withheld_when_all_see_it_or_nobody_does(void **state)
{
    const struct grant *grant;
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_rule(&b, &bill);
    trial = trial_of(&b, grant);
    try_both(&trial, hide);
    b.now += VLT_HOUR;
    try_both(&trial, hold_once);
    assert_int_equal(state_of(&trial), CONSENT_SUSPENDED);
    assert_int_equal(gaps_of(&trial), 1);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            times_that_came_without_memory_are_written_once_there_is),
        cmocka_unit_test(
            an_act_without_memory_writes_no_time_that_came_before_it),
        cmocka_unit_test(
            what_was_hidden_is_withheld_at_the_end_or_it_has_not_ended),
        cmocka_unit_test(
            what_was_hidden_is_withheld_when_all_see_it_or_nobody_does),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
