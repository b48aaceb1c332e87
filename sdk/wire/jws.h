/*
 * jws: compact JWS (RFC 7515) with Ed25519 (RFC 8037, RFC 9864).
 *
 *     base64url(header) . base64url(payload) . base64url(signature)
 *     header  {"alg":"Ed25519","typ":TYP,"kid":KID}
 *
 * KID is the RFC 7638 thumbprint of the key, which the verifier has pinned:
 * nothing in a token ever says which key to believe.  A header has exactly
 * these three members, in any order; alg may be EdDSA too.  Payload bytes are
 * signed as they are; nothing is canonicalised.
 *
 * The two-sided form is JWS JSON serialisation with one payload and two
 * signatures:
 *
 *     {"payload":P,"signatures":[{"protected":H,"signature":S},…]}
 *
 * Source: WIRE.md, 8.1.  Pure.  Threads: any.
 */
#ifndef VLT_JWS_H
#define VLT_JWS_H

#include "base/buf.h"
#include "crypto/sign.h"

enum {
    VLT_KID_TEXT = 43 + 1, /* base64url of 32 bytes, and the zero */
    VLT_JWS_HEADER = 512,  /* bytes of a header at most */
    VLT_JWS_TYP = 64,      /* bytes of a typ at most */
};

/* Types of what is signed in the protocol. */
#define VLT_TYP_REQUEST "vault-request+jwt"
#define VLT_TYP_RECEIPT "vault-receipt+jwt"
#define VLT_TYP_COUNTERSIGN "vault-countersign+jwt"
#define VLT_TYP_STATUS "vault-status+jwt"
#define VLT_TYP_OFFER "vault-offer+jwt"
#define VLT_TYP_ACCEPT "vault-accept+jwt"
#define VLT_TYP_ACK "vault-ack+jwt"
#define VLT_TYP_DELETION "vault-deletion+jwt"
#define VLT_TYP_NEWKEY "vault-newkey+jwt"
#define VLT_TYP_REKEY "vault-rekey+jwt"
#define VLT_TYP_ERASURE "vault-erasure+jwt"

/* The RFC 7638 thumbprint of an Ed25519 key, in base64url.  Returns out. */
const char *vlt_jws_kid(const uint8_t pk[VLT_SIGN_PK], char out[VLT_KID_TEXT]);

/* Sign payload; the compact form is appended to out.  VLT_E_NOMEM, VLT_E_LIMIT
 * as vlt_buf_status(). */
VLT_MUST_USE enum vlt_status vlt_jws_sign(const struct vlt_signer *signer,
                                          const char *typ,
                                          struct vlt_slice payload,
                                          struct vlt_buf *out);

/*
 * Verify a compact JWS of at most max bytes against a pinned key; the payload
 * is appended to out, which is left as it was on failure.
 *
 * VLT_E_LIMIT   longer than max
 * VLT_E_FORMAT  not three parts of strict base64url, or its header is not
 *               one of exactly alg, typ and kid with this typ
 * VLT_E_AUTH    kid is not that of the key, or the signature does not hold
 */
VLT_MUST_USE enum vlt_status vlt_jws_verify(struct vlt_slice token, size_t max,
                                            const char *typ,
                                            const uint8_t pk[VLT_SIGN_PK],
                                            struct vlt_buf *out);

/* Join two compact forms over the same payload into the two-sided form.
 * VLT_E_FORMAT: one is none, or the payloads differ. */
VLT_MUST_USE enum vlt_status vlt_jws_join(struct vlt_slice first,
                                          struct vlt_slice second,
                                          struct vlt_buf *out);

/* Split the two-sided form into two compact ones (order as it stands there),
 * appended to buffers that are left alone on failure.  VLT_E_FORMAT: it is
 * none; VLT_E_LIMIT: over VLT_LIMIT_RECEIPT_JWS bytes. */
VLT_MUST_USE enum vlt_status vlt_jws_split(struct vlt_slice json,
                                           struct vlt_buf *first,
                                           struct vlt_buf *second);

#endif
