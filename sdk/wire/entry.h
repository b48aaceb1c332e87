/*
 * entry: one line of the audit log, and what it commits to.
 *
 * 80 bytes, big-endian; an entry of the master tree goes on with 56 more
 * (WIRE.md, 9.1):
 *
 *     offset  bytes  field
 *          0      1  version = 1
 *          1      1  type
 *          2      2  zero
 *          4      4  instance: the first 4 bytes of the vault's instance id
 *          8      8  index in its tree, from 0
 *         16      8  time, ns UTC
 *         24     16  subject: grant or request, else zero
 *         40      8  seq, gapless for a grant, else 0
 *         48     32  commitment
 *         80     16  tree id of the firm concerned, else zero
 *         96      8  size of that tree behind this event
 *        104     32  its root
 *
 *     commitment = HMAC-SHA-256(salt, "vd1 audit detail" ‖ 00 ‖ detail)
 *
 * Salt is 32 random bytes, detail UTF-8 JSON.  Who is given both can open the
 * entry; without them it says nothing.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_ENTRY_H
#define VLT_ENTRY_H

#include "base/id.h"
#include "base/slice.h"
#include "base/status.h"

enum {
    VLT_ENTRY_LEN = 80,
    VLT_ENTRY_MASTER = 136,
    VLT_ENTRY_SALT = 32,
    VLT_ENTRY_TYPES = 23, /* types are 1 to 23 */
    VLT_TREE_ID = 16,
};

struct vlt_entry {
    uint8_t type; /* 1 to VLT_ENTRY_TYPES */
    uint32_t instance;
    uint64_t index;
    int64_t time; /* ns UTC */
    uint8_t subject[VLT_ID_LEN];
    uint64_t seq;
    uint8_t commitment[32];
    bool master; /* the next three are there */
    uint8_t tree[VLT_TREE_ID];
    uint64_t tree_size;
    uint8_t tree_root[32];
};

/* Write the entry; returns its length, 80 or 136. */
size_t vlt_entry_encode(const struct vlt_entry *entry,
                        uint8_t out[VLT_ENTRY_MASTER]);

/* Read 80 or 136 bytes.  VLT_E_FORMAT: not that, another version or type. */
VLT_MUST_USE enum vlt_status vlt_entry_decode(struct vlt_slice bytes,
                                              struct vlt_entry *out);

/* The commitment to a detail under a salt. */
void vlt_entry_commit(const uint8_t salt[VLT_ENTRY_SALT],
                      struct vlt_slice detail, uint8_t out[32]);

/* Do salt and detail open this entry? */
bool vlt_entry_opens(const struct vlt_entry *entry, struct vlt_slice salt,
                     struct vlt_slice detail);

/* The type as a stable word, "span.open"; NULL: there is none. */
const char *vlt_entry_word(int type);

/* The type of such a word; 0: there is none. */
int vlt_entry_type(struct vlt_slice word);

#endif
