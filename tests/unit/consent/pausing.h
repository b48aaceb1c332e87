/*
 * pausing: a grant that is suspended at times, and what becomes of it.
 */
#ifndef TESTS_CONSENT_PAUSING_H
#define TESTS_CONSENT_PAUSING_H

#include "bench.h"

#include "consent/lifecycle.h"

/* A use of now, in a turn of its own, by a wall clock that nobody doubts. */
static inline enum consent_no
sure_use(struct bench *b, const struct grant *grant)
{
    struct consent_asking asking = asking_for(b, grant);
    uint8_t id[VLT_ID_LEN];
    enum consent_no no;
    int64_t retry_ms;

    asking.sure = b->now;
    turn_begin(b);
    no = use_as(b, &asking, id, &retry_ms);
    turn_commit(b);
    return no;
}

static inline struct consent_at
at(const struct bench *b, const struct grant *grant)
{
    struct consent_at at = { .now = b->now, .sure = b->now };

    memcpy(at.grant, grant->id, VLT_ID_LEN);
    return at;
}

/* In the turn under way. */
static inline enum vlt_status
suspend(struct bench *b, const struct grant *grant, struct consent_pause pause)
{
    struct consent_at when = at(b, grant);

    return consent_pause(b->consent, b->txn, &when, &pause, &b->changes);
}

static inline enum vlt_status
resume(struct bench *b, const struct grant *grant)
{
    struct consent_at when = at(b, grant);

    return consent_resume(b->consent, b->txn, &when, false, &b->changes);
}

static inline enum vlt_status
narrow_by(struct bench *b, const struct grant *grant,
          const struct consent_narrow *narrow)
{
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_narrowing narrowing = { at(b, grant), narrow, &world };
    struct vlt_buf why = { 0 };
    enum vlt_status st =
        consent_narrow(b->consent, b->txn, &narrowing, &why, &b->changes);

    vlt_buf_free(&why);
    return st;
}

/* A suspension in a turn of its own, which goes well. */
static inline void
do_suspend(struct bench *b, const struct grant *grant,
           struct consent_pause pause)
{
    turn_begin(b);
    assert_int_equal(suspend(b, grant, pause), VLT_OK);
    turn_commit(b);
}

/* Write what is due, in the turn under way. */
static inline void
write_due(struct bench *b, int64_t sure)
{
    struct consent_at when = { .now = b->now, .sure = sure };

    assert_int_equal(consent_pauses(b->consent, b->txn, &when, &b->changes),
                     VLT_OK);
}

/* As committed: held. */
static inline const struct grant *
now_of(struct bench *b, const struct grant *grant)
{
    const struct grant *now = consent_grant_find(b->consent, grant->id);

    assert_non_null(now);
    return now;
}

static inline const struct grant *
given(struct bench *b)
{
    struct asked asked = { .rate = "null" };

    bench_begin(b);
    return grant_by_hand(b, &asked);
}

static inline void
end(struct bench *b, const struct grant *grant)
{
    grant_release(grant);
    bench_end(b);
}

#endif
