/* As no_memory_test.c: what a firm brings, and what the vault keeps of it. */
#include "trial.h"

#include "consent/deletion.h"
#include "offers.h"

/* ---- counter-offers ---- */

static enum vlt_status
answer_with(struct trial *trial, bool accepts)
{
    struct bench *b = trial->b;
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_answering answering = {
        .purpose = vocab_purpose_find("service.billing", 15),
        .accepts = accepts,
        .firm = &b->firm,
        .world = &world,
        .now = b->now,
    };

    memcpy(answering.request, trial->id, VLT_ID_LEN);
    return consent_answer(b->consent, b->txn, &answering, &b->changes);
}

static enum vlt_status
accept_once(struct trial *trial)
{
    return answer_with(trial, true);
}

static enum vlt_status
leave_once(struct trial *trial)
{
    return answer_with(trial, false);
}

/* The same offer anew, as the service brings it. */
static enum vlt_status
keep_offer(struct trial *trial)
{
    return consent_offer_put(trial->b->consent, trial->b->txn, trial->id, 0,
                             trial->jws);
}

static void
an_offer_without_memory_is_neither_kept_nor_answered(void **state)
{
    struct consent_request request;
    struct trial trial = { .b = NULL };
    struct trial left = { .b = NULL };
    char *jws;
    struct bench b;

    bench_begin(&b);
    trial.b = left.b = &b;
    set_rules(&b, offers);
    ask(&b, left.id);
    ask(&b, trial.id);
    assert_int_equal(
        consent_request_find(b.consent, trial.id, copy_request, &request),
        VLT_OK);
    jws = strndup((const char *)request.part[0].offer.at,
                  request.part[0].offer.len);
    trial.jws = vlt_slice_text(jws);
    try_both(&trial, keep_offer);
    assert_int_equal(part_state(&b, trial.id, 0), CONSENT_COUNTERED);
    try_both(&trial, accept_once);
    assert_int_equal(part_state(&b, trial.id, 0), CONSENT_ACTIVE);
    try_both(&left, leave_once);
    assert_int_equal(part_state(&b, left.id, 0), CONSENT_DROPPED);
    free(jws);
    bench_end(&b);
}

/* What it asks for again is held against the offer that it left. */
static void
a_firm_that_left_an_offer_asks_again_once_there_is_memory(void **state)
{
    struct trial trial;
    uint8_t id[2][VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    for (int i = 0; i < 2; i++) {
        ask(&b, id[i]);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(answer(&b, id[i], false, NULL), ROW_LEFT);
    }
    b.now += VLT_HOUR;
    ask_at_last(&b, &trial, &bill);
    assert_int_equal(part_state(&b, trial.id, 0), CONSENT_DENIED);
    bench_end(&b);
}

/* What is offered by a rule waits for the owner where another asks by then. */
static void
what_is_held_up_without_memory_was_not_given(void **state)
{
    struct asked support = { .purposes = "service.support" };
    struct trial trial = { .b = NULL };
    struct bench b;

    bench_begin(&b);
    trial.b = &b;
    set_rules(&b, offers);
    ask(&b, trial.id);
    grant_release(grant_by_hand(&b, &support));
    try_both(&trial, accept_once);
    assert_int_equal(part_state(&b, trial.id, 0), CONSENT_SUSPENDED);
    bench_end(&b);
}

/* What a rule offered no rule offers by then, and the default denies it. */
static void
an_offer_is_denied_with_what_denies_it_or_not_at_all(void **state)
{
    static const char said[] = "your default, deny (main.yaml:2:1)";
    struct consent_request request;
    struct trial trial = { .b = NULL };
    struct bench b;

    bench_begin(&b);
    trial.b = &b;
    set_rules(&b, offers);
    ask(&b, trial.id);
    set_rules(&b, "version: 1\ndefault: deny\n");
    assert_int_equal(part_state(&b, trial.id, 0), CONSENT_COUNTERED);
    try_both(&trial, accept_once);
    assert_int_equal(part_state(&b, trial.id, 0), CONSENT_DENIED);
    assert_int_equal(
        consent_request_find(b.consent, trial.id, copy_request, &request),
        VLT_OK);
    assert_true(vlt_slice_is(request.part[0].decided, said));
    bench_end(&b);
}

/* ---- successors ---- */

/* Of a grant that was suspended twice, and is suspended. */
static const struct grant *
suspended_with_gaps(struct bench *b)
{
    const struct grant *grant = grant_by_rule(b, &bill);
    struct consent_at at = { .now = b->now };

    memcpy(at.grant, grant->id, VLT_ID_LEN);
    assert_int_equal(commit_use(b, grant), CONSENT_YES);
    turn_begin(b);
    assert_int_equal(consent_suspend(b->consent, b->txn, &at, &b->changes),
                     VLT_OK);
    at.now = b->now += VLT_HOUR;
    assert_int_equal(
        consent_resume(b->consent, b->txn, &at, false, &b->changes), VLT_OK);
    at.now = b->now += VLT_HOUR;
    assert_int_equal(consent_suspend(b->consent, b->txn, &at, &b->changes),
                     VLT_OK);
    turn_commit(b);
    b->now += VLT_HOUR;
    return grant;
}

static void
a_successor_without_memory_takes_no_place(void **state)
{
    struct asked again = { .uses = NULL };
    const struct grant *grant;
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant = suspended_with_gaps(&b);
    again.replaces = grant->id;
    ask_at_last(&b, &trial, &again); /* by the rule */
    assert_int_equal(grant_state(&b, grant), CONSENT_REPLACED);
    turn_to_newest(&trial);
    assert_int_equal(state_of(&trial), CONSENT_SUSPENDED);
    grant_release(grant);
    bench_end(&b);
}

static void
a_successor_by_hand_without_memory_takes_no_place(void **state)
{
    struct asked again = { .uses = NULL };
    const struct grant *grant;
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant = suspended_with_gaps(&b);
    set_rules(&b, "version: 1\n"
                  "rules:\n"
                  "  - {name: ask, effect: ask, data: energy}\n");
    again.replaces = grant->id;
    ask_at_last(&b, &trial, &again);
    try_both(&trial, approve_all);
    assert_int_equal(grant_state(&b, grant), CONSENT_REPLACED);
    grant_release(grant);
    bench_end(&b);
}

static enum vlt_status
renew_once(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_renewal renewal = { .at = place_of(trial),
                                       .firm = &b->firm };
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, 0);
    st = consent_renew(b->consent, b->txn, &renewal, &why, &b->changes);
    vlt_buf_free(&why);
    return st;
}

