#include "bench.h"

#include "terms/value.h"

static void
a_use_is_counted(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct consent_asking asking;
    struct consent_use use;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    asking = asking_for(&b, grant);
    turn_begin(&b);
    assert_int_equal(consent_use(b.consent, b.txn, &asking, &b.changes, &use),
                     VLT_OK);
    assert_int_equal(use.no, CONSENT_YES);
    assert_int_equal(use.seq, 1);
    assert_int_equal(use.grant->use_seq, 1);
    assert_int_equal(use.grant->last_use, NOW);
    assert_memory_equal(use.id, use.grant->last_use_id, VLT_ID_LEN);
    assert_non_null(use.decision);
    assert_int_equal(b.changes.count, 0); /* row 16 changes no state */
    grant_release(use.grant);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

static uint64_t
logged_use(struct bench *b, const struct grant *grant)
{
    struct consent_asking asking = asking_for(b, grant);
    struct consent_use use;

    asking.logged = true;
    assert_int_equal(
        consent_use(b->consent, b->txn, &asking, &b->changes, &use), VLT_OK);
    assert_int_equal(use.no, CONSENT_YES);
    grant_release(use.grant);
    return use.event_seq;
}

static uint64_t
next_event(struct bench *b, const struct grant *grant)
{
    uint64_t seq;

    assert_int_equal(consent_event_seq(b->consent, b->txn, grant->id, &seq),
                     VLT_OK);
    return seq;
}

/* Numbers go on without a gap, whoever gives them and whatever was undone. */
static void
a_use_takes_the_number_of_its_entry_along(void **state)
{
    struct asked asked = { .uses = "4", .rate = "null" };
    const struct grant *grant;
    uint64_t seq;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    turn_begin(&b);
    seq = next_event(&b, grant);
    assert_int_equal(logged_use(&b, grant), seq + 1);
    assert_int_equal(next_event(&b, grant), seq + 2);
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(logged_use(&b, grant), seq + 3);
    turn_abort(&b);
    turn_begin(&b);
    assert_int_equal(logged_use(&b, grant), seq + 3);
    turn_commit(&b);
    bench_reopen(&b);
    turn_begin(&b);
    assert_int_equal(use_once(&b, grant), CONSENT_YES); /* not logged */
    assert_int_equal(next_event(&b, grant), seq + 4);
    /* The last: that it is exhausted has its entry first. */
    assert_int_equal(logged_use(&b, grant), 0);
    assert_int_equal(b.changes.count, 1);
    assert_int_equal(next_event(&b, grant), seq + 5);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

/* n uses in any interval of per_s, whatever the second. */
static void
no_window_ever_holds_more_than_its_rate(void **state)
{
    struct asked asked = { .rate = "{\"n\":3,\"per_s\":60}" };
    int64_t taken[64];
    size_t count = 0;
    const struct grant *grant;
    uint32_t x = 5;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    for (int i = 0; i < 90; i++) {
        struct consent_asking asking;
        uint8_t id[VLT_ID_LEN];
        int64_t retry_ms;

        x = x * 1664525 + 1013904223;
        b.now += (int64_t)(x >> 28) * VLT_SECOND;
        asking = asking_for(&b, grant);
        turn_begin(&b);
        if (use_as(&b, &asking, id, &retry_ms) == CONSENT_YES) {
            taken[count++] = b.now;
            assert_true(count < 4 ||
                        taken[count - 1] - taken[count - 4] >= 60 * VLT_SECOND);
        } else {
            /* Just as long as it says, and not a moment less. */
            b.now += (retry_ms - 1) * 1000000 - 1;
            assert_int_equal(use_once(&b, grant), CONSENT_NO_RATE);
            b.now += 1000001;
            assert_int_equal(use_once(&b, grant), CONSENT_YES);
            taken[count++] = b.now;
        }
        turn_commit(&b);
        if (i == 45) {
            bench_reopen(&b); /* the window is kept */
        }
        if (count > 60) {
            break;
        }
    }
    assert_true(count > 30);
    grant_release(grant);
    bench_end(&b);
}

static void
uses_are_exact(void **state)
{
    struct asked asked = { .uses = "3", .rate = "null" };
    const struct grant *grant;
    const struct consent_change *change;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    turn_begin(&b);
    assert_int_equal(use_once(&b, grant), CONSENT_YES);
    turn_abort(&b); /* it did not happen */
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    bench_reopen(&b);
    turn_begin(&b);
    assert_int_equal(use_once(&b, grant), CONSENT_YES);
    change = assert_change(&b, 0, 17, CONSENT_EXHAUSTED, CONSENT_EV_EXHAUSTED);
    assert_int_equal(change->by, CONSENT_BY_VAULT);
    assert_int_equal(change->grant->uses_left, 0);
    assert_int_equal(use_once(&b, grant), CONSENT_NO_ENDED);
    turn_commit(&b);
    assert_int_equal(commit_use(&b, grant), CONSENT_NO_ENDED);
    assert_int_equal(grant_state(&b, grant), CONSENT_EXHAUSTED);
    grant_release(grant);
    bench_end(&b);
}

/* A page may be fetched again for 600 s, and takes no use. */
static void
pages_of_one_use_take_no_other(void **state)
{
    struct asked asked = { .uses = "1", .rate = "null" };
    const uint8_t zeros[VLT_ID_LEN] = { 0 };
    const struct grant *grant;
    struct consent_asking asking;
    uint8_t first[VLT_ID_LEN];
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    struct bench b;

    bench_begin(&b);
    b.now = 100 * VLT_SECOND; /* 600 s after 0, no use was made yet */
    grant = grant_by_hand(&b, &asked);
    asking = asking_for(&b, grant);
    asking.free_of = zeros;
    turn_begin(&b);
    assert_int_equal(use_as(&b, &asking, first, &retry_ms), CONSENT_YES);
    assert_change(&b, 0, 17, CONSENT_EXHAUSTED, CONSENT_EV_EXHAUSTED);
    turn_commit(&b);
    asking.free_of = first;
    asking.now += 600 * VLT_SECOND;
    turn_begin(&b);
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_YES);
    assert_memory_equal(id, first, VLT_ID_LEN);
    assert_int_equal(b.changes.count, 0);
    asking.now++;
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_NO_ENDED);
    asking.now--;
    asking.free_of = NULL;
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_NO_ENDED);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

