/* The obligations of a grant in force become stricter by its owner alone, and
 * never looser; and what is left of it is something. */
#include "bench.h"

#include "consent/lifecycle.h"

static const struct consent_narrow unsaid = { .until = INT64_MAX,
                                              .ask_each = -1,
                                              .notify = -1 };

static enum vlt_status
narrow(struct bench *b, const struct grant *grant,
       const struct consent_narrow *how)
{
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_narrowing narrowing = { .narrow = how, .world = &world };
    struct vlt_buf why;
    enum vlt_status st;

    memcpy(narrowing.at.grant, grant->id, VLT_ID_LEN);
    narrowing.at.now = b->now;
    vlt_buf_init(&why, 0);
    st = consent_narrow(b->consent, b->txn, &narrowing, &why, &b->changes);
    assert_true(st == VLT_OK || st == VLT_E_NOT_FOUND || why.len > 0);
    vlt_buf_free(&why);
    return st;
}

/* A grant by a rule that obliges to this besides. */
static const struct grant *
grant_under(struct bench *b, const char *duties)
{
    struct asked asked = { .uses = NULL };
    struct vlt_buf rules = { 0 };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];

    vlt_buf_printf(&rules,
                   "version: 1\nrules:\n  - {name: r, effect: permit, "
                   "data: energy, detail: mean/15min%s}\n",
                   duties);
    set_rules(b, vlt_buf_text(&rules));
    vlt_buf_free(&rules);
    turn_begin(b);
    submit(b, &asked, id);
    grant = grant_hold(
        assert_change(b, 0, 4, CONSENT_ACTIVE, CONSENT_GIVEN)->grant);
    turn_commit(b);
    return grant;
}

static void
obligations_become_stricter_and_never_looser(void **state)
{
    static const char strict[] = ", ask_each: yes, notify: first";
    static const char loose[] = ", names: show, new_streams: include";
    static const struct {
        const char *says, *rule, *names, *new_streams;
        int ask_each, notify;
        enum vlt_status st;
    } cases[] = {
        { "names hidden", loose, "hide", NULL, -1, -1, VLT_OK },
        { "names shown as ever", loose, "show", NULL, -1, -1, VLT_OK },
        { "names shown", strict, "show", NULL, -1, -1, VLT_E_CONFLICT },
        { "hidden as ever", strict, "hide", NULL, -1, -1, VLT_OK },
        { "held", loose, NULL, "hold", -1, -1, VLT_OK },
        { "included as ever", loose, NULL, "include", -1, -1, VLT_OK },
        { "included", strict, NULL, "include", -1, -1, VLT_E_CONFLICT },
        { "held as ever", strict, NULL, "hold", -1, -1, VLT_OK },
        { "asked", loose, NULL, NULL, 1, -1, VLT_OK },
        { "not asked as ever", loose, NULL, NULL, 0, -1, VLT_OK },
        { "not asked", strict, NULL, NULL, 0, -1, VLT_E_CONFLICT },
        { "asked as ever", strict, NULL, NULL, 1, -1, VLT_OK },
        { "each", strict, NULL, NULL, -1, POLICY_NOTIFY_EACH, VLT_OK },
        { "first as ever", strict, NULL, NULL, -1, POLICY_NOTIFY_FIRST,
          VLT_OK },
        { "daily", strict, NULL, NULL, -1, POLICY_NOTIFY_DAILY,
          VLT_E_CONFLICT },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct consent_narrow how = unsaid;
        struct policy_duties before;
        struct policy_duties after;
        const struct grant *grant;
        const struct grant *now;
        struct bench b;

        print_message("%s\n", cases[i].says);
        bench_begin(&b);
        grant = grant_under(&b, cases[i].rule);
        before = grant->duties;
        how.names = cases[i].names;
        how.new_streams = cases[i].new_streams;
        how.ask_each = cases[i].ask_each;
        how.notify = cases[i].notify;
        turn_begin(&b);
        assert_int_equal(narrow(&b, grant, &how), cases[i].st);
        assert_int_equal(b.changes.count, cases[i].st == VLT_OK);
        turn_commit(&b);
        now = consent_grant_find(b.consent, grant->id);
        after = now->duties;
        assert_int_equal(now->terms_version, cases[i].st == VLT_OK ? 2 : 1);
        if (cases[i].st != VLT_OK) {
            assert_memory_equal(&after, &before, sizeof after);
        } else {
            assert_int_equal(after.show_names,
                             cases[i].names != NULL
                                 ? strcmp(cases[i].names, "show") == 0
                                 : before.show_names);
            assert_int_equal(after.join_new_streams,
                             cases[i].new_streams != NULL
                                 ? strcmp(cases[i].new_streams, "include") == 0
                                 : before.join_new_streams);
            assert_int_equal(after.ask_each, cases[i].ask_each >= 0
                                                 ? cases[i].ask_each
                                                 : before.ask_each);
            assert_int_equal(after.notify, cases[i].notify >= 0
                                               ? (int)cases[i].notify
                                               : (int)before.notify);
        }
        grant_release(now);
        grant_release(grant);
        bench_end(&b);
    }
}

