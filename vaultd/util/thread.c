#define _GNU_SOURCE /* pthread_setname_np */

#include "util/thread.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/stack.h"

struct thread {
    pthread_t id;
    void (*fn)(void *ctx);
    void *ctx;
    char name[THREAD_NAME_MAX + 1];
};

static void *
run(void *arg)
{
    struct thread *thread = arg;

    /* For whoever looks at the process; nothing depends on it. */
    (void)pthread_setname_np(pthread_self(), thread->name);
    thread->fn(thread->ctx);
    stack_wipe(); /* the C library keeps it for the next thread */
    return NULL;
}

enum vlt_status
thread_start(const char *name, void (*fn)(void *ctx), void *ctx,
             struct thread **out)
{
    struct thread *thread = calloc(1, sizeof *thread);
    sigset_t all;
    sigset_t before;

    if (thread == NULL) {
        return VLT_E_NOMEM;
    }
    thread->fn = fn;
    thread->ctx = ctx;
    (void)snprintf(thread->name, sizeof thread->name, "%s", name);
    /* A thread begins with its maker's mask, so there is no moment in which it
     * could take a signal. */
    sigfillset(&all);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGSYS);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&thread->id, NULL, run, thread);

    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        free(thread);
        return VLT_E_NOMEM;
    }
    *out = thread;
    return VLT_OK;
}

void
thread_join(struct thread *thread)
{
    if (thread == NULL) {
        return;
    }
    int error = pthread_join(thread->id, NULL);

    assert(error == 0);
    (void)error;
    free(thread);
}
