/* Suspensions that the firm is not told of. */
#include "pausing.h"

static void
a_hidden_one_is_answered_and_its_rows_are_withheld(void **state)
{
    struct grant_gap gap[CONSENT_GAPS_NOW];
    const struct grant *grant;
    const struct grant *now;
    struct bench b;
    int64_t from;

    grant = given(&b);
    from = b.now;
    turn_begin(&b);
    assert_int_equal(suspend(&b, grant, (struct consent_pause){ .hidden = 1 }),
                     VLT_OK);
    assert_change(&b, 0, 18, CONSENT_SUSPENDED, CONSENT_NO_RECEIPT);
    turn_commit(&b);
    bench_reopen(&b);
    now = now_of(&b, grant);
    assert_true(grant_shown_active(now));
    assert_true(grant_paused(now, b.now, b.now));
    assert_false(grant_silent(now, b.now, b.now));
    assert_int_equal(grant_gaps(now, gap), 1);
    assert_int_equal(gap[0].from, from);
    assert_true(gap[0].to == INT64_MAX && gap[0].hidden);
    grant_release(now);
    assert_int_equal(sure_use(&b, grant), CONSENT_YES);
    b.now += VLT_HOUR;
    turn_begin(&b);
    assert_int_equal(resume(&b, grant), VLT_OK);
    assert_change(&b, 0, 22, CONSENT_ACTIVE, CONSENT_NO_RECEIPT);
    turn_commit(&b);
    bench_reopen(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->gap[0].to, b.now);
    assert_true(now->gap[0].hidden);
    grant_release(now);
    end(&b, grant);
}

/* Row 18 by the clock, row 22 by the clock: none of them has a receipt. */
static void
a_hidden_one_comes_and_goes_untold(void **state)
{
    const struct grant *grant;
    struct bench b;

    grant = given(&b);
    do_suspend(&b, grant,
               (struct consent_pause){ .from = b.now + VLT_HOUR,
                                       .until = b.now + 2 * VLT_HOUR,
                                       .hidden = true });
    b.now += VLT_HOUR;
    turn_begin(&b);
    write_due(&b, b.now);
    assert_change(&b, 0, 18, CONSENT_SUSPENDED, CONSENT_NO_RECEIPT);
    turn_commit(&b);
    b.now += VLT_HOUR;
    turn_begin(&b);
    write_due(&b, b.now);
    assert_change(&b, 0, 22, CONSENT_ACTIVE, CONSENT_NO_RECEIPT);
    turn_commit(&b);
    end(&b, grant);
}

/* Its end can be set, and set anew, in secret, and nothing else. */
static void
a_hidden_one_is_given_another_end(void **state)
{
    const struct grant *grant;
    struct bench b;
    int64_t until;

    grant = given(&b);
    until = b.now + VLT_HOUR;
    do_suspend(&b, grant,
               (struct consent_pause){ .until = until, .hidden = true });
    turn_begin(&b);
    assert_int_equal(suspend(&b, grant,
                             (struct consent_pause){ .until = until + VLT_HOUR,
                                                     .hidden = true }),
                     VLT_OK);
    assert_change(&b, 0, 18, CONSENT_SUSPENDED, CONSENT_NO_RECEIPT);
    turn_commit(&b);
    do_suspend(&b, grant, (struct consent_pause){ .hidden = true });
    turn_begin(&b);
    assert_int_equal(
        suspend(&b, grant, (struct consent_pause){ .hidden = true }),
        VLT_E_CONFLICT);
    turn_abort(&b);
    b.now = grant->exp;
    turn_begin(&b);
    assert_int_equal(suspend(&b, grant, (struct consent_pause){ 0 }),
                     VLT_E_CONFLICT);
    turn_abort(&b);
    end(&b, grant);
}

/* The firm hears of it as it would of an active one. */
static void
a_hidden_one_is_narrowed_for_the_firm_to_see(void **state)
{
    struct consent_narrow narrow = { .axes = 1U << TERMS_USES,
                                     .until = INT64_MAX,
                                     .ask_each = -1,
                                     .notify = -1 };
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    grant = given(&b);
    narrow.limits.at[TERMS_USES] = 3;
    do_suspend(&b, grant, (struct consent_pause){ .hidden = true });
    b.now += VLT_HOUR;
    turn_begin(&b);
    assert_int_equal(narrow_by(&b, grant, &narrow), VLT_OK);
    assert_change(&b, 0, 23, CONSENT_SUSPENDED, CONSENT_EV_NARROWED);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_true(grant_shown_active(now) && now->hidden);
    assert_int_equal(now->suspended, b.now - VLT_HOUR);
    assert_int_equal(now->uses_left, 3);
    grant_release(now);
    end(&b, grant);
}

