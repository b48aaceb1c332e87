/* One of the disks that a cut may have left, as files in a folder. */
#define _GNU_SOURCE /* O_DIRECTORY, unlinkat() */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dice.h"
#include "disk_internal.h"

/* What has been chosen so far. */
struct building {
    const struct disk *disk;
    const struct disk_choice *choice;
    struct dice dice;
    uint64_t torn;  /* DISK_PREFIX: the change that is torn */
    unsigned share; /* DISK_SECTORS: of 8 sectors so many arrive */
    struct disk_links links;
    struct disk_file *image; /* of the file under way: the disk's */
};

/* ---- bytes ---- */

static bool
sector_arrives(struct building *b, const struct disk_change *change)
{
    switch (b->choice->data) {
    case DISK_LOST:
        return false;
    case DISK_ALL:
        return true;
    case DISK_PREFIX:
        return change->order < b->torn ||
               (change->order == b->torn && dice_below(&b->dice, 2) == 0);
    case DISK_SECTORS:
        break;
    }
    return dice_below(&b->dice, 8) < b->share;
}

/* Those sectors of a change that arrive. */
static void
do_some(struct building *b, const struct disk_change *change)
{
    uint64_t end = change->at + change->len;
    uint64_t from = change->at;

    if (change->what == TRACE_TRUNCATE || change->durable) {
        if (change->durable || sector_arrives(b, change)) {
            disk_file_do(b->image, change, from, end);
        }
        return;
    }
    while (from < end) {
        uint64_t to = (from / b->choice->sector + 1) * b->choice->sector;

        to = to < end ? to : end;
        if (sector_arrives(b, change)) {
            disk_file_do(b->image, change, from, to);
        } else if (b->choice->data == DISK_PREFIX) {
            return; /* torn here */
        }
        from = to;
    }
}

/* The length may have come before the bytes: then there are zeros. */
static void
stretch(struct building *b, const struct disk_file *file)
{
    for (size_t i = 0; i < file->changes; i++) {
        struct disk_change change = file->change[i];
        uint64_t end = change.at + change.len;

        if (change.what == TRACE_WRITE && end > b->image->len) {
            change.what = TRACE_TRUNCATE;
            change.at = end;
            disk_file_do(b->image, &change, 0, 0);
        }
    }
}

static void
fill_image(struct building *b, const struct disk_file *file)
{
    disk_file_reserve(b->image, file->len);
    b->image->len = file->len;
    if (file->len > 0) {
        memcpy(b->image->bytes, file->bytes, file->len);
    }
    for (size_t i = 0; i < file->changes; i++) {
        do_some(b, &file->change[i]);
    }
    if (b->choice->data == DISK_SECTORS && dice_below(&b->dice, 4) == 0) {
        stretch(b, file);
    }
}

/* Over what is there, which is cheaper than a new file; but not where an
 * earlier disk had two names for it. */
