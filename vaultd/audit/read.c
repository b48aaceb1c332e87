/*
 * Entries and proofs, read from a view.
 */
#include <string.h>

#include "audit/audit_internal.h"
#include "base/id.h"

enum vlt_status
audit_split(struct vlt_slice body, bool master, struct vlt_slice *entry,
            struct vlt_slice *salt, struct vlt_slice *detail)
{
    size_t len = master ? AUDIT_MASTER_LEN : AUDIT_ENTRY_LEN;

    if (body.len < len + VLT_ENTRY_SALT) {
        return VLT_E_FORMAT;
    }
    *entry = vlt_slice_of(body.at, len);
    *salt = vlt_slice_of(body.at + len, VLT_ENTRY_SALT);
    *detail = vlt_slice_of(body.at + len + VLT_ENTRY_SALT,
                           body.len - len - VLT_ENTRY_SALT);
    return VLT_OK;
}

struct walking {
    audit_entry_fn *fn;
    void *ctx;
    uint64_t left;
    bool master;
    enum vlt_status st;
};

static bool
give(void *ctx, const struct store_audit *stored)
{
    struct walking *walking = ctx;
    struct audit_entry out = { .index = stored->index, .leaf = stored->leaf };
    struct vlt_entry entry;

    if (walking->left == 0) {
        return false;
    }
    walking->left--;
    if (stored->body.len == 0) {
        return walking->fn(walking->ctx, &out); /* its key is destroyed */
    }
    walking->st = audit_split(stored->body, walking->master, &out.entry,
                              &out.salt, &out.detail);
    if (walking->st == VLT_OK) {
        walking->st = vlt_entry_decode(out.entry, &entry);
    }
    if (walking->st != VLT_OK) {
        walking->st = VLT_E_STORAGE;
        return false;
    }
    out.type = (enum audit_type)entry.type;
    out.time = entry.time;
    out.seq = entry.seq;
    memcpy(out.subject, entry.subject, sizeof out.subject);
    if (entry.master &&
        memcmp(entry.tree, audit_master, sizeof entry.tree) != 0) {
        out.firm = entry.tree;
    }
    return walking->fn(walking->ctx, &out);
}

enum vlt_status
audit_each(struct audit *audit, const struct store_view *view,
           const uint8_t tree[AUDIT_TREE_LEN], uint64_t from, uint64_t most,
           audit_entry_fn *fn, void *ctx)
{
    struct walking walking = {
        .fn = fn,
        .ctx = ctx,
        .left = most,
        .master = memcmp(tree, audit_master, AUDIT_TREE_LEN) == 0,
        .st = VLT_OK,
    };
    enum vlt_status st;

    (void)audit;
    st = store_audit_each(view, tree, from, give, &walking);
    return st != VLT_OK ? st : walking.st;
}

static void
put_path(struct vlt_buf *out, const struct vlt_tree_path *path)
{
    for (size_t i = 0; i < path->count; i++) {
        vlt_base64_put(out, vlt_slice_of(path->hash[i], VLT_HASH_LEN));
        vlt_buf_put_u8(out, '\n');
    }
}

enum vlt_status
audit_inclusion(struct audit *audit, const struct store_view *view,
                const uint8_t tree[AUDIT_TREE_LEN], uint64_t index,
                uint64_t size, struct vlt_buf *out)
{
    struct audit_nodes nodes = { .view = view, .tree = tree };
    struct vlt_tree_path path;
    enum vlt_status st =
        vlt_tree_inclusion(index, size, audit_node_get, &nodes, &path);

    (void)audit;
    if (st == VLT_OK) {
        put_path(out, &path);
    }
    return st;
}

enum vlt_status
audit_consistency(struct audit *audit, const struct store_view *view,
                  const uint8_t tree[AUDIT_TREE_LEN], uint64_t from,
                  uint64_t size, struct vlt_buf *out)
{
    struct audit_nodes nodes = { .view = view, .tree = tree };
    struct vlt_tree_path path;
    enum vlt_status st =
        vlt_tree_consistency(from, size, audit_node_get, &nodes, &path);

    (void)audit;
    if (st == VLT_OK) {
        put_path(out, &path);
    }
    return st;
}
