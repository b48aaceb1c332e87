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

/* The grant as it is committed: held. */
static const struct grant *
now_of(struct bench *b, const struct grant *grant)
{
    const struct grant *now = consent_grant_find(b->consent, grant->id);

    assert_non_null(now);
    return now;
}

static enum vlt_status
narrow(struct bench *b, const struct grant *grant,
       const struct consent_narrow *how)
{
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_narrowing narrowing = { .at = at(b, grant),
                                           .narrow = how,
                                           .world = &world };
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, 0);
    st = consent_narrow(b->consent, b->txn, &narrowing, &why, &b->changes);
    assert_true(st == VLT_OK || st == VLT_E_NOT_FOUND || why.len > 0);
    vlt_buf_free(&why);
    return st;
}

static struct consent_narrow
less(enum terms_axis axis, int64_t value)
{
    struct consent_narrow how = {
        .axes = 1U << axis, .until = INT64_MAX, .ask_each = -1, .notify = -1
    };

    how.limits.at[axis] = value;
    return how;
}

static void
narrowing_makes_new_terms(void **state)
{
    struct asked asked = { .uses = NULL };
    struct consent_narrow how = less(TERMS_WINDOW, 86400);
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    how.axes |= 1U << TERMS_DETAIL | 1U << TERMS_ROUND;
    how.limits.at[TERMS_DETAIL] = 3600;
    how.limits.stats = 127;
    how.limits.at[TERMS_ROUND] = 500000000;
    turn_begin(&b);
    assert_int_equal(narrow(&b, grant, &how), VLT_OK);
    assert_change(&b, 0, 23, CONSENT_ACTIVE, CONSENT_EV_NARROWED);
    turn_commit(&b);
    bench_reopen(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->terms_version, 2);
    assert_int_equal(now->terms.items[0].window_s, 86400);
    assert_int_equal(now->terms.items[0].bucket_s, 3600);
    assert_int_equal(now->terms.items[0].stats, 1); /* the mean, as before */
    assert_int_equal(now->terms.items[0].round.nano, 500000000);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

static void
narrowing_never_widens(void **state)
{
    static const struct {
        const char *says;
        enum terms_axis axis;
        int64_t value;
    } wider[] = {
        { "a longer window", TERMS_WINDOW, 7776001 },
        { "less delay", TERMS_DELAY, 86399 },
        { "more uses", TERMS_USES, 11 },
        { "a longer life", TERMS_LIFE, 7776001 },
        { "a finer bucket", TERMS_DETAIL, 300 },
        { "a bucket that is no multiple", TERMS_DETAIL, 1000 },
    };
    struct asked asked = { .uses = "10" };
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    turn_begin(&b);
    for (size_t i = 0; i < sizeof wider / sizeof wider[0]; i++) {
        struct consent_narrow how = less(wider[i].axis, wider[i].value);

        how.limits.stats = 1;
        print_message("%s\n", wider[i].says);
        assert_int_not_equal(narrow(&b, grant, &how), VLT_OK);
    }
    assert_int_equal(b.changes.count, 0);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->terms_version, 1);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

static void
uses_that_were_taken_count(void **state)
{
    struct asked asked = { .uses = "10" };
    struct consent_narrow two = less(TERMS_USES, 2);
    struct consent_narrow three = less(TERMS_USES, 3);
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    turn_begin(&b);
    assert_int_equal(narrow(&b, grant, &two), VLT_E_CONFLICT);
    assert_int_equal(narrow(&b, grant, &three), VLT_OK);
    turn_commit(&b);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    assert_int_equal(commit_use(&b, grant), CONSENT_NO_ENDED);
    grant_release(grant);
    bench_end(&b);
}

static void
an_end_that_is_past_is_no_narrowing(void **state)
{
    struct asked asked = { .uses = NULL };
    struct consent_narrow day = less(TERMS_LIFE, 86400);
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    for (int days = 1; days <= 2; days++) { /* at its end it has ended */
        b.now += DAY;
        turn_begin(&b);
        assert_int_equal(narrow(&b, grant, &day), VLT_E_CONFLICT);
        turn_commit(&b);
    }
    turn_begin(&b);
    day.limits.at[TERMS_LIFE] = 3 * 86400;
    assert_int_equal(narrow(&b, grant, &day), VLT_OK);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->exp, grant->nbf + 3 * DAY);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

static void
streams_are_taken_out_by_pattern(void **state)
{
    const struct vlt_slice only = vlt_slice_text("power/b");
    struct consent_narrow how = { .until = INT64_MAX,
                                  .ask_each = -1,
                                  .notify = -1,
                                  .streams = 1,
                                  .stream = &only };
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    assert_int_equal(grant->bound_count, 2);
    turn_begin(&b);
    assert_int_equal(narrow(&b, grant, &how), VLT_OK);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->bound_count, 1);
    assert_int_equal(now->bound[0].stream[0], 4);
    assert_string_equal(now->bound[0].alias, "energy.electricity/2");
    assert_false(now->duties.join_new_streams);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

static void
streams_may_be_left_out_from_the_start(void **state)
{
    const struct vlt_slice only = vlt_slice_text("*/a");
    struct consent_narrow how = { .until = INT64_MAX,
                                  .ask_each = -1,
                                  .notify = -1,
                                  .streams = 1,
                                  .stream = &only };
    struct consent_pick pick = { .all = false };
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &asked, id);
    assert_int_equal(try_approve(&b, id, pick, &how), VLT_OK);
    assert_int_equal(b.changes.at[1].grant->bound_count, 1);
    assert_int_equal(b.changes.at[1].grant->bound[0].stream[0], 3);
    assert_int_equal(b.changes.at[1].grant->held_count, 0);
    turn_commit(&b);
    bench_end(&b);
}

