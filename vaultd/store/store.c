#include "store/store_internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/aead.h"
#include "crypto/kdf.h"
#include "store/make_dir.h"
#include "store/room.h"

enum {
    READERS = 126,
    /* Both smaller under sanitizers (CMakeLists.txt). */
    MAP_GIB = STORE_MAP_GIB,
    MAP_MOST_GIB = STORE_MAP_MOST_GIB,
    MAP_SMALL = 1 << 30, /* on machines of 32 bits */
};

/* Bytes that the map may grow to. */
static size_t
map_most(const struct store_limits *limits)
{
    uint64_t most = (uint64_t)MAP_MOST_GIB << 30;

    if (limits != NULL && limits->most > 0) {
        most = limits->most;
    } else if (limits != NULL && limits->map > 0) {
        most = limits->map;
    }
    return most > SIZE_MAX / 2 ? MAP_SMALL : (size_t)most;
}

static struct env_size
size_of(const struct store_limits *limits)
{
    struct store_limits none = { 0 };
    const struct store_limits *l = limits != NULL ? limits : &none;
    uint64_t map = (uint64_t)MAP_GIB << 30;

    if (l->map > 0) {
        map = l->map;
    }
    if (map > SIZE_MAX / 2) {
        map = MAP_SMALL;
    }
    return (struct env_size){ .map = (size_t)map,
                              .readers =
                                  l->readers > 0 ? l->readers : READERS };
}

enum vlt_status
store_open(const char *dir, const struct store_limits *limits,
           struct vlt_buf *why, struct store **out)
{
    struct store *store;
    enum vlt_status st;

    if (strlen(dir) > STORE_PATH_MAX) {
        return store_say(VLT_E_NOT_FOUND, why, "the path is too long");
    }
    store = calloc(1, sizeof *store);
    if (store == NULL) {
        return VLT_E_NOMEM;
    }
    store->dir.fd = -1;
    store->dir.lock_fd = -1;
    store->anchor_fd = -1;
    st = shelf_new(&store->shelf);
    if (st == VLT_OK) {
        st = lock_new(&store->slots_lock);
    }
    if (st != VLT_OK) {
        goto done;
    }
    st = dir_open(dir, why, &store->dir);
    if (st != VLT_OK) {
        goto done;
    }
    if (limits == NULL || !limits->making) {
        st = make_dir_unmark(store->dir.fd, why);
    }
    if (st != VLT_OK) {
        goto done;
    }
    store->unfinished = compact_remove(store->dir.fd);
    st = env_open(dir, size_of(limits), false, why, &store->env);
    if (st != VLT_OK) {
        goto done;
    }
    store->map_most = map_most(limits);
    st = room_open(store);
    if (st != VLT_OK) {
        goto done;
    }
    st = inbox_count(store);
    if (st != VLT_OK) {
        goto done;
    }
    /* Readers that a killed process left would keep old pages for ever. */
    (void)mdb_reader_check(store->env.mdb, NULL);
    *out = store;
    store = NULL;

done:
    store_close(store);
    return st;
}

void
store_close(struct store *store)
{
    if (store == NULL) {
        return;
    }
    if (store->shelf != NULL) {
        store_lock(store);
    }
    shelf_free(store->shelf);
    lock_free(store->slots_lock);
    if (store->anchor_fd >= 0) {
        close(store->anchor_fd);
    }
    env_close(&store->env);
    dir_close(&store->dir);
    free(store);
}

const uint8_t *
store_vault_id(const struct store *store)
{
    return store->dir.header.vault_id;
}

const uint8_t *
store_instance_id(const struct store *store)
{
    return store->dir.header.instance_id;
}

bool
store_locked(const struct store *store)
{
    return shelf_empty(store->shelf);
}

bool
store_readable(const struct store *store)
{
    return shelf_lets_in(store->shelf, false);
}

void
store_lock(struct store *store)
{
    shelf_wipe(store->shelf);
    idem_queue_free(&store->idems);
    vlt_secret_free(store->anchor_key);
    store->anchor_key = NULL;
    vlt_aead_forget();
}

static enum vlt_status
identity_key(struct store *store, struct vlt_key *key)
{
    struct keyring_about about = { .type = KEYRING_IDENTITY };
    uint8_t kid[KEYRING_KID];

    return shelf_lookup(store->shelf, &about, kid, key);
}

enum vlt_status
store_identity_seed(struct store *store, struct vlt_secret **out)
{
    struct vlt_key key;
    enum vlt_status st = identity_key(store, &key);

    if (st != VLT_OK) {
        return st;
    }
    return vlt_secret_copy(
        vlt_slice_of(vlt_secret_peek(key.in) + key.at, VLT_KEY_LEN), out);
}

enum vlt_status
store_subkey(struct store *store, const char *context, struct vlt_secret **out)
{
    struct vlt_key key;
    enum vlt_status st = identity_key(store, &key);

    return st == VLT_OK ? vlt_kdf(key, context, out) : st;
}