/* A grant of no stream would look like one. */
static void
what_leaves_no_stream_is_no_narrowing(void **state)
{
    const struct vlt_slice a = vlt_slice_text("power/a");
    const struct vlt_slice c = vlt_slice_text("power/b");
    struct consent_narrow only_a = unsaid;
    struct consent_narrow only_b = unsaid;
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    only_a.streams = only_b.streams = 1;
    only_a.stream = &a;
    only_b.stream = &c;
    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    turn_begin(&b);
    assert_int_equal(narrow(&b, grant, &only_a), VLT_OK);
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(narrow(&b, grant, &only_b), VLT_E_CONFLICT);
    assert_int_equal(narrow(&b, grant, &only_a), VLT_OK);
    turn_commit(&b);
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->bound_count, 1);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

/* One that waits goes as one that is given does; and is enough. */
static void
what_waits_is_left_of_a_narrowed_grant(void **state)
{
    const struct vlt_slice only = vlt_slice_text("power/c");
    struct consent_stream stream[4];
    struct consent_narrow how = unsaid;
    struct asked asked = { .uses = NULL };
    struct consent_facts known;
    struct consent_arrival arrival;
    const struct grant *grant;
    const struct grant *now;
    size_t held;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    for (size_t i = 0; i < 4; i++) { /* power/a and power/b, and two new ones */
        stream[i] = b.stream[i < 2 ? 2 + i : 3];
        stream[i].id[0] = (uint8_t)(3 + i);
    }
    stream[2].name = vlt_slice_text("power/c");
    stream[3].name = vlt_slice_text("power/d");
    known = facts(&b);
    turn_begin(&b);
    for (size_t i = 2; i < 4; i++) {
        arrival = (struct consent_arrival){ &stream[i], &known, b.now };
        assert_int_equal(
            consent_stream_new(b.consent, b.txn, &arrival, &held, &b.changes),
            VLT_OK);
    }
    turn_commit(&b);
    b.stream = stream;
    b.streams = 4;
    how.streams = 1;
    how.stream = &only;
    turn_begin(&b);
    assert_int_equal(narrow(&b, grant, &how), VLT_OK);
    turn_commit(&b);
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->held_count, 1);
    assert_int_equal(now->held[0].stream[0], 5);
    assert_int_equal(now->bound_count, 0);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

