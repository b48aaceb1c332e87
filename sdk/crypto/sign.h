/*
 * sign: Ed25519, never over raw bytes.
 *
 * What is signed always begins with something that says what it is, so that a
 * signature made for one place is of no use in another: a handshake message
 * gets 64 spaces and a context string in front, a head its context string; a
 * JWS begins with its header and a checkpoint with its origin, which is
 * checked before it is signed.
 *
 * Threads: a signer may be used by several at once, freed by one.
 */
#ifndef VLT_SIGN_H
#define VLT_SIGN_H

#include "crypto/secret.h"

enum {
    VLT_SIGN_PK = 32,
    VLT_SIGN_SEED = 32,
    VLT_SIGN_LEN = 64,
    VLT_SIGN_FRAMED_MAX = 512, /* a message with a context string in front */
};

enum vlt_sign_as {
    VLT_SIGN_SERVER_AUTH, /* 64 × 0x20 ‖ "vd1 server auth" ‖ 00 ‖ message */
    VLT_SIGN_CLIENT_AUTH, /* 64 × 0x20 ‖ "vd1 client auth" ‖ 00 ‖ message */
    VLT_SIGN_HEAD,        /* "vd1 head" ‖ 00 ‖ message */
    VLT_SIGN_JWS,         /* message as it is; must begin with eyJ and hold
                             one full stop */
    VLT_SIGN_CHECKPOINT, /* message as it is; must begin with
                            vaultd.invalid/ and end with a newline */
};

struct vlt_signer;

/* A signer of this seed (32 bytes).  The caller owns *out. */
VLT_MUST_USE enum vlt_status vlt_signer_new(struct vlt_key seed,
                                            struct vlt_signer **out);

/* Wipe and free.  NULL is allowed. */
void vlt_signer_free(struct vlt_signer *signer);

/* The public key: borrowed, VLT_SIGN_PK bytes. */
const uint8_t *vlt_signer_pk(const struct vlt_signer *signer);

/*
 * Sign message in its place.
 * VLT_E_FORMAT: the message does not begin as its place demands.
 * VLT_E_LIMIT: a handshake message or head over VLT_SIGN_FRAMED_MAX bytes.
 */
VLT_MUST_USE enum vlt_status vlt_sign(const struct vlt_signer *signer,
                                      enum vlt_sign_as as,
                                      struct vlt_slice message,
                                      uint8_t out[VLT_SIGN_LEN]);

/*
 * Check a signature of pk.  VLT_E_AUTH: it does not hold, or pk is of small
 * order, or the signature is not canonical, or vlt_sign() would have refused
 * to sign the message.
 */
VLT_MUST_USE enum vlt_status vlt_verify(const uint8_t pk[VLT_SIGN_PK],
                                        enum vlt_sign_as as,
                                        struct vlt_slice message,
                                        const uint8_t signature[VLT_SIGN_LEN]);

#endif
