/*
 * header: the vault's ids and the slots that open it, or a backup of it.
 *
 * header.N has 4,096 bytes:
 *
 *     offset  bytes    field
 *          0      8    "vaultd1" ‖ 00
 *          8      4    format = 1
 *         12      4    oldest reader format that may open it = 1
 *         16     16    vault id, for life
 *         32     16    instance id, new at each restore
 *         48     32    inbox public key (X25519)
 *         80     16    zero
 *         96  8×224    slots (slot.h)
 *      1,888  2,144    zero
 *      4,032     32    MAC = H(KDF(RK, "vd1-head"), bytes 0..4031)
 *      4,064     32    zero
 *
 * A backup's has the same form, with "vaultbk1" as its first 8 bytes, and at
 * offset 80 the 16 random bytes of its stream (crypto/stream.h).  Ids and inbox
 * key are the vault's.  What its slots hold is BK, the key of that backup
 * alone, in the place of RK; they are wrapped under the backup wrap key of each
 * slot (keys/keyring.h, type 6) in the place of KEK, with parameters and salt
 * as in the vault's header.  The MAC is H(KDF(BK, "vd1-bkhd"), …).  A slot
 * without a backup wrap key is left out.
 */
#ifndef KEYS_HEADER_H
#define KEYS_HEADER_H

#include "base/id.h"
#include "crypto/sealbox.h"
#include "keys/slot.h"

enum {
    HEADER_LEN = 4096,
    HEADER_FORMAT = 1,
    HEADER_STREAM = 16,
};

enum header_of {
    HEADER_OF_VAULT = 0,
    HEADER_OF_BACKUP,
};

struct header {
    enum header_of of;
    uint8_t stream[HEADER_STREAM]; /* of a backup; else zero */
    uint8_t vault_id[VLT_ID_LEN];
    uint8_t instance_id[VLT_ID_LEN];
    uint8_t inbox_pk[VLT_BOX_PK];
    uint8_t slot[SLOT_COUNT][SLOT_LEN]; /* records, as on disk */
};

/* The 32 bytes that slots are bound to. */
void header_vault(const struct header *header, uint8_t out[SLOT_VAULT]);

/* All 4,096 bytes, with the MAC under the root key, or BK.
 * VLT_E_NOMEM as vlt_secret_new(). */
VLT_MUST_USE enum vlt_status header_encode(const struct header *header,
                                           const struct vlt_secret *root_key,
                                           uint8_t out[HEADER_LEN]);

/*
 * Read a header whose MAC cannot be checked yet, and every slot in it.  Pure.
 *
 * VLT_E_FORMAT  not a header, or a byte that must be zero is not
 * VLT_E_LIMIT   a newer format than HEADER_FORMAT, or a slot's cost is beyond
 *               floors and ceilings
 */
VLT_MUST_USE enum vlt_status header_decode(struct vlt_slice bytes,
                                           struct header *out);

/* The same of a backup's header. */
VLT_MUST_USE enum vlt_status header_decode_backup(struct vlt_slice bytes,
                                                  struct header *out);

/* Does it hold a format that is newer than this program knows?  Says why
 * header_decode() returned VLT_E_LIMIT. */
bool header_newer(struct vlt_slice bytes);

/*
 * Check the MAC of the 4,096 bytes, by the root key, or BK of a backup's.
 * VLT_E_AUTH: another key, or a byte was changed.  VLT_E_NOMEM.
 */
VLT_MUST_USE enum vlt_status header_check(struct vlt_slice bytes,
                                          const struct vlt_secret *root_key);

#endif
