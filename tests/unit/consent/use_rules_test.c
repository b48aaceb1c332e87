/* Every use is decided again by the rules of now, whatever was done about the
 * grant when they came. */
#include "bench.h"

static const char ask_energy[] = "version: 1\n"
                                 "rules:\n"
                                 "  - {name: a, effect: ask, data: energy}\n";

/* Row 26, of one that the owner approved as well. */
static void
a_use_that_a_rule_denies_ends_the_grant(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    for (int by_rule = 0; by_rule < 2; by_rule++) {
        grant = by_rule ? grant_by_rule(&b, &asked) : grant_by_hand(&b, &asked);
        set_rules_unheld(&b, deny_all);
        assert_int_equal(grant_state(&b, grant), CONSENT_ACTIVE);
        turn_begin(&b);
        assert_int_equal(use_once(&b, grant), CONSENT_NO_ENDED);
        assert_int_equal(b.changes.count, 1);
        assert_change(&b, 0, 26, CONSENT_REVOKED, CONSENT_EV_REVOKED);
        assert_int_equal(b.changes.at[0].by, CONSENT_BY_VAULT);
        turn_commit(&b);
        assert_int_equal(grant_state(&b, grant), CONSENT_REVOKED);
        grant_release(grant);
        set_rules(&b, "version: 1\n");
    }
    bench_end(&b);
}

/* What a rule gave must still be permitted; what the owner gave must not. */
static void
a_use_that_no_rule_permits_any_more_ends_what_a_rule_gave(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *hand;
    const struct grant *rule;
    struct bench b;

    bench_begin(&b);
    hand = grant_by_hand(&b, &asked);
    rule = grant_by_rule(&b, &asked);
    set_rules_unheld(&b, "version: 1\n");
    assert_int_equal(commit_use(&b, hand), CONSENT_YES);
    turn_begin(&b);
    assert_int_equal(use_once(&b, rule), CONSENT_NO_ENDED);
    assert_change(&b, 0, 26, CONSENT_REVOKED, CONSENT_EV_REVOKED);
    turn_commit(&b);
    grant_release(hand);
    grant_release(rule);
    bench_end(&b);
}

/* Row 20. */
static void
a_use_that_a_rule_asks_about_suspends_what_a_rule_gave(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *hand;
    const struct grant *rule;
    struct bench b;

    bench_begin(&b);
    hand = grant_by_hand(&b, &asked);
    rule = grant_by_rule(&b, &asked);
    set_rules_unheld(&b, ask_energy);
    assert_int_equal(commit_use(&b, hand), CONSENT_YES);
    b.now += VLT_MINUTE;
    turn_begin(&b);
    assert_int_equal(use_once(&b, rule), CONSENT_NO_DENIED);
    assert_int_equal(b.changes.count, 1);
    assert_change(&b, 0, 20, CONSENT_SUSPENDED, CONSENT_EV_SUSPENDED);
    assert_int_equal(b.changes.at[0].by, CONSENT_BY_VAULT);
    assert_int_equal(b.changes.at[0].grant->suspended, b.now);
    turn_commit(&b);
    assert_int_equal(commit_use(&b, rule), CONSENT_NO_DENIED);
    grant_release(hand);
    grant_release(rule);
    bench_end(&b);
}

/* A final state is final, also where pages of the last use are left. */
static void
the_rest_of_a_last_use_ends_without_a_row(void **state)
{
    static const char *const rules[] = { deny_all, ask_energy };
    struct asked asked = { .uses = "1" };
    struct bench b;

    bench_begin(&b);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const struct grant *grant = grant_by_rule(&b, &asked);
        struct consent_asking asking = asking_for(&b, grant);
        uint8_t first[VLT_ID_LEN];
        uint8_t id[VLT_ID_LEN];
        int64_t retry_ms;

        turn_begin(&b);
        assert_int_equal(use_as(&b, &asking, first, &retry_ms), CONSENT_YES);
        turn_commit(&b);
        asking.free_of = first;
        turn_begin(&b);
        assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_YES);
        turn_commit(&b);
        set_rules_unheld(&b, rules[i]);
        turn_begin(&b);
        assert_int_not_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_YES);
        assert_int_equal(b.changes.count, 0);
        turn_commit(&b);
        assert_int_equal(grant_state(&b, grant), CONSENT_EXHAUSTED);
        grant_release(grant);
    }
    bench_end(&b);
}

