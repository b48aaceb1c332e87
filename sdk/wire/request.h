/*
 * request: what a firm asks, as the signed payload of WIRE.md, 8.2.
 *
 * Reading checks every member's type, presence and range, refuses members that
 * no request has, and ends with the lint of terms; so what was read is well
 * formed and goes to the owner, or the fault says which member is wrong.
 * Signature (jws.h), session match and time are the caller's to check.
 *
 * A request file, which a firm's developer writes, holds the members of a
 * payload less v, jti, iss, aud and iat, which are filled in when it is sent.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_REQUEST_H
#define VLT_REQUEST_H

#include "terms/lint.h"
#include "wire/address.h"
#include "wire/jws.h"
#include "json/json.h"

/*
 * Read a payload.  The caller owns *document, whose texts *out borrows, and
 * frees it with vlt_json_free().
 * VLT_E_LIMIT   over VLT_LIMIT_REQUEST_JWS bytes or VLT_LIMIT_DEPTH deep
 * VLT_E_FORMAT  *fault says where ("items[0].bucket_s") and why, with the
 *               lint's code where a rule of lint.h is broken
 * On failure *document is untouched.
 */
VLT_MUST_USE enum vlt_status vlt_request_read(struct vlt_slice payload,
                                              struct vlt_json **document,
                                              struct terms_request *out,
                                              struct terms_fault *fault);

/* What a request file is completed with. */
struct vlt_request_fill {
    uint8_t jti[VLT_ID_LEN];
    uint8_t iss[VLT_IDENTITY_LEN]; /* the firm's id */
    uint8_t aud[VLT_IDENTITY_LEN]; /* id of the vault's receipt key for it */
    int64_t iat;                   /* seconds since 1970 */
};

/* The same for a request file, completed by fill; fill NULL (for a lint
 * without a vault) leaves iss and aud empty, jti and iat 0. */
VLT_MUST_USE enum vlt_status
vlt_request_read_file(struct vlt_slice file,
                      const struct vlt_request_fill *fill,
                      struct vlt_json **document, struct terms_request *out,
                      struct terms_fault *fault);

/* Append the payload that vlt_request_read() reads as the same request. */
void vlt_request_put(const struct terms_request *request, struct vlt_buf *out);

/* Sign a file's request: read, complete, print, sign.  The compact JWS is
 * appended to out.  VLT_E_FORMAT as above; VLT_E_LIMIT: the JWS would be over
 * VLT_LIMIT_REQUEST_JWS bytes. */
VLT_MUST_USE enum vlt_status
vlt_request_sign(struct vlt_slice file, const struct vlt_request_fill *fill,
                 const struct vlt_signer *signer, struct vlt_buf *out,
                 struct terms_fault *fault);

#endif
