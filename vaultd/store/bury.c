/* Keys that go, and what lies under them. */
#include <string.h>

#include "base/writer.h"
#include "crypto/random.h"
#include "keys/erase.h"
#include "keys/generation.h"
#include "store/bury.h"
#include "store/piece.h"
#include "store/room.h"
#include "store/seeds.h"
#include "store/store_internal.h"
#include "store/volume.h"
#include "util/log.h"

enum vlt_status
store_bury(struct store *store, const struct store_burial *burial)
{
    struct keyring_change change = { .dead = burial->dead,
                                     .dead_count = burial->dead_count,
                                     .live = burial->live,
                                     .live_count = burial->live_count };

    if (store_locked(store)) {
        return VLT_E_LOCKED;
    }
    return shelf_bury(store->shelf, &change);
}

void
store_unbury(struct store *store)
{
    shelf_unbury(store->shelf);
}

bool
store_in_place(const struct store *store)
{
    struct volume volume;

    return volume_look(store->dir.fd, &volume) == VLT_OK && volume.in_place;
}

/* ---- a new generation ---- */

/* The ring as it is, sealed for the next number. */
static enum vlt_status
seal_next(struct store *store, const struct vlt_secret *erase,
          struct shelf_load *load, struct vlt_buf *file)
{
    struct keyring_head head = shelf_head(store->shelf);
    enum vlt_status st = keyring_wrap_key(shelf_wrap_base(store->shelf), erase,
                                          head.n + 1, &load->wrap);

    if (st != VLT_OK) {
        return st;
    }
    load->head = (struct keyring_head){ .n = head.n + 1, .g = head.g + 1 };
    keyring_seal(shelf_ring(store->shelf), load->wrap, &load->head, file);
    return vlt_buf_status(file);
}

/* Write it and put it in force.  *switched: it is, or may be. */
static enum vlt_status
put_in_force(struct store *store, const struct generation *next,
             struct vlt_buf *why, bool *switched)
{
    enum vlt_status st = generation_write(store->dir.fd, next, why);

    *switched = false;
    if (st == VLT_E_STORAGE && room_give(store)) {
        /* What was written has the erase secret that will be in force, and
         * being written anew would only unlink it. */
        st = generation_destroy(store->dir.fd, next->n, why);
        if (st == VLT_OK) {
            st = generation_write(store->dir.fd, next, why);
        }
    }
    if (st != VLT_OK) {
        return st;
    }
    st = generation_switch(store->dir.fd, next->n, why);
    *switched = st == VLT_OK || st == VLT_E_UNKNOWN;
    return st;
}

enum vlt_status
renew_switch(struct store *store, const struct generation *next,
             struct shelf_load *load, struct vlt_buf *why)
{
    bool switched = false;
    /* What an earlier try left would only be unlinked by writing again. */
    enum vlt_status st = generation_destroy(store->dir.fd, next->n, why);

    if (st == VLT_OK) {
        st = put_in_force(store, next, why, &switched);
    }
    if (st == VLT_OK) {
        shelf_renew(store->shelf, load);
        store->dir.n = next->n;
        return VLT_OK;
    }
    /* Which one is in force is not known: nothing may be destroyed. */
    store->broken = store->broken || st == VLT_E_UNKNOWN;
    if (!switched &&
        generation_destroy(store->dir.fd, next->n, NULL) != VLT_OK) {
        log_warning("store", "key files that are not in force stay until "
                             "the next start");
    }
    return st;
}

enum vlt_status
renew_destroy(struct store *store, uint64_t n, struct vlt_buf *why)
{
    enum vlt_status st = generation_destroy(store->dir.fd, n, why);

    if (st == VLT_OK && !seed_planted(SEED_OLD_KEYRING_KEPT)) {
        st = dir_destroy_outdated(&store->dir, why);
    }
    store->broken = store->broken || st == VLT_E_UNKNOWN;
    return st;
}

enum vlt_status
store_renew(struct store *store, struct vlt_buf *why)
{
    struct shelf_load load = { 0 };
    struct vlt_secret *erase = NULL;
    struct vlt_buf file = { 0 };
    struct generation next = {
        .header = vlt_slice_of(store->dir.header_bytes, HEADER_LEN),
    };
    enum vlt_status st;

    if (store_locked(store)) {
        return VLT_E_LOCKED;
    }
    if (store->broken) {
        return VLT_E_STORAGE;
    }
    if (seed_planted(SEED_ERASE_NOT_RENEWED)) {
        return VLT_OK;
    }
    st = vlt_secret_random(ERASE_STRIPE, &erase);
    if (st == VLT_OK) {
        st = seal_next(store, erase, &load, &file);
    }
    if (st != VLT_OK) {
        goto done;
    }
    next.n = load.head.n;
    next.erase = erase;
    next.keyring = vlt_buf_slice(&file);
    st = renew_switch(store, &next, &load, why);
    if (st == VLT_OK) {
        st = renew_destroy(store, next.n - 1, why);
    }

done:
    shelf_load_free(&load);
    vlt_secret_free(erase);
    vlt_buf_free(&file);
    return st;
}

