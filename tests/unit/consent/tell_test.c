#include "bench.h"

#define DAY (86400 * VLT_SECOND)

/* A grant born of a rule that says so. */
static const struct grant *
grant_that_tells(struct bench *b, const char *how)
{
    struct asked asked = { .rate = "null" };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    char rules[300];

    (void)snprintf(rules, sizeof rules,
                   "version: 1\nrules:\n  - {name: bill, effect: permit, "
                   "data: energy.electricity, detail: mean/15min, rate: none, "
                   "notify: %s}\n",
                   how);
    set_rules(b, rules);
    turn_begin(b);
    submit(b, &asked, id);
    grant = assert_change(b, 0, 4, CONSENT_ACTIVE, CONSENT_GIVEN)->grant;
    grant_hold(grant);
    turn_commit(b);
    return grant;
}

/* Of how many uses the owner hears with this one; 0: of none. */
static uint64_t
heard_at_use(struct bench *b, const struct grant *grant)
{
    uint64_t uses = 0;

    turn_begin(b);
    assert_int_equal(use_once(b, grant), CONSENT_YES);
    if (b->changes.count > 0) {
        assert_int_equal(b->changes.count, 1);
        assert_int_equal(b->changes.at[0].row, ROW_TOLD);
        assert_memory_equal(b->changes.at[0].grant->id, grant->id, VLT_ID_LEN);
        uses = b->changes.at[0].uses;
        assert_true(uses > 0);
    }
    turn_commit(b);
    return uses;
}

/* The same, by the clock. */
static uint64_t
heard_by_clock(struct bench *b)
{
    bool due = consent_clock_due(b->consent, b->now);
    uint64_t uses = 0;

    turn_begin(b);
    assert_int_equal(consent_clock(b->consent, b->txn, b->now, &b->changes),
                     VLT_OK);
    assert_int_equal(b->changes.count > 0, due);
    if (b->changes.count > 0) {
        assert_int_equal(b->changes.at[0].row, ROW_TOLD);
        uses = b->changes.at[0].uses;
    }
    turn_commit(b);
    return uses;
}

static void
each_use_is_heard_of_where_a_rule_says_each(void **state)
{
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_that_tells(&b, "each");
    assert_int_equal(heard_at_use(&b, grant), 1);
    assert_int_equal(heard_at_use(&b, grant), 1);
    bench_reopen(&b);
    assert_int_equal(heard_at_use(&b, grant), 1);
    assert_int_equal(heard_by_clock(&b), 0);
    grant_release(grant);
    bench_end(&b);
}

/* What is told has its entry first: that of the use has no number yet. */
static void
a_use_that_is_told_of_leaves_its_number_to_the_notice(void **state)
{
    const struct grant *grant;
    struct consent_asking asking;
    struct consent_use use;
    uint64_t seq;
    struct bench b;

    bench_begin(&b);
    grant = grant_that_tells(&b, "first");
    asking = asking_for(&b, grant);
    asking.logged = true;
    turn_begin(&b);
    assert_int_equal(consent_event_seq(b.consent, b.txn, grant->id, &seq),
                     VLT_OK);
    for (uint64_t i = 0; i < 2; i++) {
        assert_int_equal(
            consent_use(b.consent, b.txn, &asking, &b.changes, &use), VLT_OK);
        assert_int_equal(use.no, CONSENT_YES);
        /* The second is not told of. */
        assert_int_equal(use.event_seq, i == 0 ? 0 : seq + 1);
        grant_release(use.grant);
        if (i == 0) {
            assert_int_equal(b.changes.count, 1);
            assert_int_equal(b.changes.at[0].row, ROW_TOLD);
            turn_commit(&b);
            turn_begin(&b);
        }
    }
    assert_int_equal(b.changes.count, 0);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

static void
the_first_use_alone_where_it_says_first(void **state)
{
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_that_tells(&b, "first");
    assert_int_equal(heard_at_use(&b, grant), 1);
    assert_int_equal(heard_at_use(&b, grant), 0);
    bench_reopen(&b);
    b.now += 29 * DAY;
    assert_int_equal(heard_at_use(&b, grant), 0);
    assert_int_equal(heard_by_clock(&b), 0);
    grant_release(grant);
    bench_end(&b);
}

static void
all_since_last_at_most_once_a_day_where_it_says_daily(void **state)
{
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_that_tells(&b, "daily");
    assert_int_equal(heard_at_use(&b, grant), 0);
    b.now += DAY - 1;
    assert_int_equal(heard_at_use(&b, grant), 0);
    assert_int_equal(heard_by_clock(&b), 0);
    b.now += 1;
    assert_int_equal(heard_by_clock(&b), 2);
    assert_int_equal(heard_by_clock(&b), 0);
    bench_reopen(&b);
    assert_int_equal(heard_at_use(&b, grant), 0);
    b.now += DAY;
    assert_int_equal(heard_at_use(&b, grant), 2);
    b.now += DAY;
    assert_int_equal(heard_by_clock(&b), 0); /* nobody used it */
    grant_release(grant);
    bench_end(&b);
}

static void
and_once_a_week_where_nothing_is_said(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    assert_int_equal(heard_at_use(&b, grant), 0);
    b.now += 7 * DAY - 1;
    assert_int_equal(heard_by_clock(&b), 0);
    b.now += 1;
    assert_int_equal(heard_by_clock(&b), 1);
    grant_release(grant);
    bench_end(&b);
}

/* The last use of a grant that is over by it is told, too. */
static void
a_grant_that_is_over_is_told_of(void **state)
{
    struct asked asked = { .uses = "1" };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    assert_int_equal(grant_state(&b, grant), CONSENT_EXHAUSTED);
    b.now += 7 * DAY;
    assert_int_equal(heard_by_clock(&b), 1);
    assert_int_equal(grant_state(&b, grant), CONSENT_EXHAUSTED);
    grant_release(grant);
    bench_end(&b);
}

/* A rule that came later tells of each use from then on. */
static void
the_strictest_of_now_decides_at_the_use(void **state)
{
    struct asked asked = { .uses = NULL };
    static const char each[] = "version: 1\n"
                               "rules:\n"
                               "  - {name: e, effect: permit, uses: 1, "
                               "data: energy, notify: each}\n";
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    assert_int_equal(heard_at_use(&b, grant), 0);
    set_rules(&b, each);
    assert_int_equal(heard_at_use(&b, grant), 2);
    assert_int_equal(heard_at_use(&b, grant), 1);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_use_is_heard_of_where_a_rule_says_each),
        cmocka_unit_test(a_use_that_is_told_of_leaves_its_number_to_the_notice),
        cmocka_unit_test(the_first_use_alone_where_it_says_first),
        cmocka_unit_test(all_since_last_at_most_once_a_day_where_it_says_daily),
        cmocka_unit_test(and_once_a_week_where_nothing_is_said),
        cmocka_unit_test(a_grant_that_is_over_is_told_of),
        cmocka_unit_test(the_strictest_of_now_decides_at_the_use),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
