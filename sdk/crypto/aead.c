#include "crypto/aead.h"

#include <sodium.h>
#include <string.h>

#include "crypto/secret_internal.h"

enum {
    NONCES = 2730 /* in 64 KiB */
};

/*
 * The one accepted file-scope variable of this room: a system call a nonce
 * would cost more than sealing a small record does.  Each thread has its own,
 * so nothing is shared; each nonce is wiped as it is handed out.
 */
static _Thread_local struct {
    size_t left; /* nonces not handed out yet; they lie at the front */
    uint8_t nonce[NONCES][VLT_NONCE_LEN];
} drawn;

static void
draw_nonce(uint8_t out[VLT_NONCE_LEN])
{
    if (drawn.left == 0) {
        randombytes_buf(drawn.nonce, sizeof drawn.nonce);
        drawn.left = NONCES;
    }
    drawn.left--;
    memcpy(out, drawn.nonce[drawn.left], VLT_NONCE_LEN);
    sodium_memzero(drawn.nonce[drawn.left], VLT_NONCE_LEN);
}

void
vlt_aead_seal(struct vlt_key key, struct vlt_slice aad, struct vlt_slice plain,
              uint8_t nonce[VLT_NONCE_LEN], uint8_t *sealed)
{
    draw_nonce(nonce);
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

void
vlt_aead_forget(void)
{
    sodium_memzero(&drawn, sizeof drawn);
}
