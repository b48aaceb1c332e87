/*
 * hold: sharing stands still until the owner has looked.
 *
 * At unlock the vault is held against its anchor (store.h), its own memory of
 * its last head.  Where the vault is older, or the anchor is gone though there
 * was one, an earlier copy was put back: consent that was withdrawn since would
 * be in force again.  So firms get nothing until the owner confirms.
 *
 * Threads: the commit thread; hold_on() any.
 */
#ifndef SERVICE_HOLD_H
#define SERVICE_HOLD_H

#include <stdbool.h>

#include "audit/audit.h"
#include "base/status.h"

struct call;
struct service;
struct turn;
struct vlt_json_out;
struct vlt_walk;

/* Is sharing on hold? */
bool hold_on(const struct service *service);

/* Write the member `hold`: null, or what it is for. */
void hold_put(const struct service *service, struct vlt_json_out *json);

/* Must the anchor know of an event before it is acknowledged?  What only tells
 * of uses and questions takes nothing back when it is lost. */
bool hold_must_know(enum audit_type type);

/* At unlock, in its turn: judge, and log what was found. */
VLT_MUST_USE enum vlt_status hold_judge(struct service *service,
                                        struct turn *turn);

/* A turn was committed: the anchor follows, at once where the turn held what
 * it must know, else every few seconds. */
void hold_committed(struct service *service, const struct turn *turn);

/* Nothing happens: the anchor gets what it has not been told (commit thread).
 */
void hold_idle(struct service *service);

/* The vault is about to be locked: the anchor has the last commit. */
void hold_before_lock(struct service *service);

/* vault.confirm */
enum vlt_status hold_confirm_check(struct call *call, struct vlt_walk *params);
enum vlt_status hold_confirm_commit(struct call *call, struct turn *turn);

#endif
