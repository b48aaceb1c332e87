#define _GNU_SOURCE /* renameat2() */

#include "store/part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/files.h"
#include "store/seeds.h"
#include "store/store.h"
#include "store/store_internal.h"

enum { BEGINS = 8 /* bytes of a magic */ };

static enum vlt_status
fail(const char *verb, const char *name, struct vlt_buf *why)
{
    return store_say(VLT_E_STORAGE, why, "cannot %s %s: %s%s", verb, name,
                     strerror(errno),
                     errno == EACCES ? " (the configuration's `backups` says "
                                       "where they may be written)"
                                     : "");
}

/* Part a path into its directory, opened, and its name. */
static enum vlt_status
take_path(const char *path, struct vlt_buf *why, struct part *part)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    size_t len = slash != NULL ? (size_t)(slash - path) : 0;
    char dir[STORE_PATH_MAX + 1] = ".";
    int wrote =
        snprintf(part->temporary, sizeof part->temporary, "%s.part", name);

    if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        len > STORE_PATH_MAX || wrote < 0 ||
        (size_t)wrote >= sizeof part->temporary) {
        return store_say(VLT_E_STORAGE, why,
                         "%.1000s is no name for a new file", path);
    }
    (void)snprintf(part->name, sizeof part->name, "%s", name);
    if (slash != NULL) {
        (void)snprintf(dir, sizeof dir, "%.*s", len > 0 ? (int)len : 1, path);
    }
    part->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (part->dir < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return store_say(VLT_E_NOT_FOUND, why, "there is no directory %.1000s",
                         dir);
    }
    return part->dir >= 0 ? VLT_OK : fail("open", dir, why);
}

/* Is what lies under the temporary name from an earlier try? */
static bool
left_over(const struct part *part, const char *magic)
{
    char begins[BEGINS];
    struct stat about;
    int fd = openat(part->dir, part->temporary,
                    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0) {
        return false;
    }
    ssize_t len = read(fd, begins, sizeof begins);
    bool ours = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) &&
                (len == 0 ||
                 (len == BEGINS && memcmp(begins, magic, sizeof begins) == 0));

    (void)close(fd);
    return ours;
}

static enum vlt_status
make(struct part *part, const char *magic, struct vlt_buf *why)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;

    part->fd = openat(part->dir, part->temporary, flags, 0600);
    if (part->fd < 0 && errno == EEXIST) {
        if (!left_over(part, magic)) {
            return store_say(VLT_E_CONFLICT, why,
                             "%s is there already, and no backup that was "
                             "broken off: remove it",
                             part->temporary);
        }
        if (unlinkat(part->dir, part->temporary, 0) != 0) {
            return fail("remove", part->temporary, why);
        }
        part->fd = openat(part->dir, part->temporary, flags, 0600);
    }
    return part->fd >= 0 ? VLT_OK : fail("make", part->temporary, why);
}

enum vlt_status
part_begin(const char *path, const char *magic, struct vlt_buf *why,
           struct part *out)
{
    *out = (struct part){ .dir = -1, .fd = -1 };
    enum vlt_status st = take_path(path, why, out);

    if (st != VLT_OK) {
        return st;
    }
    if (faccessat(out->dir, out->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        return store_say(VLT_E_CONFLICT, why, "%.1000s is there already", path);
    }
    return make(out, magic, why);
}

enum vlt_status
part_put(struct part *part, struct vlt_slice bytes, struct vlt_buf *why)
{
    while (bytes.len > 0) {
        ssize_t put = write(part->fd, bytes.at, bytes.len);

        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return fail("write", part->temporary, why);
        }
        bytes = vlt_slice_of(bytes.at + put, bytes.len - (size_t)put);
    }
    return VLT_OK;
}

/* Where the file system does not know how not to replace, look first. */
static enum vlt_status
give_name(struct part *part, struct vlt_buf *why)
{
    int code = renameat2(part->dir, part->temporary, part->dir, part->name,
                         RENAME_NOREPLACE);

    if (code != 0 && errno == EINVAL) {
        if (faccessat(part->dir, part->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
            errno = EEXIST;
        } else {
            code = renameat(part->dir, part->temporary, part->dir, part->name);
        }
    }
    if (code != 0 && errno == EEXIST) {
        return store_say(VLT_E_CONFLICT, why, "%s has appeared meanwhile",
                         part->name);
    }
    return code == 0 ? VLT_OK : fail("rename", part->temporary, why);
}

enum vlt_status
part_commit(struct part *part, struct vlt_buf *why)
{
    if (!seed_planted(SEED_BACKUP_UNSYNCED) && fsync(part->fd) != 0) {
        return fail("sync", part->temporary, why);
    }
    enum vlt_status st = give_name(part, why);

    if (st != VLT_OK) {
        return st;
    }
    (void)close(part->fd);
    part->fd = -1; /* not ours to remove any more */
    return files_sync_dir(part->dir, why);
}

void
part_end(struct part *part)
{
    if (part->fd >= 0) {
        (void)unlinkat(part->dir, part->temporary, 0);
        (void)close(part->fd);
        part->fd = -1;
    }
    if (part->dir >= 0) {
        (void)close(part->dir);
        part->dir = -1;
    }
}
