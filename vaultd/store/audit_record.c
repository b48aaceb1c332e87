#include <string.h>

#include "base/writer.h"
#include "store/record.h"
#include "store/store_internal.h"

enum {
    KEY_LEN = VLT_ID_LEN + 8,
    NODE_KEY_LEN = VLT_ID_LEN + 1 + 8,
};

static struct vlt_slice
key_of(const uint8_t *tree, uint64_t index, uint8_t buf[KEY_LEN])
{
    memcpy(buf, tree, VLT_ID_LEN);
    vlt_store_be64(buf + VLT_ID_LEN, index);
    return vlt_slice_of(buf, KEY_LEN);
}

static struct seal_place
place_of(const uint8_t *tree, uint64_t index)
{
    struct seal_place place = { .type = SEAL_AUDIT, .position = index };

    memcpy(place.subject, tree, sizeof place.subject);
    return place;
}

enum vlt_status
store_audit_put(struct store_txn *txn, const struct store_audit *entry,
                const uint8_t kid[STORE_KID_LEN])
{
    uint8_t key[KEY_LEN];
    uint8_t own[STORE_KID_LEN];
    struct vlt_slice body = entry->body;

    if (body.len < 1 || body.len > STORE_AUDIT_MAX) {
        return VLT_E_LIMIT;
    }
    if (body.at[body.len - 1] == 0) {
        return VLT_E_FORMAT;
    }
    if (kid == NULL) {
        enum vlt_status st = sealed_vault_kid(txn->view.store, own);

        if (st != VLT_OK) {
            return st;
        }
    }
    struct sealed_draft draft = {
        .db = ENV_AUDIT,
        .key = key_of(entry->tree, entry->index, key),
        .place = place_of(entry->tree, entry->index),
        .kid = kid != NULL ? kid : own,
        .prefix = vlt_slice_of(entry->leaf, sizeof entry->leaf),
        .plain = body,
        .flags = MDB_NOOVERWRITE,
    };

    return sealed_put(txn, &draft);
}

/* Take a value apart; its body lies behind what room held. */
static enum vlt_status
open_audit(const struct store_view *view, struct vlt_slice value,
           struct vlt_buf *room, struct store_audit *out)
{
    size_t begin = room->len;

    if (value.len < STORE_HASH_LEN) {
        return sealed_status(VLT_E_AUTH, ENV_AUDIT);
    }
    memcpy(out->leaf, value.at, sizeof out->leaf);
    out->body = vlt_slice_of(NULL, 0);
    enum vlt_status st = sealed_open(
        view, place_of(out->tree, out->index),
        vlt_slice_of(value.at + STORE_HASH_LEN, value.len - STORE_HASH_LEN),
        room, NULL);

    if (st == VLT_E_NOT_FOUND) {
        return VLT_E_DENIED; /* shredded: the leaf stays */
    }
    if (st != VLT_OK) {
        return sealed_status(st, ENV_AUDIT);
    }
    sealed_unpad(room, begin);
    out->body = vlt_slice_of(room->at + begin, room->len - begin);
    return VLT_OK;
}

enum vlt_status
store_audit_get(const struct store_view *view, const uint8_t tree[VLT_ID_LEN],
                uint64_t index, struct vlt_buf *room, struct store_audit *out)
{
    uint8_t key[KEY_LEN];
    struct vlt_slice value;
    struct store_audit entry = { .index = index };
    enum vlt_status st =
        view_get(view, ENV_AUDIT, key_of(tree, index, key), &value);

    if (st != VLT_OK) {
        return st;
    }
    memcpy(entry.tree, tree, sizeof entry.tree);
    st = open_audit(view, value, room, &entry);
    if (st == VLT_OK || st == VLT_E_DENIED) {
        *out = entry;
    }
    return st;
}

struct walking {
    const struct store_view *view;
    const uint8_t *tree;
    store_audit_fn *fn;
    void *ctx;
    struct vlt_buf room;
    enum vlt_status st;
};

static bool
give(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    struct walking *w = ctx;
    struct store_audit entry = { 0 };

    if (key.len != KEY_LEN || memcmp(key.at, w->tree, VLT_ID_LEN) != 0) {
        return false;
    }
    memcpy(entry.tree, key.at, sizeof entry.tree);
    entry.index = vlt_load_be64(key.at + VLT_ID_LEN);
    vlt_buf_clear(&w->room);
    enum vlt_status st = open_audit(w->view, value, &w->room, &entry);

    if (st != VLT_OK && st != VLT_E_DENIED) {
        w->st = st;
        return false;
    }
    return w->fn(w->ctx, &entry);
}

