/*
 * sealbox: X25519 boxes that anyone can seal and one can open.
 */
#ifndef VLT_SEALBOX_H
#define VLT_SEALBOX_H

#include "crypto/secret.h"

enum {
    VLT_BOX_PK = 32,
    VLT_BOX_MORE = 48, /* bytes that a sealed box is longer than its text */
};

/* A new key pair.  The caller owns *secret (32 bytes). */
VLT_MUST_USE enum vlt_status vlt_box_pair(struct vlt_secret **secret,
                                          uint8_t pk[VLT_BOX_PK]);

/*
 * Seal plain to pk: plain.len + VLT_BOX_MORE bytes go to sealed.
 * VLT_E_FORMAT: pk is a point of small order, to which nothing can be sealed.
 */
VLT_MUST_USE enum vlt_status vlt_box_seal(const uint8_t pk[VLT_BOX_PK],
                                          struct vlt_slice plain,
                                          uint8_t *sealed);

/* Open a box: sealed.len - VLT_BOX_MORE bytes go to plain.
 * VLT_E_AUTH: not for this key, or changed. */
VLT_MUST_USE enum vlt_status vlt_box_open(struct vlt_key secret,
                                          const uint8_t pk[VLT_BOX_PK],
                                          struct vlt_slice sealed,
                                          uint8_t *plain);

#endif
