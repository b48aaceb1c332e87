/*
 * compact: the sequence, the folder of the copy, and the change of places.
 */
#define _GNU_SOURCE /* O_DIRECTORY and the *at() calls */

#include "store/compact.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/files.h"
#include "store/compact_internal.h"
#include "store/copier.h"
#include "store/space.h"
#include "store/volume.h"

static const char folder[] = "compact";

enum {
    /* What the commit thread may do with others waiting: less than what one
     * turn may bring. */
    LAST_CHANGES = 4096,
    LAST_BYTES = 8 << 20,
    ROUNDS = 8, /* after the copy, each with what came during the last */
};

enum vlt_status
compact_refused(struct vlt_buf *why, const char *what)
{
    return store_say(VLT_E_STORAGE, why, "cannot compact: %s: %s", what,
                     strerror(errno));
}

void
compact_give_way(struct store_compaction *c, enum vlt_status why)
{
    atomic_set(&c->gives_way, (uint64_t)why);
}

enum vlt_status
compact_goes_on(const struct store_compaction *c, struct vlt_buf *why)
{
    const struct atomic *asked = c->wish.cancelled;
    bool cancelled = asked != NULL && atomic_get(asked) != 0;
    enum vlt_status st = (enum vlt_status)atomic_get(&c->gives_way);

    if (st == VLT_OK && cancelled) {
        st = VLT_E_BUSY;
    }
    return st == VLT_OK ? VLT_OK
                        : store_say(st, why, "compacting was broken off");
}

uint64_t
compact_margin(const struct store_compaction *c, uint64_t size)
{
    return COMPACT_MARGIN + (c->wish.spare ? space_margin(size) : 0);
}

/* ---- the folder ---- */

/* Remove the folder that is open as fd, and close it. */
static void
remove_folder(int dir, int fd)
{
    (void)unlinkat(fd, "data.mdb", 0);
    (void)unlinkat(fd, "lock.mdb", 0);
    (void)close(fd);
    (void)unlinkat(dir, folder, AT_REMOVEDIR);
}

bool
compact_remove(int dir)
{
    int fd = openat(dir, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        remove_folder(dir, fd);
    }
    return fd >= 0;
}

