#include "store/seeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/record.h"
#include "store/store_internal.h"
#include "util/log.h"

static const char *const names[] = {
    [SEED_SET_HASH_SKIPPED] = "set-hash-skipped",
    [SEED_KEY_AFTER_RECORD] = "key-after-record",
    [SEED_ENOSPC_IGNORED] = "enospc-ignored",
    [SEED_CREATE_IN_PLACE] = "create-in-place",
    [SEED_KEY_NOT_WIPED] = "key-not-wiped",
    [SEED_NOSYNC] = "nosync",
    [SEED_NOMETASYNC] = "nometasync",
    [SEED_SYNC_ERROR_IGNORED] = "sync-error-ignored",
    [SEED_ENOSPC_ACKED] = "enospc-acked",
    [SEED_UNCHECKED_MALLOC] = "unchecked-malloc",
    [SEED_OLD_KEYRING_KEPT] = "old-keyring-kept",
    [SEED_ERASE_NOT_RENEWED] = "erase-done-before-destroy",
    [SEED_BACKUP_UNSYNCED] = "backup-unsynced",
    [SEED_CHANGE_FORGOTTEN] = "change-forgotten",
    [SEED_COMPACTION_HELD] = "compaction-held",
    [SEED_KEYRING_FULL] = "keyring-full",
    [SEED_ANCHOR_BEFORE_COMMIT] = "anchor-before-commit",
};

static bool
planted(const char *name)
{
    const char *chosen = getenv("VAULT_SEED");

    return chosen != NULL && strcmp(chosen, name) == 0;
}

bool
seed_planted(enum seed seed)
{
    return planted(names[seed]);
}

/* ---- keys in LMDB ---- */

enum {
    ENTRY_TYPE = 8, /* bytes into an entry of the keyring */
    ENTRY_KEY = 32,
};

static const uint8_t mark[VLT_ID_LEN - STORE_KID_LEN] = "wrapped";

/* What a copy lies under. */
static void
wrapped_id(const uint8_t *kid, uint8_t id[VLT_ID_LEN])
{
    memcpy(id, kid, STORE_KID_LEN);
    memcpy(id + STORE_KID_LEN, mark, sizeof mark);
}

static enum vlt_status
wrap_one(struct store_txn *txn, const uint8_t *entry)
{
    char hex[2 * VLT_KEY_LEN + 1];
    char json[sizeof hex + 32];
    uint8_t id[VLT_ID_LEN];
    struct vlt_buf there = { 0 };

    wrapped_id(entry, id);
    enum vlt_status st =
        store_meta_get(&txn->view, STORE_META_SETTING, id, &there);

    vlt_buf_free(&there);
    if (st != VLT_E_NOT_FOUND) {
        return st;
    }
    vlt_hex_print(entry + ENTRY_KEY, VLT_KEY_LEN, hex);
    (void)snprintf(json, sizeof json, "{\"key\":\"%s\",\"v\":1}", hex);
    return store_meta_put(txn, STORE_META_SETTING, id, NULL,
                          vlt_slice_text(json));
}

struct orphan {
    struct shelf *shelf;
    bool found;
    uint8_t id[VLT_ID_LEN];
};

/* A copy whose key is gone. */
static bool
find_orphan(void *ctx, const uint8_t id[VLT_ID_LEN], struct vlt_slice json)
{
    struct orphan *orphan = ctx;
    struct vlt_key key;

    (void)json;
    if (memcmp(id + STORE_KID_LEN, mark, sizeof mark) == 0 &&
        shelf_find(orphan->shelf, id, NULL, &key) != VLT_OK) {
        orphan->found = true;
        memcpy(orphan->id, id, sizeof orphan->id);
    }
    return !orphan->found;
}

enum vlt_status
seed_wrap_keys(struct store_txn *txn)
{
    struct orphan orphan = { .shelf = txn->view.store->shelf };
    enum vlt_status st = VLT_OK;

    if (!planted("wrapped-key-in-lmdb")) {
        return VLT_OK;
    }
    struct vlt_slice ring = keyring_entries(shelf_ring(orphan.shelf));

    for (size_t at = 0; st == VLT_OK && at < ring.len; at += KEYRING_ENTRY) {
        if (ring.at[at + ENTRY_TYPE] == KEYRING_LANE) {
            st = wrap_one(txn, ring.at + at);
        }
    }
    if (st == VLT_OK) {
        st = store_meta_each(&txn->view, STORE_META_SETTING, find_orphan,
                             &orphan);
    }
    return st == VLT_OK && orphan.found
               ? store_meta_delete(txn, STORE_META_SETTING, orphan.id)
               : st;
}

/* ---- what is in the clear ---- */

enum vlt_status
seed_name_in_key(struct store_txn *txn, struct vlt_slice json)
{
    static const char before[] = "\"name\":\"";
    uint8_t id[VLT_ID_LEN] = { 0 };
    size_t len = sizeof before - 1;

    for (size_t i = 0; planted("name-in-key") && i + len + sizeof id < json.len;
         i++) {
        if (memcmp(json.at + i, before, len) == 0) {
            memcpy(id, json.at + i + len, sizeof id);
        }
    }
    return id[0] == 0 ? VLT_OK
                      : store_meta_put(txn, STORE_META_SETTING, id, NULL,
                                       vlt_slice_text("{\"v\":1}"));
}

void
seed_value_in_log(struct vlt_slice plain)
{
    char text[1024];
    size_t len = 0;

    if (!planted("value-in-log")) {
        return;
    }
    for (size_t i = 0; i < plain.len && len + 1 < sizeof text; i++) {
        if (plain.at[i] > ' ' && plain.at[i] < 0x7f) {
            text[len++] = (char)plain.at[i];
        }
    }
    text[len] = '\0';
    log_info("store", "stored: %s", text);
}
