#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/random.h"
#include "keys/erase.h"
#include "keys/files.h"
#include "keys/generation.h"
#include "store/bundle.h"
#include "store/make_dir.h"
#include "store/slot_draft.h"
#include "store/store_internal.h"

struct store_restore {
    struct make_dir made;
    struct store_bundle_about about;
    struct store *store;
};

/* A vault under way out of a backup. */
struct remaking {
    const struct store_bundle *bundle;
    const struct store_restore_wish *wish;
    struct vlt_buf *why;
    int dir;
    struct bundle_front front;
    struct vlt_secret *root_key;
    struct vlt_secret *erase;
    struct header header;
};

/* ---- the data ---- */

static enum vlt_status
check_page(struct remaking *r)
{
    long page = sysconf(_SC_PAGESIZE);

    return (long)r->front.manifest.page == page
               ? VLT_OK
               : store_say(VLT_E_FORMAT, r->why,
                           "the backup has pages of %u bytes, this machine of "
                           "%ld: restore it on a machine like its own",
                           r->front.manifest.page, page);
}

static enum vlt_status
unpack_data(struct remaking *r)
{
    int fd = openat(r->dir, "data.mdb",
                    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0) {
        return store_say(VLT_E_STORAGE, r->why, "cannot make data.mdb: %s",
                         strerror(errno));
    }
    enum vlt_status st = bundle_unpack(r->bundle, fd, r->why, &r->front);

    if (st == VLT_OK && fsync(fd) != 0) {
        st = store_say(VLT_E_STORAGE, r->why, "cannot sync data.mdb: %s",
                       strerror(errno));
    }
    (void)close(fd);
    return st == VLT_OK ? check_page(r) : st;
}

/* ---- the keys ---- */

static enum vlt_status
add_slot(struct remaking *r, const struct store_draft *draft, unsigned number)
{
    struct keyring_about about;
    struct vlt_secret *wrap = NULL;
    uint8_t kid[KEYRING_KID];
    enum vlt_status st =
        slot_draft_place(draft, number, r->root_key, &r->header);

    if (st == VLT_OK) {
        st = slot_draft_backup(draft, &about, &wrap);
    }
    if (st == VLT_E_NOT_FOUND) {
        return VLT_OK; /* a key file's */
    }
    if (st == VLT_OK && keyring_full(r->front.ring)) {
        st = keyring_grow(r->front.ring);
    }
    if (st == VLT_OK) {
        st = keyring_add(r->front.ring, &about, wrap, kid);
    }
    vlt_secret_free(wrap);
    return st;
}

/* The data keys are those of the backup; and what backups were wrapped under
 * then stays, so that the vault can verify them by itself. */
static enum vlt_status
make_keys(struct remaking *r)
{
    enum vlt_status st = vlt_secret_random(SLOT_KEY_LEN, &r->root_key);

    if (st == VLT_OK) {
        st = vlt_secret_random(ERASE_STRIPE, &r->erase);
    }
    memcpy(r->header.vault_id, r->bundle->header.vault_id, VLT_ID_LEN);
    memcpy(r->header.inbox_pk, r->bundle->header.inbox_pk,
           sizeof r->header.inbox_pk);
    vlt_random(r->header.instance_id, sizeof r->header.instance_id);
    for (unsigned i = 0;
         st == VLT_OK && i < STORE_RESTORE_SLOTS && r->wish->slot[i] != NULL;
         i++) {
        st = add_slot(r, r->wish->slot[i], i);
    }
    return st;
}

/* The keyring's file under a wrap key of its own.  The root of the data knows
 * N and g of then: these are the next. */
static enum vlt_status
seal_ring(struct remaking *r, const struct keyring_head *head,
          struct vlt_buf *out)
{
    struct vlt_secret *base = NULL;
    struct vlt_secret *wrap = NULL;
    enum vlt_status st = keyring_wrap_base(r->root_key, &base);

    if (st == VLT_OK) {
        st = keyring_wrap_key(base, r->erase, head->n, &wrap);
    }
    if (st == VLT_OK) {
        keyring_seal(r->front.ring, wrap, head, out);
        st = vlt_buf_status(out);
    }
    vlt_secret_free(base);
    vlt_secret_free(wrap);
    return st;
}

