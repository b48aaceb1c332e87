/*
 * slot: the vault's root key, wrapped under one way to open the vault.
 *
 * A slot is a record of 224 bytes in the header file:
 *
 *     offset  bytes  field
 *          0      1  type: 1 passphrase, 2 recovery, 3 credential
 *          1      1  slot number, 0 to 7
 *          2      1  suite: 1 is XChaCha20-Poly1305
 *          3      1  kdf: 0 none, 1 Argon2id
 *          4     12  kdf's t, m, p
 *         16     16  salt
 *         32     16  zero
 *         48     32  commit = H(KEK, "vd1 slot commit" ‖ AAD)
 *         80     24  nonce
 *        104     48  the root key, sealed under H(KEK, "vd1 slot wrap")
 *        152     72  zero
 *
 * AAD is the header's first 32 bytes and the slot's first 48.  An empty slot
 * is all zero.  How a KEK comes out of a passphrase is kek.h's business, and
 * slow; nothing here is.  Nothing here reads or writes files.
 */
#ifndef KEYS_SLOT_H
#define KEYS_SLOT_H

#include "keys/kek.h"

enum {
    SLOT_LEN = 224,
    SLOT_COUNT = 8,
    SLOT_VAULT = 32,  /* bytes of the header that a slot is bound to */
    SLOT_KEY_LEN = 32 /* of the root key */
};

enum slot_type {
    SLOT_EMPTY = 0,
    SLOT_PASSPHRASE = 1,
    SLOT_RECOVERY = 2,
    SLOT_CREDENTIAL = 3,
};

/* What a slot says of itself, in the clear. */
struct slot_about {
    enum slot_type type;
    uint8_t number;       /* 0 to 7 */
    struct kek_cost cost; /* zero but for a passphrase */
    uint8_t salt[KEK_SALT];
};

/*
 * Read what a record of 224 bytes says, checking every byte that can be
 * checked without a key.  Pure.
 *
 * VLT_E_FORMAT  another length, an unknown type, suite or kdf, a field or
 *               padding that must be zero, or p other than 1
 * VLT_E_LIMIT   t or m beyond floors and ceilings
 */
VLT_MUST_USE enum vlt_status slot_read(struct vlt_slice record,
                                       struct slot_about *out);

/*
 * Wrap the root key into a record.  vault is the header's first 32 bytes; kek
 * has 32 bytes; root_key has SLOT_KEY_LEN.
 * VLT_E_LIMIT: about is no slot that slot_read() would take, or a length.
 * VLT_E_NOMEM as vlt_secret_new().
 */
VLT_MUST_USE enum vlt_status slot_seal(const uint8_t vault[SLOT_VAULT],
                                       const struct slot_about *about,
                                       const struct vlt_secret *kek,
                                       const struct vlt_secret *root_key,
                                       uint8_t record[SLOT_LEN]);

/*
 * Unwrap the root key.  The caller owns *out.
 * VLT_E_AUTH: another KEK, another vault, or a changed byte; also of an empty
 * slot.  Else as slot_read() and vlt_secret_new().
 */
VLT_MUST_USE enum vlt_status slot_open(const uint8_t vault[SLOT_VAULT],
                                       struct vlt_slice record,
                                       const struct vlt_secret *kek,
                                       struct vlt_secret **out);

#endif
