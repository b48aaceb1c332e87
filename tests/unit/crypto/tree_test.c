#include "unit.h"

#include <string.h>

#include "crypto/tree.h"

enum {
    LEAVES = 4096,
    LEVELS = 13,
    PROVEN = 256, /* each proof of each tree up to this size */
    MOVED = 24,   /* to every other place, up to this size */
    TRIED = 12,   /* every bit, up to this size */
};

typedef uint8_t hash[VLT_HASH_LEN];

/* A tree of LEAVES leaves, and what is known of it. */
struct grown {
    hash leaf[LEAVES];
    hash root[LEAVES + 1];      /* of its first n leaves */
    hash final[LEVELS][LEAVES]; /* as told while it grew */
    bool known[LEVELS][LEAVES];
};

static void
remember(void *ctx, unsigned level, uint64_t index, const uint8_t *node)
{
    struct grown *grown = ctx;

    assert_true(level < LEVELS && index < LEAVES);
    assert_false(grown->known[level][index]);
    grown->known[level][index] = true;
    memcpy(grown->final[level][index], node, VLT_HASH_LEN);
}

static bool
recall(void *ctx, unsigned level, uint64_t index, uint8_t *out)
{
    struct grown *grown = ctx;

    assert_true(level < LEVELS && index < LEAVES);
    if (!grown->known[level][index]) {
        return false;
    }
    memcpy(out, grown->final[level][index], VLT_HASH_LEN);
    return true;
}

static int
set_up(void **state)
{
    static struct grown grown;
    struct vlt_tree tree;

    if (vlt_secret_init() != VLT_OK) {
        return -1;
    }
    vlt_tree_init(&tree);
    vlt_tree_root(&tree, grown.root[0]);
    for (uint32_t i = 0; i < LEAVES; i++) {
        vlt_tree_leaf(vlt_slice_of(&i, sizeof i), grown.leaf[i]);
        vlt_tree_append(&tree, grown.leaf[i], remember, &grown);
        vlt_tree_root(&tree, grown.root[i + 1]);
    }
    *state = &grown;
    return 0;
}

/* RFC 9162, 2.1.1, as it is defined there. */
static void
root_of(const struct grown *grown, size_t begin, size_t end, uint8_t *out)
{
    size_t half = 1;
    hash left;
    hash right;

    if (end - begin == 1) {
        memcpy(out, grown->leaf[begin], VLT_HASH_LEN);
        return;
    }
    while (2 * half < end - begin) {
        half *= 2;
    }
    root_of(grown, begin, begin + half, left);
    root_of(grown, begin + half, end, right);
    vlt_tree_node(left, right, out);
}

/* The published roots of the trees of zero and one empty leaf. */
static void
the_smallest_trees_have_the_published_roots(void **state)
{
    static const hash none = { 0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14,
                               0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
                               0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c,
                               0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55 };
    static const hash one = { 0x6e, 0x34, 0x0b, 0x9c, 0xff, 0xb3, 0x7a, 0x98,
                              0x9c, 0xa5, 0x44, 0xe6, 0xbb, 0x78, 0x0a, 0x2c,
                              0x78, 0x90, 0x1d, 0x3f, 0xb3, 0x37, 0x38, 0x76,
                              0x85, 0x11, 0xa3, 0x06, 0x17, 0xaf, 0xa0, 0x1d };
    struct vlt_tree tree;
    hash leaf;
    hash root;

    vlt_tree_init(&tree);
    vlt_tree_root(&tree, root);
    assert_memory_equal(root, none, sizeof root);
    vlt_tree_leaf(vlt_slice_of("", 0), leaf);
    vlt_tree_append(&tree, leaf, NULL, NULL);
    vlt_tree_root(&tree, root);
    assert_memory_equal(root, one, sizeof root);
}

static void
a_grown_tree_has_the_root_of_the_definition(void **state)
{
    struct grown *grown = *state;
    hash root;

    /* Each size up to 300 and around each power of two, others thinned. */
    for (size_t n = 1; n <= LEAVES;
         n += n < 300 || (n & (n + 3)) <= 3 ? 1 : 3) {
        root_of(grown, 0, n, root);
        assert_memory_equal(root, grown->root[n], sizeof root);
    }
    root_of(grown, 0, LEAVES, root);
    assert_memory_equal(root, grown->root[LEAVES], sizeof root);
}

