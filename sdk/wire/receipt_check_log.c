#include "wire/receipt_check_internal.h"

#include <inttypes.h>
#include <string.h>

#include "wire/limits.h"

enum {
    DETAIL_DEPTH = 4,
};

/* Does the detail name this payload? */
static bool
names_payload(const struct vlt_receipt_checking *check)
{
    struct vlt_json *root = NULL;
    uint8_t named[32];

    if (vlt_json_parse(check->proof.detail, VLT_LIMIT_AUDIT_DETAIL,
                       DETAIL_DEPTH, NULL, &root) != VLT_OK) {
        return false;
    }
    bool same = vlt_hex_parse(vlt_json_text_of(vlt_json_get(root, "receipt")),
                              named, sizeof named) == VLT_OK &&
                memcmp(named, check->digest, sizeof named) == 0;

    vlt_json_free(root);
    return same;
}

enum vlt_status
vlt_receipt_check_proof(struct vlt_receipt_checking *check)
{
    const struct vlt_receipt *newest = &check->verdict->newest;
    uint8_t leaf[VLT_HASH_LEN];
    enum vlt_status st;

    st = vlt_proof_parse(check->evidence->proof, &check->held, &check->proof);
    if (st == VLT_E_NOMEM) {
        return st;
    }
    if (st != VLT_OK || check->proof.entry.len == 0) {
        return vlt_receipt_fail(check, 6,
                                "the proof is malformed or opens nothing");
    }
    if (check->proof.index != newest->log_size) {
        return vlt_receipt_fail(
            check, 6, "the proof is of entry %" PRIu64 ", not %" PRIu64,
            check->proof.index, newest->log_size);
    }
    if (!names_payload(check)) {
        return vlt_receipt_fail(check, 6, "the entry is of another receipt");
    }
    vlt_tree_leaf(check->proof.entry, leaf);
    if (vlt_tree_verify_inclusion(
            leaf, check->proof.index, check->proof.checkpoint.size,
            &check->proof.path, check->proof.checkpoint.root) != VLT_OK) {
        return vlt_receipt_fail(check, 6, "the entry is not in the tree");
    }
    vlt_receipt_hold(check, 6);
    return VLT_OK;
}

/* The checkpoint kept against that of the proof, the smaller first. */
static enum vlt_status
check_held(struct vlt_receipt_checking *check, bool *open)
{
    const struct vlt_receipt_evidence *evidence = check->evidence;
    const struct vlt_checkpoint *shown = &check->proof.checkpoint;
    const struct vlt_checkpoint *small = shown;
    struct vlt_checkpoint kept;
    const struct vlt_checkpoint *large = &kept;

    if (vlt_checkpoint_parse(evidence->checkpoint, &kept) != VLT_OK ||
        vlt_checkpoint_verify(&kept, evidence->receipt_pk) != VLT_OK) {
        return vlt_receipt_fail(check, 7,
                                "the checkpoint that was kept is no good");
    }
    if (!vlt_origin_equal(&kept.origin, &shown->origin)) {
        *open = true; /* a restored vault has a new origin */
        return VLT_OK;
    }
    if (kept.size == shown->size) {
        return memcmp(kept.root, shown->root, VLT_HASH_LEN) == 0
                   ? VLT_OK
                   : vlt_receipt_fail(check, 7,
                                      "two heads of one size differ: a fork");
    }
    if (kept.size < shown->size) {
        small = &kept;
        large = shown;
    }
    if (small->size == 0 || evidence->path == NULL) {
        *open = small->size != 0;
        return VLT_OK;
    }
    if (vlt_tree_verify_consistency(small->size, small->root, large->size,
                                    large->root, evidence->path) != VLT_OK) {
        return vlt_receipt_fail(check, 7,
                                "the log does not extend the one kept: a fork");
    }
    return VLT_OK;
}

enum vlt_status
vlt_receipt_check_checkpoint(struct vlt_receipt_checking *check)
{
    const struct vlt_receipt *newest = &check->verdict->newest;
    const struct vlt_checkpoint *shown = &check->proof.checkpoint;
    uint8_t before[VLT_HASH_LEN];
    struct vlt_entry entry;
    bool open = false;
    enum vlt_status st;

    if (!vlt_origin_equal(&shown->origin, &newest->log) ||
        vlt_entry_decode(check->proof.entry, &entry) != VLT_OK ||
        entry.index != check->proof.index ||
        entry.instance != shown->origin.instance) {
        return vlt_receipt_fail(check, 7, "the checkpoint is of another log");
    }
    st = vlt_checkpoint_verify(shown, check->evidence->receipt_pk);
    if (st == VLT_E_NOMEM) {
        return st;
    }
    if (st != VLT_OK) {
        return vlt_receipt_fail(check, 7,
                                "the checkpoint is not signed by the key");
    }
    vlt_proof_root_before(&check->proof, before);
    if (memcmp(before, newest->log_root, sizeof before) != 0) {
        return vlt_receipt_fail(check, 7,
                                "the log does not extend that of the receipt");
    }
    if (check->evidence->checkpoint.len > 0) {
        st = check_held(check, &open);
        if (st != VLT_OK) {
            return st;
        }
    }
    if (open) {
        vlt_receipt_leave_open(check,
                               "that the log extends the checkpoint kept");
    } else {
        vlt_receipt_hold(check, 7);
    }
    return VLT_OK;
}
