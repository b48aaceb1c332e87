#include "consent/sieve.h"

#include "bench.h"

/* No secret is given, and what is of the attic waits for the owner. */
static const char streams[] =
    "version: 1\n"
    "rules:\n"
    "  - {name: secret, effect: deny, streams: \"*/secret\"}\n"
    "  - {name: attic, effect: ask, streams: \"attic/*\"}\n"
    "  - {name: no-gas, effect: deny, data: energy.gas, streams: \"*/gas\"}\n"
    "  - name: bill\n"
    "    effect: permit\n"
    "    firm: brightgrid\n"
    "    purpose: service.billing\n"
    "    data: energy.electricity\n"
    "    detail: mean/15min\n";

static const struct {
    const char *name;
    bool given_by_hand, given_by_rule, bound;
} fates[] = {
    { "power/a", true, true, true },
    { "power/secret", false, false, false },
    { "attic/a", true, false, false },
    { "attic/secret", false, false, false },
    { "power/a/secret", true, true, true },
    { "power/gas", true, true, true },
};

enum { FATES = sizeof fates / sizeof fates[0] };

static struct consent_sieve *
sieve_of(struct bench *b, const struct grant *grant, bool in_turn)
{
    struct consent_asking asking = asking_for(b, grant);
    struct consent_sieve *sieve = NULL;

    assert_int_equal(
        consent_sieve_new(b->consent, &asking, grant, in_turn, &sieve), VLT_OK);
    return sieve;
}

static void
assert_fates(const struct consent_sieve *sieve, bool by_rule)
{
    assert_non_null(sieve);
    for (size_t i = 0; i < FATES; i++) {
        struct vlt_slice name = vlt_slice_text(fates[i].name);
        bool given = by_rule ? fates[i].given_by_rule : fates[i].given_by_hand;

        print_message("%s\n", fates[i].name);
        assert_int_equal(consent_gives(sieve, 1, name), given);
        assert_int_equal(consent_binds(sieve, 1, name), fates[i].bound);
        assert_false(consent_gives(sieve, 2, name)); /* no such item */
        assert_false(consent_binds(sieve, 2, name));
    }
}

static void
without_rules_for_streams_all_is_given(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_rule(&b, &asked);
    for (int in_turn = 0; in_turn < 2; in_turn++) {
        struct consent_sieve *sieve = sieve_of(&b, grant, in_turn == 1);

        assert_null(sieve);
        assert_true(consent_gives(sieve, 1, vlt_slice_text("any")));
        assert_true(consent_binds(sieve, 1, vlt_slice_text("any")));
        consent_sieve_free(sieve);
    }
    grant_release(grant);
    bench_end(&b);
}

static void
a_deny_withholds_and_an_ask_acts_on_what_a_rule_gave(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *by_hand;
    const struct grant *by_rule;
    struct consent_sieve *sieve;
    struct bench b;

    bench_begin(&b);
    by_hand = grant_by_hand(&b, &asked);
    by_rule = grant_by_rule(&b, &asked);
    assert_false(by_hand->by_rule);
    assert_true(by_rule->by_rule);
    set_rules(&b, streams);
    sieve = sieve_of(&b, by_hand, false);
    assert_fates(sieve, false);
    consent_sieve_free(sieve);
    sieve = sieve_of(&b, by_rule, false);
    assert_fates(sieve, true);
    consent_sieve_free(sieve);
    grant_release(by_hand);
    grant_release(by_rule);
    bench_end(&b);
}

/* What the turn has applied is seen in it alone until it is committed. */
static void
rules_of_the_turn_are_seen_in_the_turn(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct consent_sieve *sieve;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    turn_begin(&b);
    apply_rules(&b, streams);
    assert_null(sieve_of(&b, grant, false));
    sieve = sieve_of(&b, grant, true);
    assert_fates(sieve, false);
    consent_sieve_free(sieve);
    turn_abort(&b);
    turn_begin(&b);
    assert_null(sieve_of(&b, grant, true));
    turn_abort(&b);
    grant_release(grant);
    bench_end(&b);
}

/* Whoever holds one may go on with it whatever is in force since. */
static void
a_sieve_stays_as_it_was_made(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct consent_sieve *sieve;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    set_rules(&b, streams);
    sieve = sieve_of(&b, grant, false);
    set_rules(&b, permit_bill);
    assert_fates(sieve, false);
    consent_sieve_free(sieve);
    assert_null(sieve_of(&b, grant, false));
    grant_release(grant);
    bench_end(&b);
}

static void
of_a_vault_that_is_locked_nothing_is_given(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct consent_sieve *sieve;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    consent_clear(b.consent);
    sieve = sieve_of(&b, grant, false);
    assert_non_null(sieve);
    assert_false(consent_gives(sieve, 1, vlt_slice_text("power/a")));
    assert_false(consent_binds(sieve, 1, vlt_slice_text("power/a")));
    consent_sieve_free(sieve);
    grant_release(grant);
    bench_end(&b);
}

/* A request is looked at as if the owner approved it now: what a rule asks
 * about would wait. */
static void
a_part_is_looked_at_as_if_it_were_approved(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct consent_sieve *sieve = NULL;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_rule(&b, &asked);
    set_rules(&b, streams);
    assert_int_equal(
        consent_sieve_part(b.consent, &b.firm, &grant->terms, b.now, &sieve),
        VLT_OK);
    assert_fates(sieve, false);
    consent_sieve_free(sieve);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_rules_for_streams_all_is_given),
        cmocka_unit_test(a_deny_withholds_and_an_ask_acts_on_what_a_rule_gave),
        cmocka_unit_test(rules_of_the_turn_are_seen_in_the_turn),
        cmocka_unit_test(a_sieve_stays_as_it_was_made),
        cmocka_unit_test(of_a_vault_that_is_locked_nothing_is_given),
        cmocka_unit_test(a_part_is_looked_at_as_if_it_were_approved),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
