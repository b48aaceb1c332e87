#include "store/slots.h"

#include <string.h>

#include "keys/files.h"
#include "store/slot_draft.h"
#include "store/store_internal.h"

/* ---- what there is ---- */

const char *
store_slot_word(enum store_slot_type type)
{
    switch (type) {
    case STORE_SLOT_PASSPHRASE:
        return "passphrase";
    case STORE_SLOT_WORDS:
        return "recovery";
    case STORE_SLOT_KEY_FILE:
        break;
    }
    return "credential";
}

struct store_slot
slots_show(const struct slot_about *about)
{
    return (struct store_slot){ .number = about->number,
                                .type = (enum store_slot_type)about->type,
                                .t = about->cost.t,
                                .m_kib = about->cost.m_kib };
}

void
slots_copy(const struct store *store, struct header *out, uint64_t *version)
{
    lock_take(store->slots_lock);
    *out = store->dir.header;
    *version = store->slots_version;
    lock_drop(store->slots_lock);
}

/* The ids stay as they are: others look at them without the lock. */
void
slots_take(struct store *store, const struct header *header,
           const uint8_t bytes[HEADER_LEN])
{
    lock_take(store->slots_lock);
    memcpy(store->dir.header.slot, header->slot, sizeof header->slot);
    memcpy(store->dir.header.inbox_pk, header->inbox_pk,
           sizeof header->inbox_pk);
    memcpy(store->dir.header_bytes, bytes, HEADER_LEN);
    store->slots_version++;
    lock_drop(store->slots_lock);
}

/* What slot i says; false: it is empty. */
static bool
slot_at(const struct header *header, size_t i, struct slot_about *out)
{
    struct vlt_slice record = vlt_slice_of(header->slot[i], SLOT_LEN);

    return slot_read(record, out) == VLT_OK && out->type != SLOT_EMPTY;
}

size_t
store_slots(const struct store *store, struct store_slot out[STORE_SLOTS])
{
    struct header header;
    struct slot_about about;
    uint64_t version;
    size_t count = 0;

    slots_copy(store, &header, &version);
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        if (slot_at(&header, i, &about)) {
            out[count++] = slots_show(&about);
        }
    }
    return count;
}

uint64_t
store_slots_version(const struct store *store)
{
    struct header header;
    uint64_t version;

    slots_copy(store, &header, &version);
    return version;
}

enum vlt_status
slots_fresh(const struct header *header, const struct keyring *ring,
            struct vlt_buf *why)
{
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        struct slot_about about;
        uint8_t kid[KEYRING_KID];

        if (!slot_at(header, i, &about) || about.type == SLOT_CREDENTIAL) {
            continue;
        }
        struct keyring_about backup = slot_backup_of(&about);

        if (keyring_lookup(ring, &backup, kid, NULL) != VLT_OK) {
            return store_say(VLT_E_AUTH, why,
                             "the header was put back from an earlier copy: "
                             "slot %zu in it was removed since",
                             i);
        }
    }
    return VLT_OK;
}

/* ---- planning ---- */

/* Is there another slot beside slot `but`: any, or one that a person can
 * type? */
static bool
one_is_left(const struct header *header, size_t but, bool typed)
{
    struct slot_about about;

    for (size_t i = 0; i < SLOT_COUNT; i++) {
        if (i != but && slot_at(header, i, &about) &&
            (!typed || about.type != SLOT_CREDENTIAL)) {
            return true;
        }
    }
    return false;
}

bool
slots_typed(const struct header *header)
{
    return one_is_left(header, SLOT_COUNT, true);
}

static enum vlt_status
plan_removal(const struct header *header,
             const struct store_slot_change *change, struct vlt_buf *why)
{
    const struct store_draft *add = change->add;
    struct slot_about about;

    if (change->number >= SLOT_COUNT ||
        !slot_at(header, change->number, &about)) {
        return store_say(VLT_E_NOT_FOUND, why, "there is no slot %u",
                         change->number);
    }
    bool typed = about.type != SLOT_CREDENTIAL;

    if ((add != NULL && (add->about.type != SLOT_CREDENTIAL || !typed)) ||
        one_is_left(header, change->number, typed)) {
        return VLT_OK;
    }
    return store_say(VLT_E_CONFLICT, why,
                     "slot %u is the last %s: without one nothing could be "
                     "changed any more; add another first",
                     change->number,
                     typed ? "that can be typed" : "that there is");
}

