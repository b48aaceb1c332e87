/*
 * compact: data.mdb without its free pages.
 *
 * The copy is made beside the file by LMDB and compared with it record by
 * record before it takes its place.
 */
#define _GNU_SOURCE /* O_DIRECTORY and the *at() calls */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/files.h"
#include "store/bury.h"
#include "store/store_internal.h"
#include "store/volume.h"
#include "util/log.h"

static const char folder[] = "compact";

enum {
    MARGIN = 16 << 20, /* bytes that stay free beside the copy */
};

struct compacting {
    struct store *store;
    struct vlt_buf *why;
    char path[STORE_PATH_MAX + sizeof "/compact"]; /* of the copy's folder */
    int fd;                                        /* of that; -1: none */
    struct env copy;
};

static enum vlt_status
refused(const struct compacting *c, const char *what)
{
    return store_say(VLT_E_STORAGE, c->why, "cannot compact: %s: %s", what,
                     strerror(errno));
}

/* ---- the folder ---- */

bool
compact_remove(int dir)
{
    int fd = openat(dir, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        (void)unlinkat(fd, "data.mdb", 0);
        (void)unlinkat(fd, "lock.mdb", 0);
        (void)close(fd);
        (void)unlinkat(dir, folder, AT_REMOVEDIR);
    }
    return fd >= 0;
}

