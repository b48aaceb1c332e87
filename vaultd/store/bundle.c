#include "store/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/kdf.h"
#include "keys/words.h"
#include "store/store_internal.h"

/* As many bytes of the header as there are; below 0: errno says why. */
static ssize_t
read_bytes(int fd, uint8_t out[HEADER_LEN])
{
    ssize_t have = 0;

    while (have < HEADER_LEN) {
        ssize_t some =
            pread(fd, out + have, (size_t)(HEADER_LEN - have), (off_t)have);

        if (some < 0 && errno == EINTR) {
            continue;
        }
        if (some <= 0) {
            return some < 0 ? some : have;
        }
        have += some;
    }
    return have;
}

static enum vlt_status
read_header(struct store_bundle *bundle, const char *path, struct vlt_buf *why)
{
    struct vlt_slice bytes = vlt_slice_of(bundle->header_bytes, HEADER_LEN);
    ssize_t len = read_bytes(bundle->fd, bundle->header_bytes);

    if (len < 0) {
        return store_say(VLT_E_STORAGE, why, "cannot read %.1000s: %s", path,
                         strerror(errno));
    }
    if (len == HEADER_LEN &&
        header_decode_backup(bytes, &bundle->header) == VLT_OK) {
        return VLT_OK;
    }
    return store_say(VLT_E_FORMAT, why,
                     len == HEADER_LEN && header_newer(bytes)
                         ? "%.1000s is of a newer format than this program "
                           "knows"
                         : "%.1000s is no backup of a vault, or its beginning "
                           "is damaged",
                     path);
}

enum vlt_status
store_bundle_open(const char *path, struct vlt_buf *why,
                  struct store_bundle **out)
{
    struct store_bundle *bundle = calloc(1, sizeof *bundle);
    enum vlt_status st;

    if (bundle == NULL) {
        return VLT_E_NOMEM;
    }
    bundle->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (bundle->fd < 0) {
        st = store_say(errno == ENOENT ? VLT_E_NOT_FOUND : VLT_E_STORAGE, why,
                       "cannot open %.1000s: %s", path, strerror(errno));
    } else {
        st = read_header(bundle, path, why);
    }
    if (st != VLT_OK) {
        store_bundle_free(bundle);
        return st;
    }
    *out = bundle;
    return VLT_OK;
}

void
store_bundle_free(struct store_bundle *bundle)
{
    if (bundle != NULL) {
        vlt_secret_free(bundle->key);
        if (bundle->fd >= 0) {
            (void)close(bundle->fd);
        }
        free(bundle);
    }
}

const uint8_t *
store_bundle_vault(const struct store_bundle *bundle)
{
    return bundle->header.vault_id;
}

const struct vlt_secret *
store_bundle_key(const struct store_bundle *bundle)
{
    return bundle->key;
}

/* ---- its key ---- */

/* Keep a key, copied, if the header is of it. */
static enum vlt_status
keep_key(struct store_bundle *bundle, const struct vlt_secret *key)
{
    struct vlt_slice header = vlt_slice_of(bundle->header_bytes, HEADER_LEN);
    struct vlt_secret *copy = NULL;
    enum vlt_status st = VLT_E_AUTH;

    if (vlt_secret_len(key) == VLT_KEY_LEN) {
        st = header_check(header, key);
    }
    if (st == VLT_OK) {
        st = vlt_secret_copy(vlt_slice_of(vlt_secret_peek(key), VLT_KEY_LEN),
                             &copy);
    }
    if (st == VLT_OK) {
        vlt_secret_free(bundle->key);
        bundle->key = copy;
    }
    return st;
}

/* By the backup wrap key of a slot. */
static enum vlt_status
try_wrap(struct store_bundle *bundle, size_t slot,
         const struct vlt_secret *wrap)
{
    struct vlt_secret *key = NULL;
    uint8_t vault[SLOT_VAULT];
    enum vlt_status st;

    header_vault(&bundle->header, vault);
    st = slot_open(vault, vlt_slice_of(bundle->header.slot[slot], SLOT_LEN),
                   wrap, &key);
    if (st == VLT_OK) {
        st = keep_key(bundle, key);
    }
    vlt_secret_free(key);
    return st;
}

