#include <string.h>

#include "base/writer.h"
#include "store/piece.h"
#include "store/store_internal.h"

enum {
    ZEROS = 8, /* in front of the number, taken as 8 bytes */
};

enum vlt_status
store_dedup_put(struct store_txn *txn, uint32_t source, struct vlt_slice plain)
{
    uint8_t kid[STORE_KID_LEN] = { 0 };
    uint8_t key[VLT_ID_LEN] = { 0 };
    struct sealed_draft draft = {
        .db = ENV_DEDUP,
        .key = vlt_slice_of(key, sizeof key),
        .place = { .type = SEAL_DEDUP },
        .kid = kid,
        .plain = plain,
    };

    if (plain.len < 1 || plain.len > STORE_DEDUP_MAX) {
        return VLT_E_LIMIT;
    }
    vlt_store_be64(key + ZEROS, source);
    memcpy(draft.place.subject, key, sizeof key);
    enum vlt_status st = sealed_vault_kid(txn->view.store, kid);

    return st == VLT_OK ? sealed_put_versioned(txn, &draft) : st;
}

bool
dedup_source(struct vlt_slice key, uint32_t *source)
{
    static const uint8_t zeros[ZEROS] = { 0 };

    if (key.len != VLT_ID_LEN || memcmp(key.at, zeros, ZEROS) != 0) {
        return false;
    }
    uint64_t number = vlt_load_be64(key.at + ZEROS);

    *source = (uint32_t)(number & UINT32_MAX);
    return number <= UINT32_MAX;
}

struct walking {
    const struct store_view *view;
    store_dedup_fn *fn;
    void *ctx;
    struct vlt_buf room;
    enum vlt_status st;
};

static bool
give(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    struct walking *w = ctx;
    struct seal_place place = { .type = SEAL_DEDUP };
    uint32_t source;

    w->st = VLT_E_AUTH;
    if (dedup_source(key, &source)) {
        memcpy(place.subject, key.at, sizeof place.subject);
        vlt_buf_clear(&w->room);
        w->st = sealed_open_versioned(w->view, place, value, &w->room);
    }
    if (w->st != VLT_OK) {
        w->st = sealed_status(w->st, ENV_DEDUP);
        return false;
    }
    return w->fn(w->ctx, source, vlt_buf_slice(&w->room));
}

enum vlt_status
store_dedup_each(const struct store_view *view, store_dedup_fn *fn, void *ctx)
{
    struct walking w = { .view = view, .fn = fn, .ctx = ctx };
    enum vlt_status st =
        view_walk(view, ENV_DEDUP, vlt_slice_of(NULL, 0), give, &w);

    vlt_buf_free(&w.room);
    return st == VLT_OK ? w.st : st;
}
