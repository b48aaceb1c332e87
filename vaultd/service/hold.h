/*
 * hold: sharing stands still until the owner has looked.
 *
 * At unlock the vault is held against its anchor (store.h), its own memory of
 * its last head.  Where the vault is older, or the anchor is gone though there
 * was one, an earlier copy was put back: consent that was withdrawn since would
 * be in force again.  So firms get nothing until the owner confirms.
 *
 * The other reason is a clock that jumped: back by over five minutes, or ahead
 * by over a day, where the kernel does not say that it is synchronised.  Grants
 * that ended would come to life, or end before their time; so nothing is given
 * until the owner confirms the time, or the kernel says that it is right,
 * through locks and restarts.
 *
 * What is under way is decided again when a hold begins, and stops.
 *
 * Threads: the commit thread; hold_on(), hold_has() and hold_put() any.
 */
#ifndef SERVICE_HOLD_H
#define SERVICE_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/audit.h"
#include "base/status.h"
#include "base/time.h"

/* What sharing stands still for. */
enum hold {
    HOLD_ROLLBACK = 1,
    HOLD_CLOCK = 2,
};

#define HOLD_BACK (300 * VLT_SECOND)
#define HOLD_AHEAD (86400 * VLT_SECOND)

struct call;
struct service;
struct turn;
struct vlt_json_out;
struct vlt_walk;

/* Is sharing on hold? */
bool hold_on(const struct service *service);

/* For this? */
bool hold_has(const struct service *service, enum hold what);

/* Begin and end it, in memory. */
void hold_set(struct service *service, enum hold what);
void hold_drop(struct service *service, enum hold what);

/* Write the member `hold`: null, or what it is for. */
void hold_put(const struct service *service, struct vlt_json_out *json);

/* Must the anchor know of an event before it is acknowledged?  What only tells
 * of uses and questions takes nothing back when it is lost. */
bool hold_must_know(enum audit_type type);

/* At unlock, in its turn: judge, and log what was found. */
VLT_MUST_USE enum vlt_status hold_judge(struct service *service,
                                        struct turn *turn);

/* A turn begins: is the wall clock where it should be?  Before anything is
 * decided. */
void hold_clock_look(struct service *service);

/* The same in the first turn after an unlock, which knows the highest time that
 * was ever written. */
void hold_clock_first(struct service *service, int64_t highest);

/* At unlock, in its turn: what was on hold for its clock still is. */
VLT_MUST_USE enum vlt_status hold_clock_kept(struct service *service,
                                             struct turn *turn);

/* The owner has confirmed: it is kept no longer. */
VLT_MUST_USE enum vlt_status hold_clock_forget(struct turn *turn);

/* Before its commit, and when that went well: the log gets to know, and the
 * vault keeps it. */
void hold_clock_log(struct turn *turn);
void hold_clock_logged(struct turn *turn);

/* Is a clock that moved by so much, besides going on, to be doubted?  ns;
 * pure. */
bool hold_clock_jumped(int64_t by);

/* It was restored from a backup, which may have grants that were revoked since:
 * hold, through restarts, until the owner confirms.  In the turn that unlocks,
 * after hold_judge(). */
VLT_MUST_USE enum vlt_status hold_restored(struct service *service,
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