static enum vlt_status
make_folder(struct compacting *c)
{
    int dir = c->store->dir.fd;
    const char *path = NULL;

    (void)compact_remove(dir);
    (void)mdb_env_get_path(c->store->env.mdb, &path);
    (void)snprintf(c->path, sizeof c->path, "%s/%s", path, folder);
    if (mkdirat(dir, folder, 0700) != 0) {
        return refused(c, "no folder for the copy");
    }
    c->fd = openat(dir, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return c->fd >= 0 ? VLT_OK : refused(c, "no folder for the copy");
}

/* ---- the copy ---- */

static enum vlt_status
check_room(const struct compacting *c)
{
    struct volume volume;
    MDB_envinfo info;

    if (mdb_env_info(c->store->env.mdb, &info) != 0 ||
        volume_look(c->store->dir.fd, &volume) != VLT_OK) {
        return refused(c, "no look at the disk");
    }
    uint64_t need =
        ((uint64_t)info.me_last_pgno + 1) * c->store->env.page + MARGIN;

    if (volume.free < need) {
        return store_say(VLT_E_STORAGE, c->why,
                         "cannot compact: a copy needs up to %llu MiB, and "
                         "%llu MiB are free",
                         (unsigned long long)(need >> 20) + 1,
                         (unsigned long long)(volume.free >> 20));
    }
    return VLT_OK;
}

static enum vlt_status
sync_copy(const struct compacting *c)
{
    int fd = openat(c->fd, "data.mdb", O_RDONLY | O_CLOEXEC);
    enum vlt_status st = VLT_OK;

    if (fd < 0 || fchmod(fd, 0600) != 0 || fsync(fd) != 0) {
        st = refused(c, "the copy was not synced");
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return st;
}

static enum vlt_status
make_copy(struct compacting *c)
{
    int code = mdb_env_copy2(c->store->env.mdb, c->path, MDB_CP_COMPACT);

    if (code != 0) {
        return store_say(VLT_E_STORAGE, c->why, "cannot compact: %s",
                         mdb_strerror(code));
    }
    return sync_copy(c);
}

/* ---- comparing ---- */

static bool
same(const MDB_val *a, const MDB_val *b)
{
    return a->mv_size == b->mv_size &&
           memcmp(a->mv_data, b->mv_data, a->mv_size) == 0;
}

/* Names of databases are the same; what they say of pages is not. */
static bool
is_database(enum env_db db, const MDB_val *key)
{
    for (enum env_db i = 0; db == ENV_MAIN && i < ENV_DBS; i++) {
        const char *name = env_db_name(i);

        if (strlen(name) == key->mv_size &&
            memcmp(name, key->mv_data, key->mv_size) == 0) {
            return true;
        }
    }
    return false;
}

static enum vlt_status
compare_records(MDB_cursor *a, MDB_cursor *b, enum env_db db)
{
    MDB_cursor_op op = MDB_FIRST;
    MDB_val key[2];
    MDB_val value[2];
    int code[2];

    do {
        code[0] = mdb_cursor_get(a, &key[0], &value[0], op);
        code[1] = mdb_cursor_get(b, &key[1], &value[1], op);
        op = MDB_NEXT;
        if (code[0] != code[1] ||
            (code[0] == 0 &&
             (!same(&key[0], &key[1]) ||
              (!is_database(db, &key[0]) && !same(&value[0], &value[1]))))) {
            return VLT_E_STORAGE;
        }
    } while (code[0] == 0);
    return code[0] == MDB_NOTFOUND ? VLT_OK : VLT_E_STORAGE;
}

static enum vlt_status
compare_db(const struct compacting *c, MDB_txn *txn[2], enum env_db db)
{
    MDB_cursor *cursor[2] = { NULL, NULL };
    enum vlt_status st = VLT_E_STORAGE;

    if (mdb_cursor_open(txn[0], c->store->env.dbi[db], &cursor[0]) == 0 &&
        mdb_cursor_open(txn[1], c->copy.dbi[db], &cursor[1]) == 0) {
        st = compare_records(cursor[0], cursor[1], db);
    }
    for (size_t i = 0; i < 2; i++) {
        if (cursor[i] != NULL) {
            mdb_cursor_close(cursor[i]);
        }
    }
    return st;
}

static enum vlt_status
compare_all(const struct compacting *c)
{
    MDB_txn *txn[2] = { NULL, NULL };
    enum vlt_status st = VLT_E_STORAGE;

    if (mdb_txn_begin(c->store->env.mdb, NULL, MDB_RDONLY, &txn[0]) == 0 &&
        mdb_txn_begin(c->copy.mdb, NULL, MDB_RDONLY, &txn[1]) == 0) {
        st = VLT_OK;
    }
    for (enum env_db db = 0; st == VLT_OK && db < ENV_DBS; db++) {
        st = compare_db(c, txn, db);
    }
    for (size_t i = 0; i < 2; i++) {
        mdb_txn_abort(txn[i]);
    }
    return st;
}

static enum vlt_status
verify_copy(struct compacting *c)
{
    MDB_envinfo info;
    struct env_size size = { .readers = 2 };

    if (mdb_env_info(c->store->env.mdb, &info) != 0) {
        return refused(c, "no look at the environment");
    }
    size.map = info.me_mapsize;

    enum vlt_status st = env_open(c->path, size, false, c->why, &c->copy);

    if (st != VLT_OK) {
        return VLT_E_STORAGE;
    }
    st = compare_all(c);
    env_close(&c->copy);
    return st == VLT_OK ? st
                        : store_say(VLT_E_STORAGE, c->why,
                                    "cannot compact: the copy is not the same "
                                    "as data.mdb");
}

/* ---- putting it in place ---- */

/* With no reader inside: the file changes under the environment. */
static enum vlt_status
take_place(struct compacting *c)
{
    struct store *store = c->store;
    char path[STORE_PATH_MAX + 1];
    const char *at = NULL;
    MDB_envinfo info;
    struct env_size size = { .map = 0 };
    enum vlt_status st;

    (void)mdb_env_get_path(store->env.mdb, &at);
    (void)snprintf(path, sizeof path, "%s", at);
    (void)mdb_env_info(store->env.mdb, &info);
    size.map = info.me_mapsize;
    size.readers = info.me_maxreaders;
    if (renameat(c->fd, "data.mdb", store->dir.fd, "data.mdb") != 0) {
        return refused(c, "the copy does not take its place");
    }
    st = files_sync_dir(store->dir.fd, c->why);
    env_close(&store->env);
    if (st == VLT_OK) {
        st = env_open(path, size, false, c->why, &store->env);
    }
    if (st != VLT_OK) {
        store->broken = true;
        return VLT_E_UNKNOWN;
    }
    store->reserve.fd = store->env.fd;
    store->reserve.upto = 0;
    return VLT_OK;
}

bool
store_compact_failed(const struct store *store)
{
    return store->unfinished;
}

enum vlt_status
store_compact(struct store *store, struct vlt_buf *why)
{
    struct compacting c = { .store = store, .why = why, .fd = -1 };
    enum vlt_status st;

    if (store_locked(store)) {
        return VLT_E_LOCKED;
    }
    if (store->broken) {
        return VLT_E_STORAGE;
    }
    if (atomic_get(&store->copies) != 0) {
        return store_say(VLT_E_STORAGE, why,
                         "cannot compact while a backup is being made");
    }
    st = check_room(&c);
    if (st == VLT_OK) {
        st = make_folder(&c);
    }
    if (st == VLT_OK) {
        st = make_copy(&c);
    }
    if (st == VLT_OK) {
        st = verify_copy(&c);
    }
    if (st == VLT_OK) {
        shelf_stop_readers(store->shelf);
        st = take_place(&c);
        shelf_let_readers(store->shelf);
    }
    store->unfinished = store->unfinished && st != VLT_OK;
    if (c.fd >= 0) {
        (void)close(c.fd);
    }
    (void)compact_remove(store->dir.fd);
    return st;
}
