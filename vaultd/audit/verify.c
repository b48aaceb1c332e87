/*
 * Does the log hold together?  Every entry is hashed anew, every commitment
 * opened, every head in the master tree held against the firm's tree.
 *
 * The master tree comes first, and says which heads its firms' trees must have
 * had; then each of those is walked.  How far each goes is known from the first
 * view, so what comes later is in no tree of this look.
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
    uint64_t size;
    uint8_t root[VLT_HASH_LEN];
    size_t next; /* of the same tree, and 1; 0: none */
};

/* A tree that is to be walked. */
struct extent {
    uint8_t id[AUDIT_TREE_LEN];
    uint64_t end; /* behind its last entry */
    size_t first; /* of its claims, and 1; 0: none */
    size_t last;
};

struct audit_verifier {
    audit_problem_fn *fn;
    void *ctx;
    uint64_t said_size; /* of the master tree, as the store has it sealed */
    uint8_t said_root[STORE_HASH_LEN];

    struct extent *tree; /* owned; the master tree first */
    size_t trees, tree_cap;
    struct map *known; /* of those: by id, the place and 1 */

    /* The slice. */
    const struct store_view *view;
    unsigned left; /* entries, or ends of trees, that it may still have */

    /* The tree under way. */
    size_t now; /* its place */
    struct vlt_tree built;
    int64_t time;
    bool nodes_bad;
    bool torn; /* an entry is missing: it ends there */

    struct claim *claim; /* owned; in the order of the master tree */
    size_t claims, cap;
    size_t at;         /* next claim of the tree under way, and 1; 0: none */
    uint64_t claimed;  /* its size, as the last claim says */
    uint64_t shredded; /* entries whose key is gone, of all trees */
    bool erased;       /* an erasure is in the log */
    struct map *seqs;  /* subject to its last seq, as a pointer-sized number */
    struct audit_head head; /* of the master tree, once it is walked */
    enum vlt_status st;
};

