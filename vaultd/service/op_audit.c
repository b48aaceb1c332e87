/*
 * The log: entries, heads, proofs (WIRE.md, 6.8).  Verifying is in
 * audit_verify.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "service/audit_internal.h"
#include "service/nouns.h"
#include "wire/checkpoint.h"
#include "wire/entry.h"
#include "wire/limits.h"
#include "json/json_write.h"

/* The tree that a call is about: a firm's own, the owner's choice. */
static enum vlt_status
begin_tree(struct call *call, const char *firm_text, struct noun_tree *out)
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

static void
read_tree(struct call *call, struct vlt_walk *params, char firm[NOUN_FIRM])
{
    if (call->who.role == ROLE_OWNER) {
        noun_read_firm(params, false, firm);
    }
}

static void
put_origin(struct vlt_json_out *json, const struct noun_tree *tree)
{
    struct vlt_origin origin = { .instance =
                                     audit_instance(tree->service->audit) };
    char text[VLT_ORIGIN_TEXT];

    memcpy(origin.tree, tree->id, sizeof origin.tree);
    vlt_put_text(json, "origin", vlt_origin_print(&origin, text));
    vlt_put_uint(json, "size", tree->head.size);
}

/* ---- list ---- */

enum {
    LIMIT_UNSAID = 100,
};

struct list {
    char firm[NOUN_FIRM];
    int64_t from, to;
    uint32_t types; /* bit per type; 0: all */
    bool of_grant;
    uint8_t grant[VLT_ID_LEN];
    uint64_t begin; /* index */
    uint64_t limit;
    uint64_t size; /* of the head: later entries are not told */
    uint64_t count;
    struct vlt_json_out json;
};

static void
read_types(struct vlt_walk *params, struct list *list)
{
    const struct vlt_json *types;

    if (!vlt_walk_has(params, "types")) {
        vlt_walk_null(params, "types");
        return;
    }
    types = vlt_walk_list(params, "types", 1, VLT_ENTRY_TYPES);
    for (size_t i = 0; i < vlt_json_count(types); i++) {
        int type = vlt_entry_type(vlt_json_text_of(vlt_json_item(types, i)));

        if (type == 0) {
            vlt_walk_fault(params, "types", "has no type at %zu", i);
            return;
        }
        list->types |= 1U << type;
    }
}

static enum vlt_status
list_check(struct call *call, struct vlt_walk *params)
{
    struct list *list = call_state(call, sizeof *list);
    int64_t after;

    if (list == NULL) {
        return VLT_E_NOMEM;
    }
    read_tree(call, params, list->firm);
    list->from = vlt_walk_time_or(params, "from", INT64_MIN);
    list->to = vlt_walk_time_or(params, "to", INT64_MAX);
    read_types(params, list);
    list->of_grant = noun_ulid(params, "grant", list->grant);
    after = vlt_walk_int_or(params, "after", 0, VLT_LIMIT_ID, -1);
    list->begin = (uint64_t)(after + 1);
    list->limit = (uint64_t)vlt_walk_int_or(params, "limit", 1, VLT_LIMIT_LIST,
                                            LIMIT_UNSAID);
    return VLT_OK;
}

static bool
wanted(const struct list *list, const struct audit_entry *entry)
{
    bool narrowed = list->types != 0 || list->of_grant;

    if (entry->entry.len == 0) {
        return !narrowed; /* shredded: only that it was there is known */
    }
    return entry->time >= list->from && entry->time < list->to &&
           (list->types == 0 || (list->types & 1U << entry->type) != 0) &&
           (!list->of_grant ||
            memcmp(entry->subject, list->grant, VLT_ID_LEN) == 0);
}

static void
put_entry(struct vlt_json_out *json, const struct audit_entry *entry)
{
    static const uint8_t none[VLT_ID_LEN];
    bool shredded = entry->entry.len == 0;

    vlt_put_object(json, NULL);
    vlt_put_uint(json, "index", entry->index);
    vlt_put_text(json, "type",
                 shredded ? NULL : vlt_entry_word((int)entry->type));
    if (shredded) {
        vlt_put_null(json, "time");
    } else {
        vlt_put_time(json, "time", entry->time);
    }
    if (memcmp(entry->subject, none, sizeof none) == 0) {
        vlt_put_null(json, "subject");
    } else {
        vlt_put_ulid(json, "subject", entry->subject);
    }
    vlt_put_uint(json, "seq", entry->seq);
    if (shredded) {
        vlt_put_null(json, "entry");
        vlt_put_null(json, "salt");
        vlt_put_null(json, "detail");
    } else {
        vlt_put_base64(json, "entry", entry->entry);
        vlt_put_base64(json, "salt", entry->salt);
        vlt_put_slice(json, "detail", entry->detail);
    }
    vlt_put_end(json);
}

static bool
list_one(void *ctx, const struct audit_entry *entry)
{
    struct list *list = ctx;

    if (entry->index >= list->size) {
        return false;
    }
    if (wanted(list, entry)) {
        put_entry(&list->json, entry);
        list->count++;
    }
    return list->count < list->limit && list->json.buf->len < NOUN_ROOM / 2;
}

static enum vlt_status
list_prepare(struct call *call)
{
    struct list *list = call->state;
    struct noun_tree tree;
    enum vlt_status st = begin_tree(call, list->firm, &tree);

    if (st == VLT_OK) {
        list->size = tree.head.size;
        list->json = call_result(call);
        put_origin(&list->json, &tree);
        vlt_put_list(&list->json, "entries");
        st = audit_each(call->service->audit, tree.view, tree.id, list->begin,
                        UINT64_MAX, list_one, list);
        vlt_put_end(&list->json);
        vlt_put_end(&list->json);
    }
    noun_tree_end(&tree);
    return st;
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
    read_tree(call, params, head->firm);
    return VLT_OK;
}

static enum vlt_status
head_prepare(struct call *call)
{
    const struct head *head = call->state;
    char words[VLT_CHECKPOINT_SHORT];
    struct noun_tree tree;
    enum vlt_status st = begin_tree(call, head->firm, &tree);

    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);

        put_origin(&json, &tree);
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
    read_tree(call, params, prove->firm);
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
    enum vlt_status st = begin_tree(call, prove->firm, &tree);

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
      .check = list_check,
      .prepare = list_prepare },
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
