/*
 * bench_lmdb FOLDER RECORDS MS: how often a second bare LMDB commits RECORDS
 * records of 200 bytes, with the flags and so the syncs of the vault's store,
 * and the median of the us that one takes.  The file data.mdb in FOLDER is made
 * and left.
 */
#include <lmdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "bench.h"

enum {
    /* ENV_FLAGS of vaultd/store/env.h: data and meta page are synced. */
    FLAGS = MDB_NOTLS | MDB_NORDAHEAD,
    RECORD = 200,
    RECORDS_MAX = 10000,
    KEY = 8,
    ARGS = 4,
    TIMES = 1 << 16, /* of so many commits the median is taken */
    NS_OF_US = 1000,
};

static const size_t map = (size_t)8 << 30; /* addresses, not disk */

struct bench {
    MDB_env *env;
    MDB_dbi dbi;
    uint64_t key;
    size_t count; /* of times */
    int64_t times[TIMES];
};

static void
must(int code)
{
    if (code != 0) {
        bench_die(mdb_strerror(code), 0);
    }
}

static void
start(struct bench *bench, const char *folder)
{
    MDB_txn *txn;

    must(mdb_env_create(&bench->env));
    must(mdb_env_set_mapsize(bench->env, map));
    must(mdb_env_open(bench->env, folder, FLAGS, 0600));
    must(mdb_txn_begin(bench->env, NULL, 0, &txn));
    must(mdb_dbi_open(txn, NULL, 0, &bench->dbi));
    must(mdb_txn_commit(txn));
}

/* Keys rise, as those of rows that arrive. */
static void
put(struct bench *bench, MDB_txn *txn)
{
    uint8_t key[KEY];
    uint8_t record[RECORD];
    MDB_val k = { .mv_size = sizeof key, .mv_data = key };
    MDB_val v = { .mv_size = sizeof record, .mv_data = record };

    bench->key++;
    for (int i = 0; i < KEY; i++) {
        key[i] = (uint8_t)(bench->key >> (8 * (KEY - 1 - i)));
    }
    memset(record, (int)key[KEY - 1], sizeof record);
    must(mdb_put(txn, bench->dbi, &k, &v, MDB_APPEND));
}

static void
commit(struct bench *bench, int64_t records)
{
    MDB_txn *txn;

    must(mdb_txn_begin(bench->env, NULL, 0, &txn));
    for (int64_t i = 0; i < records; i++) {
        put(bench, txn);
    }
    must(mdb_txn_commit(txn));
}

static int
by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void
print_median(struct bench *bench)
{
    qsort(bench->times, bench->count, sizeof *bench->times, by_value);
    printf("p50\t%.6g\n", (double)bench->times[bench->count / 2] / NS_OF_US);
}

int
main(int argc, char **argv)
{
    static struct bench bench;
    double done = 0;

    if (argc != ARGS) {
        bench_die("usage: bench_lmdb FOLDER RECORDS MS", 0);
    }
    int64_t records = bench_number(argv, 2, 1, RECORDS_MAX);
    int64_t ms = bench_number(argv, 3, 1, BENCH_MS_MAX);

    start(&bench, argv[1]);
    commit(&bench, records);
    int64_t from = bench_now();
    int64_t until = from + ms * (VLT_SECOND / 1000);
    int64_t now = from;

    while (now < until) {
        commit(&bench, records);
        int64_t before = now;

        done++;
        now = bench_now();
        if (bench.count < TIMES) {
            bench.times[bench.count++] = now - before;
        }
    }
    bench_rate("commits", done, now - from);
    print_median(&bench);
    mdb_env_close(bench.env);
    return 0;
}
