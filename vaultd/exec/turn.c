/* The commit thread: turns. */
#include "exec/exec_internal.h"

#include <assert.h>
#include <time.h>

#include "exec/gather.h"
#include "exec/seeds.h"
#include "util/clock.h"

#define MS INT64_C(1000000) /* ns */

/* What one turn does with its jobs. */
struct round {
    struct exec *exec;
    enum exec_turn kind;     /* of the last turn */
    struct job_list waiting; /* not begun */
    struct job_list ran;     /* their st says how; not answered yet */
    struct job_list again;   /* back to the workers */
};

static bool
all_control(const struct job_list *list)
{
    for (const struct job *job = list->first; job != NULL; job = job->next) {
        if (!job->control) {
            return false;
        }
    }
    return true;
}

static enum exec_turn
kind_of(const struct job_list *list)
{
    if (list->first->alone && list->first->control) {
        return EXEC_TURN_ALONE;
    }
    return all_control(list) ? EXEC_TURN_CONTROL : EXEC_TURN_MIXED;
}

/* The first jobs of a list that can share a turn: one that is alone, or all up
 * to the next that is. */
static struct job_list
share_of(struct job_list *waiting)
{
    struct job_list share = { 0 };
    bool alone = waiting->first->alone;

    list_add(&share, list_take(waiting));
    while (!alone && waiting->first != NULL && !waiting->first->alone) {
        list_add(&share, list_take(waiting));
    }
    return share;
}

/* Run one job's commit: false when nobody knows what it did.  *full: the turn
 * has enough. */
static bool
run_job(struct round *round, struct job *job, struct turn *turn, bool *full)
{
    const struct exec_hooks *hooks = &round->exec->hooks;

    job->again = false;
    job->st = job->commit(job, turn);
    *full = hooks->job_ran != NULL && hooks->job_ran(hooks->ctx, turn, job->st);
    bool again = job->st == VLT_E_CONFLICT && job->again;

    assert(!again || job->prepare != NULL);
    if (again && job->tries < JOB_TRIES) {
        job->tries++;
        job->st = VLT_OK;
        list_add(&round->again, job);
        return true;
    }
    if (again) {
        job->st = VLT_E_BUSY;
    }
    list_add(&round->ran, job);
    return job->st != VLT_E_UNKNOWN;
}

/* Run the jobs until the turn is full or the outcome unknown (then false). */
static bool
run_jobs(struct round *round, struct job_list *share, struct turn *turn)
{
    bool full = false;

    while (share->first != NULL && !full) {
        if (!run_job(round, list_take(share), turn, &full)) {
            return false;
        }
    }
    return true;
}

static void
move_all(struct job_list *from, struct job_list *to, enum vlt_status st)
{
    struct job *job;

    while ((job = list_take(from)) != NULL) {
        job->st = st;
        list_add(to, job);
    }
}

/* Put a list in front of another. */
static void
put_back(struct job_list *list, struct job_list *front)
{
    if (front->first == NULL) {
        return;
    }
    front->last->next = list->first;
    if (list->first != NULL) {
        front->last = list->last;
    }
    front->count += list->count;
    *list = *front;
    *front = (struct job_list){ 0 };
}

static enum vlt_status
end_turn(struct exec *exec, struct turn *turn, bool known)
{
    const struct exec_hooks *hooks = &exec->hooks;
    enum vlt_status st = VLT_E_UNKNOWN;

    if (known) {
        st = hooks->turn_commit(hooks->ctx, turn);
    } else {
        hooks->turn_abort(hooks->ctx, turn);
    }
    if (st != VLT_OK && st != VLT_E_STORAGE) {
        st = VLT_E_UNKNOWN;
    }
    return st;
}

/* The turn's own failure, for the jobs that had none. */
static void
spread(struct job_list *ran, enum vlt_status st)
{
    for (struct job *job = ran->first; job != NULL; job = job->next) {
        if (job->st == VLT_OK || st == VLT_E_UNKNOWN) {
            job->st = st;
        }
    }
}

/* Completions in order, but for those that want to be first. */
static void
answer(struct exec *exec, struct job_list *ran)
{
    struct job_list first = { 0 };
    struct job_list others = { 0 };
    struct job *job;

    if (ran->first == NULL) {
        return;
    }
    while ((job = list_take(ran)) != NULL) {
        list_add(job->first ? &first : &others, job);
    }
    put_back(&others, &first);
    exec_complete(exec, &others);
}

/*
 * One turn with as many of the waiting jobs as fit.  What ran is in
 * round->ran, what did not get its turn is in round->waiting again.
 */
static enum vlt_status
one_turn(struct round *round)
{
    const struct exec_hooks *hooks = &round->exec->hooks;
    struct job_list share = share_of(&round->waiting);
    struct turn *turn = NULL;

    round->kind = kind_of(&share);
    enum vlt_status st = hooks->turn_begin(hooks->ctx, round->kind, &turn);

    if (st != VLT_OK) {
        /* Nothing was begun, so that much is known. */
        st = st == VLT_E_UNKNOWN ? VLT_E_STORAGE : st;
        move_all(&share, &round->ran, st);
        return st;
    }
    bool known = run_jobs(round, &share, turn);

    put_back(&round->waiting, &share);
    if (known && seed_ack_before_commit()) {
        answer(round->exec, &round->ran);
    }
    st = end_turn(round->exec, turn, known);
    if (st != VLT_OK) {
        spread(&round->ran, st);
    }
    return st;
}

/* Control jobs that a full disk stopped: they are taken out of `ran`, to be
 * tried alone. */
