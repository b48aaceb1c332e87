/*
 * Does the log hold together?  Every entry is hashed anew, every commitment
 * opened, every head in the master tree held against the firm's tree.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit_internal.h"
#include "crypto/random.h"

enum {
    SAYS_MAX = 200,
};

/* A firm's head as one master entry has it. */
struct claim {
    uint8_t tree[AUDIT_TREE_LEN];
    uint64_t size;
    uint8_t root[VLT_HASH_LEN];
};

struct verifying {
    struct audit *audit;
    const struct store_view *view;
    audit_problem_fn *fn;
    void *ctx;

    /* Of the tree being walked. */
    const uint8_t *id;
    bool master;
    struct vlt_tree tree;
    int64_t time;
    bool nodes_bad;

    struct claim *claim; /* owned; in the order of the master tree */
    size_t claims, cap;
    size_t at;         /* next claim of the firm being walked */
    uint64_t claimed;  /* its size, as the last claim says */
    uint64_t shredded; /* entries whose key is gone, of all trees */
    bool erased;       /* an erasure is in the log */
    struct map *seqs;  /* subject to its last seq, as a pointer-sized number */
    enum vlt_status st;
};

static void problem(const struct verifying *verifying, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
problem(const struct verifying *verifying, const char *format, ...)
{
    char says[SAYS_MAX];
    va_list args;

    va_start(args, format);
    int len = vsnprintf(says, sizeof says, format, args);
    va_end(args);
    if (len > 0) {
        verifying->fn(verifying->ctx, says);
    }
}

static const char *
tree_name(const struct verifying *verifying, char out[2 * AUDIT_TREE_LEN + 1])
{
    return verifying->master
               ? "the master tree"
               : vlt_hex_print(verifying->id, AUDIT_TREE_LEN, out);
}

/* Stored nodes must be those that the leaves give. */
static void
check_node(void *ctx, unsigned level, uint64_t index,
           const uint8_t hash[VLT_HASH_LEN])
{
    struct verifying *verifying = ctx;
    struct store_node node = { .level = (uint8_t)level, .index = index };
    uint8_t stored[VLT_HASH_LEN];

    if (level == 0) {
        return;
    }
    memcpy(node.tree, verifying->id, sizeof node.tree);
    if (store_node_get(verifying->view, &node, stored) != VLT_OK ||
        memcmp(stored, hash, sizeof stored) != 0) {
        verifying->nodes_bad = true;
    }
}

static void
remember_claim(struct verifying *verifying, const struct vlt_entry *entry)
{
    if (memcmp(entry->tree, audit_master, sizeof entry->tree) == 0) {
        return;
    }
    if (verifying->claims == verifying->cap) {
        size_t cap = verifying->cap == 0 ? 256 : 2 * verifying->cap;
        struct claim *more = realloc(verifying->claim, cap * sizeof *more);

        if (more == NULL) {
            verifying->st = VLT_E_NOMEM;
            return;
        }
        verifying->claim = more;
        verifying->cap = cap;
    }
    struct claim *claim = &verifying->claim[verifying->claims++];

    memcpy(claim->tree, entry->tree, sizeof claim->tree);
    claim->size = entry->tree_size;
    memcpy(claim->root, entry->tree_root, sizeof claim->root);
}

/* A grant's entries count from 1 without a gap, in its firm's tree. */
static void
check_seq(struct verifying *verifying, const struct vlt_entry *entry)
{
    uintptr_t last = (uintptr_t)map_get(verifying->seqs, entry->subject);

    if (verifying->master || entry->seq == 0) {
        return;
    }
    if (entry->seq != (uint64_t)last + 1) {
        char grant[VLT_ULID_TEXT];

        problem(verifying,
                "grant %s: entry %" PRIu64 " has number %" PRIu64 ", %" PRIu64
                " was next",
                vlt_ulid_print(entry->subject, grant), entry->index, entry->seq,
                (uint64_t)last + 1);
    }
    if (map_put(verifying->seqs, entry->subject,
                (void *)(uintptr_t)entry->seq) != VLT_OK) {
        verifying->st = VLT_E_NOMEM;
    }
}

/* A claim is due when the firm's tree has as many entries as it says. */
static void
check_claims(struct verifying *verifying)
{
    uint8_t root[VLT_HASH_LEN];

    while (verifying->at < verifying->claims) {
        const struct claim *claim = &verifying->claim[verifying->at];

        if (memcmp(claim->tree, verifying->id, AUDIT_TREE_LEN) == 0) {
            if (claim->size > verifying->tree.size) {
                return;
            }
            vlt_tree_root(&verifying->tree, root);
            if (claim->size != verifying->tree.size ||
                memcmp(root, claim->root, sizeof root) != 0) {
                char name[2 * AUDIT_TREE_LEN + 1];

                problem(verifying,
                        "%s: the master tree has another head for size "
                        "%" PRIu64,
                        tree_name(verifying, name), claim->size);
            }
            verifying->claimed = claim->size;
        }
        verifying->at++;
    }
}

static void
check_opened(struct verifying *verifying, const struct store_audit *stored)
{
    struct vlt_slice bytes;
    struct vlt_slice salt;
    struct vlt_slice detail;
    struct vlt_entry entry;
    uint8_t leaf[VLT_HASH_LEN];
    char name[2 * AUDIT_TREE_LEN + 1];

    if (audit_split(stored->body, verifying->master, &bytes, &salt, &detail) !=
            VLT_OK ||
        vlt_entry_decode(bytes, &entry) != VLT_OK) {
        problem(verifying, "%s: entry %" PRIu64 " is not well formed",
                tree_name(verifying, name), stored->index);
        return;
    }
    vlt_tree_leaf(bytes, leaf);
    if (memcmp(leaf, stored->leaf, sizeof leaf) != 0 ||
        entry.index != stored->index) {
        problem(verifying, "%s: entry %" PRIu64 " is not what was hashed",
                tree_name(verifying, name), stored->index);
    }
    if (!vlt_entry_opens(&entry, salt, detail)) {
        problem(verifying,
                "%s: the detail of entry %" PRIu64 " is not what it commits to",
                tree_name(verifying, name), stored->index);
    }
    verifying->time = entry.time;
    if (verifying->master) {
        remember_claim(verifying, &entry);
        verifying->erased = verifying->erased || entry.type == AUDIT_ERASE;
    }
    check_seq(verifying, &entry);
}

static bool
check_entry(void *ctx, const struct store_audit *stored)
{
    struct verifying *verifying = ctx;
    char name[2 * AUDIT_TREE_LEN + 1];

    if (stored->index != verifying->tree.size) {
        problem(verifying, "%s: entry %" PRIu64 " is missing",
                tree_name(verifying, name), verifying->tree.size);
        return false;
    }
    if (stored->body.len > 0) {
        check_opened(verifying, stored);
    } else {
        verifying->shredded++;
    }
    vlt_tree_append(&verifying->tree, stored->leaf, check_node, verifying);
    if (!verifying->master) {
        check_claims(verifying);
    }
    return verifying->st == VLT_OK;
}

static enum vlt_status
walk_tree(struct verifying *verifying, const uint8_t *id)
{
    char name[2 * AUDIT_TREE_LEN + 1];
    enum vlt_status st;

    verifying->id = id;
    verifying->master = memcmp(id, audit_master, AUDIT_TREE_LEN) == 0;
    verifying->at = 0;
    verifying->claimed = 0;
    verifying->nodes_bad = false;
    vlt_tree_init(&verifying->tree);
    st = store_audit_each(verifying->view, id, 0, check_entry, verifying);
    if (st == VLT_OK) {
        st = verifying->st;
    }
    if (st == VLT_OK && verifying->nodes_bad) {
        problem(verifying, "%s: stored nodes are not those of its entries",
                tree_name(verifying, name));
    }
    return st;
}

/* Is this the first claim about its tree? */
static bool
first_claim(const struct verifying *verifying, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (memcmp(verifying->claim[j].tree, verifying->claim[i].tree,
                   AUDIT_TREE_LEN) == 0) {
            return false;
        }
    }
    return true;
}

