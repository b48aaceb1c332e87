/* Another root key. */
#include <stdlib.h>
#include <string.h>

#include "crypto/kdf.h"
#include "crypto/sealbox.h"
#include "keys/erase.h"
#include "keys/generation.h"
#include "store/inbox.h"
#include "store/slot_draft.h"
#include "store/store_internal.h"

/* The keys that will be in force. */
struct rotation {
    struct store *store;
    struct store_draft *const *drafts;
    size_t count;
    struct vlt_secret *root_key;
    struct vlt_secret *erase;
    struct vlt_secret *anchor_key;
    /* The inbox's new pair, so that nothing opens what once came through it;
     * NULL: the old one stays, since something waits under it. */
    struct vlt_secret *inbox;
    uint8_t inbox_pk[VLT_BOX_PK];
    struct shelf_load load;
    struct header header;
    uint8_t header_bytes[HEADER_LEN];
    struct vlt_buf keyring; /* the file */
};

/* ---- the ring ---- */

/* Kids of the keys of backups, which go with the slots, and of the inbox. */
struct leaving {
    bool inbox;
    uint8_t *kids;
    size_t count;
    size_t room;
};

static bool
note_leaving(void *ctx, const uint8_t kid[KEYRING_KID],
             const struct keyring_about *about, bool live)
{
    struct leaving *leaving = ctx;
    bool goes = about->type == KEYRING_BACKUP ||
                (about->type == KEYRING_INBOX && leaving->inbox);

    (void)live;
    if (goes && leaving->count < leaving->room) {
        memcpy(leaving->kids + leaving->count * KEYRING_KID, kid, KEYRING_KID);
        leaving->count++;
    }
    return true;
}

/* The ring that is there, less those. */
static enum vlt_status
inherit(struct rotation *r)
{
    const struct keyring *ring = shelf_ring(r->store->shelf);
    struct leaving leaving = { .inbox = r->inbox != NULL,
                               .room = keyring_count(ring) };
    struct keyring_change change = { .dead = NULL };

    leaving.kids = calloc(leaving.room + 1, KEYRING_KID);
    if (leaving.kids == NULL) {
        return VLT_E_NOMEM;
    }
    keyring_each(ring, note_leaving, &leaving);
    change.dead = leaving.kids;
    change.dead_count = leaving.count;
    enum vlt_status st = keyring_heir(ring, &change, &r->load.ring);

    free(leaving.kids);
    return st;
}

static enum vlt_status
add_key(struct rotation *r, const struct keyring_about *about,
        const struct vlt_secret *secret)
{
    uint8_t kid[KEYRING_KID];
    enum vlt_status st =
        keyring_full(r->load.ring) ? keyring_grow(r->load.ring) : VLT_OK;

    return st == VLT_OK ? keyring_add(r->load.ring, about, secret, kid) : st;
}

static enum vlt_status
add_backup(struct rotation *r, const struct store_draft *draft)
{
    struct keyring_about about;
    struct vlt_secret *wrap = NULL;
    enum vlt_status st = slot_draft_backup(draft, &about, &wrap);

    if (st != VLT_OK) {
        return st == VLT_E_NOT_FOUND ? VLT_OK : st;
    }
    st = add_key(r, &about, wrap);
    vlt_secret_free(wrap);
    return st;
}

static enum vlt_status
make_ring(struct rotation *r)
{
    struct keyring_head head = shelf_head(r->store->shelf);
    enum vlt_status st = inherit(r);

    if (st == VLT_OK && r->inbox != NULL) {
        struct keyring_about about = { .type = KEYRING_INBOX };

        st = add_key(r, &about, r->inbox);
    }
    for (size_t i = 0; st == VLT_OK && i < r->count; i++) {
        st = add_backup(r, r->drafts[i]);
    }
    if (st != VLT_OK) {
        return st;
    }
    r->load.head = (struct keyring_head){ .n = head.n + 1, .g = head.g + 1 };
    keyring_seal(r->load.ring, r->load.wrap, &r->load.head, &r->keyring);
    return vlt_buf_status(&r->keyring);
}

/* ---- the keys and the header ---- */

