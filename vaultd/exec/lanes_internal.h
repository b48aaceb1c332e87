/*
 * lanes: which job a worker takes next.
 *
 * The owner's lane goes before the other; but where both have jobs, one in
 * LANES_OWNER_RUN + 1 is of the other, so that an owner's program that reads
 * without end keeps nobody out.  Inside a lane waiters take turns, one job
 * each; the jobs of one waiter keep their order.  Of heavy jobs only one is out
 * at a time; while it is, waiters whose next job is heavy are passed over.
 *
 * Threads: any.
 */
#ifndef EXEC_LANES_H
#define EXEC_LANES_H

#include "exec/job.h"

struct lanes;

enum {
    LANES_OWNER_RUN = 8, /* jobs of the owner's lane, one behind the other */
};

/* The caller owns *out and frees it with lanes_free().  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status lanes_new(struct lanes **out);

/* They must be empty.  NULL is allowed. */
void lanes_free(struct lanes *lanes);

/* Take a list.  The jobs for which there is no memory come back as a list;
 * NULL: none. */
struct job *lanes_put(struct lanes *lanes, struct job *first);

/*
 * Take the next job; waits for one.  NULL: the lanes are closed and empty.
 * heavy_is_done: this worker has finished a heavy job since its last call.
 */
struct job *lanes_take(struct lanes *lanes, bool heavy_is_done);

/* Nothing comes any more: whoever waits, and finds nothing, gets NULL. */
void lanes_close(struct lanes *lanes);

#endif
