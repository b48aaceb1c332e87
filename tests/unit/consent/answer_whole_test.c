/* An answer is carried out whole or not at all, and says what stands against
 * it. */
#include "bench.h"

#define TWO_ITEMS                                                              \
    ITEM(1, "energy.electricity", "") "," ITEM(2, "energy.gas", "")

static const struct consent_pick all = { .all = true };
static const struct consent_pick unnamed = { .all = false };

static void
ask(struct bench *b, const struct asked *asked, uint8_t id[VLT_ID_LEN])
{
    turn_begin(b);
    submit(b, asked, id);
    turn_commit(b);
}

/* What is refused, and that nothing came of it. */
static enum vlt_status
refused(struct bench *b, const uint8_t id[VLT_ID_LEN], struct consent_pick pick,
        const struct consent_narrow *narrow)
{
    enum vlt_status st;

    turn_begin(b);
    st = try_approve(b, id, pick, narrow);
    assert_int_equal(b->changes.count, 0);
    turn_commit(b);
    return st;
}

static void
of_two_parts_none_is_given_where_one_cannot_be(void **state)
{
    struct asked asked = {
        .purposes = "service.billing,service.support",
        .items = ITEM(1, "energy.electricity", "") "," ITEM(
            2, "energy.gas", ",\"needed\":true,\"needed_why\":\"the bill\"")
    };
    struct consent_pick pick = { .items = { 3, 1 } };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    assert_int_equal(refused(&b, id, pick, NULL), VLT_E_CONFLICT);
    assert_non_null(strstr(b.said, "needed"));
    assert_int_equal(part_state(&b, id, 0), CONSENT_PENDING_STATE);
    assert_int_equal(part_state(&b, id, 1), CONSENT_PENDING_STATE);
    bench_end(&b);
}

/* One part is the owner's to answer now, and the other one later. */
static void
parts_may_be_answered_one_after_the_other(void **state)
{
    struct asked asked = { .purposes = "service.billing,service.support" };
    struct consent_pick first = { .items = { 1 } };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, first, NULL), VLT_OK);
    turn_commit(&b);
    assert_int_equal(refused(&b, id, first, NULL), VLT_E_CONFLICT);
    assert_int_equal(part_state(&b, id, 1), CONSENT_PENDING_STATE);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, all, NULL), VLT_OK);
    assert_int_equal(b.changes.count, 1); /* what waits of it */
    turn_commit(&b);
    assert_int_equal(part_state(&b, id, 1), CONSENT_ACTIVE);
    bench_end(&b);
}

/* What was asked when there was room for its grant. */
static void
no_grant_is_approved_beyond_what_a_firm_may_have(void **state)
{
    struct asked asked = { .uses = NULL };
    uint8_t waiting[VLT_ID_LEN];
    const struct grant *last = NULL;
    struct bench b;

    bench_begin(&b);
    for (int i = 0; i < CONSENT_GRANTS_FIRM; i++) {
        grant_release(last);
        if (i == CONSENT_GRANTS_FIRM - 1) {
            ask(&b, &asked, waiting);
        }
        last = grant_by_hand(&b, &asked);
        b.now += 2 * VLT_HOUR;
    }
    assert_int_equal(refused(&b, waiting, unnamed, NULL), VLT_E_CONFLICT);
    assert_non_null(strstr(b.said, "64 grants already"));
    turn_begin(&b);
    assert_int_equal(consent_end(b.consent, b.txn, last->id, CONSENT_WITHDRAWN,
                                 b.now, &b.changes),
                     VLT_OK);
    assert_int_equal(try_approve(&b, waiting, unnamed, NULL), VLT_OK);
    turn_commit(&b);
    grant_release(last);
    bench_end(&b);
}

/* default: deny is no rule that could be named. */
static void
what_no_rule_allows_by_now_is_not_approved(void **state)
{
    struct asked asked = { .items = TWO_ITEMS };
    struct consent_pick both = { .items = { 3 } };
    struct consent_pick first = { .items = { 1 } };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    set_rules(&b, "version: 1\n"
                  "default: deny\n"
                  "rules:\n"
                  "  - {name: ask, effect: ask, data: energy.electricity}\n");
    assert_int_equal(part_state(&b, id, 0), CONSENT_PENDING_STATE);
    assert_int_equal(refused(&b, id, both, NULL), VLT_E_CONFLICT);
    assert_non_null(strstr(b.said, "No rule in force allows it."));
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, first, NULL), VLT_OK);
    turn_commit(&b);
    bench_end(&b);
}

/* What a rule denied when it was asked is not to be had, whatever rules say
 * since. */
static void
what_a_rule_left_out_is_not_there_to_be_picked(void **state)
{
    struct asked asked = { .items = TWO_ITEMS };
    struct consent_pick second = { .items = { 1U << 1 } };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, deny_gas);
    ask(&b, &asked, id);
    set_rules(&b, "version: 1\n");
    assert_int_equal(refused(&b, id, second, NULL), VLT_E_CONFLICT);
    assert_non_null(strstr(b.said, "deny rule"));
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, all, NULL), VLT_OK);
    assert_int_equal(b.changes.at[0].grant->terms.item_count, 1);
    assert_int_equal(b.changes.at[0].left_out, 1U << 1);
    turn_commit(&b);
    bench_end(&b);
}

/* One that was denied by a rule need not be named: it is not given. */
static void
all_passes_over_what_must_be_named_and_was_denied(void **state)
{
    struct asked asked = { .items = ITEM(1, "energy.electricity",
                                         "") "," ITEM(2, "home.presence", ""),
                           .life_s = 86400 };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, "version: 1\n"
                  "rules:\n"
                  "  - {name: p, effect: deny, data: home.presence}\n");
    ask(&b, &asked, id);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, all, NULL), VLT_OK);
    assert_false(b.changes.at[0].grant->explicit_only);
    turn_commit(&b);
    bench_end(&b);
}

static void
the_one_contact_of_a_request_needs_no_name(void **state)
{
    struct asked asked = { .purposes = "service.support",
                           .action = "\"contact\"" };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, unnamed, NULL), VLT_OK);
    assert_int_equal(b.changes.at[0].grant->terms.item_count, 0);
    turn_abort(&b);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, all, NULL), VLT_OK);
    turn_commit(&b);
    assert_int_equal(refused(&b, id, unnamed, NULL), VLT_E_CONFLICT);
    bench_end(&b);
}

/* A part of explicit-only purpose alone, by contact. */
static void
what_is_given_is_explicit_by_its_purpose_as_well(void **state)
{
    struct asked asked = { .purposes = "marketing",
                           .action = "\"contact\"",
                           .life_s = 86400 };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, unnamed, NULL), VLT_OK);
    assert_true(b.changes.at[0].grant->explicit_only);
    turn_commit(&b);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_two_parts_none_is_given_where_one_cannot_be),
        cmocka_unit_test(parts_may_be_answered_one_after_the_other),
        cmocka_unit_test(no_grant_is_approved_beyond_what_a_firm_may_have),
        cmocka_unit_test(what_no_rule_allows_by_now_is_not_approved),
        cmocka_unit_test(what_a_rule_left_out_is_not_there_to_be_picked),
        cmocka_unit_test(all_passes_over_what_must_be_named_and_was_denied),
        cmocka_unit_test(the_one_contact_of_a_request_needs_no_name),
        cmocka_unit_test(what_is_given_is_explicit_by_its_purpose_as_well),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
