#include "store/env.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/seeds.h"
#include "store/store.h"
#include "store/whole.h"
#include "util/log.h"

enum {
    DBS_MAX = 32 /* more than we know, so that a newer file opens */
};

static const char *const names[ENV_DBS] = {
    [ENV_MAIN] = "main",   [ENV_TAIL0] = "tail0", [ENV_TAIL1] = "tail1",
    [ENV_TAIL2] = "tail2", [ENV_TAIL3] = "tail3", [ENV_CHUNK] = "chunk",
    [ENV_HEAD] = "head",   [ENV_ROLL] = "roll",   [ENV_LANE] = "lane",
    [ENV_META] = "meta",   [ENV_DEDUP] = "dedup", [ENV_IDEM] = "idem",
    [ENV_AUDIT] = "audit", [ENV_NODE] = "node",   [ENV_INBOX] = "inbox",
};

const char *
env_db_name(enum env_db db)
{
    return names[db];
}

MDB_val
env_val(struct vlt_slice bytes)
{
    /* LMDB's values are not const, but it does not write through those that
     * it is given. */
    union {
        const void *in;
        void *out;
    } at = { .in = bytes.at };

    return (MDB_val){ .mv_size = bytes.len, .mv_data = at.out };
}

struct vlt_slice
env_slice(MDB_val value)
{
    return vlt_slice_of(value.mv_data, value.mv_size);
}

enum vlt_status
env_status(int code, const char *doing)
{
    switch (code) {
    case MDB_SUCCESS:
        return VLT_OK;
    case MDB_NOTFOUND:
        return VLT_E_NOT_FOUND;
    case MDB_KEYEXIST:
        return VLT_E_CONFLICT;
    case MDB_READERS_FULL:
        return VLT_E_BUSY;
    case ENOMEM:
        return VLT_E_NOMEM;
    default:
        log_error("store", "%s: %s", doing, mdb_strerror(code));
        return VLT_E_STORAGE;
    }
}

/* A sentence for the owner, too. */
static enum vlt_status
fail(int code, const char *doing, struct vlt_buf *why)
{
    if (why != NULL) {
        vlt_buf_printf(why, "cannot %s data.mdb: %s", doing,
                       mdb_strerror(code));
    }
    return env_status(code, doing);
}

/* Handles of all databases; they are kept when the transaction commits. */
static enum vlt_status
open_dbs(struct env *env, bool make, struct vlt_buf *why)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(env->mdb, NULL, make ? 0 : MDB_RDONLY, &txn);

    if (code != 0) {
        return fail(code, "read", why);
    }
    for (enum env_db db = ENV_MAIN; code == 0 && db < ENV_DBS; db++) {
        code = mdb_dbi_open(txn, db == ENV_MAIN ? NULL : names[db],
                            make ? MDB_CREATE : 0, &env->dbi[db]);
        if (code == MDB_NOTFOUND && why != NULL) {
            vlt_buf_printf(why, "data.mdb has no database \"%s\"", names[db]);
        }
    }
    if (code != 0) {
        mdb_txn_abort(txn);
        return code == MDB_NOTFOUND ? VLT_E_FORMAT : fail(code, "read", why);
    }
    code = mdb_txn_commit(txn);
    return code == 0 ? VLT_OK : fail(code, "write", why);
}

/* LMDB takes its page size from the file, but is only right on its own. */
static enum vlt_status
check_page(struct env *env, struct vlt_buf *why)
{
    long page = sysconf(_SC_PAGESIZE);
    MDB_stat stat;
    int code = mdb_env_stat(env->mdb, &stat);

    if (code != 0) {
        return fail(code, "read", why);
    }
    env->page = stat.ms_psize;
    if ((long)stat.ms_psize != page) {
        if (why != NULL) {
            vlt_buf_printf(why,
                           "data.mdb has pages of %u bytes, this machine of "
                           "%ld: restore it from a backup",
                           stat.ms_psize, page);
        }
        return VLT_E_FORMAT;
    }
    return VLT_OK;
}