static enum vlt_status
make_keys(struct rotation *r)
{
    uint64_t n = shelf_head(r->store->shelf).n + 1;
    enum vlt_status st = vlt_secret_random(SLOT_KEY_LEN, &r->root_key);

    if (st == VLT_OK) {
        st = vlt_secret_random(ERASE_STRIPE, &r->erase);
    }
    if (st == VLT_OK) {
        st = keyring_wrap_base(r->root_key, &r->load.base);
    }
    if (st == VLT_OK) {
        st = keyring_wrap_key(r->load.base, r->erase, n, &r->load.wrap);
    }
    if (st == VLT_OK) {
        st = vlt_kdf(vlt_key_of(r->root_key), "vd1-anch", &r->anchor_key);
    }
    if (st == VLT_OK && store_inbox_count(r->store) == 0) {
        st = vlt_box_pair(&r->inbox, r->inbox_pk);
    }
    return st;
}

static enum vlt_status
make_header(struct rotation *r)
{
    enum vlt_status st = VLT_OK;

    r->header = r->store->dir.header;
    memset(r->header.slot, 0, sizeof r->header.slot);
    if (r->inbox != NULL) {
        memcpy(r->header.inbox_pk, r->inbox_pk, sizeof r->header.inbox_pk);
    }
    for (unsigned i = 0; st == VLT_OK && i < r->count; i++) {
        st = slot_draft_place(r->drafts[i], i, r->root_key, &r->header);
    }
    return st == VLT_OK
               ? header_encode(&r->header, r->root_key, r->header_bytes)
               : st;
}

/* ---- putting them in force ---- */

/* Memory follows CURRENT. */
static void
take(struct rotation *r)
{
    struct store *store = r->store;
    struct vlt_secret *old = store->anchor_key;

    slots_take(store, &r->header, r->header_bytes);
    store->anchor_key = r->anchor_key;
    r->anchor_key = old;
}

static enum vlt_status
put_in_force(struct rotation *r, struct vlt_buf *why)
{
    struct store *store = r->store;
    struct generation next = {
        .n = r->load.head.n,
        .header = vlt_slice_of(r->header_bytes, HEADER_LEN),
        .erase = r->erase,
        .keyring = vlt_buf_slice(&r->keyring),
    };
    enum vlt_status st = anchor_write_ahead(store, r->anchor_key);

    if (st != VLT_OK) {
        return store_say(st, why, "the anchor cannot be written");
    }
    st = renew_switch(store, &next, &r->load, why);
    if (st != VLT_OK) {
        anchor_take_back(store);
        return st;
    }
    take(r);
    st = renew_destroy(store, next.n - 1, why);
    if (st != VLT_OK) {
        /* They are in force; the old ones, which open all, must go. */
        store->broken = true;
        st = VLT_E_UNKNOWN;
    }
    return st;
}

static enum vlt_status
check(const struct store *store, const struct vlt_secret *root_key,
      struct store_draft *const *drafts, size_t count)
{
    bool typed = false;

    if (store_locked(store)) {
        return VLT_E_LOCKED;
    }
    if (store->broken) {
        return VLT_E_STORAGE;
    }
    if (count > STORE_SLOTS) {
        return VLT_E_LIMIT;
    }
    for (size_t i = 0; i < count; i++) {
        typed = typed || drafts[i]->about.type != SLOT_CREDENTIAL;
    }
    if (count == 0 || (!typed && slots_typed(&store->dir.header))) {
        return VLT_E_CONFLICT;
    }
    return header_check(vlt_slice_of(store->dir.header_bytes, HEADER_LEN),
                        root_key);
}

static void
drop(struct rotation *r)
{
    vlt_secret_free(r->root_key);
    vlt_secret_free(r->erase);
    vlt_secret_free(r->anchor_key);
    vlt_secret_free(r->inbox);
    shelf_load_free(&r->load);
    vlt_buf_free(&r->keyring);
}

enum vlt_status
store_rotate(struct store *store, const struct vlt_secret *root_key,
             struct store_draft *const *drafts, size_t count,
             struct vlt_buf *why)
{
    struct rotation r = { .store = store, .drafts = drafts, .count = count };
    enum vlt_status st = check(store, root_key, drafts, count);

    if (st != VLT_OK) {
        return st;
    }
    st = make_keys(&r);
    if (st == VLT_OK) {
        st = make_ring(&r);
    }
    if (st == VLT_OK) {
        st = make_header(&r);
    }
    if (st == VLT_OK) {
        st = put_in_force(&r, why);
    }
    drop(&r);
    return st;
}
