/*
 * exec: the commit thread and the scan workers.  Runs jobs, knows none.
 *
 * Jobs come in lists and go out in lists: those with a prepare step to the
 * workers first, the others straight to the commit thread, which takes all
 * that wait, and who is soon to come (gather.h), as one turn: begin, each job's
 * commit in the order of arrival, one commit, publication, and the completions
 * in one list, for the loop thread to run in exec_drain().  So nothing of a
 * turn is answered before its commit.
 *
 * Threads: exec_submit() any, also hooks and steps of jobs; the others the loop
 * thread.
 */
#ifndef EXEC_EXEC_H
#define EXEC_EXEC_H

#include <stddef.h>

#include "exec/job.h"

struct exec;

enum {
    EXEC_JOBS = 16384,     /* under way at once */
    EXEC_TURN_JOBS = 4096, /* in one turn */
    EXEC_WORKERS_MAX = 4,
    EXEC_IDLE_MS = 500,
    EXEC_LINGER_MS = 1000,
};

/* What a turn is for. */
enum exec_turn {
    EXEC_TURN_MIXED,
    EXEC_TURN_CONTROL, /* only control jobs: the reserve may be used */
    EXEC_TURN_ALONE,   /* one control job with alone set: it may have no
                          transaction, so that it can lock, unlock or erase */
};

/*
 * What exec is told to do.  All on the commit thread, but for wake and
 * thread_ends.  turn_begin, turn_commit, turn_abort, wake and fatal must be
 * there, the others may be NULL.
 */
struct exec_hooks {
    void *ctx;

    /* Any failure becomes that of all jobs of the turn; but control jobs are
     * tried again after VLT_E_STORAGE, as below. */
    enum vlt_status (*turn_begin)(void *ctx, enum exec_turn kind,
                                  struct turn **out);
    /* After each job, whose commit said st: is the turn large enough?  Then it
     * is committed and the jobs behind wait for the next. */
    bool (*job_ran)(void *ctx, struct turn *turn, enum vlt_status st);
    /*
     * Commit and free the turn.  No completion has gone over yet: memory
     * follows the disk in here, and what the turn made public is told.
     * VLT_E_STORAGE: nothing was changed; jobs that had succeeded get this
     * status.
     * Whether it did that or went well: of all jobs that now have this status
     * the control jobs are tried again together in an EXEC_TURN_CONTROL, if
     * this was an EXEC_TURN_MIXED.
     * Any other failure: the outcome is unknown; all jobs of the turn get
     * VLT_E_UNKNOWN, and exec fails.
     */
    enum vlt_status (*turn_commit)(void *ctx, struct turn *turn);
    /* Undo and free the turn: a job's commit said VLT_E_UNKNOWN. */
    void (*turn_abort)(void *ctx, struct turn *turn);

    /* Completions wait for exec_drain().  Any thread; once until the next
     * drain. */
    void (*wake)(void *ctx);
    /* Nothing happened for EXEC_IDLE_MS. */
    void (*idle)(void *ctx);
    /* Exec has failed: nothing is run any more, and all jobs that come get
     * VLT_E_STORAGE.  Once, after the completions of the turn went over. */
    void (*fatal)(void *ctx);
    /* On each thread of exec, as its last act. */
    void (*thread_ends)(void *ctx);
};

/* 0 is the default for each. */
struct exec_limits {
    size_t jobs;      /* under way at once (EXEC_JOBS) */
    size_t turn;      /* in one turn (EXEC_TURN_JOBS) */
    unsigned workers; /* 1 to EXEC_WORKERS_MAX (cores - 1, in that range) */
    unsigned idle_ms; /* (EXEC_IDLE_MS) */
    /* How long a turn waits for more jobs when it has only such as are not
     * control (at most EXEC_LINGER_MS; 0: for those who were answered last, as
     * gather.h says). */
    unsigned linger_ms;
};

/*
 * Start the threads.  hooks and limits are copied.  The caller owns *out, and
 * ends it with exec_stop() and exec_free().
 * VLT_E_NOMEM   no memory or no thread
 * VLT_E_LIMIT   a limit is out of range
 */
VLT_MUST_USE enum vlt_status exec_start(const struct exec_hooks *hooks,
                                        const struct exec_limits *limits,
                                        struct exec **out);

/*
 * Take a list of jobs (NULL: none); done is called for each, whatever happens.
 * Jobs that are not run get, at the next drain,
 *     VLT_E_BUSY     more would be under way than the limit, or exec stops
 *     VLT_E_STORAGE  exec has failed
 *     VLT_E_NOMEM    no memory to queue it for the workers
 */
void exec_submit(struct exec *exec, struct job *first);

/* Run done of all completions that wait, in order.  Returns how many. */
size_t exec_drain(struct exec *exec);

/*
 * Finish all that was submitted, end the threads, run all completions.  A done
 * that submits a new job here gets it back with VLT_E_BUSY, and must not
 * submit it again.  Harmless when stopped already.
 */
void exec_stop(struct exec *exec);

/* Free what was stopped.  NULL is allowed. */
void exec_free(struct exec *exec);

/* Jobs that were submitted and whose completion has not gone over yet. */
size_t exec_under_way(struct exec *exec);

#endif
