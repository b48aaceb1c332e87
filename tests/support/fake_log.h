/*
 * fake_log: the log of one firm as a vault keeps it: leaves, heads, proofs.
 *
 * A leaf is made of a branch and its number, so that two branches are the
 * same log up to where they part.
 */
#ifndef FAKE_LOG_H
#define FAKE_LOG_H

#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "crypto/tree.h"
#include "wire/checkpoint.h"
#include "json/json_write.h"

enum { FAKE_LOG_MAX = 1024 };

struct fake_log {
    const struct vlt_signer *signer; /* of the receipt key */
    struct vlt_origin origin;
    uint64_t parts; /* leaves from here on are another branch's; 0: none */
    bool logged[FAKE_LOG_MAX]; /* has a leaf of its own */
    uint8_t leaf[FAKE_LOG_MAX][VLT_HASH_LEN];
};

static inline void
fake_log_leaf(const struct fake_log *log, uint64_t i, uint8_t out[VLT_HASH_LEN])
{
    uint8_t bytes[9] = { log->parts > 0 && i >= log->parts };

    if (log->logged[i]) {
        memcpy(out, log->leaf[i], VLT_HASH_LEN);
        return;
    }
    memcpy(bytes + 1, &i, sizeof i);
    vlt_tree_leaf(vlt_slice_of(bytes, sizeof bytes), out);
}

/* An entry of the test's own. */
static inline void
fake_log_put(struct fake_log *log, uint64_t i, struct vlt_slice entry)
{
    log->logged[i] = true;
    vlt_tree_leaf(entry, log->leaf[i]);
}

static inline bool
fake_log_node(void *ctx, unsigned level, uint64_t index,
              uint8_t out[VLT_HASH_LEN])
{
    const struct fake_log *log = ctx;
    struct vlt_tree tree;
    uint8_t leaf[VLT_HASH_LEN];

    vlt_tree_init(&tree);
    for (uint64_t i = index << level; i < (index + 1) << level; i++) {
        fake_log_leaf(log, i, leaf);
        vlt_tree_append(&tree, leaf, NULL, NULL);
    }
    vlt_tree_root(&tree, out);
    return true;
}

/* The signed head of the first `size` leaves, appended as text. */
static inline void
fake_log_head(const struct fake_log *log, uint64_t size, struct vlt_buf *out)
{
    struct vlt_checkpoint head = { .origin = log->origin, .size = size };
    struct vlt_tree tree;
    uint8_t leaf[VLT_HASH_LEN];

    vlt_tree_init(&tree);
    for (uint64_t i = 0; i < size; i++) {
        fake_log_leaf(log, i, leaf);
        vlt_tree_append(&tree, leaf, NULL, NULL);
    }
    vlt_tree_root(&tree, head.root);
    if (vlt_checkpoint_sign(log->signer, &head) != VLT_OK) {
        abort();
    }
    vlt_checkpoint_put(&head, out);
}

/* The result of session.info, as far as a firm's library asks: the receipt key,
 * and the head (NULL: none) as text. */
static inline void
fake_log_info(const uint8_t pk[VLT_SIGN_PK], const struct vlt_buf *head,
              struct vlt_buf *out)
{
    struct vlt_json_out json = vlt_json_out(out);
    struct vlt_buf key = { 0 };

    vlt_base64url_put(&key, vlt_slice_of(pk, VLT_SIGN_PK));
    vlt_put_object(&json, NULL);
    if (head != NULL) {
        vlt_put_object(&json, "head");
        vlt_put_slice(&json, "checkpoint", vlt_buf_slice(head));
        vlt_put_end(&json);
    } else {
        vlt_put_null(&json, "head");
    }
    vlt_put_object(&json, "receipt");
    vlt_put_slice(&json, "key", vlt_buf_slice(&key));
    vlt_put_end(&json);
    vlt_put_end(&json);
    vlt_buf_free(&key);
}

/* The result of audit.prove; the head is that of `newest`, as vaults show it
 * whatever size was asked for. */
static inline void
fake_log_prove(struct fake_log *log, uint64_t from, uint64_t size,
               uint64_t newest, struct vlt_buf *out)
{
    struct vlt_json_out json = vlt_json_out(out);
    struct vlt_buf head = { 0 };
    struct vlt_tree_path path;

    if (vlt_tree_consistency(from, size, fake_log_node, log, &path) != VLT_OK) {
        abort();
    }
    fake_log_head(log, newest, &head);
    vlt_put_object(&json, NULL);
    vlt_put_uint(&json, "from", from);
    vlt_put_uint(&json, "size", size);
    vlt_put_list(&json, "path");
    for (size_t i = 0; i < path.count; i++) {
        vlt_put_base64(&json, NULL, vlt_slice_of(path.hash[i], VLT_HASH_LEN));
    }
    vlt_put_end(&json);
    vlt_put_slice(&json, "checkpoint", vlt_buf_slice(&head));
    vlt_put_end(&json);
    vlt_buf_free(&head);
}

#endif
