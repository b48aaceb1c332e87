#include "bare_log.h"

#include <string.h>

#include "../bench.h"
#include "audit/audit.h"
#include "base/writer.h"
#include "crypto/aead.h"

enum {
    /* ENV_FLAGS of vaultd/store/env.h: data and meta page are synced. */
    FLAGS = MDB_NOTLS | MDB_NORDAHEAD,
    KEY = 24, /* as the vault's: a tree and a number */
    AAD = 64, /* bytes, as many as bind a record of the vault */
    SALT = 32,
    DETAIL = 1024,
    STEP = 32,    /* the vault pads a text of 256 to 511 bytes by so many */
    HEAD = 1 + 8, /* of a record, before its nonce */
    MORE = VLT_HASH_LEN + HEAD + VLT_NONCE_LEN + VLT_TAG_LEN,
    TEXT = (AUDIT_MASTER_LEN + SALT + DETAIL + STEP - 1) / STEP * STEP,
};

static const size_t map = (size_t)8 << 30; /* addresses, not disk */
static const size_t lens[2] = { AUDIT_ENTRY_LEN, AUDIT_MASTER_LEN };

static void
must(int code)
{
    if (code != 0) {
        bench_die(mdb_strerror(code), 0);
    }
}

void
bare_log_open(struct bare_log *log, const char *folder)
{
    MDB_txn *txn;

    *log = (struct bare_log){ .env = NULL };
    if (vlt_secret_new(VLT_KEY_LEN, &log->secret) != VLT_OK) {
        bench_die("memory", 0);
    }
    memset(vlt_secret_bytes(log->secret), 'k', VLT_KEY_LEN);
    must(mdb_env_create(&log->env));
    must(mdb_env_set_mapsize(log->env, map));
    must(mdb_env_open(log->env, folder, FLAGS, 0600));
    must(mdb_txn_begin(log->env, NULL, 0, &txn));
    must(mdb_dbi_open(txn, NULL, 0, &log->dbi));
    must(mdb_txn_commit(txn));
}

void
bare_log_close(struct bare_log *log)
{
    mdb_env_close(log->env);
    vlt_secret_free(log->secret);
}

/* The hash of the entry comes out as its leaf. */
static void
append(struct bare_tree *tree, struct vlt_slice entry,
       uint8_t leaf[VLT_HASH_LEN])
{
    static const uint8_t marks[2] = { 0, 1 };
    struct vlt_slice whole[] = { vlt_slice_of(&marks[0], 1), entry };
    uint8_t node[VLT_HASH_LEN];
    size_t level = 0;

    vlt_sha256(whole, 2, leaf);
    memcpy(node, leaf, sizeof node);
    for (uint64_t size = tree->size; (size & 1) != 0; size >>= 1) {
        struct vlt_slice pair[] = {
            vlt_slice_of(&marks[1], 1),
            vlt_slice_of(tree->root[level], VLT_HASH_LEN),
            vlt_slice_of(node, VLT_HASH_LEN),
        };

        vlt_sha256(pair, 3, node);
        level++;
    }
    memcpy(tree->root[level], node, VLT_HASH_LEN);
    tree->size++;
}

/* An entry with its number in it. */
static void
make_entry(uint64_t number, uint8_t out[AUDIT_MASTER_LEN])
{
    memset(out, 1, AUDIT_MASTER_LEN);
    memcpy(out + 8, &number, sizeof number);
}

void
bare_log_hash(struct bare_log *log)
{
    uint8_t entry[AUDIT_MASTER_LEN];
    uint8_t leaf[VLT_HASH_LEN];

    for (int i = 0; i < 2; i++) {
        make_entry(log->hashed[i].size, entry);
        append(&log->hashed[i], vlt_slice_of(entry, lens[i]), leaf);
    }
}

void
bare_log_grow(struct bare_log *log)
{
    uint8_t entry[AUDIT_MASTER_LEN];
    uint8_t hash[VLT_HASH_LEN];

    for (int i = 0; i < 2; i++) {
        make_entry(log->grown[i].size, entry);
        vlt_tree_leaf(vlt_slice_of(entry, lens[i]), hash);
        vlt_tree_append(&log->grown[i], hash, NULL, NULL);
        vlt_tree_root(&log->grown[i], hash);
    }
}

void
bare_log_begin(struct bare_log *log)
{
    must(mdb_txn_begin(log->env, NULL, 0, &log->txn));
}

void
bare_log_abort(struct bare_log *log)
{
    mdb_txn_abort(log->txn);
}

/* The leaf lies open before the sealed text, as in the vault. */
static void
put(struct bare_log *log, const uint8_t leaf[VLT_HASH_LEN],
    struct vlt_slice text)
{
    uint8_t key[KEY] = { 0 };
    uint8_t aad[AAD] = { 0 };
    MDB_val k = { .mv_size = sizeof key, .mv_data = key };
    MDB_val v = { .mv_size = text.len + MORE };
    uint8_t *at;

    vlt_store_be64(key + KEY - 8, log->key++);
    memcpy(aad, key, sizeof key);
    must(mdb_put(log->txn, log->dbi, &k, &v, MDB_APPEND | MDB_RESERVE));
    at = v.mv_data;
    memcpy(at, leaf, VLT_HASH_LEN);
    memset(at + VLT_HASH_LEN, 1, HEAD);
    at += VLT_HASH_LEN + HEAD;
    vlt_aead_seal(vlt_key_of(log->secret), vlt_slice_of(aad, sizeof aad), text,
                  at, at + VLT_NONCE_LEN);
}

void
bare_log_put(struct bare_log *log, struct vlt_slice detail)
{
    uint8_t leaf[VLT_HASH_LEN];
    uint8_t text[TEXT];

    if (detail.len < 1 || detail.len > DETAIL) {
        bench_die("a detail is too long", 0);
    }
    for (int i = 0; i < 2; i++) {
        size_t len = lens[i] + SALT + detail.len;
        size_t padded = (len + STEP - 1) / STEP * STEP;

        make_entry(log->put[i].size, text);
        append(&log->put[i], vlt_slice_of(text, lens[i]), leaf);
        memset(text + lens[i], 2, SALT);
        memcpy(text + lens[i] + SALT, detail.at, detail.len);
        memset(text + len, 0, padded - len);
        put(log, leaf, vlt_slice_of(text, padded));
    }
}
