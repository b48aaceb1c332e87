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
renew(struct bench *b, const struct grant *grant)
{
    struct consent_renewal renewal = { .at = at(b, grant), .firm = &b->firm };
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, 0);
    st = consent_renew(b->consent, b->txn, &renewal, &why, &b->changes);
    assert_true(st == VLT_OK || st == VLT_E_NOT_FOUND || why.len > 0);
    vlt_buf_free(&why);
    return st;
}

static void
a_grant_is_renewed_in_its_last_two_weeks(void **state)
{
    struct asked asked = { .uses = "2" };
    const struct grant *grant;
    const struct grant *next;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    b.now = grant->exp - 40 * DAY;
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    b.now = grant->exp - 14 * DAY - 1;
    turn_begin(&b);
    assert_int_equal(renew(&b, grant), VLT_E_CONFLICT);
    b.now++;
    assert_int_equal(renew(&b, grant), VLT_OK);
    assert_change(&b, 0, 31, CONSENT_REPLACED, CONSENT_EV_REPLACED);
    next = assert_change(&b, 1, 31, CONSENT_ACTIVE, CONSENT_EV_RENEWED)->grant;
    grant_hold(next);
    assert_int_equal(renew(&b, grant), VLT_E_CONFLICT);
    turn_commit(&b);
    bench_reopen(&b);
    assert_memory_not_equal(next->id, grant->id, VLT_ID_LEN);
    assert_memory_equal(next->prev, grant->id, VLT_ID_LEN);
    assert_int_equal(next->exp - next->nbf, grant->exp - grant->nbf);
    assert_int_equal(next->bound_count, grant->bound_count);
    assert_int_equal(commit_use(&b, grant), CONSENT_NO_ENDED);
    assert_int_equal(commit_use(&b, next), CONSENT_YES);
    assert_int_equal(commit_use(&b, next), CONSENT_YES);
    assert_int_equal(commit_use(&b, next), CONSENT_NO_ENDED);
    grant_release(next);
    grant_release(grant);
    bench_end(&b);
}

/* Renewing sheds no rate: what the old grant's window has seen goes over. */
static void
a_rate_goes_over_to_the_successor(void **state)
{
    struct asked asked = { .rate = "{\"n\":1,\"per_s\":86400}" };
    const struct grant *grant;
    const struct grant *next;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    b.now = grant->exp - DAY;
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    turn_begin(&b);
    assert_int_equal(renew(&b, grant), VLT_OK);
    next = b.changes.at[1].grant;
    grant_hold(next);
    turn_commit(&b);
    assert_int_equal(commit_use(&b, next), CONSENT_NO_RATE);
    grant_release(next);
    grant_release(grant);
    bench_end(&b);
}

/* To prolong is not to resume. */
static void
a_suspended_grant_is_renewed_and_stays_suspended(void **state)
{
    struct asked asked = { .uses = NULL };
    struct consent_at when;
    const struct grant *grant;
    const struct grant *next;
    const struct grant *kept;
    int64_t since;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    b.now = since = grant->exp - 2 * DAY;
    when = at(&b, grant);
    turn_begin(&b);
    assert_int_equal(consent_suspend(b.consent, b.txn, &when, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    b.now += DAY;
    turn_begin(&b);
    assert_int_equal(renew(&b, grant), VLT_OK);
    assert_change(&b, 0, 31, CONSENT_REPLACED, CONSENT_EV_REPLACED);
    assert_change(&b, 1, 31, CONSENT_ACTIVE, CONSENT_EV_RENEWED);
    next = assert_change(&b, 2, 18, CONSENT_SUSPENDED, CONSENT_EV_SUSPENDED)
               ->grant;
    grant_hold(next);
    turn_commit(&b);
    bench_reopen(&b);
    assert_int_equal(commit_use(&b, next), CONSENT_NO_DENIED);
    when = at(&b, next);
    turn_begin(&b);
    assert_int_equal(consent_resume(b.consent, b.txn, &when, false, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    kept = consent_grant_find(b.consent, next->id);
    assert_int_equal(kept->gap_count, 1);
    assert_int_equal(kept->gap[0].from, since);
    assert_int_equal(kept->gap[0].to, b.now);
    grant_release(kept);
    assert_int_equal(commit_use(&b, next), CONSENT_YES);
    grant_release(next);
    grant_release(grant);
    bench_end(&b);
}

static void
a_deny_rule_forbids_renewing(void **state)
{
    struct asked asked = { .items = ITEM(1, "energy.gas", "") };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    b.now = grant->exp - DAY;
    turn_begin(&b);
    apply_rules(&b, deny_gas);
    assert_int_equal(renew(&b, grant), VLT_E_CONFLICT);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grant_is_renewed_in_its_last_two_weeks),
        cmocka_unit_test(a_rate_goes_over_to_the_successor),
        cmocka_unit_test(a_suspended_grant_is_renewed_and_stays_suspended),
        cmocka_unit_test(a_deny_rule_forbids_renewing),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