static enum vlt_status
kek_of(const struct slot_about *about, const struct vlt_secret *secret,
       struct vlt_secret **out)
{
    return about->type == SLOT_PASSPHRASE
               ? kek_of_passphrase(secret, about->salt, about->cost, out)
               : kek_of_words(secret, out);
}

/* All slots of one type.  What is wrong with one does not hide the next. */
static enum vlt_status
try_type(struct store_bundle *bundle, enum slot_type type,
         const struct vlt_secret *secret)
{
    enum vlt_status st = VLT_E_AUTH;

    for (size_t i = 0; i < SLOT_COUNT; i++) {
        struct vlt_secret *kek = NULL;
        struct vlt_secret *wrap = NULL;
        struct slot_about about;

        if (slot_read(vlt_slice_of(bundle->header.slot[i], SLOT_LEN), &about) !=
                VLT_OK ||
            about.type != type) {
            continue;
        }
        enum vlt_status one = kek_of(&about, secret, &kek);

        if (one == VLT_OK) {
            one = vlt_derive(vlt_key_of(kek), "vd1 slot backup", &wrap);
        }
        if (one == VLT_OK) {
            one = try_wrap(bundle, i, wrap);
        }
        vlt_secret_free(kek);
        vlt_secret_free(wrap);
        if (one == VLT_OK) {
            return VLT_OK;
        }
        st = one != VLT_E_AUTH ? one : st;
    }
    return st;
}

enum vlt_status
store_bundle_typed(struct store_bundle *bundle, const struct vlt_secret *typed,
                   bool *words)
{
    struct vlt_secret *entropy = NULL;
    enum vlt_status st = words_parse(typed, &entropy);
    bool are_words = st == VLT_OK;

    if (are_words) {
        st = try_type(bundle, SLOT_RECOVERY, entropy);
    }
    vlt_secret_free(entropy);
    if (st == VLT_E_FORMAT || st == VLT_E_AUTH) {
        are_words = false;
        st = try_type(bundle, SLOT_PASSPHRASE, typed);
    }
    if (st == VLT_OK && words != NULL) {
        *words = are_words;
    }
    return st;
}

bool
store_bundle_cost(const struct store_bundle *bundle, struct kek_cost *out)
{
    struct kek_cost cost = { .m_kib = 0 };

    for (size_t i = 0; i < SLOT_COUNT; i++) {
        struct slot_about slot;

        if (slot_read(vlt_slice_of(bundle->header.slot[i], SLOT_LEN), &slot) ==
                VLT_OK &&
            slot.cost.m_kib > cost.m_kib) {
            cost = slot.cost;
        }
    }
    if (cost.m_kib == 0) {
        return false;
    }
    *out = cost;
    return true;
}

enum vlt_status
store_bundle_own(struct store_bundle *bundle, struct store *store)
{
    enum vlt_status st = shelf_enter(store->shelf, false);

    if (st != VLT_OK) {
        return st;
    }
    st = VLT_E_AUTH;
    for (size_t i = 0; st == VLT_E_AUTH && i < SLOT_COUNT; i++) {
        struct keyring_about about = { .type = KEYRING_BACKUP };
        struct vlt_secret *wrap = NULL;
        struct slot_about slot;
        uint8_t kid[KEYRING_KID];
        struct vlt_key key;

        if (slot_read(vlt_slice_of(bundle->header.slot[i], SLOT_LEN), &slot) !=
                VLT_OK ||
            slot.type == SLOT_EMPTY) {
            continue;
        }
        memcpy(about.subject, slot.salt, sizeof about.subject);
        if (shelf_lookup(store->shelf, &about, kid, &key) != VLT_OK) {
            continue;
        }
        st = vlt_secret_copy(
            vlt_slice_of(vlt_secret_peek(key.in) + key.at, VLT_KEY_LEN), &wrap);
        if (st == VLT_OK) {
            st = try_wrap(bundle, i, wrap);
        }
        vlt_secret_free(wrap);
    }
    shelf_leave(store->shelf);
    return st;
}

enum vlt_status
store_bundle_take(struct store_bundle *bundle, const struct vlt_secret *key)
{
    return keep_key(bundle, key);
}
