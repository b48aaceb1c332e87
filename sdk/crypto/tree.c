#include "crypto/tree.h"

#include <assert.h>
#include <string.h>

/* Leaves [begin, end) of a tree, as a subtree of it. */
struct range {
    uint64_t begin;
    uint64_t end;
};

/* Siblings met on the way down from the root: the proof, upside down. */
struct way {
    size_t count;
    struct range range[VLT_TREE_LEVELS];
};

/* The level of the largest perfect tree that is smaller than n (over 1). */
static unsigned
split_level(uint64_t n)
{
    unsigned level = 0;

    for (uint64_t rest = (n - 1) >> 1; rest != 0; rest >>= 1) {
        level++;
    }
    return level;
}

void
vlt_tree_init(struct vlt_tree *tree)
{
    memset(tree, 0, sizeof *tree);
}

void
vlt_tree_leaf(struct vlt_slice entry, uint8_t out[VLT_HASH_LEN])
{
    const uint8_t mark = 0;
    struct vlt_slice parts[] = { { &mark, 1 }, entry };

    vlt_sha256(parts, 2, out);
}

void
vlt_tree_node(const uint8_t left[VLT_HASH_LEN],
              const uint8_t right[VLT_HASH_LEN], uint8_t out[VLT_HASH_LEN])
{
    const uint8_t mark = 1;
    struct vlt_slice parts[] = { { &mark, 1 },
                                 { left, VLT_HASH_LEN },
                                 { right, VLT_HASH_LEN } };

    vlt_sha256(parts, 3, out);
}

void
vlt_tree_append(struct vlt_tree *tree, const uint8_t leaf[VLT_HASH_LEN],
                vlt_tree_node_fn *fn, void *ctx)
{
    uint8_t hash[VLT_HASH_LEN];
    unsigned level = 0;

    assert(tree->size < UINT64_MAX);
    memcpy(hash, leaf, sizeof hash);
    if (fn != NULL) {
        fn(ctx, 0, tree->size, hash);
    }
    /* Like adding one in binary: each carry joins two equal subtrees. */
    for (; (tree->size >> level & 1) != 0; level++) {
        vlt_tree_node(tree->node[level], hash, hash);
        if (fn != NULL) {
            fn(ctx, level + 1, tree->size >> (level + 1), hash);
        }
    }
    memcpy(tree->node[level], hash, sizeof hash);
    tree->size++;
}

void
vlt_tree_root(const struct vlt_tree *tree, uint8_t out[VLT_HASH_LEN])
{
    bool found = false;

    if (tree->size == 0) {
        vlt_sha256(NULL, 0, out);
        return;
    }
    for (unsigned i = 0; i < VLT_TREE_LEVELS; i++) {
        if ((tree->size >> i & 1) == 0) {
            continue;
        }
        if (found) {
            vlt_tree_node(tree->node[i], out, out);
        } else {
            memcpy(out, tree->node[i], VLT_HASH_LEN);
            found = true;
        }
    }
}

/*
 * The root of a range, whose begin is a multiple of the largest perfect tree
 * in it; so it falls into perfect subtrees, which are joined from the right.
 */
static enum vlt_status
range_root(struct range range, vlt_tree_get_fn *get, void *ctx,
           uint8_t out[VLT_HASH_LEN])
{
    uint64_t size = range.end - range.begin;
    uint64_t end = range.end;
    uint8_t left[VLT_HASH_LEN];
    bool found = false;

    for (unsigned i = 0; i < VLT_TREE_LEVELS; i++) {
        if ((size >> i & 1) == 0) {
            continue;
        }
        end -= UINT64_C(1) << i;
        if (!get(ctx, i, end >> i, found ? left : out)) {
            return VLT_E_NOT_FOUND;
        }
        if (found) {
            vlt_tree_node(left, out, out);
        }
        found = true;
    }
    return VLT_OK;
}

/* Fetch the siblings of a way, nearest to the leaf first. */
static enum vlt_status
fetch(const struct way *way, vlt_tree_get_fn *get, void *ctx,
      struct vlt_tree_path *out)
{
    struct vlt_tree_path path = { .count = way->count };

    for (size_t i = 0; i < way->count; i++) {
        enum vlt_status st =
            range_root(way->range[way->count - 1 - i], get, ctx, path.hash[i]);

        if (st != VLT_OK) {
            return st;
        }
    }
    *out = path;
    return VLT_OK;
}

static bool
add_sibling(struct way *way, uint64_t begin, uint64_t end)
{
    if (way->count == VLT_TREE_LEVELS) {
        return false;
    }
    way->range[way->count] = (struct range){ begin, end };
    way->count++;
    return true;
}

enum vlt_status
vlt_tree_inclusion(uint64_t index, uint64_t size, vlt_tree_get_fn *get,
                   void *ctx, struct vlt_tree_path *out)
{
    struct range at = { 0, size };
    struct way way = { .count = 0 };

    if (index >= size) {
        return VLT_E_LIMIT;
    }
    while (at.end - at.begin > 1) {
        uint64_t middle =
            at.begin + (UINT64_C(1) << split_level(at.end - at.begin));
        bool left = index < middle;

        if (!add_sibling(&way, left ? middle : at.begin,
                         left ? at.end : middle)) {
            return VLT_E_LIMIT;
        }
        *(left ? &at.end : &at.begin) = middle;
    }
    return fetch(&way, get, ctx, out);
}

