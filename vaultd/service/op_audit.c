/*
 * The log: heads and proofs (WIRE.md, 6.8).  Entries are in audit_list.c,
 * verifying is in audit_verify.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "service/audit_internal.h"
#include "service/nouns.h"
#include "wire/checkpoint.h"
#include "wire/limits.h"
#include "json/json_write.h"

enum vlt_status
audit_tree_begin(struct call *call, const char *firm_text,
                 struct noun_tree *out)
{
    const struct firm *firm = NULL;
    enum vlt_status st = VLT_OK;

    *out = (struct noun_tree){ .service = NULL };
    if (call->who.role == ROLE_FIRM) {
        st = noun_self(call, &firm);
    } else if (firm_text[0] != '\0') {
        st = noun_need_firm(call, firm_text, &firm);
    }
    if (st == VLT_OK) {
        st = noun_tree_begin(call->service, firm, out);
    }
    firm_release(firm);
    return st;
}

void
audit_read_tree(struct call *call, struct vlt_walk *params,
                char firm[NOUN_FIRM])
{
    if (call->who.role == ROLE_OWNER) {
        noun_read_firm(params, false, firm);
    }
}

void
audit_put_origin(struct vlt_json_out *json, const struct noun_tree *tree)
{
    struct vlt_origin origin = { .instance =
                                     audit_instance(tree->service->audit) };
    char text[VLT_ORIGIN_TEXT];

    memcpy(origin.tree, tree->id, sizeof origin.tree);
    vlt_put_text(json, "origin", vlt_origin_print(&origin, text));
    vlt_put_uint(json, "size", tree->head.size);
}

/* ---- head ---- */

struct head {
    char firm[NOUN_FIRM];
};

static enum vlt_status
head_check(struct call *call, struct vlt_walk *params)
{
    struct head *head = call_state(call, sizeof *head);

    if (head == NULL) {
        return VLT_E_NOMEM;
    }
    audit_read_tree(call, params, head->firm);
    return VLT_OK;
}

static enum vlt_status
head_prepare(struct call *call)
{
    const struct head *head = call->state;
    char words[VLT_CHECKPOINT_SHORT];
    struct noun_tree tree;
    enum vlt_status st = audit_tree_begin(call, head->firm, &tree);

    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);

        audit_put_origin(&json, &tree);
        vlt_put_base64(&json, "root",
                       vlt_slice_of(tree.head.root, sizeof tree.head.root));
        vlt_put_time(&json, "time", tree.head.time);
        vlt_put_slice(&json, "checkpoint", vlt_buf_slice(&tree.checkpoint));
        vlt_put_text(
            &json, "short",
            vlt_checkpoint_short(tree.head.size, tree.head.root, words));
        vlt_put_end(&json);
    }
    noun_tree_end(&tree);
    return st;
}

/* ---- prove ---- */

struct prove {
    char firm[NOUN_FIRM];
    bool inclusion;
    uint64_t index;
    uint64_t from, size; /* size 0: the newest */
};

static enum vlt_status
prove_check(struct call *call, struct vlt_walk *params)
{
    struct prove *prove = call_state(call, sizeof *prove);

    if (prove == NULL) {
        return VLT_E_NOMEM;
    }
    audit_read_tree(call, params, prove->firm);
    prove->inclusion = vlt_walk_has(params, "index");
    prove->index =
        (uint64_t)vlt_walk_int_or(params, "index", 0, VLT_LIMIT_ID, 0);
    prove->from = (uint64_t)vlt_walk_int_or(params, "from", 1, VLT_LIMIT_ID, 0);
    prove->size = (uint64_t)vlt_walk_int_or(params, "size", 1, VLT_LIMIT_ID, 0);
    if (prove->inclusion == (prove->from > 0) ||
        (prove->inclusion && prove->size > 0)) {
        vlt_walk_fault(params, "index",
                       "or from must be there, and one of them alone");
    }
    return VLT_OK;
}

static enum vlt_status
put_inclusion(struct call *call, const struct noun_tree *tree)
{
    const struct prove *prove = call->state;
    struct vlt_buf proof;
    enum vlt_status st;

    vlt_buf_init(&proof, VLT_LIMIT_PROOF);
    st = noun_put_proof(tree, prove->index, &proof);
    if (st == VLT_E_NOT_FOUND) {
        st = call_refuse_at(call, "index", "The log has %llu entries.",
                            (unsigned long long)tree->head.size);
    }
    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);

        vlt_put_slice(&json, "proof", vlt_buf_slice(&proof));
        vlt_put_end(&json);
    }
    vlt_buf_free(&proof);
    return st;
}

/* Lines as a list. */
static void
put_lines(struct vlt_json_out *json, const char *name, struct vlt_slice text)
{
    size_t at = 0;

    vlt_put_list(json, name);
    while (at < text.len) {
        const uint8_t *end = memchr(text.at + at, '\n', text.len - at);
        size_t len = end != NULL ? (size_t)(end - text.at) - at : text.len - at;

        vlt_put_slice(json, NULL, vlt_slice_of(text.at + at, len));
        at += len + 1;
    }
    vlt_put_end(json);
}

static enum vlt_status
put_consistency(struct call *call, const struct noun_tree *tree)
{
    const struct prove *prove = call->state;
    uint64_t size = prove->size > 0 ? prove->size : tree->head.size;
    struct vlt_buf path;
    enum vlt_status st;

    if (prove->from > size || size > tree->head.size) {
        return call_refuse_at(call, prove->from > size ? "from" : "size",
                              "The log has %llu entries.",
                              (unsigned long long)tree->head.size);
    }
    vlt_buf_init(&path, 0);
    st = audit_consistency(call->service->audit, tree->view, tree->id,
                           prove->from, size, &path);
    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);

        vlt_put_uint(&json, "from", prove->from);
        vlt_put_uint(&json, "size", size);
        put_lines(&json, "path", vlt_buf_slice(&path));
        vlt_put_slice(&json, "checkpoint", vlt_buf_slice(&tree->checkpoint));
        vlt_put_end(&json);
    }
    vlt_buf_free(&path);
    return st;
}

static enum vlt_status
prove_prepare(struct call *call)
{
    const struct prove *prove = call->state;
    struct noun_tree tree;
    enum vlt_status st = audit_tree_begin(call, prove->firm, &tree);

    if (st == VLT_OK) {
        st = prove->inclusion ? put_inclusion(call, &tree)
                              : put_consistency(call, &tree);
    }
    noun_tree_end(&tree);
    return st;
}

const struct method op_audit[] = {
    { .name = "audit.list",
      .roles = ROLE_OWNER | ROLE_FIRM,
      .check = audit_list_check,
      .prepare = audit_list_prepare,
      .clear = audit_list_clear },
    { .name = "audit.head",
      .roles = ROLE_OWNER | ROLE_FIRM,
      .check = head_check,
      .prepare = head_prepare },
    { .name = "audit.verify",
      .roles = ROLE_OWNER,
      .check = audit_verify_check,
      .prepare = audit_verify_prepare,
      .clear = audit_verify_clear },
    { .name = "audit.prove",
      .roles = ROLE_OWNER | ROLE_FIRM,
      .check = prove_check,
      .prepare = prove_prepare },
    { .name = NULL },
};
