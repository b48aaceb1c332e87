#include "consent/counter.h"

#include "bench.h"

#include "wire/offer.h"

static const char offers[] = "version: 1\n"
                             "rules:\n"
                             "  - name: bill\n"
                             "    effect: permit\n"
                             "    firm: brightgrid\n"
                             "    purpose: service.billing\n"
                             "    data: energy.electricity\n"
                             "    detail: mean/1h\n"
                             "    keep: 7d\n"
                             "    offer: yes\n";

static const struct asked bill = { .uses = NULL };

/* What the service does with an offer: it signs it and brings it back. */
static void
sign_offers(struct bench *b)
{
    for (size_t i = 0; i < b->changes.count; i++) {
        const struct consent_change *change = &b->changes.at[i];
        struct vlt_offer offer = { .iat = b->now / VLT_SECOND };
        struct vlt_buf payload = { 0 };
        struct vlt_buf jws = { 0 };

        if (change->offer == NULL) {
            continue;
        }
        offer.exp = offer.iat + CONSENT_OFFER_DAYS * 86400;
        offer.by_hand = change->by == CONSENT_BY_OWNER;
        memcpy(offer.request, change->request, sizeof offer.request);
        offer.left_out = change->left_out;
        offer.terms = *change->offer;
        vlt_offer_put(&offer, change->offer, &payload);
        assert_int_equal(vlt_jws_sign(b->signer, VLT_TYP_OFFER,
                                      vlt_buf_slice(&payload), &jws),
                         VLT_OK);
        assert_int_equal(consent_offer_put(b->consent, b->txn, change->request,
                                           change->part, vlt_buf_slice(&jws)),
                         VLT_OK);
        vlt_buf_free(&payload);
        vlt_buf_free(&jws);
    }
}

/* Ask for the bill, in a turn of its own. */
static void
ask(struct bench *b, uint8_t id[VLT_ID_LEN])
{
    turn_begin(b);
    submit(b, &bill, id);
    sign_offers(b);
    turn_commit(b);
}

static enum vlt_status
counter(struct bench *b, const uint8_t id[VLT_ID_LEN], unsigned items,
        const struct consent_narrow *narrow)
{
    struct consent_countering countering = {
        .purpose = vocab_purpose_find("service.billing", 15),
        .items = items,
        .narrow = narrow,
        .firm = &b->firm,
        .now = b->now,
    };
    struct vlt_buf why;
    enum vlt_status st;

    memcpy(countering.request, id, VLT_ID_LEN);
    vlt_buf_init(&why, 0);
    turn_begin(b);
    st = consent_counter(b->consent, b->txn, &countering, &why, &b->changes);
    if (st == VLT_OK) {
        assert_change(b, 0, ROW_COUNTERED, CONSENT_COUNTERED,
                      CONSENT_NO_RECEIPT);
        sign_offers(b);
    }
    assert_true(st == VLT_OK || why.len > 0);
    turn_commit(b);
    vlt_buf_free(&why);
    return st;
}

static struct consent_narrow
keep_for(int64_t seconds)
{
    struct consent_narrow narrow = { .axes = 1U << TERMS_KEEP,
                                     .until = INT64_MAX,
                                     .ask_each = -1,
                                     .notify = -1 };

    narrow.limits.at[TERMS_KEEP] = seconds;
    return narrow;
}

/* The firm's answer, as a row (0: it was refused). */
static int
answer(struct bench *b, const uint8_t id[VLT_ID_LEN], bool accepts,
       const struct grant **grant)
{
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_answering answering = {
        .purpose = vocab_purpose_find("service.billing", 15),
        .accepts = accepts,
        .firm = &b->firm,
        .world = &world,
        .now = b->now,
    };
    int row = 0;

    memcpy(answering.request, id, VLT_ID_LEN);
    turn_begin(b);
    if (consent_answer(b->consent, b->txn, &answering, &b->changes) == VLT_OK) {
        row = (int)b->changes.at[0].row;
        if (grant != NULL && b->changes.at[0].grant != NULL) {
            *grant = grant_hold(b->changes.at[0].grant);
        }
    }
    turn_commit(b);
    return row;
}

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
    const struct grant *grant = NULL;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &two, id);
    turn_commit(&b);
    assert_int_equal(counter(&b, id, 1U << 1, NULL), VLT_OK);
    assert_int_equal(answer(&b, id, true, &grant), ROW_ACCEPTED);
    assert_int_equal(grant->terms.item_count, 1);
    assert_int_equal(grant->terms.items[0].n, 2);
    grant_release(grant);
    bench_end(&b);
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
    assert_int_equal(consent_clock(b.consent, b.txn, b.now, &b.changes),
                     VLT_OK);
    assert_change(&b, 0, ROW_LAPSED, CONSENT_LAPSED, CONSENT_EV_LAPSED);
    turn_commit(&b);
    assert_int_equal(part_state(&b, id, 0), CONSENT_LAPSED);
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
    assert_int_equal(answer(&b, id, true, NULL), 0);
    bench_end(&b);
}

/* The state of a request for so fine a bucket, kept so long. */
static enum consent_state
ask_for(struct bench *b, const char *items, int keep_s)
{
    struct asked again = { .items = items, .keep_s = keep_s };
    enum consent_state state;
    uint8_t id[VLT_ID_LEN];

    turn_begin(b);
    submit(b, &again, id);
    state = b->changes.at[0].state;
    sign_offers(b);
    turn_commit(b);
    return state;
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
        cmocka_unit_test(a_rule_that_denies_by_now_wins),
        cmocka_unit_test(an_offer_stands_for_seven_days),
        cmocka_unit_test(the_owner_can_take_an_offer_back),
        cmocka_unit_test(what_was_left_may_be_asked_for_and_no_more),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
