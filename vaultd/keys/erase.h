/*
 * erase: the secret whose destruction destroys the keyring.
 *
 * E_N is 32 random bytes, spread over the file erase.N so that losing any
 * stripe of it loses E_N (the idea is the anti-forensic splitter of LUKS).  s_1
 * to s_3999 are random; d_0 = 0; d_k = H("vd1 af" ‖ u32 k ‖ (d_(k-1) xor s_k));
 * s_4000 = d_3999 xor E_N. Either way takes about 2 ms.
 */
#ifndef KEYS_ERASE_H
#define KEYS_ERASE_H

#include "crypto/secret.h"

enum {
    ERASE_STRIPE = 32,
    ERASE_STRIPES = 4000,
    ERASE_LEN = ERASE_STRIPE * ERASE_STRIPES, /* bytes of erase.N */
};

/* Spread a secret of 32 bytes over ERASE_LEN bytes, anew each time; the caller
 * wipes them when they are written. */
void erase_split(const struct vlt_secret *secret, uint8_t *stripes);

/* The secret of ERASE_LEN bytes.  The caller owns *out.
 * VLT_E_FORMAT: another length.  VLT_E_NOMEM as vlt_secret_new(). */
VLT_MUST_USE enum vlt_status erase_join(struct vlt_slice stripes,
                                        struct vlt_secret **out);

#endif
