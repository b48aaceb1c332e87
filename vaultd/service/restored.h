/*
 * restored: a vault that came out of a backup says so in its log.
 *
 * A restored vault has an instance id of its own, and so its log has a new
 * origin from there on.  The first entry of it names the head that it goes on
 * from.
 *
 * Threads: the commit thread.
 */
#ifndef SERVICE_RESTORED_H
#define SERVICE_RESTORED_H

#include "base/status.h"

struct service;
struct turn;

/* At unlock, in its turn: where the last entry is of another instance, log that
 * this one goes on from it. */
VLT_MUST_USE enum vlt_status restored_note(struct service *service,
                                           struct turn *turn);

#endif
