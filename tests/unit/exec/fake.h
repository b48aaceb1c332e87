/*
 * fake: a vault that counts what exec does with it, and jobs that count what
 * is done with them.
 */
#ifndef TESTS_EXEC_FAKE_H
#define TESTS_EXEC_FAKE_H

#include "unit.h"

#include <assert.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "exec/exec.h"
#include "util/lock.h"

enum {
    FAKE_TURNS = 3000, /* that are remembered */
    FAKE_JOBS = 3000,  /* whose ends are remembered */
};

struct turn {
    unsigned number; /* from 1 */
    enum exec_turn kind;
    unsigned jobs;
};

struct fake_end {
    unsigned number; /* of the job */
    enum vlt_status st;
};

/* All under the lock, but for what the loop thread alone looks at. */
struct fake {
    struct exec *exec;
    struct lock *lock;

    struct turn turn; /* the one under way */
    bool in_turn;
    unsigned turns;
    struct turn ended[FAKE_TURNS];
    unsigned committed; /* number of the last turn that was committed */
    unsigned over;      /* number of the last turn that is over */
    unsigned aborted;
    unsigned wakes;
    unsigned heard; /* wakes that fake_await() has answered */
    unsigned idles;
    unsigned fatals;
    unsigned threads_ended;
    unsigned prepares;
    bool held; /* fake_hold() jobs wait in their commit */

    /* What is to fail, set before the first job: the begin of this turn; the
     * commits of the turns from .. to. */
    unsigned begin_fails;
    enum vlt_status begin_st;
    unsigned commit_fails_from;
    unsigned commit_fails_to;
    enum vlt_status commit_st;
    unsigned control_full; /* the same, of an EXEC_TURN_CONTROL */
    unsigned full;         /* a turn is full with so many jobs; 0: never */
    void (*publish)(struct fake *fake); /* in turn_commit */

    /* The loop thread's. */
    unsigned count;
    struct fake_end end[FAKE_JOBS];
};

struct fake_job {
    struct job job; /* first */
    struct fake *fake;
    unsigned number;
    unsigned turn;     /* in which it was committed */
    unsigned prepared; /* times */
    unsigned ran;      /* commits */
    enum vlt_status prepare_st;
    enum vlt_status commit_st;
    unsigned asks_again; /* times */
};

static inline enum vlt_status
fake_turn_begin(void *ctx, enum exec_turn kind, struct turn **out)
{
    struct fake *fake = ctx;
    enum vlt_status st;

    lock_take(fake->lock);
    fake->turns++;
    st = fake->turns == fake->begin_fails ? fake->begin_st : VLT_OK;
    if (st == VLT_OK) {
        assert(!fake->in_turn);
        fake->in_turn = true;
        fake->turn = (struct turn){ .number = fake->turns, .kind = kind };
        *out = &fake->turn;
    }
    lock_drop(fake->lock);
    return st;
}

static inline bool
fake_job_ran(void *ctx, struct turn *turn, enum vlt_status st)
{
    const struct fake *fake = ctx;

    (void)st;

    return turn->jobs ==
           (turn->kind == EXEC_TURN_CONTROL ? fake->control_full : fake->full);
}

/* The turn is over, and remembered. */
static inline void
fake_turn_over(struct fake *fake)
{
    assert(fake->in_turn && fake->turns < FAKE_TURNS);
    fake->in_turn = false;
    fake->over = fake->turns;
    fake->ended[fake->turns] = fake->turn;
}

static inline enum vlt_status
fake_turn_commit(void *ctx, struct turn *turn)
{
    struct fake *fake = ctx;
    enum vlt_status st = VLT_OK;

    lock_take(fake->lock);
    assert(turn == &fake->turn);
    fake_turn_over(fake);
    if (turn->number >= fake->commit_fails_from &&
        turn->number <= fake->commit_fails_to) {
        st = fake->commit_st;
    } else {
        fake->committed = turn->number;
    }
    lock_drop(fake->lock);
    if (fake->publish != NULL) {
        fake->publish(fake);
    }
    return st;
}

static inline void
fake_turn_abort(void *ctx, struct turn *turn)
{
    struct fake *fake = ctx;

    lock_take(fake->lock);
    assert(turn == &fake->turn);
    fake_turn_over(fake);
    fake->aborted++;
    lock_drop(fake->lock);
}

/* Count something and wake whoever waits for it. */
static inline void
fake_count(struct fake *fake, unsigned *number)
{
    lock_take(fake->lock);
    *number += 1;
    lock_wake_all(fake->lock);
    lock_drop(fake->lock);
}

static inline void
fake_wake(void *ctx)
{
    fake_count(ctx, &((struct fake *)ctx)->wakes);
}

static inline void
fake_idle(void *ctx)
{
    fake_count(ctx, &((struct fake *)ctx)->idles);
}

static inline void
fake_fatal(void *ctx)
{
    fake_count(ctx, &((struct fake *)ctx)->fatals);
}

static inline void
fake_thread_ends(void *ctx)
{
    fake_count(ctx, &((struct fake *)ctx)->threads_ended);
}

/* Start exec over a fake. */
static inline void
fake_start(struct fake *fake, const struct exec_limits *limits)
{
    const struct exec_hooks hooks = {
        .ctx = fake,
        .turn_begin = fake_turn_begin,
        .job_ran = fake_job_ran,
        .turn_commit = fake_turn_commit,
        .turn_abort = fake_turn_abort,
        .wake = fake_wake,
        .idle = fake_idle,
        .fatal = fake_fatal,
        .thread_ends = fake_thread_ends,
    };

    memset(fake, 0, sizeof *fake);
    assert_int_equal(lock_new(&fake->lock), VLT_OK);
    assert_int_equal(exec_start(&hooks, limits, &fake->exec), VLT_OK);
}