enum vlt_status
store_audit_each(const struct store_view *view, const uint8_t tree[VLT_ID_LEN],
                 uint64_t from, store_audit_fn *fn, void *ctx)
{
    struct walking w = { .view = view, .tree = tree, .fn = fn, .ctx = ctx };
    uint8_t key[KEY_LEN];
    enum vlt_status st =
        view_walk(view, ENV_AUDIT, key_of(tree, from, key), give, &w);

    vlt_buf_free(&w.room);
    return st == VLT_OK ? w.st : st;
}

/* From the first entry of a tree to the last: to the one in front of what comes
 * behind all that the tree may have. */
static int
seek_last(MDB_cursor *cursor, const uint8_t *tree, MDB_val *key)
{
    uint8_t behind[KEY_LEN];
    MDB_val value;
    int code;

    *key = env_val(key_of(tree, UINT64_MAX, behind));
    code = mdb_cursor_get(cursor, key, &value, MDB_SET_RANGE);
    return mdb_cursor_get(cursor, key, &value,
                          code == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
}

enum vlt_status
store_audit_trees(const struct store_view *view, store_audit_tree_fn *fn,
                  void *ctx)
{
    MDB_cursor *cursor = NULL;
    MDB_val key;
    MDB_val value;
    int code =
        mdb_cursor_open(view->mdb, view->store->env.dbi[ENV_AUDIT], &cursor);

    if (code != 0) {
        return env_status(code, "walk over trees");
    }
    code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    while (code == 0 && key.mv_size == KEY_LEN) {
        uint8_t tree[VLT_ID_LEN];

        memcpy(tree, key.mv_data, sizeof tree);
        code = seek_last(cursor, tree, &key);
        if (code == 0 && key.mv_size == KEY_LEN) {
            fn(ctx, tree,
               vlt_load_be64((uint8_t *)key.mv_data + VLT_ID_LEN) + 1);
            code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
        }
    }
    mdb_cursor_close(cursor);
    if (code == 0) {
        return sealed_status(VLT_E_AUTH, ENV_AUDIT);
    }
    return code == MDB_NOTFOUND ? VLT_OK : env_status(code, "walk over trees");
}

static struct vlt_slice
node_key(const struct store_node *node, uint8_t buf[NODE_KEY_LEN])
{
    memcpy(buf, node->tree, VLT_ID_LEN);
    buf[VLT_ID_LEN] = node->level;
    vlt_store_be64(buf + VLT_ID_LEN + 1, node->index);
    return vlt_slice_of(buf, NODE_KEY_LEN);
}

enum vlt_status
store_node_put(struct store_txn *txn, const struct store_node *node,
               const uint8_t hash[STORE_HASH_LEN])
{
    uint8_t key[NODE_KEY_LEN];
    struct vlt_slice bytes = vlt_slice_of(hash, STORE_HASH_LEN);
    MDB_val k = env_val(node_key(node, key));
    MDB_val v = env_val(bytes);

    if (txn->failed) {
        return VLT_E_STORAGE;
    }
    int code = mdb_put(txn->view.mdb, txn->view.store->env.dbi[ENV_NODE], &k,
                       &v, MDB_NOOVERWRITE);
    enum vlt_status st = env_status(code, "put a node");

    if (st == VLT_E_CONFLICT) {
        return vlt_slice_equal(env_slice(v), bytes) ? VLT_OK : st;
    }
    if (st != VLT_OK) {
        return txn_fail(txn, VLT_E_STORAGE);
    }
    txn->put.records++;
    txn->put.bytes += bytes.len;
    changes_note(txn->view.store->changes, ENV_NODE, env_slice(k), bytes.len);
    return VLT_OK;
}

enum vlt_status
store_node_get(const struct store_view *view, const struct store_node *node,
               uint8_t hash[STORE_HASH_LEN])
{
    uint8_t key[NODE_KEY_LEN];
    struct vlt_slice value;
    enum vlt_status st = view_get(view, ENV_NODE, node_key(node, key), &value);

    if (st != VLT_OK) {
        return st;
    }
    if (value.len != STORE_HASH_LEN) {
        return sealed_status(VLT_E_AUTH, ENV_NODE);
    }
    memcpy(hash, value.at, STORE_HASH_LEN);
    return VLT_OK;
}
