/* What a firm has, and what it was denied or did not take, by which the vault's
 * own rules decide on what it asks for. */
#include "consent/lifecycle.h"

#include "offers.h"

#define DAY (86400 * VLT_SECOND)

static void
deny(struct bench *b, const uint8_t id[VLT_ID_LEN])
{
    turn_begin(b);
    assert_int_equal(consent_deny(b->consent, b->txn, id, vlt_slice_text(""),
                                  b->now, &b->changes),
                     VLT_OK);
    turn_commit(b);
}

static void
ask_once(struct bench *b, const struct asked *asked, uint8_t id[VLT_ID_LEN])
{
    turn_begin(b);
    submit(b, asked, id);
    sign_offers(b);
    turn_commit(b);
}

/* What becomes of a request by now, in a turn that is undone. */
static enum consent_state
would(struct bench *b, const struct asked *asked)
{
    enum consent_state state;
    uint8_t id[VLT_ID_LEN];

    turn_begin(b);
    submit(b, asked, id);
    state = b->changes.at[0].state;
    turn_abort(b);
    return state;
}

/* ---- denied ---- */

/* Two that waited together: the later denial counts, whichever came first. */
static void
what_was_denied_twice_is_denied_from_the_later_on(void **state)
{
    for (int order = 0; order < 2; order++) {
        uint8_t id[2][VLT_ID_LEN];
        struct bench b;

        bench_begin(&b);
        ask_once(&b, &bill, id[0]);
        ask_once(&b, &bill, id[1]);
        deny(&b, id[order]);
        b.now += 5 * DAY;
        deny(&b, id[1 - order]);
        b.now += DAY;
        assert_int_equal(would(&b, &bill), CONSENT_DENIED);
        b.now = NOW + 90 * DAY;
        assert_int_equal(would(&b, &bill), CONSENT_DENIED);
        b.now = NOW + 95 * DAY - 1;
        assert_int_equal(would(&b, &bill), CONSENT_DENIED);
        b.now++;
        assert_int_equal(would(&b, &bill), CONSENT_PENDING_STATE);
        bench_end(&b);
    }
}

/* Contact is none of the categories, and stands by itself. */
static void
contact_that_was_denied_is_denied_and_data_is_not(void **state)
{
    struct asked contact = { .action = "\"contact\"" };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask_once(&b, &contact, id);
    deny(&b, id);
    b.now += VLT_HOUR;
    assert_int_equal(would(&b, &contact), CONSENT_DENIED);
    assert_int_equal(would(&b, &bill), CONSENT_PENDING_STATE);
    b.now = NOW + 90 * DAY;
    assert_int_equal(would(&b, &contact), CONSENT_PENDING_STATE);
    bench_end(&b);
}

/* Of two parts one was denied: the other one's purpose was not. */
static void
what_was_denied_for_a_purpose_is_asked_for_another(void **state)
{
    struct asked both = { .purposes = "service.billing,service.support" };
    struct asked support = { .purposes = "service.support" };
    struct consent_pick second = { .items = { 0, 1 } };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &both, id);
    assert_int_equal(try_approve(&b, id, second, NULL), VLT_OK);
    turn_commit(&b);
    deny(&b, id);
    b.now += VLT_HOUR;
    assert_int_equal(would(&b, &bill), CONSENT_DENIED);
    assert_int_equal(would(&b, &support), CONSENT_PENDING_STATE);
    bench_end(&b);
}

/* What was offered before the owner denied the like is accepted still. */
static void
a_denial_does_not_reach_back_to_what_was_asked_before(void **state)
{
    struct asked gas = { .items = ITEM(1, "energy.electricity",
                                       "") "," ITEM(2, "energy.gas", "") };
    const struct grant *grant = NULL;
    uint8_t offered[VLT_ID_LEN];
    uint8_t denied[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask_once(&b, &gas, denied);
    set_rules(&b, offers);
    ask_once(&b, &bill, offered);
    b.now += VLT_HOUR;
    deny(&b, denied);
    assert_int_equal(would(&b, &bill), CONSENT_DENIED);
    b.now += VLT_HOUR;
    assert_int_equal(answer(&b, offered, true, &grant), ROW_ACCEPTED);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    grant_release(grant);
    bench_end(&b);
}

/* ---- offers that were not taken ---- */

#define PARTNER(name)                                                          \
    "{\"name\":\"" name "\",\"country\":\"GB\",\"role\":\"processor\"}"

static const char partners[] = "version: 1\n"
                               "rules:\n"
                               "  - name: bill\n"
                               "    effect: permit\n"
                               "    firm: brightgrid\n"
                               "    purpose: service.billing\n"
                               "    data: energy.electricity\n"
                               "    detail: mean/15min\n"
                               "    onward: [Printer Ltd, Post Ltd]\n"
                               "    keep: 7d\n"
                               "    offer: yes\n";

/* Whom it may pass it on to is part of what was offered. */
static void
no_other_recipient_is_less_than_what_was_offered(void **state)
{
    struct asked printer = { .onward = PARTNER("Printer Ltd") };
    struct asked post = { .onward = PARTNER("Post Ltd") };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, partners);
    ask_once(&b, &printer, id);
    assert_int_equal(part_state(&b, id, 0), CONSENT_COUNTERED);
    assert_int_equal(answer(&b, id, false, NULL), ROW_LEFT);
    b.now += VLT_HOUR;
    printer.keep_s = post.keep_s = 7 * 86400;
    assert_int_equal(would(&b, &post), CONSENT_DENIED);
    assert_int_equal(would(&b, &printer), CONSENT_ACTIVE);
    printer.onward = NULL;
    assert_int_equal(would(&b, &printer), CONSENT_ACTIVE);
    bench_end(&b);
}

