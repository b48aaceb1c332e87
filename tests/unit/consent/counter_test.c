#include "offers.h"

static void
a_rule_offers_what_it_would_permit(void **state)
{
    const struct grant *grant = NULL;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    turn_begin(&b);
    submit(&b, &bill, id);
    assert_change(&b, 0, ROW_OFFERED, CONSENT_COUNTERED, CONSENT_NO_RECEIPT);
    assert_int_equal(b.changes.at[0].decision->outcome, POLICY_OFFER);
    assert_int_equal(b.changes.at[0].offer->items[0].bucket_s, 3600);
    assert_int_equal(b.changes.at[0].offer->common.keep_s, 7 * 86400);
    assert_int_equal(b.changes.at[0].offer->common.rate.n, 4);
    sign_offers(&b);
    turn_commit(&b);
    assert_int_equal(part_state(&b, id, 0), CONSENT_COUNTERED);
    bench_reopen(&b); /* its record has it */
    assert_int_equal(answer(&b, id, true, &grant), ROW_ACCEPTED);
    assert_non_null(grant);
    assert_true(grant->by_rule);
    assert_int_equal(grant->terms.items[0].bucket_s, 3600);
    assert_int_equal(grant->terms.common.keep_s, 7 * 86400);
    assert_int_equal(grant->bound_count, 2);
    assert_int_equal(answer(&b, id, false, NULL), 0); /* once */
    bench_reopen(&b);

    const struct grant *kept = consent_grant_find(b.consent, grant->id);

    assert_non_null(kept);
    assert_int_equal(kept->terms.common.keep_s, 7 * 86400);
    assert_int_equal(kept->terms.items[0].bucket_s, 3600);
    grant_release(kept);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    grant_release(grant);
    bench_end(&b);
}

static void
the_owner_offers_what_binds_the_firm(void **state)
{
    struct consent_narrow narrow = keep_for(86400);
    const struct grant *grant = NULL;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, id);
    assert_int_equal(counter(&b, id, 0, NULL), VLT_E_LIMIT);
    assert_int_equal(counter(&b, id, 2, &narrow), VLT_E_FORMAT);
    assert_int_equal(counter(&b, id, 1, &narrow), VLT_OK);
    assert_int_equal(counter(&b, id, 1, &narrow), VLT_E_CONFLICT); /* once */
    turn_begin(&b);
    assert_int_equal(
        try_approve(&b, id, (struct consent_pick){ .all = true }, NULL),
        VLT_E_CONFLICT); /* it waits for the firm */
    turn_commit(&b);
    assert_int_equal(answer(&b, id, true, &grant), ROW_ACCEPTED);
    assert_false(grant->by_rule);
    assert_int_equal(grant->terms.common.keep_s, 86400);
    assert_int_equal(grant->terms.items[0].bucket_s, 900);
    assert_true(grant->duties.show_names);
    grant_release(grant);
    bench_end(&b);
}

/* An item that is needed takes the firm's word. */
static void
a_needed_item_can_be_left_out_with_the_firm(void **state)
{
    struct asked two = {
        .items = ITEM(
            1, "energy.electricity",
            ",\"needed\":true,\"needed_why\":\"the meter\"") "," ITEM(2,
                                                                      "energy."
                                                                      "gas",
                                                                      ""),
    };
    struct consent_request request;
    const struct grant *grant = NULL;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &two, id);
    turn_commit(&b);
    assert_int_equal(counter(&b, id, 1U << 1, NULL), VLT_OK);
    assert_int_equal(
        consent_request_find(b.consent, id, copy_request, &request), VLT_OK);
    assert_int_equal(request.part[0].left_out, 1);
    assert_int_equal(answer(&b, id, true, &grant), ROW_ACCEPTED);
    assert_int_equal(grant->terms.item_count, 1);
    assert_int_equal(grant->terms.items[0].n, 2);
    grant_release(grant);
    bench_end(&b);
}

/* Accepted or left, so that whoever looks from afar sees it. */
static void
an_answer_is_a_change(void **state)
{
    for (int accepts = 0; accepts < 2; accepts++) {
        uint8_t id[VLT_ID_LEN];
        uint64_t epoch;
        struct bench b;

        bench_begin(&b);
        set_rules(&b, offers);
        ask(&b, id);
        epoch = consent_epoch(b.consent);
        assert_int_equal(answer(&b, id, accepts == 1, NULL),
                         accepts == 1 ? ROW_ACCEPTED : ROW_LEFT);
        assert_true(consent_epoch(b.consent) > epoch);
        bench_end(&b);
    }
}

