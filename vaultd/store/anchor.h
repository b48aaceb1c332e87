/*
 * anchor: the vault's memory of its last head, outside its directory.
 *
 * A file of two sectors of 512 bytes that are written in turn, each synced, so
 * that one is whole whatever happens to the other.  The valid one with the
 * higher commit counts.  A sector:
 *
 *     offset  bytes  field
 *          0      8  "vdanchr1"
 *          8     16  vault id
 *         24     16  instance id
 *         40      8  commit
 *         48      8  size of the master audit tree
 *         56     32  its head
 *         88      8  keyring g
 *         96     32  MAC = H(KDF(RK, "vd1-anch"), the 96 before)
 *        128         zero
 */
#ifndef STORE_ANCHOR_H
#define STORE_ANCHOR_H

#include "base/slice.h"
#include "crypto/secret.h"
#include "store/store.h"

enum {
    ANCHOR_SECTOR = 512,
    ANCHOR_FILE = 2 * ANCHOR_SECTOR,
};

struct anchor {
    uint8_t vault[VLT_ID_LEN];
    uint8_t instance[VLT_ID_LEN];
    struct store_anchor at;
};

/* One sector.  Pure. */
void anchor_encode(const struct anchor *anchor, struct vlt_key key,
                   uint8_t out[ANCHOR_SECTOR]);

/* VLT_E_FORMAT: another length, or no anchor.  VLT_E_AUTH: its MAC is not of
 * this key. */
VLT_MUST_USE enum vlt_status
anchor_decode(struct vlt_slice sector, struct vlt_key key, struct anchor *out);

/* Which of a file's sectors counts: 0 or 1, with what it says.  VLT_E_AUTH:
 * neither. */
VLT_MUST_USE enum vlt_status anchor_pick(struct vlt_slice file,
                                         struct vlt_key key, size_t *which,
                                         struct anchor *out);

#endif
