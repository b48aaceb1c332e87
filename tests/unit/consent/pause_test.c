/* Suspensions that begin and end by themselves. */
#include "pausing.h"

/* ---- from a time on ---- */

static void
a_suspension_begins_at_its_time_without_a_timer(void **state)
{
    const struct grant *grant;
    const struct grant *now;
    struct bench b;
    int64_t from;

    grant = given(&b);
    from = b.now + VLT_HOUR;
    turn_begin(&b);
    assert_int_equal(suspend(&b, grant, (struct consent_pause){ .from = from }),
                     VLT_OK);
    assert_change(&b, 0, 18, CONSENT_ACTIVE, CONSENT_NO_RECEIPT);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_int_equal(consent_boundary(b.consent, now, b.now), from);
    grant_release(now);
    bench_reopen(&b);
    b.now = from - 1;
    assert_false(consent_pauses_due(b.consent, b.now, b.now));
    assert_int_equal(sure_use(&b, grant), CONSENT_YES);
    b.now = from;
    assert_true(consent_pauses_due(b.consent, b.now, b.now));
    assert_int_equal(sure_use(&b, grant), CONSENT_NO_DENIED);
    assert_int_equal(grant_state(&b, grant), CONSENT_SUSPENDED);
    assert_false(consent_pauses_due(b.consent, b.now, b.now));
    end(&b, grant);
}

/* In memory it lies where a seed says that is drawn at each start. */
static void
what_is_due_is_found_wherever_it_lies(void **state)
{
    const struct grant *grant;
    struct bench b;

    grant = given(&b);
    do_suspend(&b, grant, (struct consent_pause){ .from = b.now + VLT_HOUR });
    b.now += VLT_HOUR;
    for (int i = 0; i < 200; i++) {
        consent_free(b.consent);
        bench_load(&b);
        assert_true(consent_pauses_due(b.consent, b.now, b.now));
    }
    end(&b, grant);
}

/* Nothing is told of it, and nothing waits for it. */
static void
with_a_grant_ends_the_suspension_that_was_to_come(void **state)
{
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    grant = given(&b);
    do_suspend(&b, grant,
               (struct consent_pause){ .from = b.now + VLT_HOUR,
                                       .until = b.now + 2 * VLT_HOUR });
    turn_begin(&b);
    assert_int_equal(consent_end(b.consent, b.txn, grant->id, CONSENT_WITHDRAWN,
                                 b.now, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->pause_from, 0);
    assert_int_equal(now->pause_until, 0);
    grant_release(now);
    end(&b, grant);
}

/* By the clock, and the firm hears it; resumed, it is what it was. */
static void
its_row_is_the_clocks_and_the_word_the_owners(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct consent_change *change;
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_rule(&b, &asked);
    do_suspend(&b, grant, (struct consent_pause){ .from = b.now + VLT_HOUR });
    b.now += 2 * VLT_HOUR;
    turn_begin(&b);
    write_due(&b, 0); /* to begin it needs no clock that is sure */
    change = assert_change(&b, 0, 18, CONSENT_SUSPENDED, CONSENT_EV_SUSPENDED);
    assert_int_equal(change->by, CONSENT_BY_CLOCK);
    assert_int_equal(change->grant->state_by, CONSENT_BY_OWNER);
    assert_int_equal(b.changes.count, 1);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->suspended, b.now - VLT_HOUR);
    grant_release(now);
    turn_begin(&b);
    assert_int_equal(resume(&b, grant), VLT_OK);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_true(now->by_rule); /* that was no approval */
    assert_int_equal(now->gap[0].from, b.now - VLT_HOUR);
    grant_release(now);
    end(&b, grant);
}

static void
what_is_to_come_can_be_changed_and_taken_back(void **state)
{
    const struct grant *grant;
    struct bench b;
    int64_t first;

    grant = given(&b);
    first = b.now + VLT_HOUR;
    do_suspend(&b, grant, (struct consent_pause){ .from = first });
    do_suspend(&b, grant, (struct consent_pause){ .from = first + VLT_HOUR });
    b.now = first;
    assert_int_equal(sure_use(&b, grant), CONSENT_YES);
    turn_begin(&b);
    assert_int_equal(resume(&b, grant), VLT_OK);
    assert_change(&b, 0, 22, CONSENT_ACTIVE, CONSENT_NO_RECEIPT);
    assert_int_equal(resume(&b, grant), VLT_E_CONFLICT);
    turn_commit(&b);
    b.now = first + VLT_HOUR;
    assert_int_equal(sure_use(&b, grant), CONSENT_YES);
    end(&b, grant);
}

static void
none_begins_after_the_grants_end(void **state)
{
    const struct grant *grant;
    struct bench b;

    grant = given(&b);
    turn_begin(&b);
    assert_int_equal(
        suspend(&b, grant, (struct consent_pause){ .from = grant->exp }),
        VLT_E_CONFLICT);
    assert_int_equal(
        suspend(&b, grant, (struct consent_pause){ .from = grant->exp - 1 }),
        VLT_OK);
    turn_commit(&b);
    b.now = grant->exp;
    assert_false(consent_pauses_due(b.consent, b.now, b.now));
    assert_int_not_equal(sure_use(&b, grant), CONSENT_YES);
    end(&b, grant);
}

