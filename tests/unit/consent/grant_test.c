/* Looking at requests and grants, and why. */
#include "bench.h"

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
note_part(void *ctx, const struct policy_set *set, int purpose,
          const struct policy_decision *decision)
{
    assert_non_null(set);
    assert_true(purpose >= 0);
    ((enum policy_outcome *)ctx)[decision->atoms[0].rule_count > 0] =
        decision->outcome;
}

/* What it brought itself does not count against it. */
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
    assert_int_equal(
        consent_explain(b.consent, id, &b.firm, b.now, note_part, found),
        VLT_OK);
    assert_int_equal(found[0], POLICY_ASK); /* by no rule */
    set_rules(&b, permit_bill);
    assert_int_equal(
        consent_explain(b.consent, id, &b.firm, b.now, note_part, found),
        VLT_OK);
    assert_int_equal(found[1], POLICY_PERMIT);
    assert_int_equal(
        consent_explain(b.consent, nobody, &b.firm, b.now, note_part, found),
        VLT_E_NOT_FOUND);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_come_newest_first_until_it_is_enough),
        cmocka_unit_test(a_request_is_explained_as_if_it_came_now),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
