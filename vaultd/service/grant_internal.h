/*
 * grant: the methods of grants, for the table in op_grant.c.
 */
#ifndef GRANT_INTERNAL_H
#define GRANT_INTERNAL_H

#include "service/noun_internal.h"

/* A parameter `grant`, first in the state of those methods that have it. */
struct grant_asked {
    uint8_t grant[VLT_ID_LEN];
    uint64_t seq; /* of a receipt; 0: the newest */
};

/* The grant, committed or in the turn: held; only the calling firm's own.
 * VLT_E_NOT_FOUND, said to the owner. */
VLT_MUST_USE enum vlt_status grant_ask(struct call *call, bool now,
                                       const uint8_t id[VLT_ID_LEN],
                                       const struct grant **out);

/* ---- grant_receipt.c ---- */

enum vlt_status grant_receipt_check(struct call *call, struct vlt_walk *params);
enum vlt_status grant_receipt_prepare(struct call *call);

/* ---- grant_end.c ---- */

enum vlt_status revoke_check(struct call *call, struct vlt_walk *params);
enum vlt_status revoke_commit(struct call *call, struct turn *turn);
void revoke_done(struct call *call, enum vlt_status st);
void revoke_clear(void *state);
enum vlt_status end_check(struct call *call, struct vlt_walk *params);
enum vlt_status end_commit(struct call *call, struct turn *turn);

/* ---- grant_pause.c: suspend, resume ---- */

enum vlt_status suspend_check(struct call *call, struct vlt_walk *params);
enum vlt_status suspend_commit(struct call *call, struct turn *turn);
enum vlt_status resume_check(struct call *call, struct vlt_walk *params);
enum vlt_status resume_commit(struct call *call, struct turn *turn);
void pause_clear(void *state);

/* ---- grant_change.c: narrow, renew, admit, invalidate ---- */

enum vlt_status narrow_check(struct call *call, struct vlt_walk *params);
enum vlt_status narrow_commit(struct call *call, struct turn *turn);
enum vlt_status renew_commit(struct call *call, struct turn *turn);
enum vlt_status admit_check(struct call *call, struct vlt_walk *params);
enum vlt_status admit_commit(struct call *call, struct turn *turn);
enum vlt_status invalidate_commit(struct call *call, struct turn *turn);

/* ---- grant_countersign.c ---- */

enum vlt_status countersign_check(struct call *call, struct vlt_walk *params);
enum vlt_status countersign_prepare(struct call *call);
enum vlt_status countersign_commit(struct call *call, struct turn *turn);

/* ---- grant_deleted.c ---- */

enum vlt_status deleted_check(struct call *call, struct vlt_walk *params);
enum vlt_status deleted_prepare(struct call *call);
enum vlt_status deleted_commit(struct call *call, struct turn *turn);
void deleted_clear(void *state);

/* ---- grant_held.c ---- */

enum vlt_status held_check(struct call *call, struct vlt_walk *params);
enum vlt_status held_prepare(struct call *call);

/* ---- grant_ack.c ---- */

enum vlt_status ack_grant_check(struct call *call, struct vlt_walk *params);
enum vlt_status ack_grant_prepare(struct call *call);
enum vlt_status ack_grant_commit(struct call *call, struct turn *turn);
void ack_grant_done(struct call *call, enum vlt_status st);

#endif
