/*
 * stream: the methods of streams, for the table in op_stream.c.
 */
#ifndef STREAM_INTERNAL_H
#define STREAM_INTERNAL_H

#include "service/noun_internal.h"

/* ---- op_stream.c ---- */

/* Put a stream object (WIRE.md, 6.2). */
void stream_put(struct vlt_json_out *json, const char *name,
                struct series *series, const struct stream *stream);

/* Is it a category that a stream may have?  Else it is told. */
enum vlt_status stream_check_category(struct call *call, const char *category);

/* ---- stream_set.c ---- */

enum vlt_status stream_set_check(struct call *call, struct vlt_walk *params);
enum vlt_status stream_set_commit(struct call *call, struct turn *turn);

#endif
