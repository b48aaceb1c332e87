#include "bench.h"

#include "consent/lifecycle.h"

#define DAY (86400 * VLT_SECOND)

static const char permit_all[] = "version: 1\n"
                                 "rules:\n"
                                 "  - name: all\n"
                                 "    effect: permit\n"
                                 "    firm: brightgrid\n"
                                 "    purpose: [service.billing, "
                                 "service.support]\n"
                                 "    data: energy.electricity\n"
                                 "    detail: any/15min\n"
                                 "    rate: none\n";

/* Granted by a rule. */
static const struct grant *
granted(struct bench *b, const struct asked *asked)
{
    const struct grant *grant = NULL;
    uint8_t id[VLT_ID_LEN];

    submit(b, asked, id);
    for (size_t i = 0; i < b->changes.count; i++) {
        if (b->changes.at[i].row == ROW_PERMITTED) {
            grant = b->changes.at[i].grant;
        }
    }
    assert_non_null(grant);
    return grant_hold(grant);
}

static void
a_successor_ends_the_grant_that_it_names(void **state)
{
    struct asked asked = { .rate = "{\"n\":1,\"per_s\":86400}" };
    const struct consent_change *change;
    const struct grant *grant;
    const struct grant *next;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, permit_all);
    turn_begin(&b);
    grant = granted(&b, &asked);
    turn_commit(&b);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    asked.replaces = grant->id;
    turn_begin(&b);
    next = granted(&b, &asked);
    change = assert_change(&b, 0, ROW_REPLACED, CONSENT_REPLACED,
                           CONSENT_EV_REPLACED);
    assert_memory_equal(change->grant->id, grant->id, VLT_ID_LEN);
    change =
        assert_change(&b, 1, ROW_PERMITTED, CONSENT_ACTIVE, CONSENT_EV_RENEWED);
    assert_true(change->grant->renews);
    assert_memory_equal(change->grant->prev, grant->id, VLT_ID_LEN);
    assert_int_equal(b.changes.count, 2);
    turn_commit(&b);
    assert_int_equal(grant_state(&b, grant), CONSENT_REPLACED);
    assert_int_equal(commit_use(&b, grant), CONSENT_NO_ENDED);
    /* It sheds no rate. */
    assert_int_equal(commit_use(&b, next), CONSENT_NO_RATE);
    grant_release(next);
    grant_release(grant);
    bench_end(&b);
}

/* Two details of one thing are not had by saying that one replaces the other.
 */
static void
no_firm_has_two_details_by_replacing(void **state)
{
    struct asked mean = { .uses = NULL };
    struct asked max = {
        .items = "{\"n\":1,\"data\":\"energy.electricity\",\"stats\":"
                 "[\"max\"],\"bucket_s\":900,\"window_s\":7776000,"
                 "\"delay_s\":86400}",
    };
    const struct grant *grant;
    const struct grant *next;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, permit_all);
    turn_begin(&b);
    grant = granted(&b, &mean);
    turn_commit(&b);
    max.replaces = grant->id;
    b.now = grant->exp - 14 * DAY;
    turn_begin(&b);
    next = granted(&b, &max);
    turn_commit(&b);
    assert_int_equal(grant_state(&b, grant), CONSENT_REPLACED);
    assert_int_equal(grant_state(&b, next), CONSENT_ACTIVE);
    grant_release(next);
    grant_release(grant);
    bench_end(&b);
}

static void
while_it_waits_the_grant_stays_as_it_is(void **state)
{
    struct consent_pick all = { .all = true };
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    asked.replaces = grant->id;
    turn_begin(&b);
    submit(&b, &asked, id);
    turn_commit(&b);
    assert_int_equal(grant_state(&b, grant), CONSENT_ACTIVE);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, all, NULL), VLT_OK);
    assert_change(&b, 0, ROW_REPLACED, CONSENT_REPLACED, CONSENT_EV_REPLACED);
    assert_change(&b, 1, ROW_APPROVED, CONSENT_ACTIVE, CONSENT_EV_RENEWED);
    turn_commit(&b);
    bench_reopen(&b);
    assert_int_equal(grant_state(&b, grant), CONSENT_REPLACED);
    grant_release(grant);
    bench_end(&b);
}

/* The record of a grant, whole. */
static void
record_of(struct bench *b, const struct grant *grant, struct vlt_buf *out)
{
    struct store_read *read = read_begin(&b->vault);

    vlt_buf_init(out, 0);
    assert_int_equal(
        store_meta_get(store_read_view(read), STORE_META_GRANT, grant->id, out),
        VLT_OK);
    store_read_end(read);
}

static void
assert_untouched(struct bench *b, const struct grant *grant,
                 const struct vlt_buf *before)
{
    struct vlt_buf now;

    record_of(b, grant, &now);
    assert_int_equal(now.len, before->len);
    assert_memory_equal(now.at, before->at, now.len);
    vlt_buf_free(&now);
}

