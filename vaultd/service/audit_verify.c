/*
 * audit.verify: does the log hold together, and does it extend the heads that
 * were kept outside the vault?
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/tree.h"
#include "service/audit_internal.h"
#include "wire/checkpoint.h"
#include "wire/limits.h"
#include "json/json_write.h"

enum {
    HEADS = 16,
    SAYS = 200,
    PROBLEMS = 1000, /* told; more are counted */
};

struct verify {
    size_t heads;
    struct vlt_checkpoint head[HEADS];
    bool require_head;
    struct vlt_buf list; /* the problems, a JSON list */
    struct vlt_json_out json;
    uint64_t problems;
};

void
audit_verify_clear(void *state)
{
    struct verify *verify = state;

    vlt_buf_free(&verify->list);
    free(verify);
}

enum vlt_status
audit_verify_check(struct call *call, struct vlt_walk *params)
{
    struct verify *verify = call_state(call, sizeof *verify);
    const struct vlt_json *list = NULL;

    if (verify == NULL) {
        return VLT_E_NOMEM;
    }
    verify->require_head = vlt_walk_bool_or(params, "require_head", false);
    if (vlt_walk_has(params, "heads")) {
        list = vlt_walk_list(params, "heads", 0, HEADS);
    } else {
        vlt_walk_null(params, "heads");
    }
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        if (vlt_checkpoint_parse(vlt_json_text_of(vlt_json_item(list, i)),
                                 &verify->head[i]) != VLT_OK) {
            vlt_walk_fault(params, "heads", "has no checkpoint at %zu", i);
            break;
        }
        verify->heads++;
    }
    return VLT_OK;
}

/* ---- problems ---- */

static void
add(void *ctx, const char *says)
{
    struct verify *verify = ctx;

    verify->problems++;
    if (verify->problems > PROBLEMS || verify->list.len > NOUN_ROOM) {
        return;
    }
    vlt_put_object(&verify->json, NULL);
    vlt_put_null(&verify->json, "index");
    vlt_put_text(&verify->json, "says", says);
    vlt_put_end(&verify->json);
}

