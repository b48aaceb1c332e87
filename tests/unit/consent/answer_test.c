#include "bench.h"

#define TWO_ITEMS                                                              \
    ITEM(1, "energy.electricity", "") "," ITEM(2, "energy.gas", "")

static const struct consent_pick only = { .all = false };
static const struct consent_pick all = { .all = true };

static void
ask(struct bench *b, const struct asked *asked, uint8_t id[VLT_ID_LEN])
{
    turn_begin(b);
    submit(b, asked, id);
    turn_commit(b);
}

static void
the_one_atom_of_a_request_needs_no_name(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    assert_false(grant->by_rule);
    assert_int_equal(grant->state_by, CONSENT_BY_OWNER);
    assert_int_equal(grant->rule_count, 0);
    assert_true(grant->duties.show_names); /* the owner saw them */
    assert_int_equal(grant->bound_count, 2);
    grant_release(grant);
    bench_end(&b);
}

static void
with_a_choice_something_must_be_picked(void **state)
{
    struct asked asked = { .items = TWO_ITEMS };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, only, NULL), VLT_E_LIMIT);
    assert_int_equal(b.changes.count, 0);
    turn_commit(&b);
    assert_int_equal(part_state(&b, id, 0), CONSENT_PENDING_STATE);
    bench_end(&b);
}

static void
an_item_alone_may_be_approved(void **state)
{
    struct asked asked = { .items = TWO_ITEMS };
    struct consent_pick gas = { .items = { 1U << 1 } };
    const struct consent_change *change;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, gas, NULL), VLT_OK);
    change = assert_change(&b, 0, 6, CONSENT_ACTIVE, CONSENT_GIVEN);
    assert_int_equal(change->left_out, 1);
    assert_int_equal(change->grant->terms.item_count, 1);
    assert_int_equal(change->grant->bound_count, 1);
    assert_string_equal(change->grant->bound[0].alias, "energy.gas/1");
    turn_commit(&b);
    bench_end(&b);
}

static void
what_is_not_there_cannot_be_picked(void **state)
{
    struct asked asked = { .items = TWO_ITEMS };
    struct consent_pick no_item = { .items = { 1U << 4 } };
    struct consent_pick no_part = { .items = { 0, 1 } };
    struct consent_pick contact = { .items = { 1U << 31 } };
    uint8_t nobody[VLT_ID_LEN] = { 99 };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, no_item, NULL), VLT_E_FORMAT);
    assert_int_equal(try_approve(&b, id, contact, NULL), VLT_E_FORMAT);
    assert_int_equal(try_approve(&b, id, no_part, NULL), VLT_E_CONFLICT);
    assert_int_equal(try_approve(&b, nobody, all, NULL), VLT_E_NOT_FOUND);
    assert_int_equal(b.changes.count, 0);
    turn_commit(&b);
    bench_end(&b);
}

static void
a_needed_item_cannot_be_left_out(void **state)
{
    struct asked asked = {
        .items = ITEM(1, "energy.electricity", "") "," ITEM(
            2, "energy.gas", ",\"needed\":true,\"needed_why\":\"the bill\"")
    };
    struct consent_pick first = { .items = { 1 } };
    struct consent_pick both = { .items = { 3 } };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, first, NULL), VLT_E_CONFLICT);
    assert_int_equal(try_approve(&b, id, both, NULL), VLT_OK);
    turn_commit(&b);
    bench_end(&b);
}

static void
all_covers_nothing_that_must_be_named(void **state)
{
    struct asked asked = { .items = ITEM(1, "energy.electricity",
                                         "") "," ITEM(2, "home.presence", ""),
                           .life_s = 86400 };
    struct consent_pick both = { .items = { 3 } };
    const struct consent_change *change;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, all, NULL), VLT_E_LIMIT);
    assert_non_null(strstr(b.said, "home.presence"));
    assert_int_equal(try_approve(&b, id, both, NULL), VLT_OK);
    change = assert_change(&b, 0, 6, CONSENT_ACTIVE, CONSENT_GIVEN);
    assert_true(change->grant->explicit_only);
    turn_commit(&b);
    bench_end(&b);
}

/* Contact gives no data, yet its purpose may be explicit-only. */
static void
all_covers_no_contact_that_must_be_named(void **state)
{
    struct asked asked = { .purposes = "service.support,marketing",
                           .action = "\"contact\"",
                           .life_s = 86400 };
    struct consent_pick both = { .items = { 1U << 31, 1U << 31 } };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, all, NULL), VLT_E_LIMIT);
    assert_non_null(strstr(b.said, "marketing"));
    assert_int_equal(b.changes.count, 0);
    assert_int_equal(try_approve(&b, id, both, NULL), VLT_OK);
    assert_int_equal(b.changes.count, 2);
    assert_int_equal(b.changes.at[1].grant->bound_count, 0);
    turn_commit(&b);
    bench_end(&b);
}