/* An offer that lapsed counts from its end on. */
static void
an_offer_that_lapsed_was_not_taken(void **state)
{
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    ask_once(&b, &bill, id);
    b.now += 9 * DAY;
    turn_begin(&b);
    assert_int_equal(consent_clock(b.consent, b.txn, b.now, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    assert_int_equal(part_state(&b, id, 0), CONSENT_LAPSED);
    assert_int_equal(would(&b, &bill), CONSENT_DENIED);
    b.now = NOW + 97 * DAY - 1;
    assert_int_equal(would(&b, &bill), CONSENT_DENIED);
    b.now++;
    assert_int_equal(would(&b, &bill), CONSENT_COUNTERED);
    bench_end(&b);
}

/* What was offered of one item says nothing of another. */
static void
each_item_of_an_offer_is_remembered(void **state)
{
    static const char two[] =
        ITEM(1, "energy.electricity", "") "," ITEM(2, "energy.gas", "");
    struct asked both = { .items = two };
    struct asked gas = { .items = ITEM(1, "energy.gas", "") };
    struct asked heat = { .items = ITEM(1, "energy.heat", "") };
    struct consent_narrow week = keep_for(7 * 86400);
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask_once(&b, &both, id);
    assert_int_equal(counter(&b, id, 3, &week), VLT_OK);
    assert_int_equal(answer(&b, id, false, NULL), ROW_LEFT);
    b.now += VLT_HOUR;
    assert_int_equal(would(&b, &bill), CONSENT_DENIED);
    assert_int_equal(would(&b, &gas), CONSENT_DENIED);
    assert_int_equal(would(&b, &heat), CONSENT_PENDING_STATE);
    gas.keep_s = 7 * 86400;
    assert_int_equal(would(&b, &gas), CONSENT_PENDING_STATE);
    bench_end(&b);
}

/* ---- what it has ---- */

#define DETAIL(stats, more)                                                    \
    "{\"n\":1,\"data\":\"energy.electricity\",\"stats\":" stats more           \
    ",\"window_s\":7776000,\"delay_s\":86400}"

/* Other statistics, another bucket or rounding, or raw: each is another. */
static void
each_other_detail_is_asked_about(void **state)
{
    static const char permit_raw[] = "version: 1\n"
                                     "rules:\n"
                                     "  - {name: all, effect: permit, "
                                     "data: energy, detail: raw}\n";
    static const struct {
        const char *items;
        enum consent_state state;
    } cases[] = {
        { DETAIL("[\"mean\"]", ",\"bucket_s\":900"), CONSENT_ACTIVE },
        { DETAIL("[\"max\"]", ",\"bucket_s\":900"), CONSENT_PENDING_STATE },
        { DETAIL("[\"mean\"]", ",\"bucket_s\":1800"), CONSENT_PENDING_STATE },
        { DETAIL("[\"mean\"]", ",\"bucket_s\":900,\"round\":\"0.5\""),
          CONSENT_PENDING_STATE },
        { DETAIL("\"raw\"", ""), CONSENT_PENDING_STATE },
    };
    struct asked raw = { .items = DETAIL("\"raw\"", "") };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    set_rules(&b, permit_raw);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct asked asked = { .items = cases[i].items };

        print_message("%s\n", cases[i].items);
        assert_int_equal(would(&b, &asked), cases[i].state);
    }
    turn_begin(&b);
    assert_int_equal(consent_end(b.consent, b.txn, grant->id, CONSENT_WITHDRAWN,
                                 b.now, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    grant_release(grant);
    assert_int_equal(would(&b, &raw), CONSENT_ACTIVE);
    set_rules(&b, "version: 1\n");
    grant = grant_by_hand(&b, &raw);
    set_rules(&b, permit_raw);
    assert_int_equal(would(&b, &raw), CONSENT_ACTIVE);
    assert_int_equal(would(&b, &bill), CONSENT_PENDING_STATE);
    grant_release(grant);
    bench_end(&b);
}

/* The vault's own rules are of one firm: what others have or were denied is
 * nothing to it. */
static void
what_another_firm_has_changes_nothing(void **state)
{
    static const char permit_raw[] = "version: 1\n"
                                     "rules:\n"
                                     "  - {name: all, effect: permit, "
                                     "data: energy, detail: raw}\n";
    struct asked raw = { .items = DETAIL("\"raw\"", "") };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    set_rules(&b, permit_raw);
    b.firm = b.other;
    assert_int_equal(would(&b, &raw), CONSENT_ACTIVE);
    grant_release(grant);
    bench_end(&b);
}

/* A denial and an offer of the same that was left: each stands by itself. */
static void
a_denial_is_no_offer_and_an_offer_no_denial(void **state)
{
    static const char hourly[] =
        "{\"n\":1,\"data\":\"energy.electricity\",\"stats\":[\"mean\"],"
        "\"bucket_s\":3600,\"window_s\":7776000,\"delay_s\":86400}";
    struct asked offered = { .items = hourly, .keep_s = 7 * 86400 };

    for (int order = 0; order < 2; order++) {
        uint8_t left[VLT_ID_LEN];
        uint8_t denied[VLT_ID_LEN];
        struct bench b;

        bench_begin(&b);
        if (order == 0) {
            ask_once(&b, &bill, denied);
        }
        set_rules(&b, offers);
        ask_once(&b, &bill, left);
        set_rules(&b, "version: 1\n");
        if (order == 1) {
            ask_once(&b, &bill, denied);
        }
        assert_int_equal(answer(&b, left, false, NULL), ROW_LEFT);
        set_rules(&b, offers);
        assert_int_equal(would(&b, &offered), CONSENT_ACTIVE);
        deny(&b, denied);
        assert_int_equal(would(&b, &offered), CONSENT_DENIED);
        assert_int_equal(would(&b, &bill), CONSENT_DENIED);
        bench_end(&b);
    }
}

/* Lifted, both may be asked for again. */
static void
confirming_anew_lifts_what_was_left_as_well(void **state)
{
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    ask_once(&b, &bill, id);
    assert_int_equal(answer(&b, id, false, NULL), ROW_LEFT);
    assert_int_equal(would(&b, &bill), CONSENT_DENIED);
    turn_begin(&b);
    assert_int_equal(consent_lift_quiet(b.consent, b.txn, b.firm.id), VLT_OK);
    turn_commit(&b);
    bench_reopen(&b);
    assert_int_equal(would(&b, &bill), CONSENT_COUNTERED);
    bench_end(&b);
}

/* Each part that was denied is denied again, and each item of it. */
static void
all_that_was_denied_at_once_is_remembered(void **state)
{
    struct asked both = { .purposes = "service.billing,service.support",
                          .items = ITEM(1, "energy.electricity",
                                        "") "," ITEM(2, "energy.gas", "") };
    static const char *const purposes[] = { "service.billing",
                                            "service.support" };
    static const char *const items[] = { ITEM(1, "energy.electricity", ""),
                                         ITEM(1, "energy.gas", ""),
                                         ITEM(1, "energy.heat", "") };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask_once(&b, &both, id);
    deny(&b, id);
    b.now += VLT_HOUR;
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < 3; j++) {
            struct asked one = { .purposes = purposes[i], .items = items[j] };

            assert_int_equal(would(&b, &one),
                             j < 2 ? CONSENT_DENIED : CONSENT_PENDING_STATE);
        }
    }
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_denied_twice_is_denied_from_the_later_on),
        cmocka_unit_test(contact_that_was_denied_is_denied_and_data_is_not),
        cmocka_unit_test(what_was_denied_for_a_purpose_is_asked_for_another),
        cmocka_unit_test(a_denial_does_not_reach_back_to_what_was_asked_before),
        cmocka_unit_test(no_other_recipient_is_less_than_what_was_offered),
        cmocka_unit_test(an_offer_that_lapsed_was_not_taken),
        cmocka_unit_test(each_item_of_an_offer_is_remembered),
        cmocka_unit_test(each_other_detail_is_asked_about),
        cmocka_unit_test(what_another_firm_has_changes_nothing),
        cmocka_unit_test(a_denial_is_no_offer_and_an_offer_no_denial),
        cmocka_unit_test(confirming_anew_lifts_what_was_left_as_well),
        cmocka_unit_test(all_that_was_denied_at_once_is_remembered),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
