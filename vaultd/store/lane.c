#include <string.h>

#include "store/piece.h"
#include "store/store_internal.h"

enum vlt_status
lane_key(struct store *store, const struct store_lane *lane,
         struct seal_place *place, uint8_t kid[STORE_KID_LEN])
{
    struct keyring_about about = { .type = KEYRING_LANE, .epoch = lane->epoch };

    memcpy(about.subject, lane->stream, sizeof about.subject);
    memcpy(place->subject, lane->stream, sizeof place->subject);
    place->epoch = lane->epoch;
    if (lane->staged) {
        memcpy(kid, lane->kid, STORE_KID_LEN);
        return shelf_find(store->shelf, kid, NULL, NULL);
    }
    return shelf_lookup(store->shelf, &about, kid, NULL);
}

enum vlt_status
store_lane_put(struct store_txn *txn, const struct store_lane *lane,
               struct vlt_slice plain)
{
    uint8_t kid[STORE_KID_LEN] = { 0 };
    struct sealed_draft draft = {
        .db = ENV_LANE,
        .key = vlt_slice_of(kid, sizeof kid),
        .place = { .type = SEAL_LANE },
        .kid = kid,
        .plain = plain,
    };

    if (plain.len < 1 || plain.len > STORE_LANE_MAX) {
        return VLT_E_LIMIT;
    }
    enum vlt_status st = lane_key(txn->view.store, lane, &draft.place, kid);

    return st == VLT_OK ? sealed_put_versioned(txn, &draft) : st;
}

enum vlt_status
lane_open(const struct store_view *view, struct vlt_slice key,
          struct vlt_slice value, struct vlt_buf *out, struct store_lane *lane)
{
    struct seal_place place = { .type = SEAL_LANE };
    struct keyring_about about;

    if (key.len != STORE_KID_LEN || value.len < VERSION_LEN) {
        return VLT_E_AUTH;
    }
    const uint8_t *kid =
        seal_kid(vlt_slice_of(value.at + VERSION_LEN, value.len - VERSION_LEN));

    /* The seal knows stream and epoch by the kid inside; so that one must be
     * the one outside. */
    if (kid == NULL || memcmp(kid, key.at, STORE_KID_LEN) != 0) {
        return VLT_E_AUTH;
    }
    enum vlt_status st = shelf_find(view->store->shelf, kid, &about, NULL);

    if (st == VLT_OK) {
        st = sealed_open_versioned(view, place, value, out);
    }
    if (st == VLT_OK && lane != NULL) {
        lane->epoch = about.epoch;
        memcpy(lane->stream, about.subject, sizeof lane->stream);
    }
    return st;
}

enum vlt_status
store_lane_get(const struct store_view *view, const struct store_lane *lane,
               struct vlt_buf *plain)
{
    struct seal_place place;
    uint8_t kid[STORE_KID_LEN] = { 0 };
    struct vlt_slice key = vlt_slice_of(kid, sizeof kid);
    struct vlt_slice value;
    enum vlt_status st = lane_key(view->store, lane, &place, kid);

    if (st == VLT_OK) {
        st = view_get(view, ENV_LANE, key, &value);
    }
    if (st != VLT_OK) {
        return st;
    }
    st = lane_open(view, key, value, plain, NULL);
    return st == VLT_OK ? st : sealed_status(st, ENV_LANE);
}

struct walking {
    const struct store_view *view;
    store_lane_fn *fn;
    void *ctx;
    struct vlt_buf room;
    enum vlt_status st;
};

static bool
give(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    struct walking *w = ctx;
    struct store_lane lane;

    vlt_buf_clear(&w->room);
    w->st = lane_open(w->view, key, value, &w->room, &lane);
    if (w->st == VLT_E_DENIED) { /* its key is buried */
        w->st = VLT_OK;
        return true;
    }
    if (w->st != VLT_OK) {
        w->st = sealed_status(w->st, ENV_LANE);
        return false;
    }
    return w->fn(w->ctx, &lane, vlt_buf_slice(&w->room));
}

enum vlt_status
store_lane_each(const struct store_view *view, store_lane_fn *fn, void *ctx)
{
    struct walking w = { .view = view, .fn = fn, .ctx = ctx };
    enum vlt_status st =
        view_walk(view, ENV_LANE, vlt_slice_of(NULL, 0), give, &w);

    vlt_buf_free(&w.room);
    return st == VLT_OK ? w.st : st;
}

enum vlt_status
store_lane_delete(struct store_txn *txn, const struct store_lane *lane)
{
    struct seal_place place;
    uint8_t kid[STORE_KID_LEN] = { 0 };
    enum vlt_status st = lane_key(txn->view.store, lane, &place, kid);

    if (st != VLT_OK) {
        return st;
    }
    return sealed_delete(txn, ENV_LANE, SEAL_LANE,
                         vlt_slice_of(kid, sizeof kid));
}
