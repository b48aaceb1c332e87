/*
 * trial: acts that are tried with as little memory as there is, until there is
 * enough.
 */
#ifndef TESTS_CONSENT_TRIAL_H
#define TESTS_CONSENT_TRIAL_H

#include "bench.h"

#include "consent/lifecycle.h"
#include "no_memory.h"

/* What is tried, in the turn under way. */
struct trial {
    struct bench *b;
    uint8_t id[VLT_ID_LEN]; /* of a request, or of a grant */
    struct vlt_slice jws;
    const struct terms_request *request;
};

typedef enum vlt_status attempt_fn(struct trial *trial);

/* One of the turns of their own: was there enough memory? */
static inline bool
try_with(struct trial *trial, attempt_fn *attempt, size_t n, bool once)
{
    struct bench *b = trial->b;
    uint64_t epoch = consent_epoch(b->consent);

    turn_begin(b);
    memory_take(n, once);
    enum vlt_status st = attempt(trial);
    bool failed = memory_give();

    if (st != (failed ? VLT_E_NOMEM : VLT_OK)) {
        print_error("with %zu allocations (%d): %s\n", n, (int)once,
                    vlt_status_word(st));
    }
    if (failed) {
        assert_int_equal(st, VLT_E_NOMEM);
        turn_abort(b);
        assert_int_equal(consent_epoch(b->consent), epoch);
        return false;
    }
    assert_int_equal(st, VLT_OK);
    return true;
}

/* Try it in turns of their own with one allocation more each time, until there
 * were enough: then the turn is committed. */
static inline void
try_at_last(struct trial *trial, attempt_fn *attempt, bool once)
{
    size_t n = 0;

    while (!try_with(trial, attempt, n, once)) {
        n++;
    }
    turn_commit(trial->b);
}

/* Try it until it goes well, and leave it at that. */
static inline void
try_in_vain(struct trial *trial, attempt_fn *attempt)
{
    size_t n = 0;

    while (!try_with(trial, attempt, n, true)) {
        n++;
    }
    turn_abort(trial->b);
}

/* Both ways, and commit it once. */
static inline void
try_both(struct trial *trial, attempt_fn *attempt)
{
    try_in_vain(trial, attempt);
    try_at_last(trial, attempt, false);
}

/* ---- requests ---- */

static inline enum vlt_status
ask_once(struct trial *trial)
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

/* A request, asked as try does. */
static inline void
ask_by(struct bench *b, struct trial *trial, const struct asked *asked,
       void (*try)(struct trial *trial, attempt_fn *attempt))
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
    try(trial, ask_once);
    vlt_json_free(document);
    vlt_buf_free(&file);
    vlt_buf_free(&jws);
}

/* A request, asked with as little memory as there is. */
static inline void
ask_at_last(struct bench *b, struct trial *trial, const struct asked *asked)
{
    ask_by(b, trial, asked, try_both);
}

static inline enum vlt_status
approve_all(struct trial *trial)
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

/* ---- grants ---- */

static inline struct consent_at
place_of(const struct trial *trial)
{
    struct consent_at at = { .now = trial->b->now };

    memcpy(at.grant, trial->id, VLT_ID_LEN);
    return at;
}

static inline enum consent_state
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

static inline bool
copy_id(void *ctx, const struct grant *grant)
{
    memcpy(ctx, grant->id, VLT_ID_LEN);
    return false;
}

/* From here on the trial is about the newest grant. */
static inline void
turn_to_newest(struct trial *trial)
{
    consent_grants(trial->b->consent, copy_id, trial->id);
}

/* From the request to the grant; from here on the trial is about that. */
static inline void
grant_at_last(struct bench *b, struct trial *trial, const struct asked *asked)
{
    ask_at_last(b, trial, asked);
    try_both(trial, approve_all);
    turn_to_newest(trial);
    assert_int_equal(state_of(trial), CONSENT_ACTIVE);
}

/* A trial about a grant that there is. */
static inline struct trial
trial_of(struct bench *b, const struct grant *grant)
{
    struct trial trial = { .b = b };

    memcpy(trial.id, grant->id, VLT_ID_LEN);
    return trial;
}

/* A use of its grant, and what comes of it. */
static inline enum vlt_status
use_of(struct trial *trial, struct consent_use *out)
{
    struct bench *b = trial->b;
    struct consent_asking asking = { .firm = &b->firm, .now = b->now };

    memcpy(asking.grant, trial->id, VLT_ID_LEN);
    return consent_use(b->consent, b->txn, &asking, &b->changes, out);
}

/* ---- rules ---- */

/* Rules, read while there is memory. */
static inline struct consent_policy *
read_rules_in_peace(struct bench *b, const char *text)
{
    size_t left = memory.left;

    memory.left = MEMORY_ENDLESS;
    struct consent_policy *policy = read_rules(b, text);

    memory.left = left;
    return policy;
}

static inline enum vlt_status
apply_text(struct trial *trial, const char *text)
{
    struct bench *b = trial->b;
    struct consent_facts known = facts(b);
    struct consent_policy *policy = read_rules_in_peace(b, text);
    enum vlt_status st = consent_policy_apply(b->consent, b->txn, policy,
                                              &known, b->now, &b->changes);

    consent_policy_free(policy);
    return st;
}

static inline enum vlt_status
hold_once(struct trial *trial)
{
    return apply_text(trial, "version: 1\n"
                             "rules:\n"
                             "  - {name: ask, effect: ask, data: energy}\n");
}

#endif
