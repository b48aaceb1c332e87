#include "crypto/aead.h"

#include <sodium.h>

#include "crypto/random.h"
#include "crypto/secret_internal.h"

void
vlt_aead_seal(struct vlt_key key, struct vlt_slice aad, struct vlt_slice plain,
              uint8_t nonce[VLT_NONCE_LEN], uint8_t *sealed)
{
    vlt_random(nonce, VLT_NONCE_LEN);
    /* Cannot fail: it returns 0 always. */
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed, NULL, plain.at, plain.len, aad.at, aad.len, NULL, nonce,
        vlt_key_peek(key));
}

enum vlt_status
vlt_aead_open(struct vlt_key key, struct vlt_slice aad,
              const uint8_t nonce[VLT_NONCE_LEN], struct vlt_slice sealed,
              uint8_t *plain)
{
    if (sealed.len < VLT_TAG_LEN) {
        return VLT_E_AUTH;
    }
    /* The tag is checked before anything is deciphered. */
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            plain, NULL, NULL, sealed.at, sealed.len, aad.at, aad.len, nonce,
            vlt_key_peek(key)) != 0) {
        return VLT_E_AUTH;
    }
    return VLT_OK;
}
