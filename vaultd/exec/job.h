/*
 * job: one thing to do, in up to three steps on up to three threads.
 *
 * A job is the first member of a larger struct of whoever makes it.  Each step
 * may be NULL; the order is fixed: prepare, commit, done.  A step that fails
 * skips those between it and done; done is always called, once.
 *
 * Between exec_submit() and done the job belongs to exec, and inside a step to
 * that step.  So its members need no lock.
 */
#ifndef EXEC_JOB_H
#define EXEC_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct turn; /* a transaction and what goes with it; exec looks not inside */

enum {
    JOB_TRIES = 3 /* times that a job may ask to be prepared again */
};

enum job_lane {
    JOB_OWNER,  /* first on the workers */
    JOB_OTHERS, /* fairly in turn with other waiters of this lane */
};

struct job {
    struct job *next;
    uint64_t waiter; /* who wants the result; may be gone by then */

    /* On a worker, first: what is slow or long and writes nothing. */
    enum vlt_status (*prepare)(struct job *job);
    /*
     * On the commit thread, inside the turn's transaction.  A job that fails
     * has put nothing but its own refusal; the turn goes on.
     * VLT_E_CONFLICT with again set: what was prepared is out of date, and the
     * job goes back to the workers; after JOB_TRIES times it gets VLT_E_BUSY.
     * VLT_E_UNKNOWN: nobody knows what was done; exec fails as a whole.
     */
    enum vlt_status (*commit)(struct job *job, struct turn *turn);
    /* On the loop thread, after the commit: st is the first failure, or
     * VLT_OK.  Frees job. */
    void (*done)(struct job *job, enum vlt_status st);

    /* Set by whoever makes the job. */
    unsigned char lane; /* enum job_lane: its place on the workers */
    bool control;       /* owner's: never VLT_E_BUSY for want of room, and tried
                           again alone when the disk is full */
    bool alone;         /* commits in a turn of its own; prepare may set it */
    bool heavy;         /* of these only one at a time is prepared (Argon2id) */
    bool first;         /* its done comes before the others of its turn */

    /* Set by prepare where there is more to prepare: the job goes behind what
     * else waits in its lane, and is prepared on. */
    bool more;
    /* Set by commit to be prepared again. */
    bool again;
    unsigned tries; /* times that it was; exec counts */

    enum vlt_status st; /* exec's own */
};

#endif
