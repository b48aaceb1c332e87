#include "store/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "keys/files.h"
#include "store/seeds.h"
#include "util/lock.h"
#include "util/log.h"
#include "util/read_gate.h"

struct shelf {
    struct read_gate *gate; /* readers inside hold keys of the slab */
    struct lock *lock;      /* the ring's indexes, for a look or an addition */
    struct keyring *ring;   /* NULL while locked */
    bool ready;             /* readers may come in */
    struct vlt_secret *wrap;
    struct vlt_secret *set_key;
    struct keyring_head head; /* of the file on disk */
    bool unsaved;             /* keys were made since */
};

enum vlt_status
shelf_new(struct shelf **out)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);

    if (shelf == NULL) {
        return VLT_E_NOMEM;
    }
    if (read_gate_new(&shelf->gate) != VLT_OK ||
        lock_new(&shelf->lock) != VLT_OK) {
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
    vlt_secret_free(load->wrap);
    vlt_secret_free(load->set_key);
    *load = (struct shelf_load){ 0 };
}

void
shelf_free(struct shelf *shelf)
{
    if (shelf == NULL) {
        return;
    }
    keyring_free(shelf->ring);
    vlt_secret_free(shelf->wrap);
    vlt_secret_free(shelf->set_key);
    read_gate_free(shelf->gate);
    lock_free(shelf->lock);
    free(shelf);
}

void
shelf_fill(struct shelf *shelf, struct shelf_load *load)
{
    lock_take(shelf->lock);
    shelf->ring = load->ring;
    shelf->wrap = load->wrap;
    shelf->set_key = load->set_key;
    shelf->head = load->head;
    shelf->unsaved = false;
    lock_drop(shelf->lock);
    *load = (struct shelf_load){ 0 };
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
                                .wrap = shelf->wrap,
                                .set_key = shelf->set_key };
    shelf->ready = false;
    shelf->ring = NULL;
    shelf->wrap = NULL;
    shelf->set_key = NULL;
    lock_drop(shelf->lock);
    read_gate_open(shelf->gate);
    if (!seed_planted(SEED_KEY_NOT_WIPED)) {
        shelf_load_free(&gone);
    }
}

bool
shelf_empty(const struct shelf *shelf)
{
    lock_take(shelf->lock);
    bool empty = !shelf->ready;

    lock_drop(shelf->lock);
    return empty;
}

enum vlt_status
shelf_enter(struct shelf *shelf)
{
    read_gate_begin(shelf->gate);
    if (shelf_empty(shelf)) {
        read_gate_end(shelf->gate);
        return VLT_E_LOCKED;
    }
    return VLT_OK;
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
    if (!keyring_full(shelf->ring)) {
        return VLT_OK;
    }
    read_gate_close(shelf->gate);
    enum vlt_status st = keyring_grow(shelf->ring);

    read_gate_open(shelf->gate);
    return st;
}

enum vlt_status
shelf_make(struct shelf *shelf, const struct keyring_about *about,
           uint8_t kid[KEYRING_KID])
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
    st = keyring_add(shelf->ring, about, NULL, kid);
    lock_drop(shelf->lock);
    if (st == VLT_OK) {
        shelf->unsaved = true;
    }
    return st;
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
