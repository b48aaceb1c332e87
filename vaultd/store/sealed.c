#include "store/store_internal.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/writer.h"
#include "store/sethash.h"
#include "util/log.h"

enum vlt_status
store_say(enum vlt_status st, struct vlt_buf *why, const char *format, ...)
{
    char sentence[512];
    va_list args;

    if (why != NULL) {
        va_start(args, format);
        (void)vsnprintf(sentence, sizeof sentence, format, args);
        va_end(args);
        vlt_buf_put_text(why, sentence);
    }
    return st;
}

enum vlt_status
txn_fail(struct store_txn *txn, enum vlt_status st)
{
    txn->failed = true;
    return st;
}

/* May records of this type lie under keys of that one? */
static bool
kinds_match(enum seal_type record, enum keyring_type key)
{
    switch (record) {
    case SEAL_TAIL:
    case SEAL_CHUNK:
    case SEAL_HEAD:
    case SEAL_ROLL:
    case SEAL_LANE:
        return key == KEYRING_LANE;
    case SEAL_META:
    case SEAL_AUDIT:
        return key == KEYRING_VAULT || key == KEYRING_FIRM;
    case SEAL_ROOT:
    case SEAL_DEDUP:
    case SEAL_IDEM:
        return key == KEYRING_VAULT;
    }
    return false;
}

static void
take_lane(struct seal_place *place, const struct keyring_about *about)
{
    if (about->type == KEYRING_LANE) {
        memcpy(place->subject, about->subject, sizeof place->subject);
        place->epoch = about->epoch;
    }
}

enum vlt_status
sealed_open(const struct store_view *view, struct seal_place place,
            struct vlt_slice sealed, struct vlt_buf *out,
            struct keyring_about *about)
{
    struct seal_with with = {
        .kid = seal_kid(sealed),
        .vault_id = view->store->dir.header.vault_id,
    };
    struct keyring_about found;

    if (with.kid == NULL) {
        return VLT_E_AUTH;
    }
    enum vlt_status st =
        shelf_find(view->store->shelf, with.kid, &found, &with.key);

    if (st != VLT_OK) {
        return st;
    }
    if (!kinds_match(place.type, found.type)) {
        return VLT_E_AUTH;
    }
    take_lane(&place, &found);
    st = seal_open(with, &place, sealed, out);
    if (st == VLT_OK && about != NULL) {
        *about = found;
    }
    return st;
}

enum vlt_status
sealed_open_versioned(const struct store_view *view, struct seal_place place,
                      struct vlt_slice value, struct vlt_buf *out)
{
    if (value.len < VERSION_LEN) {
        return VLT_E_AUTH;
    }
    place.version = vlt_load_u64(value.at);
    return sealed_open(
        view, place,
        vlt_slice_of(value.at + VERSION_LEN, value.len - VERSION_LEN), out,
        NULL);
}

enum vlt_status
sealed_status(enum vlt_status st, enum env_db db)
{
    if (st == VLT_E_DENIED) {
        return VLT_E_BUSY; /* its key went meanwhile: begin another view */
    }
    if (st != VLT_E_AUTH && st != VLT_E_NOT_FOUND) {
        return st;
    }
    log_error("store", "a record of \"%s\" does not open: run check",
              env_db_name(db));
    return VLT_E_STORAGE;
}

void
sealed_unpad(struct vlt_buf *buf, size_t begin)
{
    while (buf->len > begin && buf->at[buf->len - 1] == 0) {
        buf->len--;
    }
}

static size_t
padded_len(enum seal_type type, size_t len)
{
    bool piece = type == SEAL_CHUNK || type == SEAL_HEAD || type == SEAL_ROLL;

    return piece ? seal_padded_piece(len) : seal_padded(len);
}

/* The draft's text with zeros behind it, in the transaction's scratch. */
static enum vlt_status
pad(struct store_txn *txn, const struct sealed_draft *draft,
    struct vlt_slice *out)
{
    struct vlt_slice plain = draft->plain;
    size_t padded = padded_len(draft->place.type, plain.len);

    vlt_buf_clear(&txn->scratch);
    uint8_t *at = vlt_buf_extend(&txn->scratch, padded);

    if (at == NULL) {
        return vlt_buf_status(&txn->scratch);
    }
    memcpy(at, plain.at, plain.len);
    memset(at + plain.len, 0, padded - plain.len);
    *out = vlt_slice_of(at, padded);
    return VLT_OK;
}

/* The key of a draft.  False: there is none, or one of another kind. */
static bool
find_key(const struct store *store, const struct sealed_draft *draft,
         struct vlt_key *out)
{
    struct keyring_about about;

    if (draft->with != NULL) {
        *out = *draft->with;
        return true;
    }
    return shelf_find(store->shelf, draft->kid, &about, out) == VLT_OK &&
           kinds_match(draft->place.type, about.type);
}