/* Stop and free. */
static inline void
fake_stop(struct fake *fake)
{
    exec_stop(fake->exec);
    exec_free(fake->exec);
    lock_free(fake->lock);
}

static inline enum vlt_status
fake_prepare(struct job *job)
{
    struct fake_job *mine = (struct fake_job *)job;

    mine->prepared++;
    fake_count(mine->fake, &mine->fake->prepares);
    return mine->prepare_st;
}

static inline enum vlt_status
fake_commit(struct job *job, struct turn *turn)
{
    struct fake_job *mine = (struct fake_job *)job;

    lock_take(mine->fake->lock);
    assert(mine->fake->in_turn && turn == &mine->fake->turn);
    turn->jobs++;
    mine->turn = turn->number;
    lock_drop(mine->fake->lock);
    mine->ran++;
    if (mine->asks_again >= mine->ran) {
        job->again = true;
        return VLT_E_CONFLICT;
    }
    return mine->commit_st;
}

/* On the loop thread: the turn must have ended, and if the job succeeded, have
 * been committed. */
static inline void
fake_done(struct job *job, enum vlt_status st)
{
    struct fake_job *mine = (struct fake_job *)job;
    struct fake *fake = mine->fake;

    lock_take(fake->lock);
    assert(mine->turn <= fake->over);
    assert(st != VLT_OK || mine->turn <= fake->committed);
    lock_drop(fake->lock);
    assert_true(fake->count < FAKE_JOBS);
    fake->end[fake->count].number = mine->number;
    fake->end[fake->count].st = st;
    fake->count++;
    free(mine);
}

/* A job without steps but done. */
static inline struct fake_job *
fake_bare(struct fake *fake, unsigned number)
{
    struct fake_job *job = calloc(1, sizeof *job);

    assert(job != NULL);
    job->fake = fake;
    job->number = number;
    job->job.waiter = number;
    job->job.done = fake_done;
    return job;
}

/* A job with a commit step. */
static inline struct fake_job *
fake_job(struct fake *fake, unsigned number)
{
    struct fake_job *job = fake_bare(fake, number);

    job->job.commit = fake_commit;
    return job;
}

/* A job with a prepare step, too. */
static inline struct fake_job *
fake_prepared(struct fake *fake, unsigned number)
{
    struct fake_job *job = fake_job(fake, number);

    job->job.prepare = fake_prepare;
    return job;
}

static inline enum vlt_status
fake_wait_in_commit(struct job *job, struct turn *turn)
{
    struct fake *fake = ((struct fake_job *)job)->fake;

    lock_take(fake->lock);
    while (fake->held) {
        lock_wait(fake->lock);
    }
    lock_drop(fake->lock);
    return fake_commit(job, turn);
}

static inline void
fake_submit(struct fake *fake, struct fake_job *job)
{
    exec_submit(fake->exec, &job->job);
}

/* Submit job 0, and be sure that it is in its commit, where it waits. */
static inline void
fake_hold(struct fake *fake)
{
    struct fake_job *job = fake_job(fake, 0);

    fake->held = true;
    job->job.commit = fake_wait_in_commit;
    fake_submit(fake, job);
    for (bool begun = false; !begun;) {
        lock_take(fake->lock);
        begun = fake->in_turn;
        lock_drop(fake->lock);
    }
}

static inline void
fake_release(struct fake *fake)
{
    lock_take(fake->lock);
    fake->held = false;
    lock_wake_all(fake->lock);
    lock_drop(fake->lock);
}

/* Jobs first to last with a commit step, as a list. */
static inline struct job *
fake_jobs(struct fake *fake, unsigned first, unsigned last)
{
    struct job *list = NULL;

    for (unsigned number = last + 1; number > first; number--) {
        struct fake_job *job = fake_job(fake, number - 1);

        job->job.next = list;
        list = &job->job;
    }
    return list;
}

/* Be the loop: drain when woken, until so many jobs have ended in all. */
static inline void
fake_await(struct fake *fake, unsigned count)
{
    while (fake->count < count) {
        lock_take(fake->lock);
        while (fake->wakes == fake->heard) {
            lock_wait(fake->lock);
        }
        fake->heard = fake->wakes;
        lock_drop(fake->lock);
        (void)exec_drain(fake->exec);
    }
    assert_int_equal(fake->count, count);
}

/* Wait until one of the fake's numbers is so large. */
static inline void
fake_await_number(struct fake *fake, const unsigned *number, unsigned least)
{
    lock_take(fake->lock);
    while (*number < least) {
        lock_wait(fake->lock);
    }
    lock_drop(fake->lock);
}

/* Wait until all that was submitted is completed, without draining. */
static inline void
fake_settle(struct fake *fake)
{
    while (exec_under_way(fake->exec) > 0) {
        sched_yield();
    }
}

/* The status that a job ended with; it must have ended once. */
static inline enum vlt_status
fake_st(const struct fake *fake, unsigned number)
{
    const struct fake_end *found = NULL;

    for (unsigned i = 0; i < fake->count; i++) {
        if (fake->end[i].number == number) {
            assert_null(found);
            found = &fake->end[i];
        }
    }
    assert_non_null(found);
    return found->st;
}

#endif
