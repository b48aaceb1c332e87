#include <string.h>

#include "store/record.h"
#include "store/seeds.h"
#include "store/store_internal.h"

enum { KEY_LEN = 1 + VLT_ID_LEN };

static struct vlt_slice
key_of(enum store_meta type, const uint8_t *id, uint8_t buf[KEY_LEN])
{
    buf[0] = (uint8_t)type;
    memcpy(buf + 1, id, VLT_ID_LEN);
    return vlt_slice_of(buf, KEY_LEN);
}

static struct seal_place
place_of(enum store_meta type, const uint8_t *id)
{
    struct seal_place place = { .type = SEAL_META, .meta = (uint8_t)type };

    memcpy(place.subject, id, sizeof place.subject);
    return place;
}

enum vlt_status
store_meta_put(struct store_txn *txn, enum store_meta type,
               const uint8_t id[VLT_ID_LEN], const uint8_t kid[STORE_KID_LEN],
               struct vlt_slice json)
{
    uint8_t key[KEY_LEN];
    uint8_t own[STORE_KID_LEN];

    if (json.len < 1 || json.len > STORE_META_MAX || type < 1 ||
        type >= STORE_META_END) {
        return VLT_E_LIMIT;
    }
    if (json.at[json.len - 1] == 0) {
        return VLT_E_FORMAT;
    }
    if (kid == NULL) {
        enum vlt_status st = sealed_vault_kid(txn->view.store, own);

        if (st != VLT_OK) {
            return st;
        }
    }
    struct sealed_draft draft = {
        .db = ENV_META,
        .key = key_of(type, id, key),
        .place = place_of(type, id),
        .kid = kid != NULL ? kid : own,
        .plain = json,
    };

    enum vlt_status st = sealed_put_versioned(txn, &draft);

    return st == VLT_OK && type == STORE_META_STREAM
               ? seed_name_in_key(txn, json)
               : st;
}

enum vlt_status
store_meta_delete(struct store_txn *txn, enum store_meta type,
                  const uint8_t id[VLT_ID_LEN])
{
    uint8_t key[KEY_LEN];

    return sealed_delete(txn, ENV_META, SEAL_META, key_of(type, id, key));
}

enum vlt_status
store_meta_get(const struct store_view *view, enum store_meta type,
               const uint8_t id[VLT_ID_LEN], struct vlt_buf *json)
{
    uint8_t key[KEY_LEN];
    struct vlt_slice value;
    size_t begin = json->len;
    enum vlt_status st =
        view_get(view, ENV_META, key_of(type, id, key), &value);

    if (st != VLT_OK) {
        return st;
    }
    st = sealed_open_versioned(view, place_of(type, id), value, json);
    if (st != VLT_OK) {
        return sealed_status(st, ENV_META);
    }
    sealed_unpad(json, begin);
    return VLT_OK;
}

struct walking {
    const struct store_view *view;
    enum store_meta type;
    store_meta_fn *fn;
    void *ctx;
    struct vlt_buf json;
    enum vlt_status st;
};

static bool
give(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    struct walking *w = ctx;

    if (key.len != KEY_LEN || key.at[0] != w->type) {
        return false;
    }
    vlt_buf_clear(&w->json);
    w->st = sealed_open_versioned(w->view, place_of(w->type, key.at + 1), value,
                                  &w->json);
    if (w->st != VLT_OK) {
        w->st = sealed_status(w->st, ENV_META);
        return false;
    }
    sealed_unpad(&w->json, 0);
    return w->fn(w->ctx, key.at + 1, vlt_buf_slice(&w->json));
}

enum vlt_status
store_meta_each(const struct store_view *view, enum store_meta type,
                store_meta_fn *fn, void *ctx)
{
    struct walking w = { .view = view, .type = type, .fn = fn, .ctx = ctx };
    uint8_t from = (uint8_t)type;
    enum vlt_status st =
        view_walk(view, ENV_META, vlt_slice_of(&from, 1), give, &w);

    vlt_buf_free(&w.json);
    return st == VLT_OK ? w.st : st;
}
