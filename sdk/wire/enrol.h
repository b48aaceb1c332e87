/*
 * enrol: how somebody unknown shows that the owner meant him.
 *
 * Enrolment data of M3 (WIRE.md, 3.4):
 *
 *     invitation    8  SHA-256("vd1 invite id" ‖ token)[0..7]
 *                  32  HMAC-SHA-256(token, "vd1 invite use" ‖ 00 ‖ TH2 ‖ pk)
 *     source token  8  the token's id
 *                  32  HMAC-SHA-256(secret, "vd1 source use" ‖ 00 ‖ TH2 ‖ pk)
 *     open          u8 length ‖ name (UTF-8, 1 to 64 bytes) ‖
 *                   u8 length ‖ contact (0 to 128 bytes)
 *
 * The token itself never travels, and a MAC is of use in one TLS session only.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_ENROL_H
#define VLT_ENROL_H

#include "wire/handshake.h"

enum {
    VLT_ENROL_ID = 8,
    VLT_ENROL_TOKEN_LEN = VLT_ENROL_ID + 32,
    VLT_ENROL_NAME = 64,
    VLT_ENROL_CONTACT = 128,
};

enum vlt_enrol_with {
    VLT_ENROL_WITH_INVITE, /* token of 16 bytes */
    VLT_ENROL_WITH_SOURCE, /* secret of 32 bytes */
};

/* The id under which an invitation is looked up. */
void vlt_invite_id(const struct vlt_secret *token, uint8_t out[VLT_ENROL_ID]);

/* A token that its holder shows. */
struct vlt_enrol_token {
    enum vlt_enrol_with with;
    uint8_t id[VLT_ENROL_ID];
    const struct vlt_secret *token; /* borrowed */
};

/* Enrolment data of this token for the key pk, bound to the handshake whose
 * TH2 this is. */
void vlt_enrol_token_write(const struct vlt_enrol_token *token,
                           const uint8_t th2[32], const uint8_t pk[VLT_SIGN_PK],
                           uint8_t out[VLT_ENROL_TOKEN_LEN]);

/* The id in a peer's enrolment data of kind TOKEN, to look the token up. */
void vlt_enrol_token_id(const struct vlt_peer *peer, uint8_t out[VLT_ENROL_ID]);

/* Does the MAC in a peer's enrolment data hold under this token?  In a time
 * that does not depend on the bytes. */
bool vlt_enrol_token_holds(enum vlt_enrol_with with,
                           const struct vlt_secret *token,
                           const struct vlt_peer *peer);

/* What a stranger says of himself: borrowed. */
struct vlt_enrol_open {
    struct vlt_slice name;
    struct vlt_slice contact;
};

/* Read data of open enrolment.  VLT_E_FORMAT: not that, or not printable. */
VLT_MUST_USE enum vlt_status vlt_enrol_open_read(struct vlt_slice data,
                                                 struct vlt_enrol_open *out);

/* Write them into out (of VLT_ENROL_MAX bytes).  VLT_E_LIMIT: too long. */
VLT_MUST_USE enum vlt_status
vlt_enrol_open_write(const struct vlt_enrol_open *open,
                     uint8_t out[VLT_ENROL_MAX], size_t *len);

#endif