/* Two queries at once: a page of the first is not one of the second. */
static void
pages_of_two_uses_in_turn_take_no_more(void **state)
{
    struct asked asked = { .uses = "2", .rate = "null" };
    const struct grant *grant;
    struct consent_asking asking;
    uint8_t use[2][VLT_ID_LEN];
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    asking = asking_for(&b, grant);
    turn_begin(&b);
    assert_int_equal(use_as(&b, &asking, use[0], &retry_ms), CONSENT_YES);
    assert_int_equal(use_as(&b, &asking, use[1], &retry_ms), CONSENT_YES);
    for (size_t i = 0; i < 6; i++) {
        asking.free_of = use[i % 2];
        assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_YES);
        assert_memory_equal(id, use[i % 2], VLT_ID_LEN);
    }
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

/* What is left of a last use ends with the grant's time, or with a deny. */
static void
the_rest_of_a_last_use_is_decided_again(void **state)
{
    struct asked asked = { .uses = "1", .life_s = 60 };
    const struct grant *grant;
    struct consent_asking asking;
    uint8_t first[VLT_ID_LEN];
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    asking = asking_for(&b, grant);
    turn_begin(&b);
    assert_int_equal(use_as(&b, &asking, first, &retry_ms), CONSENT_YES);
    turn_commit(&b);
    asking.free_of = first;
    asking.now = NOW + 60 * VLT_SECOND - 1;
    turn_begin(&b);
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_YES);
    asking.now++;
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_NO_ENDED);
    asking.now--;
    apply_rules(&b, deny_all);
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_NO_ENDED);
    assert_int_equal(b.changes.count, 0); /* a final state is final */
    turn_commit(&b);
    assert_int_equal(grant_state(&b, grant), CONSENT_EXHAUSTED);
    grant_release(grant);
    bench_end(&b);
}

static void
expiry_is_half_open(void **state)
{
    struct asked asked = { .life_s = 3600 };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    b.now = NOW - 1;
    assert_int_equal(commit_use(&b, grant), CONSENT_NO_DENIED);
    b.now = NOW;
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    b.now = grant->exp - 1;
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    b.now = grant->exp;
    turn_begin(&b);
    assert_int_equal(use_once(&b, grant), CONSENT_NO_ENDED);
    assert_change(&b, 0, 30, CONSENT_EXPIRED, CONSENT_EV_EXPIRED);
    assert_int_equal(b.changes.at[0].by, CONSENT_BY_CLOCK);
    turn_commit(&b);
    b.now = NOW; /* a clock that is set back revives nothing */
    assert_int_equal(commit_use(&b, grant), CONSENT_NO_ENDED);
    grant_release(grant);
    bench_end(&b);
}

/* A day begins and ends where its date says, however many hours it has. */
static void
a_day_of_23_or_25_hours_is_that_long(void **state)
{
    static const struct {
        const char *from;
        const char *until;
        int hours;
    } days[] = {
        { "2027-03-28T00:00:00+01:00", "2027-03-29T00:00:00+02:00", 23 },
        { "2027-10-31T00:00:00+02:00", "2027-11-01T00:00:00+01:00", 25 },
    };

    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        struct asked asked = { .life_s = days[i].hours * 3600 };
        const struct grant *grant;
        struct vlt_buf rules;
        uint8_t id[VLT_ID_LEN];
        int64_t from;
        struct bench b;

        bench_begin(&b);
        assert_int_equal(terms_parse_date(vlt_slice_text(days[i].from), &from),
                         VLT_OK);
        vlt_buf_init(&rules, 0);
        vlt_buf_printf(&rules, "%s    from: %s\n    until: %s\n", permit_bill,
                       days[i].from, days[i].until);
        set_rules(&b, vlt_buf_text(&rules));
        vlt_buf_free(&rules);
        turn_begin(&b);
        b.now = from - 1; /* not yet */
        submit(&b, &asked, id);
        assert_change(&b, 0, 3, CONSENT_PENDING_STATE, CONSENT_NO_RECEIPT);
        b.now = from + VLT_SECOND; /* it would end behind the day */
        submit(&b, &asked, id);
        assert_change(&b, 1, 3, CONSENT_PENDING_STATE, CONSENT_NO_RECEIPT);
        b.now = from;
        submit(&b, &asked, id);
        grant = assert_change(&b, 2, 4, CONSENT_ACTIVE, CONSENT_GIVEN)->grant;
        grant_hold(grant);
        turn_commit(&b);
        assert_int_equal(grant->exp, from + days[i].hours * VLT_HOUR);
        b.now = grant->exp - 1;
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
        b.now = grant->exp;
        assert_int_equal(commit_use(&b, grant), CONSENT_NO_ENDED);
        grant_release(grant);
        bench_end(&b);
    }
}

