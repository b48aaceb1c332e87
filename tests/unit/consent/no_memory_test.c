/* Memory may be missing anywhere on the way of each act: then nothing of it has
 * happened, and it happens whole once there is enough. */
#include "trial.h"

#include "consent/counter.h"
#include "consent/draft.h"

#define DAY (86400 * VLT_SECOND)

/* ---- requests ---- */

static bool
note_draft(void *ctx, const struct grant *grant, const struct consent_use *may)
{
    assert_int_equal(grant->bound_count, 2);
    assert_int_equal(may->no, CONSENT_YES);
    ++*(size_t *)ctx;
    return true;
}

/* Nothing comes of it, but all of it is shown. */
static enum vlt_status
draft(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_approval approval = { .firm = &b->firm,
                                         .world = &world,
                                         .now = b->now };
    struct vlt_buf why;
    size_t drafts = 0;

    memcpy(approval.request, trial->id, VLT_ID_LEN);
    vlt_buf_init(&why, 0);
    enum vlt_status st =
        consent_draft(b->consent, &approval, &why, note_draft, &drafts);

    assert_true(st != VLT_OK || drafts == 1);
    vlt_buf_free(&why);
    return st;
}

static enum vlt_status
deny(struct trial *trial)
{
    struct bench *b = trial->b;

    return consent_deny(b->consent, b->txn, trial->id,
                        vlt_slice_text("not now"), b->now, &b->changes);
}

static enum vlt_status
withdraw(struct trial *trial)
{
    struct bench *b = trial->b;

    return consent_withdraw(b->consent, b->txn, trial->id, b->firm.id, b->now,
                            &b->changes);
}

static enum vlt_status
counter(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_narrow how = { .axes = 1U << TERMS_WINDOW,
                                  .until = INT64_MAX,
                                  .ask_each = -1,
                                  .notify = -1 };
    struct consent_countering countering = {
        .purpose = vocab_purpose_find("service.billing", 15),
        .narrow = &how,
        .firm = &b->firm,
        .now = b->now,
    };
    struct vlt_buf why;

    how.limits.at[TERMS_WINDOW] = 86400;
    memcpy(countering.request, trial->id, VLT_ID_LEN);
    vlt_buf_init(&why, 0);
    enum vlt_status st =
        consent_counter(b->consent, b->txn, &countering, &why, &b->changes);

    vlt_buf_free(&why);
    return st;
}

static void
a_request_without_memory_was_not_made(void **state)
{
    struct asked asked = { .uses = NULL };
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    ask_at_last(&b, &trial, &asked);
    assert_int_equal(part_state(&b, trial.id, 0), CONSENT_PENDING_STATE);
    try_both(&trial, deny);
    assert_int_equal(part_state(&b, trial.id, 0), CONSENT_DENIED);
    b.now += 91 * DAY; /* what was denied is not to be asked for again before */
    ask_at_last(&b, &trial, &asked);
    try_both(&trial, withdraw);
    assert_int_equal(part_state(&b, trial.id, 0), CONSENT_DROPPED);
    ask_at_last(&b, &trial, &asked);
    try_both(&trial, draft);
    try_both(&trial, counter);
    bench_end(&b);
}

/* ---- grants ---- */

static enum vlt_status
take(struct trial *trial)
{
    struct consent_use use;
    enum vlt_status st = use_of(trial, &use);

    assert_true(st != VLT_OK || use.no == CONSENT_YES);
    if (st == VLT_OK) {
        grant_release(use.grant);
    }
    return st;
}

static enum vlt_status
suspend(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_at when = place_of(trial);

    return consent_suspend(b->consent, b->txn, &when, &b->changes);
}

static enum vlt_status
resume(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_at when = place_of(trial);

    return consent_resume(b->consent, b->txn, &when, false, &b->changes);
}

static enum vlt_status
narrow(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_narrow how = { .axes = 1U << TERMS_WINDOW,
                                  .until = INT64_MAX,
                                  .ask_each = -1,
                                  .notify = -1 };
    struct consent_narrowing narrowing = { .at = place_of(trial),
                                           .narrow = &how,
                                           .world = &world };
    struct vlt_buf why;

    how.limits.at[TERMS_WINDOW] = 86400;
    vlt_buf_init(&why, 0);
    enum vlt_status st =
        consent_narrow(b->consent, b->txn, &narrowing, &why, &b->changes);

    vlt_buf_free(&why);
    return st;
}

static bool
note_lost(void *ctx, const struct grant *grant)
{
    *(size_t *)ctx += grant->bound_count;
    return true;
}