/* The same question beforehand, as committed and as the turn has it. */
static void
a_turn_asks_by_its_own_rules(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct consent_asking asking;
    struct consent_use use;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    asking = asking_for(&b, grant);
    turn_begin(&b);
    apply_rules(&b, deny_all);
    consent_may_now(b.consent, &asking, &use);
    assert_int_equal(use.no, CONSENT_NO_ENDED);
    assert_null(use.grant);
    consent_may(b.consent, &asking, &use);
    assert_int_equal(use.no, CONSENT_YES);
    grant_release(use.grant);
    turn_abort(&b);
    consent_may_now(b.consent, &asking, &use);
    assert_int_equal(use.no, CONSENT_YES);
    grant_release(use.grant);
    asking.grant[0] ^= 1; /* there is none */
    consent_may(b.consent, &asking, &use);
    assert_int_equal(use.no, CONSENT_NO_DENIED);
    assert_null(use.grant);
    consent_may_now(b.consent, &asking, &use);
    assert_int_equal(use.no, CONSENT_NO_DENIED);
    grant_release(grant);
    bench_end(&b);
}

/* ---- obligations of now ---- */

static void
the_strictest_of_all_that_match_binds_a_use(void **state)
{
    static const char stricter[] = "version: 1\n"
                                   "rules:\n"
                                   "  - {name: a, effect: permit, window: 0s, "
                                   "data: energy, min_readings: 5}\n"
                                   "  - {name: b, effect: permit, window: 0s, "
                                   "purpose: service, min_readings: 7, "
                                   "names: show, new_streams: include}\n";
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct consent_asking asking;
    struct consent_use use;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    set_rules(&b, stricter);
    asking = asking_for(&b, grant);
    consent_may(b.consent, &asking, &use);
    assert_int_equal(use.duties.min_readings, 7);
    /* These two were settled when it was born. */
    assert_true(use.duties.show_names);
    assert_false(use.duties.join_new_streams);
    grant_release(use.grant);
    grant_release(grant);
    bench_end(&b);
}

/* ---- boundaries ---- */

#define DATED(more)                                                            \
    "version: 1\n"                                                             \
    "rules:\n"                                                                 \
    "  - {name: p, effect: permit" more "}\n"

/* 2027-01-20, 2027-02-20 and 2027-12-24 from the epoch. */
static void
a_boundary_is_the_next_time_that_a_permit_names(void **state)
{
    static const struct {
        const char *rules;
        int64_t next; /* s; 0: the grant's end */
    } cases[] = {
        { DATED(""), 0 },
        { DATED(", until: 2027-02-20"), 1803081600 },
        { DATED(", from: 2027-02-20"), 1803081600 },
        { DATED(", from: 2027-01-20, until: 2027-02-20"), 1800403200 },
        { DATED(", from: 2026-01-20, until: 2027-12-24"), 0 },
        { DATED(", from: 2027-12-23, until: 2027-12-24"), 0 },
        { DATED(", until: 2027-01-01"), 0 },
        { DATED(", until: 2027-02-20") "  - {name: d, effect: deny, "
                                       "data: energy.gas}\n",
          1803081600 },
        { "version: 1\n"
          "rules:\n"
          "  - {name: d, effect: deny, data: energy.gas}\n",
          0 },
    };
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t next = cases[i].next * VLT_SECOND;

        print_message("%s", cases[i].rules);
        set_rules(&b, cases[i].rules);
        assert_int_equal(consent_boundary(b.consent, grant, NOW),
                         next != 0 ? next : grant->exp);
        if (next != 0) { /* from then on it is over */
            assert_int_not_equal(consent_boundary(b.consent, grant, next),
                                 next);
        }
    }
    grant_release(grant);
    bench_end(&b);
}

/* Row 15: whoever asks first has it written, the firm or the clock. */
static void
a_use_seven_days_on_without_the_agreement_ends_the_grant(void **state)
{
    struct asked asked = { .agreement = true };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    b.now = grant->nbf + CONSENT_AGREED_DAYS * VLT_DAY - 1;
    assert_int_equal(commit_use(&b, grant), CONSENT_NO_AGREEMENT);
    assert_int_equal(grant_state(&b, grant), CONSENT_ACTIVE);
    b.now++;
    turn_begin(&b);
    assert_int_equal(use_once(&b, grant), CONSENT_NO_ENDED);
    assert_int_equal(b.changes.count, 1);
    assert_int_equal(
        assert_change(&b, 0, 15, CONSENT_REVOKED, CONSENT_EV_REVOKED)->by,
        CONSENT_BY_CLOCK);
    turn_commit(&b);
    assert_int_equal(grant_state(&b, grant), CONSENT_REVOKED);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_use_that_a_rule_denies_ends_the_grant),
        cmocka_unit_test(
            a_use_that_no_rule_permits_any_more_ends_what_a_rule_gave),
        cmocka_unit_test(
            a_use_that_a_rule_asks_about_suspends_what_a_rule_gave),
        cmocka_unit_test(the_rest_of_a_last_use_ends_without_a_row),
        cmocka_unit_test(a_turn_asks_by_its_own_rules),
        cmocka_unit_test(the_strictest_of_all_that_match_binds_a_use),
        cmocka_unit_test(a_boundary_is_the_next_time_that_a_permit_names),
        cmocka_unit_test(
            a_use_seven_days_on_without_the_agreement_ends_the_grant),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
