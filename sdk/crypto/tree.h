/*
 * tree: the hash tree of RFC 9162, section 2.1: hashing, growing, proofs.
 *
 * Pure.  A leaf is SHA-256(00 ‖ entry), a node SHA-256(01 ‖ left ‖ right).
 * A frontier is the roots of the perfect subtrees of a tree, largest first:
 * all that is needed to append to it.
 */
#ifndef VLT_TREE_H
#define VLT_TREE_H

#include "crypto/hash.h"

enum { VLT_TREE_LEVELS = 64 };

struct vlt_tree {
    uint64_t size; /* leaves */
    /* node[i] is the root of a perfect subtree of 2^i leaves, where bit i of
     * size is set; the others are not looked at. */
    uint8_t node[VLT_TREE_LEVELS][VLT_HASH_LEN];
};

/* Called for each node that became final by an append: level 0 is the leaf,
 * index counts nodes of that level from the left. */
typedef void vlt_tree_node_fn(void *ctx, unsigned level, uint64_t index,
                              const uint8_t hash[VLT_HASH_LEN]);

/* Gives a final node back: false when it is not to be had. */
typedef bool vlt_tree_get_fn(void *ctx, unsigned level, uint64_t index,
                             uint8_t out[VLT_HASH_LEN]);

/* An empty tree. */
void vlt_tree_init(struct vlt_tree *tree);

/* The hash of an entry. */
void vlt_tree_leaf(struct vlt_slice entry, uint8_t out[VLT_HASH_LEN]);
/* The hash of two nodes side by side; out may be one of them. */
void vlt_tree_node(const uint8_t left[VLT_HASH_LEN],
                   const uint8_t right[VLT_HASH_LEN],
                   uint8_t out[VLT_HASH_LEN]);

/* Append a leaf hash; fn (may be NULL) hears of each final node. */
void vlt_tree_append(struct vlt_tree *tree, const uint8_t leaf[VLT_HASH_LEN],
                     vlt_tree_node_fn *fn, void *ctx);

/* The root; of an empty tree SHA-256 of nothing. */
void vlt_tree_root(const struct vlt_tree *tree, uint8_t out[VLT_HASH_LEN]);

/* A path of at most VLT_TREE_LEVELS hashes. */
struct vlt_tree_path {
    size_t count;
    uint8_t hash[VLT_TREE_LEVELS][VLT_HASH_LEN];
};

/* Proof that leaf `index` is in the tree of `size` (index < size).
 * VLT_E_LIMIT: index is not below size.  VLT_E_NOT_FOUND: get has no node. */
VLT_MUST_USE enum vlt_status vlt_tree_inclusion(uint64_t index, uint64_t size,
                                                vlt_tree_get_fn *get, void *ctx,
                                                struct vlt_tree_path *out);

/* Proof that the tree of `size` extends that of `from` (1 ≤ from ≤ size).
 * VLT_E_LIMIT: not so, or the proof has more hashes than a path (that takes
 * over 2^63 leaves).  VLT_E_NOT_FOUND: get has no node. */
VLT_MUST_USE enum vlt_status vlt_tree_consistency(uint64_t from, uint64_t size,
                                                  vlt_tree_get_fn *get,
                                                  void *ctx,
                                                  struct vlt_tree_path *out);

/* RFC 9162, 2.1.3.2.  VLT_E_AUTH: the proof does not hold. */
VLT_MUST_USE enum vlt_status
vlt_tree_verify_inclusion(const uint8_t leaf[VLT_HASH_LEN], uint64_t index,
                          uint64_t size, const struct vlt_tree_path *path,
                          const uint8_t root[VLT_HASH_LEN]);

/* RFC 9162, 2.1.4.2; `from` = 0 is refused.  VLT_E_AUTH likewise. */
VLT_MUST_USE enum vlt_status vlt_tree_verify_consistency(
    uint64_t from, const uint8_t from_root[VLT_HASH_LEN], uint64_t size,
    const uint8_t root[VLT_HASH_LEN], const struct vlt_tree_path *path);

#endif
