#include "bench.h"

static void
without_rules_the_owner_is_asked(void **state)
{
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &asked, id);
    assert_int_equal(b.changes.count, 1);
    assert_change(&b, 0, 3, CONSENT_PENDING_STATE, CONSENT_NO_RECEIPT);
    assert_null(b.changes.at[0].grant);
    turn_commit(&b);
    assert_int_equal(part_state(&b, id, 0), CONSENT_PENDING_STATE);
    bench_end(&b);
}

static void
what_a_rule_denies_is_denied(void **state)
{
    struct asked asked = { .items = ITEM(3, "energy.gas", "") };
    const struct consent_change *change;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, deny_gas);
    turn_begin(&b);
    submit(&b, &asked, id);
    change = assert_change(&b, 0, 2, CONSENT_DENIED, CONSENT_REFUSED);
    assert_int_equal(change->left_out, 1U << 2);
    turn_commit(&b);
    assert_int_equal(part_state(&b, id, 0), CONSENT_DENIED);
    bench_end(&b);
}

static void
what_a_rule_permits_becomes_a_grant(void **state)
{
    struct asked asked = { .life_s = 86400 };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    b.now += 123; /* ns */
    grant = grant_by_rule(&b, &asked);
    assert_true(grant->by_rule);
    assert_int_equal(grant->state, CONSENT_ACTIVE);
    assert_int_equal(grant->nbf, NOW); /* whole seconds */
    assert_int_equal(grant->exp, NOW + 86400 * VLT_SECOND);
    assert_int_equal(grant->rule_count, 1);
    assert_string_equal(grant->rule[0].name, "bill");
    assert_int_equal(grant->terms_version, 1);
    assert_int_equal(grant->policy_version, 1);
    assert_int_equal(grant->duties.min_readings, 2);
    assert_false(grant->duties.show_names);
    assert_int_equal(grant->uses_left, TERMS_UNLIMITED);
    assert_int_equal(grant->bound_count, 2); /* power/a and power/b */
    assert_int_equal(grant->bound[0].stream[0], 3);
    assert_string_equal(grant->bound[0].alias, "energy.electricity/1");
    assert_string_equal(grant->bound[1].alias, "energy.electricity/2");
    assert_int_equal(grant->held_count, 0);
    grant_release(grant);
    bench_end(&b);
}

/* A rule for each of two categories. */
static const char of_each[] =
    "version: 1\n"
    "rules:\n"
    "  - {name: p, effect: permit, data: energy.electricity, "
    "detail: mean/15min}\n"
    "  - {name: g, effect: permit, data: energy.gas, detail: mean/15min}\n";

/* The rule of the one atom does not stand for the other's. */
static void
a_grant_names_the_rules_of_all_its_atoms(void **state)
{
    struct asked asked = { .items = ITEM(1, "energy.electricity",
                                         "") "," ITEM(2, "energy.gas", "") };
    const struct consent_change *change;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, of_each);
    turn_begin(&b);
    submit(&b, &asked, id);
    change = assert_change(&b, 0, 4, CONSENT_ACTIVE, CONSENT_GIVEN);
    assert_int_equal(change->grant->rule_count, 2);
    assert_string_equal(change->grant->rule[0].name, "p");
    assert_string_equal(change->grant->rule[1].name, "g");
    turn_commit(&b);
    bench_end(&b);
}

/* Those of a request before it, of more items, are none of its own. */
static void
a_grant_names_the_rules_of_its_own_request(void **state)
{
    struct asked both = { .items = ITEM(1, "energy.electricity",
                                        "") "," ITEM(2, "energy.gas", "") };
    struct asked one = { .items = ITEM(2, "energy.electricity", "") };
    const struct consent_change *change;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, of_each);
    turn_begin(&b);
    submit(&b, &both, id);
    submit(&b, &one, id);
    change = assert_change(&b, 1, 4, CONSENT_ACTIVE, CONSENT_GIVEN);
    assert_int_equal(change->grant->rule_count, 1);
    assert_string_equal(change->grant->rule[0].name, "p");
    turn_commit(&b);
    bench_end(&b);
}

#define FINER(data)                                                            \
    "{\"n\":1,\"data\":\"" data "\",\"stats\":[\"mean\"],"                     \
    "\"bucket_s\":1800,\"window_s\":7776000,\"delay_s\":86400}"

/* What the firm has in quarter hours it does not get in half hours, too. */
static void
another_detail_of_what_a_firm_has_is_asked_about(void **state)
{
    struct asked same = { .uses = NULL };
    struct asked other = { .items = FINER("energy.electricity") };
    struct asked gas = { .items = FINER("energy.gas") };
    const struct consent_change *change;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    grant_release(grant_by_rule(&b, &same));
    turn_begin(&b);
    submit(&b, &other, id);
    change = assert_change(&b, 0, 3, CONSENT_PENDING_STATE, CONSENT_NO_RECEIPT);
    assert_int_equal(change->decision->atoms[0].rule_count, 1);
    assert_string_equal(policy_rule_at(consent_set_now(b.consent)->set,
                                       change->decision->atoms[0].rules[0])
                            ->name,
                        "builtin.two-details");
    turn_commit(&b);
    turn_begin(&b);
    submit(&b, &same, id);
    assert_change(&b, 0, 4, CONSENT_ACTIVE, CONSENT_GIVEN);
    turn_commit(&b);
    turn_begin(&b);
    submit(&b, &gas, id);
    assert_change(&b, 0, 4, CONSENT_ACTIVE, CONSENT_GIVEN);
    turn_commit(&b);
    bench_end(&b);
}

