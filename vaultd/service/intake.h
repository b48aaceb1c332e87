/*
 * intake: what sources push while the vault is locked.
 *
 * Those that the gate knows are taken: their batches are sealed, unread, into
 * the store's inbox, and acknowledged when they are there.  Once unlocked the
 * inbox drains through the way that every push goes, one entry after the
 * other, each deleted in the commit that stores it.
 *
 * Threads: the loop, but where it says otherwise.
 */
#ifndef SERVICE_INTAKE_H
#define SERVICE_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct http_request;
struct intake;
struct service;
struct turn;

enum {
    /* Bytes of entries as they lie there, counted since the vault was locked or
     * started: those of one source that showed its token; */
    INTAKE_SOURCE_MAX = 16 << 20,
    /* those that say they are of one device, and of all devices.  Their keys
     * are not there, so whoever has heard a device's id can send such, and must
     * not take the room of those who prove themselves. */
    INTAKE_DEVICE_MAX = 8 << 20,
    INTAKE_UNPROVED_MAX = 32 << 20,
};

/* The caller owns *out. */
VLT_MUST_USE enum vlt_status intake_new(struct intake **out);
void intake_free(struct intake *intake); /* NULL is allowed */

/* The vault is locked: read who may come in. */
void intake_shut(struct service *service);

/* The vault is unlocked: begin to drain. */
void intake_open(struct service *service);

/* A POST while the vault is locked, to a path that takes one. */
void intake_post(struct service *service, uint64_t connection,
                 const struct http_request *request);

/* Are rows that came while it was locked being stored still?  Not those of an
 * entry that waits for better times. */
bool intake_drains(const struct service *service);

/* Are there any that are not stored yet, also such as wait?  They are known by
 * the tokens that they came with. */
bool intake_holds(const struct service *service);

/* Drain on after a failure, if it is time to; and when that is: boot time, ns;
 * INT64_MAX: not at all. */
void intake_run(struct service *service);
int64_t intake_due(const struct service *service);

/* In the turn that unlocks: hold the gate against the sealed sources (commit
 * thread). */
VLT_MUST_USE enum vlt_status intake_check_gate(struct turn *turn);

/* Before a turn commits: put the gate if sources changed in it (commit
 * thread). */
VLT_MUST_USE enum vlt_status intake_put_gate(struct turn *turn);

#endif