static enum vlt_status
walk_firms(struct verifying *verifying)
{
    for (size_t i = 0; i < verifying->claims; i++) {
        uint8_t id[AUDIT_TREE_LEN];
        enum vlt_status st;
        char name[2 * AUDIT_TREE_LEN + 1];

        if (!first_claim(verifying, i)) {
            continue;
        }
        memcpy(id, verifying->claim[i].tree, sizeof id);
        st = walk_tree(verifying, id);
        if (st != VLT_OK) {
            return st;
        }
        check_claims(verifying);
        if (verifying->at < verifying->claims) {
            problem(verifying,
                    "%s: it has %" PRIu64
                    " entries, the master tree knows of more",
                    tree_name(verifying, name), verifying->tree.size);
        } else if (verifying->claimed < verifying->tree.size) {
            problem(verifying,
                    "%s: it has %" PRIu64
                    " entries, the master tree knows of %" PRIu64,
                    tree_name(verifying, name), verifying->tree.size,
                    verifying->claimed);
        }
    }
    return VLT_OK;
}

/* The root that is sealed in the store must be the one that came out. */
static enum vlt_status
check_root(struct verifying *verifying, struct audit_head *out)
{
    uint8_t said[STORE_HASH_LEN];
    uint64_t size;
    enum vlt_status st = store_view_audit(verifying->view, &size, said);

    if (st != VLT_OK) {
        return st;
    }
    out->size = verifying->tree.size;
    out->time = verifying->time;
    vlt_tree_root(&verifying->tree, out->root);
    if (size != out->size ||
        (size > 0 && memcmp(said, out->root, sizeof said) != 0)) {
        problem(verifying,
                "the master tree has %" PRIu64
                " entries or another head, the store says %" PRIu64,
                out->size, size);
    }
    return VLT_OK;
}

enum vlt_status
audit_verify(struct audit *audit, const struct store_view *view,
             audit_problem_fn *fn, void *ctx, struct audit_head *out)
{
    struct verifying verifying = {
        .audit = audit, .view = view, .fn = fn, .ctx = ctx, .st = VLT_OK
    };
    uint8_t seed[MAP_SEED_LEN];
    enum vlt_status st;

    vlt_random(seed, sizeof seed);
    st = map_new(VLT_ID_LEN, seed, &verifying.seqs);
    if (st == VLT_OK) {
        st = walk_tree(&verifying, audit_master);
    }
    if (st == VLT_OK) {
        st = check_root(&verifying, out);
    }
    if (st == VLT_OK) {
        st = walk_firms(&verifying);
    }
    if (st == VLT_OK && verifying.shredded > 0 && !verifying.erased) {
        problem(&verifying,
                "%" PRIu64 " entries have no key, and no erasure is logged",
                verifying.shredded);
    }
    map_free(verifying.seqs);
    free(verifying.claim);
    return st;
}