/* What has ended is not held any more. */
static void
another_detail_is_given_when_the_first_is_over(void **state)
{
    struct asked same = { .life_s = 86400 };
    struct asked other = { .items = FINER("energy.electricity") };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    grant_release(grant_by_rule(&b, &same));
    b.now += VLT_DAY;
    turn_begin(&b);
    submit(&b, &other, id);
    assert_change(&b, 0, 4, CONSENT_ACTIVE, CONSENT_GIVEN);
    turn_commit(&b);
    bench_end(&b);
}

static void
denied_items_are_left_out_by_name(void **state)
{
    struct asked asked = { .items = ITEM(1, "energy.electricity",
                                         "") "," ITEM(2, "energy.gas", "") };
    const struct consent_change *change;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, "version: 1\n"
                  "rules:\n"
                  "  - {name: p, effect: permit, data: energy.electricity, "
                  "detail: mean/15min}\n"
                  "  - {name: g, effect: deny, data: energy.gas}\n");
    turn_begin(&b);
    submit(&b, &asked, id);
    change = assert_change(&b, 0, 4, CONSENT_ACTIVE, CONSENT_GIVEN);
    assert_int_equal(change->left_out, 1U << 1);
    assert_int_equal(change->grant->terms.item_count, 1);
    assert_int_equal(change->grant->terms.items[0].n, 1);
    assert_int_equal(change->grant->rule_count, 1);
    /* Receipts that come later say so, too. */
    assert_int_equal(consent_end(b.consent, b.txn, change->grant->id,
                                 CONSENT_WITHDRAWN, b.now, &b.changes),
                     VLT_OK);
    assert_int_equal(b.changes.at[1].left_out, 1U << 1);
    turn_commit(&b);
    bench_end(&b);
}

/* Parts never influence each other, and each has its own reasons. */
static void
each_purpose_is_decided_alone(void **state)
{
    struct asked asked = {
        .purposes = "service.billing,service.advice,service.support"
    };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, "version: 1\n"
                  "rules:\n"
                  "  - {name: bill, effect: permit, purpose: service.billing, "
                  "data: energy.electricity, detail: mean/15min}\n"
                  "  - {name: no, effect: deny, purpose: service.advice}\n");
    turn_begin(&b);
    submit(&b, &asked, id);
    assert_int_equal(b.changes.count, 3);
    assert_change(&b, 0, 4, CONSENT_ACTIVE, CONSENT_GIVEN);
    assert_change(&b, 1, 2, CONSENT_DENIED, CONSENT_REFUSED);
    assert_change(&b, 2, 3, CONSENT_PENDING_STATE, CONSENT_NO_RECEIPT);
    assert_int_equal(b.changes.at[0].decision->outcome, POLICY_PERMIT);
    assert_int_equal(b.changes.at[1].decision->outcome, POLICY_DENY);
    assert_int_equal(b.changes.at[2].decision->outcome, POLICY_ASK);
    turn_commit(&b);
    bench_end(&b);
}

static void
a_firm_that_is_not_confirmed_is_denied(void **state)
{
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, permit_bill);
    b.firm.confirmed = false;
    turn_begin(&b);
    submit(&b, &asked, id);
    assert_change(&b, 0, 2, CONSENT_DENIED, CONSENT_REFUSED);
    turn_commit(&b);
    bench_end(&b);
}

static void
the_same_request_again_changes_nothing(void **state)
{
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    uint64_t epoch;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &asked, id);
    turn_commit(&b);
    epoch = consent_epoch(b.consent);
    turn_begin(&b);
    b.requests = 0;
    submit(&b, &asked, id);
    assert_int_equal(b.changes.count, 0);
    b.requests = 0;
    asked.life_s = 86400; /* the same id, other bytes */
    assert_int_equal(try_submit(&b, &asked, id, &retry_ms), VLT_E_CONFLICT);
    turn_commit(&b);
    assert_int_equal(consent_epoch(b.consent), epoch);
    bench_end(&b);
}

static void
eight_requests_of_a_firm_may_wait(void **state)
{
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms = 0;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    for (int i = 0; i < CONSENT_PENDING_FIRM; i++) {
        submit(&b, &asked, id);
    }
    assert_int_equal(try_submit(&b, &asked, id, &retry_ms), VLT_E_QUOTA);
    assert_true(retry_ms > 0);
    turn_commit(&b);
    b.now += 8 * VLT_DAY; /* their time is over, though no row says so yet */
    turn_begin(&b);
    submit(&b, &asked, id);
    turn_commit(&b);
    bench_end(&b);
}

