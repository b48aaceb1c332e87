/*
 * text: UTF-8 and numbers, strictly.
 *
 * Nothing here looks at the locale.
 */
#ifndef VLT_TEXT_H
#define VLT_TEXT_H

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"

/* Well-formed UTF-8 without U+0000 (no surrogates, nothing overlong)? */
bool vlt_utf8_valid(struct vlt_slice text);

/* The same, and no control character (below U+0020, U+007F to U+009F). */
bool vlt_text_printable(struct vlt_slice text);

/* Characters (code points) of valid UTF-8. */
size_t vlt_utf8_count(struct vlt_slice text);

/* Read the whole slice as a decimal int64: an optional -, digits, nothing
 * else.  VLT_E_FORMAT: not that.  VLT_E_LIMIT: out of range. */
VLT_MUST_USE enum vlt_status vlt_int_parse(struct vlt_slice text,
                                           int64_t *out);

/* The same for uint64, without sign. */
VLT_MUST_USE enum vlt_status vlt_uint_parse(struct vlt_slice text,
                                            uint64_t *out);

/*
 * Read the whole slice as a decimal number, correctly rounded to the nearest
 * double: [-+] digits [. digits] [e digits].  No hex, inf or nan.
 * VLT_E_FORMAT: not that, or over 1,000 bytes.  VLT_E_LIMIT: it overflows.
 */
VLT_MUST_USE enum vlt_status vlt_double_parse(struct vlt_slice text,
                                              double *out);

/* The shortest decimal that reads back the same double (-0 as -0, nan, inf,
 * -inf as such words). */
enum {
    VLT_DOUBLE_TEXT = 32
};
const char *vlt_double_print(double value, char out[VLT_DOUBLE_TEXT]);

/* Append text with control characters and bad UTF-8 as \xXX or \u{XXXX}, so
 * that it can be shown on a terminal. */
void vlt_text_put_escaped(struct vlt_buf *out, struct vlt_slice text);

/* Edit distance of two short texts (at most 64 bytes each), for "did you
 * mean"; larger texts are as far apart as their lengths say. */
size_t vlt_text_distance(const char *a, const char *b);

/* A copy on the heap, which the caller frees with free(); NULL: no memory. */
char *vlt_text_copy(struct vlt_slice text);

#endif