/* A grant of no stream would look like one. */
static void
a_pattern_that_names_nothing_is_refused_with_what_there_is(void **state)
{
    static const struct {
        const char *pattern;
        enum vlt_status st;
        const char *says;
    } cases[] = {
        { "*/a", VLT_OK, "" },
        { "**", VLT_OK, "" },
        { "*/none", VLT_E_FORMAT, "is named '*/none'; there are: " },
        { "none", VLT_E_FORMAT, "is named 'none'; there are: " },
    };
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &asked, id);
    turn_commit(&b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct vlt_slice patterns[] = {
            vlt_slice_text("**"), vlt_slice_text(cases[i].pattern)
        };
        struct consent_narrow how = { .until = INT64_MAX,
                                      .ask_each = -1,
                                      .notify = -1,
                                      .streams = 2,
                                      .stream = patterns };
        struct consent_pick pick = { .all = false };

        print_message("%s\n", cases[i].pattern);
        turn_begin(&b);
        assert_int_equal(try_approve(&b, id, pick, &how), cases[i].st);
        assert_non_null(strstr(b.said, cases[i].says));
        assert_int_equal(b.changes.count, cases[i].st == VLT_OK);
        turn_abort(&b);
    }
    bench_end(&b);
}

/* One of another item, which was asked for and not picked, is none of it. */
static void
a_pattern_names_streams_of_what_is_picked(void **state)
{
    static const struct {
        unsigned items;
        enum vlt_status st;
    } cases[] = { { 1, VLT_OK }, { 3, VLT_OK }, { 2, VLT_E_FORMAT } };
    const struct vlt_slice power = vlt_slice_text("power/*");
    struct consent_narrow how = { .until = INT64_MAX,
                                  .ask_each = -1,
                                  .notify = -1,
                                  .streams = 1,
                                  .stream = &power };
    struct asked asked = { .items = ITEM(1, "energy.electricity",
                                         "") "," ITEM(2, "energy.gas", "") };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &asked, id);
    turn_commit(&b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct consent_pick pick = { .items = { cases[i].items } };

        turn_begin(&b);
        assert_int_equal(try_approve(&b, id, pick, &how), cases[i].st);
        turn_abort(&b);
    }
    bench_end(&b);
}

