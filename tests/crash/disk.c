#define _GNU_SOURCE /* O_DSYNC */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/falloc.h>

#include "disk_internal.h"

static void
give_up(const char *why)
{
    (void)fprintf(stderr, "disk: %s\n", why);
    exit(2);
}

void *
disk_more(void *array, size_t count, size_t *cap, size_t each)
{
    if (count < *cap) {
        return array;
    }
    *cap = *cap == 0 ? 8 : 2 * *cap;
    array = realloc(array, *cap * each);
    if (array == NULL) {
        give_up("no memory");
    }
    return array;
}

/* ---- names ---- */

long
disk_links_find(const struct disk_links *links, size_t folder, const char *name)
{
    for (size_t i = 0; i < links->count; i++) {
        if (links->link[i].folder == folder &&
            strcmp(links->link[i].name, name) == 0) {
            return (long)links->link[i].node;
        }
    }
    return -1;
}

static void
unlink_name(struct disk_links *links, const struct disk_link *link)
{
    for (size_t i = 0; i < links->count; i++) {
        if (links->link[i].folder == link->folder &&
            strcmp(links->link[i].name, link->name) == 0) {
            links->link[i] = links->link[--links->count];
            return;
        }
    }
}

static void
link_name(struct disk_links *links, const struct disk_link *link)
{
    links->link =
        disk_more(links->link, links->count, &links->cap, sizeof *links->link);
    links->link[links->count++] = *link;
}

void
disk_links_do(struct disk_links *links, const struct disk_rename *rename)
{
    if (rename->from.name[0] != '\0') {
        unlink_name(links, &rename->from);
    }
    if (rename->to.name[0] != '\0') {
        unlink_name(links, &rename->to);
        link_name(links, &rename->to);
    }
    if (rename->exchanges) {
        link_name(links, &rename->from);
    }
}

void
disk_links_copy(struct disk_links *to, const struct disk_links *from)
{
    static const struct disk_rename none;

    to->count = 0;
    for (size_t i = 0; i < from->count; i++) {
        struct disk_rename one = none;

        one.to = from->link[i];
        disk_links_do(to, &one);
    }
}

/* The folder of a path and its last name; false: no such folder. */
static bool
look_up(const struct disk *disk, const char *path, struct disk_link *out)
{
    size_t folder = DISK_ROOT;

    for (;;) {
        size_t len = strcspn(path, "/");

        if (len == 0 || len >= sizeof out->name) {
            return false;
        }
        *out = (struct disk_link){ .folder = folder };
        memcpy(out->name, path, len);
        if (path[len] == '\0') {
            return true;
        }
        long next = disk_links_find(&disk->now, folder, out->name);

        if (next < 0) {
            return false;
        }
        folder = (size_t)next;
        path += len + 1;
    }
}

static void
change_names(struct disk *disk, const struct disk_rename *rename)
{
    disk_links_do(&disk->now, rename);
    disk->rename = disk_more(disk->rename, disk->renames, &disk->renames_cap,
                             sizeof *disk->rename);
    disk->rename[disk->renames++] = *rename;
}

static size_t
new_node(struct disk *disk, bool folder)
{
    disk->node = disk_more(disk->node, disk->nodes, &disk->nodes_cap,
                           sizeof *disk->node);
    disk->node[disk->nodes] = (struct disk_node){ .folder = folder };
    return disk->nodes++;
}

/* ---- bytes ---- */

void
disk_file_reserve(struct disk_file *image, uint64_t len)
{
    if (len > image->cap) {
        image->cap = (size_t)len + (size_t)len / 2 + 4096;
        image->bytes = realloc(image->bytes, image->cap);
        if (image->bytes == NULL) {
            give_up("no memory");
        }
    }
}

static void
set_len(struct disk_file *file, uint64_t len)
{
    disk_file_reserve(file, len);
    if (len > file->len) {
        memset(file->bytes + file->len, 0, (size_t)len - file->len);
    }
    file->len = (size_t)len;
}

void
disk_file_do(struct disk_file *image, const struct disk_change *change,
             uint64_t from, uint64_t to)
{
    if (change->what == TRACE_TRUNCATE) {
        set_len(image, change->at);
    } else if (change->what == TRACE_WRITE) {
        if (to > image->len) {
            set_len(image, to);
        }
        memcpy(image->bytes + from, change->bytes + (from - change->at),
               (size_t)(to - from));
    } else if (from < image->len) {
        memset(image->bytes + from, 0,
               (size_t)((to < image->len ? to : image->len) - from));
    }
}

