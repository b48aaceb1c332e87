#include "consent/lifecycle.h"

#include "offers.h"

/* ---- what is accepted is decided again ---- */

/* Suspended until the owner has said yes. */
static void
assert_held_up(struct bench *b, const struct grant *grant)
{
    struct consent_at at = { .now = b->now };

    assert_int_equal(grant_state(b, grant), CONSENT_SUSPENDED);
    assert_int_equal(commit_use(b, grant), CONSENT_NO_DENIED);
    bench_reopen(b);
    memcpy(at.grant, grant->id, VLT_ID_LEN);
    turn_begin(b);
    assert_int_equal(
        consent_resume(b->consent, b->txn, &at, false, &b->changes), VLT_OK);
    turn_commit(b);
    assert_int_equal(commit_use(b, grant), CONSENT_YES);
}

static void
two_details_wait_for_the_owner_also_by_an_offer(void **state)
{
    struct asked support = { .purposes = "service.support" };
    const struct grant *grant = NULL;
    const struct grant *finer;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    ask(&b, id);
    finer = grant_by_hand(&b, &support); /* the same by quarters of an hour */
    assert_int_equal(answer(&b, id, true, &grant), ROW_ACCEPTED);
    assert_held_up(&b, grant);
    grant_release(finer);
    grant_release(grant);
    bench_end(&b);
}

/* A firm whose statement is overdue from NOW + 44 days on. */
static const struct grant *
never_deleted(struct bench *b)
{
    struct asked gas = { .items = ITEM(1, "energy.gas", "") };
    const struct grant *grant = grant_by_hand(b, &gas);

    assert_int_equal(commit_use(b, grant), CONSENT_YES);
    turn_begin(b);
    assert_int_equal(
        consent_clock(b->consent, b->txn, NOW + 30 * VLT_DAY, &b->changes),
        VLT_OK);
    turn_commit(b);
    return grant;
}