static void
each_final_node_is_told_once(void **state)
{
    struct grown *grown = *state;
    hash node;

    for (unsigned level = 0; level < LEVELS; level++) {
        size_t width = (size_t)1 << level;

        for (size_t i = 0; i < LEAVES; i++) {
            assert_true(grown->known[level][i] == (i < LEAVES / width));
        }
        root_of(grown, 0, width, node);
        assert_memory_equal(grown->final[level][0], node, sizeof node);
    }
}

static enum vlt_status
check_inclusion(const struct grown *grown, uint64_t index, uint64_t size,
                const struct vlt_tree_path *path)
{
    return vlt_tree_verify_inclusion(grown->leaf[index], index, size, path,
                                     grown->root[size]);
}

static enum vlt_status
check_consistency(const struct grown *grown, uint64_t from, uint64_t size,
                  const struct vlt_tree_path *path)
{
    return vlt_tree_verify_consistency(from, grown->root[from], size,
                                       grown->root[size], path);
}

/* One kind of proof, for what is true of both. */
struct kind {
    enum vlt_status (*prove)(uint64_t a, uint64_t size, vlt_tree_get_fn *get,
                             void *ctx, struct vlt_tree_path *out);
    enum vlt_status (*check)(const struct grown *grown, uint64_t a,
                             uint64_t size, const struct vlt_tree_path *path);
    uint64_t first; /* smallest a; the largest is size - 1 */
};

static const struct kind kinds[] = {
    { vlt_tree_inclusion, check_inclusion, 0 },
    { vlt_tree_consistency, check_consistency, 1 },
};

/* Call fn with each proof of each kind, up to the given size. */
static void
each_proof(struct grown *grown, uint64_t most,
           void (*fn)(const struct grown *grown, const struct kind *kind,
                      uint64_t a, uint64_t size, struct vlt_tree_path *path))
{
    struct vlt_tree_path path;

    for (size_t k = 0; k < 2; k++) {
        for (uint64_t size = 1; size <= most; size++) {
            for (uint64_t a = kinds[k].first; a < size; a++) {
                assert_int_equal(kinds[k].prove(a, size, recall, grown, &path),
                                 VLT_OK);
                fn(grown, &kinds[k], a, size, &path);
            }
        }
    }
}

static void
holds(const struct grown *grown, const struct kind *kind, uint64_t a,
      uint64_t size, struct vlt_tree_path *path)
{
    assert_int_equal(kind->check(grown, a, size, path), VLT_OK);
}

static void
fails(const struct grown *grown, const struct kind *kind, uint64_t a,
      uint64_t size, const struct vlt_tree_path *path)
{
    assert_int_equal(kind->check(grown, a, size, path), VLT_E_AUTH);
}

static void
every_proof_holds(void **state)
{
    each_proof(*state, PROVEN, holds);
}

static void
flip(const struct grown *grown, const struct kind *kind, uint64_t a,
     uint64_t size, struct vlt_tree_path *path)
{
    for (size_t bit = 0; bit < 8 * VLT_HASH_LEN * path->count; bit++) {
        uint8_t *byte = &path->hash[0][0] + bit / 8;

        *byte ^= (uint8_t)(1u << bit % 8);
        fails(grown, kind, a, size, path);
        *byte ^= (uint8_t)(1u << bit % 8);
    }
}

static void
every_bit_of_a_proof_counts(void **state)
{
    each_proof(*state, TRIED, flip);
}

/* One bit of one hash, another for each proof. */
static void
flip_one(const struct grown *grown, const struct kind *kind, uint64_t a,
         uint64_t size, struct vlt_tree_path *path)
{
    if (path->count == 0) {
        return; /* the only leaf of its tree */
    }
    uint8_t *byte = &path->hash[a % path->count][(a + size) % VLT_HASH_LEN];

    *byte ^= (uint8_t)(1u << size % 8);
    fails(grown, kind, a, size, path);
    *byte ^= (uint8_t)(1u << size % 8);
}

static void
a_flipped_bit_spoils_each_proof(void **state)
{
    each_proof(*state, PROVEN, flip_one);
}

static void
cut_and_stretch(const struct grown *grown, const struct kind *kind, uint64_t a,
                uint64_t size, struct vlt_tree_path *path)
{
    size_t count = path->count;

    for (path->count = 0; path->count < count; path->count++) {
        fails(grown, kind, a, size, path);
    }
    memset(path->hash[count], 0, VLT_HASH_LEN);
    path->count = count + 1;
    fails(grown, kind, a, size, path);
    memcpy(path->hash[count], grown->root[size], VLT_HASH_LEN);
    fails(grown, kind, a, size, path);
    path->count = VLT_TREE_LEVELS + 1;
    fails(grown, kind, a, size, path);
}

