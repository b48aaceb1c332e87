#include "bench.h"

#include "consent/lifecycle.h"

#define DAY (86400 * VLT_SECOND)

static enum consent_state
ask_again(struct bench *b, const struct asked *asked)
{
    uint8_t id[VLT_ID_LEN];

    turn_begin(b);
    submit(b, asked, id);
    turn_commit(b);
    return part_state(b, id, 0);
}

static void
what_the_owner_denied_is_denied_for_90_days(void **state)
{
    struct asked asked = { .uses = NULL };
    struct asked gas = { .items = ITEM(1, "energy.gas", "") };
    struct asked support = { .purposes = "service.support" };
    struct vlt_slice none = { .len = 0 };
    uint8_t id[VLT_ID_LEN];
    int64_t denied;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &asked, id);
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(
        consent_deny(b.consent, b.txn, id, none, b.now, &b.changes), VLT_OK);
    turn_commit(&b);
    denied = b.now;
    bench_reopen(&b);
    assert_int_equal(ask_again(&b, &asked), CONSENT_DENIED);
    assert_int_equal(ask_again(&b, &gas), CONSENT_PENDING_STATE);
    assert_int_equal(ask_again(&b, &support), CONSENT_PENDING_STATE);
    b.now = denied + 90 * DAY - 1;
    assert_int_equal(ask_again(&b, &asked), CONSENT_DENIED);
    b.now++;
    assert_int_equal(ask_again(&b, &asked), CONSENT_PENDING_STATE);
    bench_end(&b);
}

/* What a rule denied, and what the firm took back, is not remembered so. */
static void
only_the_owners_word_is_remembered(void **state)
{
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, deny_all);
    assert_int_equal(ask_again(&b, &asked), CONSENT_DENIED);
    set_rules(&b, "version: 1\n");
    turn_begin(&b);
    submit(&b, &asked, id);
    assert_int_equal(
        consent_withdraw(b.consent, b.txn, id, b.firm.id, b.now, &b.changes),
        VLT_OK);
    turn_commit(&b);
    assert_int_equal(ask_again(&b, &asked), CONSENT_PENDING_STATE);
    bench_end(&b);
}

static void
confirming_the_firm_anew_lifts_it(void **state)
{
    struct asked asked = { .uses = NULL };
    struct vlt_slice none = { .len = 0 };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &asked, id);
    assert_int_equal(
        consent_deny(b.consent, b.txn, id, none, b.now, &b.changes), VLT_OK);
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(consent_lift_quiet(b.consent, b.txn, b.other.id), VLT_OK);
    turn_commit(&b);
    assert_int_equal(ask_again(&b, &asked), CONSENT_DENIED);
    turn_begin(&b);
    assert_int_equal(consent_lift_quiet(b.consent, b.txn, b.firm.id), VLT_OK);
    turn_commit(&b);
    bench_reopen(&b);
    assert_int_equal(ask_again(&b, &asked), CONSENT_PENDING_STATE);
    bench_end(&b);
}

/* Within the turn as behind it; and what was answered waits no more. */
static void
what_is_denied_is_denied_in_the_same_turn(void **state)
{
    struct asked asked = { .uses = NULL };
    uint8_t first[VLT_ID_LEN];
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &asked, first);
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(consent_waiting(b.consent, b.now), 1);
    assert_int_equal(consent_deny(b.consent, b.txn, first, vlt_slice_text(""),
                                  b.now, &b.changes),
                     VLT_OK);
    assert_int_equal(consent_waiting(b.consent, b.now), 0);
    submit(&b, &asked, id);
    assert_change(&b, 1, ROW_REFUSED, CONSENT_DENIED, CONSENT_REFUSED);
    assert_int_equal(consent_lift_quiet(b.consent, b.txn, b.firm.id), VLT_OK);
    submit(&b, &asked, id);
    assert_change(&b, 2, ROW_ASKED, CONSENT_PENDING_STATE, CONSENT_NO_RECEIPT);
    turn_commit(&b);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_owner_denied_is_denied_for_90_days),
        cmocka_unit_test(only_the_owners_word_is_remembered),
        cmocka_unit_test(confirming_the_firm_anew_lifts_it),
        cmocka_unit_test(what_is_denied_is_denied_in_the_same_turn),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
