/*
 * notices: what the owner was told lately, for those who were not there.
 *
 * A notice goes to the owner's sessions that are open; the newest are kept in
 * memory until the vault is locked, and vault.status shows them.
 *
 * Threads: any; it has a lock of its own.
 */
#ifndef NOTICES_H
#define NOTICES_H

#include "base/buf.h"
#include "base/id.h"
#include "service/guard.h"
#include "json/json_write.h"

enum { NOTICES_KEPT = 16 };

struct notices;

/* VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status notices_new(struct notices **out);
void notices_free(struct notices *notices); /* NULL is allowed */
void notices_clear(struct notices *notices);

/* Append a notice of time `now` (ns) as it is kept: one JSON object. */
void notices_put(const struct guard_notice *notice, int64_t now,
                 struct vlt_buf *out);

/* Keep one; the oldest goes for it.  Without memory it is not kept.  request:
 * that waits for the owner by it; NULL: none. */
void notices_add(struct notices *notices, const uint8_t request[VLT_ID_LEN],
                 struct vlt_slice kept);

/* Does the request wait yet? */
typedef bool notices_waits_fn(void *ctx, const uint8_t request[VLT_ID_LEN]);

/* The list `notices`, newest first, less those of requests that do not wait any
 * more.  waits is called with the lock held. */
void notices_list(struct notices *notices, notices_waits_fn *waits, void *ctx,
                  struct vlt_json_out *json);

#endif
