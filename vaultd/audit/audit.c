/*
 * Trees in memory: found, loaded, kept or forgotten at the end of a turn.
 */
#include "audit/audit.h"

#include <stdlib.h>
#include <string.h>

#include "audit/audit_internal.h"
#include "base/writer.h"
#include "crypto/random.h"
#include "util/log.h"

enum { SALTS = 128 }; /* drawn at a time: a page of locked memory */

const uint8_t audit_master[AUDIT_TREE_LEN];

enum vlt_status
audit_new(struct store *store, struct audit **out)
{
    struct audit *audit = calloc(1, sizeof *audit);
    uint8_t seed[MAP_SEED_LEN];
    enum vlt_status st;

    if (audit == NULL) {
        return VLT_E_NOMEM;
    }
    audit->instance = (uint32_t)(vlt_load_be64(store_instance_id(store)) >> 32);
    vlt_random(seed, sizeof seed);
    st = lock_new(&audit->lock);
    if (st == VLT_OK) {
        st = map_new(AUDIT_TREE_LEN, seed, &audit->trees);
    }
    if (st == VLT_OK) {
        st = vlt_secret_new((size_t)SALTS * VLT_ENTRY_SALT, &audit->salts);
    }
    if (st != VLT_OK) {
        audit_free(audit);
        return st;
    }
    *out = audit;
    return VLT_OK;
}

static void
drop_trees(struct audit *audit)
{
    size_t at = 0;
    void *tree;

    while (map_next(audit->trees, &at, NULL, &tree)) {
        free(tree);
    }
    map_clear(audit->trees);
    audit->dirty = NULL;
}

void
audit_free(struct audit *audit)
{
    if (audit == NULL) {
        return;
    }
    if (audit->trees != NULL) {
        drop_trees(audit);
    }
    map_free(audit->trees);
    vlt_secret_free(audit->salts);
    lock_free(audit->lock);
    free(audit);
}

uint32_t
audit_instance(const struct audit *audit)
{
    return audit->instance;
}

void
audit_clear(struct audit *audit)
{
    lock_take(audit->lock);
    drop_trees(audit);
    lock_drop(audit->lock);
}

/* ---- reading a tree back ---- */

/* Is there an entry of this index? */
static enum vlt_status
entry_there(const struct store_view *view, const uint8_t *tree, uint64_t index,
            bool *out)
{
    struct store_audit entry;
    struct vlt_buf room;
    enum vlt_status st;

    vlt_buf_init(&room, 0);
    st = store_audit_get(view, tree, index, &room, &entry);
    vlt_buf_free(&room);
    *out = st == VLT_OK || st == VLT_E_DENIED;
    return st == VLT_E_NOT_FOUND || st == VLT_E_DENIED ? VLT_OK : st;
}

/* The number of entries, by doubling and halving: they have no gaps. */
static enum vlt_status
find_size(const struct store_view *view, const uint8_t *tree, uint64_t *out)
{
    uint64_t low = 0; /* all below are there */
    uint64_t step = 1;
    bool there = true;
    enum vlt_status st;

    while (there) {
        st = entry_there(view, tree, low + step - 1, &there);
        if (st != VLT_OK) {
            return st;
        }
        if (there) {
            low += step;
            step *= 2;
        }
    }
    while (step > 1) {
        step /= 2;
        st = entry_there(view, tree, low + step - 1, &there);
        if (st != VLT_OK) {
            return st;
        }
        if (there) {
            low += step;
        }
    }
    *out = low;
    return VLT_OK;
}

/*
 * A leaf.  The stored one stands in the clear and might be altered: a head made
 * of it would be signed and be another than the one before.  So it is that of
 * the entry as it was sealed; only of one that is shredded it is taken as it
 * stands.
 */