static void
a_rule_that_denies_by_now_wins(void **state)
{
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    ask(&b, id);
    turn_begin(&b);
    apply_rules(&b, deny_all);
    assert_change(&b, 0, ROW_RULED_OUT, CONSENT_DENIED, CONSENT_REFUSED);
    turn_commit(&b);
    assert_int_equal(answer(&b, id, true, NULL), 0);
    bench_end(&b);
}

/* Row 12: no deny matches.  What the owner offered by hand no rule permits. */
static void
what_the_owner_offers_is_given_though_the_default_denies(void **state)
{
    struct consent_narrow narrow = keep_for(86400);
    const struct grant *grant = NULL;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, id);
    assert_int_equal(counter(&b, id, 1, &narrow), VLT_OK);
    set_rules(&b, "version: 1\ndefault: deny\n");
    assert_int_equal(answer(&b, id, true, &grant), ROW_ACCEPTED);
    assert_int_equal(grant->state, CONSENT_ACTIVE);
    grant_release(grant);
    bench_end(&b);
}

static void
an_offer_stands_for_seven_days(void **state)
{
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    ask(&b, id);
    b.now += 7 * VLT_DAY;
    assert_false(consent_clock_due(b.consent, b.now - 1));
    assert_true(consent_clock_due(b.consent, b.now));
    assert_int_equal(answer(&b, id, true, NULL), 0);
    turn_begin(&b);
    /* It ended when its time did, not when that was noticed. */
    assert_int_equal(
        consent_clock(b.consent, b.txn, b.now + VLT_HOUR, &b.changes), VLT_OK);
    assert_change(&b, 0, ROW_LAPSED, CONSENT_LAPSED, CONSENT_EV_LAPSED);
    turn_commit(&b);
    assert_int_equal(part_state(&b, id, 0), CONSENT_LAPSED);
    assert_int_equal(part_ended(&b, id, 0, CONSENT_BY_CLOCK), b.now);
    bench_end(&b);
}

static void
the_owner_can_take_an_offer_back(void **state)
{
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    ask(&b, id);
    turn_begin(&b);
    assert_int_equal(
        consent_withdraw(b.consent, b.txn, id, b.firm.id, b.now, &b.changes),
        VLT_E_CONFLICT); /* the firm leaves it instead */
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(consent_deny(b.consent, b.txn, id, vlt_slice_text(""),
                                  b.now, &b.changes),
                     VLT_OK);
    assert_change(&b, 0, ROW_DENIED, CONSENT_DENIED, CONSENT_REFUSED);
    turn_commit(&b);
    assert_int_equal(part_ended(&b, id, 0, CONSENT_BY_OWNER), b.now);
    assert_int_equal(answer(&b, id, true, NULL), 0);
    bench_end(&b);
}

static void
what_was_left_may_be_asked_for_and_no_more(void **state)
{
    static const char hourly[] =
        "{\"n\":1,\"data\":\"energy.electricity\",\"stats\":[\"mean\"],"
        "\"bucket_s\":3600,\"window_s\":7776000,\"delay_s\":86400}";
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    ask(&b, id);
    assert_int_equal(answer(&b, id, false, NULL), ROW_LEFT);
    assert_int_equal(part_state(&b, id, 0), CONSENT_DROPPED);
    assert_int_equal(part_ended(&b, id, 0, CONSENT_BY_FIRM), b.now);
    b.now += VLT_HOUR;
    assert_int_equal(ask_for(&b, NULL, 0), CONSENT_DENIED);
    assert_int_equal(ask_for(&b, hourly, 8 * 86400), CONSENT_DENIED);
    assert_int_equal(ask_for(&b, hourly, 7 * 86400), CONSENT_ACTIVE);
    b.now += 90 * VLT_DAY;
    assert_int_equal(ask_for(&b, NULL, 0), CONSENT_COUNTERED);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_offers_what_it_would_permit),
        cmocka_unit_test(the_owner_offers_what_binds_the_firm),
        cmocka_unit_test(a_needed_item_can_be_left_out_with_the_firm),
        cmocka_unit_test(an_answer_is_a_change),
        cmocka_unit_test(a_rule_that_denies_by_now_wins),
        cmocka_unit_test(
            what_the_owner_offers_is_given_though_the_default_denies),
        cmocka_unit_test(an_offer_stands_for_seven_days),
        cmocka_unit_test(the_owner_can_take_an_offer_back),
        cmocka_unit_test(what_was_left_may_be_asked_for_and_no_more),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
