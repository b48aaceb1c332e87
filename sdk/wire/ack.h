/*
 * ack: a firm's signature under what it was given (WIRE.md, grant.ack).
 *
 * A compact JWS of type VLT_TYP_ACK, signed by the firm, over
 *
 *     {"grant":ULID,"use":ULID,"last_seq":n,"sha256":hex}
 *
 * of an answer that came whole, or with `span` in the place of `use` of a
 * stretch of a subscription.  sha256 is SHA-256 over the SHA-256 digests, 32
 * bytes each, of its messages in the order of their seq; last_seq is that of
 * the last.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_ACK_H
#define VLT_ACK_H

#include "base/buf.h"
#include "base/id.h"
#include "crypto/sign.h"

struct vlt_ack {
    uint8_t grant[VLT_ID_LEN];
    bool span;              /* of a subscription; else a use */
    uint8_t id[VLT_ID_LEN]; /* of the use or span */
    uint64_t last_seq;      /* 1 to 2^53 */
    uint8_t sha256[32];
};

/* Read a payload of at most 512 bytes: every member of the above, none else,
 * none twice.  VLT_E_FORMAT: it is none.  VLT_E_LIMIT, VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status vlt_ack_read(struct vlt_slice payload,
                                          struct vlt_ack *out);

/* Sign it as the firm; the compact form is appended.  VLT_E_NOMEM, VLT_E_LIMIT
 * as vlt_buf_status(). */
VLT_MUST_USE enum vlt_status vlt_ack_sign(const struct vlt_signer *firm,
                                          const struct vlt_ack *ack,
                                          struct vlt_buf *out);

/*
 * Read one that this key signed.
 * VLT_E_LIMIT   over VLT_LIMIT_ACK_JWS bytes
 * VLT_E_FORMAT  no JWS of this type, or its payload is none
 * VLT_E_AUTH    not signed by this key
 */
VLT_MUST_USE enum vlt_status vlt_ack_verify(struct vlt_slice token,
                                            const uint8_t pk[VLT_SIGN_PK],
                                            struct vlt_ack *out);

#endif