static void problem(const struct audit_verifier *v, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
problem(const struct audit_verifier *v, const char *format, ...)
{
    char says[SAYS_MAX];
    va_list args;

    va_start(args, format);
    int len = vsnprintf(says, sizeof says, format, args);
    va_end(args);
    if (len > 0) {
        v->fn(v->ctx, says);
    }
}

static const uint8_t *
id_now(const struct audit_verifier *v)
{
    return v->tree[v->now].id;
}

static bool
in_master(const struct audit_verifier *v)
{
    return v->now == 0;
}

static const char *
tree_name(const struct audit_verifier *v, char out[2 * AUDIT_TREE_LEN + 1])
{
    return in_master(v) ? "the master tree"
                        : vlt_hex_print(id_now(v), AUDIT_TREE_LEN, out);
}

/* ---- the trees ---- */

/* Note a tree, or how far one goes that is known. */
static void
note_tree(void *ctx, const uint8_t id[AUDIT_TREE_LEN], uint64_t end)
{
    struct audit_verifier *v = ctx;
    uintptr_t place = (uintptr_t)map_get(v->known, id);

    if (place > 0) {
        v->tree[place - 1].end = end;
        return;
    }
    if (v->trees == v->tree_cap) {
        size_t cap = v->tree_cap == 0 ? 16 : 2 * v->tree_cap;
        struct extent *more = realloc(v->tree, cap * sizeof *more);

        if (more == NULL) {
            v->st = VLT_E_NOMEM;
            return;
        }
        v->tree = more;
        v->tree_cap = cap;
    }
    v->tree[v->trees] = (struct extent){ .end = end };
    memcpy(v->tree[v->trees++].id, id, AUDIT_TREE_LEN);
    if (map_put(v->known, id, (void *)(uintptr_t)v->trees) != VLT_OK) {
        v->st = VLT_E_NOMEM;
    }
}

/* ---- one entry ---- */

/* Stored nodes must be those that the leaves give. */
static void
check_node(void *ctx, unsigned level, uint64_t index,
           const uint8_t hash[VLT_HASH_LEN])
{
    struct audit_verifier *v = ctx;
    struct store_node node = { .level = (uint8_t)level, .index = index };
    uint8_t stored[VLT_HASH_LEN];

    if (level == 0) {
        return;
    }
    memcpy(node.tree, id_now(v), sizeof node.tree);
    if (store_node_get(v->view, &node, stored) != VLT_OK ||
        memcmp(stored, hash, sizeof stored) != 0) {
        v->nodes_bad = true;
    }
}

static bool
room_for_claim(struct audit_verifier *v)
{
    size_t cap = v->cap == 0 ? 256 : 2 * v->cap;

    if (v->claims < v->cap) {
        return true;
    }
    struct claim *more = realloc(v->claim, cap * sizeof *more);

    if (more == NULL) {
        v->st = VLT_E_NOMEM;
        return false;
    }
    v->claim = more;
    v->cap = cap;
    return true;
}

/* Each tree has its own in a row, so that none is passed over twice. */
static void
remember_claim(struct audit_verifier *v, const struct vlt_entry *entry)
{
    if (memcmp(entry->tree, audit_master, sizeof entry->tree) == 0) {
        return;
    }
    if (map_get(v->known, entry->tree) == NULL) {
        note_tree(v, entry->tree, 0);
    }
    if (v->st != VLT_OK || !room_for_claim(v)) {
        return;
    }
    uintptr_t place = (uintptr_t)map_get(v->known, entry->tree);
    struct extent *tree = &v->tree[place - 1];
    struct claim *claim = &v->claim[v->claims++];

    *claim = (struct claim){ .size = entry->tree_size };
    memcpy(claim->root, entry->tree_root, sizeof claim->root);
    if (tree->last == 0) {
        tree->first = v->claims;
    } else {
        v->claim[tree->last - 1].next = v->claims;
    }
    tree->last = v->claims;
}

/* A grant's entries count from 1 without a gap, in its firm's tree. */
static void
check_seq(struct audit_verifier *v, const struct vlt_entry *entry)
{
    uintptr_t last = (uintptr_t)map_get(v->seqs, entry->subject);

    if (in_master(v) || entry->seq == 0) {
        return;
    }
    if (entry->seq != (uint64_t)last + 1) {
        char grant[VLT_ULID_TEXT];

        problem(v,
                "grant %s: entry %" PRIu64 " has number %" PRIu64 ", %" PRIu64
                " was next",
                vlt_ulid_print(entry->subject, grant), entry->index, entry->seq,
                (uint64_t)last + 1);
    }
    if (map_put(v->seqs, entry->subject, (void *)(uintptr_t)entry->seq) !=
        VLT_OK) {
        v->st = VLT_E_NOMEM;
    }
}

/* A claim is due when the firm's tree has as many entries as it says. */
static void
check_claims(struct audit_verifier *v)
{
    uint8_t root[VLT_HASH_LEN];

    while (v->at > 0) {
        const struct claim *claim = &v->claim[v->at - 1];

        if (claim->size > v->built.size) {
            return;
        }
        vlt_tree_root(&v->built, root);
        if (claim->size != v->built.size ||
            memcmp(root, claim->root, sizeof root) != 0) {
            char name[2 * AUDIT_TREE_LEN + 1];

            problem(v, "%s: the master tree has another head for size %" PRIu64,
                    tree_name(v, name), claim->size);
        }
        v->claimed = claim->size;
        v->at = claim->next;
    }
}

static void
check_opened(struct audit_verifier *v, const struct store_audit *stored)
{
    struct vlt_slice bytes;
    struct vlt_slice salt;
    struct vlt_slice detail;
    struct vlt_entry entry;
    uint8_t leaf[VLT_HASH_LEN];
    char name[2 * AUDIT_TREE_LEN + 1];

    if (audit_split(stored->body, in_master(v), &bytes, &salt, &detail) !=
            VLT_OK ||
        vlt_entry_decode(bytes, &entry) != VLT_OK) {
        problem(v, "%s: entry %" PRIu64 " is not well formed",
                tree_name(v, name), stored->index);
        return;
    }
    vlt_tree_leaf(bytes, leaf);
    if (memcmp(leaf, stored->leaf, sizeof leaf) != 0 ||
        entry.index != stored->index) {
        problem(v, "%s: entry %" PRIu64 " is not what was hashed",
                tree_name(v, name), stored->index);
    }
    if (!vlt_entry_opens(&entry, salt, detail)) {
        problem(v,
                "%s: the detail of entry %" PRIu64 " is not what it commits to",
                tree_name(v, name), stored->index);
    }
    v->time = entry.time;
    if (in_master(v)) {
        remember_claim(v, &entry);
        v->erased = v->erased || entry.type == AUDIT_ERASE;
    }
    check_seq(v, &entry);
}

static bool
check_entry(void *ctx, const struct store_audit *stored)
{
    struct audit_verifier *v = ctx;
    char name[2 * AUDIT_TREE_LEN + 1];

    if (stored->index != v->built.size) {
        problem(v, "%s: entry %" PRIu64 " is missing", tree_name(v, name),
                v->built.size);
        v->torn = true;
        return false;
    }
    v->left--;
    if (stored->body.len > 0) {
        check_opened(v, stored);
    } else {
        v->shredded++;
    }
    vlt_tree_append(&v->built, stored->leaf, check_node, v);
    if (!in_master(v)) {
        check_claims(v);
    }
    return v->st == VLT_OK && v->left > 0 &&
           v->built.size < v->tree[v->now].end;
}

/* ---- one tree ---- */

static void
begin_tree(struct audit_verifier *v)
{
    v->at = v->now < v->trees ? v->tree[v->now].first : 0;
    v->claimed = 0;
    v->nodes_bad = false;
    v->torn = false;
    vlt_tree_init(&v->built);
}

/* The root that is sealed in the store must be the one that came out. */
static void
end_master(struct audit_verifier *v)
{
    v->head.size = v->built.size;
    v->head.time = v->time;
    vlt_tree_root(&v->built, v->head.root);
    if (v->said_size != v->head.size ||
        (v->said_size > 0 &&
         memcmp(v->said_root, v->head.root, sizeof v->said_root) != 0)) {
        problem(v,
                "the master tree has %" PRIu64
                " entries or another head, the store says %" PRIu64,
                v->head.size, v->said_size);
    }
}

static void
end_firm(struct audit_verifier *v)
{
    char name[2 * AUDIT_TREE_LEN + 1];

    check_claims(v);
    if (v->at > 0) {
        problem(v,
                "%s: it has %" PRIu64 " entries, the master tree knows of more",
                tree_name(v, name), v->built.size);
    } else if (v->claimed < v->built.size) {
        problem(v,
                "%s: it has %" PRIu64
                " entries, the master tree knows of %" PRIu64,
                tree_name(v, name), v->built.size, v->claimed);
    }
}

static void
end_tree(struct audit_verifier *v)
{
    char name[2 * AUDIT_TREE_LEN + 1];

    if (v->nodes_bad) {
        problem(v, "%s: stored nodes are not those of its entries",
                tree_name(v, name));
    }
    if (in_master(v)) {
        end_master(v);
    } else {
        end_firm(v);
    }
    v->now++;
    begin_tree(v);
    if (v->left > 0) {
        v->left--; /* a tree without entries is work, too */
    }
}

/* Walk on, as far as the slice goes. */
static enum vlt_status
walk_tree(struct audit_verifier *v)
{
    uint64_t end = v->tree[v->now].end;
    enum vlt_status st = VLT_OK;

    if (v->built.size < end) {
        st =
            store_audit_each(v->view, id_now(v), v->built.size, check_entry, v);
    }
    if (st == VLT_OK) {
        st = v->st;
    }
    if (st == VLT_OK && (v->torn || v->left > 0 || v->built.size == end)) {
        end_tree(v);
    }
    return st;
}

/* ---- the log ---- */

static bool
look_for_erasure(void *ctx, const struct audit_entry *entry)
{
    struct audit_verifier *v = ctx;

    v->erased = entry->type == AUDIT_ERASE;
    return !v->erased;
}

/* A key may have gone since it began, which an entry behind the end says. */
static enum vlt_status
check_shredded(struct audit_verifier *v)
{
    enum vlt_status st = VLT_OK;

    if (v->shredded > 0 && !v->erased) {
        st = audit_each(NULL, v->view, audit_master, v->said_size, UINT64_MAX,
                        look_for_erasure, v);
    }
    if (st == VLT_OK && v->shredded > 0 && !v->erased) {
        problem(v, "%" PRIu64 " entries have no key, and no erasure is logged",
                v->shredded);
    }
    return st;
}

enum vlt_status
audit_verify_begin(const struct store_view *view, audit_problem_fn *fn,
                   void *ctx, struct audit_verifier **out)
{
    struct audit_verifier *v = calloc(1, sizeof *v);
    uint8_t seed[MAP_SEED_LEN];
    enum vlt_status st;

    if (v == NULL) {
        return VLT_E_NOMEM;
    }
    v->fn = fn;
    v->ctx = ctx;
    v->st = VLT_OK;
    vlt_random(seed, sizeof seed);
    st = map_new(VLT_ID_LEN, seed, &v->seqs);
    if (st == VLT_OK) {
        st = map_new(AUDIT_TREE_LEN, seed, &v->known);
    }
    if (st == VLT_OK) {
        st = store_view_audit(view, &v->said_size, v->said_root);
    }
    if (st == VLT_OK) {
        note_tree(v, audit_master, 0);
        st = store_audit_trees(view, note_tree, v);
    }
    if (st == VLT_OK) {
        st = v->st;
    }
    if (st != VLT_OK) {
        audit_verifier_free(v);
        return st;
    }
    begin_tree(v);
    *out = v;
    return VLT_OK;
}

enum vlt_status
audit_verify_some(struct audit_verifier *v, const struct store_view *view,
                  bool *done, struct audit_head *head)
{
    enum vlt_status st = VLT_OK;

    v->view = view;
    v->left = AUDIT_VERIFY_SLICE;
    while (st == VLT_OK && v->left > 0 && v->now < v->trees) {
        st = walk_tree(v);
    }
    *done = v->now == v->trees;
    if (st == VLT_OK && *done) {
        st = check_shredded(v);
        *head = v->head;
    }
    return st;
}

void
audit_verifier_free(struct audit_verifier *v)
{
    if (v != NULL) {
        map_free(v->seqs);
        map_free(v->known);
        free(v->tree);
        free(v->claim);
        free(v);
    }
}

enum vlt_status
audit_verify(const struct store_view *view, audit_problem_fn *fn, void *ctx,
             struct audit_head *out)
{
    struct audit_verifier *v = NULL;
    bool done = false;
    enum vlt_status st = audit_verify_begin(view, fn, ctx, &v);

    while (st == VLT_OK && !done) {
        st = audit_verify_some(v, view, &done, out);
    }
    audit_verifier_free(v);
    return st;
}