static struct job_list
stopped_control(struct job_list *ran)
{
    struct job_list control = { 0 };
    struct job_list others = { 0 };
    struct job *job;

    while ((job = list_take(ran)) != NULL) {
        bool again = job->control && job->st == VLT_E_STORAGE;

        list_add(again ? &control : &others, job);
    }
    *ran = others;
    return control;
}

static void
fail(struct exec *exec, struct round *round)
{
    atomic_store(&exec->failed, true);
    answer(exec, &round->ran);
    move_all(&round->again, &round->ran, VLT_E_STORAGE);
    answer(exec, &round->ran);
    exec->hooks.fatal(exec->hooks.ctx);
}

/* One turn, and a second for its control jobs if the disk stopped them. */
static void
turn_of(struct round *round)
{
    struct exec *exec = round->exec;
    enum vlt_status st = one_turn(round);
    struct job_list control = { 0 };

    /* Also where the turn ended well: then they never got a transaction. */
    if (st != VLT_E_UNKNOWN && round->kind == EXEC_TURN_MIXED) {
        control = stopped_control(&round->ran);
    }
    if (control.first != NULL) {
        struct round second = { .exec = exec, .waiting = control };

        answer(exec, &round->ran);
        st = one_turn(&second);
        put_back(&round->waiting, &second.waiting);
        round->ran = second.ran;
        put_back(&round->again, &second.again);
    }
    if (st == VLT_E_UNKNOWN) {
        fail(exec, round);
        return;
    }
    answer(exec, &round->ran);
    if (round->again.first != NULL) {
        exec_prepare(exec, round->again.first);
        round->again = (struct job_list){ 0 };
    }
}

/* Add what comes within a time.  Is one of them a control job? */
static bool
take_within(struct exec *exec, struct job_list *out, int64_t ns)
{
    struct job *job =
        queue_take(exec->prepared, exec->limits.turn - out->count, ns);
    bool control = false;

    while (job != NULL) {
        struct job *next = job->next;

        control = control || job->control;
        list_add(out, job);
        job = next;
    }
    return control;
}

static int64_t
now(void)
{
    struct clock clock = clock_system();

    return clock_boot(&clock);
}

/* Processor time of this thread, ns. */
static int64_t
worked(void)
{
    struct timespec at = { .tv_sec = 0 };

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return at.tv_sec * 1000 * MS + at.tv_nsec;
}

/* May a turn with these wait for more? */
static bool
may_wait(const struct exec *exec, const struct job_list *out)
{
    return out->count < exec->limits.turn && !queue_closed(exec->prepared);
}

/* Wait for more jobs, so that one commit serves them all. */
static void
linger(struct exec *exec, struct job_list *out)
{
    int64_t end = now() + exec->limits.linger_ms * MS;
    int64_t left = exec->limits.linger_ms * MS;
    bool control = false;

    while (left > 0 && !control && may_wait(exec, out)) {
        control = take_within(exec, out, left);
        left = end - now();
    }
}

/* Wait for those who are expected. */
static void
await(struct exec *exec, struct job_list *out, struct gather *gather)
{
    int64_t left = gather_wait(gather, out->count, now());
    bool waited = left > 0;
    bool control = false;

    while (left > 0 && !control && may_wait(exec, out)) {
        control = take_within(exec, out, left);
        left = gather_wait(gather, out->count, now());
    }
    gather_begin(gather, out->count, waited && !control);
}

static bool
take_jobs(struct exec *exec, struct job_list *out, struct gather *gather)
{
    bool control = take_within(exec, out, exec->limits.idle_ms * MS);

    if (out->first != NULL && !control && exec->limits.linger_ms > 0) {
        linger(exec, out);
    } else if (out->first != NULL && !control) {
        await(exec, out, gather);
    }
    return out->first != NULL;
}

static void
rest(struct exec *exec)
{
    if (exec->hooks.idle != NULL && !atomic_load(&exec->failed)) {
        exec->hooks.idle(exec->hooks.ctx);
    }
}

/* Those whose callers may ask again at once: of the owner's commands and what
 * has a turn of its own that is not to be expected. */
static size_t
callers_of(const struct job_list *list)
{
    size_t count = 0;

    for (const struct job *job = list->first; job != NULL; job = job->next) {
        count += !job->control && !job->alone;
    }
    return count;
}

/* As many turns as the jobs at hand take. */
static void
run_turns(struct round *round, struct gather *gather)
{
    struct exec *exec = round->exec;
    struct gather_turn turn = { .answered = callers_of(&round->waiting) };
    int64_t begun = now() - worked();

    while (round->waiting.first != NULL && !atomic_load(&exec->failed)) {
        turn_of(round);
    }
    turn.waiting = queue_count(exec->prepared);
    turn.ended = now();
    turn.slept = turn.ended - worked() - begun;
    gather_end(gather, &turn);
}

void
exec_commit_thread(void *ctx)
{
    struct exec *exec = ctx;
    struct gather gather = { .wanted = 0 };

    for (;;) {
        struct round round = { .exec = exec };

        if (take_jobs(exec, &round.waiting, &gather)) {
            run_turns(&round, &gather);
        } else if (queue_closed(exec->prepared)) {
            break;
        } else {
            rest(exec);
        }
        /* Only after a failure: what did not get its turn, and what came
         * since. */
        move_all(&round.waiting, &round.ran, VLT_E_STORAGE);
        answer(exec, &round.ran);
    }
    if (exec->hooks.thread_ends != NULL) {
        exec->hooks.thread_ends(exec->hooks.ctx);
    }
}