static void
a_deny_rule_forbids_approving(void **state)
{
    struct asked asked = { .items = TWO_ITEMS };
    struct consent_pick both = { .items = { 3 } };
    struct consent_pick first = { .items = { 1 } };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    turn_begin(&b);
    apply_rules(&b, deny_gas); /* of two items one is denied: it waits on */
    assert_int_equal(b.changes.count, 0);
    assert_int_equal(try_approve(&b, id, both, NULL), VLT_E_CONFLICT);
    assert_non_null(strstr(b.said, "no-gas"));
    assert_non_null(strstr(b.said, "main.yaml:3"));
    assert_int_equal(try_approve(&b, id, all, NULL), VLT_E_CONFLICT);
    assert_int_equal(try_approve(&b, id, first, NULL), VLT_OK);
    turn_commit(&b);
    bench_end(&b);
}

/* ---- narrower ---- */

static struct consent_narrow
narrow_of(enum terms_axis axis, int64_t value)
{
    struct consent_narrow narrow = {
        .axes = 1U << axis, .until = INT64_MAX, .ask_each = -1, .notify = -1
    };

    narrow.limits.at[axis] = value;
    narrow.limits.per_s = 86400;
    return narrow;
}

static void
limits_may_be_lower_and_never_higher(void **state)
{
    static const struct {
        enum terms_axis axis;
        int64_t value;
        enum vlt_status st;
    } cases[] = {
        { TERMS_WINDOW, 86400, VLT_OK },
        { TERMS_WINDOW, 7776001, VLT_E_CONFLICT },
        { TERMS_WINDOW, TERMS_WINDOW_NEW, VLT_OK },
        { TERMS_WINDOW, -2, VLT_E_FORMAT },
        { TERMS_DELAY, 86401, VLT_OK },
        { TERMS_DELAY, 86399, VLT_E_CONFLICT },
        { TERMS_RATE, 3, VLT_OK },
        { TERMS_RATE, 5, VLT_E_CONFLICT },
        { TERMS_RATE, 0, VLT_E_FORMAT },
        { TERMS_RATE, 1001, VLT_E_FORMAT },
        { TERMS_USES, 1, VLT_OK },
        { TERMS_USES, 0, VLT_E_FORMAT },
        { TERMS_USES, -1, VLT_E_FORMAT },
        { TERMS_LIFE, 60, VLT_OK },
        { TERMS_LIFE, 59, VLT_E_FORMAT },
        { TERMS_LIFE, 7776001, VLT_E_CONFLICT },
        { TERMS_DETAIL, 3600, VLT_E_FORMAT },
        { TERMS_KEEP, 1, VLT_E_FORMAT },
    };
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct consent_narrow narrow = narrow_of(cases[i].axis, cases[i].value);

        turn_begin(&b);
        assert_int_equal(try_approve(&b, id, only, &narrow), cases[i].st);
        assert_int_equal(b.changes.count, cases[i].st == VLT_OK);
        turn_abort(&b);
    }
    bench_end(&b);
}

static void
a_narrower_grant_is_as_narrow_as_was_said(void **state)
{
    struct asked asked = { .uses = "100" };
    struct consent_narrow narrow = narrow_of(TERMS_USES, 5);
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    narrow.axes |= 1U << TERMS_WINDOW;
    narrow.limits.at[TERMS_WINDOW] = 3600;
    narrow.until = NOW + VLT_HOUR + 5;
    narrow.names = "hide";
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, only, &narrow), VLT_OK);
    grant = b.changes.at[0].grant;
    grant_hold(grant);
    turn_commit(&b);
    for (int round = 0; round < 2; round++) {
        const struct grant *found = consent_grant_find(b.consent, grant->id);

        assert_int_equal(found->uses_left, 5);
        assert_int_equal(found->terms.common.uses, 5);
        assert_int_equal(found->terms.common.life_s, 3600);
        assert_int_equal(found->exp, NOW + VLT_HOUR);
        assert_int_equal(found->terms.items[0].window_s, 3600);
        assert_false(found->duties.show_names);
        grant_release(found);
        bench_reopen(&b);
    }
    grant_release(grant);
    bench_end(&b);
}

static void
what_is_not_kept_to_is_not_taken(void **state)
{
    struct asked asked = { .uses = NULL };
    struct consent_narrow narrow;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    turn_begin(&b);
    narrow = narrow_of(TERMS_RATE, 1);
    narrow.limits.per_s = 7;
    assert_int_equal(try_approve(&b, id, only, &narrow), VLT_E_FORMAT);
    turn_commit(&b);
    bench_end(&b);
}

/* ---- wrong states ---- */

static void
only_what_waits_is_answered(void **state)
{
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    struct vlt_slice none = { .len = 0 };
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, all, NULL), VLT_OK);
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, only, NULL), VLT_E_CONFLICT);
    assert_int_equal(try_approve(&b, id, all, NULL), VLT_E_CONFLICT);
    assert_int_equal(
        consent_deny(b.consent, b.txn, id, none, b.now, &b.changes),
        VLT_E_CONFLICT);
    assert_int_equal(
        consent_withdraw(b.consent, b.txn, id, b.firm.id, b.now, &b.changes),
        VLT_E_CONFLICT);
    assert_int_equal(b.changes.count, 0);
    turn_commit(&b);
    assert_int_equal(part_state(&b, id, 0), CONSENT_ACTIVE);
    bench_end(&b);
}