static void
what_is_overdue_counts_when_an_offer_is_accepted(void **state)
{
    const struct grant *grant = NULL;
    const struct grant *old;
    struct vlt_buf text;
    uint8_t first[VLT_ID_LEN];
    uint8_t second[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    old = never_deleted(&b);
    b.now = NOW + 43 * VLT_DAY;
    ask(&b, first);
    ask(&b, second);
    b.now = NOW + 45 * VLT_DAY;
    assert_int_equal(answer(&b, first, true, &grant), ROW_ACCEPTED);
    assert_held_up(&b, grant);
    vlt_buf_init(&text, 0);
    vlt_buf_printf(&text, "overdue: deny\n%s", offers);
    set_rules(&b, vlt_buf_text(&text));
    vlt_buf_free(&text);
    assert_int_equal(answer(&b, second, true, NULL), ROW_RULED_OUT);
    grant_release(old);
    grant_release(grant);
    bench_end(&b);
}

/* Of a newer offer nothing is taken but its end. */
static void
what_was_signed_is_what_is_given(void **state)
{
    static const char less[] = "version: 1\n"
                               "rules:\n"
                               "  - name: bill\n"
                               "    effect: permit\n"
                               "    firm: brightgrid\n"
                               "    purpose: service.billing\n"
                               "    data: energy.electricity\n"
                               "    detail: mean/1d\n"
                               "    keep: 5d\n"
                               "    offer: yes\n";
    const struct grant *grant = NULL;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    ask(&b, id);
    set_rules(&b, less);
    assert_int_equal(answer(&b, id, true, &grant), ROW_ACCEPTED);
    for (int round = 0; round < 2; round++) {
        const struct grant *kept = consent_grant_find(b.consent, grant->id);

        assert_int_equal(kept->terms.common.keep_s, 7 * 86400);
        assert_int_equal(kept->terms.items[0].bucket_s, 3600);
        grant_release(kept);
        bench_reopen(&b);
    }
    /* No rule permits that any more. */
    assert_int_equal(commit_use(&b, grant), CONSENT_NO_ENDED);
    grant_release(grant);
    bench_end(&b);
}

/* The rule's day is 36 days from NOW: nearer when the firm accepts. */
static void
a_rule_that_ends_soon_ends_what_it_offered(void **state)
{
    const struct grant *grant = NULL;
    const struct grant *kept;
    struct vlt_buf text;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    vlt_buf_init(&text, 0);
    vlt_buf_printf(&text, "%s    until: 2027-02-20\n", offers);
    set_rules(&b, vlt_buf_text(&text));
    vlt_buf_free(&text);
    ask(&b, id);
    b.now += 3 * VLT_DAY;
    assert_int_equal(answer(&b, id, true, &grant), ROW_ACCEPTED);
    assert_int_equal(grant->exp / VLT_SECOND, 1803081600);
    bench_reopen(&b);
    kept = consent_grant_find(b.consent, grant->id);
    assert_int_equal(kept->exp, grant->exp);
    assert_int_equal(kept->terms.common.life_s, grant->terms.common.life_s);
    assert_int_equal(kept->terms.common.keep_s, 7 * 86400);
    grant_release(kept);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    grant_release(grant);
    bench_end(&b);
}

/* ---- what waits ---- */

static const char two_items[] =
    ITEM(1, "energy.electricity", "") "," ITEM(2, "energy.gas", "");

/* One item is asked about by now, and no rule has a word of the other: that is
 * not why it waits. */
static void
what_suspends_an_accepted_offer_is_the_rule_that_asks(void **state)
{
    static const char both[] = "version: 1\n"
                               "rules:\n"
                               "  - name: bill\n"
                               "    effect: permit\n"
                               "    firm: brightgrid\n"
                               "    purpose: service.billing\n"
                               "    data: energy\n"
                               "    detail: mean/1h\n"
                               "    keep: 7d\n"
                               "    offer: yes\n";
    static const char said[] = "by your rule wait (main.yaml:3:5), which asks";
    struct asked two = { .items = two_items };
    const struct grant *grant = NULL;
    const struct grant *kept;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, both);
    turn_begin(&b);
    submit(&b, &two, id);
    sign_offers(&b);
    turn_commit(&b);
    set_rules(&b, "version: 1\n"
                  "rules:\n"
                  "  - {name: wait, effect: ask, data: energy.electricity}\n");
    assert_int_equal(answer(&b, id, true, &grant), ROW_ACCEPTED);
    kept = consent_grant_find(b.consent, grant->id);
    assert_int_equal(kept->state, CONSENT_SUSPENDED);
    assert_int_equal(kept->ruled.len, strlen(said));
    assert_memory_equal(kept->ruled.at, said, strlen(said));
    grant_release(kept);
    grant_release(grant);
    bench_end(&b);
}

