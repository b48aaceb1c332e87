#include "store/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/kdf.h"
#include "crypto/random.h"
#include "keys/files.h"
#include "store/seeds.h"
#include "util/lock.h"
#include "util/log.h"
#include "util/map.h"
#include "util/read_gate.h"

struct shelf {
    struct read_gate *gate; /* readers inside hold keys of the slab */
    struct lock *lock;      /* the ring's indexes, for a look or an addition */
    struct keyring *ring;   /* NULL while locked */
    struct map *buried;     /* kids whose keys are gone; likewise locked */
    bool ready;             /* readers may come in */
    bool held;              /* but none who does not load */
    struct vlt_secret *base;
    struct vlt_secret *wrap;
    struct vlt_secret *set_key;
    struct keyring_head head; /* of the file on disk */
    bool unsaved;             /* it was changed since */
};

enum vlt_status
shelf_new(struct shelf **out)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);
    uint8_t seed[MAP_SEED_LEN];

    if (shelf == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_random(seed, sizeof seed);
    if (read_gate_new(&shelf->gate) != VLT_OK ||
        lock_new(&shelf->lock) != VLT_OK ||
        map_new(KEYRING_KID, seed, &shelf->buried) != VLT_OK) {
        shelf_free(shelf);
        return VLT_E_NOMEM;
    }
    *out = shelf;
    return VLT_OK;
}

void
shelf_load_free(struct shelf_load *load)
{
    keyring_free(load->ring);
    vlt_secret_free(load->base);
    vlt_secret_free(load->wrap);
    vlt_secret_free(load->set_key);
    *load = (struct shelf_load){ 0 };
}

enum vlt_status
shelf_load_set_key(struct shelf_load *load)
{
    struct keyring_about about = { .type = KEYRING_VAULT };
    uint8_t kid[KEYRING_KID];
    struct vlt_key key;
    enum vlt_status st = keyring_lookup(load->ring, &about, kid, &key);

    return st == VLT_OK ? vlt_kdf(key, "vd1-set0", &load->set_key) : st;
}

void
shelf_free(struct shelf *shelf)
{
    if (shelf == NULL) {
        return;
    }
    keyring_free(shelf->ring);
    vlt_secret_free(shelf->base);
    vlt_secret_free(shelf->wrap);
    vlt_secret_free(shelf->set_key);
    map_free(shelf->buried);
    read_gate_free(shelf->gate);
    lock_free(shelf->lock);
    free(shelf);
}

void
shelf_fill(struct shelf *shelf, struct shelf_load *load)
{
    lock_take(shelf->lock);
    shelf->ring = load->ring;
    shelf->base = load->base;
    shelf->wrap = load->wrap;
    shelf->set_key = load->set_key;
    shelf->head = load->head;
    shelf->unsaved = false;
    lock_drop(shelf->lock);
    *load = (struct shelf_load){ 0 };
}

/* Swap in one secret, if there is another. */
static void
swap_secret(struct vlt_secret **mine, struct vlt_secret **theirs)
{
    struct vlt_secret *old = *mine;

    if (*theirs != NULL) {
        *mine = *theirs;
        *theirs = old;
    }
}

void
shelf_replace(struct shelf *shelf, struct shelf_load *load)
{
    read_gate_close(shelf->gate);
    lock_take(shelf->lock);
    if (load->ring != NULL) {
        struct keyring *old = shelf->ring;

        shelf->ring = load->ring;
        shelf->head = load->head;
        shelf->unsaved = false;
        load->ring = old;
    }
    swap_secret(&shelf->base, &load->base);
    swap_secret(&shelf->wrap, &load->wrap);
    swap_secret(&shelf->set_key, &load->set_key);
    lock_drop(shelf->lock);
    read_gate_open(shelf->gate);
    shelf_load_free(load);
}

void
shelf_ready(struct shelf *shelf)
{
    lock_take(shelf->lock);
    shelf->ready = true;
    lock_drop(shelf->lock);
}

void
shelf_wipe(struct shelf *shelf)
{
    struct shelf_load gone;

    read_gate_close(shelf->gate);
    lock_take(shelf->lock);
    gone = (struct shelf_load){ .ring = shelf->ring,
                                .base = shelf->base,
                                .wrap = shelf->wrap,
                                .set_key = shelf->set_key };
    shelf->ready = false;
    shelf->ring = NULL;
    shelf->base = NULL;
    shelf->wrap = NULL;
    shelf->set_key = NULL;
    map_clear(shelf->buried);
    lock_drop(shelf->lock);
    read_gate_open(shelf->gate);
    if (!seed_planted(SEED_KEY_NOT_WIPED)) {
        shelf_load_free(&gone);
    }
}

