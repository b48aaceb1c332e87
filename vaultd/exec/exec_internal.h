/*
 * exec_internal: what the parts of this room share.
 *
 * Where a job is: in the lanes, with a worker, in `prepared`, in a turn, in
 * `completed`.  From submit until it is in `completed` it counts as under way.
 */
#ifndef EXEC_INTERNAL_H
#define EXEC_INTERNAL_H

#include <stdatomic.h>

#include "exec/exec.h"
#include "exec/lanes_internal.h"
#include "util/lock.h"
#include "util/queue.h"
#include "util/thread.h"

struct exec {
    struct exec_hooks hooks;
    struct exec_limits limits; /* without zeros */

    struct lanes *lanes;     /* to the workers */
    struct queue *prepared;  /* to the commit thread */
    struct queue *completed; /* to the loop thread */
    atomic_bool woken;       /* wake was called, no drain has begun since */

    struct lock *lock; /* over the next two */
    size_t under_way;
    bool stopping;

    atomic_bool failed;

    struct thread *committer;
    struct thread *worker[EXEC_WORKERS_MAX];
};

/* A list that is being built. */
struct job_list {
    struct job *first;
    struct job *last;
    size_t count;
};

/* Append a job. */
void list_add(struct job_list *list, struct job *job);
/* Take the first job off; NULL: empty. */
struct job *list_take(struct job_list *list);

/* The commit thread's function; ctx is the exec. */
void exec_commit_thread(void *ctx);
/* A worker's function, likewise. */
void exec_worker_thread(void *ctx);

/* Send a list of completions, whose st says how they ended, to the loop. */
void exec_complete(struct exec *exec, struct job_list *list);

/* Give a list to the workers; what has no place is completed. */
void exec_prepare(struct exec *exec, struct job *first);

#endif
