/*
 * proof: that one entry is in the log, as C2SP tlog-proof.
 *
 *     c2sp.org/tlog-proof@v1
 *     extra E        base64 of entry ‖ salt (32) ‖ detail; may be left out
 *     index N        decimal
 *     HASH …         base64, one a line, from the leaf's sibling upwards
 *                    an empty line
 *     checkpoint     as in checkpoint.h
 *
 * What is in `extra` is believed only as far as the proof and the commitment
 * bear it out.  Source: WIRE.md, 9.3; RFC 9162, 2.1.3.2.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_PROOF_H
#define VLT_PROOF_H

#include "wire/checkpoint.h"

struct vlt_proof {
    uint64_t index;
    struct vlt_tree_path path;
    struct vlt_checkpoint checkpoint;
    /* Borrowed; empty where extra is left out. */
    struct vlt_slice entry;
    struct vlt_slice salt;
    struct vlt_slice detail;
};

/* Append its text; extra is written where entry is not empty. */
void vlt_proof_put(const struct vlt_proof *proof, struct vlt_buf *out);

/*
 * Read one, whole; what was in extra is put into held (any buffer, emptied),
 * which the slices of *out borrow.
 * VLT_E_LIMIT: over VLT_LIMIT_PROOF bytes or 64 hashes.
 * VLT_E_FORMAT: not of this form to the byte.
 */
VLT_MUST_USE enum vlt_status vlt_proof_parse(struct vlt_slice text,
                                             struct vlt_buf *held,
                                             struct vlt_proof *out);

/*
 * Is this entry (80 or 136 bytes) at proof's index of the tree that pk
 * signed?  VLT_E_AUTH: no.
 */
VLT_MUST_USE enum vlt_status vlt_proof_verify(const struct vlt_proof *proof,
                                              struct vlt_slice entry,
                                              const uint8_t pk[VLT_SIGN_PK]);

/*
 * The root of the tree as it was before the entry: the left siblings on the
 * way up are exactly its perfect subtrees.  So whoever believes the proof
 * knows that the checkpoint extends the head of size `index`.
 */
void vlt_proof_root_before(const struct vlt_proof *proof,
                           uint8_t out[VLT_HASH_LEN]);

#endif