void
shelf_stop_readers(struct shelf *shelf)
{
    read_gate_close(shelf->gate);
}

void
shelf_let_readers(struct shelf *shelf)
{
    read_gate_open(shelf->gate);
}

bool
shelf_empty(const struct shelf *shelf)
{
    lock_take(shelf->lock);
    bool empty = !shelf->ready;

    lock_drop(shelf->lock);
    return empty;
}

void
shelf_hold(struct shelf *shelf, bool held)
{
    lock_take(shelf->lock);
    shelf->held = held;
    lock_drop(shelf->lock);
}

bool
shelf_lets_in(const struct shelf *shelf, bool loads)
{
    lock_take(shelf->lock);
    bool may = shelf->ready && (loads || !shelf->held);

    lock_drop(shelf->lock);
    return may;
}

enum vlt_status
shelf_enter(struct shelf *shelf, bool loads)
{
    read_gate_begin(shelf->gate);
    if (!shelf_lets_in(shelf, loads)) {
        read_gate_end(shelf->gate);
        return VLT_E_LOCKED;
    }
    return VLT_OK;
}

void
shelf_come_in(struct shelf *shelf)
{
    read_gate_begin(shelf->gate);
}

void
shelf_leave(struct shelf *shelf)
{
    read_gate_end(shelf->gate);
}

enum vlt_status
shelf_find(struct shelf *shelf, const uint8_t kid[KEYRING_KID],
           struct keyring_about *about, struct vlt_key *key)
{
    lock_take(shelf->lock);
    enum vlt_status st = shelf->ring != NULL
                             ? keyring_find(shelf->ring, kid, about, key)
                             : VLT_E_LOCKED;

    if (st == VLT_E_NOT_FOUND && map_get(shelf->buried, kid) != NULL) {
        st = VLT_E_DENIED;
    }
    lock_drop(shelf->lock);
    return st;
}

enum vlt_status
shelf_lookup(struct shelf *shelf, const struct keyring_about *about,
             uint8_t kid[KEYRING_KID], struct vlt_key *key)
{
    lock_take(shelf->lock);
    enum vlt_status st = shelf->ring != NULL
                             ? keyring_lookup(shelf->ring, about, kid, key)
                             : VLT_E_LOCKED;

    lock_drop(shelf->lock);
    return st;
}

/* Only the commit thread changes the ring, so it may look without the lock;
 * readers may look on until the gate is closed. */
static enum vlt_status
grow(struct shelf *shelf)
{
    if (seed_planted(SEED_KEYRING_FULL)) {
        return VLT_E_LIMIT;
    }
    if (!keyring_full(shelf->ring)) {
        return VLT_OK;
    }
    read_gate_close(shelf->gate);
    enum vlt_status st = keyring_grow(shelf->ring);

    read_gate_open(shelf->gate);
    return st;
}

static enum vlt_status
add(struct shelf *shelf, const struct keyring_about *about,
    const struct vlt_secret *key, uint8_t kid[KEYRING_KID])
{
    enum vlt_status st = shelf_lookup(shelf, about, kid, NULL);

    if (st != VLT_E_NOT_FOUND) {
        return st;
    }
    st = grow(shelf);
    if (st != VLT_OK) {
        return st;
    }
    lock_take(shelf->lock);
    st = keyring_add(shelf->ring, about, key, kid);
    lock_drop(shelf->lock);
    if (st == VLT_OK) {
        shelf->unsaved = true;
    }
    return st;
}

enum vlt_status
shelf_make(struct shelf *shelf, const struct keyring_about *about,
           uint8_t kid[KEYRING_KID])
{
    return add(shelf, about, NULL, kid);
}

enum vlt_status
shelf_make_key(struct shelf *shelf, const struct keyring_about *about,
               uint8_t kid[KEYRING_KID], struct vlt_key *key)
{
    enum vlt_status st = shelf_lookup(shelf, about, kid, key);

    if (st != VLT_E_NOT_FOUND) {
        return st;
    }
    st = add(shelf, about, NULL, kid);
    return st == VLT_OK ? shelf_lookup(shelf, about, kid, key) : st;
}

enum vlt_status
shelf_put(struct shelf *shelf, const struct keyring_about *about,
          const struct vlt_secret *key)
{
    uint8_t kid[KEYRING_KID];

    return add(shelf, about, key, kid);
}

