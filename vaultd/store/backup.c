#include "store/backup.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "crypto/kdf.h"
#include "crypto/random.h"
#include "store/copier.h"
#include "store/manifest.h"
#include "store/parcel.h"
#include "store/part.h"
#include "store/store_internal.h"
#include "util/atomic.h"
#include "util/lock.h"

enum { SLICE = 64 << 10 /* bytes that are copied at once */ };

struct store_backup {
    struct store *store;
    struct part part;
    struct header header;
    struct vlt_secret *key; /* BK */
    struct manifest manifest;
    struct manifest_tree tree;
    struct copier *copier;
    struct packer *packer;
    struct vlt_buf out; /* sealed, not written yet */
    uint64_t size;      /* about so many bytes */
    struct atomic done; /* bytes written */
    struct lock *lock;  /* around key and packer, once the thread has them */
    bool cancelled;     /* they are gone */
    uint8_t slice[SLICE];
};

/* ---- the header ---- */

/* The backup wrap key of a slot.  VLT_E_NOT_FOUND: it has none. */
static enum vlt_status
wrap_key(struct store *store, const struct slot_about *about,
         struct vlt_secret **out)
{
    struct keyring_about backup = { .type = KEYRING_BACKUP };
    uint8_t kid[KEYRING_KID];
    struct vlt_key key;
    enum vlt_status st;

    memcpy(backup.subject, about->salt, sizeof backup.subject);
    st = shelf_lookup(store->shelf, &backup, kid, &key);
    return st == VLT_OK
               ? vlt_secret_copy(vlt_slice_of(vlt_secret_peek(key.in) + key.at,
                                              VLT_KEY_LEN),
                                 out)
               : st;
}

/* A slot of the vault becomes one of the backup, or is left out. */
static enum vlt_status
turn_slot(struct store *store, struct store_backup *b, size_t i, bool *made)
{
    struct vlt_slice record = vlt_slice_of(store->dir.header.slot[i], SLOT_LEN);
    struct vlt_secret *wrap = NULL;
    struct slot_about about;
    uint8_t vault[SLOT_VAULT];
    enum vlt_status st = slot_read(record, &about);

    memset(b->header.slot[i], 0, SLOT_LEN);
    if (st != VLT_OK || about.type == SLOT_EMPTY) {
        return st;
    }
    st = wrap_key(store, &about, &wrap);
    if (st != VLT_OK) {
        return st == VLT_E_NOT_FOUND ? VLT_OK : st;
    }
    header_vault(&b->header, vault);
    st = slot_seal(vault, &about, wrap, b->key, b->header.slot[i]);
    *made = *made || st == VLT_OK;
    vlt_secret_free(wrap);
    return st;
}

static enum vlt_status
make_header(struct store *store, struct store_backup *b, struct vlt_buf *why)
{
    uint8_t bytes[HEADER_LEN];
    bool made = false;
    enum vlt_status st = VLT_OK;

    b->header = store->dir.header;
    b->header.of = HEADER_OF_BACKUP;
    vlt_random(b->header.stream, sizeof b->header.stream);
    for (size_t i = 0; st == VLT_OK && i < SLOT_COUNT; i++) {
        st = turn_slot(store, b, i, &made);
    }
    if (st == VLT_OK && !made) {
        return store_say(VLT_E_LIMIT, why,
                         "neither a passphrase nor words open this vault, so "
                         "nothing would open its backup");
    }
    if (st == VLT_OK) {
        st = header_encode(&b->header, b->key, bytes);
    }
    if (st == VLT_OK) {
        /* Flushing clears the buffer: one that failed would not be told. */
        vlt_buf_put(&b->out, bytes, sizeof bytes);
        st = vlt_buf_status(&b->out);
    }
    return st;
}

/* ---- the snapshot ---- */