static enum vlt_status
write_keys(struct remaking *r)
{
    struct keyring_head head = { .n = r->front.manifest.keyring_n + 1,
                                 .g = r->front.manifest.keyring_g + 1 };
    struct generation next = { .n = head.n, .erase = r->erase };
    uint8_t header[HEADER_LEN];
    struct vlt_buf ring = { 0 };
    enum vlt_status st = header_encode(&r->header, r->root_key, header);

    if (st == VLT_OK) {
        st = seal_ring(r, &head, &ring);
    }
    if (st == VLT_OK) {
        next.header = vlt_slice_of(header, sizeof header);
        next.keyring = vlt_buf_slice(&ring);
        st = generation_write(r->dir, &next, r->why);
    }
    if (st == VLT_OK) {
        st = generation_switch(r->dir, next.n, r->why);
    }
    vlt_buf_free(&ring);
    return st;
}

/* ---- all of it ---- */

/* What the backup says must be what the data says. */
static enum vlt_status
check_root(const struct remaking *r, struct store *store)
{
    struct store_anchor now;

    store_anchor_now(store, &now);
    return now.commit == r->front.manifest.commit &&
                   now.audit_size == r->front.tree.size &&
                   memcmp(now.audit_head, r->front.tree.head,
                          sizeof now.audit_head) == 0
               ? VLT_OK
               : store_say(VLT_E_AUTH, r->why,
                           "the backup is whole, but its data is not what it "
                           "says it is");
}

static enum vlt_status
open_it(struct remaking *r, struct store_restore *restore)
{
    static const struct store_limits limits = { .making = true };
    enum vlt_status st;

    make_dir_yield(&restore->made);
    st = store_open(vlt_buf_text(&restore->made.name), &limits, r->why,
                    &restore->store);
    if (st == VLT_OK) {
        st = store_unlock(restore->store, r->root_key, r->why);
    }
    return st == VLT_OK ? check_root(r, restore->store) : st;
}

static void
take_about(const struct remaking *r, struct store_bundle_about *out)
{
    memcpy(out->id, r->front.manifest.id, sizeof out->id);
    out->time_ns = r->front.manifest.time_ns;
    out->commit = r->front.manifest.commit;
    out->audit_size = r->front.tree.size;
    memcpy(out->audit_head, r->front.tree.head, sizeof out->audit_head);
}

static enum vlt_status
fill(struct remaking *r, struct store_restore *restore)
{
    enum vlt_status st = unpack_data(r);

    if (st == VLT_OK) {
        st = make_keys(r);
    }
    if (st == VLT_OK) {
        st = write_keys(r);
    }
    if (st == VLT_OK) {
        st = files_sync_dir(r->dir, r->why);
    }
    if (st == VLT_OK) {
        st = open_it(r, restore);
    }
    if (st == VLT_E_NOMEM) {
        return store_say(st, r->why,
                         "not enough memory, or none that may be locked");
    }
    take_about(r, &restore->about);
    return st;
}

static void
drop(struct remaking *r)
{
    keyring_free(r->front.ring);
    vlt_secret_free(r->root_key);
    vlt_secret_free(r->erase);
}

enum vlt_status
store_restore_begin(struct store_bundle *bundle,
                    const struct store_restore_wish *wish, struct vlt_buf *why,
                    struct store_restore **out)
{
    struct remaking r = { .bundle = bundle, .wish = wish, .why = why };
    struct store_restore *restore = calloc(1, sizeof *restore);
    enum vlt_status st;

    if (restore == NULL) {
        return VLT_E_NOMEM;
    }
    st = make_dir_begin(wish->dir, why, &restore->made);
    if (st == VLT_OK) {
        r.dir = restore->made.fd;
        st = fill(&r, restore);
    }
    drop(&r);
    if (st != VLT_OK) {
        store_restore_end(restore);
        return st;
    }
    *out = restore;
    return VLT_OK;
}

struct store *
store_restore_store(struct store_restore *restore)
{
    return restore->store;
}

const struct store_bundle_about *
store_restore_about(const struct store_restore *restore)
{
    return &restore->about;
}

enum vlt_status
store_restore_commit(struct store_restore *restore, struct vlt_buf *why)
{
    enum vlt_status st = files_sync_dir(restore->made.fd, why);

    /* It is renamed while it is open, so that nobody else gets its lock. */
    if (st == VLT_OK) {
        st = make_dir_commit(&restore->made, why);
    }
    store_close(restore->store);
    restore->store = NULL;
    return st;
}

void
store_restore_end(struct store_restore *restore)
{
    if (restore != NULL) {
        store_close(restore->store);
        make_dir_end(&restore->made);
        free(restore);
    }
}

enum vlt_status
store_restore_clear(const char *dir, struct vlt_buf *why)
{
    struct make_dir made;
    enum vlt_status st = make_dir_begin(dir, why, &made);

    make_dir_end(&made);
    return st;
}
