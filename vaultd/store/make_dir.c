#define _GNU_SOURCE /* renameat2() */

#include "store/make_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/files.h"
#include "store/ballast.h"
#include "store/seeds.h"
#include "store/store_internal.h"

static enum vlt_status
fail(const char *verb, const char *name, struct vlt_buf *why)
{
    return store_say(VLT_E_STORAGE, why, "cannot %s %s: %s", verb, name,
                     strerror(errno));
}

/* Names that a vault's directory may hold; the first hold keys. */
static const char *const key_files[] = { "header.", "erase.", "keyring." };
static const char *const other_files[] = { "CURRENT",     "LOCK",
                                           "data.mdb",    "lock.mdb",
                                           "CURRENT.tmp", BALLAST_NAME };

static bool
holds_keys(const char *name)
{
    for (size_t i = 0; i < sizeof key_files / sizeof *key_files; i++) {
        if (strncmp(name, key_files[i], strlen(key_files[i])) == 0) {
            return true;
        }
    }
    return false;
}

static bool
of_a_vault(const char *name)
{
    for (size_t i = 0; i < sizeof other_files / sizeof *other_files; i++) {
        if (strcmp(name, other_files[i]) == 0) {
            return true;
        }
    }
    return holds_keys(name);
}

static enum vlt_status
remove_file(int fd, const char *name, struct vlt_buf *why)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return VLT_OK;
    }
    if (!of_a_vault(name)) {
        return store_say(VLT_E_CONFLICT, why,
                         "the directory .new beside it holds files that are "
                         "not a vault's: remove it");
    }
    if (holds_keys(name)) {
        return files_destroy(fd, name, why);
    }
    return unlinkat(fd, name, 0) == 0 ? VLT_OK : fail("remove", name, why);
}

/* Remove a directory of ours and what is in it. */
static enum vlt_status
remove_all(int fd, const char *path, struct vlt_buf *why)
{
    int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = again >= 0 ? fdopendir(again) : NULL;
    enum vlt_status st = VLT_OK;
    struct dirent *entry;

    if (list == NULL) {
        st = fail("list", path, why);
        if (again >= 0) {
            (void)close(again);
        }
        return st;
    }
    while (st == VLT_OK && (entry = readdir(list)) != NULL) {
        st = remove_file(fd, entry->d_name, why);
    }
    (void)closedir(list);
    if (st == VLT_OK && rmdir(path) != 0) {
        st = fail("remove", path, why);
    }
    return st;
}

/* What an earlier try left, unless that is still going on. */
static enum vlt_status
remove_old(const char *path, struct vlt_buf *why)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    int lock_fd = -1;

    if (fd < 0) {
        return errno == ENOENT ? VLT_OK : fail("open", path, why);
    }
    enum vlt_status st = dir_lock(fd, NULL, &lock_fd);

    if (st == VLT_OK) {
        st = remove_all(fd, path, why);
        (void)close(lock_fd);
    } else if (st == VLT_E_CONFLICT) {
        (void)store_say(st, why, "another process is making this vault");
    } else {
        st = fail("lock", path, why);
    }
    (void)close(fd);
    return st;
}

static enum vlt_status
name_it(const char *path, struct vlt_buf *why, struct make_dir *dir)
{
    size_t len = strlen(path);

    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    if (len == 0 || len > STORE_PATH_MAX) {
        return store_say(VLT_E_STORAGE, why, "the path's length is no good");
    }
    vlt_buf_put(&dir->name, path, len);
    if (!seed_planted(SEED_CREATE_IN_PLACE)) {
        vlt_buf_put_text(&dir->name, ".new");
    }
    return vlt_buf_text(&dir->name) != NULL ? VLT_OK : VLT_E_NOMEM;
}

static enum vlt_status
make(struct make_dir *dir, struct vlt_buf *why)
{
    const char *name = vlt_buf_text(&dir->name);
    enum vlt_status st = remove_old(name, why);

    if (st != VLT_OK) {
        return st;
    }
    if (mkdir(name, 0700) != 0) {
        return fail("make", name, why);
    }
    dir->made = true;
    dir->fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (dir->fd < 0) {
        return fail("open", name, why);
    }
    return dir_lock(dir->fd, why, &dir->lock_fd);
}

enum vlt_status
make_dir_begin(const char *path, struct vlt_buf *why, struct make_dir *out)
{
    struct stat about;
    enum vlt_status st;

    *out = (struct make_dir){ .path = path, .fd = -1, .lock_fd = -1 };
    if (lstat(path, &about) == 0) {
        return store_say(VLT_E_CONFLICT, why, "%s is there already", path);
    }
    st = name_it(path, why, out);
    return st == VLT_OK ? make(out, why) : st;
}

/* Sync the directory that PATH is in. */
static enum vlt_status
sync_parent(struct make_dir *dir, struct vlt_buf *why)
{
    int fd = openat(dir->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0) {
        return fail("open", "the parent directory", why);
    }
    enum vlt_status st = files_sync_dir(fd, why);

    (void)close(fd);
    return st;
}

static bool
in_place(struct make_dir *dir)
{
    return strncmp(vlt_buf_text(&dir->name), dir->path, dir->name.len) == 0;
}

enum vlt_status
make_dir_commit(struct make_dir *dir, struct vlt_buf *why)
{
    /* An empty directory that appeared meanwhile is not replaced either. */
    if (!in_place(dir) &&
        renameat2(AT_FDCWD, vlt_buf_text(&dir->name), AT_FDCWD, dir->path,
                  RENAME_NOREPLACE) != 0) {
        return errno == EEXIST ? store_say(VLT_E_CONFLICT, why,
                                           "%s is there already", dir->path)
                               : fail("make", dir->path, why);
    }
    dir->made = false; /* not ours to remove any more */
    return sync_parent(dir, why);
}

void
make_dir_yield(struct make_dir *dir)
{
    if (dir->lock_fd >= 0) {
        (void)close(dir->lock_fd);
        dir->lock_fd = -1;
    }
}

void
make_dir_end(struct make_dir *dir)
{
    if (dir->made && dir->fd >= 0) {
        (void)remove_all(dir->fd, vlt_buf_text(&dir->name), NULL);
    }
    make_dir_yield(dir);
    if (dir->fd >= 0) {
        (void)close(dir->fd);
        dir->fd = -1;
    }
    vlt_buf_free(&dir->name);
}
