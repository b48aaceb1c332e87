/*
 * name: stream names, patterns over them, and names of columns.
 *
 * A stream name is 1 to 16 segments of 1 to 64 bytes between slashes, at most
 * 256 bytes in all; bytes are ASCII letters, digits, . _ - : = @ + %, and
 * valid UTF-8 from U+00A0 on; no segment is `.` or `..`.
 * A pattern may have the segments * (one segment) and ** (any number).
 * Names of columns are of another kind.
 */
#ifndef VLT_NAME_H
#define VLT_NAME_H

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"

enum {
    VLT_COLUMN_MAX = 64, /* bytes of a column's name */
    VLT_NAME_MAX = 256,
    VLT_NAME_SEGMENTS = 16,
    VLT_NAME_SEGMENT = 64,
};

/* Is this a stream name? */
bool vlt_name_valid(struct vlt_slice name);

/* May a column have this name?  1 to VLT_COLUMN_MAX bytes: a letter or _, then
 * letters, digits, _ . and -; valid UTF-8 from U+00A0 on counts as letters.
 * `time` is no column: each row has its own. */
bool vlt_column_valid(struct vlt_slice name);

/* Is this a pattern?  `*` and `**` stand alone in their segment. */
bool vlt_pattern_valid(struct vlt_slice pattern);

/* Does a valid pattern match a valid name?  Linear in both. */
bool vlt_pattern_matches(struct vlt_slice pattern, struct vlt_slice name);

/* Does every name that `inner` matches match `outer` too?  May say no where it
 * is yes in rare mixes of several **; never the other way. */
bool vlt_pattern_covers(struct vlt_slice outer, struct vlt_slice inner);

/* The bytes of a pattern before its first segment with a *, including the
 * slash: the prefix of a source. */
struct vlt_slice vlt_pattern_prefix(struct vlt_slice pattern);

/* Append text as one segment: forbidden bytes become %XX, as do . and .. ;
 * nothing is appended for an empty text. */
void vlt_name_put_segment(struct vlt_buf *out, struct vlt_slice text);

#endif