static enum vlt_status
make_folder(struct store_compaction *c, struct vlt_buf *why)
{
    int dir = c->store->dir.fd;
    const char *path = NULL;

    (void)mdb_env_get_path(c->store->env.mdb, &path);
    (void)snprintf(c->path, sizeof c->path, "%s/%s", path, folder);
    /* One that is there could not be removed before. */
    if (mkdirat(dir, folder, 0700) != 0 &&
        (errno != EEXIST || !compact_remove(dir) ||
         mkdirat(dir, folder, 0700) != 0)) {
        return compact_refused(why, "no folder for the copy");
    }
    c->fd = openat(dir, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return c->fd >= 0 ? VLT_OK : compact_refused(why, "no folder for the copy");
}

/* ---- the snapshot ---- */

/* Bytes that the copy will have, about. */
static enum vlt_status
used_bytes(const struct store_compaction *c, uint64_t *out)
{
    struct store_view view = { .store = c->store, .mdb = c->view };
    MDB_envinfo info;
    uint64_t free_pages = 0;
    enum vlt_status st =
        env_status(mdb_env_info(c->store->env.mdb, &info), "look at data.mdb");

    if (st == VLT_OK) {
        st = view_free_pages(&view, &free_pages);
    }
    if (st == VLT_OK) {
        *out =
            ((uint64_t)info.me_last_pgno + 1 - free_pages) * c->store->env.page;
    }
    return st;
}

static enum vlt_status
check_room(const struct store_compaction *c, struct vlt_buf *why)
{
    struct volume volume;
    uint64_t need = 0;

    if (used_bytes(c, &need) != VLT_OK ||
        volume_look(c->store->dir.fd, &volume) != VLT_OK) {
        return compact_refused(why, "no look at the disk");
    }
    need += compact_margin(c, volume.size);
    if (volume.free < need) {
        return store_say(VLT_E_STORAGE, why,
                         "cannot compact: a copy needs up to %llu MiB, and "
                         "%llu MiB are free",
                         (unsigned long long)(need >> 20) + 1,
                         (unsigned long long)(volume.free >> 20));
    }
    return VLT_OK;
}

static enum vlt_status
begin_view(struct store_compaction *c)
{
    return env_status(
        mdb_txn_begin(c->store->env.mdb, NULL, MDB_RDONLY, &c->view),
        "begin to compact");
}

/* LMDB gives back what only it showed, and an environment can be closed. */
static void
end_view(struct store_compaction *c)
{
    mdb_txn_abort(c->view);
    c->view = NULL;
}

/* The view and LMDB's own show the same: nothing commits meanwhile. */
static enum vlt_status
snapshot(struct store_compaction *c, struct vlt_buf *why)
{
    enum vlt_status st = begin_view(c);

    if (st == VLT_OK) {
        st = check_room(c, why);
    }
    if (st == VLT_OK) {
        st = make_folder(c, why);
    }
    if (st == VLT_OK) {
        st = copier_begin(c->store->env.mdb, &c->copier);
    }
    return st;
}

enum vlt_status
store_compact_begin(struct store *store, const struct store_compact_wish *wish,
                    struct vlt_buf *why, struct store_compaction **out)
{
    struct store_compaction *c;
    enum vlt_status st;

    if (store_locked(store) || store->broken) {
        return store->broken ? VLT_E_STORAGE : VLT_E_LOCKED;
    }
    if (store->compaction != NULL || atomic_get(&store->copies) != 0) {
        return store_say(VLT_E_BUSY, why,
                         "cannot compact while a copy is being made");
    }
    c = calloc(1, sizeof *c);
    if (c == NULL) {
        return VLT_E_NOMEM;
    }
    c->store = store;
    c->wish = *wish;
    c->fd = -1;
    store->compaction = c;
    store->changes = &c->noted;
    (void)atomic_add(&store->copies, 1);
    st = snapshot(c, why);
    if (st != VLT_OK) {
        store_compact_free(c);
        return st;
    }
    *out = c;
    return VLT_OK;
}

enum vlt_status
store_compact_work(struct store_compaction *c, struct vlt_buf *why)
{
    enum vlt_status st =
        c->copy.mdb != NULL ? compact_follow(c, why) : compact_copy(c, why);

    end_view(c);
    c->worked = st;
    return st;
}

/* ---- the last step ---- */

/* What the commit thread knows against going on. */
static enum vlt_status
may_finish(const struct store_compaction *c, struct vlt_buf *why)
{
    const struct store *store = c->store;
    enum vlt_status st = compact_goes_on(c, why);

    if (store_locked(store) || store->broken) {
        return store->broken ? VLT_E_STORAGE : VLT_E_LOCKED;
    }
    if (st == VLT_OK && c->worked != VLT_OK) {
        return c->worked;
    }
    if (st == VLT_OK && c->noted.lost != VLT_OK) {
        return store_say(c->noted.lost, why,
                         "compacting was given up: too much was written "
                         "meanwhile");
    }
    if (st == VLT_OK && atomic_get(&store->copies) > 1) {
        return store_say(VLT_E_BUSY, why,
                         "cannot compact while a backup is being made");
    }
    return st;
}

static bool
much(const struct changes *changes)
{
    return changes->count > LAST_CHANGES || changes->bytes > LAST_BYTES;
}

/* From here on the copy is to be like what there is now. */
static enum vlt_status
look_again(struct store_compaction *c)
{
    enum vlt_status st = begin_view(c);

    if (st == VLT_OK) {
        changes_take(&c->noted, &c->todo);
    }
    return st;
}

/* With no reader inside: the file changes under the environment. */
static enum vlt_status
take_place(struct store_compaction *c, struct vlt_buf *why)
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
        return compact_refused(why, "the copy does not take its place");
    }
    st = files_sync_dir(store->dir.fd, why);
    env_close(&store->env);
    if (st == VLT_OK) {
        st = env_open(path, size, false, why, &store->env);
    }
    if (st != VLT_OK) {
        store->broken = true;
        return VLT_E_UNKNOWN;
    }
    store->reserve.fd = store->env.fd;
    store->reserve.upto = 0;
    return VLT_OK;
}

/* The copy, closed, has all that there is. */
static enum vlt_status
complete_copy(struct store_compaction *c, struct vlt_buf *why)
{
    enum vlt_status st = look_again(c);

    if (st == VLT_OK) {
        st = compact_follow(c, why);
    }
    if (st == VLT_OK) {
        st = compact_judge(c, why);
    }
    end_view(c);
    env_close(&c->copy);
    return st;
}

static enum vlt_status
finish(struct store_compaction *c, struct vlt_buf *why)
{
    struct store *store = c->store;
    enum vlt_status st = complete_copy(c, why);

    if (st != VLT_OK) {
        return st;
    }
    shelf_stop_readers(store->shelf);
    st = take_place(c, why);
    shelf_let_readers(store->shelf);
    store->unfinished = store->unfinished && st != VLT_OK;
    return st;
}

enum vlt_status
store_compact_finish(struct store_compaction *c, struct vlt_buf *why,
                     bool *more)
{
    enum vlt_status st = may_finish(c, why);

    *more = false;
    if (st != VLT_OK) {
        return st;
    }
    if (!much(&c->noted)) {
        return finish(c, why);
    }
    if (c->rounds == ROUNDS) {
        return store_say(VLT_E_BUSY, why,
                         "compacting was given up: more is written than the "
                         "copy follows");
    }
    c->rounds++;
    st = look_again(c);
    *more = st == VLT_OK;
    return st;
}

void
store_compact_free(struct store_compaction *c)
{
    if (c == NULL) {
        return;
    }
    struct store *store = c->store;

    copier_free(c->copier);
    end_view(c);
    env_close(&c->copy);
    changes_free(&c->noted);
    changes_free(&c->todo);
    if (c->fd >= 0) {
        remove_folder(store->dir.fd, c->fd);
    }
    (void)atomic_add(&store->copies, UINT64_MAX);
    store->changes = NULL;
    store->compaction = NULL;
    free(c);
}

bool
store_compact_failed(const struct store *store)
{
    return store->unfinished;
}
