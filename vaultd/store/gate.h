/*
 * gate: the record `!gate`: who may fill the inbox while the vault is locked.
 * Pure.
 *
 * It lies in the clear, since no key is there when it is needed.  It names no
 * source and opens nothing: a token cannot be made from its hash.
 *
 *     offset  bytes  field
 *          0      1  version = 1
 *          1      3  zero
 *          4      4  u32 entries, at most STORE_GATE_MAX
 *          8      8  u64 the number of the inbox that was drained last
 *         16     40  entries: the public half of a token (8), BLAKE2b-256 of
 *                    its secret half (32); ascending, none twice
 */
#ifndef STORE_GATE_H
#define STORE_GATE_H

#include "base/buf.h"
#include "store/inbox.h"

enum {
    GATE_HEAD = 16,
    GATE_ENTRY = STORE_GATE_TOKEN + STORE_GATE_HASH,
    GATE_LEN_MAX = GATE_HEAD + GATE_ENTRY * STORE_GATE_MAX,
};

/* Append it; the entries are sorted first. */
void gate_encode(struct store_gate *gate, struct vlt_buf *out);

/*
 * The caller ends *out with store_gate_free().
 * VLT_E_LIMIT   a newer version, or more entries than there may be
 * VLT_E_FORMAT  anything else that is not as above
 * VLT_E_NOMEM   no memory
 */
VLT_MUST_USE enum vlt_status gate_decode(struct vlt_slice bytes,
                                         struct store_gate *out);

#endif