static void
what_is_over_or_not_there_is_not_narrowed(void **state)
{
    struct consent_narrow how = unsaid;
    struct asked asked = { .life_s = 3600 };
    const struct grant *grant;
    struct grant nobody = { .id = { 99 } };
    struct bench b;

    bench_begin(&b);
    how.names = "hide";
    grant = grant_by_hand(&b, &asked);
    turn_begin(&b);
    assert_int_equal(narrow(&b, &nobody, &how), VLT_E_NOT_FOUND);
    b.now = grant->exp;
    assert_int_equal(narrow(&b, grant, &how), VLT_E_CONFLICT);
    b.now--;
    assert_int_equal(narrow(&b, grant, &how), VLT_OK);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

/* The end is moved to what is still to come, and uses to what is left. */
static void
uses_that_were_taken_need_one_more(void **state)
{
    struct consent_narrow how = unsaid;
    struct asked asked = { .uses = "3" };
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    how.axes = 1U << TERMS_USES;
    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    turn_begin(&b);
    how.limits.at[TERMS_USES] = 1;
    assert_int_equal(narrow(&b, grant, &how), VLT_E_CONFLICT);
    how.limits.at[TERMS_USES] = 2;
    assert_int_equal(narrow(&b, grant, &how), VLT_OK);
    turn_commit(&b);
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->uses_left, 1);
    assert_int_equal(now->terms.common.uses, 2);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

/* Of uses that are older than the window was only their number is known: they
 * count as if they had been just before it. */
static void
uses_of_an_unknown_time_are_as_late_as_they_can_have_been(void **state)
{
    struct consent_narrow how = unsaid;
    struct asked asked = { .rate = "{\"n\":9,\"per_s\":3600}" };
    const struct grant *grant;
    struct bench b;

    how.axes = 1U << TERMS_RATE;
    how.limits.at[TERMS_RATE] = 2;
    how.limits.per_s = 86400;
    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    b.now += 2 * VLT_HOUR;
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    turn_begin(&b);
    assert_int_equal(narrow(&b, grant, &how), VLT_OK);
    turn_commit(&b);
    /* The first is taken to be of an hour before the second. */
    b.now = NOW + VLT_HOUR + VLT_DAY - 1;
    assert_int_equal(commit_use(&b, grant), CONSENT_NO_RATE);
    b.now++;
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    grant_release(grant);
    bench_end(&b);
}

/* However many uses there were: of those that the rate has no number for none
 * is remembered, and without a rate none is. */
static void
no_more_uses_are_remembered_than_a_rate_counts(void **state)
{
    static const struct {
        const char *rate;
        int uses;
        int64_t n; /* that it is narrowed to; 0: not */
        enum consent_no no;
    } cases[] = {
        { "null", 5, 0, CONSENT_YES },
        { "null", 5, 2, CONSENT_NO_RATE },
        { "null", 1, 2, CONSENT_YES },
        { "{\"n\":9,\"per_s\":604800}", 5, 2, CONSENT_NO_RATE },
        { "{\"n\":9,\"per_s\":604800}", 1, 2, CONSENT_YES },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct consent_narrow how = unsaid;
        struct asked asked = { .rate = cases[i].rate };
        const struct grant *grant;
        struct bench b;

        print_message("%s: %d uses\n", cases[i].rate, cases[i].uses);
        bench_begin(&b);
        grant = grant_by_hand(&b, &asked);
        for (int use = 0; use < cases[i].uses; use++) {
            assert_int_equal(commit_use(&b, grant), CONSENT_YES);
        }
        how.names = "hide";
        if (cases[i].n != 0) {
            how.axes = 1U << TERMS_RATE;
            how.limits.at[TERMS_RATE] = cases[i].n;
            how.limits.per_s = 604800;
        }
        turn_begin(&b);
        assert_int_equal(narrow(&b, grant, &how), VLT_OK);
        turn_commit(&b);
        bench_reopen(&b);
        assert_int_equal(commit_use(&b, grant), cases[i].no);
        grant_release(grant);
        bench_end(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(obligations_become_stricter_and_never_looser),
        cmocka_unit_test(what_leaves_no_stream_is_no_narrowing),
        cmocka_unit_test(what_waits_is_left_of_a_narrowed_grant),
        cmocka_unit_test(what_is_over_or_not_there_is_not_narrowed),
        cmocka_unit_test(uses_that_were_taken_need_one_more),
        cmocka_unit_test(
            uses_of_an_unknown_time_are_as_late_as_they_can_have_been),
        cmocka_unit_test(no_more_uses_are_remembered_than_a_rate_counts),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
