#include "crypto/kdf.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/secret_internal.h"

enum {
    ARGON2_T_MAX = 64,
    ARGON2_M_MIN = 8,
    ARGON2_M_MAX = 2097152,
    PASSPHRASE_MAX = 1024,
};

_Static_assert(crypto_kdf_KEYBYTES == VLT_KEY_LEN, "keys have 32 bytes");
_Static_assert(crypto_pwhash_SALTBYTES == 16, "salts have 16 bytes");

enum vlt_status
vlt_kdf(struct vlt_key key, const char *context, struct vlt_secret **out)
{
    struct vlt_secret *made;
    enum vlt_status st = vlt_secret_new(VLT_KEY_LEN, &made);

    assert(strlen(context) == crypto_kdf_CONTEXTBYTES);
    if (st != VLT_OK) {
        return st;
    }
    /* Fails for other lengths only. */
    (void)crypto_kdf_derive_from_key(vlt_secret_bytes(made), VLT_KEY_LEN, 1,
                                     context, vlt_key_peek(key));
    *out = made;
    return VLT_OK;
}

enum vlt_status
vlt_derive(struct vlt_key key, const char *label, struct vlt_secret **out)
{
    struct vlt_slice part = vlt_slice_text(label);
    struct vlt_secret *made;
    enum vlt_status st = vlt_secret_new(VLT_KEY_LEN, &made);

    if (st != VLT_OK) {
        return st;
    }
    vlt_hash_keyed(key, &part, 1, vlt_secret_bytes(made));
    *out = made;
    return VLT_OK;
}

enum vlt_status
vlt_argon2id(const struct vlt_secret *passphrase, const uint8_t salt[16],
             uint32_t t, uint32_t m_kib, struct vlt_secret **out)
{
    size_t len = vlt_secret_len(passphrase);

    if (t < 1 || t > ARGON2_T_MAX || m_kib < ARGON2_M_MIN ||
        m_kib > ARGON2_M_MAX || len > PASSPHRASE_MAX) {
        return VLT_E_LIMIT;
    }
    struct vlt_secret *made;
    enum vlt_status st = vlt_secret_new(VLT_KEY_LEN, &made);

    if (st != VLT_OK) {
        return st;
    }
    /* Within these limits it fails for want of memory alone. */
    if (crypto_pwhash(vlt_secret_bytes(made), VLT_KEY_LEN,
                      (const char *)vlt_secret_peek(passphrase), len, salt, t,
                      (size_t)m_kib * 1024,
                      crypto_pwhash_ALG_ARGON2ID13) != 0) {
        vlt_secret_free(made);
        return VLT_E_NOMEM;
    }
    *out = made;
    return VLT_OK;
}
