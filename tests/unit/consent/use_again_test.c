/* Uses that go on: where now stands still, and where the owner is asked about
 * each. */
#include "bench.h"

/* After a clock that was ahead was put right, now stands still for a while. */
static void
pages_of_a_use_end_where_now_stands_still(void **state)
{
    struct asked asked = { .uses = "1", .rate = "null" };
    const struct grant *grant;
    struct consent_asking asking;
    uint8_t first[VLT_ID_LEN];
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    asking = asking_for(&b, grant);
    asking.running = NOW + VLT_HOUR;
    turn_begin(&b);
    assert_int_equal(use_as(&b, &asking, first, &retry_ms), CONSENT_YES);
    asking.free_of = first;
    asking.running += 600 * VLT_SECOND;
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_YES);
    asking.running++;
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_NO_ENDED);
    asking.running = 0; /* it is of a time to come: the daemon was restarted */
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_NO_ENDED);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

static void
a_rate_goes_on_where_now_stands_still(void **state)
{
    struct asked asked = { .rate = "{\"n\":1,\"per_s\":60}" };
    const struct grant *grant;
    struct consent_asking asking;
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    asking = asking_for(&b, grant);
    turn_begin(&b);
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_YES);
    asking.running = NOW + 60 * VLT_SECOND - 1;
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_NO_RATE);
    assert_int_equal(retry_ms, 1);
    asking.running++;
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_YES);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

static void
a_live_hour_ends_where_now_stands_still(void **state)
{
    struct asked asked = {
        .items = "{\"n\":1,\"data\":\"energy.electricity\",\"stats\":"
                 "[\"mean\"],\"bucket_s\":900,\"window_s\":7776000,"
                 "\"delay_s\":0,\"every_s\":60}",
        .action = "\"live\"",
        .rate = "null",
        .uses = "2"
    };
    const struct grant *grant;
    const struct grant *now;
    struct consent_asking asking;
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    asking = asking_for(&b, grant);
    asking.live = true;
    turn_begin(&b);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_YES);
        asking.running = NOW + VLT_HOUR;
    }
    turn_commit(&b);
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->state, CONSENT_EXHAUSTED);
    assert_int_equal(now->last_use, NOW);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

static const char asking_rule[] =
    "version: 1\n"
    "rules:\n"
    "  - {name: bill, effect: permit, firm: brightgrid, data: "
    "energy.electricity, detail: mean/15min, ask_each: yes}\n";

/* Each use is the owner's to allow; what it goes on with is not asked about. */
static void
a_use_waits_for_the_owners_yes_where_a_rule_asks_each_time(void **state)
{
    struct asked asked = { .uses = "2" };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    uint8_t use[VLT_ID_LEN];
    int64_t retry_ms;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, asking_rule);
    turn_begin(&b);
    submit(&b, &asked, id);
    grant = assert_change(&b, 0, 4, CONSENT_ACTIVE, CONSENT_GIVEN)->grant;
    grant_hold(grant);
    turn_commit(&b);
    struct consent_asking asking = asking_for(&b, grant);

    turn_begin(&b);
    assert_int_equal(use_as(&b, &asking, use, &retry_ms), CONSENT_NO_PENDING);
    asking.said_yes = true;
    assert_int_equal(use_as(&b, &asking, use, &retry_ms), CONSENT_YES);
    asking.said_yes = false;
    asking.free_of = use;
    assert_int_equal(use_as(&b, &asking, use, &retry_ms), CONSENT_YES);
    asking.free_of = NULL;
    assert_int_equal(use_as(&b, &asking, use, &retry_ms), CONSENT_NO_PENDING);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

/* Does this use, which is allowed, take the owner's yes? */
static bool
takes_the_yes(struct bench *b, const struct consent_asking *asking,
              uint8_t id[VLT_ID_LEN])
{
    struct consent_use use;

    assert_int_equal(consent_use(b->consent, b->txn, asking, &b->changes, &use),
                     VLT_OK);
    assert_int_equal(use.no, CONSENT_YES);
    memcpy(id, use.id, VLT_ID_LEN);
    grant_release(use.grant);
    return use.by_yes;
}

