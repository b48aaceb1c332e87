/*
 * ago: times, spans and sizes, for people.
 */
#ifndef AGO_H
#define AGO_H

#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

/* Append how far a time is from now, both ns: "now" (within 5 s), "3 min ago",
 * "in 2 d"; over a year away the date. */
void ago_put(int64_t then, int64_t now, struct vlt_buf *out);

/* Append a span of seconds: "15min", "1h", "90 d"; the largest unit that
 * divides it, else seconds. */
void ago_put_span(int64_t seconds, struct vlt_buf *out);

/* Append bytes: "812 B", "1.4 MiB". */
void ago_put_bytes(int64_t bytes, struct vlt_buf *out);

/*
 * Read what a person types for a time: RFC 3339, a date (its midnight UTC),
 * "now", or a duration, which is so long before now.  *rough: it was one of
 * the last two, so that the caller may move it onto a grid.
 * VLT_E_FORMAT: none of them.
 */
VLT_MUST_USE enum vlt_status ago_parse(struct vlt_slice text, int64_t now,
                                       int64_t *out, bool *rough);

/* The time of the system's clock, ns. */
int64_t ago_now(void);

#endif