/* The call through O_DSYNC has returned. */
static void
land(struct disk *disk)
{
    if (disk->flying != NULL) {
        disk->flying->durable = true;
        disk->flying = NULL;
    }
}

static void
change_file(struct disk *disk, const struct trace_event *event,
            const char *more)
{
    struct disk_file *file = &disk->node[disk->open[event->fd] - 1].file;
    struct disk_change change = { .what = (enum trace_what)event->what,
                                  .order = disk->order++,
                                  .at = event->at,
                                  .len = event->what == TRACE_WRITE
                                             ? event->more
                                             : event->len,
                                  .bytes = more };

    file->change = disk_more(file->change, file->changes, &file->changes_cap,
                             sizeof *file->change);
    file->change[file->changes++] = change;
    if (disk->dsync[event->fd]) {
        disk->flying = &file->change[file->changes - 1];
    }
}

/* ---- syncs ---- */

static void
sync_file(struct disk_file *file)
{
    for (size_t i = 0; i < file->changes; i++) {
        const struct disk_change *change = &file->change[i];

        disk_file_do(file, change, change->at, change->at + change->len);
    }
    file->changes = 0;
}

static bool
touches(const struct disk_rename *rename, size_t folder)
{
    return (rename->from.name[0] != '\0' && rename->from.folder == folder) ||
           (rename->to.name[0] != '\0' && rename->to.folder == folder);
}

static void
sync_folder(struct disk *disk, size_t folder)
{
    size_t left = 0;

    for (size_t i = 0; i < disk->renames; i++) {
        if (touches(&disk->rename[i], folder)) {
            disk_links_do(&disk->safe, &disk->rename[i]);
        } else {
            disk->rename[left++] = disk->rename[i];
        }
    }
    disk->renames = left;
}

/* ---- events ---- */

static const char *
take_open(struct disk *disk, const struct trace_event *event, const char *path)
{
    struct disk_rename rename = { .from = { .folder = 0 } };
    long node = DISK_ROOT;

    if (path[0] != '\0') {
        if (!look_up(disk, path, &rename.to)) {
            return "a file is opened in a folder that was not made";
        }
        node = disk_links_find(&disk->now, rename.to.folder, rename.to.name);
    }
    if (node < 0 && (event->flags & O_CREAT) == 0) {
        return "a file is opened that was not made";
    }
    if (node < 0) {
        node = (long)new_node(disk, false);
        rename.to.node = (size_t)node;
        change_names(disk, &rename);
    }
    disk->open[event->fd] = (size_t)node + 1;
    disk->dsync[event->fd] = (event->flags & (O_DSYNC | O_SYNC)) != 0;
    if ((event->flags & O_TRUNC) != 0) {
        struct trace_event cut = { .what = TRACE_TRUNCATE, .fd = event->fd };

        change_file(disk, &cut, NULL);
    }
    return NULL;
}

static const char *
take_mkdir(struct disk *disk, const char *path)
{
    struct disk_rename rename = { .from = { .folder = 0 } };

    if (!look_up(disk, path, &rename.to)) {
        return "a folder is made in one that was not made";
    }
    rename.to.node = new_node(disk, true);
    change_names(disk, &rename);
    return NULL;
}

static const char *
take_remove(struct disk *disk, const char *path)
{
    struct disk_rename rename = { .from = { .folder = 0 } };

    if (!look_up(disk, path, &rename.from)) {
        return "what is removed was not made";
    }
    change_names(disk, &rename);
    return NULL;
}

/* Of two names: a rename, an exchange or a second name. */
static const char *
take_two(struct disk *disk, enum trace_what what, const char *from,
         const char *to)
{
    struct disk_rename rename = { .exchanges = what == TRACE_EXCHANGE };
    long node;

    if (!look_up(disk, from, &rename.from) || !look_up(disk, to, &rename.to)) {
        return "a file is renamed in a folder that was not made";
    }
    node = disk_links_find(&disk->now, rename.from.folder, rename.from.name);
    if (node < 0) {
        return "what is renamed was not made";
    }
    rename.to.node = (size_t)node;
    if (what == TRACE_EXCHANGE) {
        node = disk_links_find(&disk->now, rename.to.folder, rename.to.name);
        if (node < 0) {
            return "a name is exchanged with one that was not made";
        }
        rename.from.node = (size_t)node;
    } else if (what == TRACE_LINK) {
        rename.from.name[0] = '\0'; /* it stays */
    }
    change_names(disk, &rename);
    return NULL;
}

