#include "store/store_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "store/compact_internal.h"
#include "store/room.h"
#include "store/seeds.h"
#include "util/log.h"

enum vlt_status
store_txn_reserve(struct store_txn *txn, uint64_t bytes)
{
    return room_more(txn->view.store, bytes);
}

/* The root of the last commit becomes that of this one. */
static enum vlt_status
begin_root(struct store_txn *txn, int64_t now_ns)
{
    struct store_view view = txn->view;
    enum vlt_status st = view_root(&view, &txn->root);

    if (st != VLT_OK) {
        return st;
    }
    txn->root.commit++;
    if (now_ns > txn->root.highest_ns) {
        txn->root.highest_ns = now_ns;
    }
    txn->view.root = &txn->root;
    txn->begun = txn->root;
    return VLT_OK;
}

static void
free_txn(struct store_txn *txn)
{
    vlt_buf_free(&txn->scratch);
    idem_change_free(&txn->idems);
    free(txn);
}

enum vlt_status
store_txn_begin(struct store *store, struct store_turn turn,
                struct store_txn **out)
{
    struct store_txn *txn;
    enum store_stop stop;
    enum vlt_status st;

    if (store_locked(store) != turn.keyless) {
        return turn.keyless ? VLT_E_CONFLICT : VLT_E_LOCKED;
    }
    if (store->broken) {
        return VLT_E_STORAGE;
    }
    st = room_begin(store, &turn, &stop);
    if (st != VLT_OK) {
        return st;
    }
    txn = calloc(1, sizeof *txn);
    if (txn == NULL && !seed_planted(SEED_UNCHECKED_MALLOC)) {
        return VLT_E_NOMEM;
    }
    txn->view.store = store;
    txn->stop = stop;
    txn->keyless = turn.keyless;
    st = env_status(mdb_txn_begin(store->env.mdb, NULL, 0, &txn->view.mdb),
                    "begin");
    if (st != VLT_OK) {
        free_txn(txn);
        return st;
    }
    st = txn->keyless ? VLT_OK : begin_root(txn, turn.now_ns);
    if (st != VLT_OK) {
        store_txn_abort(txn);
        return st;
    }
    *out = txn;
    return VLT_OK;
}

void
store_txn_abort(struct store_txn *txn)
{
    if (txn != NULL) {
        mdb_txn_abort(txn->view.mdb);
        changes_end(txn->view.store->changes, false);
        free_txn(txn);
    }
}

enum vlt_status
txn_put_root(struct store_txn *txn)
{
    uint8_t plain[ROOT_LEN];
    uint8_t version[VERSION_LEN];
    uint8_t kid[STORE_KID_LEN];
    struct sealed_draft draft = {
        .db = ENV_MAIN,
        .key = vlt_slice_text("!root"),
        .place = { .type = SEAL_ROOT, .version = txn->root.commit },
        .kid = kid,
        .prefix = vlt_slice_of(version, sizeof version),
        .plain = vlt_slice_of(plain, sizeof plain),
    };
    enum vlt_status st = sealed_vault_kid(txn->view.store, kid);

    if (st != VLT_OK) {
        return st;
    }
    root_encode(&txn->root, plain);
    vlt_store_u64(version, txn->root.commit);
    return sealed_put(txn, &draft);
}

/* New keys onto the disk, on the ballast's blocks if need be. */
static enum vlt_status
save_keys(struct store *store)
{
    enum vlt_status st = shelf_save(store->shelf, store->dir.fd);

    if (st == VLT_E_STORAGE && room_give(store)) {
        st = shelf_save(store->shelf, store->dir.fd);
    }
    return st;
}

/* Is there nothing in it that would be missed?  Its number and its time alone
 * would not. */
static bool
is_empty(const struct store_txn *txn)
{
    return txn->put.records == 0 &&
           memcmp(&txn->root, &txn->begun, sizeof txn->root) == 0;
}

/*
 * What is under a new key must not be committed before the key is durable: a
 * key without records is harmless, a record without its key is lost.
 */