/* A grant that ends before it would be suspended is decided until then. */
static void
a_boundary_is_the_grants_end_where_that_comes_first(void **state)
{
    struct consent_narrow narrow = { .ask_each = -1, .notify = -1 };
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    grant = given(&b);
    do_suspend(&b, grant, (struct consent_pause){ .from = grant->exp - 1 });
    narrow.until = grant->exp - VLT_DAY;
    turn_begin(&b);
    assert_int_equal(narrow_by(&b, grant, &narrow), VLT_OK);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->exp, grant->exp - VLT_DAY);
    assert_int_equal(consent_boundary(b.consent, now, b.now), now->exp);
    grant_release(now);
    end(&b, grant);
}

/* ---- until a time ---- */

static void
a_suspension_ends_at_its_time_and_what_it_was_stays_withheld(void **state)
{
    const struct grant *grant;
    const struct grant *now;
    struct bench b;
    int64_t from;
    int64_t until;

    grant = given(&b);
    from = b.now;
    until = from + VLT_HOUR;
    turn_begin(&b);
    assert_int_equal(
        suspend(&b, grant, (struct consent_pause){ .until = until }), VLT_OK);
    assert_change(&b, 0, 18, CONSENT_SUSPENDED, CONSENT_EV_SUSPENDED);
    turn_commit(&b);
    bench_reopen(&b);
    b.now = until - 1;
    assert_int_equal(sure_use(&b, grant), CONSENT_NO_DENIED);
    b.now = until + VLT_MINUTE;
    assert_int_equal(sure_use(&b, grant), CONSENT_YES);
    now = now_of(&b, grant);
    assert_int_equal(now->state, CONSENT_ACTIVE);
    assert_int_equal(now->gap_count, 1);
    assert_int_equal(now->gap[0].from, from);
    assert_int_equal(now->gap[0].to, until);
    assert_false(now->gap[0].hidden);
    grant_release(now);
    end(&b, grant);
}

/* Rows bear the time of the clock, which effective time may be ahead of. */
static void
rows_are_withheld_from_the_time_that_their_clock_has(void **state)
{
    struct consent_pause pause = { .hidden = true };
    const struct grant *grant = NULL;
    const struct grant *now;
    struct consent_at when;
    struct bench b;

    grant = given(&b);
    when = at(&b, grant);
    when.sure = b.now - VLT_HOUR;
    turn_begin(&b);
    assert_int_equal(consent_pause(b.consent, b.txn, &when, &pause, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->suspended, b.now - VLT_HOUR);
    grant_release(now);
    end(&b, grant);
}

/* Effective time may be ahead of the clock; where that is doubted there is
 * none. */
static void
it_does_not_end_by_a_clock_that_is_not_sure(void **state)
{
    const struct grant *grant;
    struct bench b;
    int64_t until;

    grant = given(&b);
    until = b.now + VLT_HOUR;
    do_suspend(&b, grant, (struct consent_pause){ .until = until });
    b.now = until + VLT_HOUR;
    assert_false(consent_pauses_due(b.consent, b.now, until - 1));
    assert_int_equal(commit_use(&b, grant), CONSENT_NO_DENIED);
    turn_begin(&b);
    write_due(&b, until - 1);
    write_due(&b, 0);
    assert_int_equal(b.changes.count, 0);
    write_due(&b, until);
    assert_change(&b, 0, 22, CONSENT_ACTIVE, CONSENT_EV_RESUMED);
    assert_int_equal(b.changes.at[0].by, CONSENT_BY_CLOCK);
    turn_commit(&b);
    assert_int_equal(sure_use(&b, grant), CONSENT_YES);
    end(&b, grant);
}

/* The vault was off for all of it. */
static void
what_came_and_went_unseen_is_written_whole(void **state)
{
    const struct grant *grant;
    const struct grant *now;
    struct bench b;
    int64_t from;

    grant = given(&b);
    from = b.now + VLT_HOUR;
    do_suspend(
        &b, grant,
        (struct consent_pause){ .from = from, .until = from + VLT_HOUR });
    bench_reopen(&b);
    b.now = from + 3 * VLT_HOUR;
    turn_begin(&b);
    write_due(&b, b.now);
    assert_int_equal(b.changes.count, 2);
    assert_change(&b, 0, 18, CONSENT_SUSPENDED, CONSENT_EV_SUSPENDED);
    assert_change(&b, 1, 22, CONSENT_ACTIVE, CONSENT_EV_RESUMED);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->gap[0].from, from);
    assert_int_equal(now->gap[0].to, from + VLT_HOUR);
    grant_release(now);
    end(&b, grant);
}

