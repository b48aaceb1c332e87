/*
 * Does the log hold together?  Every entry is hashed anew, every commitment
 * opened, every head in the master tree held against the firm's tree.
 *
 * How far each tree goes is known from the first view, so what comes later is
 * in no tree of this look.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify_internal.h"
#include "crypto/random.h"

enum { SAYS_MAX = 200 };

void
verify_problem(const struct audit_verifier *v, const char *format, ...)
{
    char says[SAYS_MAX];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(says, sizeof says, format, args);
    va_end(args);
    v->fn(v->ctx, says);
}

bool
verify_in_master(const struct audit_verifier *v)
{
    return v->now == 0;
}

const char *
verify_tree_name(const struct audit_verifier *v, char out[VERIFY_NAME])
{
    return verify_in_master(v)
               ? "the master tree"
               : vlt_hex_print(v->tree[v->now].id, AUDIT_TREE_LEN, out);
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
        verify_problem(
            v, "%" PRIu64 " entries have no key, and no erasure is logged",
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
        verify_note_tree(v, audit_master, 0);
        st = store_audit_trees(view, verify_note_tree, v);
    }
    if (st == VLT_OK) {
        st = v->st;
    }
    if (st != VLT_OK) {
        audit_verifier_free(v);
        return st;
    }
    verify_begin_tree(v);
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
        st = verify_walk_tree(v);
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
