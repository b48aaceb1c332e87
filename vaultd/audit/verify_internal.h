/*
 * verify_internal: a look at the log under way, for the files that verify.
 *
 * verify.c has the log and its slices, verify_tree.c the trees, verify_entry.c
 * what is looked at in each entry.
 */
#ifndef AUDIT_VERIFY_INTERNAL_H
#define AUDIT_VERIFY_INTERNAL_H

#include "audit/audit_internal.h"

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

/* Tell of one: at most 200 bytes.  A sentence as of printf. */
void verify_problem(const struct audit_verifier *v, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Is the tree under way the master tree? */
bool verify_in_master(const struct audit_verifier *v);

enum { VERIFY_NAME = 2 * AUDIT_TREE_LEN + 1 };

/* How the tree under way is called; out may be written to. */
const char *verify_tree_name(const struct audit_verifier *v,
                             char out[VERIFY_NAME]);

/* ---- verify_tree.c ---- */

/* Note a tree, or how far one goes that is known; v->st when there is no
 * memory.  ctx is the verifier. */
void verify_note_tree(void *ctx, const uint8_t id[AUDIT_TREE_LEN],
                      uint64_t end);

/* Begin with the tree whose place is v->now, if there is one. */
void verify_begin_tree(struct audit_verifier *v);

/* Walk on in the tree under way, as far as the slice goes, and end it where it
 * ends. */
VLT_MUST_USE enum vlt_status verify_walk_tree(struct audit_verifier *v);

/* ---- verify_entry.c ---- */

/* Look at the next entry of the tree under way; false: the walk is to end.
 * ctx is the verifier. */
bool verify_entry(void *ctx, const struct store_audit *stored);

/* Hold the tree under way, as far as it is built, against its claims. */
void verify_claims(struct audit_verifier *v);

#endif
