#include "wire/proof.h"

#include <inttypes.h>
#include <string.h>

#include "base/id.h"
#include "wire/limits.h"
#include "wire/lines_internal.h"

static const char title[] = "c2sp.org/tlog-proof@v1";

void
vlt_proof_put(const struct vlt_proof *proof, struct vlt_buf *out)
{
    struct vlt_buf extra = { 0 };

    vlt_buf_printf(out, "%s\n", title);
    if (proof->entry.len > 0) {
        vlt_buf_init(&extra, VLT_LIMIT_PROOF);
        vlt_buf_put_slice(&extra, proof->entry);
        vlt_buf_put_slice(&extra, proof->salt);
        vlt_buf_put_slice(&extra, proof->detail);
        if (vlt_buf_failed(&extra)) {
            out->failed = true;
        }
        vlt_buf_put_text(out, "extra ");
        vlt_base64_put(out, vlt_buf_slice(&extra));
        vlt_buf_put_u8(out, '\n');
        vlt_buf_free(&extra);
    }
    vlt_buf_printf(out, "index %" PRIu64 "\n", proof->index);
    for (size_t i = 0; i < proof->path.count; i++) {
        vlt_base64_put(out, vlt_slice_of(proof->path.hash[i], VLT_HASH_LEN));
        vlt_buf_put_u8(out, '\n');
    }
    vlt_buf_put_u8(out, '\n');
    vlt_checkpoint_put(&proof->checkpoint, out);
}

/* Split extra into entry, salt and detail.  An entry of a firm's tree has 80
 * bytes, of the master tree 136; only its commitment tells which it is, since
 * a salt may be anything. */
static enum vlt_status
cut_extra(struct vlt_slice extra, struct vlt_proof *proof)
{
    static const size_t lengths[] = { VLT_ENTRY_LEN, VLT_ENTRY_MASTER };
    struct vlt_entry entry;

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        size_t begin = lengths[i] + VLT_ENTRY_SALT;

        if (extra.len < begin) {
            break;
        }
        struct vlt_slice bytes = vlt_slice_of(extra.at, lengths[i]);
        struct vlt_slice salt =
            vlt_slice_of(extra.at + lengths[i], VLT_ENTRY_SALT);
        struct vlt_slice detail =
            vlt_slice_of(extra.at + begin, extra.len - begin);

        if (vlt_entry_decode(bytes, &entry) == VLT_OK &&
            vlt_entry_opens(&entry, salt, detail)) {
            proof->entry = bytes;
            proof->salt = salt;
            proof->detail = detail;
            return VLT_OK;
        }
    }
    return VLT_E_FORMAT;
}

/* The line behind the title, if it is that. */
static enum vlt_status
read_extra(struct vlt_slice *text, struct vlt_buf *held,
           struct vlt_proof *proof)
{
    struct vlt_slice rest = *text;
    struct vlt_slice line;
    enum vlt_status st;

    vlt_buf_clear(held);
    if (!vlt_line_skip(&rest, "extra ")) {
        return VLT_OK;
    }
    st = vlt_line_take(&rest, &line);
    if (st == VLT_OK) {
        st = vlt_base64_get(line, held);
    }
    if (st == VLT_OK) {
        st = cut_extra(vlt_buf_slice(held), proof);
    }
    *text = rest;
    return st;
}

/* Hashes up to the empty line. */
static enum vlt_status
read_path(struct vlt_slice *text, struct vlt_tree_path *path)
{
    struct vlt_slice line;
    enum vlt_status st;

    path->count = 0;
    for (;;) {
        st = vlt_line_take(text, &line);
        if (st != VLT_OK || line.len == 0) {
            return st;
        }
        if (path->count == VLT_TREE_LEVELS) {
            return VLT_E_LIMIT;
        }
        st = vlt_line_bytes(line, path->hash[path->count], VLT_HASH_LEN);
        if (st != VLT_OK) {
            return st;
        }
        path->count++;
    }
}

enum vlt_status
vlt_proof_parse(struct vlt_slice text, struct vlt_buf *held,
                struct vlt_proof *out)
{
    struct vlt_proof proof = { .index = 0 };
    struct vlt_slice line;
    enum vlt_status st;

    if (text.len > VLT_LIMIT_PROOF) {
        return VLT_E_LIMIT;
    }
    if (vlt_line_take(&text, &line) != VLT_OK || !vlt_slice_is(line, title)) {
        return VLT_E_FORMAT;
    }
    st = read_extra(&text, held, &proof);
    if (st != VLT_OK) {
        return st;
    }
    if (vlt_line_take(&text, &line) != VLT_OK ||
        !vlt_line_skip(&line, "index ") ||
        vlt_line_number(line, &proof.index) != VLT_OK) {
        return VLT_E_FORMAT;
    }
    st = read_path(&text, &proof.path);
    if (st == VLT_OK) {
        st = vlt_checkpoint_parse(text, &proof.checkpoint);
    }
    if (st == VLT_OK) {
        *out = proof;
    }
    return st;
}

enum vlt_status
vlt_proof_verify(const struct vlt_proof *proof, struct vlt_slice entry,
                 const uint8_t pk[VLT_SIGN_PK])
{
    uint8_t leaf[VLT_HASH_LEN];
    struct vlt_entry read;
    enum vlt_status st;

    if (vlt_entry_decode(entry, &read) != VLT_OK ||
        read.index != proof->index ||
        read.instance != proof->checkpoint.origin.instance) {
        return VLT_E_AUTH;
    }
    st = vlt_checkpoint_verify(&proof->checkpoint, pk);
    if (st != VLT_OK) {
        return st;
    }
    vlt_tree_leaf(entry, leaf);
    return vlt_tree_verify_inclusion(leaf, proof->index, proof->checkpoint.size,
                                     &proof->path, proof->checkpoint.root);
}

void
vlt_proof_root_before(const struct vlt_proof *proof, uint8_t out[VLT_HASH_LEN])
{
    uint64_t at = proof->index;
    uint64_t last = proof->checkpoint.size - 1;
    struct vlt_tree empty;
    bool some = false;

    vlt_tree_init(&empty);
    vlt_tree_root(&empty, out);
    for (size_t i = 0; i < proof->path.count; i++) {
        /* A last node without sibling rises alone, and stays the last: from
         * there on every sibling is a left one. */
        bool left = (at & 1) != 0 || at == last;

        if (left && some) {
            vlt_tree_node(proof->path.hash[i], out, out);
        } else if (left) {
            memcpy(out, proof->path.hash[i], VLT_HASH_LEN);
            some = true;
        }
        at >>= 1;
        last >>= 1;
    }
}
