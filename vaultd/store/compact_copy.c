/*
 * compact_copy: the copy as it is first made, beside all else.
 *
 * LMDB writes it into a pipe (copier.h) and this thread into the file, in
 * stretches that are synced one by one: what an append has to wait for at its
 * own sync is then never a whole file.
 */
#define _GNU_SOURCE /* O_DIRECTORY and the *at() calls */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/compact_internal.h"
#include "store/copier.h"
#include "store/seeds.h"
#include "store/volume.h"

enum {
    SLICE = 256 << 10,  /* bytes that are written at once */
    STRETCH = 16 << 20, /* that are synced together */
    LOOK_EVERY = 1024,  /* records between two looks whether to go on */
    HELD_MS = 5,        /* between two looks of a copy that is held */
};

/* ---- writing ---- */

static enum vlt_status
write_all(int fd, const uint8_t *at, size_t len, struct vlt_buf *why)
{
    while (len > 0) {
        ssize_t some = write(fd, at, len);

        if (some < 0 && errno != EINTR) {
            return compact_refused(why, "the copy is not written");
        }
        if (some > 0) {
            at += some;
            len -= (size_t)some;
        }
    }
    return VLT_OK;
}

/* Between two stretches: what was written is durable, and there is room. */
static enum vlt_status
end_stretch(const struct store_compaction *c, int fd, struct vlt_buf *why)
{
    struct volume volume;

    if (fsync(fd) != 0) {
        return compact_refused(why, "the copy was not synced");
    }
    if (volume_look(fd, &volume) != VLT_OK) {
        return compact_refused(why, "no look at the disk");
    }
    if (volume.free < compact_margin(c, volume.size)) {
        return store_say(VLT_E_STORAGE, why,
                         "cannot compact: the disk has filled up meanwhile");
    }
    return VLT_OK;
}

static enum vlt_status
write_copy(struct store_compaction *c, int fd, uint8_t *slice,
           struct vlt_buf *why)
{
    size_t stretch = 0;
    size_t got = 1;
    enum vlt_status st = VLT_OK;

    while (st == VLT_OK && got > 0) {
        st = compact_goes_on(c, why);
        if (st == VLT_OK &&
            copier_read(c->copier, slice, SLICE, &got) != VLT_OK) {
            return store_say(VLT_E_STORAGE, why,
                             "cannot compact: data.mdb cannot be copied");
        }
        if (st == VLT_OK) {
            st = write_all(fd, slice, got, why);
            stretch += got;
        }
        if (st == VLT_OK && (stretch >= STRETCH || got == 0)) {
            st = end_stretch(c, fd, why);
            stretch = 0;
        }
    }
    return st;
}

static enum vlt_status
make_file(struct store_compaction *c, struct vlt_buf *why)
{
    uint8_t *slice = malloc(SLICE);
    int fd;
    enum vlt_status st;

    if (slice == NULL) {
        return VLT_E_NOMEM;
    }
    fd = openat(c->fd, "data.mdb", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                0600);
    if (fd < 0) {
        free(slice);
        return compact_refused(why, "no file for the copy");
    }
    st = write_copy(c, fd, slice, why);
    if (close(fd) != 0 && st == VLT_OK) {
        st = compact_refused(why, "the copy was not synced");
    }
    free(slice);
    copier_free(c->copier);
    c->copier = NULL;
    return st;
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
compare_records(const struct store_compaction *c, MDB_cursor *cursor[2],
                enum env_db db, struct vlt_buf *why)
{
    MDB_cursor_op op = MDB_FIRST;
    MDB_val key[2];
    MDB_val value[2];
    int code[2];
    uint64_t looked = 0;
    enum vlt_status st = VLT_OK;

    do {
        code[0] = mdb_cursor_get(cursor[0], &key[0], &value[0], op);
        code[1] = mdb_cursor_get(cursor[1], &key[1], &value[1], op);
        op = MDB_NEXT;
        if (code[0] != code[1] ||
            (code[0] == 0 &&
             (!same(&key[0], &key[1]) ||
              (!is_database(db, &key[0]) && !same(&value[0], &value[1]))))) {
            return VLT_E_STORAGE;
        }
        if (++looked % LOOK_EVERY == 0) {
            st = compact_goes_on(c, why);
        }
    } while (st == VLT_OK && code[0] == 0);
    return st == VLT_OK && code[0] != MDB_NOTFOUND ? VLT_E_STORAGE : st;
}

static enum vlt_status
compare_db(const struct store_compaction *c, MDB_txn *copy, enum env_db db,
           struct vlt_buf *why)
{
    MDB_cursor *cursor[2] = { NULL, NULL };
    enum vlt_status st = VLT_E_STORAGE;

    if (mdb_cursor_open(c->view, c->store->env.dbi[db], &cursor[0]) == 0 &&
        mdb_cursor_open(copy, c->copy.dbi[db], &cursor[1]) == 0) {
        st = compare_records(c, cursor, db, why);
    }
    for (size_t i = 0; i < 2; i++) {
        if (cursor[i] != NULL) {
            mdb_cursor_close(cursor[i]);
        }
    }
    return st;
}

static enum vlt_status
compare_all(const struct store_compaction *c, struct vlt_buf *why)
{
    MDB_txn *copy = NULL;
    enum vlt_status st = VLT_OK;

    if (mdb_txn_begin(c->copy.mdb, NULL, MDB_RDONLY, &copy) != 0) {
        return VLT_E_STORAGE;
    }
    for (enum env_db db = 0; st == VLT_OK && db < ENV_DBS; db++) {
        st = compare_db(c, copy, db, why);
    }
    mdb_txn_abort(copy);
    return st;
}

static enum vlt_status
open_copy(struct store_compaction *c, struct vlt_buf *why)
{
    MDB_envinfo info;
    struct env_size size = { .readers = 2 };

    if (mdb_env_info(c->store->env.mdb, &info) != 0) {
        return compact_refused(why, "no look at the environment");
    }
    size.map = info.me_mapsize;
    return env_open(c->path, size, false, why, &c->copy) == VLT_OK
               ? VLT_OK
               : VLT_E_STORAGE;
}

/* A seam of tests: the copy stands still until somebody removes a file "held"
 * from its folder. */
static void
hold(const struct store_compaction *c)
{
    int fd;

    if (!seed_planted(SEED_COMPACTION_HELD)) {
        return;
    }
    fd = openat(c->fd, "held", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return;
    }
    (void)close(fd);
    while (compact_goes_on(c, NULL) == VLT_OK &&
           faccessat(c->fd, "held", F_OK, 0) == 0) {
        (void)poll(NULL, 0, HELD_MS);
    }
    (void)unlinkat(c->fd, "held", 0);
}

enum vlt_status
compact_copy(struct store_compaction *c, struct vlt_buf *why)
{
    enum vlt_status st = make_file(c, why);

    hold(c);
    if (st == VLT_OK) {
        st = open_copy(c, why);
    }
    if (st != VLT_OK) {
        return st;
    }
    st = compare_all(c, why);
    return st != VLT_E_STORAGE
               ? st
               : store_say(st, why,
                           "cannot compact: the copy is not the same as "
                           "data.mdb");
}
