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

/* Keep one; the oldest goes for it.  Without memory it is not kept. */
void notices_add(struct notices *notices, struct vlt_slice kept);

/* The list `notices`, newest first. */
void notices_list(struct notices *notices, struct vlt_json_out *json);

#endif
