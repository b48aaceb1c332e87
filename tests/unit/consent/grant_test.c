/* Looking at requests and grants, and why. */
#include "bench.h"

#include "consent/draft.h"
#include "consent/lifecycle.h"

struct seen {
    size_t count, most;
    uint8_t id[4][VLT_ID_LEN];
};

static bool
note_request(void *ctx, const struct consent_request *request)
{
    struct seen *seen = ctx;

    memcpy(seen->id[seen->count++], request->id, VLT_ID_LEN);
    return seen->count < seen->most;
}

/* Newest first, and of those that came at once by their ids. */
static void
requests_come_newest_first_until_it_is_enough(void **state)
{
    struct asked bill = { .uses = NULL };
    struct seen seen = { .most = 4 };
    uint8_t id[4][VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    for (size_t i = 0; i < 4; i++) {
        submit(&b, &bill, id[i]);
        b.now += i == 0 || i == 2 ? VLT_HOUR : 0; /* two of them at once */
    }
    turn_commit(&b);
    consent_requests(b.consent, note_request, &seen);
    assert_int_equal(seen.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_memory_equal(seen.id[i], id[3 - i], VLT_ID_LEN);
    }
    seen = (struct seen){ .most = 2 };
    consent_requests(b.consent, note_request, &seen);
    assert_int_equal(seen.count, 2);
    bench_end(&b);
}

static void
note_part(void *ctx, const struct policy_set *set,
          const struct policy_asking *asking,
          const struct policy_decision *decision)
{
    assert_non_null(set);
    assert_true(asking->part->purpose >= 0);
    ((enum policy_outcome *)ctx)[decision->atoms[0].rule_count > 0] =
        decision->outcome;
}

static enum vlt_status
explain(struct bench *b, const uint8_t *id, bool own, void *found)
{
    struct consent_anew anew = {
        .request = id, .firm = &b->firm, .now = b->now, .own = own
    };

    return consent_explain(b->consent, &anew, note_part, found);
}

/* What it was given does not count against it; that it was denied does. */
static void
a_request_is_explained_as_if_it_came_now(void **state)
{
    const uint8_t nobody[VLT_ID_LEN] = { 99 };
    enum policy_outcome found[2] = { POLICY_DENY, POLICY_DENY };
    struct asked bill = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &bill, id);
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(consent_deny(b.consent, b.txn, id, vlt_slice_text(""),
                                  b.now, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    assert_int_equal(explain(&b, id, false, found), VLT_OK);
    assert_int_equal(found[0], POLICY_DENY); /* it is not to ask again */
    turn_begin(&b);
    assert_int_equal(consent_lift_quiet(b.consent, b.txn, b.firm.id), VLT_OK);
    turn_commit(&b);
    assert_int_equal(explain(&b, id, false, found), VLT_OK);
    assert_int_equal(found[0], POLICY_ASK); /* by no rule */
    set_rules(&b, permit_bill);
    assert_int_equal(explain(&b, id, false, found), VLT_OK);
    assert_int_equal(found[1], POLICY_PERMIT);
    assert_int_equal(explain(&b, nobody, false, found), VLT_E_NOT_FOUND);
    bench_end(&b);
}

static bool
count_until(void *ctx, const struct grant *grant)
{
    size_t *left = ctx;

    assert_non_null(grant);
    return --*left > 0;
}

/* As committed and as the turn has them: until it is enough. */
static void
grants_come_until_it_is_enough(void **state)
{
    struct asked bill = { .uses = NULL };
    size_t left;
    struct bench b;

    bench_begin(&b);
    for (int i = 0; i < 3; i++) {
        grant_release(grant_by_hand(&b, &bill));
    }
    left = 2;
    consent_grants(b.consent, count_until, &left);
    assert_int_equal(left, 0);
    left = 2;
    assert_int_equal(consent_grants_now(b.consent, count_until, &left), VLT_OK);
    assert_int_equal(left, 0);
    left = 9;
    assert_int_equal(consent_grants_now(b.consent, count_until, &left), VLT_OK);
    assert_int_equal(left, 6);
    bench_end(&b);
}

/* A grant of two details holds both by itself. */
static void
what_came_of_a_request_counts_against_it_where_that_is_wanted(void **state)
{
    static const char two[] =
        ITEM(1, "energy.electricity",
             "") ","
                 "{\"n\":2,\"data\":\"energy.electricity\",\"stats\":[\"max\"],"
                 "\"bucket_s\":900,\"window_s\":7776000,\"delay_s\":86400}";
    enum policy_outcome found[2] = { POLICY_DENY, POLICY_DENY };
    struct asked asked = { .items = two };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &asked, id);
    assert_int_equal(
        try_approve(&b, id, (struct consent_pick){ .items = { 3 } }, NULL),
        VLT_OK);
    turn_commit(&b);
    set_rules(&b, "version: 1\n"
                  "rules:\n"
                  "  - {name: p, effect: permit, data: energy, "
                  "detail: any/15min}\n");
    assert_int_equal(explain(&b, id, false, found), VLT_OK);
    assert_int_equal(found[1], POLICY_PERMIT);
    assert_int_equal(explain(&b, id, true, found), VLT_OK);
    assert_int_equal(found[1], POLICY_ASK); /* it has two details */
    bench_end(&b);
}

static bool
note_draft(void *ctx, const struct grant *grant, const struct consent_use *may)
{
    bool *renews = ctx;

    assert_int_equal(may->no, CONSENT_YES);
    *renews = grant->renews;
    return true;
}

/* Look at what approving a request would make. */
static enum vlt_status
draft(struct bench *b, const uint8_t id[VLT_ID_LEN], bool *renews)
{
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_approval approval = { .firm = &b->firm,
                                         .world = &world,
                                         .now = b->now };
    struct vlt_buf why = { 0 };
    enum vlt_status st;

    memcpy(approval.request, id, VLT_ID_LEN);
    st = consent_draft(b->consent, &approval, &why, note_draft, renews);
    vlt_buf_free(&why);
    return st;
}

/* Whoever looks beside the turn sees nothing of it until it is committed. */
static void
who_looks_sees_what_is_committed(void **state)
{
    enum policy_outcome found[2] = { POLICY_DENY, POLICY_DENY };
    struct asked bill = { .uses = NULL };
    struct asked again = { .uses = NULL };
    struct consent_request request;
    struct seen seen = { .most = 4 };
    const struct grant *grant;
    uint8_t successor[VLT_ID_LEN];
    uint8_t id[VLT_ID_LEN];
    bool renews = false;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    again.replaces = grant->id;
    turn_begin(&b);
    submit(&b, &again, successor);
    turn_commit(&b);
    turn_begin(&b);
    submit(&b, &bill, id);
    assert_int_equal(consent_end(b.consent, b.txn, grant->id, CONSENT_WITHDRAWN,
                                 b.now, &b.changes),
                     VLT_OK);
    assert_int_equal(draft(&b, id, &renews), VLT_E_NOT_FOUND);
    assert_int_equal(draft(&b, successor, &renews), VLT_OK);
    assert_true(renews); /* what it would replace is in force */
    assert_int_equal(explain(&b, id, false, found), VLT_E_NOT_FOUND);
    assert_int_equal(
        consent_request_find(b.consent, id, copy_request, &request),
        VLT_E_NOT_FOUND);
    assert_int_equal(consent_request_now(b.consent, id, copy_request, &request),
                     VLT_OK);
    consent_requests(b.consent, note_request, &seen);
    assert_int_equal(seen.count, 2);
    assert_int_equal(
        consent_request_find(b.consent, grant->request, copy_request, &request),
        VLT_OK);
    assert_int_equal(request.part[0].state, CONSENT_ACTIVE);
    assert_int_equal(
        consent_request_now(b.consent, grant->request, copy_request, &request),
        VLT_OK);
    assert_int_equal(request.part[0].state, CONSENT_WITHDRAWN);
    turn_commit(&b);
    assert_int_equal(draft(&b, successor, &renews), VLT_OK);
    assert_false(renews);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_come_newest_first_until_it_is_enough),
        cmocka_unit_test(a_request_is_explained_as_if_it_came_now),
        cmocka_unit_test(grants_come_until_it_is_enough),
        cmocka_unit_test(
            what_came_of_a_request_counts_against_it_where_that_is_wanted),
        cmocka_unit_test(who_looks_sees_what_is_committed),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
