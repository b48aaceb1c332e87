/* Is a bare LMDB environment as its acknowledged operations left it? */
#include <stdio.h>
#include <unistd.h>

#include "judge.h"
#include "lmdb_plan.h"

/* Global, since there is one judge in a program. */
static uint64_t plan_seed;

bool
judge_begin(uint64_t seed, unsigned ops)
{
    (void)ops;
    plan_seed = seed;
    return true;
}

static bool
fail(int code, const char *doing, char why[JUDGE_WHY])
{
    if (code != 0) {
        (void)snprintf(why, JUDGE_WHY, "%s: %s", doing, mdb_strerror(code));
    }
    return code != 0;
}

/* How many operations it shows: "newest", and each before it. */
static bool
check(MDB_txn *txn, MDB_dbi dbi, unsigned most, unsigned *shown,
      char why[JUDGE_WHY])
{
    static struct lmdb_record record;
    unsigned number = 0;

    for (number = 1; number < most; number++) {
        lmdb_plan(plan_seed, number, &record);
        MDB_val key = lmdb_val(record.key, sizeof record.key);
        MDB_val value;
        int code = mdb_get(txn, dbi, &key, &value);

        if (code == MDB_NOTFOUND) {
            break;
        }
        if (fail(code, "get", why)) {
            return false;
        }
        if (value.mv_size != record.len ||
            memcmp(value.mv_data, record.value, record.len) != 0) {
            (void)snprintf(why, JUDGE_WHY, "record %u is another", number);
            return false;
        }
    }
    *shown = number;
    return true;
}

static bool
check_newest(MDB_txn *txn, MDB_dbi dbi, unsigned shown, char why[JUDGE_WHY])
{
    MDB_val key = lmdb_val("newest", 6);
    static struct lmdb_record last;
    MDB_stat stat;
    MDB_val value;

    if (fail(mdb_stat(txn, dbi, &stat), "count", why)) {
        return false;
    }
    if (shown > 1) {
        lmdb_plan(plan_seed, shown - 1, &last);
        if (fail(mdb_get(txn, dbi, &key, &value), "get the newest", why)) {
            return false;
        }
        if (value.mv_size != sizeof last.key ||
            memcmp(value.mv_data, last.key, sizeof last.key) != 0) {
            (void)snprintf(why, JUDGE_WHY, "the newest is another");
            return false;
        }
    }
    if (stat.ms_entries != (shown > 1 ? shown : 0)) {
        (void)snprintf(why, JUDGE_WHY, "there are %zu records",
                       stat.ms_entries);
        return false;
    }
    return true;
}

static bool
use(MDB_env *env, MDB_dbi dbi, unsigned number, char why[JUDGE_WHY])
{
    static struct lmdb_record record;
    MDB_txn *txn;

    lmdb_plan(plan_seed, number, &record);
    MDB_val key = lmdb_val(record.key, sizeof record.key);
    MDB_val value = lmdb_val(record.value, record.len);

    return !fail(mdb_txn_begin(env, NULL, 0, &txn), "begin", why) &&
           !fail(mdb_put(txn, dbi, &key, &value, 0), "put", why) &&
           !fail(mdb_txn_commit(txn), "commit", why);
}

static bool
judge_open(MDB_env *env, const struct judge_case *what, char why[JUDGE_WHY])
{
    unsigned shown = 0;
    MDB_txn *txn;
    MDB_dbi dbi;

    if (fail(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), "begin", why) ||
        fail(mdb_dbi_open(txn, NULL, 0, &dbi), "open the database", why)) {
        return false;
    }
    bool good = check(txn, dbi, what->marks.sent, &shown, why) &&
                check_newest(txn, dbi, shown, why);

    mdb_txn_abort(txn);
    if (good && (shown < what->marks.done || shown > what->marks.sent)) {
        (void)snprintf(why, JUDGE_WHY, "%u operations are there, not %u to %u",
                       shown, what->marks.done, what->marks.sent);
        return false;
    }
    return good && (!what->use || use(env, dbi, shown, why));
}

bool
judge(const struct judge_case *what, char why[JUDGE_WHY])
{
    char name[4096];
    MDB_env *env;

    (void)snprintf(name, sizeof name, "%s/db", what->folder);
    if (access(name, F_OK) != 0 && what->marks.done == 0) {
        return true; /* it was not made */
    }
    if (fail(mdb_env_create(&env), "create", why) ||
        fail(mdb_env_set_mapsize(env, LMDB_PLAN_MAP), "set the map", why) ||
        fail(mdb_env_open(env, name, 0, 0600), "open", why)) {
        return false;
    }
    bool good = judge_open(env, what, why);

    mdb_env_close(env);
    return good;
}
