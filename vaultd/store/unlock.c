#include "store/store_internal.h"

#include <string.h>

#include "base/writer.h"
#include "crypto/kdf.h"
#include "keys/erase.h"
#include "keys/files.h"
#include "store/seeds.h"

static const char changed[] =
    "%s was changed from outside, or does not belong to this vault";

/* KW_N out of the root key and erase.N. */
static enum vlt_status
load_wrap(const struct store *store, const struct vlt_secret *root_key,
          struct vlt_buf *why, struct shelf_load *load)
{
    struct vlt_buf stripes = { 0 };
    struct vlt_secret *erase = NULL;
    char name[FILES_NAME_MAX];
    enum vlt_status st =
        files_read(store->dir.fd, files_name("erase", store->dir.n, name),
                   ERASE_LEN, &stripes, why);

    if (st == VLT_OK) {
        st = erase_join(vlt_buf_slice(&stripes), &erase);
        if (st == VLT_E_FORMAT) {
            st = store_say(VLT_E_AUTH, why, changed, name);
        }
    }
    if (st == VLT_OK) {
        st = keyring_wrap_base(root_key, &load->base);
    }
    if (st == VLT_OK) {
        st = keyring_wrap_key(load->base, erase, store->dir.n, &load->wrap);
    }
    vlt_secret_free(erase);
    if (stripes.at != NULL) {
        vlt_wipe(stripes.at, stripes.len);
    }
    vlt_buf_free(&stripes);
    return st;
}

static enum vlt_status
bad_keyring(enum vlt_status st, const char *name, struct vlt_buf *why)
{
    switch (st) {
    case VLT_E_AUTH:
    case VLT_E_FORMAT:
        return store_say(VLT_E_AUTH, why, changed, name);
    case VLT_E_LIMIT:
        return store_say(VLT_E_FORMAT, why,
                         "%s holds keys of a newer kind than this program "
                         "knows",
                         name);
    default:
        return st;
    }
}

static enum vlt_status
load_ring(const struct store *store, struct vlt_buf *why,
          struct shelf_load *load)
{
    struct vlt_buf file = { 0 };
    char name[FILES_NAME_MAX];
    enum vlt_status st =
        files_read(store->dir.fd, files_name("keyring", store->dir.n, name),
                   KEYRING_FILE_MAX, &file, why);

    if (st == VLT_OK) {
        st = keyring_open(vlt_buf_slice(&file), load->wrap, store->dir.n,
                          &load->head, &load->ring);
        st = bad_keyring(st, name, why);
    }
    vlt_buf_free(&file);
    return st;
}

static enum vlt_status
load_keys(const struct store *store, const struct vlt_secret *root_key,
          struct vlt_buf *why, struct shelf_load *load)
{
    struct vlt_slice header = vlt_slice_of(store->dir.header_bytes, HEADER_LEN);
    enum vlt_status st = header_check(header, root_key);

    if (st != VLT_OK) {
        return st == VLT_E_AUTH ? store_say(st, why, changed, "the header")
                                : st;
    }
    st = load_wrap(store, root_key, why, load);
    if (st != VLT_OK) {
        return st;
    }
    st = load_ring(store, why, load);
    if (st != VLT_OK) {
        return st;
    }
    st = shelf_load_set_key(load);
    if (st == VLT_E_NOT_FOUND) {
        return store_say(VLT_E_AUTH, why, "the keyring has no vault key");
    }
    return st == VLT_OK ? slots_fresh(&store->dir.header, load->ring, why) : st;
}

/* ---- with the keys on the shelf ---- */

static enum vlt_status
check_root(const struct store_view *view, struct vlt_buf *why,
           struct root *root)
{
    struct keyring_head head = shelf_head(view->store->shelf);
    enum vlt_status st = view_root(view, root);