/* It would learn of the suspension by the refusal. */
static void
a_hidden_one_is_countersigned_as_an_active_one(void **state)
{
    struct consent_receipt receipt = { .seq = 1,
                                       .jws = vlt_slice_text("a.b.c") };
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    grant = given(&b);
    receipt.grant = grant->id;
    turn_begin(&b);
    assert_int_equal(consent_receipt_put(b.consent, b.txn, &receipt), VLT_OK);
    turn_commit(&b);
    do_suspend(&b, grant, (struct consent_pause){ .hidden = true });
    turn_begin(&b);
    assert_int_equal(consent_countersign(b.consent, b.txn, grant->id, 1,
                                         vlt_slice_text("d.e.f"), b.now),
                     VLT_OK);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->countersigned, b.now);
    grant_release(now);
    end(&b, grant);
}

/* A scan under way is not decided again for what the firm does not see. */
static void
a_hidden_one_has_its_boundary_where_the_grant_ends(void **state)
{
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    grant = given(&b);
    do_suspend(
        &b, grant,
        (struct consent_pause){ .until = b.now + VLT_HOUR, .hidden = true });
    now = now_of(&b, grant);
    assert_int_equal(consent_boundary(b.consent, now, b.now), grant->exp);
    grant_release(now);
    end(&b, grant);
}

/* Who suspends all has all firms silent. */
static void
a_hidden_one_can_be_made_known_and_never_the_other_way(void **state)
{
    const struct grant *grant;
    const struct grant *now;
    struct bench b;
    int64_t from;

    grant = given(&b);
    from = b.now;
    do_suspend(&b, grant, (struct consent_pause){ .hidden = true });
    b.now += VLT_HOUR;
    turn_begin(&b);
    assert_int_equal(suspend(&b, grant, (struct consent_pause){ 0 }), VLT_OK);
    assert_change(&b, 0, 18, CONSENT_SUSPENDED, CONSENT_EV_SUSPENDED);
    assert_int_equal(
        suspend(&b, grant, (struct consent_pause){ .hidden = true }),
        VLT_E_CONFLICT);
    turn_commit(&b);
    assert_int_equal(sure_use(&b, grant), CONSENT_NO_DENIED);
    now = now_of(&b, grant);
    assert_int_equal(now->suspended, from);
    grant_release(now);
    end(&b, grant);
}

/* What its last use may still fetch has no row of that time. */
static void
what_was_hidden_stays_withheld_after_the_end(void **state)
{
    struct asked asked = { .rate = "null", .uses = "1" };
    struct grant_gap gap[CONSENT_GAPS_NOW];
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    do_suspend(&b, grant, (struct consent_pause){ .hidden = true });
    assert_int_equal(sure_use(&b, grant), CONSENT_YES);
    now = now_of(&b, grant);
    assert_int_equal(now->state, CONSENT_EXHAUSTED);
    assert_int_equal(grant_gaps(now, gap), 1);
    assert_int_equal(gap[0].from, b.now);
    assert_true(gap[0].to == INT64_MAX);
    grant_release(now);
    end(&b, grant);
}

/* As an active one would be. */
static void
a_rule_that_asks_suspends_a_hidden_one_for_all_to_see(void **state)
{
    static const char ask[] = "version: 1\n"
                              "rules:\n"
                              "  - {name: ask, effect: ask, data: energy}\n";
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    const struct grant *now;
    int64_t from;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_rule(&b, &asked);
    from = b.now;
    do_suspend(&b, grant, (struct consent_pause){ .hidden = true });
    b.now += VLT_HOUR;
    turn_begin(&b);
    apply_rules(&b, ask);
    assert_change(&b, 0, 20, CONSENT_SUSPENDED, CONSENT_EV_SUSPENDED);
    turn_commit(&b);
    assert_int_equal(sure_use(&b, grant), CONSENT_NO_DENIED);
    b.now += VLT_HOUR;
    turn_begin(&b);
    assert_int_equal(resume(&b, grant), VLT_OK);
    assert_change(&b, 0, 22, CONSENT_ACTIVE, CONSENT_EV_RESUMED);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_false(now->by_rule);
    /* Of what was hidden no page tells afterwards either. */
    assert_int_equal(now->gap_count, 2);
    assert_int_equal(now->gap[0].from, from);
    assert_int_equal(now->gap[0].to, from + VLT_HOUR);
    assert_true(now->gap[0].hidden);
    assert_int_equal(now->gap[1].to, b.now);
    assert_false(now->gap[1].hidden);
    grant_release(now);
    end(&b, grant);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hidden_one_is_answered_and_its_rows_are_withheld),
        cmocka_unit_test(a_hidden_one_comes_and_goes_untold),
        cmocka_unit_test(a_hidden_one_is_given_another_end),
        cmocka_unit_test(a_hidden_one_is_narrowed_for_the_firm_to_see),
        cmocka_unit_test(a_hidden_one_is_countersigned_as_an_active_one),
        cmocka_unit_test(a_hidden_one_has_its_boundary_where_the_grant_ends),
        cmocka_unit_test(
            a_hidden_one_can_be_made_known_and_never_the_other_way),
        cmocka_unit_test(what_was_hidden_stays_withheld_after_the_end),
        cmocka_unit_test(a_rule_that_asks_suspends_a_hidden_one_for_all_to_see),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