/* Asked for, taken back, denied, and over: not a bit of it. */
static void
what_does_not_come_to_be_changes_nothing(void **state)
{
    struct asked asked = { .rate = "{\"n\":2,\"per_s\":86400}" };
    const struct grant *grant;
    struct vlt_buf before;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    record_of(&b, grant, &before);
    asked.replaces = grant->id;
    for (int round = 0; round < 3; round++) {
        turn_begin(&b);
        submit(&b, &asked, id);
        turn_commit(&b);
        assert_untouched(&b, grant, &before);
        turn_begin(&b);
        if (round == 0) {
            assert_int_equal(consent_withdraw(b.consent, b.txn, id, b.firm.id,
                                              b.now, &b.changes),
                             VLT_OK);
        } else if (round == 1) {
            b.now += 8 * VLT_DAY; /* nobody answers */
            assert_int_equal(consent_clock(b.consent, b.txn, b.now, &b.changes),
                             VLT_OK);
        } else {
            assert_int_equal(consent_deny(b.consent, b.txn, id,
                                          vlt_slice_text(""), b.now,
                                          &b.changes),
                             VLT_OK);
        }
        turn_commit(&b);
        if (round != 1) { /* the owner heard of its use by then */
            assert_untouched(&b, grant, &before);
        }
        vlt_buf_free(&before);
        record_of(&b, grant, &before);
    }
    assert_int_equal(grant_state(&b, grant), CONSENT_ACTIVE);
    vlt_buf_free(&before);
    grant_release(grant);
    bench_end(&b);
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
assert_gap(struct bench *b, const struct grant *grant)
{
    const struct grant *kept = consent_grant_find(b->consent, grant->id);

    assert_int_equal(kept->state, CONSENT_ACTIVE);
    assert_int_equal(kept->gap_count, 1);
    assert_int_equal(kept->gap[0].from, NOW);
    assert_int_equal(kept->gap[0].to, NOW + VLT_HOUR);
    grant_release(kept);
}

/* The owner who approves says yes anew; the time of the suspension is withheld
 * from the successor, too. */
static void
a_successor_by_hand_is_in_force(void **state)
{
    struct consent_pick all = { .all = true };
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    const struct grant *next;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    suspend(&b, grant);
    b.now += VLT_HOUR;
    asked.replaces = grant->id;
    turn_begin(&b);
    submit(&b, &asked, id);
    assert_int_equal(try_approve(&b, id, all, NULL), VLT_OK);
    next = grant_hold(b.changes.at[b.changes.count - 1].grant);
    turn_commit(&b);
    assert_gap(&b, next);
    grant_release(next);
    grant_release(grant);
    bench_end(&b);
}

/* A firm sheds no suspension by asking for what a rule permits. */
static void
what_was_withheld_of_it_is_withheld_of_its_successor(void **state)
{
    struct consent_pick all = { .all = true };
    struct asked asked = { .uses = NULL };
    struct consent_at at;
    const struct grant *grant;
    const struct grant *next;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    suspend(&b, grant);
    b.now += VLT_HOUR;
    at = (struct consent_at){ .now = b.now };
    memcpy(at.grant, grant->id, VLT_ID_LEN);
    turn_begin(&b);
    assert_int_equal(consent_resume(b.consent, b.txn, &at, false, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    b.now += VLT_HOUR;
    asked.replaces = grant->id;
    turn_begin(&b);
    submit(&b, &asked, id);
    assert_int_equal(try_approve(&b, id, all, NULL), VLT_OK);
    next = grant_hold(b.changes.at[b.changes.count - 1].grant);
    turn_commit(&b);
    assert_gap(&b, next);
    grant_release(next);
    grant_release(grant);
    bench_end(&b);
}

static void
a_successor_by_rule_is_suspended_as_the_grant_was(void **state)
{
    struct asked asked = { .uses = NULL };
    struct consent_at at = { .now = NOW + VLT_HOUR };
    const struct grant *grant;
    const struct grant *next;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, permit_all);
    turn_begin(&b);
    grant = granted(&b, &asked);
    turn_commit(&b);
    suspend(&b, grant);
    b.now += VLT_HOUR;
    asked.replaces = grant->id;
    turn_begin(&b);
    next = granted(&b, &asked);
    assert_change(&b, 0, ROW_REPLACED, CONSENT_REPLACED, CONSENT_EV_REPLACED);
    assert_change(&b, 1, ROW_PERMITTED, CONSENT_ACTIVE, CONSENT_EV_RENEWED);
    assert_int_equal(assert_change(&b, 2, ROW_SUSPENDED, CONSENT_SUSPENDED,
                                   CONSENT_EV_SUSPENDED)
                         ->by,
                     CONSENT_BY_OWNER);
    turn_commit(&b);
    assert_int_equal(commit_use(&b, next), CONSENT_NO_DENIED);
    memcpy(at.grant, next->id, VLT_ID_LEN);
    turn_begin(&b);
    assert_int_equal(consent_resume(b.consent, b.txn, &at, false, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    assert_gap(&b, next);
    grant_release(next);
    grant_release(grant);
    bench_end(&b);
}

/* Of as many grants as there may be one can still take another's place. */
static void
a_successor_takes_no_room(void **state)
{
    struct consent_pick all = { .all = true };
    struct asked asked = { .uses = NULL };
    const struct grant *grant = NULL;
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    struct bench b;

    bench_begin(&b);
    for (int i = 0; i < CONSENT_GRANTS_FIRM; i++) {
        grant_release(grant);
        grant = grant_by_hand(&b, &asked);
        b.now += 2 * VLT_HOUR;
    }
    turn_begin(&b);
    assert_int_equal(try_submit(&b, &asked, id, &retry_ms), VLT_E_QUOTA);
    asked.replaces = grant->id;
    submit(&b, &asked, id);
    assert_int_equal(try_approve(&b, id, all, NULL), VLT_OK);
    turn_commit(&b);
    assert_int_equal(grant_state(&b, grant), CONSENT_REPLACED);
    grant_release(grant);
    bench_end(&b);
}

/* What may not be named, or not so, or not yet. */
static void
what_cannot_be_replaced_is_refused(void **state)
{
    struct asked asked = { .uses = NULL };
    struct asked more = { .items = ITEM(1, "energy.electricity",
                                        "") "," ITEM(2, "energy.gas", "") };
    struct asked two = { .purposes = "service.billing,service.support" };
    struct asked other = { .purposes = "service.support" };
    const uint8_t nobodys[VLT_ID_LEN] = { 1 };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    two.replaces = other.replaces = more.replaces = grant->id;
    turn_begin(&b);
    assert_int_equal(try_submit(&b, &two, id, &retry_ms), VLT_E_FORMAT);
    assert_int_equal(try_submit(&b, &other, id, &retry_ms), VLT_E_FORMAT);
    assert_int_equal(try_submit(&b, &more, id, &retry_ms), VLT_E_FORMAT);
    assert_memory_equal(b.said, "R5 ", 3);
    asked.replaces = nobodys;
    assert_int_equal(try_submit(&b, &asked, id, &retry_ms), VLT_E_FORMAT);
    turn_commit(&b);
    asked.replaces = grant->id;
    turn_begin(&b);
    assert_int_equal(consent_end(b.consent, b.txn, grant->id, CONSENT_WITHDRAWN,
                                 b.now, &b.changes),
                     VLT_OK);
    assert_int_equal(try_submit(&b, &asked, id, &retry_ms), VLT_E_FORMAT);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

static void
no_firm_replaces_the_grant_of_another(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    asked.replaces = grant->id;
    b.firm = b.other;
    turn_begin(&b);
    assert_int_equal(try_submit(&b, &asked, id, &retry_ms), VLT_E_FORMAT);
    turn_commit(&b);
    assert_int_equal(grant_state(&b, grant), CONSENT_ACTIVE);
    grant_release(grant);
    bench_end(&b);
}

/* What was asked to take its place stands by itself once it is over. */
static void
what_ended_meanwhile_is_not_replaced(void **state)
{
    struct consent_pick all = { .all = true };
    struct asked asked = { .life_s = 86400 };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    asked.replaces = grant->id;
    turn_begin(&b);
    submit(&b, &asked, id);
    turn_commit(&b);
    b.now = grant->exp;
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, all, NULL), VLT_OK);
    assert_int_equal(b.changes.count, 1);
    assert_change(&b, 0, ROW_APPROVED, CONSENT_ACTIVE, CONSENT_GIVEN);
    assert_false(b.changes.at[0].grant->renews);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_successor_ends_the_grant_that_it_names),
        cmocka_unit_test(no_firm_has_two_details_by_replacing),
        cmocka_unit_test(while_it_waits_the_grant_stays_as_it_is),
        cmocka_unit_test(what_does_not_come_to_be_changes_nothing),
        cmocka_unit_test(a_successor_by_hand_is_in_force),
        cmocka_unit_test(what_was_withheld_of_it_is_withheld_of_its_successor),
        cmocka_unit_test(a_successor_by_rule_is_suspended_as_the_grant_was),
        cmocka_unit_test(a_successor_takes_no_room),
        cmocka_unit_test(what_cannot_be_replaced_is_refused),
        cmocka_unit_test(no_firm_replaces_the_grant_of_another),
        cmocka_unit_test(what_ended_meanwhile_is_not_replaced),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
