#include "wire/proof.h"

#include <stdlib.h>
#include <string.h>

static bool
same(struct vlt_slice text, struct vlt_buf *again)
{
    bool equal = vlt_slice_equal(text, vlt_buf_slice(again));

    vlt_buf_free(again);
    return equal;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Proofs, checkpoints and entries have one form: what is read is written as
 * the same bytes. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice text = vlt_slice_of(bytes, len);
    struct vlt_checkpoint checkpoint;
    struct vlt_entry entry;
    struct vlt_proof proof;
    struct vlt_buf held = { 0 };
    struct vlt_buf again = { 0 };
    uint8_t out[VLT_ENTRY_MASTER];
    uint8_t root[VLT_HASH_LEN];

    if (vlt_checkpoint_parse(text, &checkpoint) == VLT_OK) {
        vlt_checkpoint_put(&checkpoint, &again);
        if (!same(text, &again)) {
            abort();
        }
    }
    if (vlt_proof_parse(text, &held, &proof) == VLT_OK) {
        vlt_proof_put(&proof, &again);
        if (!same(text, &again)) {
            abort();
        }
        vlt_proof_root_before(&proof, root);
    }
    if (vlt_entry_decode(text, &entry) == VLT_OK &&
        (vlt_entry_encode(&entry, out) != len ||
         memcmp(out, bytes, len) != 0)) {
        abort();
    }
    vlt_buf_free(&held);
    return 0;
}