/* Offered one of two items, and then neither. */
static void
what_the_owner_left_out_of_an_offer_is_denied_with_it(void **state)
{
    struct asked two = { .items = two_items };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &two, id);
    turn_commit(&b);
    assert_int_equal(counter(&b, id, 1U << 0, NULL), VLT_OK);
    bench_reopen(&b);
    turn_begin(&b);
    assert_int_equal(consent_deny(b.consent, b.txn, id, vlt_slice_text(""),
                                  b.now, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    b.now += VLT_HOUR;
    assert_int_equal(ask_for(&b, ITEM(1, "energy.gas", ""), 0), CONSENT_DENIED);
    assert_int_equal(ask_for(&b, NULL, 0), CONSENT_DENIED);
    bench_end(&b);
}

/* What a rule left out, the owner has said nothing of. */
static void
what_a_rule_left_out_is_not_denied_by_the_owner(void **state)
{
    struct asked two = { .items = two_items };
    struct consent_narrow narrow = keep_for(86400);
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, deny_gas);
    turn_begin(&b);
    submit(&b, &two, id);
    turn_commit(&b);
    assert_int_equal(counter(&b, id, 0, &narrow), VLT_OK);
    bench_reopen(&b);
    turn_begin(&b);
    assert_int_equal(consent_deny(b.consent, b.txn, id, vlt_slice_text(""),
                                  b.now, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    set_rules(&b, "version: 1\n");
    b.now += VLT_HOUR;
    assert_int_equal(ask_for(&b, ITEM(1, "energy.gas", ""), 0),
                     CONSENT_PENDING_STATE);
    assert_int_equal(ask_for(&b, NULL, 0), CONSENT_DENIED);
    bench_end(&b);
}

/* Whoever it is that it waits for. */
static void
a_request_with_an_offer_takes_a_place(void **state)
{
    struct asked both = { .purposes = "service.billing,service.support" };
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms = 0;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    for (int i = 0; i < CONSENT_PENDING_FIRM; i++) {
        turn_begin(&b);
        submit(&b, i % 2 == 0 ? &both : &bill, id);
        sign_offers(&b);
        turn_commit(&b);
        assert_int_equal(part_state(&b, id, 0), CONSENT_COUNTERED);
    }
    turn_begin(&b);
    assert_int_equal(try_submit(&b, &bill, id, &retry_ms), VLT_E_QUOTA);
    assert_true(retry_ms > 0);
    assert_int_equal(consent_waiting(b.consent, b.now), 12);
    turn_commit(&b);
    b.now += 8 * VLT_DAY; /* all of it is over */
    turn_begin(&b);
    assert_int_equal(consent_waiting(b.consent, b.now), 0);
    submit(&b, &bill, id);
    turn_commit(&b);
    bench_end(&b);
}

static void
what_is_explicit_only_is_offered_by_name(void **state)
{
    struct asked two = { .items = ITEM(1, "energy.electricity",
                                       "") "," ITEM(2, "health.activity", "") };
    struct asked first = { .items = ITEM(1, "health.activity", "") "," ITEM(
                               2, "energy.electricity", "") };
    struct asked alone = { .items = ITEM(1, "health.activity", "") };
    struct consent_narrow narrow = keep_for(86400);
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &two, id);
    turn_commit(&b);
    assert_int_equal(counter(&b, id, 0, &narrow), VLT_E_FORMAT);
    assert_int_equal(part_state(&b, id, 0), CONSENT_PENDING_STATE);
    assert_int_equal(counter(&b, id, 3, &narrow), VLT_OK);
    turn_begin(&b);
    submit(&b, &first, id);
    turn_commit(&b);
    assert_int_equal(counter(&b, id, 0, &narrow), VLT_E_FORMAT);
    turn_begin(&b);
    submit(&b, &alone, id); /* its part names it */
    turn_commit(&b);
    assert_int_equal(counter(&b, id, 0, &narrow), VLT_OK);
    bench_end(&b);
}

/* The grant that comes of an accepted offer, as the last change has it. */
static const struct grant *
accepted(struct bench *b, const uint8_t id[VLT_ID_LEN])
{
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_answering answering = {
        .purpose = vocab_purpose_find("service.billing", 15),
        .accepts = true,
        .firm = &b->firm,
        .world = &world,
        .now = b->now,
    };
    const struct grant *grant;

    memcpy(answering.request, id, VLT_ID_LEN);
    turn_begin(b);
    assert_int_equal(
        consent_answer(b->consent, b->txn, &answering, &b->changes), VLT_OK);
    grant = grant_hold(b->changes.at[b->changes.count - 1].grant);
    turn_commit(b);
    return grant;
}

/* The owner offered a successor, and suspended the grant afterwards. */
static void
what_was_offered_before_ends_no_suspension(void **state)
{
    struct consent_narrow shorter = keep_for(86400);
    struct asked again = { .uses = NULL };
    struct consent_at at = { .now = NOW };
    const struct grant *grant;
    const struct grant *next;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    again.replaces = grant->id;
    turn_begin(&b);
    submit(&b, &again, id);
    turn_commit(&b);
    assert_int_equal(counter(&b, id, 0, &shorter), VLT_OK);
    memcpy(at.grant, grant->id, VLT_ID_LEN);
    turn_begin(&b);
    assert_int_equal(consent_suspend(b.consent, b.txn, &at, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    next = accepted(&b, id);
    assert_memory_equal(next->prev, grant->id, VLT_ID_LEN);
    assert_held_up(&b, next);
    grant_release(next);
    grant_release(grant);
    bench_end(&b);
}

/* What the owner offered is given as it was signed, whatever a rule would offer
 * by now. */
static void
an_offer_by_hand_is_given_as_it_was_signed(void **state)
{
    struct consent_narrow shorter = keep_for(86400);
    const struct grant *grant = NULL;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, id);
    assert_int_equal(counter(&b, id, 0, &shorter), VLT_OK);
    set_rules(&b, offers);
    assert_int_equal(answer(&b, id, true, &grant), ROW_ACCEPTED);
    assert_int_equal(grant->terms.items[0].bucket_s, 900);
    assert_int_equal(grant->terms.common.keep_s, 86400);
    assert_int_equal(grant->terms.common.life_s, 7776000);
    assert_false(grant->by_rule);
    grant_release(grant);
    bench_end(&b);
}

/* The successor of a grant that is suspended is suspended once, by whom that
 * was, also where a rule asks about it by then. */
static void
what_is_suspended_already_is_not_held_up(void **state)
{
    struct asked hourly = {
        .items = "{\"n\":1,\"data\":\"energy.electricity\",\"stats\":"
                 "[\"mean\"],\"bucket_s\":3600,\"window_s\":7776000,"
                 "\"delay_s\":86400}",
        .keep_s = 7 * 86400
    };
    struct asked support = { .purposes = "service.support" };
    struct asked again = { .uses = NULL };
    struct consent_at at = { .now = NOW };
    const struct grant *grant;
    const struct grant *next;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    turn_begin(&b);
    submit(&b, &hourly, id);
    grant = grant_hold(
        assert_change(&b, 0, ROW_PERMITTED, CONSENT_ACTIVE, CONSENT_GIVEN)
            ->grant);
    turn_commit(&b);
    b.now = at.now = grant->exp - 13 * VLT_DAY;
    memcpy(at.grant, grant->id, VLT_ID_LEN);
    turn_begin(&b);
    assert_int_equal(consent_suspend(b.consent, b.txn, &at, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    again.replaces = grant->id;
    turn_begin(&b);
    submit(&b, &again, id);
    assert_change(&b, 0, ROW_OFFERED, CONSENT_COUNTERED, CONSENT_NO_RECEIPT);
    sign_offers(&b);
    turn_commit(&b);
    grant_release(grant_by_hand(&b, &support)); /* in another detail */
    next = accepted(&b, id);
    assert_int_equal(next->state, CONSENT_SUSPENDED);
    assert_int_equal(next->state_by, CONSENT_BY_OWNER);
    assert_int_equal(next->suspended, at.now);
    assert_memory_equal(next->prev, grant->id, VLT_ID_LEN);
    grant_release(next);
    grant_release(grant);
    bench_end(&b);
}

/* Where no rule decides any more it is given, and ends at its first use. */
static void
what_no_rule_permits_by_now_ends_at_its_first_use(void **state)
{
    const struct grant *grant = NULL;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    ask(&b, id);
    set_rules(&b, "version: 1\n");
    assert_int_equal(answer(&b, id, true, &grant), ROW_ACCEPTED);
    assert_int_equal(grant_state(&b, grant), CONSENT_ACTIVE);
    assert_int_equal(grant->duties.min_readings, 2);
    assert_int_equal(grant->duties.notify, POLICY_NOTIFY_WEEKLY);
    assert_false(grant->duties.show_names);
    turn_begin(&b);
    assert_int_equal(use_once(&b, grant), CONSENT_NO_ENDED);
    assert_change(&b, 0, ROW_OVERRULED, CONSENT_REVOKED, CONSENT_EV_REVOKED);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_offered_before_ends_no_suspension),
        cmocka_unit_test(two_details_wait_for_the_owner_also_by_an_offer),
        cmocka_unit_test(what_is_overdue_counts_when_an_offer_is_accepted),
        cmocka_unit_test(what_was_signed_is_what_is_given),
        cmocka_unit_test(a_rule_that_ends_soon_ends_what_it_offered),
        cmocka_unit_test(what_suspends_an_accepted_offer_is_the_rule_that_asks),
        cmocka_unit_test(what_the_owner_left_out_of_an_offer_is_denied_with_it),
        cmocka_unit_test(what_a_rule_left_out_is_not_denied_by_the_owner),
        cmocka_unit_test(a_request_with_an_offer_takes_a_place),
        cmocka_unit_test(what_is_explicit_only_is_offered_by_name),
        cmocka_unit_test(an_offer_by_hand_is_given_as_it_was_signed),
        cmocka_unit_test(what_is_suspended_already_is_not_held_up),
        cmocka_unit_test(what_no_rule_permits_by_now_ends_at_its_first_use),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
