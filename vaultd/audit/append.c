#include <string.h>

#include "audit/audit_internal.h"
#include "crypto/random.h"
#include "util/log.h"
#include "wire/checkpoint.h"

/* Where the larger nodes that an append makes final are put. */
struct putting {
    struct store_txn *txn;
    const uint8_t *tree;
    enum vlt_status st;
};

static void
put_node(void *ctx, unsigned level, uint64_t index,
         const uint8_t hash[VLT_HASH_LEN])
{
    struct putting *putting = ctx;
    struct store_node node = { .level = (uint8_t)level, .index = index };

    if (level < AUDIT_NODE_LEAST || putting->st != VLT_OK) {
        return;
    }
    memcpy(node.tree, putting->tree, sizeof node.tree);
    putting->st = store_node_put(putting->txn, &node, hash);
}

static void
mark_dirty(struct audit *audit, struct log_tree *tree)
{
    if (!tree->dirty) {
        tree->dirty = true;
        tree->next_dirty = audit->dirty;
        audit->dirty = tree;
    }
}

/* Drawn many at a time: a system call for each would cost as much as to hash
 * the entry. */
static void
draw_salt(struct audit *audit, uint8_t out[VLT_ENTRY_SALT])
{
    uint8_t *salts = vlt_secret_bytes(audit->salts);

    if (audit->salts_left == 0) {
        vlt_random(salts, vlt_secret_len(audit->salts));
        audit->salts_left = vlt_secret_len(audit->salts) / VLT_ENTRY_SALT;
    }
    audit->salts_left--;
    salts += audit->salts_left * VLT_ENTRY_SALT;
    memcpy(out, salts, VLT_ENTRY_SALT);
    vlt_wipe(salts, VLT_ENTRY_SALT);
}

/* One entry at the end of a tree: sealed, hashed, and its nodes. */
static enum vlt_status
put_entry(struct audit *audit, struct store_txn *txn, struct log_tree *tree,
          struct vlt_entry *entry, const uint8_t *kid, struct vlt_slice detail,
          struct audit_mark *mark)
{
    struct putting putting = { .txn = txn, .tree = tree->id, .st = VLT_OK };
    struct store_audit stored = { .index = tree->working.size };
    struct audit_mark made = { .index = tree->working.size };
    struct vlt_buf body;
    enum vlt_status st;

    draw_salt(audit, made.salt);
    entry->instance = audit->instance;
    entry->index = made.index;
    vlt_entry_commit(made.salt, detail, entry->commitment);
    made.entry_len = vlt_entry_encode(entry, made.entry);
    vlt_tree_leaf(vlt_slice_of(made.entry, made.entry_len), stored.leaf);

    vlt_buf_init(&body, STORE_AUDIT_MAX);
    vlt_buf_put(&body, made.entry, made.entry_len);
    vlt_buf_put(&body, made.salt, sizeof made.salt);
    vlt_buf_put_slice(&body, detail);
    memcpy(stored.tree, tree->id, sizeof stored.tree);
    stored.body = vlt_buf_slice(&body);
    st = vlt_buf_status(&body);
    if (st == VLT_OK) {
        st = store_audit_put(txn, &stored, kid);
    }
    vlt_buf_free(&body);
    if (st != VLT_OK) {
        log_error("audit", "an entry was not written: %s", vlt_status_word(st));
        return st;
    }
    mark_dirty(audit, tree);
    vlt_tree_append(&tree->working, stored.leaf, put_node, &putting);
    tree->working_time = entry->time;
    if (mark != NULL) {
        *mark = made;
    }
    /* Another node stands there: the store is damaged, and half is put. */
    return putting.st == VLT_E_CONFLICT ? VLT_E_STORAGE : putting.st;
}

static struct vlt_entry
entry_of(const struct audit_event *event)
{
    struct vlt_entry entry = { .type = (uint8_t)event->type,
                               .time = event->time,
                               .seq = event->seq };

    memcpy(entry.subject, event->subject, sizeof entry.subject);
    return entry;
}

/* The firm's own entry; its tree's new head goes into the master entry. */
static enum vlt_status
append_firm(struct audit *audit, struct store_txn *txn,
            const struct audit_event *event, struct vlt_entry *master,
            struct audit_mark *mark)
{
    struct vlt_entry entry = entry_of(event);
    struct log_tree *tree;
    enum vlt_status st =
        audit_tree(audit, store_txn_view(txn), event->firm, &tree);

    if (st == VLT_OK) {
        st = put_entry(audit, txn, tree, &entry, event->firm_kid,
                       event->firm_detail, mark);
    }
    if (st == VLT_OK) {
        memcpy(master->tree, tree->id, sizeof master->tree);
        master->tree_size = tree->working.size;
        vlt_tree_root(&tree->working, master->tree_root);
    }
    return st;
}

/* A body ends with its detail, and a sealed record never with a zero. */
static enum vlt_status
check_detail(struct vlt_slice detail)
{
    if (detail.len > AUDIT_DETAIL_MAX) {
        return VLT_E_LIMIT;
    }
    return detail.len > 0 && detail.at[detail.len - 1] != 0 ? VLT_OK
                                                            : VLT_E_FORMAT;
}

enum vlt_status
audit_append(struct audit *audit, struct store_txn *txn,
             const struct audit_event *event, struct audit_mark *mark)
{
    struct vlt_entry entry = entry_of(event);
    struct log_tree *master;
    uint8_t root[VLT_HASH_LEN];
    enum vlt_status st;

    st = check_detail(event->owner_detail);
    if (st == VLT_OK && event->firm != NULL) {
        st = check_detail(event->firm_detail);
    }
    if (st != VLT_OK) {
        return st;
    }
    entry.master = true;
    st = audit_tree(audit, store_txn_view(txn), audit_master, &master);
    if (st == VLT_OK && event->firm != NULL) {
        st = append_firm(audit, txn, event, &entry, mark);
    }
    if (st == VLT_OK) {
        st = put_entry(audit, txn, master, &entry, event->firm_kid,
                       event->owner_detail, event->firm == NULL ? mark : NULL);
    }
    if (st == VLT_OK) {
        vlt_tree_root(&master->working, root);
        store_txn_set_audit(txn, master->working.size, root);
    }
    return st;
}

enum vlt_status
audit_checkpoint(struct audit *audit, const uint8_t tree[AUDIT_TREE_LEN],
                 const struct audit_head *head, const struct vlt_signer *signer,
                 struct vlt_buf *out)
{
    struct vlt_checkpoint checkpoint = {
        .origin = { .instance = audit->instance },
        .size = head->size,
    };
    enum vlt_status st;

    memcpy(checkpoint.origin.tree, tree, sizeof checkpoint.origin.tree);
    memcpy(checkpoint.root, head->root, sizeof checkpoint.root);
    st = vlt_checkpoint_sign(signer, &checkpoint);
    if (st == VLT_OK) {
        vlt_checkpoint_put(&checkpoint, out);
        st = vlt_buf_status(out);
    }
    return st;
}
