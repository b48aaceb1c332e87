/*
 * holding: what a firm holds of a grant, and what it says of it.
 */
#ifndef TESTS_CONSENT_HOLDING_H
#define TESTS_CONSENT_HOLDING_H

#include "bench.h"

#include "consent/deletion.h"

static const struct asked bill = { .uses = NULL };

/* The rows of a kind that the clock brings at a time, in a turn of its own. */
static inline size_t
clock_at(struct bench *b, int64_t now, enum consent_row row)
{
    size_t count = 0;

    turn_begin(b);
    assert_int_equal(consent_clock(b->consent, b->txn, now, &b->changes),
                     VLT_OK);
    for (size_t i = 0; i < b->changes.count; i++) {
        count += b->changes.at[i].row == row;
    }
    turn_commit(b);
    b->now = now;
    return count;
}

/* What is held of a grant, as committed. */
static inline size_t
held_of(struct bench *b, const struct grant *grant,
        struct consent_held out[CONSENT_HELD])
{
    const struct grant *now = consent_grant_find(b->consent, grant->id);
    size_t count = consent_held(now, out);

    grant_release(now);
    return count;
}

static inline bool
overdue(struct bench *b, const struct grant *grant, int64_t now)
{
    const struct grant *found = consent_grant_find(b->consent, grant->id);
    bool is = consent_overdue(found, now);

    grant_release(found);
    return is;
}

static inline enum vlt_status
state_with(struct bench *b, const struct grant *grant,
           struct consent_statement statement)
{
    struct vlt_buf why;
    enum vlt_status st;

    memcpy(statement.at.grant, grant->id, VLT_ID_LEN);
    statement.at.now = b->now;
    vlt_buf_init(&why, 0);
    turn_begin(b);
    st = consent_deleted(b->consent, b->txn, &statement, &why);
    turn_commit(b);
    assert_true(st == VLT_OK || why.len > 0);
    vlt_buf_free(&why);
    return st;
}

/* Uses are deleted, now. */
static inline enum vlt_status
state(struct bench *b, const struct grant *grant, uint64_t from, uint64_t to)
{
    struct consent_statement statement = { .from = from,
                                           .to = to,
                                           .deleted_at = b->now };

    return state_with(b, grant, statement);
}

#endif