/* LMDB found a page that cannot be, and would abort. */
static void
on_assert(MDB_env *mdb, const char *what)
{
    (void)mdb;
    log_error("store", "data.mdb is damaged: run vaultd check (%s)", what);
    _exit(STORE_EXIT_DAMAGED);
}

static int
configure(MDB_env *mdb, struct env_size size)
{
    int code = mdb_env_set_maxdbs(mdb, DBS_MAX);

    if (code == 0) {
        code = mdb_env_set_assert(mdb, on_assert);
    }
    if (code == 0) {
        code = mdb_env_set_mapsize(mdb, size.map);
    }
    if (code == 0) {
        code = mdb_env_set_maxreaders(mdb, size.readers);
    }
    return code;
}

static enum vlt_status
say(enum vlt_status st, const char *what, struct vlt_buf *why)
{
    if (why != NULL) {
        vlt_buf_put_text(why, what);
    }
    return st;
}

/* The file's bytes as they are on the disk, for whole_check(). */
static enum vlt_status
check_bytes(int fd, struct vlt_buf *why)
{
    struct stat about;
    enum vlt_status st;

    if (fstat(fd, &about) != 0) {
        return fail(errno, "read", why);
    }
    size_t len = (size_t)about.st_size;
    void *at = MAP_FAILED;

    if (len > 0) {
        at = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0);
        if (at == MAP_FAILED) {
            return fail(errno, "read", why);
        }
    }
    st = whole_check(vlt_slice_of(len > 0 ? at : NULL, len));
    if (len > 0) {
        (void)munmap(at, len);
    }
    if (st == VLT_E_FORMAT) {
        return say(VLT_E_STORAGE,
                   "data.mdb is damaged: it does not begin as a database", why);
    }
    if (st == VLT_E_STORAGE) {
        return say(st, "data.mdb is damaged: its end is missing", why);
    }
    return st;
}

/* Before LMDB maps it: it would write into an empty file, and die reading one
 * that is cut. */
static enum vlt_status
check_file(const char *path, struct vlt_buf *why)
{
    char name[STORE_PATH_MAX + sizeof "/data.mdb"];
    enum vlt_status st;

    (void)snprintf(name, sizeof name, "%s/data.mdb", path);

    int fd = open(name, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return fail(errno, "open", why);
    }
    st = check_bytes(fd, why);
    close(fd);
    return st;
}

static unsigned
flags(void)
{
    unsigned planted = seed_planted(SEED_NOSYNC) ? MDB_NOSYNC : 0;

    planted |= seed_planted(SEED_NOMETASYNC) ? MDB_NOMETASYNC : 0;
    return ENV_FLAGS | planted;
}

enum vlt_status
env_open(const char *path, struct env_size size, bool make, struct vlt_buf *why,
         struct env *out)
{
    struct env env = { .fd = -1 };
    enum vlt_status st = make ? VLT_OK : check_file(path, why);
    int code;

    if (st != VLT_OK) {
        return st;
    }
    code = mdb_env_create(&env.mdb);
    if (code != 0) {
        return fail(code, "open", why);
    }
    code = configure(env.mdb, size);
    if (code == 0) {
        code = mdb_env_open(env.mdb, path, flags(), 0600);
    }
    if (code == 0) {
        code = mdb_env_get_fd(env.mdb, &env.fd);
    }
    if (code != 0) {
        st = fail(code, "open", why);
        goto done;
    }
    st = check_page(&env, why);
    if (st != VLT_OK) {
        goto done;
    }
    st = open_dbs(&env, make, why);
    if (st != VLT_OK) {
        goto done;
    }
    *out = env;
    env.mdb = NULL;

done:
    env_close(&env);
    return st;
}

void
env_close(struct env *env)
{
    if (env->mdb != NULL) {
        mdb_env_close(env->mdb);
        env->mdb = NULL;
    }
}

enum vlt_status
env_sync(const struct env *env)
{
    if (fsync(env->fd) != 0) {
        return env_status(errno, "sync data.mdb");
    }
    return VLT_OK;
}
