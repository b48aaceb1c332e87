/*
 * errand: what one call does for minutes, on a thread of its own.
 *
 * Workers are few, and firms wait for them; so what copies or reads a whole
 * vault gets a thread.  A method takes the errand in `begin`, and starts it in
 * its `done`, when all that can be refused at once has been.  Then `run` is
 * called on the thread, `commit` in a turn of the commit thread, and `ended` on
 * the loop, which answers the call.  There is one errand at a time.
 *
 * Threads: the loop, where nothing else is said.
 */
#ifndef SERVICE_ERRAND_H
#define SERVICE_ERRAND_H

#include "service/method.h"

struct errand;

struct errand_steps {
    const char *what; /* "backup": of job.progress */
    /* The errand's thread.  What it returns is `ran` of the next two. */
    enum vlt_status (*run)(struct call *call, struct errand *errand);
    bool alone; /* commit needs a turn of its own */
    /* The commit thread, whatever run said.  NULL: nothing. */
    enum vlt_status (*commit)(struct call *call, struct turn *turn,
                              enum vlt_status ran);
    /* The loop: answer, with call_answer() or call_fail(), or start what comes
     * next.  st is that of commit. */
    void (*ended)(struct call *call, enum vlt_status ran, enum vlt_status st);
    /* The loop, at a lock or a stop: let run end soon, and wipe at once what
     * nobody may have while the vault is locked. */
    void (*cancel)(struct call *call);
};

/* May a call take it?  Else says so in the call: VLT_E_CONFLICT. */
VLT_MUST_USE enum vlt_status errand_free(struct call *call);

/* Take it, until errand_drop(). */
void errand_take(struct service *service);
void errand_drop(struct service *service);

/* Start; the call is the errand's until `ended`. */
void errand_start(struct call *call, const struct errand_steps *steps);

/* Tell the caller how far it is, bytes, a few times a second at most.  The
 * errand's thread. */
void errand_tell(struct errand *errand, uint64_t done, uint64_t size);

/* The vault is being locked: cancel what is under way, without waiting. */
void errand_cancel(struct service *service);

/* The service stops: cancel what is under way, and wait for its thread. */
void errand_stop(struct service *service);

#endif
