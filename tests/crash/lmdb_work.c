/*
 * lmdb_work: operations on bare LMDB, to record.
 *
 * usage: lmdb_work FOLDER JOURNAL SEED OPS [nosync | nometasync]
 *
 * Makes the environment in FOLDER/db.new, syncs it, and renames it to
 * FOLDER/db: LMDB's own way to make one is not safe.
 */
#include <stdbool.h>
#include <sys/stat.h>

#include "journal.h"
#include "lmdb_plan.h"

struct work {
    const char *folder;
    uint64_t seed;
    unsigned flags;
    MDB_env *env;
    MDB_dbi dbi;
};

static void
must(int code, const char *doing)
{
    if (code != 0) {
        (void)fprintf(stderr, "lmdb_work: %s: %s\n", doing, mdb_strerror(code));
        exit(2);
    }
}

static void
sync_folder(const char *name)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);

    must(fd < 0 || fsync(fd) != 0, "sync a folder");
    (void)close(fd);
}

static void
open_env(struct work *work, const char *name)
{
    MDB_txn *txn;

    must(mdb_env_create(&work->env), "create");
    must(mdb_env_set_mapsize(work->env, LMDB_PLAN_MAP), "set the map");
    must(mdb_env_open(work->env, name, work->flags, 0600), "open");
    must(mdb_txn_begin(work->env, NULL, 0, &txn), "begin");
    must(mdb_dbi_open(txn, NULL, 0, &work->dbi), "open the database");
    must(mdb_txn_commit(txn), "commit");
}

static void
make(struct work *work)
{
    char name[2][4096];
    int fd;

    (void)snprintf(name[0], sizeof name[0], "%s/db.new", work->folder);
    (void)snprintf(name[1], sizeof name[1], "%s/db", work->folder);
    must(mkdir(name[0], 0700), "make the folder");
    open_env(work, name[0]);
    must(mdb_env_get_fd(work->env, &fd), "get the descriptor");
    must(fsync(fd), "sync");
    mdb_env_close(work->env);
    sync_folder(name[0]);
    must(rename(name[0], name[1]), "rename");
    sync_folder(work->folder);
    open_env(work, name[1]);
}

static void
commit(struct work *work, unsigned number)
{
    struct lmdb_record record;
    MDB_txn *txn;

    lmdb_plan(work->seed, number, &record);
    MDB_val key = lmdb_val(record.key, sizeof record.key);
    MDB_val value = lmdb_val(record.value, record.len);
    MDB_val newest = lmdb_val("newest", 6);

    must(mdb_txn_begin(work->env, NULL, 0, &txn), "begin");
    must(mdb_put(txn, work->dbi, &key, &value, MDB_NOOVERWRITE), "put");
    must(mdb_put(txn, work->dbi, &newest, &key, 0), "put");
    must(mdb_txn_commit(txn), "commit");
}

int
main(int count, char **word)
{
    struct work work = { .flags = 0 };

    if (count < 5) {
        (void)fprintf(stderr, "usage: lmdb_work FOLDER JOURNAL SEED OPS "
                              "[nosync | nometasync]\n");
        return 2;
    }
    work.folder = word[1];
    work.seed = strtoull(word[3], NULL, 10);
    if (count > 5) {
        work.flags =
            strcmp(word[5], "nosync") == 0 ? MDB_NOSYNC : MDB_NOMETASYNC;
    }
    int journal = journal_open(word[2]);
    unsigned ops = (unsigned)strtoul(word[4], NULL, 10);

    for (unsigned i = 0; i < ops; i++) {
        journal_put(journal, "sent", i);
        if (i == 0) {
            make(&work);
        } else {
            commit(&work, i);
        }
        journal_put(journal, "done", i);
    }
    mdb_env_close(work.env);
    return 0;
}
