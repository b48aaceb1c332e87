/* Which slot something opens. */
#include "store/slots.h"

#include "keys/words.h"
#include "store/store_internal.h"

/* The slots at one moment, while the commit thread may change them. */
struct opening {
    struct header header;
    const struct vlt_secret *secret;
    struct store_opened *out;
};

/* One slot with one secret: the KEK is made as the slot's type asks. */
static enum vlt_status
try_slot(struct opening *o, const struct slot_about *about,
         const struct vlt_secret *secret)
{
    struct vlt_secret *kek = NULL;
    uint8_t vault[SLOT_VAULT];
    enum vlt_status st = VLT_E_AUTH;

    switch (about->type) {
    case SLOT_EMPTY:
        return VLT_E_AUTH;
    case SLOT_PASSPHRASE:
        st = kek_of_passphrase(secret, about->salt, about->cost, &kek);
        break;
    case SLOT_RECOVERY:
        st = kek_of_words(secret, &kek);
        break;
    case SLOT_CREDENTIAL:
        st = kek_of_credential(secret, &kek);
        break;
    }
    if (st != VLT_OK) {
        return st;
    }
    header_vault(&o->header, vault);
    st = slot_open(vault, vlt_slice_of(o->header.slot[about->number], SLOT_LEN),
                   kek, &o->out->root_key);
    vlt_secret_free(kek);
    return st;
}

/* All slots of one type.  What is wrong with one does not hide the next. */
static enum vlt_status
try_slots(struct opening *o, enum slot_type type,
          const struct vlt_secret *secret)
{
    enum vlt_status st = VLT_E_AUTH;

    for (size_t i = 0; i < SLOT_COUNT; i++) {
        struct vlt_slice record = vlt_slice_of(o->header.slot[i], SLOT_LEN);
        struct slot_about about;

        if (slot_read(record, &about) != VLT_OK || about.type != type) {
            continue;
        }
        enum vlt_status one = try_slot(o, &about, secret);

        if (one == VLT_OK) {
            o->out->slot = slots_show(&about);
            return VLT_OK;
        }
        st = one != VLT_E_AUTH ? one : st;
    }
    return st;
}

/* 24 words, if that is what was typed. */
static enum vlt_status
try_words(struct opening *o)
{
    struct vlt_secret *entropy = NULL;
    enum vlt_status st = words_parse(o->secret, &entropy);

    if (st == VLT_OK) {
        st = try_slots(o, SLOT_RECOVERY, entropy);
    }
    vlt_secret_free(entropy);
    return st == VLT_E_FORMAT ? VLT_E_AUTH : st;
}

enum vlt_status
store_open_slot(const struct store *store, enum store_opener opener,
                const struct vlt_secret *secret, struct store_opened *out)
{
    struct store_opened opened = { .root_key = NULL };
    struct opening o = { .secret = secret, .out = &opened };
    enum vlt_status st;

    slots_copy(store, &o.header, &opened.version);
    if (opener == STORE_KEY_FILE) {
        st = try_slots(&o, SLOT_CREDENTIAL, secret);
    } else {
        st = try_words(&o);
        if (st == VLT_E_AUTH) {
            st = try_slots(&o, SLOT_PASSPHRASE, secret);
        }
    }
    if (st == VLT_OK) {
        *out = opened;
    }
    return st;
}

enum vlt_status
store_root_key(const struct store *store, enum store_opener opener,
               const struct vlt_secret *secret, struct vlt_secret **out)
{
    struct store_opened opened;
    enum vlt_status st = store_open_slot(store, opener, secret, &opened);

    if (st == VLT_OK) {
        *out = opened.root_key;
    }
    return st;
}