static enum vlt_status
read_leaf(const struct audit_nodes *nodes, uint64_t index,
          uint8_t out[VLT_HASH_LEN])
{
    bool master = memcmp(nodes->tree, audit_master, AUDIT_TREE_LEN) == 0;
    struct vlt_slice entry;
    struct vlt_slice salt;
    struct vlt_slice detail;
    struct store_audit stored;
    struct vlt_buf room;
    enum vlt_status st;

    vlt_buf_init(&room, 0);
    st = store_audit_get(nodes->view, nodes->tree, index, &room, &stored);
    if (st == VLT_E_DENIED) {
        memcpy(out, stored.leaf, VLT_HASH_LEN);
        st = VLT_OK;
    } else if (st == VLT_OK) {
        st = audit_split(stored.body, master, &entry, &salt, &detail);
        if (st == VLT_OK) {
            vlt_tree_leaf(entry, out);
        }
    }
    vlt_buf_free(&room);
    return st == VLT_E_FORMAT ? VLT_E_STORAGE : st;
}

/* A node that is not stored, of the leaves below it. */
static enum vlt_status
fold_leaves(const struct audit_nodes *nodes, unsigned level, uint64_t index,
            uint8_t out[VLT_HASH_LEN])
{
    uint8_t hash[1 << (AUDIT_NODE_LEAST - 1)][VLT_HASH_LEN];
    size_t count = (size_t)1 << level;
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < count; i++) {
        st = read_leaf(nodes, (index << level) + i, hash[i]);
    }
    if (st != VLT_OK) {
        return st;
    }
    for (; count > 1; count /= 2) {
        for (size_t i = 0; i < count / 2; i++) {
            vlt_tree_node(hash[2 * i], hash[2 * i + 1], hash[i]);
        }
    }
    memcpy(out, hash[0], VLT_HASH_LEN);
    return VLT_OK;
}

bool
audit_node_get(void *ctx, unsigned level, uint64_t index,
               uint8_t out[VLT_HASH_LEN])
{
    struct audit_nodes *nodes = ctx;
    struct store_node node = { .level = (uint8_t)level, .index = index };

    if (level < AUDIT_NODE_LEAST) {
        nodes->st = fold_leaves(nodes, level, index, out);
    } else {
        memcpy(node.tree, nodes->tree, sizeof node.tree);
        nodes->st = store_node_get(nodes->view, &node, out);
    }
    return nodes->st == VLT_OK;
}

static enum vlt_status
read_frontier(struct audit_nodes *nodes, struct vlt_tree *tree)
{
    for (unsigned level = 0; level < VLT_TREE_LEVELS; level++) {
        uint64_t count = tree->size >> level;

        if ((count & 1) != 0 &&
            !audit_node_get(nodes, level, count - 1, tree->node[level])) {
            return nodes->st == VLT_E_NOT_FOUND ? VLT_E_STORAGE : nodes->st;
        }
    }
    return VLT_OK;
}

/* When the last entry was made; 0 when it is shredded. */
static enum vlt_status
read_time(const struct store_view *view, const struct log_tree *tree,
          int64_t *out)
{
    struct vlt_slice entry;
    struct vlt_slice salt;
    struct vlt_slice detail;
    struct store_audit stored;
    struct vlt_entry decoded;
    struct vlt_buf room;
    enum vlt_status st;
    bool master = memcmp(tree->id, audit_master, sizeof tree->id) == 0;

    *out = 0;
    if (tree->committed.size == 0) {
        return VLT_OK;
    }
    vlt_buf_init(&room, 0);
    st = store_audit_get(view, tree->id, tree->committed.size - 1, &room,
                         &stored);
    if (st == VLT_OK) {
        st = audit_split(stored.body, master, &entry, &salt, &detail);
    }
    if (st == VLT_OK) {
        st = vlt_entry_decode(entry, &decoded);
    }
    if (st == VLT_OK) {
        *out = decoded.time;
    }
    vlt_buf_free(&room);
    return st == VLT_E_DENIED ? VLT_OK : st;
}

static enum vlt_status
load_tree(const struct store_view *view, struct log_tree *tree)
{
    struct audit_nodes nodes = { .view = view, .tree = tree->id };
    enum vlt_status st = find_size(view, tree->id, &tree->committed.size);

    if (st == VLT_OK) {
        st = read_frontier(&nodes, &tree->committed);
    }
    if (st == VLT_OK) {
        st = read_time(view, tree, &tree->committed_time);
    }
    if (st == VLT_OK) {
        tree->working = tree->committed;
        tree->working_time = tree->committed_time;
    }
    return st;
}