enum vlt_status
sealed_put(struct store_txn *txn, const struct sealed_draft *draft)
{
    struct store *store = txn->view.store;
    struct seal_with with = {
        .kid = draft->kid,
        .vault_id = store->dir.header.vault_id,
    };
    struct vlt_slice plain;
    enum vlt_status st;

    if (txn->failed) {
        return VLT_E_STORAGE;
    }
    if (!find_key(store, draft, &with.key)) {
        return VLT_E_NOT_FOUND;
    }
    st = pad(txn, draft, &plain);
    if (st != VLT_OK) {
        return st;
    }
    MDB_val k = env_val(draft->key);
    MDB_val v = { .mv_size = draft->prefix.len + plain.len + SEAL_MORE };
    int code = mdb_put(txn->view.mdb, store->env.dbi[draft->db], &k, &v,
                       draft->flags | MDB_RESERVE);

    st = env_status(code, "put a record");
    if (st == VLT_OK) {
        uint8_t *at = v.mv_data;

        if (draft->prefix.len > 0) {
            memcpy(at, draft->prefix.at, draft->prefix.len);
        }
        seal_make(with, &draft->place, plain, at + draft->prefix.len);
        txn->put.records++;
        txn->put.bytes += v.mv_size;
        changes_note(store->changes, draft->db, draft->key, v.mv_size);
    } else if (st != VLT_E_CONFLICT) {
        st = txn_fail(txn, VLT_E_STORAGE);
    }
    vlt_wipe(txn->scratch.at, txn->scratch.len);
    return st;
}

/* Take the record that is there out of the set hash.  VLT_E_NOT_FOUND. */
static enum vlt_status
leave_set(struct store_txn *txn, enum env_db db, enum seal_type type,
          struct vlt_slice key)
{
    struct vlt_slice value;
    enum vlt_status st = view_get(&txn->view, db, key, &value);

    if (st != VLT_OK) {
        return st;
    }
    if (value.len < VERSION_LEN) {
        return sealed_status(VLT_E_AUTH, db);
    }
    sethash_toggle(txn->root.set_hash, shelf_set_key(txn->view.store->shelf),
                   type, key, vlt_load_u64(value.at));
    return VLT_OK;
}

enum vlt_status
sealed_put_versioned(struct store_txn *txn, struct sealed_draft *draft)
{
    uint8_t version[VERSION_LEN];
    uint8_t before[ROOT_HASH];
    enum vlt_status st;

    if (txn->failed) {
        return VLT_E_STORAGE;
    }
    memcpy(before, txn->root.set_hash, sizeof before);
    st = leave_set(txn, draft->db, draft->place.type, draft->key);
    if (st != VLT_OK && st != VLT_E_NOT_FOUND) {
        return st;
    }
    vlt_store_u64(version, txn->root.commit);
    draft->prefix = vlt_slice_of(version, sizeof version);
    draft->place.version = txn->root.commit;
    st = sealed_put(txn, draft);
    draft->prefix = vlt_slice_of(NULL, 0);
    if (st != VLT_OK) {
        memcpy(txn->root.set_hash, before, sizeof before);
        return st;
    }
    sethash_toggle(txn->root.set_hash, shelf_set_key(txn->view.store->shelf),
                   draft->place.type, draft->key, txn->root.commit);
    return VLT_OK;
}

enum vlt_status
sealed_delete(struct store_txn *txn, enum env_db db, enum seal_type type,
              struct vlt_slice key)
{
    MDB_val k = env_val(key);
    enum vlt_status st;

    if (txn->failed) {
        return VLT_E_STORAGE;
    }
    st = leave_set(txn, db, type, key);
    if (st != VLT_OK) {
        return st;
    }
    int code = mdb_del(txn->view.mdb, txn->view.store->env.dbi[db], &k, NULL);

    st = env_status(code, "delete a record");
    txn->put.records++;
    changes_note(txn->view.store->changes, db, key, 0);
    return st == VLT_OK ? VLT_OK : txn_fail(txn, VLT_E_STORAGE);
}

enum vlt_status
txn_put_raw(struct store_txn *txn, enum env_db db, struct vlt_slice key,
            struct vlt_slice value, unsigned flags)
{
    MDB_val k = env_val(key);
    MDB_val v = env_val(value);

    if (txn->failed) {
        return VLT_E_STORAGE;
    }
    int code =
        mdb_put(txn->view.mdb, txn->view.store->env.dbi[db], &k, &v, flags);

    if (env_status(code, "put a record") != VLT_OK) {
        return txn_fail(txn, VLT_E_STORAGE);
    }
    txn->put.records++;
    txn->put.bytes += value.len;
    changes_note(txn->view.store->changes, db, key, value.len);
    return VLT_OK;
}

enum vlt_status
txn_delete_raw(struct store_txn *txn, enum env_db db, struct vlt_slice key)
{
    MDB_val k = env_val(key);

    if (txn->failed) {
        return VLT_E_STORAGE;
    }
    int code = mdb_del(txn->view.mdb, txn->view.store->env.dbi[db], &k, NULL);
    enum vlt_status st = env_status(code, "delete a record");

    if (st == VLT_OK) {
        txn->put.records++;
        changes_note(txn->view.store->changes, db, key, 0);
    } else if (st != VLT_E_NOT_FOUND) {
        st = txn_fail(txn, VLT_E_STORAGE);
    }
    return st;
}

enum vlt_status
sealed_vault_kid(struct store *store, uint8_t kid[STORE_KID_LEN])
{
    struct keyring_about about = { .type = KEYRING_VAULT };
    struct vlt_key key;

    return shelf_lookup(store->shelf, &about, kid, &key);
}
