/*
 * compact_run: data.mdb is compacted beside the daemon's other work.
 *
 * A step of the commit thread takes the snapshot, a thread of its own copies
 * and compares, and another step brings in what was committed meanwhile and
 * changes the files over; when that is much, thread and step come once more
 * (store/compact.h).  Appends, queries, and revocations go on all along.
 *
 * There is one at a time.  What ends without success is tried again by whoever
 * asked for it.
 *
 * Threads: the loop.
 */
#ifndef SERVICE_COMPACT_RUN_H
#define SERVICE_COMPACT_RUN_H

#include "service/service_internal.h"

/*
 * How it ended, on the loop; the next may be begun in here.
 *
 * VLT_E_BUSY      it gave way, to a backup, a stop or much that was written
 * VLT_E_CONFLICT  something was erased meanwhile
 * VLT_E_STORAGE   no room, or the disk refused
 * VLT_E_LOCKED, VLT_E_NOMEM
 */
typedef void compact_ended_fn(struct service *service, enum vlt_status st);

/* For an erase: what was swept is to be gone from the file, too, and is noted
 * as complete.  None is under way. */
void compact_run_erase(struct service *service, compact_ended_fn *ended);

/* For room, if most of the file is free pages.  Likewise. */
void compact_run_spare(struct service *service, compact_ended_fn *ended);

/* Is one under way? */
bool compact_runs(const struct service *service);

/* Let it end soon, without success.  Harmless when there is none. */
void compact_run_cancel(struct service *service);

/* The service stops: cancel it, and wait for its thread. */
void compact_run_stop(struct service *service);

#endif
