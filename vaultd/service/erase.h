/*
 * erase: keys are destroyed, and what follows.
 *
 * A call of stream.erase takes two turns: one says in the vault which keys go,
 * and from its commit on nobody reads what is erased; the next destroys them
 * and answers.  What is left, and what a crash left, goes by jobs of its own
 * (erase_run()), as does what its stream keeps no longer.
 */
#ifndef SERVICE_ERASE_H
#define SERVICE_ERASE_H

#include "service/service_internal.h"

/* stream.erase. */
enum vlt_status erase_check(struct call *call, struct vlt_walk *params);
enum vlt_status erase_commit(struct call *call, struct turn *turn);
void erase_done(struct call *call, enum vlt_status st);
void erase_clear(void *state);

/* stream.erasures (erase_list.c). */
enum vlt_status erasures_check(struct call *call, struct vlt_walk *params);
enum vlt_status erasures_prepare(struct call *call);

/* What a receipt, an entry of the log and a list say of one: members of an
 * object. */
void erase_put(struct vlt_json_out *json, const struct series_erased *erased);

/* Loop: queue the next step, if one is due. */
void erase_run(struct service *service);

/* Commit thread, between transactions: destroy the keys of what was erased, and
 * say so in the turn.  VLT_E_STORAGE: they are pending still. */
VLT_MUST_USE enum vlt_status erase_destroy_keys(struct turn *turn);

/* An entry of the log for a step of an erase; ctx is the turn.  A
 * series_erased_fn. */
enum vlt_status erase_log(void *ctx, const struct series_erased *erased);

#endif
