/* Offers and answers that cannot be, and why. */
#include "consent/lifecycle.h"

#include "offers.h"

static const char two_items[] =
    ITEM(1, "energy.electricity", "") "," ITEM(2, "energy.gas", "");

static int
billing(void)
{
    return vocab_purpose_find("service.billing", 15);
}

/* ---- the owner ---- */

/* Offer part of it in the turn under way; b->said says why not. */
static enum vlt_status
offer_in_turn(struct bench *b, const uint8_t id[VLT_ID_LEN], int purpose,
              unsigned items, const struct consent_narrow *narrow)
{
    struct consent_countering countering = { .purpose = purpose,
                                             .items = items,
                                             .narrow = narrow,
                                             .firm = &b->firm,
                                             .now = b->now };
    size_t before = b->changes.count;
    struct vlt_buf why;
    enum vlt_status st;

    memcpy(countering.request, id, VLT_ID_LEN);
    vlt_buf_init(&why, 0);
    st = consent_counter(b->consent, b->txn, &countering, &why, &b->changes);
    (void)snprintf(b->said, sizeof b->said, "%.*s", (int)why.len,
                   why.len > 0 ? (const char *)why.at : "");
    assert_int_equal(b->changes.count - before, st == VLT_OK);
    vlt_buf_free(&why);
    return st;
}

static void
an_offer_is_about_a_part_that_waits(void **state)
{
    const uint8_t nobody[VLT_ID_LEN] = { 99 };
    struct consent_narrow day = keep_for(86400);
    struct asked two = { .purposes = "service.billing,service.support" };
    struct consent_pick second = { .items = { 0, 1 } };
    int support = vocab_purpose_find("service.support", 15);
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &two, id);
    assert_int_equal(try_approve(&b, id, second, NULL), VLT_OK);
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(offer_in_turn(&b, nobody, billing(), 0, &day),
                     VLT_E_NOT_FOUND);
    assert_int_equal(
        offer_in_turn(&b, id, vocab_purpose_find("service", 7), 0, &day),
        VLT_E_FORMAT);
    assert_string_equal(b.said, "The request has no such purpose.");
    assert_int_equal(offer_in_turn(&b, id, support, 0, &day), VLT_E_CONFLICT);
    assert_string_equal(b.said, "It does not wait for an answer.");
    b.now += 7 * VLT_DAY;
    assert_int_equal(offer_in_turn(&b, id, billing(), 0, &day), VLT_E_CONFLICT);
    assert_string_equal(b.said, "It does not wait for an answer.");
    b.now--;
    assert_int_equal(offer_in_turn(&b, id, billing(), 0, &day), VLT_OK);
    turn_abort(&b);
    bench_end(&b);
}

static void
an_offer_has_what_no_rule_denies(void **state)
{
    struct consent_narrow day = keep_for(86400);
    struct asked two = { .items = two_items };
    uint8_t asked_then[VLT_ID_LEN];
    uint8_t asked_now[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &two, asked_then);
    turn_commit(&b);
    set_rules(&b, deny_gas); /* of two items one: it waits on */
    turn_begin(&b);
    submit(&b, &two, asked_now);
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(offer_in_turn(&b, asked_then, billing(), 3, &day),
                     VLT_E_CONFLICT);
    assert_string_equal(b.said, "A rule in force denies it.");
    b.said[0] = '\0';
    apply_rules(&b, "version: 1\n"
                    "rules:\n"
                    "  - {name: e, effect: deny, data: energy.electricity}\n");
    assert_int_equal(offer_in_turn(&b, asked_then, billing(), 3, &day),
                     VLT_E_CONFLICT);
    assert_string_equal(b.said, "A rule in force denies it.");
    apply_rules(&b, deny_gas);
    assert_int_equal(offer_in_turn(&b, asked_now, billing(), 3, &day),
                     VLT_E_CONFLICT);
    assert_string_equal(b.said, "A deny rule forbids that item.");
    assert_int_equal(offer_in_turn(&b, asked_now, billing(), 0, &day), VLT_OK);
    const struct consent_change *offered = &b.changes.at[b.changes.count - 1];

    assert_int_equal(offered->offer->item_count, 1);
    assert_int_equal(offered->left_out, 1U << 1);
    turn_abort(&b);
    bench_end(&b);
}

