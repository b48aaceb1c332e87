#include "identity/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "crypto/hash.h"
#include "identity/record_internal.h"
#include "identity/roster_internal.h"
#include "store/record.h"
#include "util/log.h"

enum vlt_status
identity_new(struct store *store, struct identity **out)
{
    struct identity *identity = calloc(1, sizeof *identity);

    if (identity == NULL) {
        return VLT_E_NOMEM;
    }
    identity->store = store;
    identity->nobody = roster_new();
    identity->published = roster_new();
    if (lock_new(&identity->lock) != VLT_OK || identity->nobody == NULL ||
        identity->published == NULL) {
        identity_free(identity);
        return VLT_E_NOMEM;
    }
    *out = identity;
    return VLT_OK;
}

void
identity_free(struct identity *identity)
{
    if (identity == NULL) {
        return;
    }
    roster_release(identity->turn);
    roster_release(identity->published);
    roster_release(identity->nobody);
    identity_drop_kept(identity);
    vlt_signer_free(identity->vault);
    vlt_secret_free(identity->receipt_key);
    lock_free(identity->lock);
    free(identity);
}

struct roster *
identity_published(struct identity *identity)
{
    lock_take(identity->lock);
    struct roster *roster = roster_hold(identity->published);
    lock_drop(identity->lock);
    return roster;
}

struct roster *
identity_turn(struct identity *identity)
{
    if (identity->turn == NULL) {
        /* Only this thread swaps `published`, so it needs no lock to read. */
        identity->turn = roster_copy(identity->published);
    }
    return identity->turn;
}

const struct roster *
identity_now(const struct identity *identity)
{
    return identity->turn != NULL ? identity->turn : identity->published;
}

/* Swap what is found; the old one goes when its last reader does. */
static void
publish(struct identity *identity, struct roster *roster)
{
    lock_take(identity->lock);
    struct roster *old = identity->published;
    identity->published = roster;
    lock_drop(identity->lock);
    roster_release(old);
}

void
identity_turn_end(struct identity *identity, bool committed)
{
    struct roster *turn = identity->turn;

    identity->turn = NULL;
    if (turn == NULL) {
        return;
    }
    if (committed) {
        publish(identity, turn);
    } else {
        roster_release(turn);
    }
}

/* What a walk over records fills. */
struct loading {
    struct roster *roster;
    enum vlt_status st;
};

static bool
load_firm(void *ctx, const uint8_t id[VLT_ID_LEN], struct vlt_slice json)
{
    struct loading *loading = ctx;
    const struct firm *firm = NULL;

    loading->st = record_get_firm(id, json, &firm);
    if (loading->st == VLT_OK) {
        loading->st = roster_put_firm(loading->roster, firm);
    }
    return loading->st == VLT_OK;
}

static bool
load_source(void *ctx, const uint8_t id[VLT_ID_LEN], struct vlt_slice json)
{
    struct loading *loading = ctx;
    const struct source *source = NULL;

    loading->st = record_get_source(id, json, &source);
    if (loading->st == VLT_OK) {
        loading->st = roster_put_source(loading->roster, source);
    }
    return loading->st == VLT_OK;
}

static bool
load_invitation(void *ctx, const uint8_t id[VLT_ID_LEN], struct vlt_slice json)
{
    struct loading *loading = ctx;
    struct roster *roster = loading->roster;

    if (roster->invitations == IDENTITY_INVITATIONS_MAX) {
        loading->st = VLT_E_LIMIT;
        return false;
    }
    loading->st = record_get_invitation(
        id, json, &roster->invitation[roster->invitations], NULL);
    if (loading->st == VLT_OK) {
        roster->invitations++;
    }
    return loading->st == VLT_OK;
}

