/*
 * unlock_internal: the steps of vault.unlock, and the entry of a run.
 */
#ifndef UNLOCK_INTERNAL_H
#define UNLOCK_INTERNAL_H

#include "service/guard.h"
#include "service/method.h"

/* Write the entry of a start, unlock, lock or stop (commit thread). */
enum vlt_status unlock_log_run(struct turn *turn, const char *what);

/* The steps of vault.unlock (service/method.h). */
enum vlt_status unlock_check(struct call *call, struct vlt_walk *params);
enum vlt_status unlock_prepare(struct call *call);
enum vlt_status unlock_commit(struct call *call, struct turn *turn);
void unlock_done(struct call *call, enum vlt_status st);
void unlock_clear(void *state);

#endif