/* What the last commit left: nothing commits meanwhile. */
static enum vlt_status
read_root(struct store *store, struct store_backup *b)
{
    struct store_view view = { .store = store };
    struct root root;
    enum vlt_status st = env_status(
        mdb_txn_begin(store->env.mdb, NULL, MDB_RDONLY, &view.mdb), "begin");

    if (st != VLT_OK) {
        return st;
    }
    st = view_root(&view, &root);
    if (st == VLT_OK) {
        b->size = store_file_bytes(&view);
        b->manifest.commit = root.commit;
        b->tree.size = root.audit_size;
        memcpy(b->tree.head, root.audit_head, sizeof b->tree.head);
    }
    mdb_txn_abort(view.mdb);
    return st;
}

static enum vlt_status
gather(void *ctx, struct vlt_slice bytes)
{
    struct store_backup *b = ctx;

    vlt_buf_put_slice(&b->out, bytes);
    return vlt_buf_status(&b->out);
}

/* What stands in front of the data, sealed but for what its last piece will
 * still take: plain keys are nowhere but in secrets. */
static enum vlt_status
pack_front(struct store *store, struct store_backup *b)
{
    struct parcel_about about = { .key = b->key };
    struct vlt_slice entries = keyring_entries(shelf_ring(store->shelf));
    struct keyring_head head = shelf_head(store->shelf);
    uint8_t manifest[MANIFEST_LEN];
    uint8_t tree[MANIFEST_TREE];
    enum vlt_status st;

    memcpy(about.random, b->header.stream, sizeof about.random);
    st = packer_new(&about, gather, b, &b->packer);
    if (st != VLT_OK) {
        return st;
    }
    b->manifest.keyring_n = head.n;
    b->manifest.keyring_g = head.g;
    b->manifest.page = (uint32_t)store->env.page;
    b->manifest.entries = (uint32_t)(entries.len / KEYRING_ENTRY);
    manifest_encode(&b->manifest, manifest);
    manifest_encode_tree(&b->tree, tree);
    st = packer_put(b->packer, vlt_slice_of(manifest, sizeof manifest));
    if (st == VLT_OK) {
        st = packer_put(b->packer, entries);
    }
    if (st == VLT_OK) {
        st = packer_put(b->packer, vlt_slice_of(tree, sizeof tree));
    }
    return st;
}

/* Of the text that waits for its piece the first has the vault's keys. */
static void
forget_keys(struct store_backup *b)
{
    packer_free(b->packer);
    b->packer = NULL;
    vlt_secret_free(b->key);
    b->key = NULL;
}

static void
end_snapshot(struct store_backup *b)
{
    if (b->copier != NULL) {
        copier_free(b->copier);
        b->copier = NULL;
        (void)atomic_add(&b->store->copies, UINT64_MAX);
    }
    forget_keys(b);
    vlt_buf_clear(&b->out);
}

static enum vlt_status
snapshot(struct store *store, struct store_backup *b, struct vlt_buf *why)
{
    enum vlt_status st = vlt_secret_random(VLT_KEY_LEN, &b->key);

    if (st == VLT_OK) {
        st = make_header(store, b, why);
    }
    if (st == VLT_OK) {
        st = copier_begin(store->env.mdb, &b->copier);
    }
    if (st == VLT_OK) {
        (void)atomic_add(&store->copies, 1);
        st = read_root(store, b);
    }
    return st == VLT_OK ? pack_front(store, b) : st;
}

/* A backup in the vault's own directory would be lost with it. */
static enum vlt_status
check_place(const struct store *store, const struct part *part,
            struct vlt_buf *why)
{
    struct stat vault;
    struct stat place;

    if (fstat(store->dir.fd, &vault) == 0 && fstat(part->dir, &place) == 0 &&
        vault.st_dev == place.st_dev && vault.st_ino == place.st_ino) {
        return store_say(VLT_E_CONFLICT, why,
                         "a backup must lie outside the vault: that is its "
                         "own directory");
    }
    return VLT_OK;
}

enum vlt_status
store_backup_open(struct store *store, const char *path, struct vlt_buf *why,
                  struct store_backup **out)
{
    struct store_backup *b = calloc(1, sizeof *b);
    enum vlt_status st;

