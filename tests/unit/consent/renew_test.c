#include "bench.h"

#include "consent/deletion.h"
#include "consent/lifecycle.h"

#define DAY (86400 * VLT_SECOND)

static struct consent_at
at(const struct bench *b, const struct grant *grant)
{
    struct consent_at at = { .now = b->now };

    memcpy(at.grant, grant->id, VLT_ID_LEN);
    return at;
}

static enum vlt_status
renew(struct bench *b, const struct grant *grant)
{
    struct consent_renewal renewal = { .at = at(b, grant), .firm = &b->firm };
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, 0);
    st = consent_renew(b->consent, b->txn, &renewal, &why, &b->changes);
    assert_true(st == VLT_OK || st == VLT_E_NOT_FOUND || why.len > 0);
    vlt_buf_free(&why);
    return st;
}

static void
a_grant_is_renewed_in_its_last_two_weeks(void **state)
{
    struct asked asked = { .uses = "2" };
    const struct grant *grant;
    const struct grant *next;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    b.now = grant->exp - 40 * DAY;
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    b.now = grant->exp - 14 * DAY - 1;
    turn_begin(&b);
    assert_int_equal(renew(&b, grant), VLT_E_CONFLICT);
    b.now++;
    assert_int_equal(renew(&b, grant), VLT_OK);
    assert_change(&b, 0, 31, CONSENT_REPLACED, CONSENT_EV_REPLACED);
    next = assert_change(&b, 1, 31, CONSENT_ACTIVE, CONSENT_EV_RENEWED)->grant;
    grant_hold(next);
    assert_int_equal(renew(&b, grant), VLT_E_CONFLICT);
    turn_commit(&b);
    bench_reopen(&b);
    assert_memory_not_equal(next->id, grant->id, VLT_ID_LEN);
    assert_memory_equal(next->prev, grant->id, VLT_ID_LEN);
    assert_int_equal(next->exp - next->nbf, grant->exp - grant->nbf);
    assert_int_equal(next->bound_count, grant->bound_count);
    assert_int_equal(commit_use(&b, grant), CONSENT_NO_ENDED);
    assert_int_equal(commit_use(&b, next), CONSENT_YES);
    assert_int_equal(commit_use(&b, next), CONSENT_YES);
    assert_int_equal(commit_use(&b, next), CONSENT_NO_ENDED);
    grant_release(next);
    grant_release(grant);
    bench_end(&b);
}

/* Renewing sheds no rate: what the old grant's window has seen goes over. */
static void
a_rate_goes_over_to_the_successor(void **state)
{
    struct asked asked = { .rate = "{\"n\":1,\"per_s\":86400}" };
    const struct grant *grant;
    const struct grant *next;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    b.now = grant->exp - DAY;
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    turn_begin(&b);
    assert_int_equal(renew(&b, grant), VLT_OK);
    next = b.changes.at[1].grant;
    grant_hold(next);
    turn_commit(&b);
    assert_int_equal(commit_use(&b, next), CONSENT_NO_RATE);
    grant_release(next);
    grant_release(grant);
    bench_end(&b);
}