static void
sixty_four_requests_of_all_may_wait(void **state)
{
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms = 0;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    for (int i = 0; i < CONSENT_PENDING; i++) {
        if (i % CONSENT_PENDING_FIRM == 0) {
            make_firm(&b, "brightgrid", (uint8_t)(20 + i), &b.firm);
        }
        submit(&b, &asked, id);
    }
    make_firm(&b, "brightgrid", 19, &b.firm);
    assert_int_equal(try_submit(&b, &asked, id, &retry_ms), VLT_E_QUOTA);
    assert_true(retry_ms > 0);
    turn_commit(&b);
    bench_end(&b);
}

static void
twenty_requests_a_day_are_taken(void **state)
{
    struct asked asked = { .items = ITEM(1, "energy.gas", "") };
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms = 0;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, deny_gas);
    turn_begin(&b);
    for (int i = 0; i < CONSENT_REQUESTS_DAY; i++) {
        submit(&b, &asked, id);
        b.now += VLT_SECOND;
    }
    assert_int_equal(try_submit(&b, &asked, id, &retry_ms), VLT_E_QUOTA);
    b.now += retry_ms * 1000000;
    submit(&b, &asked, id); /* the first is a day old */
    turn_commit(&b);
    bench_end(&b);
}

/* Of a request that may not become all its grants nothing stays behind. */
static void
no_more_grants_than_the_limit(void **state)
{
    struct asked one = { .uses = NULL };
    struct asked two = { .purposes = "service.billing,service" };
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms = 0;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, "version: 1\n"
                  "rules:\n"
                  "  - {name: all, effect: permit, data: energy.electricity, "
                  "detail: mean/15min}\n");
    for (int i = 0; i < CONSENT_GRANTS_FIRM - 1; i++) {
        turn_begin(&b);
        submit(&b, &one, id);
        turn_commit(&b);
        b.now += 2 * VLT_HOUR;
    }
    turn_begin(&b);
    assert_int_equal(try_submit(&b, &two, id, &retry_ms), VLT_E_QUOTA);
    assert_true(retry_ms > 0);
    assert_int_equal(b.changes.count, 0);
    submit(&b, &one, id);
    assert_int_equal(try_submit(&b, &one, id, &retry_ms), VLT_E_QUOTA);
    turn_commit(&b);
    bench_reopen(&b); /* nothing is there without its request */
    bench_end(&b);
}

static void
nothing_is_left_of_a_turn_that_is_undone(void **state)
{
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    struct consent_request request;
    const struct grant *grant;
    uint8_t grant_id[VLT_ID_LEN];
    uint64_t epoch;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, permit_bill);
    epoch = consent_epoch(b.consent);
    turn_begin(&b);
    submit(&b, &asked, id);
    memcpy(grant_id, b.changes.at[0].grant->id, VLT_ID_LEN);
    grant = consent_grant_now(b.consent, grant_id);
    assert_non_null(grant);
    grant_release(grant);
    assert_null(consent_grant_find(b.consent, grant_id));
    assert_true(consent_epoch_now(b.consent) > epoch);
    turn_abort(&b);
    assert_null(consent_grant_now(b.consent, grant_id));
    assert_int_equal(consent_request_now(b.consent, id, copy_request, &request),
                     VLT_E_NOT_FOUND);
    assert_int_equal(consent_epoch(b.consent), epoch);
    assert_int_equal(consent_epoch_now(b.consent), epoch);
    bench_reopen(&b);
    assert_null(consent_grant_find(b.consent, grant_id));
    assert_int_equal(consent_epoch(b.consent), epoch);
    bench_end(&b);
}

/* A rule that decides two atoms stands there once. */
static void
a_rule_is_named_once(void **state)
{
    struct asked asked = { .items = ITEM(1, "energy.electricity",
                                         "") "," ITEM(2, "energy.gas", "") };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_rule(&b, &asked);
    assert_int_equal(grant->rule_count, 1);
    assert_string_equal(grant->rule[0].name, "bill");
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_rules_the_owner_is_asked),
        cmocka_unit_test(what_a_rule_denies_is_denied),
        cmocka_unit_test(what_a_rule_permits_becomes_a_grant),
        cmocka_unit_test(a_grant_names_the_rules_of_all_its_atoms),
        cmocka_unit_test(a_grant_names_the_rules_of_its_own_request),
        cmocka_unit_test(another_detail_of_what_a_firm_has_is_asked_about),
        cmocka_unit_test(another_detail_is_given_when_the_first_is_over),
        cmocka_unit_test(denied_items_are_left_out_by_name),
        cmocka_unit_test(each_purpose_is_decided_alone),
        cmocka_unit_test(a_firm_that_is_not_confirmed_is_denied),
        cmocka_unit_test(the_same_request_again_changes_nothing),
        cmocka_unit_test(eight_requests_of_a_firm_may_wait),
        cmocka_unit_test(sixty_four_requests_of_all_may_wait),
        cmocka_unit_test(twenty_requests_a_day_are_taken),
        cmocka_unit_test(no_more_grants_than_the_limit),
        cmocka_unit_test(nothing_is_left_of_a_turn_that_is_undone),
        cmocka_unit_test(a_rule_is_named_once),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
