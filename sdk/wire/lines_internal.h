/*
 * lines_internal: text in lines, each ended by a newline, for checkpoints and
 * proofs.
 */
#ifndef VLT_LINES_INTERNAL_H
#define VLT_LINES_INTERNAL_H

#include "base/slice.h"
#include "base/status.h"

/* Take the next line off text, without its newline: borrowed.  VLT_E_FORMAT:
 * there is no newline any more. */
VLT_MUST_USE enum vlt_status vlt_line_take(struct vlt_slice *text,
                                           struct vlt_slice *out);

/* Step over these bytes at the front of a line; false: it begins otherwise. */
bool vlt_line_skip(struct vlt_slice *line, const char *prefix);

/* Decimal without sign or leading zeros, the whole line. */
VLT_MUST_USE enum vlt_status vlt_line_number(struct vlt_slice line,
                                             uint64_t *out);

/* Exactly len (at most 96) bytes in base64, the whole line. */
VLT_MUST_USE enum vlt_status vlt_line_bytes(struct vlt_slice line, void *out,
                                            size_t len);

#endif
