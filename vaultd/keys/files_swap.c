#define _GNU_SOURCE /* renameat2() */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/files_internal.h"
#include "keys/seeds.h"

/* A swap under way. */
struct swap {
    int dir;
    const char *name;
    char temporary[FILES_NAME_MAX]; /* the new file, then the old one */
    char old[FILES_NAME_MAX];       /* where names cannot be exchanged */
    struct vlt_buf *why;
};

/* Errors of a file system that cannot exchange names. */
static bool
cannot_exchange(int error)
{
    return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP;
}

static enum vlt_status
give_up(const struct swap *swap, const char *verb)
{
    enum vlt_status st = files_fail(VLT_E_STORAGE, verb, swap->name, swap->why);

    /* What it holds may open the vault, and is refused.  If this fails, too, it
     * keeps its name, by which the next start destroys it. */
    (void)!files_destroy(swap->dir, swap->temporary, NULL);
    return st;
}

/* The new file is in force: whatever fails now leaves old bytes somewhere. */
static enum vlt_status
destroy_old(const struct swap *swap, const char *old)
{
    enum vlt_status st = files_sync_dir(swap->dir, swap->why);

    if (st == VLT_OK) {
        st = files_destroy(swap->dir, old, swap->why);
    }
    return st == VLT_OK ? VLT_OK : VLT_E_UNKNOWN;
}

static bool
same_file(const struct swap *swap, const char *other)
{
    struct stat a;
    struct stat b;

    return fstatat(swap->dir, swap->name, &a, AT_SYMLINK_NOFOLLOW) == 0 &&
           fstatat(swap->dir, other, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/*
 * Without exchanging: the old file gets a second name, and that is durable
 * before the first one is the new file's.  Otherwise a cut could leave the old
 * bytes without any name, where nobody would destroy them.
 */
static enum vlt_status
swap_by_link(const struct swap *swap)
{
    if (same_file(swap, swap->old)) {
        (void)unlinkat(swap->dir, swap->old, 0); /* an earlier try left it */
    }
    if (linkat(swap->dir, swap->name, swap->dir, swap->old, 0) != 0) {
        return give_up(swap, "keep a name for the old");
    }
    enum vlt_status st = files_sync_dir(swap->dir, swap->why);

    if (st != VLT_OK) {
        (void)!files_destroy(swap->dir, swap->temporary, NULL);
        return st;
    }
    if (renameat(swap->dir, swap->temporary, swap->dir, swap->name) != 0) {
        st = give_up(swap, "replace");
        (void)unlinkat(swap->dir, swap->old, 0);
        return st;
    }
    return destroy_old(swap, swap->old);
}

static enum vlt_status
swap_names(const struct swap *swap, bool exchanges)
{
    if (!exchanges) {
        return swap_by_link(swap);
    }
    if (renameat2(swap->dir, swap->temporary, swap->dir, swap->name,
                  RENAME_EXCHANGE) != 0) {
        return cannot_exchange(errno) ? swap_by_link(swap)
                                      : give_up(swap, "replace");
    }
    return destroy_old(swap, swap->temporary);
}

/* A planted fault: the file is written over where it lies. */
static enum vlt_status
write_over(const struct swap *swap, struct vlt_slice bytes)
{
    int fd = openat(swap->dir, swap->name, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 &&
                pwrite(fd, bytes.at, bytes.len, 0) == (ssize_t)bytes.len &&
                fdatasync(fd) == 0;

    if (fd >= 0) {
        (void)close(fd);
    }
    return done ? VLT_OK : VLT_E_UNKNOWN;
}

enum vlt_status
files_swap_as(int dir, const char *name, struct vlt_slice bytes, bool exchanges,
              struct vlt_buf *why)
{
    struct swap swap = { .dir = dir, .name = name, .why = why };
    enum vlt_status st = files_beside(name, ".tmp", swap.temporary);

    if (st == VLT_OK) {
        st = files_beside(name, ".old", swap.old);
    }
    if (st == VLT_OK && keys_seed_planted(KEYS_SEED_HEADER_IN_PLACE)) {
        return write_over(&swap, bytes);
    }
    if (st == VLT_OK) {
        st = files_write_new(dir, swap.temporary, bytes, why);
    }
    return st == VLT_OK ? swap_names(&swap, exchanges) : st;
}

enum vlt_status
files_swap(int dir, const char *name, struct vlt_slice bytes,
           struct vlt_buf *why)
{
    return files_swap_as(dir, name, bytes, true, why);
}
