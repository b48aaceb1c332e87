/*
 * owed: what the log must still be told, when nothing could be written.
 *
 * With the disk full and the ballast gone no turn can begin.  A revocation is
 * in force all the same: here, in memory, where every release looks, until a
 * turn has made it durable, which is tried again and again.  The owner reads,
 * too; how often is owed to the log.  Nothing else is done without its entry.
 *
 * Threads: as each function says.
 */
#ifndef SERVICE_OWED_H
#define SERVICE_OWED_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/status.h"

struct call;
struct noun_ends;
struct owed;
struct service;
struct turn;

/* The caller owns *out. */
VLT_MUST_USE enum vlt_status owed_new(struct owed **out);
void owed_free(struct owed *owed); /* NULL is allowed */

/* Was this grant revoked in memory, and not durably yet?  NULL is allowed:
 * nothing is owed.  Any thread. */
bool owed_holds(const struct owed *owed, const uint8_t grant[VLT_ID_LEN]);

/* Revocations that are not durable yet.  Any thread. */
uint64_t owed_count(const struct owed *owed);

/*
 * Revoke in memory what a call was to (loop): from its return on nothing of
 * these grants leaves but what the caller does not cut itself.  result, which
 * is taken, is the answer that is kept for the call's idem once it is durable.
 * VLT_E_NOMEM: nothing is revoked.
 */
VLT_MUST_USE enum vlt_status owed_revoke(struct service *service,
                                         const struct call *call,
                                         const struct noun_ends *ends,
                                         struct vlt_buf *result);

/* The owner read what cannot be logged (commit thread). */
void owed_read(struct service *service, const char *method);

/* Try to write what is owed, if it is time to (loop). */
void owed_run(struct service *service);

/* When to be asked again: boot time, ns; INT64_MAX: nothing is owed (loop). */
int64_t owed_due(const struct service *service);

#endif
