#include <string.h>

#include "base/writer.h"
#include "store/record.h"
#include "store/seeds.h"
#include "store/store_internal.h"

enum { KEY_LEN = 8 };

static struct vlt_slice
key_of(uint64_t arrival, uint8_t buf[KEY_LEN])
{
    vlt_store_be64(buf, arrival);
    return vlt_slice_of(buf, KEY_LEN);
}

enum vlt_status
store_tail_put(struct store_txn *txn, const uint8_t stream[VLT_ID_LEN],
               int32_t epoch, struct vlt_slice plain, uint64_t *arrival)
{
    struct keyring_about lane = { .type = KEYRING_LANE, .epoch = epoch };
    uint8_t kid[STORE_KID_LEN];
    uint8_t key[KEY_LEN];
    struct vlt_key with;
    uint64_t next = txn->root.arrival;
    struct sealed_draft draft = {
        .db = view_slot(root_open(&txn->root)),
        .key = key_of(next, key),
        .place = { .type = SEAL_TAIL, .epoch = epoch, .position = next },
        .kid = kid,
        .with = &with,
        .plain = plain,
        .flags = MDB_APPEND, /* arrivals only grow: no search, no splits */
    };

    if (plain.len < STORE_TAIL_HEAD || plain.len > STORE_TAIL_MAX) {
        return VLT_E_LIMIT;
    }
    memcpy(lane.subject, stream, sizeof lane.subject);
    memcpy(draft.place.subject, stream, sizeof draft.place.subject);
    enum vlt_status st =
        shelf_make_key(txn->view.store->shelf, &lane, kid, &with);

    if (st != VLT_OK) {
        return st;
    }
    st = sealed_put(txn, &draft);
    if (st != VLT_OK) {
        /* With MDB_APPEND a number that exists is a fault, not an answer. */
        return st == VLT_E_CONFLICT ? txn_fail(txn, VLT_E_STORAGE) : st;
    }
    seed_value_in_log(plain);
    txn->root.arrival++;
    *arrival = next;
    return VLT_OK;
}

/* Open a value; its text lies behind what room held.  out->arrival is set. */
static enum vlt_status
open_tail(const struct store_view *view, enum env_db db, struct vlt_slice value,
          struct vlt_buf *room, struct store_tail *out)
{
    struct seal_place place = { .type = SEAL_TAIL, .position = out->arrival };
    struct keyring_about about;
    size_t begin = room->len;
    enum vlt_status st = sealed_open(view, place, value, room, &about);

    if (st != VLT_OK) {
        return sealed_status(st, db);
    }
    out->epoch = about.epoch;
    memcpy(out->stream, about.subject, sizeof out->stream);
    out->plain = vlt_slice_of(room->at + begin, room->len - begin);
    return VLT_OK;
}

enum vlt_status
store_tail_get(const struct store_view *view, uint64_t arrival,
               struct vlt_buf *room, struct store_tail *out)
{
    uint8_t key[KEY_LEN];
    struct store_tail tail = { .arrival = arrival };
    struct vlt_slice value;
    struct root root;
    size_t slot;
    enum vlt_status st = view_root(view, &root);

    view_count_opened(view);
    if (st != VLT_OK) {
        return st;
    }
    if (!root_find(&root, arrival, &slot)) {
        return VLT_E_NOT_FOUND;
    }
    st = view_get(view, view_slot(slot), key_of(arrival, key), &value);
    if (st == VLT_OK) {
        st = open_tail(view, view_slot(slot), value, room, &tail);
    }
    if (st == VLT_OK) {
        *out = tail;
    }
    return st;
}

struct walking {
    const struct store_view *view;
    enum env_db db; /* under way */
    bool ended;     /* fn wants no more */
    store_tail_fn *fn;
    void *ctx;
    struct vlt_buf room;
    enum vlt_status st;
};

static bool
give(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    struct walking *w = ctx;

    if (key.len != KEY_LEN) {
        w->st = sealed_status(VLT_E_AUTH, w->db);
        return false;
    }
    struct store_tail tail = { .arrival = vlt_load_be64(key.at) };

    vlt_buf_clear(&w->room);
    w->st = open_tail(w->view, w->db, value, &w->room, &tail);
    if (w->st == VLT_E_BUSY) { /* its key is buried */
        w->st = VLT_OK;
        return true;
    }
    w->ended = w->st == VLT_OK && !w->fn(w->ctx, &tail);
    return w->st == VLT_OK && !w->ended;
}

enum vlt_status
store_tail_each(const struct store_view *view, uint64_t from, store_tail_fn *fn,
                void *ctx)
{
    struct walking w = { .view = view, .fn = fn, .ctx = ctx };
    uint8_t key[KEY_LEN];
    struct root root;
    enum vlt_status st = view_root(view, &root);

    if (st != VLT_OK) {
        return st;
    }
    size_t oldest = root_oldest(&root);

    for (size_t i = 0; st == VLT_OK && !w.ended && i < ROOT_TAILS; i++) {
        size_t slot = (oldest + i) % ROOT_TAILS;

        if (root_end(&root, slot) <= from) {
            continue; /* free, or all of it is before */
        }
        w.db = view_slot(slot);
        st = view_walk(view, w.db, key_of(from, key), give, &w);
        if (st == VLT_OK) {
            st = w.st;
        }
    }
    vlt_buf_free(&w.room);
    return st;
}

enum vlt_status
store_tail_first(const struct store_view *view, uint64_t *out)
{
    struct root root;
    enum vlt_status st = view_root(view, &root);

    if (st == VLT_OK) {
        *out = root.tail[root_oldest(&root)].first;
    }
    return st;
}

enum vlt_status
store_tail_next(const struct store_view *view, uint64_t *out)
{
    struct root root;
    enum vlt_status st = view_root(view, &root);

    if (st == VLT_OK) {
        *out = root.arrival;
    }
    return st;
}