/* ---- lanes' keys ---- */

struct listing {
    store_lane_key_fn *fn;
    void *ctx;
};

static bool
list_one(void *ctx, const uint8_t kid[KEYRING_KID],
         const struct keyring_about *about, bool live)
{
    const struct listing *listing = ctx;
    struct store_lane_key key = { .epoch = about->epoch, .live = live };

    memcpy(key.stream, about->subject, sizeof key.stream);
    memcpy(key.kid, kid, sizeof key.kid);
    return about->type != KEYRING_LANE || listing->fn(listing->ctx, &key);
}

void
store_lane_keys(struct store *store, store_lane_key_fn *fn, void *ctx)
{
    struct listing listing = { .fn = fn, .ctx = ctx };

    if (!store_locked(store)) {
        keyring_each(shelf_ring(store->shelf), list_one, &listing);
    }
}

enum vlt_status
store_txn_stage(struct store_txn *txn, const uint8_t stream[VLT_ID_LEN],
                int32_t epoch, uint8_t kid[STORE_KID_LEN])
{
    struct keyring_about about = { .type = KEYRING_LANE, .epoch = epoch };

    memcpy(about.subject, stream, sizeof about.subject);
    return shelf_stage(txn->view.store->shelf, &about, kid);
}

/* ---- sweeping ---- */

static const struct {
    enum env_db db;
    enum store_piece piece;
} steps[] = {
    { ENV_CHUNK, STORE_CHUNK },
    { ENV_HEAD, STORE_HEAD },
    { ENV_ROLL, STORE_ROLL },
};

enum { STEPS = sizeof steps / sizeof *steps };

/* What was found to be deleted, and how far the look went. */
struct sweeping {
    const struct shelf *shelf;
    uint8_t key[STORE_SWEEP_DELETES][8]; /* a number, or a kid */
    size_t count;
    size_t looks;
    uint64_t last;
    bool end; /* nothing is behind it */
};

static bool
look_at(struct sweeping *s, struct vlt_slice key, const uint8_t *kid)
{
    s->end = false;
    if (s->count == STORE_SWEEP_DELETES || s->looks == STORE_SWEEP_LOOKS) {
        return false;
    }
    s->end = true;
    s->looks++;
    s->last = vlt_load_be64(key.at);
    if (kid != NULL && shelf_buried(s->shelf, kid)) {
        memcpy(s->key[s->count++], key.at, sizeof *s->key);
    }
    return true;
}

static bool
look_at_piece(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    return key.len != 8 || look_at(ctx, key, seal_kid(value));
}

static bool
look_at_lane(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    (void)value;
    return key.len != STORE_KID_LEN || look_at(ctx, key, key.at);
}

static enum vlt_status
delete_found(struct store_txn *txn, const struct sweeping *s, unsigned step)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < s->count; i++) {
        if (step < STEPS) {
            st = store_piece_delete(txn, steps[step].piece,
                                    vlt_load_be64(s->key[i]));
        } else {
            st = sealed_delete(txn, ENV_LANE, SEAL_LANE,
                               vlt_slice_of(s->key[i], STORE_KID_LEN));
        }
    }
    return st;
}

enum vlt_status
store_sweep(struct store_txn *txn, struct store_sweep *at, bool *done)
{
    struct sweeping s = { .shelf = txn->view.store->shelf,
                          .last = at->no,
                          .end = true };
    uint8_t from[8];
    enum vlt_status st;

    *done = false;
    vlt_store_be64(from, at->no);
    st = view_walk(&txn->view, at->step < STEPS ? steps[at->step].db : ENV_LANE,
                   vlt_slice_of(from, sizeof from),
                   at->step < STEPS ? look_at_piece : look_at_lane, &s);
    if (st == VLT_OK) {
        st = delete_found(txn, &s, at->step);
    }
    if (st != VLT_OK) {
        return txn_fail(txn, st);
    }
    at->no = s.last;
    if (s.end) {
        at->no = 0;
        at->step++;
    }
    *done = at->step > STEPS;
    return VLT_OK;
}
