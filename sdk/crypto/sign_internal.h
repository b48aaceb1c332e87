/*
 * sign_internal: the bare check under vlt_verify(), for published vectors.
 *
 * There is no bare signing.
 */
#ifndef VLT_SIGN_INTERNAL_H
#define VLT_SIGN_INTERNAL_H

#include "crypto/sign.h"

/* Is this an Ed25519 signature of pk over exactly these bytes?  Keys and
 * commitments of small order, and encodings that are not canonical, are
 * refused. */
bool vlt_sign_holds(const uint8_t pk[VLT_SIGN_PK], struct vlt_slice bytes,
                    const uint8_t signature[VLT_SIGN_LEN]);

#endif
