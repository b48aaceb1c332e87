/*
 * json_internal: what printing and writing share.
 */
#ifndef VLT_JSON_INTERNAL_H
#define VLT_JSON_INTERNAL_H

#include "base/buf.h"
#include "base/slice.h"

/* Append text as a JSON string with its quotes; bad UTF-8 becomes U+FFFD. */
void vlt_json_put_string(struct vlt_buf *out, struct vlt_slice text);

/* Append a decimal integer: the size, behind a - when negative. */
void vlt_json_put_digits(struct vlt_buf *out, bool negative, uint64_t size);

#endif