    if (st != VLT_OK) {
        return st == VLT_E_STORAGE
                   ? store_say(VLT_E_AUTH, why, changed, "the record !root")
                   : st;
    }
    if (head.g < root->keyring_g || head.n < root->keyring_n) {
        return store_say(VLT_E_AUTH, why,
                         "the keyring is older than the data: it was put "
                         "back from an earlier copy");
    }
    return VLT_OK;
}

static enum vlt_status
check_fresh(const struct store_view *view, const struct root *root,
            struct vlt_buf *why)
{
    uint8_t hash[ROOT_HASH];
    enum vlt_status st = fresh_tails(view, root, why);

    if (st == VLT_OK) {
        st = fresh_pieces(view, root, why);
    }
    if (st != VLT_OK) {
        return st;
    }
    st = fresh_hash(view, hash);
    if (st != VLT_OK && st != VLT_E_AUTH) {
        return st;
    }
    if ((st == VLT_E_AUTH || memcmp(hash, root->set_hash, sizeof hash) != 0) &&
        !seed_planted(SEED_SET_HASH_SKIPPED)) {
        return store_say(VLT_E_AUTH, why,
                         "records were put back, dropped or added from "
                         "outside");
    }
    return VLT_OK;
}

struct queueing {
    struct idem_queue *queue;
    enum vlt_status st;
};

static bool
queue_one(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    struct queueing *q = ctx;
    struct idem_item item;

    if (key.len != sizeof item.key || value.len < VERSION_LEN) {
        q->st = VLT_E_AUTH;
        return false;
    }
    item.version = vlt_load_u64(value.at);
    memcpy(item.key, key.at, sizeof item.key);
    q->st = idem_queue_push(q->queue, &item);
    return q->st == VLT_OK;
}

static enum vlt_status
queue_idems(const struct store_view *view, struct vlt_buf *why)
{
    struct queueing q = { .queue = &view->store->idems };
    enum vlt_status st =
        view_walk(view, ENV_IDEM, vlt_slice_of(NULL, 0), queue_one, &q);

    if (st == VLT_OK) {
        st = q.st;
    }
    idem_queue_sort(q.queue);
    return st == VLT_E_AUTH ? store_say(st, why, changed, "a record of idem")
                            : st;
}

static enum vlt_status
check_all(const struct store_view *view, struct vlt_buf *why)
{
    struct root root;
    enum vlt_status st = check_root(view, why, &root);

    if (st != VLT_OK) {
        return st;
    }
    st = kinds_check(view, why);
    if (st != VLT_OK) {
        return st;
    }
    st = check_fresh(view, &root, why);
    if (st != VLT_OK) {
        return st;
    }
    anchor_of(&root, &view->store->last);
    return queue_idems(view, why);
}

enum vlt_status
store_unlock(struct store *store, const struct vlt_secret *root_key,
             struct vlt_buf *why)
{
    struct store_view view = { .store = store };
    struct shelf_load load = { 0 };
    enum vlt_status st;

    if (!store_locked(store)) {
        return VLT_OK;
    }
    if (store_destroyed(store)) {
        return store_say(VLT_E_STORAGE, why, "%s", dir_keys_gone);
    }
    if (vlt_secret_len(root_key) != SLOT_KEY_LEN) {
        return VLT_E_AUTH;
    }
    st = load_keys(store, root_key, why, &load);
    if (st != VLT_OK) {
        shelf_load_free(&load);
        return st == VLT_E_NOT_FOUND ? VLT_E_STORAGE : st;
    }
    st = env_status(mdb_txn_begin(store->env.mdb, NULL, MDB_RDONLY, &view.mdb),
                    "begin");
    if (st != VLT_OK) {
        shelf_load_free(&load);
        return st;
    }
    shelf_fill(store->shelf, &load);
    st = vlt_kdf(vlt_key_of(root_key), "vd1-anch", &store->anchor_key);
    if (st == VLT_OK) {
        st = check_all(&view, why);
    }
    mdb_txn_abort(view.mdb);
    if (st != VLT_OK) {
        store_lock(store);
        return st;
    }
    shelf_ready(store->shelf);
    return VLT_OK;
}