enum vlt_status
vlt_tree_consistency(uint64_t from, uint64_t size, vlt_tree_get_fn *get,
                     void *ctx, struct vlt_tree_path *out)
{
    struct range at = { 0, size };
    struct way way = { .count = 0 };

    if (from < 1 || from > size) {
        return VLT_E_LIMIT;
    }
    while (at.end != from) {
        uint64_t middle =
            at.begin + (UINT64_C(1) << split_level(at.end - at.begin));
        bool left = from <= middle;

        if (!add_sibling(&way, left ? middle : at.begin,
                         left ? at.end : middle)) {
            return VLT_E_LIMIT;
        }
        *(left ? &at.end : &at.begin) = middle;
    }
    /* The old root itself, where the old tree is a subtree of the new, is
     * known to whoever checks. */
    if (at.begin != 0 && !add_sibling(&way, at.begin, at.end)) {
        return VLT_E_LIMIT;
    }
    return fetch(&way, get, ctx, out);
}

/* Where a check stands: RFC 9162 calls the two numbers fn and sn. */
struct climb {
    uint64_t at;   /* index of our node in its level */
    uint64_t last; /* index of the level's last node */
};

/* Go up past levels where our node is the last and has no sibling. */
static void
skip_lone(struct climb *climb)
{
    while ((climb->at & 1) == 0 && climb->at != 0) {
        climb->at >>= 1;
        climb->last >>= 1;
    }
}

/* Go up by one sibling: is it to the left of us? */
static bool
step(struct climb *climb)
{
    bool left = (climb->at & 1) != 0 || climb->at == climb->last;

    if (left) {
        skip_lone(climb);
    }
    climb->at >>= 1;
    climb->last >>= 1;
    return left;
}

enum vlt_status
vlt_tree_verify_inclusion(const uint8_t leaf[VLT_HASH_LEN], uint64_t index,
                          uint64_t size, const struct vlt_tree_path *path,
                          const uint8_t root[VLT_HASH_LEN])
{
    uint8_t hash[VLT_HASH_LEN];
    struct climb climb = { index, size - 1 };

    if (index >= size || path->count > VLT_TREE_LEVELS) {
        return VLT_E_AUTH;
    }
    memcpy(hash, leaf, sizeof hash);
    for (size_t i = 0; i < path->count; i++) {
        if (climb.last == 0) {
            return VLT_E_AUTH;
        }
        if (step(&climb)) {
            vlt_tree_node(path->hash[i], hash, hash);
        } else {
            vlt_tree_node(hash, path->hash[i], hash);
        }
    }
    return climb.last == 0 && vlt_equal(hash, root, sizeof hash) ? VLT_OK
                                                                 : VLT_E_AUTH;
}

/* The tree did not grow: the proof is empty, the roots are the same. */
static enum vlt_status
verify_same(const uint8_t from_root[VLT_HASH_LEN],
            const uint8_t root[VLT_HASH_LEN], const struct vlt_tree_path *path)
{
    return path->count == 0 && vlt_equal(from_root, root, VLT_HASH_LEN)
               ? VLT_OK
               : VLT_E_AUTH;
}

enum vlt_status
vlt_tree_verify_consistency(uint64_t from,
                            const uint8_t from_root[VLT_HASH_LEN],
                            uint64_t size, const uint8_t root[VLT_HASH_LEN],
                            const struct vlt_tree_path *path)
{
    uint8_t old[VLT_HASH_LEN];
    uint8_t new[VLT_HASH_LEN];
    struct climb climb = { from - 1, size - 1 };

    if (from < 1 || from > size || path->count > VLT_TREE_LEVELS) {
        return VLT_E_AUTH;
    }
    if (from == size) {
        return verify_same(from_root, root, path);
    }
    /* A perfect old tree is a subtree of the new one, so its root begins the
     * proof and is not sent. */
    bool perfect = (from & (from - 1)) == 0;
    size_t first = perfect ? 0 : 1;

    if (path->count == 0) {
        return VLT_E_AUTH;
    }
    memcpy(old, perfect ? from_root : path->hash[0], sizeof old);
    memcpy(new, old, sizeof new);
    while ((climb.at & 1) != 0) {
        climb.at >>= 1;
        climb.last >>= 1;
    }
    for (size_t i = first; i < path->count; i++) {
        if (climb.last == 0) {
            return VLT_E_AUTH;
        }
        if (step(&climb)) {
            vlt_tree_node(path->hash[i], old, old);
            vlt_tree_node(path->hash[i], new, new);
        } else {
            vlt_tree_node(new, path->hash[i], new);
        }
    }
    return climb.last == 0 && vlt_equal(old, from_root, sizeof old) &&
                   vlt_equal(new, root, sizeof new)
               ? VLT_OK
               : VLT_E_AUTH;
}
