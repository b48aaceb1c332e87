/*
 * secret_internal: the bytes of a key, for the other modules of this room.
 */
#ifndef VLT_SECRET_INTERNAL_H
#define VLT_SECRET_INTERNAL_H

#include "crypto/secret.h"

/* The VLT_KEY_LEN bytes of a key: borrowed, valid while its secret is. */
const uint8_t *vlt_key_peek(struct vlt_key key);

#endif