/* Before its rows are written a scan leaves out what they withhold. */
static void
rows_of_that_time_are_withheld_before_it_is_written_down(void **state)
{
    struct grant_gap gap[CONSENT_GAPS_NOW];
    const struct grant *grant;
    const struct grant *now;
    struct bench b;
    int64_t from;

    grant = given(&b);
    assert_int_equal(grant_gaps(grant, gap), 0);
    from = b.now + VLT_HOUR;
    do_suspend(
        &b, grant,
        (struct consent_pause){ .from = from, .until = from + VLT_HOUR });
    now = now_of(&b, grant);
    assert_int_equal(grant_gaps(now, gap), 1);
    assert_int_equal(gap[0].from, from);
    assert_int_equal(gap[0].to, from + VLT_HOUR);
    assert_false(grant_paused(now, from - 1, from - 1));
    assert_true(grant_paused(now, from, from));
    assert_true(grant_paused(now, from + 2 * VLT_HOUR, 0));
    assert_false(grant_paused(now, from + VLT_HOUR, from + VLT_HOUR));
    grant_release(now);
    end(&b, grant);
}

/* Decided anew at its next use: what asks by then suspends it again. */
static void
after_it_the_rules_of_then_decide(void **state)
{
    static const char ask[] = "version: 1\n"
                              "rules:\n"
                              "  - {name: ask, effect: ask, data: energy}\n";
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_rule(&b, &asked);
    do_suspend(&b, grant, (struct consent_pause){ .until = b.now + VLT_HOUR });
    set_rules(&b, ask);
    b.now += VLT_HOUR;
    assert_int_equal(sure_use(&b, grant), CONSENT_NO_DENIED);
    assert_int_equal(grant_state(&b, grant), CONSENT_SUSPENDED);
    b.now += VLT_DAY;
    assert_int_equal(sure_use(&b, grant), CONSENT_NO_DENIED);
    end(&b, grant);
}

/* Whoever suspends all is sure that none comes back by itself. */
static void
a_suspension_that_would_end_can_be_made_to_last(void **state)
{
    const struct grant *grant;
    struct bench b;
    int64_t until;

    grant = given(&b);
    until = b.now + VLT_HOUR;
    do_suspend(&b, grant, (struct consent_pause){ .until = until });
    turn_begin(&b);
    assert_int_equal(
        suspend(&b, grant, (struct consent_pause){ .from = until }),
        VLT_E_CONFLICT);
    assert_int_equal(suspend(&b, grant, (struct consent_pause){ 0 }), VLT_OK);
    assert_change(&b, 0, 18, CONSENT_SUSPENDED, CONSENT_NO_RECEIPT);
    assert_int_equal(suspend(&b, grant, (struct consent_pause){ 0 }),
                     VLT_E_CONFLICT);
    assert_int_equal(
        suspend(&b, grant, (struct consent_pause){ .until = until }),
        VLT_E_CONFLICT);
    turn_commit(&b);
    b.now = until;
    assert_int_equal(sure_use(&b, grant), CONSENT_NO_DENIED);
    end(&b, grant);
}

static void
what_renews_it_is_suspended_at_its_times(void **state)
{
    struct consent_renewal renewal = { .firm = NULL };
    const struct grant *grant;
    const struct grant *next;
    struct vlt_buf why;
    struct bench b;
    int64_t from;

    grant = given(&b);
    b.now = grant->exp - VLT_DAY;
    from = b.now + VLT_HOUR;
    do_suspend(
        &b, grant,
        (struct consent_pause){ .from = from, .until = from + VLT_HOUR });
    renewal.at = at(&b, grant);
    renewal.firm = &b.firm;
    vlt_buf_init(&why, 0);
    turn_begin(&b);
    assert_int_equal(
        consent_renew(b.consent, b.txn, &renewal, &why, &b.changes), VLT_OK);
    next = grant_hold(b.changes.at[1].grant);
    turn_commit(&b);
    vlt_buf_free(&why);
    b.now = from;
    assert_int_equal(sure_use(&b, next), CONSENT_NO_DENIED);
    b.now = from + VLT_HOUR;
    assert_int_equal(sure_use(&b, next), CONSENT_YES);
    grant_release(next);
    end(&b, grant);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_suspension_begins_at_its_time_without_a_timer),
        cmocka_unit_test(what_is_due_is_found_wherever_it_lies),
        cmocka_unit_test(with_a_grant_ends_the_suspension_that_was_to_come),
        cmocka_unit_test(its_row_is_the_clocks_and_the_word_the_owners),
        cmocka_unit_test(what_is_to_come_can_be_changed_and_taken_back),
        cmocka_unit_test(none_begins_after_the_grants_end),
        cmocka_unit_test(a_boundary_is_the_grants_end_where_that_comes_first),
        cmocka_unit_test(
            a_suspension_ends_at_its_time_and_what_it_was_stays_withheld),
        cmocka_unit_test(rows_are_withheld_from_the_time_that_their_clock_has),
        cmocka_unit_test(it_does_not_end_by_a_clock_that_is_not_sure),
        cmocka_unit_test(what_came_and_went_unseen_is_written_whole),
        cmocka_unit_test(
            rows_of_that_time_are_withheld_before_it_is_written_down),
        cmocka_unit_test(after_it_the_rules_of_then_decide),
        cmocka_unit_test(a_suspension_that_would_end_can_be_made_to_last),
        cmocka_unit_test(what_renews_it_is_suspended_at_its_times),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
