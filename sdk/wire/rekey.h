/*
 * rekey: a firm asks to be known by another key (WIRE.md, firm.rekey).
 *
 * Two compact JWSs of type VLT_TYP_REKEY over the very same payload, the first
 * by the key that the vault knows, the second by the one that is to come:
 *
 *     {"v":1,"jti":ULID,"iss":"vf1:…","aud":"vr1:…","iat":s,"next":KEY}
 *
 * iss is the firm as it is known, aud the vault's receipt key for it, KEY the
 * other public key in base64url.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_REKEY_H
#define VLT_REKEY_H

#include "base/buf.h"
#include "base/id.h"
#include "crypto/sign.h"
#include "wire/address.h"

struct vlt_rekey {
    uint8_t jti[VLT_ID_LEN];
    uint8_t iss[VLT_IDENTITY_LEN];
    uint8_t aud[VLT_IDENTITY_LEN];
    int64_t iat; /* s since 1970 */
    uint8_t next[VLT_SIGN_PK];
};

/* Read a payload of at most 1,024 bytes: every member of the above, none else,
 * none twice.  VLT_E_FORMAT: it is none.  VLT_E_LIMIT, VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status vlt_rekey_read(struct vlt_slice payload,
                                            struct vlt_rekey *out);

/* Sign it by both keys, of which it takes `next`; appended to change (by the
 * old one) and accept.  VLT_E_NOMEM, VLT_E_LIMIT as vlt_buf_status(). */
VLT_MUST_USE enum vlt_status vlt_rekey_sign(const struct vlt_signer *old,
                                            const struct vlt_signer *next,
                                            const struct vlt_rekey *rekey,
                                            struct vlt_buf *change,
                                            struct vlt_buf *accept);

/*
 * Read one that old has signed, and the key that is to come.  *which is
 * "change" or "accept", the one that is at fault.
 * VLT_E_LIMIT   over VLT_LIMIT_REKEY_JWS bytes
 * VLT_E_FORMAT  no JWS of this type, or its payload is none, or not the other's
 * VLT_E_AUTH    not signed by its key
 */
VLT_MUST_USE enum vlt_status vlt_rekey_verify(struct vlt_slice change,
                                              struct vlt_slice accept,
                                              const uint8_t old[VLT_SIGN_PK],
                                              const char **which,
                                              struct vlt_rekey *out);

#endif
