/*
 * id: identifiers and their text forms.
 *
 * ULID is 48 bits of milliseconds and 80 random bits, as 26 characters of
 * Crockford's base32.  Random bits are drawn elsewhere (crypto/random.h).
 * Sources: RFC 4648 (base16, base32, base64), the ULID specification.
 */
#ifndef VLT_ID_H
#define VLT_ID_H

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"

enum {
    VLT_ID_LEN = 16,        /* bytes of a ULID, stream, source or firm id */
    VLT_ULID_TEXT = 26 + 1, /* characters of a ULID and the zero */
};

/* Print a ULID in upper case.  Returns out. */
const char *vlt_ulid_print(const uint8_t id[VLT_ID_LEN],
                           char out[VLT_ULID_TEXT]);

/* Read 26 characters of either case.  VLT_E_FORMAT: anything else, the letters
 * I L O U, or a first character above 7. */
VLT_MUST_USE enum vlt_status vlt_ulid_parse(struct vlt_slice text,
                                            uint8_t out[VLT_ID_LEN]);

/* Lower-case hex of len bytes into out (2·len characters and a zero). */
const char *vlt_hex_print(const void *at, size_t len, char *out);

/* Read exactly len bytes from 2·len hex digits of either case. */
VLT_MUST_USE enum vlt_status vlt_hex_parse(struct vlt_slice text, void *out,
                                           size_t len);

/* Lower-case base32 without padding into out: ceil(8·len/5) characters and a
 * zero (52 for 32 bytes, 26 for 16). */
const char *vlt_base32_print(const void *at, size_t len, char *out);

/* Read exactly len bytes; upper case, padding and leftover bits that are not
 * zero are VLT_E_FORMAT. */
VLT_MUST_USE enum vlt_status vlt_base32_parse(struct vlt_slice text, void *out,
                                              size_t len);

/* base64url without padding, appended to out. */
void vlt_base64url_put(struct vlt_buf *out, struct vlt_slice bytes);

/* Strict: no padding, no blanks, leftover bits zero.  Appended to out, which
 * is left as it was on failure. */
VLT_MUST_USE enum vlt_status vlt_base64url_get(struct vlt_slice text,
                                               struct vlt_buf *out);

/* base64 with padding, appended to out. */
void vlt_base64_put(struct vlt_buf *out, struct vlt_slice bytes);

/* Strict, padding required. */
VLT_MUST_USE enum vlt_status vlt_base64_get(struct vlt_slice text,
                                            struct vlt_buf *out);

#endif
