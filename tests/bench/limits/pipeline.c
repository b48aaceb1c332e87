#include "pipeline.h"

#include <string.h>

#include "../bench.h"
#include "base/writer.h"
#include "crypto/aead.h"
#include "wire/block.h"

enum {
    /* ENV_FLAGS of vaultd/store/env.h: data and meta page are synced. */
    FLAGS = MDB_NOTLS | MDB_NORDAHEAD,
    KEY = 8,
    AAD = 64, /* bytes, as many as bind a record of the vault */
    MORE = VLT_NONCE_LEN + VLT_TAG_LEN,
    CHUNK = 4 * 4096 - 16 - MORE, /* text that fills a record of four pages */
};

static const size_t map = (size_t)64 << 30; /* addresses, not disk */

static void
must(int code)
{
    if (code != 0) {
        bench_die(mdb_strerror(code), 0);
    }
}

static void
need(enum vlt_status st)
{
    if (st != VLT_OK) {
        bench_die("a record cannot be made or read", 0);
    }
}

/* The key under which the next record goes. */
static void
find_end(struct pipeline *p, MDB_txn *txn)
{
    MDB_stat stat;

    must(mdb_stat(txn, p->dbi, &stat));
    p->key = stat.ms_entries;
}

void
pipeline_open(struct pipeline *p, const char *folder)
{
    MDB_txn *txn;

    *p = (struct pipeline){ .env = NULL };
    need(vlt_secret_new(VLT_KEY_LEN, &p->secret));
    memset(vlt_secret_bytes(p->secret), 'k', VLT_KEY_LEN);
    vlt_buf_init(&p->block, VLT_BLOCK_MAX);
    must(mdb_env_create(&p->env));
    must(mdb_env_set_mapsize(p->env, map));
    must(mdb_env_open(p->env, folder, FLAGS, 0600));
    must(mdb_txn_begin(p->env, NULL, 0, &txn));
    must(mdb_dbi_open(txn, NULL, 0, &p->dbi));
    find_end(p, txn);
    must(mdb_txn_commit(txn));
}

void
pipeline_close(struct pipeline *p)
{
    mdb_env_close(p->env);
    vlt_buf_free(&p->block);
    vlt_secret_free(p->secret);
}

void
pipeline_begin(struct pipeline *p)
{
    must(mdb_txn_begin(p->env, NULL, 0, &p->txn));
}

void
pipeline_commit(struct pipeline *p)
{
    must(mdb_txn_commit(p->txn));
}

/* Seal what is in p->block, bound to its number. */
static void
put_block(struct pipeline *p)
{
    uint8_t aad[AAD] = { 0 };
    uint8_t key[KEY];
    size_t len = p->block.len + MORE;
    MDB_val k = { .mv_size = sizeof key, .mv_data = key };
    MDB_val v = { .mv_size = len };

    vlt_store_be64(key, p->key++);
    memcpy(aad, key, sizeof key);
    must(mdb_put(p->txn, p->dbi, &k, &v, MDB_APPEND | MDB_RESERVE));
    vlt_aead_seal(vlt_key_of(p->secret), vlt_slice_of(aad, sizeof aad),
                  vlt_buf_slice(&p->block), v.mv_data,
                  (uint8_t *)v.mv_data + VLT_NONCE_LEN);
    p->bytes += len;
}

void
pipeline_put(struct pipeline *p, const struct vlt_rows *rows)
{
    vlt_buf_clear(&p->block);
    need(vlt_block_encode(rows, vlt_rows_all(rows), 0, &p->block));
    put_block(p);
}

size_t
pipeline_put_chunk(struct pipeline *p, const struct vlt_rows *rows,
                   struct vlt_range range)
{
    size_t taken = 0;

    vlt_buf_clear(&p->block);
    need(vlt_block_fill(rows, range, CHUNK, &p->block, &taken));
    put_block(p);
    return taken;
}

/* Open one record and decode it.  The caller frees what comes out. */
static struct vlt_rows *
open_record(struct pipeline *p, MDB_val k, MDB_val v)
{
    const uint8_t *at = v.mv_data;
    uint8_t aad[AAD] = { 0 };
    struct vlt_rows *rows;

    if (k.mv_size != KEY || v.mv_size < MORE) {
        bench_die("a record is too short", 0);
    }
    memcpy(aad, k.mv_data, KEY);
    vlt_buf_clear(&p->block);
    uint8_t *plain = vlt_buf_extend(&p->block, v.mv_size - MORE);

    if (plain == NULL) {
        bench_die("out of memory", 0);
    }
    need(vlt_aead_open(
        vlt_key_of(p->secret), vlt_slice_of(aad, sizeof aad), at,
        vlt_slice_of(at + VLT_NONCE_LEN, v.mv_size - VLT_NONCE_LEN), plain));
    need(vlt_block_decode(vlt_buf_slice(&p->block), VLT_BLOCK_DISK, NULL, NULL,
                          &rows));
    return rows;
}

void
pipeline_each(struct pipeline *p, pipeline_fn *fn, void *ctx)
{
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val k;
    MDB_val v;
    int code;

    must(mdb_txn_begin(p->env, NULL, MDB_RDONLY, &txn));
    must(mdb_cursor_open(txn, p->dbi, &cursor));
    while ((code = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) == 0) {
        struct vlt_rows *rows = open_record(p, k, v);

        fn(ctx, rows);
        vlt_rows_free(rows);
    }
    must(code == MDB_NOTFOUND ? 0 : code);
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
}