/* To prolong is not to resume. */
static void
a_suspended_grant_is_renewed_and_stays_suspended(void **state)
{
    struct asked asked = { .uses = NULL };
    struct consent_at when;
    const struct grant *grant;
    const struct grant *next;
    const struct grant *kept;
    int64_t since;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    b.now = since = grant->exp - 2 * DAY;
    when = at(&b, grant);
    turn_begin(&b);
    assert_int_equal(consent_suspend(b.consent, b.txn, &when, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    b.now += DAY;
    turn_begin(&b);
    assert_int_equal(renew(&b, grant), VLT_OK);
    assert_change(&b, 0, 31, CONSENT_REPLACED, CONSENT_EV_REPLACED);
    assert_change(&b, 1, 31, CONSENT_ACTIVE, CONSENT_EV_RENEWED);
    next = assert_change(&b, 2, 18, CONSENT_SUSPENDED, CONSENT_EV_SUSPENDED)
               ->grant;
    grant_hold(next);
    turn_commit(&b);
    bench_reopen(&b);
    assert_int_equal(commit_use(&b, next), CONSENT_NO_DENIED);
    when = at(&b, next);
    turn_begin(&b);
    assert_int_equal(consent_resume(b.consent, b.txn, &when, false, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    kept = consent_grant_find(b.consent, next->id);
    assert_int_equal(kept->gap_count, 1);
    assert_int_equal(kept->gap[0].from, since);
    assert_int_equal(kept->gap[0].to, b.now);
    grant_release(kept);
    assert_int_equal(commit_use(&b, next), CONSENT_YES);
    grant_release(next);
    grant_release(grant);
    bench_end(&b);
}

static void
a_deny_rule_forbids_renewing(void **state)
{
    struct asked asked = { .items = ITEM(1, "energy.gas", "") };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    b.now = grant->exp - DAY;
    turn_begin(&b);
    apply_rules(&b, deny_gas);
    assert_int_equal(renew(&b, grant), VLT_E_CONFLICT);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

/* No rule speaks of it: what the owner gave by hand the owner may prolong. */
static void
a_grant_by_hand_is_renewed_where_no_rule_speaks(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    set_rules(&b, "version: 1\ndefault: deny\n");
    b.now = grant->exp - DAY;
    turn_begin(&b);
    assert_int_equal(renew(&b, grant), VLT_OK);
    turn_commit(&b);
    assert_int_equal(grant_state(&b, grant), CONSENT_REPLACED);
    grant_release(grant);
    bench_end(&b);
}

static void
what_is_over_or_not_there_is_not_renewed(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct grant nobody = { .id = { 99 } };
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    b.now = grant->exp;
    turn_begin(&b);
    assert_int_equal(renew(&b, &nobody), VLT_E_NOT_FOUND);
    assert_int_equal(renew(&b, grant), VLT_E_CONFLICT);
    b.now--;
    assert_int_equal(renew(&b, grant), VLT_OK);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

/* By whom the grant was suspended, and since when. */
static void
a_successor_is_suspended_by_whom_the_grant_was(void **state)
{
    static const char ask[] = "version: 1\n"
                              "rules:\n"
                              "  - {name: ask, effect: ask, data: energy}\n";
    struct asked asked = { .uses = NULL };

    for (int by_clock = 0; by_clock < 2; by_clock++) {
        const struct consent_change *change;
        const struct grant *grant;
        int64_t since;
        struct bench b;

        bench_begin(&b);
        grant =
            by_clock ? grant_by_hand(&b, &asked) : grant_by_rule(&b, &asked);
        b.now = since = grant->nbf + 60 * DAY;
        turn_begin(&b);
        if (by_clock) { /* nobody used it */
            assert_int_equal(consent_clock(b.consent, b.txn, b.now, &b.changes),
                             VLT_OK);
        } else {
            apply_rules(&b, ask);
        }
        turn_commit(&b);
        assert_int_equal(grant_state(&b, grant), CONSENT_SUSPENDED);
        b.now = grant->exp - DAY;
        turn_begin(&b);
        assert_int_equal(renew(&b, grant), VLT_OK);
        change = assert_change(&b, 2, by_clock ? ROW_UNUSED : ROW_HELD_UP,
                               CONSENT_SUSPENDED, CONSENT_EV_SUSPENDED);
        assert_int_equal(change->by,
                         by_clock ? CONSENT_BY_CLOCK : CONSENT_BY_VAULT);
        assert_int_equal(change->grant->suspended, since);
        turn_commit(&b);
        grant_release(grant);
        bench_end(&b);
    }
}

/* A grant of which all that can be counted was: used, told of, signed for,
 * stated, excepted, and asked for in vain. */
static const struct grant *
counted_grant(struct bench *b)
{
    static const struct grant_exception kept = {
        .from = 1, .to = 1, .until = NOW + 900 * DAY, .law = "Tax Act"
    };
    struct asked asked = { .uses = "5" };
    const struct grant *grant = grant_by_rule(b, &asked);
    struct consent_receipt receipt = { .grant = grant->id,
                                       .seq = 1,
                                       .sha256 = { 1 },
                                       .jws = vlt_slice_text("a.b.c") };
    struct consent_statement statement = {
        .from = 1, .to = 1, .exceptions = 1, .exception = &kept
    };
    struct vlt_buf why = { 0 };
    uint64_t seq;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(commit_use(b, grant), CONSENT_YES);
    }
    turn_begin(b);
    assert_int_equal(consent_receipt_put(b->consent, b->txn, &receipt), VLT_OK);
    assert_int_equal(consent_countersign(b->consent, b->txn, grant->id, 1,
                                         vlt_slice_text("d.e.f"), b->now),
                     VLT_OK);
    assert_int_equal(
        consent_acknowledged(b->consent, b->txn, grant->id, b->now), VLT_OK);
    assert_int_equal(consent_event_seq(b->consent, b->txn, grant->id, &seq),
                     VLT_OK);
    turn_commit(b);
    b->now = NOW + 31 * DAY;
    assert_int_equal(commit_use(b, grant), CONSENT_YES);
    for (int day = 31; day < 63; day++) {
        b->now = NOW + day * DAY;
        turn_begin(b);
        assert_int_equal(consent_clock(b->consent, b->txn, b->now, &b->changes),
                         VLT_OK);
        turn_commit(b);
    }
    statement.at = at(b, grant);
    statement.deleted_at = b->now;
    turn_begin(b);
    assert_int_equal(consent_deleted(b->consent, b->txn, &statement, &why),
                     VLT_OK);
    turn_commit(b);
    vlt_buf_free(&why);
    grant_release(grant);
    grant = consent_grant_find(b->consent, statement.at.grant);
    assert_true(grant->demanded_first > 0 && grant->overdue_told);
    assert_true(grant->exception_count > 0 && grant->countersigned > 0);
    return grant;
}

/* What counts in a grant counts anew; what it was bound to goes over. */
static void
a_successor_counts_anew(void **state)
{
    static const uint8_t zeros[32];
    const struct grant *grant;
    const struct grant *next;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, permit_bill);
    grant = counted_grant(&b);
    b.now = grant->exp - DAY + 5; /* ns */
    turn_begin(&b);
    assert_int_equal(renew(&b, grant), VLT_OK);
    next = grant_hold(b.changes.at[1].grant);
    turn_commit(&b);
    assert_true(next->renews);
    assert_int_equal(next->nbf, b.now - 5);
    assert_int_equal(next->changed, b.now);
    assert_int_equal(next->state_by, CONSENT_BY_OWNER);
    assert_false(next->by_rule); /* the owner prolonged it */
    assert_int_equal(next->uses_left, 5);
    assert_int_equal(next->use_seq, 0);
    assert_int_equal(next->last_use, 0);
    assert_memory_equal(next->last_use_id, zeros, VLT_ID_LEN);
    assert_int_equal(next->told, 0);
    assert_int_equal(next->told_seq, 0);
    assert_int_equal(next->receipt_seq, 0);
    assert_memory_equal(next->last_receipt, zeros, 32);
    assert_int_equal(next->countersigned, 0);
    assert_int_equal(next->event_seq, 0);
    assert_int_equal(next->acks, 0);
    assert_int_equal(next->acked, 0);
    assert_int_equal(next->asked, 0);
    assert_int_equal(next->asked_by, 0);
    assert_int_equal(next->stated, 0);
    assert_int_equal(next->demanded, 0);
    assert_int_equal(next->demanded_first, 0);
    assert_int_equal(next->demanded_at, 0);
    assert_int_equal(next->demanded_by, 0);
    assert_false(next->overdue_told);
    assert_int_equal(next->kept_count, 0);
    assert_int_equal(next->exception_count, 0);
    assert_int_equal(next->suspended, 0);
    assert_int_equal(next->terms_version, 1);
    assert_int_equal(next->policy_version, 2);
    assert_memory_equal(next->policy_hash, grant->policy_hash, 32);
    assert_memory_not_equal(next->policy_salt, grant->policy_salt, 32);
    grant_release(next);
    grant_release(grant);
    bench_end(&b);
}

/* Whatever was done about the grant when the rule came: it names the rule. */
static void
a_grant_is_not_renewed_against_a_rule(void **state)
{
    struct consent_facts nobody = { .firm = knows_nobody };
    struct asked asked = { .items = ITEM(1, "energy.gas", "") };
    struct consent_renewal renewal;
    struct consent_policy *policy;
    const struct grant *grant;
    struct vlt_buf why = { 0 };
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    policy = read_rules(&b, deny_gas);
    b.now = grant->exp - DAY;
    turn_begin(&b);
    assert_int_equal(consent_policy_apply(b.consent, b.txn, policy, &nobody,
                                          b.now, &b.changes),
                     VLT_OK);
    renewal = (struct consent_renewal){ at(&b, grant), &b.firm };
    assert_int_equal(
        consent_renew(b.consent, b.txn, &renewal, &why, &b.changes),
        VLT_E_CONFLICT);
    assert_string_equal(vlt_buf_text(&why),
                        "The deny rule 'no-gas' (main.yaml:3) forbids it.");
    assert_int_equal(b.changes.count, 0);
    turn_commit(&b);
    assert_int_equal(grant_state(&b, grant), CONSENT_ACTIVE);
    consent_policy_free(policy);
    vlt_buf_free(&why);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grant_is_renewed_in_its_last_two_weeks),
        cmocka_unit_test(a_rate_goes_over_to_the_successor),
        cmocka_unit_test(a_suspended_grant_is_renewed_and_stays_suspended),
        cmocka_unit_test(a_deny_rule_forbids_renewing),
        cmocka_unit_test(a_grant_by_hand_is_renewed_where_no_rule_speaks),
        cmocka_unit_test(what_is_over_or_not_there_is_not_renewed),
        cmocka_unit_test(a_successor_is_suspended_by_whom_the_grant_was),
        cmocka_unit_test(a_successor_counts_anew),
        cmocka_unit_test(a_grant_is_not_renewed_against_a_rule),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
