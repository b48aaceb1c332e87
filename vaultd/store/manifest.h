/*
 * manifest: what stands in a backup in front of its data.  Pure.
 *
 * A backup is a file of
 *
 *     4,096 bytes  header, as header.N (keys/header.h), but for "vaultbk1" as
 *                  its first 8 bytes and, at offset 80, the 16 random bytes of
 *                  the parcel.  Its slots hold BK, drawn for this file, in the
 *                  place of the root key, under the backup wrap key of each
 *                  slot in the place of KEK; MAC under KDF(BK, "vd1-bkhd").
 *     the rest     a parcel (store/parcel.h) under BK
 *
 * and the parcel's text is
 *
 *     96 bytes       manifest
 *     64 × entries   of the keyring (keys/keyring.h), as they lie there
 *     40 bytes       size of the master audit tree, u64, and its head
 *     the rest       data.mdb, as LMDB's compacting copy writes it
 *
 * The manifest:
 *
 *     offset  bytes  field
 *          0      8  "vdbkman1"
 *          8      4  version = 1
 *         12      4  page size of data.mdb, bytes
 *         16     16  id of the backup, random
 *         32      8  when it was made, ns
 *         40      8  commit that it shows
 *         48      8  N of the keyring
 *         56      8  g of the keyring
 *         64      4  entries, at most 262,144
 *         68     28  zero
 *
 * Commit, audit tree and keyring are those of one moment: all keys of the data
 * are among the entries.
 */
#ifndef STORE_MANIFEST_H
#define STORE_MANIFEST_H

#include "base/id.h"
#include "base/slice.h"
#include "base/status.h"

enum {
    MANIFEST_LEN = 96,
    MANIFEST_TREE = 40, /* bytes of the audit tree's head */
    MANIFEST_HASH = 32,
};

struct manifest {
    uint8_t id[VLT_ID_LEN];
    int64_t time_ns;
    uint64_t commit;
    uint64_t keyring_n;
    uint64_t keyring_g;
    uint32_t page;    /* bytes */
    uint32_t entries; /* of the keyring */
};

struct manifest_tree {
    uint64_t size;
    uint8_t head[MANIFEST_HASH];
};

void manifest_encode(const struct manifest *manifest,
                     uint8_t out[MANIFEST_LEN]);

/* VLT_E_FORMAT: another length, or no manifest.  VLT_E_LIMIT: a newer version,
 * or too many entries. */
VLT_MUST_USE enum vlt_status manifest_decode(struct vlt_slice bytes,
                                             struct manifest *out);

void manifest_encode_tree(const struct manifest_tree *tree,
                          uint8_t out[MANIFEST_TREE]);

/* VLT_E_FORMAT: another length. */
VLT_MUST_USE enum vlt_status manifest_decode_tree(struct vlt_slice bytes,
                                                  struct manifest_tree *out);

#endif