static enum vlt_status
load_all(struct roster *roster, const struct store_view *view)
{
    static const struct {
        enum store_meta type;
        store_meta_fn *fn;
    } walks[] = {
        { STORE_META_FIRM, load_firm },
        { STORE_META_SOURCE, load_source },
        { STORE_META_INVITATION, load_invitation },
    };
    struct loading loading = { .roster = roster, .st = VLT_OK };

    for (size_t i = 0; i < sizeof walks / sizeof walks[0]; i++) {
        enum vlt_status st =
            store_meta_each(view, walks[i].type, walks[i].fn, &loading);

        if (st != VLT_OK || loading.st != VLT_OK) {
            log_error("identity", "records of type %d: %s", walks[i].type,
                      vlt_status_word(st != VLT_OK ? st : loading.st));
            return st != VLT_OK ? st : VLT_E_STORAGE;
        }
    }
    return VLT_OK;
}

static void
drop_keys(struct identity *identity)
{
    identity_drop_kept(identity);
    vlt_signer_free(identity->vault);
    vlt_secret_free(identity->receipt_key);
    identity->vault = NULL;
    identity->receipt_key = NULL;
}

static enum vlt_status
load_keys(struct identity *identity)
{
    struct vlt_secret *seed = NULL;
    struct vlt_secret *receipt_key = NULL;
    struct vlt_signer *vault = NULL;
    enum vlt_status st = store_identity_seed(identity->store, &seed);

    if (st != VLT_OK) {
        return st;
    }
    st = vlt_signer_new(vlt_key_of(seed), &vault);
    vlt_secret_free(seed);
    if (st != VLT_OK) {
        return st;
    }
    st = store_subkey(identity->store, STORE_RECEIPT_KEY, &receipt_key);
    if (st != VLT_OK) {
        vlt_signer_free(vault);
        return st;
    }
    drop_keys(identity); /* of an earlier unlock */
    identity->vault = vault;
    identity->receipt_key = receipt_key;
    return VLT_OK;
}

enum vlt_status
identity_load(struct identity *identity, const struct store_view *view)
{
    struct roster *roster = roster_new();
    enum vlt_status st;

    if (roster == NULL) {
        return VLT_E_NOMEM;
    }
    st = load_all(roster, view);
    if (st == VLT_OK) {
        st = load_keys(identity);
    }
    if (st != VLT_OK) {
        roster_release(roster);
        return st;
    }
    publish(identity, roster);
    return VLT_OK;
}

void
identity_clear(struct identity *identity)
{
    identity_turn_end(identity, false);
    publish(identity, roster_hold(identity->nobody)); /* needs no memory */
    drop_keys(identity);
}

const struct vlt_signer *
identity_vault_signer(const struct identity *identity)
{
    return identity->vault;
}

enum vlt_status
identity_receipt_signer(const struct identity *identity, const uint8_t *id,
                        uint32_t n, struct vlt_signer **out)
{
    static const uint8_t master[VLT_ID_LEN];
    struct vlt_secret *seed = NULL;
    uint8_t count[4];
    enum vlt_status st;

    if (identity->receipt_key == NULL) {
        return VLT_E_LOCKED;
    }
    st = vlt_secret_new(VLT_SIGN_SEED, &seed);
    if (st != VLT_OK) {
        return st;
    }
    vlt_store_u32(count, n);

    struct vlt_slice parts[] = {
        vlt_slice_text("vd1 receipt key"),
        vlt_slice_of(id != NULL ? id : master, VLT_ID_LEN),
        vlt_slice_of(count, sizeof count),
    };

    vlt_hash_keyed(vlt_key_of(identity->receipt_key), parts, 3,
                   vlt_secret_bytes(seed));
    st = vlt_signer_new(vlt_key_of(seed), out);
    vlt_secret_free(seed);
    return st;
}

bool
identity_name_valid(const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > IDENTITY_NAME_MAX || strcmp(name, "anyone") == 0) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        char c = name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        if (!letter && (i == 0 || (c != '.' && c != '-'))) {
            return false;
        }
    }
    return true;
}
