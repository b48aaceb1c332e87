/*
 * upgrade_internal: lines of an HTTP head, for both directions of the upgrade.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_UPGRADE_INTERNAL_H
#define VLT_UPGRADE_INTERNAL_H

#include "base/slice.h"

/* Is it this word, in either case? */
bool vlt_http_same(struct vlt_slice a, const char *word);

/* Does a list between commas hold this word? */
bool vlt_http_list_holds(struct vlt_slice list, const char *word);

/* Has it no control character but a tab? */
bool vlt_http_printable(struct vlt_slice text);

/* NAME: VALUE, the value without blanks around it.  False: the line is none. */
bool vlt_http_field(struct vlt_slice line, struct vlt_slice *name,
                    struct vlt_slice *value);

/* The next line without its CRLF, from *at on, which goes behind it.  False:
 * no whole line is there. */
bool vlt_http_line(struct vlt_slice bytes, size_t *at, struct vlt_slice *line);

#endif