static int
open_file(int folder, const char *name)
{
    struct stat about;

    if (fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
        about.st_nlink > 1 && unlinkat(folder, name, 0) != 0) {
        return -1;
    }
    return openat(folder, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static bool
write_file(struct building *b, const struct disk_file *file, int folder,
           const char *name)
{
    int fd = open_file(folder, name);
    size_t done = 0;

    if (fd < 0) {
        return false;
    }
    fill_image(b, file);
    while (done < b->image->len) {
        ssize_t put = write(fd, b->image->bytes + done, b->image->len - done);

        if (put <= 0) {
            break;
        }
        done += (size_t)put;
    }
    bool good =
        done == b->image->len && ftruncate(fd, (off_t)b->image->len) == 0;

    (void)close(fd);
    return good;
}

/* ---- emptying ---- */

static bool
remove_entry(int folder, const char *name, const char *path)
{
    char inner[4096];

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        unlinkat(folder, name, 0) == 0) {
        return true;
    }
    (void)snprintf(inner, sizeof inner, "%s/%s", path, name);
    return disk_empty(inner) && unlinkat(folder, name, AT_REMOVEDIR) == 0;
}

bool
disk_empty(const char *folder)
{
    DIR *list = opendir(folder);
    struct dirent *entry;
    bool good = list != NULL;

    while (good && (entry = readdir(list)) != NULL) {
        good = remove_entry(dirfd(list), entry->d_name, folder);
    }
    if (list != NULL) {
        (void)closedir(list);
    }
    return good;
}

/* ---- names ---- */

/* How many of the changes of names that concern a folder arrive, at most. */
static size_t
arriving(struct building *b, size_t folder)
{
    struct dice dice = dice_of(b->choice->random, folder + 1);

    switch (b->choice->names) {
    case DISK_NAMES_LOST:
        return 0;
    case DISK_NAMES_ALL:
        return b->disk->renames;
    case DISK_NAMES_SOME:
        break;
    }
    return dice_below(&dice, (uint32_t)b->disk->renames + 1);
}

static bool
name_arrives(struct building *b, size_t at)
{
    const struct disk_rename *rename = &b->disk->rename[at];

    return (rename->from.name[0] == '\0' ||
            at < arriving(b, rename->from.folder)) &&
           (rename->to.name[0] == '\0' || at < arriving(b, rename->to.folder));
}

static void
choose_names(struct building *b)
{
    disk_links_copy(&b->links, &b->disk->safe);
    for (size_t i = 0; i < b->disk->renames; i++) {
        if (name_arrives(b, i)) {
            disk_links_do(&b->links, &b->disk->rename[i]);
        }
    }
}

/* Remove what an earlier disk had in a folder and this one has not. */
static bool
remove_others(struct building *b, size_t folder, const char *path)
{
    DIR *list = opendir(path);
    struct dirent *entry;
    bool good = list != NULL;

    while (good && (entry = readdir(list)) != NULL) {
        if (disk_links_find(&b->links, folder, entry->d_name) < 0) {
            good = remove_entry(dirfd(list), entry->d_name, path);
        }
    }
    if (list != NULL) {
        (void)closedir(list);
    }
    return good;
}

/* Another name that its folder has for the same file, written already; NULL:
 * none. */
static const struct disk_link *
written_as(const struct building *b, size_t at)
{
    const struct disk_link *link = &b->links.link[at];

    for (size_t i = 0; i < at; i++) {
        const struct disk_link *other = &b->links.link[i];

        if (other->node == link->node && other->folder == link->folder) {
            return other;
        }
    }
    return NULL;
}

/* A file, or one more name of it. */
static bool
write_name(struct building *b, size_t at, int fd)
{
    const struct disk_link *link = &b->links.link[at];
    const struct disk_link *other = written_as(b, at);

    if (other == NULL) {
        return write_file(b, &b->disk->node[link->node].file, fd, link->name);
    }
    return (unlinkat(fd, link->name, 0) == 0 || errno == ENOENT) &&
           linkat(fd, other->name, fd, link->name, 0) == 0;
}

static bool
write_folder(struct building *b, size_t folder, const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && remove_others(b, folder, path);

    for (size_t i = 0; good && i < b->links.count; i++) {
        const struct disk_link *link = &b->links.link[i];
        const struct disk_node *node = &b->disk->node[link->node];
        char inner[4096];

        if (link->folder != folder) {
            continue;
        }
        if (!node->folder) {
            good = write_name(b, i, fd);
            continue;
        }
        (void)snprintf(inner, sizeof inner, "%s/%s", path, link->name);
        good = (mkdirat(fd, link->name, 0700) == 0 || errno == EEXIST) &&
               write_folder(b, link->node, inner);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return good;
}

/* ---- */

/* Which change is torn: any that is on its way, or none. */
static uint64_t
choose_torn(struct building *b)
{
    uint64_t least = b->disk->order;

    for (size_t i = 0; i < b->disk->nodes; i++) {
        const struct disk_file *file = &b->disk->node[i].file;

        for (size_t j = 0; j < file->changes; j++) {
            if (!file->change[j].durable && file->change[j].order < least) {
                least = file->change[j].order;
            }
        }
    }
    return least + dice_below(&b->dice, (uint32_t)(b->disk->order - least) + 1);
}

bool
disk_build(struct disk *disk, const struct disk_choice *choice,
           const char *folder)
{
    struct building b = { .disk = disk,
                          .choice = choice,
                          .image = &disk->image,
                          .dice = dice_of(choice->random, 0) };
    bool good;

    b.torn = choose_torn(&b);
    b.share = 1 + dice_below(&b.dice, 7);
    choose_names(&b);
    good = write_folder(&b, DISK_ROOT, folder);
    free(b.links.link);
    return good;
}
