/*
 * raw: the environment as a thief or a vandal handles it, without keys.
 */
#ifndef TESTS_STORE_RAW_H
#define TESTS_STORE_RAW_H

#include "fixture.h"

#include <lmdb.h>

struct raw {
    MDB_env *env;
    MDB_txn *txn;
};

/* A transaction on the closed vault; db NULL is the unnamed database. */
static inline MDB_dbi
raw_begin(const struct vault *v, const char *db, struct raw *raw)
{
    MDB_dbi dbi;

    assert_int_equal(mdb_env_create(&raw->env), 0);
    assert_int_equal(mdb_env_set_maxdbs(raw->env, 32), 0);
    assert_int_equal(mdb_env_set_mapsize(raw->env, 256 << 20), 0);
    assert_int_equal(mdb_env_open(raw->env, v->path, MDB_NOSYNC, 0600), 0);
    assert_int_equal(mdb_txn_begin(raw->env, NULL, 0, &raw->txn), 0);
    assert_int_equal(mdb_dbi_open(raw->txn, db, MDB_CREATE, &dbi), 0);
    return dbi;
}

static inline void
raw_end(struct raw *raw)
{
    assert_int_equal(mdb_txn_commit(raw->txn), 0);
    mdb_env_close(raw->env);
}

static inline MDB_val
raw_val(const void *at, size_t len)
{
    union {
        const void *in;
        void *out;
    } bytes = { .in = at };

    return (MDB_val){ .mv_size = len, .mv_data = bytes.out };
}

/* Copy record i of a database: its key and value, appended. */
static inline bool
raw_copy(const struct vault *v, const char *db, size_t i, struct vlt_buf *key,
         struct vlt_buf *value)
{
    struct raw raw;
    MDB_dbi dbi = raw_begin(v, db, &raw);
    MDB_cursor *cursor;
    MDB_val k;
    MDB_val d;
    int code = mdb_cursor_open(raw.txn, dbi, &cursor);

    for (size_t at = 0; code == 0 && at <= i; at++) {
        code = mdb_cursor_get(cursor, &k, &d, MDB_NEXT);
    }
    if (code == 0) {
        vlt_buf_clear(key);
        vlt_buf_clear(value);
        vlt_buf_put(key, k.mv_data, k.mv_size);
        vlt_buf_put(value, d.mv_data, d.mv_size);
    }
    mdb_cursor_close(cursor);
    raw_end(&raw);
    return code == 0;
}

static inline void
raw_put(const struct vault *v, const char *db, struct vlt_slice key,
        struct vlt_slice value)
{
    struct raw raw;
    MDB_dbi dbi = raw_begin(v, db, &raw);
    MDB_val k = raw_val(key.at, key.len);
    MDB_val d = raw_val(value.at, value.len);

    assert_int_equal(mdb_put(raw.txn, dbi, &k, &d, 0), 0);
    raw_end(&raw);
}

static inline void
raw_delete(const struct vault *v, const char *db, struct vlt_slice key)
{
    struct raw raw;
    MDB_dbi dbi = raw_begin(v, db, &raw);
    MDB_val k = raw_val(key.at, key.len);

    assert_int_equal(mdb_del(raw.txn, dbi, &k, NULL), 0);
    raw_end(&raw);
}

/* ---- records that are copied, to be put back somewhere ---- */

struct raw_record {
    struct vlt_buf key;
    struct vlt_buf value;
};

/* Copy record i of a database, which there must be. */
static inline void
raw_read(const struct vault *v, const char *db, size_t i, struct raw_record *r)
{
    *r = (struct raw_record){ { 0 }, { 0 } };
    assert_true(raw_copy(v, db, i, &r->key, &r->value));
}

static inline void
raw_write(const struct vault *v, const char *db, const struct raw_record *r)
{
    raw_put(v, db, vlt_buf_slice(&r->key), vlt_buf_slice(&r->value));
}

static inline void
raw_drop(struct raw_record *r)
{
    vlt_buf_free(&r->key);
    vlt_buf_free(&r->value);
}

/* Open the closed vault and close it again: what does unlock say? */
static inline enum vlt_status
raw_unlock(struct vault *v, struct vlt_buf *why)
{
    assert_int_equal(vault_try_open(v, NULL), VLT_OK);
    enum vlt_status st = vault_try_unlock(v, why);

    assert_int_equal(store_locked(v->store), st != VLT_OK);
    vault_close(v);
    return st;
}

/* Unlock finds that something was changed, and says so. */
static inline void
assert_refused(struct vault *v, const char *says)
{
    struct vlt_buf why = { 0 };

    assert_int_equal(raw_unlock(v, &why), VLT_E_AUTH);
    if (strstr(vlt_buf_text(&why), says) == NULL) {
        fail_msg("\"%s\"", vlt_buf_text(&why));
    }
    vlt_buf_free(&why);
}

/* What it says of a record of those that are rewritten in place. */
#define RAW_REWRITTEN "records were put back, dropped or added"

#endif