/* A clock row takes effect by time alone, written down or not. */
static void
nothing_is_answered_after_its_time(void **state)
{
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    struct vlt_slice none = { .len = 0 };
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    b.now += 7 * VLT_DAY - 1;
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, only, NULL), VLT_OK);
    turn_abort(&b);
    b.now++;
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, only, NULL), VLT_E_CONFLICT);
    assert_int_equal(
        consent_deny(b.consent, b.txn, id, none, b.now, &b.changes),
        VLT_E_CONFLICT);
    assert_int_equal(
        consent_withdraw(b.consent, b.txn, id, b.firm.id, b.now, &b.changes),
        VLT_E_CONFLICT);
    turn_commit(&b);
    bench_end(&b);
}

static void
a_reason_is_kept_with_what_was_denied(void **state)
{
    static char longer[CONSENT_REASON + 1];
    struct asked asked = { .purposes = "service.billing,service.support" };
    struct consent_pick second = { .items = { 0, 1 } };
    struct consent_request request;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    memset(longer, 'a', sizeof longer);
    bench_begin(&b);
    ask(&b, &asked, id);
    turn_begin(&b);
    assert_int_equal(consent_deny(b.consent, b.txn, id,
                                  vlt_slice_of(longer, sizeof longer), b.now,
                                  &b.changes),
                     VLT_E_LIMIT);
    assert_int_equal(try_approve(&b, id, second, NULL), VLT_OK);
    assert_int_equal(consent_deny(b.consent, b.txn, id,
                                  vlt_slice_of(longer, CONSENT_REASON), b.now,
                                  &b.changes),
                     VLT_OK);
    assert_int_equal(b.changes.count, 2);
    assert_change(&b, 1, 8, CONSENT_DENIED, CONSENT_REFUSED);
    assert_int_equal(b.changes.at[1].left_out, 1);
    turn_commit(&b);
    bench_reopen(&b);
    assert_int_equal(part_state(&b, id, 0), CONSENT_DENIED);
    assert_int_equal(part_state(&b, id, 1), CONSENT_ACTIVE);
    assert_int_equal(
        consent_request_find(b.consent, id, copy_request, &request), VLT_OK);
    assert_int_equal(request.part[0].reason.len, CONSENT_REASON);
    assert_int_equal(request.part[1].reason.len, 0);
    assert_int_equal(consent_request_state(&request), CONSENT_ACTIVE);
    bench_end(&b);
}

static void
a_firm_takes_back_its_own_request_only(void **state)
{
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    turn_begin(&b);
    assert_int_equal(
        consent_withdraw(b.consent, b.txn, id, b.other.id, b.now, &b.changes),
        VLT_E_NOT_FOUND);
    assert_int_equal(
        consent_withdraw(b.consent, b.txn, id, b.firm.id, b.now, &b.changes),
        VLT_OK);
    assert_change(&b, 0, 10, CONSENT_DROPPED, CONSENT_NO_RECEIPT);
    assert_int_equal(b.changes.at[0].by, CONSENT_BY_FIRM);
    turn_commit(&b);
    assert_int_equal(part_state(&b, id, 0), CONSENT_DROPPED);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, only, NULL), VLT_E_CONFLICT);
    turn_commit(&b);
    bench_end(&b);
}

static void
an_answer_that_is_undone_leaves_it_waiting(void **state)
{
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, only, NULL), VLT_OK);
    turn_abort(&b);
    assert_int_equal(part_state(&b, id, 0), CONSENT_PENDING_STATE);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, only, NULL), VLT_OK);
    turn_commit(&b);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_atom_of_a_request_needs_no_name),
        cmocka_unit_test(with_a_choice_something_must_be_picked),
        cmocka_unit_test(an_item_alone_may_be_approved),
        cmocka_unit_test(what_is_not_there_cannot_be_picked),
        cmocka_unit_test(a_needed_item_cannot_be_left_out),
        cmocka_unit_test(all_covers_nothing_that_must_be_named),
        cmocka_unit_test(all_covers_no_contact_that_must_be_named),
        cmocka_unit_test(a_deny_rule_forbids_approving),
        cmocka_unit_test(limits_may_be_lower_and_never_higher),
        cmocka_unit_test(a_narrower_grant_is_as_narrow_as_was_said),
        cmocka_unit_test(what_is_not_kept_to_is_not_taken),
        cmocka_unit_test(only_what_waits_is_answered),
        cmocka_unit_test(nothing_is_answered_after_its_time),
        cmocka_unit_test(a_reason_is_kept_with_what_was_denied),
        cmocka_unit_test(a_firm_takes_back_its_own_request_only),
        cmocka_unit_test(an_answer_that_is_undone_leaves_it_waiting),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