enum vlt_status
store_slot_plan(const struct store *store, struct store_slot_change *change,
                struct vlt_buf *why)
{
    struct slot_about about;
    struct header header;
    uint64_t version;

    slots_copy(store, &header, &version);
    if (change->removes) {
        return plan_removal(&header, change, why);
    }
    for (unsigned i = 0; i < SLOT_COUNT; i++) {
        if (!slot_at(&header, i, &about)) {
            change->number = i;
            return VLT_OK;
        }
    }
    return store_say(VLT_E_LIMIT, why,
                     "all %d slots are taken; remove one, or replace it",
                     SLOT_COUNT);
}

/* ---- doing ---- */

enum vlt_status
store_slot_prepare(struct store_txn *txn,
                   const struct store_slot_change *change)
{
    struct keyring_about about;
    struct vlt_secret *wrap = NULL;
    enum vlt_status st = VLT_E_NOT_FOUND;

    if (change->add != NULL) {
        st = slot_draft_backup(change->add, &about, &wrap);
    }
    if (st == VLT_OK) {
        st = shelf_put(txn->view.store->shelf, &about, wrap);
    }
    vlt_secret_free(wrap);
    return st == VLT_E_NOT_FOUND ? VLT_OK : st;
}

/* The header as it will be. */
static enum vlt_status
draw(const struct store *store, const struct vlt_secret *root_key,
     const struct store_slot_change *change, struct header *header,
     uint8_t bytes[HEADER_LEN])
{
    struct vlt_slice now = vlt_slice_of(store->dir.header_bytes, HEADER_LEN);
    enum vlt_status st = header_check(now, root_key);

    if (st != VLT_OK) {
        return st;
    }
    *header = store->dir.header;
    memset(header->slot[change->number], 0, SLOT_LEN);
    if (change->add != NULL) {
        st = slot_draft_place(change->add, change->number, root_key, header);
    }
    return st == VLT_OK ? header_encode(header, root_key, bytes) : st;
}

/* The backup key of what is gone, or did not come.  Where the disk refuses, it
 * goes with the next commit: it opens nothing by itself. */
static enum vlt_status
drop_backup(struct store *store, const struct slot_about *gone)
{
    struct keyring_about about = slot_backup_of(gone);
    enum vlt_status st = shelf_drop(store->shelf, &about);

    if (st == VLT_OK) {
        st = shelf_save(store->shelf, store->dir.fd);
    }
    return st == VLT_E_UNKNOWN ? st : VLT_OK;
}

enum vlt_status
store_slot_apply(struct store *store, const struct vlt_secret *root_key,
                 const struct store_slot_change *change, struct vlt_buf *why)
{
    char name[FILES_NAME_MAX];
    uint8_t bytes[HEADER_LEN];
    struct header header;
    struct slot_about gone;
    bool goes = slot_at(&store->dir.header, change->number, &gone);
    enum vlt_status st = draw(store, root_key, change, &header, bytes);

    if (st == VLT_OK) {
        st = files_swap(store->dir.fd, files_name("header", store->dir.n, name),
                        vlt_slice_of(bytes, sizeof bytes), why);
    }
    if (st == VLT_OK) {
        slots_take(store, &header, bytes);
    }
    if (st == VLT_OK && goes) {
        st = drop_backup(store, &gone);
    } else if (st != VLT_OK && st != VLT_E_UNKNOWN && change->add != NULL &&
               drop_backup(store, &change->add->about) != VLT_OK) {
        st = VLT_E_UNKNOWN;
    }
    store->broken = store->broken || st == VLT_E_UNKNOWN;
    return st;
}