static void
no_shorter_or_longer_proof_holds(void **state)
{
    each_proof(*state, 2 * MOVED, cut_and_stretch);
}

/* Beside the right roots: what is proven is proven of no other place. */
static void
move(const struct grown *grown, const struct kind *kind, uint64_t a,
     uint64_t size, struct vlt_tree_path *path)
{
    for (uint64_t other = 0; other <= size + 1; other++) {
        if (other != a) {
            fails(grown, kind, other, size, path);
        }
        if (other != size) {
            fails(grown, kind, a, other, path);
        }
    }
}

static void
no_proof_holds_elsewhere(void **state)
{
    each_proof(*state, MOVED, move);
}

/* The same with the leaf or old root that the proof was made for. */
static void
a_leaf_is_at_its_index_alone(void **state)
{
    struct grown *grown = *state;
    struct vlt_tree_path path;

    for (uint64_t size = 1; size <= MOVED; size++) {
        for (uint64_t pair = 0; pair < size * (size + 2); pair++) {
            uint64_t index = pair / (size + 2);
            uint64_t other = pair % (size + 2);

            assert_int_equal(
                vlt_tree_inclusion(index, size, recall, grown, &path), VLT_OK);
            assert_int_equal(vlt_tree_verify_inclusion(grown->leaf[index],
                                                       other, size, &path,
                                                       grown->root[size]),
                             other == index ? VLT_OK : VLT_E_AUTH);
        }
    }
}

static void
an_old_root_is_of_its_size_alone(void **state)
{
    struct grown *grown = *state;
    struct vlt_tree_path path;

    for (uint64_t size = 2; size <= MOVED; size++) {
        for (uint64_t pair = 0; pair < (size - 1) * (size + 2); pair++) {
            uint64_t from = 1 + pair / (size + 2);
            uint64_t other = pair % (size + 2);

            assert_int_equal(
                vlt_tree_consistency(from, size, recall, grown, &path), VLT_OK);
            assert_int_equal(
                vlt_tree_verify_consistency(other, grown->root[from], size,
                                            grown->root[size], &path),
                other == from ? VLT_OK : VLT_E_AUTH);
        }
    }
}

static void
every_byte_of_the_roots_and_the_leaf_counts(void **state)
{
    struct grown *grown = *state;
    struct vlt_tree_path path;

    for (uint64_t size = 2; size <= PROVEN; size++) {
        uint64_t a = size - 1;
        uint8_t *ends[] = { grown->leaf[a], grown->root[a], grown->root[size] };
        size_t byte = size % VLT_HASH_LEN;

        for (size_t i = 0; i < 3; i++) {
            ends[i][byte] ^= 1;
            assert_int_equal(vlt_tree_inclusion(a, size, recall, grown, &path),
                             VLT_OK);
            assert_int_equal(check_inclusion(grown, a, size, &path),
                             i == 1 ? VLT_OK : VLT_E_AUTH);
            assert_int_equal(
                vlt_tree_consistency(a, size, recall, grown, &path), VLT_OK);
            assert_int_equal(check_consistency(grown, a, size, &path),
                             i == 0 ? VLT_OK : VLT_E_AUTH);
            ends[i][byte] ^= 1;
        }
    }
}

static void
a_tree_is_consistent_with_itself(void **state)
{
    struct grown *grown = *state;
    struct vlt_tree_path path;

    for (uint64_t size = 1; size <= PROVEN; size++) {
        assert_int_equal(vlt_tree_consistency(size, size, recall, grown, &path),
                         VLT_OK);
        assert_int_equal(path.count, 0);
        assert_int_equal(check_consistency(grown, size, size, &path), VLT_OK);
        assert_int_equal(
            vlt_tree_verify_consistency(size, grown->root[size - 1], size,
                                        grown->root[size], &path),
            VLT_E_AUTH);
    }
}

static void
places_outside_the_tree_are_refused(void **state)
{
    static const struct vlt_tree_path empty;
    struct grown *grown = *state;
    struct vlt_tree_path path;

    assert_int_equal(vlt_tree_inclusion(0, 0, recall, grown, &path),
                     VLT_E_LIMIT);
    assert_int_equal(vlt_tree_inclusion(7, 7, recall, grown, &path),
                     VLT_E_LIMIT);
    assert_int_equal(vlt_tree_consistency(0, 7, recall, grown, &path),
                     VLT_E_LIMIT);
    assert_int_equal(vlt_tree_consistency(8, 7, recall, grown, &path),
                     VLT_E_LIMIT);
    assert_int_equal(
        vlt_tree_verify_inclusion(grown->root[0], 0, 0, &empty, grown->root[0]),
        VLT_E_AUTH);
    assert_int_equal(check_consistency(grown, 0, 0, &empty), VLT_E_AUTH);
    assert_int_equal(check_consistency(grown, 0, 7, &empty), VLT_E_AUTH);
}

