#include "bare.h"

#include <lmdb.h>
#include <string.h>

#include "../bench.h"
#include "base/buf.h"
#include "base/time.h"
#include "crypto/aead.h"

enum {
    FLAGS = MDB_NOTLS | MDB_NORDAHEAD,
    DBS = 16,
    AAD = 64,
    NS_OF_US = 1000,
};

static const char *const databases[] = { "tail0", "tail1", "tail2", "tail3",
                                         "lane" };
static const size_t map = (size_t)64 << 30; /* addresses, not disk */

struct bare {
    struct vlt_secret *secret;
    struct vlt_buf room;
    uint64_t records;
};

static void
must(int code)
{
    if (code != 0) {
        bench_die(mdb_strerror(code), 0);
    }
}

static void
open_record(struct bare *bare, MDB_val v)
{
    uint8_t nonce[VLT_NONCE_LEN];
    uint8_t aad[AAD] = { 0 };

    vlt_buf_clear(&bare->room);
    uint8_t *at = vlt_buf_extend(&bare->room, v.mv_size + VLT_TAG_LEN);

    if (at == NULL) {
        bench_die("out of memory", 0);
    }
    vlt_aead_seal(vlt_key_of(bare->secret), vlt_slice_of(aad, sizeof aad),
                  vlt_slice_of(v.mv_data, v.mv_size), nonce, at);
    bare->records++;
}

static void
walk(struct bare *bare, MDB_txn *txn, const char *name)
{
    MDB_cursor *cursor;
    MDB_dbi dbi;
    MDB_val k;
    MDB_val v;
    int code;

    must(mdb_dbi_open(txn, name, 0, &dbi));
    must(mdb_cursor_open(txn, dbi, &cursor));
    while ((code = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) == 0) {
        open_record(bare, v);
    }
    must(code == MDB_NOTFOUND ? 0 : code);
    mdb_cursor_close(cursor);
}

static void
once(struct bare *bare, const char *folder)
{
    MDB_env *env;
    MDB_txn *txn;

    must(mdb_env_create(&env));
    must(mdb_env_set_maxdbs(env, DBS));
    must(mdb_env_set_mapsize(env, map));
    must(mdb_env_open(env, folder, FLAGS, 0600));
    must(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn));
    for (size_t i = 0; i < sizeof databases / sizeof *databases; i++) {
        walk(bare, txn, databases[i]);
    }
    mdb_txn_abort(txn);
    mdb_env_close(env);
}

double
bare_open(const char *folder, int64_t ms)
{
    struct bare bare = { .records = 0 };
    int64_t from = bench_now();
    int64_t now = from;
    int64_t times = 0;

    if (vlt_secret_new(VLT_KEY_LEN, &bare.secret) != VLT_OK) {
        bench_die("out of memory", 0);
    }
    vlt_buf_init(&bare.room, 0);
    while (now - from < ms * BENCH_MS) {
        once(&bare, folder);
        times++;
        now = bench_now();
    }
    vlt_buf_free(&bare.room);
    vlt_secret_free(bare.secret);
    if (bare.records == 0) {
        bench_die("the vault is empty", 0);
    }
    return (double)(now - from) / (double)times / NS_OF_US;
}
