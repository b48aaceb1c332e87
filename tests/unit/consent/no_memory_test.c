/* Memory may be missing anywhere on the way of each act: then nothing of it has
 * happened, and it happens whole once there is enough. */
#include "bench.h"

#include "consent/counter.h"
#include "consent/draft.h"
#include "consent/lifecycle.h"
#include "no_memory.h"

#define DAY (86400 * VLT_SECOND)

/* What is tried, in the turn under way. */
struct trial {
    struct bench *b;
    uint8_t id[VLT_ID_LEN]; /* of a request, or of a grant */
    struct vlt_slice jws;
    const struct terms_request *request;
};

typedef enum vlt_status attempt_fn(struct trial *trial);

/* Try it in turns of their own with one allocation more each time, until there
 * were enough: then the turn is committed. */
static void
try_at_last(struct trial *trial, attempt_fn *attempt, bool once)
{
    struct bench *b = trial->b;
    uint64_t epoch = consent_epoch(b->consent);
    bool failed = true;

    for (size_t n = 0; failed; n++) {
        turn_begin(b);
        memory_take(n, once);
        enum vlt_status st = attempt(trial);

        failed = memory_give();
        if (!failed) {
            assert_int_equal(st, VLT_OK);
            turn_commit(b);
            return;
        }
        assert_int_equal(st, VLT_E_NOMEM);
        turn_abort(b);
        assert_int_equal(consent_epoch(b->consent), epoch);
    }
}

/* ---- requests ---- */

static enum vlt_status
ask(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_submission submission = { .firm = &b->firm,
                                             .request = trial->request,
                                             .jws = trial->jws,
                                             .world = &world,
                                             .now = b->now };
    int64_t retry_ms;

    return consent_submit(b->consent, b->txn, &submission, &b->changes,
                          &retry_ms);
}

static enum vlt_status
approve(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_approval approval = { .pick = { .all = true },
                                         .firm = &b->firm,
                                         .world = &world,
                                         .now = b->now };
    struct vlt_buf why;

    memcpy(approval.request, trial->id, VLT_ID_LEN);
    vlt_buf_init(&why, 0);
    enum vlt_status st =
        consent_approve(b->consent, b->txn, &approval, &why, &b->changes);

    vlt_buf_free(&why);
    return st;
}

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

/* A request of the bill, asked with as little memory as there is. */
static void
ask_at_last(struct bench *b, struct trial *trial, const struct asked *asked)
{
    struct vlt_request_fill fill = { .iat = b->now / VLT_SECOND };
    struct vlt_json *document = NULL;
    struct terms_request request;
    struct terms_fault fault;
    struct vlt_buf file = { 0 };
    struct vlt_buf jws = { 0 };

    *trial = (struct trial){ .b = b };
    trial->id[VLT_ID_LEN - 1] = ++b->requests;
    memcpy(fill.jti, trial->id, VLT_ID_LEN);
    put_request(&file, asked);
    assert_int_equal(vlt_request_read_file(vlt_buf_slice(&file), &fill,
                                           &document, &request, &fault),
                     VLT_OK);
    assert_int_equal(
        vlt_request_sign(vlt_buf_slice(&file), &fill, b->signer, &jws, &fault),
        VLT_OK);
    trial->jws = vlt_buf_slice(&jws);
    trial->request = &request;
    try_at_last(trial, ask, b->requests % 2 == 0);
    vlt_json_free(document);
    vlt_buf_free(&file);
    vlt_buf_free(&jws);
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
    try_at_last(&trial, deny, false);
    assert_int_equal(part_state(&b, trial.id, 0), CONSENT_DENIED);
    b.now += 91 * DAY; /* what was denied is not to be asked for again before */
    ask_at_last(&b, &trial, &asked);
    try_at_last(&trial, withdraw, true);
    assert_int_equal(part_state(&b, trial.id, 0), CONSENT_DROPPED);
    ask_at_last(&b, &trial, &asked);
    try_at_last(&trial, draft, true);
    try_at_last(&trial, draft, false);
    try_at_last(&trial, counter, true);
    bench_end(&b);
}

/* ---- grants ---- */

static struct consent_at
at(const struct trial *trial)
{
    struct consent_at at = { .now = trial->b->now };

    memcpy(at.grant, trial->id, VLT_ID_LEN);
    return at;
}

static enum vlt_status
take(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_asking asking = { .firm = &b->firm, .now = b->now };
    struct consent_use use;

    memcpy(asking.grant, trial->id, VLT_ID_LEN);
    enum vlt_status st =
        consent_use(b->consent, b->txn, &asking, &b->changes, &use);

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
    struct consent_at when = at(trial);

    return consent_suspend(b->consent, b->txn, &when, &b->changes);
}