static void
a_live_hour_counts_as_one_use(void **state)
{
    struct asked asked = {
        .items = "{\"n\":1,\"data\":\"energy.electricity\",\"stats\":"
                 "[\"mean\"],\"bucket_s\":900,\"window_s\":3600,"
                 "\"delay_s\":0,\"every_s\":60}",
        .action = "\"live\"",
        .rate = "null",
        .uses = "4"
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
    for (int i = 0; i < 10; i++) {
        turn_begin(&b);
        assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_YES);
        turn_commit(&b);
        asking.now += 6 * 60 * VLT_SECOND - 1;
        if (i == 4) {
            bench_reopen(&b);
        }
    }
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->uses_left, 3);
    grant_release(now);
    asking.now = NOW + VLT_HOUR;
    turn_begin(&b);
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_YES);
    asking.live = false; /* a query takes its own */
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_YES);
    turn_commit(&b);
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->uses_left, 1);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

static void
nobody_uses_the_grant_of_another(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct consent_asking asking;
    struct consent_firm firm;
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    asking = asking_for(&b, grant);
    turn_begin(&b);
    asking.firm = &b.other;
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_NO_DENIED);
    asking.firm = &firm;
    firm = b.firm;
    firm.key[31] ^= 1;
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_NO_DENIED);
    firm = b.firm;
    firm.blocked = true;
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_NO_DENIED);
    firm = b.firm;
    firm.confirmed = false;
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_NO_DENIED);
    firm = b.firm;
    asking.grant[0] ^= 1;
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_NO_DENIED);
    assert_int_equal(b.changes.count, 0);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

/* The pre-check takes nothing, whatever it says. */
static void
asking_beforehand_changes_nothing(void **state)
{
    struct asked asked = { .uses = "1" };
    const struct grant *grant;
    struct consent_asking asking;
    struct consent_use use;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    asking = asking_for(&b, grant);
    for (int i = 0; i < 3; i++) {
        consent_may(b.consent, &asking, &use);
        assert_int_equal(use.no, CONSENT_YES);
        assert_int_equal(use.grant->uses_left, 1);
        grant_release(use.grant);
    }
    asking.now = grant->exp;
    consent_may(b.consent, &asking, &use);
    assert_int_equal(use.no, CONSENT_NO_ENDED);
    assert_null(use.grant);
    assert_int_equal(grant_state(&b, grant), CONSENT_ACTIVE);
    consent_clear(b.consent); /* locked: there is nothing to ask of */
    consent_may(b.consent, &asking, &use);
    assert_int_equal(use.no, CONSENT_NO_DENIED);
    assert_int_equal(consent_boundary(b.consent, grant, NOW), NOW);
    grant_release(grant);
    bench_end(&b);
}

static void
a_boundary_is_the_end_or_a_rules_time(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    assert_int_equal(consent_boundary(b.consent, grant, NOW), grant->exp);
    set_rules(&b, "version: 1\n"
                  "rules:\n"
                  "  - {name: p, effect: permit, until: 2027-01-20}\n");
    assert_int_equal(consent_boundary(b.consent, grant, NOW),
                     INT64_C(1800403200) * VLT_SECOND);
    assert_int_equal(
        consent_boundary(b.consent, grant, INT64_C(1800403200) * VLT_SECOND),
        grant->exp);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_use_is_counted),
        cmocka_unit_test(a_use_takes_the_number_of_its_entry_along),
        cmocka_unit_test(no_window_ever_holds_more_than_its_rate),
        cmocka_unit_test(uses_are_exact),
        cmocka_unit_test(pages_of_one_use_take_no_other),
        cmocka_unit_test(pages_of_two_uses_in_turn_take_no_more),
        cmocka_unit_test(the_rest_of_a_last_use_is_decided_again),
        cmocka_unit_test(expiry_is_half_open),
        cmocka_unit_test(a_day_of_23_or_25_hours_is_that_long),
        cmocka_unit_test(a_live_hour_counts_as_one_use),
        cmocka_unit_test(nobody_uses_the_grant_of_another),
        cmocka_unit_test(asking_beforehand_changes_nothing),
        cmocka_unit_test(a_boundary_is_the_end_or_a_rules_time),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