static void
a_node_that_is_not_to_be_had_is_not_found(void **state)
{
    struct grown *grown = *state;
    struct vlt_tree_path path;

    grown->known[2][1] = false;
    assert_int_equal(vlt_tree_inclusion(0, 8, recall, grown, &path),
                     VLT_E_NOT_FOUND);
    assert_int_equal(vlt_tree_consistency(4, 8, recall, grown, &path),
                     VLT_E_NOT_FOUND);
    grown->known[2][1] = true;
}

/* A tree of equal leaves: its perfect subtrees of one level are all equal, so
 * it may be as large as one likes. */
static bool
same_everywhere(void *ctx, unsigned level, uint64_t index, uint8_t *out)
{
    const struct vlt_tree *equal = ctx;

    memcpy(out, equal->node[level], VLT_HASH_LEN);
    return true;
}

static void
prove_large(struct vlt_tree *tree, uint64_t at)
{
    uint64_t size = tree->size;
    struct vlt_tree old = *tree;
    struct vlt_tree_path path;
    enum vlt_status st;
    hash root;
    hash old_root;

    old.size = at;
    vlt_tree_root(tree, root);
    vlt_tree_root(&old, old_root);
    assert_int_equal(
        vlt_tree_inclusion(at - 1, size, same_everywhere, tree, &path), VLT_OK);
    assert_int_equal(
        vlt_tree_verify_inclusion(tree->node[0], at - 1, size, &path, root),
        VLT_OK);
    st = vlt_tree_consistency(at, size, same_everywhere, tree, &path);
    if (st == VLT_E_LIMIT) {
        assert_true(size > UINT64_C(1) << 63);
        return;
    }
    assert_int_equal(st, VLT_OK);
    assert_int_equal(
        vlt_tree_verify_consistency(at, old_root, size, root, &path), VLT_OK);
}

static void
proofs_hold_in_the_largest_trees(void **state)
{
    static const uint64_t sizes[] = {
        UINT64_C(1) << 62, (UINT64_C(1) << 62) + 1,     (UINT64_C(1) << 63) - 1,
        UINT64_C(1) << 63, (UINT64_C(1) << 63) + 12345, UINT64_MAX - 1,
        UINT64_MAX,
    };
    struct vlt_tree tree;

    vlt_tree_init(&tree);
    vlt_tree_leaf(vlt_slice_of("", 0), tree.node[0]);
    for (unsigned i = 1; i < VLT_TREE_LEVELS; i++) {
        vlt_tree_node(tree.node[i - 1], tree.node[i - 1], tree.node[i]);
    }
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        tree.size = sizes[i];
        for (uint64_t at = sizes[i]; at > 0; at >>= 1) {
            prove_large(&tree, at);
        }
    }
}

/* 65 hashes: one more than a path holds. */
static void
a_proof_that_a_path_cannot_hold_is_refused(void **state)
{
    struct vlt_tree tree;
    struct vlt_tree_path path;

    vlt_tree_init(&tree);
    assert_int_equal(vlt_tree_consistency((UINT64_C(1) << 63) + 1, UINT64_MAX,
                                          same_everywhere, &tree, &path),
                     VLT_E_LIMIT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_trees_have_the_published_roots),
        cmocka_unit_test(a_grown_tree_has_the_root_of_the_definition),
        cmocka_unit_test(each_final_node_is_told_once),
        cmocka_unit_test(every_proof_holds),
        cmocka_unit_test(every_bit_of_a_proof_counts),
        cmocka_unit_test(a_flipped_bit_spoils_each_proof),
        cmocka_unit_test(no_shorter_or_longer_proof_holds),
        cmocka_unit_test(no_proof_holds_elsewhere),
        cmocka_unit_test(a_leaf_is_at_its_index_alone),
        cmocka_unit_test(an_old_root_is_of_its_size_alone),
        cmocka_unit_test(every_byte_of_the_roots_and_the_leaf_counts),
        cmocka_unit_test(a_tree_is_consistent_with_itself),
        cmocka_unit_test(places_outside_the_tree_are_refused),
        cmocka_unit_test(a_node_that_is_not_to_be_had_is_not_found),
        cmocka_unit_test(proofs_hold_in_the_largest_trees),
        cmocka_unit_test(a_proof_that_a_path_cannot_hold_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