static enum vlt_status
resume(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_at when = at(trial);

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
    struct consent_narrowing narrowing = { .at = at(trial),
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
    struct consent_renewal renewal = { .at = at(trial), .firm = &b->firm };
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
pass_time(struct trial *trial)
{
    struct bench *b = trial->b;

    return consent_clock(b->consent, b->txn, b->now, &b->changes);
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

static bool
copy_id(void *ctx, const struct grant *grant)
{
    memcpy(ctx, grant->id, VLT_ID_LEN);
    return false;
}

static enum consent_state
state_of(const struct trial *trial)
{
    const struct grant *grant =
        consent_grant_find(trial->b->consent, trial->id);
    enum consent_state state;

    assert_non_null(grant);
    state = grant->state;
    grant_release(grant);
    return state;
}

/* From the request to the grant; from here on the trial is about that. */
static void
grant_at_last(struct bench *b, struct trial *trial, const struct asked *asked)
{
    ask_at_last(b, trial, asked);
    try_at_last(trial, approve, true);
    consent_grants(b->consent, copy_id, trial->id);
    assert_int_equal(state_of(trial), CONSENT_ACTIVE);
}

static void
an_act_of_the_owner_without_memory_did_not_happen(void **state)
{
    struct asked asked = { .uses = NULL };
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant_at_last(&b, &trial, &asked);
    try_at_last(&trial, keep_receipt, false);
    try_at_last(&trial, narrow, true);
    try_at_last(&trial, suspend, false);
    assert_int_equal(state_of(&trial), CONSENT_SUSPENDED);
    b.now += DAY;
    try_at_last(&trial, resume, true);
    assert_int_equal(state_of(&trial), CONSENT_ACTIVE);
    try_at_last(&trial, move, true);
    b.now += 88 * DAY;
    try_at_last(&trial, renew, true);
    assert_int_equal(state_of(&trial), CONSENT_REPLACED);
    consent_grants(b.consent, copy_id, trial.id);
    try_at_last(&trial, end, false);
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
    try_at_last(&trial, take, false);
    assert_int_equal(state_of(&trial), CONSENT_ACTIVE);
    try_at_last(&trial, take, true);
    assert_int_equal(state_of(&trial), CONSENT_EXHAUSTED);
    bench_end(&b);
}

static void
what_time_brings_is_written_once_there_is_memory(void **state)
{
    struct asked asked = { .uses = NULL };
    struct trial waiting;
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant_at_last(&b, &trial, &asked);
    ask_at_last(&b, &waiting, &asked);
    b.now += 91 * DAY;
    try_at_last(&trial, pass_time, true);
    assert_int_equal(state_of(&trial), CONSENT_EXPIRED);
    assert_int_equal(part_state(&b, waiting.id, 0), CONSENT_LAPSED);
    bench_end(&b);
}

/* ---- rules, and what is loaded ---- */

/* They were read while there was memory. */
static enum vlt_status
apply(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_facts known = facts(b);
    size_t left = memory.left;

    memory.left = MEMORY_ENDLESS;
    struct consent_policy *policy = read_rules(b, deny_gas);

    memory.left = left;
    enum vlt_status st = consent_policy_apply(b->consent, b->txn, policy,
                                              &known, b->now, &b->changes);

    consent_policy_free(policy);
    return st;
}

static void
rules_without_memory_are_not_in_force(void **state)
{
    struct asked asked = {
        .items = ITEM(1, "energy.gas", ""),
    };
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant_at_last(&b, &trial, &asked);
    for (int once = 0; once < 2; once++) {
        try_at_last(&trial, apply, once == 1);
        assert_int_equal(state_of(&trial), CONSENT_REVOKED);
    }
    bench_end(&b);
}

static void
what_is_loaded_without_memory_is_nothing(void **state)
{
    struct asked asked = { .uses = NULL };
    bool failed = true;
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant_at_last(&b, &trial, &asked);
    set_rules(&b, permit_bill);
    for (size_t n = 0; failed; n++) {
        struct store_read *read = read_begin(&b.vault);

        consent_clear(b.consent);
        memory_take(n, n % 2 == 0);
        enum vlt_status st = consent_load(b.consent, store_read_view(read));

        failed = memory_give();
        store_read_end(read);
        assert_int_equal(st, failed ? VLT_E_NOMEM : VLT_OK);
        if (failed) {
            assert_null(consent_grant_find(b.consent, trial.id));
        }
    }
    assert_int_equal(state_of(&trial), CONSENT_ACTIVE);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_without_memory_was_not_made),
        cmocka_unit_test(an_act_of_the_owner_without_memory_did_not_happen),
        cmocka_unit_test(a_use_without_memory_was_not_taken),
        cmocka_unit_test(what_time_brings_is_written_once_there_is_memory),
        cmocka_unit_test(rules_without_memory_are_not_in_force),
        cmocka_unit_test(what_is_loaded_without_memory_is_nothing),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