    if (b == NULL) {
        return VLT_E_NOMEM;
    }
    b->store = store;
    b->part = (struct part){ .dir = -1, .fd = -1 };
    st = lock_new(&b->lock);
    if (st == VLT_OK) {
        st = part_begin(path, "vaultbk1", why, &b->part);
    }
    if (st == VLT_OK) {
        st = check_place(store, &b->part, why);
    }
    if (st != VLT_OK) {
        store_backup_free(b);
        return st;
    }
    *out = b;
    return VLT_OK;
}

enum vlt_status
store_backup_begin(struct store_backup *backup,
                   const struct store_backup_wish *wish, struct vlt_buf *why)
{
    if (store_locked(backup->store)) {
        return VLT_E_LOCKED;
    }
    end_snapshot(backup);
    backup->manifest = (struct manifest){ .time_ns = wish->now_ns };
    memcpy(backup->manifest.id, wish->id, sizeof backup->manifest.id);
    return snapshot(backup->store, backup, why);
}

uint64_t
store_backup_commit(const struct store_backup *backup)
{
    return backup->manifest.commit;
}

/* ---- writing ---- */

static enum vlt_status
flush(struct store_backup *b, struct vlt_buf *why)
{
    size_t len = b->out.len;
    enum vlt_status st = part_put(&b->part, vlt_buf_slice(&b->out), why);

    vlt_buf_clear(&b->out);
    (void)atomic_add(&b->done, len);
    return st;
}

/* Pack some more text, or the end (NULL), unless the keys are gone. */
static enum vlt_status
pack(struct store_backup *b, const struct vlt_slice *text, struct vlt_buf *why)
{
    enum vlt_status st;

    lock_take(b->lock);
    if (b->cancelled) {
        st = store_say(VLT_E_BUSY, why, "the backup was broken off");
    } else {
        st =
            text != NULL ? packer_put(b->packer, *text) : packer_end(b->packer);
    }
    lock_drop(b->lock);
    return st;
}

/* The next bytes of the copy, sealed. */
static enum vlt_status
step(struct store_backup *b, struct vlt_buf *why, bool *over)
{
    size_t got = 0;
    enum vlt_status st = flush(b, why);

    if (st != VLT_OK) {
        return st;
    }
    st = copier_read(b->copier, b->slice, sizeof b->slice, &got);
    if (st != VLT_OK) {
        return store_say(VLT_E_STORAGE, why, "data.mdb cannot be copied");
    }
    *over = got == 0;

    struct vlt_slice text = vlt_slice_of(b->slice, got);

    return got > 0 ? pack(b, &text, why) : st;
}

enum vlt_status
store_backup_step(struct store_backup *backup, struct vlt_buf *why, bool *over)
{
    enum vlt_status st = step(backup, why, over);

    if (st != VLT_OK) {
        part_end(&backup->part); /* its space is free before anybody is told */
    }
    return st;
}

enum vlt_status
store_backup_finish(struct store_backup *backup, struct vlt_buf *why)
{
    enum vlt_status st = pack(backup, NULL, why);

    if (st == VLT_OK) {
        st = flush(backup, why);
    }
    if (st == VLT_OK) {
        st = part_commit(&backup->part, why);
    }
    if (st != VLT_OK && st != VLT_E_UNKNOWN) {
        part_end(&backup->part); /* as above */
    }
    return st;
}

uint64_t
store_backup_done(const struct store_backup *backup)
{
    return atomic_get(&backup->done);
}

uint64_t
store_backup_size(const struct store_backup *backup)
{
    return backup->size;
}

void
store_backup_cancel(struct store_backup *backup)
{
    lock_take(backup->lock);
    backup->cancelled = true;
    forget_keys(backup);
    lock_drop(backup->lock);
}

void
store_backup_free(struct store_backup *backup)
{
    if (backup == NULL) {
        return;
    }
    end_snapshot(backup);
    lock_free(backup->lock);
    vlt_buf_free(&backup->out);
    part_end(&backup->part);
    free(backup);
}
