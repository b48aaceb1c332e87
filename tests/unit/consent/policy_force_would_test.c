/* What a set would say of grants, and what it does say of those that wait. */
#include "bench.h"

#include "consent/lifecycle.h"

static const char ask_energy[] = "version: 1\n"
                                 "rules:\n"
                                 "  - {name: a, effect: ask, data: energy}\n";

struct found {
    size_t count, most; /* most: then it is enough */
    const struct grant *last;
};

static bool
note_grant(void *ctx, const struct grant *grant)
{
    struct found *found = ctx;

    found->count++;
    found->last = grant; /* borrowed: to be compared alone */
    return found->count < found->most;
}

static struct found
would(struct bench *b, const char *rules, enum policy_use use, size_t most)
{
    struct found found = { .most = most };
    struct consent_would would = { use, note_grant, &found };
    struct consent_facts known = facts(b);
    struct consent_policy *policy = read_rules(b, rules);

    assert_int_equal(
        consent_policy_would(b->consent, policy, &known, b->now, &would),
        VLT_OK);
    consent_policy_free(policy);
    return found;
}

struct denied {
    size_t count;
    uint8_t last[VLT_ID_LEN];
};

static void
note_denied(void *ctx, const uint8_t request[VLT_ID_LEN])
{
    struct denied *denied = ctx;

    denied->count++;
    memcpy(denied->last, request, VLT_ID_LEN);
}

static struct denied
denies_of(struct bench *b, const char *rules, const struct consent_facts *known)
{
    struct denied denied = { .count = 0 };
    struct consent_denies fn = { note_denied, &denied };
    struct consent_policy *policy = read_rules(b, rules);

    assert_int_equal(
        consent_policy_denies(b->consent, policy, known, b->now, &fn), VLT_OK);
    consent_policy_free(policy);
    return denied;
}

static struct denied
denies(struct bench *b, const char *rules)
{
    struct consent_facts known = facts(b);

    return denies_of(b, rules, &known);
}

static void
suspend(struct bench *b, const struct grant *grant)
{
    struct consent_at at = { .now = b->now };

    memcpy(at.grant, grant->id, VLT_ID_LEN);
    turn_begin(b);
    assert_int_equal(consent_suspend(b->consent, b->txn, &at, &b->changes),
                     VLT_OK);
    turn_commit(b);
}

static void
who_applies_rules_is_told_what_they_would_do(void **state)
{
    struct asked gas = { .items = ITEM(1, "energy.gas", "") };
    struct asked bill = { .uses = NULL };
    const struct grant *by_hand;
    const struct grant *by_rule;
    struct bench b;

    bench_begin(&b);
    by_hand = grant_by_hand(&b, &gas);
    by_rule = grant_by_rule(&b, &bill);
    assert_int_equal(would(&b, deny_gas, POLICY_USE_NO, 9).count, 2);
    assert_int_equal(would(&b, deny_gas, POLICY_USE_NO, 1).count, 1);
    assert_int_equal(would(&b, permit_bill, POLICY_USE_NO, 9).count, 0);
    assert_int_equal(would(&b, ask_energy, POLICY_USE_NO, 9).count, 0);
    assert_int_equal(would(&b, ask_energy, POLICY_USE_ASK, 9).count, 1);
    assert_int_equal(grant_state(&b, by_hand), CONSENT_ACTIVE);
    assert_int_equal(grant_state(&b, by_rule), CONSENT_ACTIVE);
    suspend(&b, by_rule); /* what is suspended is not suspended again */
    assert_int_equal(would(&b, ask_energy, POLICY_USE_ASK, 9).count, 0);
    assert_int_equal(would(&b, "version: 1\n", POLICY_USE_NO, 9).count, 1);
    grant_release(by_hand);
    grant_release(by_rule);
    bench_end(&b);
}

/* The owner suspended it: a rule that asks finds nothing to suspend, and one
 * that denies ends it. */
