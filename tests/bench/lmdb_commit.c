/*
 * lmdb_commit: the limit of durable appends.  One put of 64 bytes a commit.
 *
 * usage: lmdb_commit FILE SECONDS; prints commits a second.
 */
#include <inttypes.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double
now(void)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void
check(int code)
{
    if (code != 0) {
        (void)fprintf(stderr, "lmdb_commit: %s\n", mdb_strerror(code));
        exit(1);
    }
}

static void
put(MDB_env *env, uint64_t number)
{
    unsigned char row[64] = { 0 };
    unsigned char name[8];
    MDB_val key = { sizeof name, name };
    MDB_val value = { sizeof row, row };
    MDB_txn *txn;
    MDB_dbi dbi;

    for (int i = 0; i < 8; i++) {
        name[i] = (unsigned char)(number >> (56 - 8 * i));
    }
    memcpy(row, name, sizeof name);
    check(mdb_txn_begin(env, NULL, 0, &txn));
    check(mdb_dbi_open(txn, NULL, 0, &dbi));
    check(mdb_put(txn, dbi, &key, &value, 0));
    check(mdb_txn_commit(txn));
}

int
main(int argc, char **argv)
{
    uint64_t count = 0;
    MDB_env *env;

    if (argc != 3) {
        (void)fprintf(stderr, "usage: lmdb_commit FILE SECONDS\n");
        return 2;
    }
    check(mdb_env_create(&env));
    check(mdb_env_set_mapsize(env, (size_t)1 << 30));
    check(mdb_env_open(env, argv[1], MDB_NOSUBDIR, 0600));

    double begin = now();
    double end = begin + strtod(argv[2], NULL);

    while (now() < end) {
        put(env, count++);
    }
    (void)printf("%.1f\n", (double)count / (now() - begin));
    mdb_env_close(env);
    return 0;
}
