/* Start and stop. */
#include "exec/exec.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "exec/exec_internal.h"

static unsigned
default_workers(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (cores <= 2) {
        return 1;
    }
    return cores > EXEC_WORKERS_MAX ? EXEC_WORKERS_MAX : (unsigned)cores - 1;
}

/* The limits without zeros: false when one is out of range. */
static bool
settle_limits(struct exec_limits *limits)
{
    if (limits->workers > EXEC_WORKERS_MAX || limits->idle_ms > 3600000 ||
        limits->linger_ms > EXEC_LINGER_MS) {
        return false;
    }
    if (limits->jobs == 0) {
        limits->jobs = EXEC_JOBS;
    }
    if (limits->turn == 0) {
        limits->turn = EXEC_TURN_JOBS;
    }
    if (limits->workers == 0) {
        limits->workers = default_workers();
    }
    if (limits->idle_ms == 0) {
        limits->idle_ms = EXEC_IDLE_MS;
    }
    return true;
}

/* Stop what was started; nothing is under way. */
static void
end_threads(struct exec *exec)
{
    if (exec->lanes != NULL) {
        lanes_close(exec->lanes);
    }
    for (size_t i = 0; i < EXEC_WORKERS_MAX; i++) {
        thread_join(exec->worker[i]);
        exec->worker[i] = NULL;
    }
    if (exec->prepared != NULL) {
        queue_close(exec->prepared);
    }
    thread_join(exec->committer);
    exec->committer = NULL;
}

static enum vlt_status
make_parts(struct exec *exec)
{
    enum vlt_status st = lock_new(&exec->lock);

    if (st == VLT_OK) {
        st = lanes_new(&exec->lanes);
    }
    if (st == VLT_OK) {
        st = queue_new(SIZE_MAX, &exec->prepared);
    }
    if (st == VLT_OK) {
        st = queue_new(SIZE_MAX, &exec->completed);
    }
    return st;
}

static enum vlt_status
start_threads(struct exec *exec)
{
    enum vlt_status st = thread_start("vaultd-commit", exec_commit_thread, exec,
                                      &exec->committer);

    for (unsigned i = 0; i < exec->limits.workers && st == VLT_OK; i++) {
        st = thread_start("vaultd-worker", exec_worker_thread, exec,
                          &exec->worker[i]);
    }
    return st;
}

enum vlt_status
exec_start(const struct exec_hooks *hooks, const struct exec_limits *limits,
           struct exec **out)
{
    struct exec_limits settled = *limits;

    assert(hooks->turn_begin != NULL && hooks->turn_commit != NULL &&
           hooks->turn_abort != NULL && hooks->wake != NULL &&
           hooks->fatal != NULL);
    if (!settle_limits(&settled)) {
        return VLT_E_LIMIT;
    }
    struct exec *exec = calloc(1, sizeof *exec);

    if (exec == NULL) {
        return VLT_E_NOMEM;
    }
    exec->hooks = *hooks;
    exec->limits = settled;
    enum vlt_status st = make_parts(exec);

    if (st == VLT_OK) {
        st = start_threads(exec);
    }
    if (st != VLT_OK) {
        end_threads(exec);
        exec_free(exec);
        return st;
    }
    *out = exec;
    return VLT_OK;
}

void
exec_stop(struct exec *exec)
{
    lock_take(exec->lock);
    exec->stopping = true;
    while (exec->under_way > 0) {
        lock_wait(exec->lock);
    }
    lock_drop(exec->lock);
    end_threads(exec);
    while (exec_drain(exec) > 0) {
    }
}

void
exec_free(struct exec *exec)
{
    if (exec == NULL) {
        return;
    }
    assert(exec->committer == NULL);
    queue_free(exec->completed);
    queue_free(exec->prepared);
    lanes_free(exec->lanes);
    lock_free(exec->lock);
    free(exec);
}
