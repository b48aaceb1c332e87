/*
 * audit.list: entries of the log (WIRE.md, 6.8).
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "crypto/hash.h"
#include "service/audit_internal.h"
#include "wire/entry.h"
#include "wire/limits.h"
#include "json/json_write.h"

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
    uint64_t end;   /* behind the last that may be told */
    bool newest;    /* the last of them, not the first */
    uint64_t limit;
    uint64_t count;
    struct vlt_json_out json;
    /* Of the last ones, which are looked for from the end: each as JSON, and
     * where it begins. */
    uint64_t at; /* index that is looked at */
    struct vlt_buf found;
    size_t begins[VLT_LIMIT_LIST];
};

void
audit_list_clear(void *state)
{
    struct list *list = state;

    vlt_buf_free(&list->found);
    free(list);
}

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

enum vlt_status
audit_list_check(struct call *call, struct vlt_walk *params)
{
    struct list *list = call_state(call, sizeof *list);
    int64_t after;

    if (list == NULL) {
        return VLT_E_NOMEM;
    }
    audit_read_tree(call, params, list->firm);
    list->from = vlt_walk_time_or(params, "from", INT64_MIN);
    list->to = vlt_walk_time_or(params, "to", INT64_MAX);
    read_types(params, list);
    list->of_grant = noun_ulid(params, "grant", list->grant);
    after = vlt_walk_int_or(params, "after", 0, VLT_LIMIT_ID, -1);
    list->begin = (uint64_t)(after + 1);
    list->end = (uint64_t)vlt_walk_int_or(params, "before", 0, VLT_LIMIT_ID,
                                          VLT_LIMIT_ID);
    list->newest = vlt_walk_bool_or(params, "newest", false);
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
        vlt_put_base64(json, "leaf", vlt_slice_of(entry->leaf, VLT_HASH_LEN));
    } else {
        vlt_put_base64(json, "entry", entry->entry);
        vlt_put_base64(json, "salt", entry->salt);
        vlt_put_slice(json, "detail", entry->detail);
    }
    vlt_put_end(json);
}

/* Is there room for one more? */
static bool
has_room(const struct list *list, size_t bytes)
{
    return list->count < list->limit && bytes < NOUN_ROOM / 2;
}

static bool
list_one(void *ctx, const struct audit_entry *entry)
{
    struct list *list = ctx;

    if (entry->index >= list->end) {
        return false;
    }
    if (wanted(list, entry)) {
        put_entry(&list->json, entry);
        list->count++;
    }
    return has_room(list, list->json.buf->len);
}

static bool
find_one(void *ctx, const struct audit_entry *entry)
{
    struct list *list = ctx;
    struct vlt_json_out json = vlt_json_out(&list->found);

    if (entry->index == list->at && wanted(list, entry)) {
        list->begins[list->count++] = list->found.len;
        put_entry(&json, entry);
    }
    return false;
}

/* From the end backwards; told in ascending order all the same. */
static enum vlt_status
list_newest(struct call *call, const struct noun_tree *tree)
{
    struct list *list = call->state;
    size_t end;
    enum vlt_status st = VLT_OK;

    vlt_buf_init(&list->found, 0);
    list->at = list->end;
    while (st == VLT_OK && list->at > list->begin &&
           has_room(list, list->found.len)) {
        list->at--;
        st = audit_each(call->service->audit, tree->view, tree->id, list->at, 1,
                        find_one, list);
    }
    if (st == VLT_OK) {
        st = vlt_buf_status(&list->found);
    }
    end = list->found.len;
    for (uint64_t i = list->count; st == VLT_OK && i > 0; i--) {
        size_t begin = list->begins[i - 1];

        vlt_put_raw(&list->json, NULL,
                    vlt_slice_of(list->found.at + begin, end - begin));
        end = begin;
    }
    return st;
}

enum vlt_status
audit_list_prepare(struct call *call)
{
    struct list *list = call->state;
    struct noun_tree tree;
    enum vlt_status st = audit_tree_begin(call, list->firm, &tree);

    if (st == VLT_OK) {
        if (tree.head.size < list->end) {
            list->end = tree.head.size; /* later entries are not told */
        }
        list->json = call_result(call);
        audit_put_origin(&list->json, &tree);
        vlt_put_list(&list->json, "entries");
        st = list->newest ? list_newest(call, &tree)
                          : audit_each(call->service->audit, tree.view, tree.id,
                                       list->begin, UINT64_MAX, list_one, list);
        vlt_put_end(&list->json);
        vlt_put_end(&list->json);
    }
    noun_tree_end(&tree);
    return st;
}