enum vlt_status
shelf_drop(struct shelf *shelf, const struct keyring_about *about)
{
    uint8_t kid[KEYRING_KID];
    struct keyring_change change = { .dead = kid, .dead_count = 1 };
    struct shelf_load heir = { .head = shelf->head };
    enum vlt_status st = shelf_lookup(shelf, about, kid, NULL);

    if (st != VLT_OK) {
        return st == VLT_E_NOT_FOUND ? VLT_OK : st;
    }
    st = keyring_heir(shelf->ring, &change, &heir.ring);
    if (st == VLT_OK) {
        shelf_replace(shelf, &heir);
        shelf->unsaved = true;
    }
    return st;
}

enum vlt_status
shelf_stage(struct shelf *shelf, const struct keyring_about *about,
            uint8_t kid[KEYRING_KID])
{
    enum vlt_status st = grow(shelf);

    if (st != VLT_OK) {
        return st;
    }
    lock_take(shelf->lock);
    st = keyring_stage(shelf->ring, about, kid);
    lock_drop(shelf->lock);
    if (st == VLT_OK) {
        shelf->unsaved = true;
    }
    return st;
}

void
shelf_renew(struct shelf *shelf, struct shelf_load *load)
{
    struct keyring_head head = load->head;

    shelf_replace(shelf, load);
    shelf->head = head;
    shelf->unsaved = false;
}

/* ---- keys that go ---- */

/* Remember the kids; those that were remembered before a failure are not
 * forgotten, which nobody sees while their keys are there. */
static enum vlt_status
remember(struct shelf *shelf, const struct keyring_change *change)
{
    enum vlt_status st = VLT_OK;

    lock_take(shelf->lock);
    for (size_t i = 0; st == VLT_OK && i < change->dead_count; i++) {
        st = map_put(shelf->buried, change->dead + i * KEYRING_KID, shelf);
    }
    lock_drop(shelf->lock);
    return st;
}

enum vlt_status
shelf_bury(struct shelf *shelf, const struct keyring_change *change)
{
    struct shelf_load heir = { .head = shelf->head };
    enum vlt_status st = keyring_heir(shelf->ring, change, &heir.ring);

    if (st == VLT_OK) {
        st = remember(shelf, change);
    }
    if (st == VLT_OK) {
        shelf_replace(shelf, &heir);
        shelf->unsaved = true;
    }
    shelf_load_free(&heir);
    return st;
}

void
shelf_unbury(struct shelf *shelf)
{
    lock_take(shelf->lock);
    map_clear(shelf->buried);
    lock_drop(shelf->lock);
}

bool
shelf_buried(const struct shelf *shelf, const uint8_t kid[KEYRING_KID])
{
    lock_take(shelf->lock);
    bool buried = map_get(shelf->buried, kid) != NULL;

    lock_drop(shelf->lock);
    return buried;
}

enum vlt_status
shelf_save(struct shelf *shelf, int dir)
{
    struct keyring_head head = { .n = shelf->head.n, .g = shelf->head.g + 1 };
    struct vlt_buf file = { 0 };
    struct vlt_buf why = { 0 };
    char name[FILES_NAME_MAX];

    if (!shelf->unsaved) {
        return VLT_OK;
    }
    keyring_seal(shelf->ring, shelf->wrap, &head, &file);
    enum vlt_status st = vlt_buf_status(&file);

    if (st == VLT_OK) {
        st = files_write(dir, files_name("keyring", head.n, name),
                         vlt_buf_slice(&file), &why);
        if (st != VLT_OK) {
            log_error("store", "%s",
                      why.failed || why.len == 0 ? "cannot write the keyring"
                                                 : vlt_buf_text(&why));
        }
    }
    if (st == VLT_OK) {
        shelf->head = head;
        shelf->unsaved = false;
    }
    vlt_buf_free(&file);
    vlt_buf_free(&why);
    return st;
}

struct keyring_head
shelf_head(const struct shelf *shelf)
{
    return shelf->head;
}

const struct keyring *
shelf_ring(const struct shelf *shelf)
{
    return shelf->ring;
}

const struct vlt_secret *
shelf_wrap_base(const struct shelf *shelf)
{
    return shelf->base;
}

struct vlt_key
shelf_set_key(const struct shelf *shelf)
{
    return vlt_key_of(shelf->set_key);
}

size_t
shelf_count(struct shelf *shelf)
{
    lock_take(shelf->lock);
    size_t count = shelf->ring != NULL ? keyring_count(shelf->ring) : 0;

    lock_drop(shelf->lock);
    return count;
}