/* One that is there for another use stays. */
static void
what_a_use_goes_on_with_does_not_spend_the_owners_yes(void **state)
{
    struct asked asked = { .uses = "2" };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    uint8_t use[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, asking_rule);
    turn_begin(&b);
    submit(&b, &asked, id);
    grant = assert_change(&b, 0, 4, CONSENT_ACTIVE, CONSENT_GIVEN)->grant;
    grant_hold(grant);
    turn_commit(&b);
    struct consent_asking asking = asking_for(&b, grant);

    asking.said_yes = true;
    turn_begin(&b);
    assert_true(takes_the_yes(&b, &asking, use));
    asking.free_of = use;
    assert_false(takes_the_yes(&b, &asking, use));
    asking.free_of = NULL;
    assert_true(takes_the_yes(&b, &asking, use));
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

static const char asking_live[] =
    "version: 1\n"
    "rules:\n"
    "  - {name: bill, effect: permit, firm: brightgrid, data: "
    "energy.electricity, detail: mean/15min, action: live, delay: 0s, "
    "ask_each: yes}\n";

/* What the owner allowed for an hour is one subscription, not all that the firm
 * begins within it. */
static void
another_subscription_within_the_hour_is_asked_about(void **state)
{
    struct asked asked = {
        .items = "{\"n\":1,\"data\":\"energy.electricity\",\"stats\":"
                 "[\"mean\"],\"bucket_s\":900,\"window_s\":7776000,"
                 "\"delay_s\":0,\"every_s\":60}",
        .action = "\"live\"",
    };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    uint8_t use[VLT_ID_LEN];
    int64_t retry_ms;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, asking_live);
    turn_begin(&b);
    submit(&b, &asked, id);
    grant = assert_change(&b, 0, 4, CONSENT_ACTIVE, CONSENT_GIVEN)->grant;
    grant_hold(grant);
    turn_commit(&b);
    struct consent_asking asking = asking_for(&b, grant);

    asking.live = true;
    turn_begin(&b);
    assert_int_equal(use_as(&b, &asking, use, &retry_ms), CONSENT_NO_PENDING);
    asking.said_yes = true;
    assert_int_equal(use_as(&b, &asking, use, &retry_ms), CONSENT_YES);
    asking.said_yes = false;
    assert_int_equal(use_as(&b, &asking, use, &retry_ms), CONSENT_NO_PENDING);
    asking.goes_on = true;
    assert_int_equal(use_as(&b, &asking, use, &retry_ms), CONSENT_YES);
    asking.said_yes = true;
    assert_false(takes_the_yes(&b, &asking, use));
    asking.said_yes = false;
    asking.now += VLT_HOUR;
    assert_int_equal(use_as(&b, &asking, use, &retry_ms), CONSENT_NO_PENDING);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

/* However long the window is, to the millisecond. */
static void
a_firm_is_told_when_there_is_room(void **state)
{
    struct asked asked = { .rate = "{\"n\":2,\"per_s\":604800}" };
    const struct grant *grant;
    struct consent_asking asking;
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
        b.now += VLT_HOUR;
    }
    asking = asking_for(&b, grant);
    turn_begin(&b);
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_NO_RATE);
    assert_int_equal(retry_ms, 604800000 - 2 * 3600000 + 1);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_of_a_use_end_where_now_stands_still),
        cmocka_unit_test(a_rate_goes_on_where_now_stands_still),
        cmocka_unit_test(a_live_hour_ends_where_now_stands_still),
        cmocka_unit_test(
            a_use_waits_for_the_owners_yes_where_a_rule_asks_each_time),
        cmocka_unit_test(what_a_use_goes_on_with_does_not_spend_the_owners_yes),
        cmocka_unit_test(another_subscription_within_the_hour_is_asked_about),
        cmocka_unit_test(a_firm_is_told_when_there_is_room),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
