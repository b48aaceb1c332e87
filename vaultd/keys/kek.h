/*
 * kek: the key of a slot, out of what the owner has.
 *
 *     passphrase  Argon2id v1.3 (the UTF-8 bytes as typed, salt, t, m, p = 1)
 *     recovery    H(the 32 bytes of the words, "vd1 recovery")
 *     credential  H(the 32 bytes of the file, "vd1 credential")
 *
 * The two others are fast: their secrets are random.
 */
#ifndef KEYS_KEK_H
#define KEYS_KEK_H

#include "crypto/secret.h"

enum {
    KEK_SALT = 16,
    KEK_T_MIN = 3,
    KEK_T_MAX = 16,
    KEK_M_MIN = 64 << 10, /* KiB: 64 MiB */
    KEK_M_MAX = 1 << 20,  /* KiB: 1 GiB */
    KEK_T_DEFAULT = 3,
    KEK_M_DEFAULT = 256 << 10,
    KEK_PASSPHRASE_MAX = 1024,
    KEK_RANDOM_LEN = 32, /* bytes of a credential, and of 24 words */
};

/* What a try at a passphrase costs. */
struct kek_cost {
    uint32_t t;     /* passes */
    uint32_t m_kib; /* memory */
};

/* Is it within the floors and ceilings? */
bool kek_cost_valid(struct kek_cost cost);

/* The default on a machine of so much memory (0: not known): 256 MiB, or a
 * quarter of the memory where that is less, but at least 64 MiB. */
struct kek_cost kek_cost_default(uint64_t ram_bytes);

/*
 * Slow.  The caller owns *out, 32 bytes.
 * VLT_E_LIMIT  the cost or the passphrase's length is out of range; nothing
 *              was allocated
 * VLT_E_NOMEM  the memory is not to be had
 */
VLT_MUST_USE enum vlt_status
kek_of_passphrase(const struct vlt_secret *passphrase,
                  const uint8_t salt[KEK_SALT], struct kek_cost cost,
                  struct vlt_secret **out);

/* Of the 32 bytes that words_parse() gives.  The caller owns *out.
 * VLT_E_LIMIT: another length.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status kek_of_words(const struct vlt_secret *entropy,
                                          struct vlt_secret **out);

/* Of the 32 bytes of a key file; likewise. */
VLT_MUST_USE enum vlt_status
kek_of_credential(const struct vlt_secret *credential, struct vlt_secret **out);

#endif