static enum vlt_status
prepare(struct store_txn *txn, bool *empty)
{
    struct store *store = txn->view.store;
    enum vlt_status st = VLT_OK;

    if (txn->failed || txn->keyless) {
        return txn->failed ? VLT_E_STORAGE : VLT_OK;
    }
    if (!seed_planted(SEED_KEY_AFTER_RECORD)) {
        st = save_keys(store);
    }
    if (st == VLT_OK) {
        st = seed_wrap_keys(txn);
    }
    if (st != VLT_OK) {
        return st;
    }
    struct keyring_head head = shelf_head(store->shelf);

    txn->root.keyring_n = head.n;
    txn->root.keyring_g = head.g;
    *empty = is_empty(txn);
    return *empty ? VLT_OK : txn_put_root(txn);
}

/* Codes after which the transaction is known to be undone. */
static enum vlt_status
commit_status(struct store *store, int code)
{
    if (code == 0 || (code == EIO && seed_planted(SEED_SYNC_ERROR_IGNORED)) ||
        (code == ENOSPC && seed_planted(SEED_ENOSPC_ACKED))) {
        return VLT_OK;
    }
    log_error("store", "commit: %s", mdb_strerror(code));
    if (code == MDB_MAP_FULL || code == MDB_BAD_TXN) {
        return VLT_E_STORAGE;
    }
    store->broken = true;
    return VLT_E_UNKNOWN;
}

enum vlt_status
store_txn_commit(struct store_txn *txn)
{
    struct store *store = txn->view.store;
    bool empty = false;
    enum vlt_status st = prepare(txn, &empty);

    if (st == VLT_OK && empty) {
        store_txn_abort(txn); /* nothing to wait two syncs for */
        return VLT_OK;
    }
    if (st != VLT_OK) {
        store->broken = store->broken || st == VLT_E_UNKNOWN;
        store_txn_abort(txn);
        return st == VLT_E_UNKNOWN ? st : VLT_E_STORAGE;
    }
    if (seed_planted(SEED_ANCHOR_BEFORE_COMMIT) && !txn->keyless) {
        anchor_of(&txn->root, &store->last);
        st = store_anchor_write(store); /* if there is one */
    }
    st = commit_status(store, mdb_txn_commit(txn->view.mdb));
    changes_end(store->changes, st == VLT_OK);
    if (store->changes != NULL && store->changes->lost != VLT_OK) {
        /* Its copy cannot follow. */
        compact_give_way(store->compaction, store->changes->lost);
    }
    if (st == VLT_OK) {
        inbox_committed(store, &txn->inbox);
    }
    if (st == VLT_OK && !txn->keyless) {
        idem_change_apply(&store->idems, &txn->idems);
        anchor_of(&txn->root, &store->last);
        if (seed_planted(SEED_KEY_AFTER_RECORD)) {
            st = shelf_save(store->shelf, store->dir.fd);
        }
    }
    free_txn(txn);
    return st;
}

enum store_stop
store_txn_stop(const struct store_txn *txn)
{
    return txn->stop;
}

int64_t
store_txn_now(const struct store_txn *txn)
{
    return txn->root.highest_ns;
}

uint64_t
store_txn_number(const struct store_txn *txn)
{
    return txn->root.commit;
}

struct store_put_count
store_txn_count(const struct store_txn *txn)
{
    return txn->put;
}

void
store_txn_spoil(struct store_txn *txn)
{
    (void)txn_fail(txn, VLT_E_STORAGE);
}

bool
store_txn_failed(const struct store_txn *txn)
{
    return txn->failed;
}

const struct store_view *
store_txn_view(const struct store_txn *txn)
{
    return &txn->view;
}

void
store_txn_set_audit(struct store_txn *txn, uint64_t size,
                    const uint8_t head[STORE_HASH_LEN])
{
    txn->root.audit_size = size;
    memcpy(txn->root.audit_head, head, sizeof txn->root.audit_head);
}

enum vlt_status
store_txn_key(struct store_txn *txn, const struct store_key_about *about,
              uint8_t kid[STORE_KID_LEN])
{
    struct keyring_about wanted = { .type = (enum keyring_type)about->type,
                                    .epoch = about->epoch };

    if (about->type > STORE_KEY_VAULT) {
        return VLT_E_LIMIT; /* made with the vault, not by a turn */
    }
    memcpy(wanted.subject, about->subject, sizeof wanted.subject);
    return shelf_make(txn->view.store->shelf, &wanted, kid);
}