static void
an_offer_is_less_on_every_axis_or_the_same(void **state)
{
    struct consent_narrow wider = keep_for(2592001);
    struct consent_narrow longer = keep_for(86400);
    struct consent_narrow shorter = keep_for(86400);
    struct consent_narrow same = keep_for(2592000);
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, id);
    longer.axes |= 1U << TERMS_WINDOW;
    longer.limits.at[TERMS_WINDOW] = 7776001;
    shorter.axes |= 1U << TERMS_WINDOW;
    shorter.limits.at[TERMS_WINDOW] = 3600;
    turn_begin(&b);
    assert_int_equal(offer_in_turn(&b, id, billing(), 0, &longer),
                     VLT_E_CONFLICT);
    assert_int_equal(offer_in_turn(&b, id, billing(), 0, &same), VLT_E_LIMIT);
    assert_int_equal(offer_in_turn(&b, id, billing(), 0, &wider), VLT_E_LIMIT);
    assert_int_equal(offer_in_turn(&b, id, billing(), 0, &shorter), VLT_OK);
    assert_int_equal(b.changes.at[0].offer->items[0].window_s, 3600);
    assert_int_equal(b.changes.at[0].offer->common.keep_s, 86400);
    turn_abort(&b);
    bench_end(&b);
}

/* A firm that may process nowhere could keep no promise. */
static void
an_offer_leaves_a_place_to_process_it(void **state)
{
    struct consent_narrow elsewhere = { .axes = 1U << TERMS_WHERES,
                                        .until = INT64_MAX,
                                        .ask_each = -1,
                                        .notify = -1 };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, id);
    turn_begin(&b);
    assert_int_equal(offer_in_turn(&b, id, billing(), 0, &elsewhere),
                     VLT_E_FORMAT);
    assert_non_null(strstr(b.said, "No place"));
    turn_abort(&b);
    assert_int_equal(part_state(&b, id, 0), CONSENT_PENDING_STATE);
    bench_end(&b);
}

/* What is offered once is offered for good. */
static void
there_is_one_offer_for_a_part_ever(void **state)
{
    struct consent_narrow day = keep_for(86400);
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    ask(&b, id);
    turn_begin(&b);
    assert_int_equal(offer_in_turn(&b, id, billing(), 0, &day), VLT_E_CONFLICT);
    assert_non_null(strstr(b.said, "one for a part, ever"));
    turn_abort(&b);
    bench_end(&b);
}

static void
an_offer_that_cannot_be_read_is_not_kept(void **state)
{
    static const char *const texts[] = { "", "a", "a.b", "a.!.c", "a.b.c" };
    const uint8_t nobody[VLT_ID_LEN] = { 99 };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, id);
    turn_begin(&b);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(consent_offer_put(b.consent, b.txn, id, 0,
                                           vlt_slice_text(texts[i])),
                         VLT_E_FORMAT);
    }
    assert_int_equal(
        consent_offer_put(b.consent, b.txn, nobody, 0, vlt_slice_text("a.b.c")),
        VLT_E_NOT_FOUND);
    turn_abort(&b);
    bench_end(&b);
}

/* ---- the firm ---- */

static enum vlt_status
answer_as(struct bench *b, const uint8_t id[VLT_ID_LEN],
          const struct consent_firm *firm, int purpose)
{
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_answering answering = { .purpose = purpose,
                                           .accepts = true,
                                           .firm = firm,
                                           .world = &world,
                                           .now = b->now };
    enum vlt_status st;

    memcpy(answering.request, id, VLT_ID_LEN);
    turn_begin(b);
    st = consent_answer(b->consent, b->txn, &answering, &b->changes);
    turn_commit(b);
    return st;
}

static void
who_was_offered_nothing_answers_nothing(void **state)
{
    const uint8_t nobody[VLT_ID_LEN] = { 99 };
    int support = vocab_purpose_find("service.support", 15);
    uint8_t waits[VLT_ID_LEN];
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, waits);
    set_rules(&b, offers);
    ask(&b, id);
    assert_int_equal(answer_as(&b, nobody, &b.firm, billing()),
                     VLT_E_NOT_FOUND);
    assert_int_equal(answer_as(&b, id, &b.other, billing()), VLT_E_NOT_FOUND);
    assert_int_equal(answer_as(&b, id, &b.firm, support), VLT_E_NOT_FOUND);
    assert_int_equal(answer_as(&b, waits, &b.firm, billing()), VLT_E_CONFLICT);
    assert_int_equal(part_state(&b, id, 0), CONSENT_COUNTERED);
    assert_int_equal(answer_as(&b, id, &b.firm, billing()), VLT_OK);
    bench_end(&b);
}

static void
no_offer_is_accepted_beyond_what_a_firm_may_have(void **state)
{
    struct asked support = {
        .purposes = "service.support",
        .items = "{\"n\":1,\"data\":\"energy.gas\",\"stats\":[\"mean\"],"
                 "\"bucket_s\":900,\"window_s\":3600,\"delay_s\":0}",
    };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    for (int i = 0; i < CONSENT_GRANTS_FIRM; i++) {
        if (i == CONSENT_GRANTS_FIRM - 1) {
            ask(&b, id);
        }
        grant_release(grant_by_hand(&b, &support));
        b.now += 2 * VLT_HOUR;
    }
    assert_int_equal(answer_as(&b, id, &b.firm, billing()), VLT_E_QUOTA);
    assert_int_equal(part_state(&b, id, 0), CONSENT_COUNTERED);
    bench_end(&b);
}