/* A rule that asks suspended it, and so its successor. */
static void
a_successor_knows_the_rule_that_asks_or_takes_no_place(void **state)
{
    static const char said[] = "by your rule ask (main.yaml:3:5), which asks";
    const struct grant *grant;
    const struct grant *next;
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_rule(&b, &bill);
    trial = trial_of(&b, grant);
    try_both(&trial, hold_once);
    b.now = grant->exp - VLT_DAY;
    try_both(&trial, renew_once);
    assert_int_equal(grant_state(&b, grant), CONSENT_REPLACED);
    turn_to_newest(&trial);
    next = consent_grant_find(b.consent, trial.id);
    assert_memory_equal(next->prev, grant->id, VLT_ID_LEN);
    assert_int_equal(next->state, CONSENT_SUSPENDED);
    assert_true(vlt_slice_is(next->ruled, said));
    grant_release(next);
    grant_release(grant);
    bench_end(&b);
}

/* ---- statements, receipts ---- */

static enum vlt_status
state_once(struct trial *trial)
{
    struct bench *b = trial->b;
    const struct grant_exception kept = {
        .from = 1, .to = 1, .until = b->now + VLT_DAY, .law = "Tax Act"
    };
    struct consent_statement statement = { .at = place_of(trial),
                                           .from = 1,
                                           .to = 2,
                                           .deleted_at = b->now,
                                           .exceptions = 1,
                                           .exception = &kept };
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, 0);
    st = consent_deleted(b->consent, b->txn, &statement, &why);
    vlt_buf_free(&why);
    return st;
}

static enum vlt_status
keep_receipt(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_receipt receipt = { .grant = trial->id,
                                       .seq = 1,
                                       .jws = vlt_slice_text("a.b.c"),
                                       .time = b->now };

    return consent_receipt_put(b->consent, b->txn, &receipt);
}

static enum vlt_status
keep_refusal(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_receipt receipt = { .request = trial->id,
                                       .seq = 1,
                                       .jws = vlt_slice_text("a.b.c"),
                                       .time = b->now };

    return consent_receipt_put(b->consent, b->txn, &receipt);
}

static enum vlt_status
countersign_once(struct trial *trial)
{
    struct bench *b = trial->b;

    return consent_countersign(b->consent, b->txn, trial->id, 1,
                               vlt_slice_text("d.e.f"), b->now);
}

static enum vlt_status
acknowledge_once(struct trial *trial)
{
    struct bench *b = trial->b;

    return consent_acknowledged(b->consent, b->txn, trial->id, b->now);
}

static enum vlt_status
count_event(struct trial *trial)
{
    struct bench *b = trial->b;
    uint64_t seq;

    return consent_event_seq(b->consent, b->txn, trial->id, &seq);
}

static void
what_a_firm_signs_without_memory_is_not_kept(void **state)
{
    const struct grant *grant;
    const struct grant *now;
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    }
    trial = trial_of(&b, grant);
    try_both(&trial, keep_receipt);
    try_both(&trial, countersign_once);
    try_both(&trial, acknowledge_once);
    try_both(&trial, count_event);
    try_both(&trial, state_once);
    try_both(&trial, acknowledge_once); /* with that kept */
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->countersigned, b.now);
    assert_int_equal(now->acks, 2);
    assert_int_equal(now->event_seq, 1);
    assert_int_equal(now->stated, 2);
    assert_int_equal(now->exception_count, 1);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

static void
the_receipt_of_a_refusal_without_memory_is_not_kept(void **state)
{
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, deny_all);
    ask_at_last(&b, &trial, &bill);
    try_both(&trial, keep_refusal);
    bench_end(&b);
}

/* What a rule offers is decided, or the request did not come. */
static void
a_request_that_is_offered_less_came_whole_or_not(void **state)
{
    struct asked two = { .purposes = "service.billing,service.support" };
    struct consent_request request;
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    ask_by(&b, &trial, &two, try_in_vain);
    assert_int_equal(
        consent_request_find(b.consent, trial.id, copy_request, &request),
        VLT_E_NOT_FOUND);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offer_without_memory_is_neither_kept_nor_answered),
        cmocka_unit_test(
            a_firm_that_left_an_offer_asks_again_once_there_is_memory),
        cmocka_unit_test(what_is_held_up_without_memory_was_not_given),
        cmocka_unit_test(an_offer_is_denied_with_what_denies_it_or_not_at_all),
        cmocka_unit_test(a_successor_without_memory_takes_no_place),
        cmocka_unit_test(a_successor_by_hand_without_memory_takes_no_place),
        cmocka_unit_test(
            a_successor_knows_the_rule_that_asks_or_takes_no_place),
        cmocka_unit_test(what_a_firm_signs_without_memory_is_not_kept),
        cmocka_unit_test(the_receipt_of_a_refusal_without_memory_is_not_kept),
        cmocka_unit_test(a_request_that_is_offered_less_came_whole_or_not),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
