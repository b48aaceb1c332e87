#define _GNU_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE */

#include "store/room.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/writer.h"
#include "store/ballast.h"
#include "store/compact_internal.h"
#include "store/space.h"
#include "store/store_internal.h"
#include "store/volume.h"
#include "util/log.h"

enum vlt_status
room_open(struct store *store)
{
    struct volume volume;
    enum vlt_status st = volume_look(store->env.fd, &volume);

    if (st != VLT_OK) {
        return st;
    }
    store->reserve =
        (struct reserve){ .fd = store->env.fd, .in_place = volume.in_place };
    atomic_set(&store->ballast, ballast_whole(store->dir.fd));
    return VLT_OK;
}

/* ---- the ballast ---- */

bool
room_give(struct store *store)
{
    bool given = ballast_give(store->dir.fd);

    atomic_set(&store->ballast, 0);
    if (given) {
        log_warning("store", "the disk is full: the ballast is given up for "
                             "what must go on");
    }
    return given;
}

void
store_tend(struct store *store)
{
    struct volume volume;

    if (atomic_get(&store->ballast) != 0 ||
        volume_look(store->dir.fd, &volume) != VLT_OK ||
        volume.free < space_margin(volume.size) + SPACE_BALLAST) {
        return;
    }
    if (ballast_make(store->dir.fd) == VLT_OK) {
        atomic_set(&store->ballast, 1);
        log_info("store", "the ballast is there");
    }
}

/* ---- address space ---- */