/* A rule that came while its firm was not known: accepting is decided again. */
static void
what_a_rule_denies_by_now_is_not_accepted(void **state)
{
    struct consent_facts nobody = { .firm = knows_nobody };
    struct consent_policy *policy;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    ask(&b, id);
    policy = read_rules(&b, deny_all);
    turn_begin(&b);
    assert_int_equal(consent_policy_apply(b.consent, b.txn, policy, &nobody,
                                          b.now, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    consent_policy_free(policy);
    assert_int_equal(part_state(&b, id, 0), CONSENT_COUNTERED);
    assert_int_equal(answer(&b, id, true, NULL), ROW_RULED_OUT);
    assert_int_equal(part_state(&b, id, 0), CONSENT_DENIED);
    bench_end(&b);
}

static bool
says_denied_by(void *ctx, const struct consent_request *request)
{
    const struct consent_part *part = &request->part[0];

    assert_int_equal(part->decided.len, strlen(ctx));
    assert_memory_equal(part->decided.at, ctx, part->decided.len);
    return false;
}

/* An item that could be left out when it was asked is a part of what was
 * offered: the deny of it denies the offer, and not what permits the other. */
static void
an_offer_is_denied_by_what_denies_an_item_of_it(void **state)
{
    static const char deny_one[] = "version: 1\n"
                                   "rules:\n"
                                   "  - {name: bill, effect: permit, data: "
                                   "energy.electricity}\n"
                                   "  - {name: g, effect: deny, data: "
                                   "energy.gas}\n";
    struct consent_narrow day = keep_for(86400);
    struct asked two = { .items = two_items };
    uint8_t id[VLT_ID_LEN];
    char said[] = "your rule g (main.yaml:4:5)";
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &two, id);
    turn_commit(&b);
    assert_int_equal(counter(&b, id, 3, &day), VLT_OK);
    set_rules(&b, deny_one);
    assert_int_equal(part_state(&b, id, 0), CONSENT_COUNTERED);
    assert_int_equal(answer(&b, id, true, NULL), ROW_RULED_OUT);
    assert_int_equal(consent_request_find(b.consent, id, says_denied_by, said),
                     VLT_OK);
    bench_end(&b);
}

/* ---- contact ---- */

static const char calls[] = "version: 1\n"
                            "rules:\n"
                            "  - name: calls\n"
                            "    effect: permit\n"
                            "    firm: brightgrid\n"
                            "    purpose: service.billing\n"
                            "    action: contact\n"
                            "    channels: email\n"
                            "    keep: 7d\n"
                            "    offer: yes\n";

/* Contact has no items, and is offered, left and remembered all the same. */
static void
contact_is_offered_and_left_as_data_is(void **state)
{
    struct asked contact = { .action = "\"contact\"" };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, calls);
    turn_begin(&b);
    submit(&b, &contact, id);
    assert_change(&b, 0, ROW_OFFERED, CONSENT_COUNTERED, CONSENT_NO_RECEIPT);
    assert_int_equal(b.changes.at[0].offer->common.keep_s, 7 * 86400);
    sign_offers(&b);
    turn_commit(&b);
    assert_int_equal(answer(&b, id, false, NULL), ROW_LEFT);
    b.now += VLT_HOUR;
    turn_begin(&b);
    submit(&b, &contact, id);
    assert_change(&b, 0, ROW_REFUSED, CONSENT_DENIED, CONSENT_REFUSED);
    contact.keep_s = 7 * 86400; /* what was offered */
    submit(&b, &contact, id);
    assert_change(&b, 1, ROW_PERMITTED, CONSENT_ACTIVE, CONSENT_GIVEN);
    turn_commit(&b);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offer_is_about_a_part_that_waits),
        cmocka_unit_test(an_offer_has_what_no_rule_denies),
        cmocka_unit_test(an_offer_is_less_on_every_axis_or_the_same),
        cmocka_unit_test(an_offer_leaves_a_place_to_process_it),
        cmocka_unit_test(there_is_one_offer_for_a_part_ever),
        cmocka_unit_test(an_offer_that_cannot_be_read_is_not_kept),
        cmocka_unit_test(who_was_offered_nothing_answers_nothing),
        cmocka_unit_test(no_offer_is_accepted_beyond_what_a_firm_may_have),
        cmocka_unit_test(what_a_rule_denies_by_now_is_not_accepted),
        cmocka_unit_test(an_offer_is_denied_by_what_denies_an_item_of_it),
        cmocka_unit_test(contact_is_offered_and_left_as_data_is),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