static const char including[] = "version: 1\n"
                                "rules:\n"
                                "  - {name: i, effect: permit, "
                                "firm: brightgrid, data: energy, "
                                "detail: mean/15min, new_streams: include}\n";

/* Where streams were named, others that come are not among them. */
static void
what_comes_waits_where_streams_were_named(void **state)
{
    const struct vlt_slice only = vlt_slice_text("power/b");
    struct consent_narrow how = { .until = INT64_MAX,
                                  .ask_each = -1,
                                  .notify = -1,
                                  .streams = 1,
                                  .stream = &only };
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    const struct grant *now;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, including);
    turn_begin(&b);
    submit(&b, &asked, id);
    grant = assert_change(&b, 0, 4, CONSENT_ACTIVE, CONSENT_GIVEN)->grant;
    grant_hold(grant);
    assert_true(grant->duties.join_new_streams);
    how.new_streams = "include";
    assert_int_equal(narrow(&b, grant, &how), VLT_E_CONFLICT);
    how.new_streams = NULL;
    assert_int_equal(narrow(&b, grant, &how), VLT_OK);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_false(now->duties.join_new_streams);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

/* What a firm used before its rate was narrowed counts. */
static void
uses_before_a_rate_was_narrowed_count(void **state)
{
    static const struct {
        const char *rate;
        int64_t between; /* of two uses, s */
    } before[] = { { "null", 60 },
                   { "{\"n\":2,\"per_s\":60}", 60 },
                   { "{\"n\":9,\"per_s\":3600}", 7200 } };

    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        struct asked asked = { .rate = before[i].rate };
        struct consent_narrow how = less(TERMS_RATE, 2);
        const struct grant *grant;
        struct bench b;

        print_message("%s\n", before[i].rate);
        how.limits.per_s = 86400;
        bench_begin(&b);
        grant = grant_by_hand(&b, &asked);
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
        b.now += before[i].between * VLT_SECOND;
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
        turn_begin(&b);
        assert_int_equal(narrow(&b, grant, &how), VLT_OK);
        turn_commit(&b);
        bench_reopen(&b);
        b.now += 3600 * VLT_SECOND;
        assert_int_equal(commit_use(&b, grant), CONSENT_NO_RATE);
        b.now += 86400 * VLT_SECOND;
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
        grant_release(grant);
        bench_end(&b);
    }
}

/* Of a grant that is suspended no receipt says that it is in force; what became
 * of it is in the one of its resuming. */
static void
a_suspended_grant_has_no_receipt_of_narrowing(void **state)
{
    struct asked asked = { .uses = NULL };
    struct consent_narrow how = less(TERMS_WINDOW, 86400);
    struct consent_at where;
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    where = at(&b, grant);
    turn_begin(&b);
    assert_int_equal(consent_suspend(b.consent, b.txn, &where, &b.changes),
                     VLT_OK);
    assert_int_equal(narrow(&b, grant, &how), VLT_OK);
    assert_change(&b, 1, 23, CONSENT_SUSPENDED, CONSENT_NO_RECEIPT);
    assert_int_equal(
        consent_resume(b.consent, b.txn, &where, false, &b.changes), VLT_OK);
    assert_change(&b, 2, 22, CONSENT_ACTIVE, CONSENT_EV_RESUMED);
    assert_int_equal(b.changes.at[2].grant->terms_version, 2);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(narrowing_makes_new_terms),
        cmocka_unit_test(narrowing_never_widens),
        cmocka_unit_test(uses_that_were_taken_count),
        cmocka_unit_test(an_end_that_is_past_is_no_narrowing),
        cmocka_unit_test(streams_are_taken_out_by_pattern),
        cmocka_unit_test(a_pattern_names_streams_of_what_is_picked),
        cmocka_unit_test(streams_may_be_left_out_from_the_start),
        cmocka_unit_test(
            a_pattern_that_names_nothing_is_refused_with_what_there_is),
        cmocka_unit_test(what_comes_waits_where_streams_were_named),
        cmocka_unit_test(uses_before_a_rate_was_narrowed_count),
        cmocka_unit_test(a_suspended_grant_has_no_receipt_of_narrowing),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
