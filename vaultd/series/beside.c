#include "series/beside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "util/lock.h"
#include "util/stack.h"
#include "util/thread.h"

enum { WAITS, RUNS, MADE };

struct beside {
    struct lock *lock;
    struct thread *thread;    /* NULL: made by hand */
    struct beside_job *first; /* owned; the oldest first.  The list is changed
                                 by the commit thread alone, states by both:
                                 under the lock */
    size_t count;
    bool closed;
};

/* ---- the thread ---- */

/* Under the lock: the oldest of a state. */
static struct beside_job *
oldest(const struct beside *beside, int state)
{
    struct beside_job *job = beside->first;

    while (job != NULL && job->state != state) {
        job = job->next;
    }
    return job;
}

/* With the lock, which is not held meanwhile. */
static void
make(struct beside *beside, struct beside_job *job)
{
    job->state = RUNS;
    lock_drop(beside->lock);
    beside_job_make(job);
    stack_wipe();
    lock_take(beside->lock);
    job->state = MADE;
    lock_wake_all(beside->lock);
}

static void
run(void *ctx)
{
    struct beside *beside = ctx;

    lock_take(beside->lock);
    while (!beside->closed) {
        struct beside_job *job = oldest(beside, WAITS);

        if (job != NULL) {
            make(beside, job);
        } else {
            lock_wait(beside->lock);
        }
    }
    lock_drop(beside->lock);
}

bool
beside_step(struct beside *beside)
{
    struct beside_job *job;

    lock_take(beside->lock);
    job = oldest(beside, WAITS);
    if (job != NULL) {
        make(beside, job);
    }
    lock_drop(beside->lock);
    return job != NULL;
}

enum vlt_status
beside_new(bool threaded, struct beside **out)
{
    struct beside *beside = calloc(1, sizeof *beside);
    enum vlt_status st = beside != NULL ? VLT_OK : VLT_E_NOMEM;

    if (st == VLT_OK) {
        st = lock_new(&beside->lock);
    }
    if (st == VLT_OK && threaded) {
        st = thread_start("vaultd-pack", run, beside, &beside->thread);
    }
    if (st != VLT_OK) {
        beside_free(beside);
        return st;
    }
    *out = beside;
    return VLT_OK;
}

void
beside_free(struct beside *beside)
{
    if (beside == NULL) {
        return;
    }
    if (beside->thread != NULL) {
        lock_take(beside->lock);
        beside->closed = true;
        lock_wake_all(beside->lock);
        lock_drop(beside->lock);
        thread_join(beside->thread);
    }
    beside_drop(beside);
    lock_free(beside->lock);
    free(beside);
}

/* ---- the commit thread ---- */

bool
beside_has_room(struct beside *beside)
{
    return beside->count < BESIDE_LANES;
}

void
beside_give(struct beside *beside, struct beside_job *job)
{
    struct beside_job **end = &beside->first;

    assert(beside_has_room(beside));
    assert(!beside_has(beside, job->stream, job->epoch));
    job->next = NULL;
    job->state = WAITS;
    lock_take(beside->lock);
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = job;
    beside->count++;
    lock_drop(beside->lock);
    lock_wake_all(beside->lock);
}

/* The list is this thread's, so it needs no lock to be walked. */
static struct beside_job *
find(const struct beside *beside, const uint8_t stream[VLT_ID_LEN],
     int32_t epoch)
{
    struct beside_job *job = beside->first;

    while (job != NULL && (job->epoch != epoch ||
                           memcmp(job->stream, stream, VLT_ID_LEN) != 0)) {
        job = job->next;
    }
    return job;
}

bool
beside_has(const struct beside *beside, const uint8_t stream[VLT_ID_LEN],
           int32_t epoch)
{
    return find(beside, stream, epoch) != NULL;
}

/* Under the lock. */
static void
take_out(struct beside *beside, struct beside_job *job)
{
    struct beside_job **at = &beside->first;

    while (*at != job) {
        at = &(*at)->next;
    }
    *at = job->next;
    job->next = NULL;
    beside->count--;
}

struct beside_job *
beside_take(struct beside *beside)
{
    struct beside_job *job;

    lock_take(beside->lock);
    job = oldest(beside, MADE);
    if (job != NULL) {
        take_out(beside, job);
    }
    lock_drop(beside->lock);
    return job;
}

struct beside_job *
beside_call_back(struct beside *beside, const uint8_t stream[VLT_ID_LEN],
                 int32_t epoch)
{
    struct beside_job *job = find(beside, stream, epoch);

    if (job == NULL) {
        return NULL;
    }
    lock_take(beside->lock);
    while (job->state == RUNS) {
        lock_wait(beside->lock);
    }
    take_out(beside, job);
    lock_drop(beside->lock);
    if (job->state == WAITS) {
        beside_job_free(job);
        return NULL;
    }
    return job;
}

void
beside_drop(struct beside *beside)
{
    while (beside != NULL && beside->first != NULL) {
        const struct beside_job *first = beside->first;

        beside_job_free(beside_call_back(beside, first->stream, first->epoch));
    }
}
