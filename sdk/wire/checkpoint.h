/*
 * checkpoint: a signed head of the log, as C2SP tlog-checkpoint.
 *
 *     vaultd.invalid/TREE/INSTANCE     origin: 32 and 8 hex digits
 *     SIZE                             decimal, no leading zero
 *     ROOT                             base64 of 32 bytes
 *                                      an empty line
 *     — ORIGIN KEYED                   base64 of key id (4) ‖ signature (64)
 *
 * Each line ends with a newline.  Signed are the first three lines.  The key
 * id is SHA-256(origin ‖ 0A ‖ 01 ‖ pk)[0..3].  There is exactly one signature
 * line; witnesses' are not taken yet.
 *
 * Source: WIRE.md, 9.2.  Pure.  Threads: any.
 */
#ifndef VLT_CHECKPOINT_H
#define VLT_CHECKPOINT_H

#include "base/buf.h"
#include "crypto/sign.h"
#include "crypto/tree.h"
#include "wire/entry.h"

enum {
    VLT_CHECKPOINT_KEY_ID = 4,
    VLT_ORIGIN_TEXT = 15 + 32 + 1 + 8 + 1, /* and the zero */
};

/* Which tree of which instance of a vault. */
struct vlt_origin {
    uint8_t tree[VLT_TREE_ID];
    uint32_t instance;
};

/* "vaultd.invalid/TREE/INSTANCE".  Returns out. */
const char *vlt_origin_print(const struct vlt_origin *origin,
                             char out[VLT_ORIGIN_TEXT]);
/* Read the whole text as an origin.  VLT_E_FORMAT: it is none, or spelled
 * otherwise. */
VLT_MUST_USE enum vlt_status vlt_origin_parse(struct vlt_slice text,
                                              struct vlt_origin *out);
/* The same log? */
bool vlt_origin_equal(const struct vlt_origin *a, const struct vlt_origin *b);

struct vlt_checkpoint {
    struct vlt_origin origin;
    uint64_t size;
    uint8_t root[VLT_HASH_LEN];
    uint8_t key_id[VLT_CHECKPOINT_KEY_ID];
    uint8_t signature[VLT_SIGN_LEN];
};

/* Sign a head; key_id and signature of *checkpoint are filled in.
 * VLT_E_NOMEM, VLT_E_FORMAT as vlt_sign(). */
VLT_MUST_USE enum vlt_status
vlt_checkpoint_sign(const struct vlt_signer *signer,
                    struct vlt_checkpoint *checkpoint);

/* Append its text, which vlt_checkpoint_parse() reads. */
void vlt_checkpoint_put(const struct vlt_checkpoint *checkpoint,
                        struct vlt_buf *out);

/* Read one, whole.  VLT_E_LIMIT: over VLT_LIMIT_CHECKPOINT bytes.
 * VLT_E_FORMAT: not of this form to the byte. */
VLT_MUST_USE enum vlt_status vlt_checkpoint_parse(struct vlt_slice text,
                                                  struct vlt_checkpoint *out);

/* Is it signed by this key?  VLT_E_AUTH: no, or by another. */
VLT_MUST_USE enum vlt_status
vlt_checkpoint_verify(const struct vlt_checkpoint *checkpoint,
                      const uint8_t pk[VLT_SIGN_PK]);

/* Size and the first 80 bits of the root in four groups of base32, for paper
 * or a friend: "4 yqjz-3hka-…".  Returns out. */
enum { VLT_CHECKPOINT_SHORT = 20 + 1 + 16 + 3 + 1 };
const char *vlt_checkpoint_short(uint64_t size,
                                 const uint8_t root[VLT_HASH_LEN],
                                 char out[VLT_CHECKPOINT_SHORT]);

#endif