/* Would the system map so much?  Asked before the map that there is goes. */
static bool
may_map(size_t bytes)
{
    void *at = mmap(NULL, bytes, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (at != MAP_FAILED) {
        (void)munmap(at, bytes);
    }
    return at != MAP_FAILED;
}

/* Readers hold pointers into the map, so they are kept out. */
static void
grow(struct store *store, size_t bytes)
{
    if (atomic_get(&store->copies) != 0) {
        if (store->compaction != NULL) {
            compact_give_way(store->compaction, VLT_E_BUSY);
        }
        return; /* LMDB copies out of the map: asked again later */
    }
    if (!may_map(bytes)) {
        log_warning("store", "the map cannot grow to %zu MiB", bytes >> 20);
        store->map_most = 0;
        return;
    }
    shelf_stop_readers(store->shelf);
    int code = mdb_env_set_mapsize(store->env.mdb, bytes);

    if (code != 0) {
        log_error("store", "the map is lost: %s", mdb_strerror(code));
        _exit(STORE_EXIT_DAMAGED);
    }
    shelf_let_readers(store->shelf);
    log_info("store", "the map has grown to %zu MiB", bytes >> 20);
}

/* ---- blocks ---- */

/* Pages that LMDB has freed; it tells them to readers only. */
static uint64_t
free_pages(struct store *store)
{
    struct store_view view = { .store = store };
    uint64_t pages = 0;

    if (mdb_txn_begin(store->env.mdb, NULL, MDB_RDONLY, &view.mdb) != 0) {
        return store->free_pages; /* as many as when it last told */
    }
    if (view_free_pages(&view, &pages) == VLT_OK) {
        store->free_pages = pages;
    }
    mdb_txn_abort(view.mdb);
    return store->free_pages;
}

static void
say(struct store *store, enum store_stop stop)
{
    static const char *const says[] = {
        [STORE_STOP_NONE] = "rows are taken again",
        [STORE_STOP_QUOTA] = "the quota is used up: no rows are taken",
        [STORE_STOP_DISK] = "the disk is nearly full: no rows are taken",
    };

    if (stop != store->said) {
        log_warning("store", "%s", says[stop]);
        store->said = stop;
    }
}

/* Free pages are counted only where they may matter. */
static enum store_stop
judge(struct store *store, uint64_t end)
{
    struct space space = { .quota = atomic_get(&store->quota), .used = end };
    struct volume volume;

    if (volume_look(store->env.fd, &volume) != VLT_OK) {
        return STORE_STOP_DISK;
    }
    space.free = volume.free;
    space.size = volume.size;

    enum store_stop stop = space_judge(&space);

    if (stop == STORE_STOP_QUOTA) {
        uint64_t bytes = free_pages(store) * store->env.page;

        space.used -= bytes < end ? bytes : end;
        stop = space_judge(&space);
    }
    return stop;
}

/* Once each time that it becomes so. */
static void
note_full(struct store *store, bool good, bool control)
{
    enum room_full full = control ? ROOM_FULL : ROOM_NO_ROWS;

    if (!good && store->full < full) {
        log_warning("store", control ? "the disk is full, and the ballast gone"
                                     : "the disk is full");
        store->full = full;
    } else if (good && store->full >= full) {
        store->full = control ? ROOM_NO_ROWS : ROOM_THERE;
    }
}

/* For control: with no more room, the ballast is spent. */
static enum vlt_status
reserve_control(struct store *store, uint64_t end, uint64_t more)
{
    uint64_t ahead = more + SPACE_RESERVE_CONTROL;
    enum vlt_status st = reserve_ahead(&store->reserve, end, ahead);

    return st == VLT_E_STORAGE && room_give(store)
               ? reserve_ahead(&store->reserve, end, ahead)
               : st;
}

static enum vlt_status
reserve_for(struct store *store, uint64_t end, bool control)
{
    enum vlt_status st =
        control ? reserve_control(store, end, 0)
                : reserve_ahead(&store->reserve, end, SPACE_RESERVE_DATA);

    note_full(store, st == VLT_OK, control);
    return st;
}

/* Where the file's used part ends, and the map. */
static enum vlt_status
look(const struct store *store, MDB_envinfo *info, uint64_t *end)
{
    int code = mdb_env_info(store->env.mdb, info);
    enum vlt_status st = env_status(code, "look at the environment");

    if (st == VLT_OK) {
        *end = ((uint64_t)info->me_last_pgno + 1) * store->env.page;
    }
    return st;
}

enum vlt_status
room_more(struct store *store, uint64_t bytes)
{
    MDB_envinfo info;
    uint64_t end;
    enum vlt_status st = look(store, &info, &end);

    return st == VLT_OK ? reserve_control(store, end, bytes) : st;
}

enum vlt_status
room_begin(struct store *store, const struct store_turn *turn,
           enum store_stop *stop)
{
    MDB_envinfo info;
    uint64_t end;
    enum vlt_status st = look(store, &info, &end);

    if (st != VLT_OK) {
        return st;
    }
    size_t map = space_map(info.me_mapsize, store->map_most, end);

    if (map > info.me_mapsize) {
        grow(store, map);
    }
    *stop = judge(store, end);
    say(store, *stop);
    return reserve_for(store, end, turn->control);
}

/* ---- what others see ---- */

void
store_quota_set(struct store *store, uint64_t bytes)
{
    atomic_set(&store->quota, bytes);
}

uint64_t
store_quota(const struct store *store)
{
    return atomic_get(&store->quota);
}

uint64_t
store_quota_fitting(const struct store *store, uint64_t bytes)
{
    struct volume volume = { .free = 0 };

    if (volume_look(store->dir.fd, &volume) != VLT_OK) {
        return SPACE_QUOTA_MOST;
    }
    return space_quota(volume.free + 2 * bytes);
}

enum vlt_status
store_space(const struct store *store, uint64_t used, struct store_space *out)
{
    struct volume volume;
    enum vlt_status st = volume_look(store->dir.fd, &volume);

    if (st != VLT_OK) {
        return st;
    }
    struct space space = { .quota = atomic_get(&store->quota),
                           .used = used,
                           .free = volume.free,
                           .size = volume.size };

    *out = (struct store_space){
        .quota = space.quota,
        .free = volume.free,
        .stop = space_judge(&space),
        .ballast = atomic_get(&store->ballast) != 0,
        .reserves =
            atomic_get(&store->reserve.unsupported) == 0 && volume.in_place,
    };
    return VLT_OK;
}
