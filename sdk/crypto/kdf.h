/*
 * kdf: keys out of keys, and out of passphrases.
 */
#ifndef VLT_KDF_H
#define VLT_KDF_H

#include "crypto/secret.h"

/*
 * The store's KDF(K, "ctx"): libsodium's crypto_kdf with id 1, 32 bytes.
 * context has exactly 8 characters.  The caller owns *out.
 * VLT_E_NOMEM as vlt_secret_new().
 */
VLT_MUST_USE enum vlt_status vlt_kdf(struct vlt_key key, const char *context,
                                     struct vlt_secret **out);

/* BLAKE2b-256 of label under key, as a key.  The caller owns *out. */
VLT_MUST_USE enum vlt_status vlt_derive(struct vlt_key key, const char *label,
                                        struct vlt_secret **out);

/*
 * Argon2id v1.3 with one lane: slow, and takes m_kib of memory while it runs.
 * t 1 to 64, m_kib 8 to 2,097,152.  The caller owns *out, 32 bytes.
 *
 * VLT_E_LIMIT  t, m_kib or the passphrase's length (1 to 1024) out of range
 * VLT_E_NOMEM  m_kib is not to be had
 */
VLT_MUST_USE enum vlt_status vlt_argon2id(const struct vlt_secret *passphrase,
                                          const uint8_t salt[16], uint32_t t,
                                          uint32_t m_kib,
                                          struct vlt_secret **out);

#endif
