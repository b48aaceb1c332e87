#include "util/lock.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
    NS_A_SECOND = 1000000000,
};

#define WAIT_MAX (INT64_C(3600) * NS_A_SECOND)

struct lock {
    pthread_mutex_t mutex;
    pthread_cond_t woken;
};

/* Waits are timed by the monotonic clock, so that setting the time of day
 * neither shortens nor lengthens them. */
static bool
init_cond(pthread_cond_t *cond)
{
    pthread_condattr_t attr;

    if (pthread_condattr_init(&attr) != 0) {
        return false;
    }
    bool made = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 &&
                pthread_cond_init(cond, &attr) == 0;

    pthread_condattr_destroy(&attr);
    return made;
}

static bool
init_mutex(pthread_mutex_t *mutex)
{
    pthread_mutexattr_t attr;

    if (pthread_mutexattr_init(&attr) != 0) {
        return false;
    }
    bool made =
        pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK) == 0 &&
        pthread_mutex_init(mutex, &attr) == 0;

    pthread_mutexattr_destroy(&attr);
    return made;
}

enum vlt_status
lock_new(struct lock **out)
{
    struct lock *lock = calloc(1, sizeof *lock);

    if (lock == NULL) {
        return VLT_E_NOMEM;
    }
    if (!init_mutex(&lock->mutex)) {
        free(lock);
        return VLT_E_NOMEM;
    }
    if (!init_cond(&lock->woken)) {
        pthread_mutex_destroy(&lock->mutex);
        free(lock);
        return VLT_E_NOMEM;
    }
    *out = lock;
    return VLT_OK;
}

void
lock_free(struct lock *lock)
{
    if (lock == NULL) {
        return;
    }
    pthread_cond_destroy(&lock->woken);
    pthread_mutex_destroy(&lock->mutex);
    free(lock);
}

/* What pthread refuses here is a bug of the caller: taken twice, or dropped by
 * somebody else. */
static void
must(int error)
{
    assert(error == 0);
    (void)error;
}

void
lock_take(struct lock *lock)
{
    must(pthread_mutex_lock(&lock->mutex));
}

void
lock_drop(struct lock *lock)
{
    must(pthread_mutex_unlock(&lock->mutex));
}

void
lock_wait(struct lock *lock)
{
    must(pthread_cond_wait(&lock->woken, &lock->mutex));
}

bool
lock_wait_for(struct lock *lock, int64_t ns)
{
    struct timespec until;

    assert(ns >= 1 && ns <= WAIT_MAX);
    must(clock_gettime(CLOCK_MONOTONIC, &until));
    until.tv_sec += (time_t)(ns / NS_A_SECOND);
    until.tv_nsec += (long)(ns % NS_A_SECOND);
    if (until.tv_nsec >= NS_A_SECOND) {
        until.tv_nsec -= NS_A_SECOND;
        until.tv_sec++;
    }
    int error = pthread_cond_timedwait(&lock->woken, &lock->mutex, &until);

    if (error == ETIMEDOUT) {
        return false;
    }
    must(error);
    return true;
}

void
lock_wake_one(struct lock *lock)
{
    must(pthread_cond_signal(&lock->woken));
}

void
lock_wake_all(struct lock *lock)
{
    must(pthread_cond_broadcast(&lock->woken));
}
