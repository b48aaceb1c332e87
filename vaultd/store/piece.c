#include "store/piece.h"

#include <string.h>

#include "base/writer.h"
#include "store/store_internal.h"

enum { KEY_LEN = 8 };

static const struct {
    enum env_db db;
    enum seal_type type;
} kinds[] = {
    [STORE_CHUNK] = { ENV_CHUNK, SEAL_CHUNK },
    [STORE_HEAD] = { ENV_HEAD, SEAL_HEAD },
    [STORE_ROLL] = { ENV_ROLL, SEAL_ROLL },
};

static struct vlt_slice
key_of(uint64_t no, uint8_t buf[KEY_LEN])
{
    vlt_store_be64(buf, no);
    return vlt_slice_of(buf, KEY_LEN);
}

enum vlt_status
store_piece_put(struct store_txn *txn, enum store_piece piece,
                const struct store_lane *lane, struct vlt_slice plain,
                uint64_t *no)
{
    uint8_t kid[STORE_KID_LEN] = { 0 };
    uint8_t key[KEY_LEN];
    uint64_t next = txn->root.no;
    struct sealed_draft draft = {
        .db = kinds[piece].db,
        .key = key_of(next, key),
        .place = { .type = kinds[piece].type, .position = next },
        .kid = kid,
        .plain = plain,
        .flags = MDB_APPEND, /* numbers only grow: no search, no splits */
    };

    if (plain.len < 1 || plain.len > STORE_PIECE_MAX) {
        return VLT_E_LIMIT;
    }
    enum vlt_status st = lane_key(txn->view.store, lane, &draft.place, kid);

    if (st != VLT_OK) {
        return st;
    }
    st = sealed_put(txn, &draft);
    if (st != VLT_OK) {
        /* With MDB_APPEND a number that exists is a fault, not an answer. */
        return st == VLT_E_CONFLICT ? txn_fail(txn, VLT_E_STORAGE) : st;
    }
    txn->root.no++;
    *no = next;
    return VLT_OK;
}

/* Open a value: its text lies behind what room held. */
static enum vlt_status
open_piece(const struct store_view *view, const struct seal_place *place,
           struct vlt_slice value, struct vlt_buf *room,
           struct store_lane *lane)
{
    struct keyring_about about;
    enum vlt_status st = sealed_open(view, *place, value, room, &about);

    if (st == VLT_OK && lane != NULL) {
        lane->epoch = about.epoch;
        memcpy(lane->stream, about.subject, sizeof lane->stream);
    }
    return st;
}

enum vlt_status
store_piece_get(const struct store_view *view, enum store_piece piece,
                uint64_t no, struct vlt_buf *room, struct store_lane *lane)
{
    struct seal_place place = { .type = kinds[piece].type, .position = no };
    uint8_t key[KEY_LEN];
    struct vlt_slice value;
    enum vlt_status st =
        view_get(view, kinds[piece].db, key_of(no, key), &value);

    view_count_opened(view);
    if (st != VLT_OK) {
        return st;
    }
    st = open_piece(view, &place, value, room, lane);
    return st == VLT_OK ? st : sealed_status(st, kinds[piece].db);
}

enum vlt_status
store_piece_delete(struct store_txn *txn, enum store_piece piece, uint64_t no)
{
    uint8_t key[KEY_LEN];
    MDB_val k = env_val(key_of(no, key));

    if (txn->failed) {
        return VLT_E_STORAGE;
    }
    int code = mdb_del(txn->view.mdb, txn->view.store->env.dbi[kinds[piece].db],
                       &k, NULL);
    enum vlt_status st = env_status(code, "delete a record");

    if (st == VLT_E_NOT_FOUND) {
        return st;
    }
    txn->put.records++;
    changes_note(txn->view.store->changes, kinds[piece].db, env_slice(k), 0);
    return st == VLT_OK ? VLT_OK : txn_fail(txn, VLT_E_STORAGE);
}

struct counting {
    const struct shelf *shelf;
    uint64_t count;
};

static bool
count_one(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    struct counting *c = ctx;
    const uint8_t *kid = seal_kid(value);

    (void)key;
    c->count += kid == NULL || !shelf_buried(c->shelf, kid);
    return true;
}

enum vlt_status
store_piece_count(const struct store_view *view, enum store_piece piece,
                  uint64_t *out)
{
    struct counting c = { .shelf = view->store->shelf };
    enum vlt_status st =
        view_walk(view, kinds[piece].db, vlt_slice_of(NULL, 0), count_one, &c);

    *out = c.count;
    return st;
}

struct walking {
    const struct store_view *view;
    enum store_piece piece;
    store_piece_fn *fn;
    void *ctx;
    struct vlt_buf room;
    enum vlt_status st;
};

static bool
give(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    struct walking *w = ctx;
    struct seal_place place = { .type = kinds[w->piece].type };
    struct store_lane lane;

    w->st = VLT_E_AUTH;
    if (key.len == KEY_LEN) {
        place.position = vlt_load_be64(key.at);
        vlt_buf_clear(&w->room);
        w->st = open_piece(w->view, &place, value, &w->room, &lane);
    }
    if (w->st == VLT_E_DENIED) { /* its key is buried */
        w->st = VLT_OK;
        return true;
    }
    if (w->st != VLT_OK) {
        w->st = sealed_status(w->st, kinds[w->piece].db);
        return false;
    }
    return w->fn(w->ctx, place.position, &lane, vlt_buf_slice(&w->room));
}

enum vlt_status
store_piece_each(const struct store_view *view, enum store_piece piece,
                 store_piece_fn *fn, void *ctx)
{
    struct walking w = { .view = view, .piece = piece, .fn = fn, .ctx = ctx };
    enum vlt_status st =
        view_walk(view, kinds[piece].db, vlt_slice_of(NULL, 0), give, &w);

    vlt_buf_free(&w.room);
    return st == VLT_OK ? w.st : st;
}