/* Is it the lock file of LMDB, which is of no use after a cut? */
static bool
is_lock(const struct disk *disk, int fd)
{
    for (size_t i = 0; i < disk->now.count; i++) {
        if (disk->now.link[i].node + 1 == disk->open[fd] &&
            strcmp(disk->now.link[i].name, "lock.mdb") == 0) {
            return true;
        }
    }
    return false;
}

static const char *
take_on_fd(struct disk *disk, const struct trace_event *event, const char *more)
{
    if (event->fd < 0 || event->fd >= TRACE_FDS || disk->open[event->fd] == 0) {
        return "a descriptor is used that was not opened";
    }
    size_t at = disk->open[event->fd] - 1;

    switch ((enum trace_what)event->what) {
    case TRACE_SYNC:
        if (disk->node[at].folder) {
            sync_folder(disk, at);
        } else {
            sync_file(&disk->node[at].file);
        }
        break;
    case TRACE_ALLOCATE:
        if ((event->flags & FALLOC_FL_KEEP_SIZE) == 0) {
            return "blocks are reserved in a way that changes the length";
        }
        if ((event->flags & FALLOC_FL_PUNCH_HOLE) != 0) {
            change_file(disk, event, more);
        }
        break;
    case TRACE_MAP:
        return is_lock(disk, event->fd) ? NULL : "a file is mapped for writing";
    default:
        change_file(disk, event, more);
    }
    return NULL;
}

/* What concerns names: its bytes are a path, or two with a zero between. */
static const char *
take_on_path(struct disk *disk, const struct trace_event *event,
             const char *more)
{
    char both[2 * 4096 + 2] = "";

    if (event->more >= sizeof both) {
        return "a path is too long";
    }
    memcpy(both, more, event->more);
    both[event->more] = '\0';
    switch ((enum trace_what)event->what) {
    case TRACE_OPEN:
        return take_open(disk, event, both);
    case TRACE_MKDIR:
        return take_mkdir(disk, both);
    case TRACE_REMOVE:
        return take_remove(disk, both);
    default:
        return take_two(disk, (enum trace_what)event->what, both,
                        both + strlen(both) + 1);
    }
}

const char *
disk_take(struct disk *disk, const struct trace_event *event, const char *more)
{
    land(disk);
    switch ((enum trace_what)event->what) {
    case TRACE_OPEN:
    case TRACE_MKDIR:
    case TRACE_REMOVE:
    case TRACE_RENAME:
    case TRACE_EXCHANGE:
    case TRACE_LINK:
        return take_on_path(disk, event, more);
    case TRACE_BEGIN:
        memset(disk->open, 0, sizeof disk->open);
        return NULL;
    case TRACE_CLOSE:
        disk->open[event->fd] = 0;
        return NULL;
    case TRACE_MARK:
        return NULL;
    case TRACE_UNKNOWN:
        return "a call cannot be replayed";
    default:
        return take_on_fd(disk, event, more);
    }
}

static bool
on_its_way(const struct disk_file *file)
{
    for (size_t i = 0; i < file->changes; i++) {
        if (!file->change[i].durable) {
            return true;
        }
    }
    return false;
}

bool
disk_names_pending(const struct disk *disk)
{
    return disk->renames > 0;
}

bool
disk_data_pending(const struct disk *disk)
{
    for (size_t i = 0; i < disk->nodes; i++) {
        if (on_its_way(&disk->node[i].file)) {
            return true;
        }
    }
    return false;
}

struct disk *
disk_new(void)
{
    struct disk *disk = calloc(1, sizeof *disk);

    if (disk == NULL) {
        give_up("no memory");
        return NULL;
    }
    (void)new_node(disk, true);
    return disk;
}

void
disk_free(struct disk *disk)
{
    if (disk == NULL) {
        return;
    }
    for (size_t i = 0; i < disk->nodes; i++) {
        free(disk->node[i].file.bytes);
        free(disk->node[i].file.change);
    }
    free(disk->image.bytes);
    free(disk->node);
    free(disk->now.link);
    free(disk->safe.link);
    free(disk->rename);
    free(disk);
}