static void problem(struct verify *verify, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
problem(struct verify *verify, const char *format, ...)
{
    char says[SAYS];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(says, sizeof says, format, args);
    va_end(args);
    if (len > 0) {
        add(verify, says);
    }
}

/* ---- heads from outside ---- */

/* The lines of a path, as audit gives them, back to hashes. */
static enum vlt_status
read_path(struct vlt_slice lines, struct vlt_tree_path *out)
{
    enum { LINE = 44 }; /* base64 of 32 bytes */
    struct vlt_buf hash;
    enum vlt_status st = VLT_OK;

    out->count = 0;
    vlt_buf_init(&hash, VLT_HASH_LEN);
    for (size_t at = 0; st == VLT_OK && at + LINE < lines.len + 1 &&
                        out->count < VLT_TREE_LEVELS;
         at += LINE + 1) {
        vlt_buf_clear(&hash);
        st = vlt_base64_get(vlt_slice_of(lines.at + at, LINE), &hash);
        if (st == VLT_OK) {
            memcpy(out->hash[out->count++], hash.at, VLT_HASH_LEN);
        }
    }
    vlt_buf_free(&hash);
    return st;
}

static enum vlt_status
check_extends(struct verify *verify, const struct noun_tree *tree,
              const struct vlt_checkpoint *head, size_t i)
{
    struct vlt_tree_path path;
    struct vlt_buf lines;
    enum vlt_status st;

    vlt_buf_init(&lines, 0);
    st = audit_consistency(tree->service->audit, tree->view, tree->id,
                           head->size, tree->head.size, &lines);
    if (st == VLT_OK) {
        st = read_path(vlt_buf_slice(&lines), &path);
    }
    vlt_buf_free(&lines);
    if (st == VLT_OK &&
        vlt_tree_verify_consistency(head->size, head->root, tree->head.size,
                                    tree->head.root, &path) != VLT_OK) {
        problem(verify,
                "head %zu (%" PRIu64 " entries): the log was rewritten since",
                i + 1, head->size);
    }
    if (st == VLT_E_NOT_FOUND) {
        problem(verify,
                "head %zu (%" PRIu64 " entries): nodes of the log's tree are "
                "missing, so it cannot be held against it",
                i + 1, head->size);
        return VLT_OK;
    }
    return st;
}

static enum vlt_status
check_head(struct verify *verify, const struct noun_tree *tree, size_t i)
{
    const struct vlt_checkpoint *head = &verify->head[i];

    if (vlt_checkpoint_verify(head, vlt_signer_pk(tree->signer)) != VLT_OK) {
        problem(verify, "head %zu is not signed by this vault", i + 1);
        return VLT_OK;
    }
    if (head->origin.instance != audit_instance(tree->service->audit)) {
        problem(verify, "head %zu is of another instance of this vault", i + 1);
        return VLT_OK;
    }
    if (head->size > tree->head.size) {
        problem(verify,
                "head %zu has %" PRIu64 " entries, the log only %" PRIu64
                ": it was rolled back",
                i + 1, head->size, tree->head.size);
        return VLT_OK;
    }
    return head->size > 0 ? check_extends(verify, tree, head, i) : VLT_OK;
}

/* The tree that a head is of: the master tree, or a firm's. */
static enum vlt_status
check_one(struct verify *verify, struct service *service, size_t i)
{
    static const uint8_t master[VLT_TREE_ID];
    const struct firm *firm = NULL;
    struct noun_tree tree;
    enum vlt_status st;

    if (memcmp(verify->head[i].origin.tree, master, sizeof master) != 0) {
        firm =
            identity_firm_by_id(service->identity, verify->head[i].origin.tree);
        if (firm == NULL) {
            problem(verify, "head %zu is of a tree that is not here", i + 1);
            return VLT_OK;
        }
    }
    st = noun_tree_begin(service, firm, &tree);
    if (st == VLT_OK) {
        st = check_head(verify, &tree, i);
    }
    noun_tree_end(&tree);
    firm_release(firm);
    return st;
}

/* ---- all of it ---- */

static enum vlt_status
begin_log(struct verify *verify, struct service *service,
          struct audit_verifier **out)
{
    struct store_read *read = NULL;
    enum vlt_status st = store_read_begin(service->store, &read);

    if (st == VLT_OK) {
        st = audit_verify_begin(store_read_view(read), add, verify, out);
    }
    store_read_end(read);
    return st;
}

/* Slice by slice, each through the read gate: who destroys keys or changes the
 * file waits for no more than one. */
static enum vlt_status
check_log(struct verify *verify, struct service *service,
          struct audit_head *out)
{
    struct audit_verifier *verifier = NULL;
    bool done = false;
    enum vlt_status st = begin_log(verify, service, &verifier);

    while (st == VLT_OK && !done) {
        struct store_read *read = NULL;

        st = store_read_begin(service->store, &read);
        if (st == VLT_OK) {
            st = audit_verify_some(verifier, store_read_view(read), &done, out);
        }
        store_read_end(read);
    }
    audit_verifier_free(verifier);
    return st;
}

enum vlt_status
audit_verify_prepare(struct call *call)
{
    struct verify *verify = call->state;
    struct audit_head head = { .size = 0 };
    enum vlt_status st;

    vlt_buf_init(&verify->list, 0);
    verify->json = vlt_json_out(&verify->list);
    vlt_put_list(&verify->json, NULL);
    st = check_log(verify, call->service, &head);
    for (size_t i = 0; st == VLT_OK && i < verify->heads; i++) {
        st = check_one(verify, call->service, i);
    }
    if (st != VLT_OK) {
        return st;
    }
    if (verify->require_head && verify->heads == 0) {
        problem(verify, "no head from outside was given: a rollback of the "
                        "whole vault would not be seen");
    }
    vlt_put_end(&verify->json);

    struct vlt_json_out json = call_result(call);

    vlt_put_bool(&json, "ok", verify->problems == 0);
    vlt_put_uint(&json, "size", head.size);
    vlt_put_hex(&json, "head", head.root, sizeof head.root);
    vlt_put_raw(&json, "problems", vlt_buf_slice(&verify->list));
    vlt_put_end(&json);
    return VLT_OK;
}
