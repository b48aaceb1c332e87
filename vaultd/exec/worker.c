/* The workers: prepare, and pass on. */
#include "exec/exec_internal.h"

#include <assert.h>

/* A job that was prepared, or could not be, goes on by itself: it took long
 * enough, and whoever is awake is not signalled. */
static void
pass_on(struct exec *exec, struct job *job)
{
    if (job->st == VLT_OK && job->commit != NULL) {
        enum vlt_status st = queue_push(exec->prepared, job);

        assert(st == VLT_OK);
        (void)st;
        return;
    }
    struct job_list list = { 0 };

    list_add(&list, job);
    exec_complete(exec, &list);
}

/* There is more of it to prepare: others come first. */
static void
put_back(struct exec *exec, struct job *job)
{
    job->more = false;
    if (lanes_put(exec->lanes, job) != NULL) {
        job->st = VLT_E_NOMEM;
        pass_on(exec, job);
    }
}

void
exec_worker_thread(void *ctx)
{
    struct exec *exec = ctx;
    bool heavy = false;
    struct job *job;

    while ((job = lanes_take(exec->lanes, heavy)) != NULL) {
        heavy = job->heavy;
        job->st =
            atomic_load(&exec->failed) ? VLT_E_STORAGE : job->prepare(job);
        if (job->st == VLT_OK && job->more) {
            put_back(exec, job);
        } else {
            pass_on(exec, job);
        }
    }
    if (exec->hooks.thread_ends != NULL) {
        exec->hooks.thread_ends(exec->hooks.ctx);
    }
}