static void
rules_end_what_is_suspended_and_do_not_suspend_it_again(void **state)
{
    struct asked bill = { .uses = NULL };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_rule(&b, &bill);
    suspend(&b, grant);
    turn_begin(&b);
    apply_rules(&b, ask_energy);
    assert_int_equal(b.changes.count, 0);
    turn_commit(&b);
    turn_begin(&b);
    apply_rules(&b, deny_all);
    assert_int_equal(b.changes.count, 1);
    assert_change(&b, 0, 26, CONSENT_REVOKED, CONSENT_EV_REVOKED);
    assert_int_equal(b.changes.at[0].grant->suspended, 0);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

/* Of two parts that wait the one is denied, and the other waits on. */
static void
each_part_that_waits_is_decided_alone(void **state)
{
    struct asked two = { .purposes = "service.billing,service.support" };
    static const char no_support[] =
        "version: 1\n"
        "rules:\n"
        "  - {name: s, effect: deny, purpose: service.support}\n";
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &two, id);
    turn_commit(&b);
    /* Told before, once for both parts, and nothing is changed by that. */
    assert_int_equal(denies(&b, "version: 1\n").count, 0);
    assert_int_equal(denies(&b, deny_all).count, 1);
    assert_int_equal(denies(&b, no_support).count, 1);
    assert_memory_equal(denies(&b, no_support).last, id, VLT_ID_LEN);
    assert_int_equal(part_state(&b, id, 1), CONSENT_PENDING_STATE);
    turn_begin(&b);
    apply_rules(&b, no_support);
    assert_int_equal(b.changes.count, 1);
    assert_change(&b, 0, 9, CONSENT_DENIED, CONSENT_REFUSED);
    assert_int_equal(b.changes.at[0].part, 1);
    turn_commit(&b);
    assert_int_equal(part_state(&b, id, 0), CONSENT_PENDING_STATE);
    assert_int_equal(part_state(&b, id, 1), CONSENT_DENIED);
    assert_int_equal(denies(&b, no_support).count, 0);
    bench_end(&b);
}

/* Of two items one is denied by a rule.  Of the other no rule has a word: once
 * the default asks again, it may be given. */
static void
what_only_the_default_denies_waits_on_beside_what_a_rule_denies(void **state)
{
    struct asked two = { .items = ITEM(1, "energy.electricity",
                                       "") "," ITEM(2, "energy.gas", "") };
    static const char rest[] = "version: 1\n"
                               "default: deny\n"
                               "rules:\n"
                               "  - {name: no-gas, effect: deny, "
                               "data: energy.gas}\n";
    struct consent_pick first = { .items = { 1 } };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &two, id);
    turn_commit(&b);
    assert_int_equal(denies(&b, rest).count, 0);
    set_rules(&b, rest);
    assert_int_equal(part_state(&b, id, 0), CONSENT_PENDING_STATE);
    set_rules(&b, deny_gas);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, first, NULL), VLT_OK);
    assert_change(&b, 0, 6, CONSENT_ACTIVE, CONSENT_GIVEN);
    turn_commit(&b);
    bench_end(&b);
}

/* Without an item that it needs, the firm has no use for the rest. */
static void
a_rule_that_denies_what_is_needed_denies_all_that_waits_with_it(void **state)
{
    struct asked two = { .items = ITEM(1, "energy.electricity", "") "," ITEM(
                             2, "energy.gas",
                             ",\"needed\":true,\"needed_why\":\"the bill\"") };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &two, id);
    turn_commit(&b);
    assert_int_equal(denies(&b, "version: 1\ndefault: deny\n").count, 0);
    assert_int_equal(denies(&b, deny_gas).count, 1);
    turn_begin(&b);
    apply_rules(&b, deny_gas);
    assert_int_equal(b.changes.count, 1);
    assert_change(&b, 0, 9, CONSENT_DENIED, CONSENT_REFUSED);
    turn_commit(&b);
    assert_int_equal(part_state(&b, id, 0), CONSENT_DENIED);
    bench_end(&b);
}

/* What was answered, and what is of a firm that is gone, the set denies as
 * well; the owner is told of neither. */
static void
of_what_does_not_wait_nothing_is_told(void **state)
{
    struct asked gas = { .items = ITEM(1, "energy.gas", "") };
    struct asked bill = { .uses = NULL };
    struct consent_facts nobody = { .firm = knows_nobody };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &gas);
    assert_int_equal(denies(&b, deny_all).count, 0);
    turn_begin(&b);
    submit(&b, &bill, id);
    turn_commit(&b);
    assert_int_equal(denies(&b, deny_all).count, 1);
    assert_memory_equal(denies(&b, deny_all).last, id, VLT_ID_LEN);
    assert_int_equal(denies_of(&b, deny_all, &nobody).count, 0);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_applies_rules_is_told_what_they_would_do),
        cmocka_unit_test(
            rules_end_what_is_suspended_and_do_not_suspend_it_again),
        cmocka_unit_test(each_part_that_waits_is_decided_alone),
        cmocka_unit_test(
            what_only_the_default_denies_waits_on_beside_what_a_rule_denies),
        cmocka_unit_test(
            a_rule_that_denies_what_is_needed_denies_all_that_waits_with_it),
        cmocka_unit_test(of_what_does_not_wait_nothing_is_told),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
