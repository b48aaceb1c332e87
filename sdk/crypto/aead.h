/*
 * aead: XChaCha20-Poly1305 with a nonce that is drawn inside.
 *
 * Two encryptions of the same bytes differ.  Nonces come from a buffer of
 * 64 KiB that is filled at once and wiped as it is used; so the process must
 * not fork after the first call.
 *
 * Threads: any; each has a nonce buffer of its own.
 */
#ifndef VLT_AEAD_H
#define VLT_AEAD_H

#include "crypto/secret.h"

enum {
    VLT_NONCE_LEN = 24,
    VLT_TAG_LEN = 16,
};

/*
 * Seal plain under key, bound to aad.  Writes 24 bytes of nonce and
 * plain.len + 16 bytes of ciphertext with tag; neither may overlap plain.
 */
void vlt_aead_seal(struct vlt_key key, struct vlt_slice aad,
                   struct vlt_slice plain, uint8_t nonce[VLT_NONCE_LEN],
                   uint8_t *sealed);

/*
 * Open what vlt_aead_seal() made: sealed.len - 16 bytes go to plain.
 * VLT_E_AUTH: another key, nonce, aad or byte, or sealed.len below 16; then
 * plain holds nothing of the text.
 */
VLT_MUST_USE enum vlt_status vlt_aead_open(struct vlt_key key,
                                           struct vlt_slice aad,
                                           const uint8_t nonce[VLT_NONCE_LEN],
                                           struct vlt_slice sealed,
                                           uint8_t *plain);

/* Wipe this thread's nonce buffer (at lock, and before a thread ends). */
void vlt_aead_forget(void);

#endif
