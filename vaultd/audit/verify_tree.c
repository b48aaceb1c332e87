/*
 * The trees of a look at the log: the master tree comes first, and says which
 * heads its firms' trees must have had; then each of those is walked.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify_internal.h"

/* Note a tree, or how far one goes that is known. */
void
verify_note_tree(void *ctx, const uint8_t id[AUDIT_TREE_LEN], uint64_t end)
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

/* ---- one tree ---- */

void
verify_begin_tree(struct audit_verifier *v)
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
        verify_problem(v,
                       "the master tree has %" PRIu64
                       " entries or another head, the store says %" PRIu64,
                       v->head.size, v->said_size);
    }
}

static void
end_firm(struct audit_verifier *v)
{
    char name[VERIFY_NAME];

    verify_claims(v);
    if (v->at > 0) {
        verify_problem(
            v, "%s: it has %" PRIu64 " entries, the master tree knows of more",
            verify_tree_name(v, name), v->built.size);
    } else if (v->claimed < v->built.size) {
        verify_problem(v,
                       "%s: it has %" PRIu64
                       " entries, the master tree knows of %" PRIu64,
                       verify_tree_name(v, name), v->built.size, v->claimed);
    }
}

static void
end_tree(struct audit_verifier *v)
{
    char name[VERIFY_NAME];

    if (v->nodes_bad) {
        verify_problem(v, "%s: stored nodes are not those of its entries",
                       verify_tree_name(v, name));
    }
    if (verify_in_master(v)) {
        end_master(v);
    } else {
        end_firm(v);
    }
    v->now++;
    verify_begin_tree(v);
    if (v->left > 0) {
        v->left--; /* a tree without entries is work, too */
    }
}

/* Walk on, as far as the slice goes. */
enum vlt_status
verify_walk_tree(struct audit_verifier *v)
{
    uint64_t end = v->tree[v->now].end;
    uint8_t id[AUDIT_TREE_LEN]; /* entries name further trees: the list moves */
    enum vlt_status st = VLT_OK;

    memcpy(id, v->tree[v->now].id, sizeof id);
    if (v->built.size < end) {
        st = store_audit_each(v->view, id, v->built.size, verify_entry, v);
    }
    if (st == VLT_OK) {
        st = v->st;
    }
    if (st == VLT_OK && (v->torn || v->left > 0 || v->built.size == end)) {
        end_tree(v);
    }
    return st;
}