/* A stream of it, power/a, leaves for another category. */
static enum vlt_status
move(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_stream stream = { .id = { 3 },
                                     .name = vlt_slice_text("power/a"),
                                     .category = VOCAB_NONE };
    struct consent_facts known = facts(b);
    struct consent_arrival arrival = { &stream, &known, b->now };
    size_t bound = 0;
    size_t held = 0;
    struct consent_losing lose = { note_lost, &bound };
    enum vlt_status st = consent_stream_moved(b->consent, b->txn, &arrival,
                                              &lose, &held, &b->changes);

    assert_true(st != VLT_OK || (bound == 2 && held == 0));
    return st;
}

static enum vlt_status
renew(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_renewal renewal = { .at = place_of(trial),
                                       .firm = &b->firm };
    struct vlt_buf why;

    vlt_buf_init(&why, 0);
    enum vlt_status st =
        consent_renew(b->consent, b->txn, &renewal, &why, &b->changes);

    vlt_buf_free(&why);
    return st;
}

static enum vlt_status
end(struct trial *trial)
{
    struct bench *b = trial->b;

    return consent_end(b->consent, b->txn, trial->id, CONSENT_WITHDRAWN, b->now,
                       &b->changes);
}

static enum vlt_status
keep_receipt(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_receipt receipt = { .grant = trial->id,
                                       .request = trial->id,
                                       .seq = 1,
                                       .jws = vlt_slice_text("a.b.c"),
                                       .time = b->now };

    return consent_receipt_put(b->consent, b->txn, &receipt);
}

static void
an_act_of_the_owner_without_memory_did_not_happen(void **state)
{
    struct asked asked = { .uses = NULL };
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant_at_last(&b, &trial, &asked);
    try_both(&trial, keep_receipt);
    try_both(&trial, narrow);
    try_both(&trial, suspend);
    assert_int_equal(state_of(&trial), CONSENT_SUSPENDED);
    b.now += DAY;
    try_both(&trial, resume);
    assert_int_equal(state_of(&trial), CONSENT_ACTIVE);
    try_both(&trial, move);
    b.now += 88 * DAY;
    try_both(&trial, renew);
    assert_int_equal(state_of(&trial), CONSENT_REPLACED);
    turn_to_newest(&trial);
    try_both(&trial, end);
    assert_int_equal(state_of(&trial), CONSENT_WITHDRAWN);
    bench_end(&b);
}

static void
a_use_without_memory_was_not_taken(void **state)
{
    struct asked asked = { .uses = "2" };
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant_at_last(&b, &trial, &asked);
    try_both(&trial, take);
    assert_int_equal(state_of(&trial), CONSENT_ACTIVE);
    try_both(&trial, take);
    assert_int_equal(state_of(&trial), CONSENT_EXHAUSTED);
    try_both(&trial, end); /* what is left of it */
    bench_end(&b);
}

static void
note_line(void *ctx, enum log_level level, const char *line)
{
    (void)snprintf(ctx, 200, "%s", line);
}

/* A use is asked for with so many allocations. */
static void
may_with(struct bench *b, const struct grant *grant, size_t allocations,
         struct consent_use *use, char said[200])
{
    struct consent_asking asking = asking_for(b, grant);

    said[0] = '\0';
    log_set_sink(note_line, said);
    memory_take(allocations, false);
    consent_may(b->consent, &asking, use);
    (void)memory_give();
    log_set_sink(log_nowhere, NULL);
}

/* A fault of the evaluator is a no, and the log has it. */
static void
a_decision_without_memory_is_a_no_and_is_in_the_log(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct consent_use use;
    char said[200];
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    may_with(&b, grant, 0, &use, said);
    assert_int_equal(use.no, CONSENT_NO_DENIED);
    assert_null(use.grant);
    assert_non_null(strstr(said, "no memory to decide a use"));
    may_with(&b, grant, 100, &use, said);
    assert_int_equal(use.no, CONSENT_YES);
    assert_string_equal(said, "");
    grant_release(use.grant);
    grant_release(grant);
    bench_end(&b);
}

/* It is large; what was decided with is kept for the next who asks, until all
 * is forgotten. */
static void
who_asks_after_another_needs_no_memory_for_it(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    struct consent_use use;
    char said[200];
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    may_with(&b, grant, 1, &use, said);
    assert_int_equal(use.no, CONSENT_YES);
    grant_release(use.grant);
    may_with(&b, grant, 0, &use, said);
    assert_int_equal(use.no, CONSENT_YES);
    grant_release(use.grant);
    consent_clear(b.consent);
    may_with(&b, grant, 0, &use, said);
    assert_int_equal(use.no, CONSENT_NO_DENIED);
    assert_non_null(strstr(said, "no memory to decide a use"));
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_without_memory_was_not_made),
        cmocka_unit_test(an_act_of_the_owner_without_memory_did_not_happen),
        cmocka_unit_test(a_use_without_memory_was_not_taken),
        cmocka_unit_test(a_decision_without_memory_is_a_no_and_is_in_the_log),
        cmocka_unit_test(who_asks_after_another_needs_no_memory_for_it),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
