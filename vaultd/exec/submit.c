/* The way in and the way out: submit, complete, drain. */
#include "exec/exec_internal.h"

#include <assert.h>

void
list_add(struct job_list *list, struct job *job)
{
    job->next = NULL;
    if (list->first == NULL) {
        list->first = job;
    } else {
        list->last->next = job;
    }
    list->last = job;
    list->count++;
}

struct job *
list_take(struct job_list *list)
{
    struct job *job = list->first;

    if (job == NULL) {
        return NULL;
    }
    list->first = job->next;
    list->count--;
    job->next = NULL;
    return job;
}

/* Put them where exec_drain() looks; one wake until it does. */
static void
hand_over(struct exec *exec, struct job_list *list)
{
    if (list->first == NULL) {
        return;
    }
    /* This queue has no bound and is never closed. */
    enum vlt_status st = queue_push(exec->completed, list->first);

    assert(st == VLT_OK);
    (void)st;
    if (!atomic_exchange(&exec->woken, true)) {
        exec->hooks.wake(exec->hooks.ctx);
    }
}

void
exec_complete(struct exec *exec, struct job_list *list)
{
    size_t count = list->count;

    hand_over(exec, list);
    lock_take(exec->lock);
    assert(exec->under_way >= count);
    exec->under_way -= count;
    bool empty = exec->under_way == 0;

    lock_drop(exec->lock);
    if (empty) {
        lock_wake_all(exec->lock); /* exec_stop() may wait for it */
    }
}

void
exec_prepare(struct exec *exec, struct job *first)
{
    struct job *refused = lanes_put(exec->lanes, first);
    struct job_list list = { 0 };

    while (refused != NULL) {
        struct job *next = refused->next;

        refused->st = VLT_E_NOMEM;
        list_add(&list, refused);
        refused = next;
    }
    if (list.first != NULL) {
        exec_complete(exec, &list);
    }
}

/* Where a list goes that was submitted. */
struct sorted {
    struct job_list to_workers;
    struct job_list to_commit;
    struct job_list at_once; /* no step but done */
    struct job_list refused;
};

static bool
has_room(const struct exec *exec, const struct job *job)
{
    return !exec->stopping &&
           (job->control || exec->under_way < exec->limits.jobs);
}

static void
sort_job(struct exec *exec, struct job *job, struct sorted *out)
{
    job->st = VLT_OK;
    job->tries = 0;
    job->again = false;
    if (atomic_load(&exec->failed)) {
        job->st = VLT_E_STORAGE;
        list_add(&out->refused, job);
        return;
    }
    if (!has_room(exec, job)) {
        job->st = VLT_E_BUSY;
        list_add(&out->refused, job);
        return;
    }
    exec->under_way++;
    if (job->prepare != NULL) {
        list_add(&out->to_workers, job);
    } else if (job->commit != NULL) {
        list_add(&out->to_commit, job);
    } else {
        list_add(&out->at_once, job);
    }
}

void
exec_submit(struct exec *exec, struct job *first)
{
    struct sorted sorted = { 0 };

    lock_take(exec->lock);
    for (struct job *job = first; job != NULL;) {
        struct job *next = job->next;

        sort_job(exec, job, &sorted);
        job = next;
    }
    lock_drop(exec->lock);

    if (sorted.to_commit.first != NULL) {
        /* Its bound is that of jobs under way, and it is closed when there are
         * none and can be none. */
        enum vlt_status st = queue_push(exec->prepared, sorted.to_commit.first);

        assert(st == VLT_OK);
        (void)st;
    }
    if (sorted.to_workers.first != NULL) {
        exec_prepare(exec, sorted.to_workers.first);
    }
    if (sorted.at_once.first != NULL) {
        exec_complete(exec, &sorted.at_once);
    }
    hand_over(exec, &sorted.refused);
}

size_t
exec_drain(struct exec *exec)
{
    size_t count = 0;

    /* First the flag, then the list: what is pushed in between is either taken
     * here or wakes once more. */
    atomic_store(&exec->woken, false);
    struct job *job = queue_take(exec->completed, SIZE_MAX, 0);

    for (; job != NULL; count++) {
        struct job *next = job->next;

        job->next = NULL;
        job->done(job, job->st); /* frees it */
        job = next;
    }
    return count;
}

size_t
exec_under_way(struct exec *exec)
{
    lock_take(exec->lock);
    size_t count = exec->under_way;

    lock_drop(exec->lock);
    return count;
}
