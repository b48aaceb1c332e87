/*
 * fixture: a vault in a scratch folder, opened by a key file, so that no test
 * waits for Argon2id unless it is about passphrases.
 */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/secret.h"
#include "keys/kek.h"
#include "store/record.h"
#include "store/store.h"
#include "util/log.h"

enum {
    FIXTURE_NOW = 1000000000 /* ns */
};

struct vault {
    char scratch[64];
    char path[96];
    struct store *store;
};

/* 32 bytes that open every vault of these tests. */
static inline struct vlt_secret *
vault_key_file(void)
{
    struct vlt_secret *key;

    assert_int_equal(
        vlt_secret_copy(vlt_slice_text("key-file-key-file-key-file-key-f"),
                        &key),
        VLT_OK);
    return key;
}

static inline void
vault_scratch(struct vault *v)
{
    const char *tmp = getenv("TMPDIR");

    (void)snprintf(v->scratch, sizeof v->scratch, "%.40s/vaultd-store-XXXXXX",
                   tmp != NULL ? tmp : "/tmp");
    assert_non_null(mkdtemp(v->scratch));
    (void)snprintf(v->path, sizeof v->path, "%s/vault", v->scratch);
    v->store = NULL;
}

static inline void
vault_create(const struct vault *v)
{
    struct vlt_secret *key = vault_key_file();
    struct store_init init = { .key_file = key, .now_ns = FIXTURE_NOW };
    struct vlt_secret *words;

    assert_int_equal(store_create(v->path, &init, NULL, &words), VLT_OK);
    assert_null(words);
    vlt_secret_free(key);
}

static inline enum vlt_status
vault_try_open(struct vault *v, struct vlt_buf *why)
{
    struct store_limits limits = { .map = UINT64_C(256) << 20 };

    return store_open(v->path, &limits, why, &v->store);
}

static inline enum vlt_status
vault_try_unlock(const struct vault *v, struct vlt_buf *why)
{
    struct vlt_secret *key = vault_key_file();
    struct vlt_secret *root = NULL;
    enum vlt_status st = store_root_key(v->store, STORE_KEY_FILE, key, &root);

    if (st == VLT_OK) {
        st = store_unlock(v->store, root, why);
    }
    vlt_secret_free(key);
    vlt_secret_free(root);
    return st;
}

static inline void
vault_open(struct vault *v)
{
    assert_int_equal(vault_try_open(v, NULL), VLT_OK);
    assert_int_equal(vault_try_unlock(v, NULL), VLT_OK);
}

static inline void
vault_close(struct vault *v)
{
    store_close(v->store);
    v->store = NULL;
}

static inline void
vault_begin(struct vault *v)
{
    vault_scratch(v);
    vault_create(v);
    vault_open(v);
}

/* Remove a folder of plain files. */
static inline void
vault_remove_folder(const char *path)
{
    DIR *list = opendir(path);
    struct dirent *entry;

    if (list == NULL) {
        return;
    }
    while ((entry = readdir(list)) != NULL) {
        (void)unlinkat(dirfd(list), entry->d_name, 0);
    }
    (void)closedir(list);
    (void)rmdir(path);
}

static inline void
vault_end(struct vault *v)
{
    char half[128];

    vault_close(v);
    (void)snprintf(half, sizeof half, "%s.new", v->path);
    vault_remove_folder(v->path);
    vault_remove_folder(half);
    vault_remove_folder(v->scratch);
}

static inline struct store_txn *
txn_begin(struct vault *v)
{
    struct store_turn turn = { .now_ns = FIXTURE_NOW };
    struct store_txn *txn;

    assert_int_equal(store_txn_begin(v->store, turn, &txn), VLT_OK);
    return txn;
}

static inline void
txn_commit(struct store_txn *txn)
{
    assert_int_equal(store_txn_commit(txn), VLT_OK);
}

static inline struct store_read *
read_begin(struct vault *v)
{
    struct store_read *read;

    assert_int_equal(store_read_begin(v->store, &read), VLT_OK);
    return read;
}

/* Commit one setting. */
static inline void
put_setting(struct vault *v, uint8_t id, const char *json)
{
    struct store_txn *txn = txn_begin(v);
    uint8_t whole[VLT_ID_LEN] = { id };

    assert_int_equal(store_meta_put(txn, STORE_META_SETTING, whole, NULL,
                                    vlt_slice_text(json)),
                     VLT_OK);
    txn_commit(txn);
}

/* Commit one batch of 100 bytes under a stream's key. */
static inline void
put_tail(struct vault *v, uint8_t stream)
{
    struct store_txn *txn = txn_begin(v);
    uint8_t whole[VLT_ID_LEN] = { stream };
    uint8_t plain[100] = { stream };
    uint64_t arrival;

    assert_int_equal(store_tail_put(txn, whole, 7,
                                    vlt_slice_of(plain, sizeof plain),
                                    &arrival),
                     VLT_OK);
    txn_commit(txn);
}

/* Does a file of the vault's directory exist? */
static inline bool
file_is_there(const struct vault *v, const char *name)
{
    char path[512];

    (void)snprintf(path, sizeof path, "%s/%s", v->path, name);
    return access(path, F_OK) == 0;
}

/* Read or write a whole file of the vault's directory; buf is freed by the
 * caller. */
static inline void
file_get(const struct vault *v, const char *name, struct vlt_buf *buf)
{
    char path[512];
    int c;

    (void)snprintf(path, sizeof path, "%s/%s", v->path, name);
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    while ((c = fgetc(file)) != EOF) {
        vlt_buf_put_u8(buf, (uint8_t)c);
    }
    (void)fclose(file);
}

static inline void
file_put(const struct vault *v, const char *name, struct vlt_slice bytes)
{
    char path[512];

    (void)snprintf(path, sizeof path, "%s/%s", v->path, name);
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

/* Swallow log lines of what is meant to go wrong. */
static inline void
log_nowhere(void *ctx, enum log_level level, const char *line)
{
}

static inline int
run_quietly(void)
{
    log_set_sink(log_nowhere, NULL);
    return vlt_secret_init() != VLT_OK;
}

#endif