enum vlt_status
audit_tree(struct audit *audit, const struct store_view *view,
           const uint8_t id[AUDIT_TREE_LEN], struct log_tree **out)
{
    struct log_tree *tree;
    enum vlt_status st = VLT_OK;

    lock_take(audit->lock);
    tree = map_get(audit->trees, id);
    if (tree == NULL) {
        tree = calloc(1, sizeof *tree);
        st = tree != NULL ? VLT_OK : VLT_E_NOMEM;
        if (st == VLT_OK) {
            memcpy(tree->id, id, sizeof tree->id);
            st = load_tree(view, tree);
        }
        if (st == VLT_OK) {
            st = map_put(audit->trees, id, tree);
        }
        if (st != VLT_OK) {
            free(tree);
        }
    }
    lock_drop(audit->lock);
    if (st == VLT_OK) {
        *out = tree;
    }
    return st;
}

enum vlt_status
audit_load(struct audit *audit, const struct store_view *view)
{
    struct log_tree *master;
    uint8_t root[VLT_HASH_LEN];
    uint8_t said[STORE_HASH_LEN];
    uint64_t size;
    enum vlt_status st = audit_tree(audit, view, audit_master, &master);

    if (st == VLT_OK) {
        st = store_view_audit(view, &size, said);
    }
    if (st != VLT_OK) {
        return st;
    }
    vlt_tree_root(&master->committed, root);
    if (size != master->committed.size ||
        (size > 0 && memcmp(root, said, sizeof root) != 0)) {
        log_error("audit",
                  "the log's root is not the store's: %llu entries, the store "
                  "says %llu",
                  (unsigned long long)master->committed.size,
                  (unsigned long long)size);
        return VLT_E_STORAGE;
    }
    return VLT_OK;
}

void
audit_turn_end(struct audit *audit, bool committed)
{
    lock_take(audit->lock);
    while (audit->dirty != NULL) {
        struct log_tree *tree = audit->dirty;

        if (committed) {
            tree->committed = tree->working;
            tree->committed_time = tree->working_time;
        } else {
            tree->working = tree->committed;
            tree->working_time = tree->committed_time;
        }
        tree->dirty = false;
        audit->dirty = tree->next_dirty;
    }
    lock_drop(audit->lock);
}

/* ---- heads ---- */

enum vlt_status
audit_head(struct audit *audit, const struct store_view *view,
           const uint8_t id[AUDIT_TREE_LEN], struct audit_head *out)
{
    struct log_tree *tree;
    enum vlt_status st = audit_tree(audit, view, id, &tree);

    if (st == VLT_OK) {
        out->size = tree->working.size;
        out->time = tree->working_time;
        vlt_tree_root(&tree->working, out->root);
    }
    return st;
}

enum vlt_status
audit_root_at(struct audit *audit, const struct store_view *view,
              const uint8_t id[AUDIT_TREE_LEN], uint64_t size,
              uint8_t root[VLT_HASH_LEN])
{
    struct vlt_tree then = { .size = size };
    struct audit_nodes nodes = { .view = view, .tree = id };
    struct audit_head head;
    enum vlt_status st = audit_committed_head(audit, view, id, &head);

    if (st == VLT_OK && size > head.size) {
        st = VLT_E_NOT_FOUND;
    }
    if (st == VLT_OK) {
        st = read_frontier(&nodes, &then);
    }
    if (st == VLT_OK) {
        vlt_tree_root(&then, root);
    }
    return st;
}

enum vlt_status
audit_committed_head(struct audit *audit, const struct store_view *view,
                     const uint8_t id[AUDIT_TREE_LEN], struct audit_head *out)
{
    struct log_tree *tree;
    enum vlt_status st = audit_tree(audit, view, id, &tree);

    if (st == VLT_OK) {
        lock_take(audit->lock);
        out->size = tree->committed.size;
        out->time = tree->committed_time;
        vlt_tree_root(&tree->committed, out->root);
        lock_drop(audit->lock);
    }
    return st;
}
