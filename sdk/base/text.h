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

/* Length in bytes (1 to 4) of the character that begins at byte `at` (below
 * text.len), which goes to *out; U+0000 is one.  0: nothing well formed stands
 * there, and *out is untouched. */
size_t vlt_utf8_next(struct vlt_slice text, size_t at, uint32_t *out);

/* Well-formed UTF-8 without U+0000 (no surrogates, nothing overlong)? */
bool vlt_utf8_valid(struct vlt_slice text);

/* The same, and no control character (below U+0020, U+007F to U+009F). */
bool vlt_text_printable(struct vlt_slice text);

/* Characters (code points) of valid UTF-8. */
size_t vlt_utf8_count(struct vlt_slice text);

/* Read the whole slice as a decimal int64: an optional -, digits, nothing
 * else.  VLT_E_FORMAT: not that.  VLT_E_LIMIT: out of range. */
VLT_MUST_USE enum vlt_status vlt_int_parse(struct vlt_slice text, int64_t *out);

/* The same for uint64, without sign. */
VLT_MUST_USE enum vlt_status vlt_uint_parse(struct vlt_slice text,
                                            uint64_t *out);

/*
 * Read the whole slice as a decimal number, correctly rounded to the nearest
 * double: [-+] digits [. digits] [e [-+] digits].  No hex, inf or nan.
 * VLT_E_FORMAT: not that, or over 1,000 bytes.  VLT_E_LIMIT: it overflows.
 */
VLT_MUST_USE enum vlt_status vlt_double_parse(struct vlt_slice text,
                                              double *out);

/* The shortest decimal that reads back the same double (-0 as -0, nan, inf,
 * -inf as such words). */
enum { VLT_DOUBLE_TEXT = 32 };
const char *vlt_double_print(double value, char out[VLT_DOUBLE_TEXT]);

/* The same text, faster where one value has as many decimals as the one before:
 * *places, 0 to begin with, is for this function alone.  Returns its length;
 * whether a zero stands behind it is not said. */
size_t vlt_double_print_next(unsigned *places, double value,
                             char out[VLT_DOUBLE_TEXT]);

/* Is this character none that a reader sees for what it is: a control
 * character, a mark that formats or turns the direction of writing, a separator
 * of lines, of private use, no character at all, or a blank that is no space?
 * Spaces of other widths are seen. */
bool vlt_text_unseen(uint32_t code);

/* Append text with bad UTF-8 and what vlt_text_unseen() says as \xXX or
 * \u{XXXX}, so that it can be shown on a terminal: nothing moves the cursor,
 * and no name reads as another. */
void vlt_text_put_escaped(struct vlt_buf *out, struct vlt_slice text);

/* Edit distance of two short texts (at most 64 bytes each), for "did you
 * mean": bytes put in, left out, changed, or swapped with their neighbour.
 * Larger texts are as far apart as the longer one is long. */
size_t vlt_text_distance(const char *a, const char *b);

/* A copy on the heap, which the caller frees with free(); NULL: no memory. */
char *vlt_text_copy(struct vlt_slice text);

#endif
