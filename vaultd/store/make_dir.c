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
static const char *const other_files[] = {
    "CURRENT",     "LOCK",  "data.mdb",      "lock.mdb",
    "CURRENT.tmp", "TRIES", MAKE_DIR_MAKING, BALLAST_NAME,
};

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

/* What a directory holds. */
struct content {
    bool keys;    /* files with keys, or what says that a vault is there */
    bool making;  /* it was begun here and not finished */
    bool strange; /* what is not a vault's */
};

static enum vlt_status
note_name(int fd, const char *name, void *ctx, struct vlt_buf *why)
{
    struct content *content = ctx;

    (void)fd;
    (void)why;
    content->keys = content->keys || holds_keys(name) ||
                    strcmp(name, "CURRENT") == 0 ||
                    strcmp(name, "data.mdb") == 0;
    content->making = content->making || strcmp(name, MAKE_DIR_MAKING) == 0;
    content->strange = content->strange || !of_a_vault(name);
    return VLT_OK;
}

static enum vlt_status
remove_file(int fd, const char *name, void *ctx, struct vlt_buf *why)
{
    (void)ctx;
    if (strcmp(name, MAKE_DIR_MAKING) == 0) {
        return VLT_OK; /* the last */
    }
    if (holds_keys(name)) {
        return files_destroy(fd, name, why);
    }
    return unlinkat(fd, name, 0) == 0 ? VLT_OK : fail("remove", name, why);
}

/* Call fn for each name, until it fails. */
static enum vlt_status
each_name(int fd,
          enum vlt_status (*fn)(int fd, const char *name, void *ctx,
                                struct vlt_buf *why),
          void *ctx, struct vlt_buf *why)
{
    int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = again >= 0 ? fdopendir(again) : NULL;
    enum vlt_status st = VLT_OK;
    struct dirent *entry;

    if (list == NULL) {
        st = fail("list", "the directory .new", why);
        if (again >= 0) {
            (void)close(again);
        }
        return st;
    }
    while (st == VLT_OK && (entry = readdir(list)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 &&
            strcmp(entry->d_name, "..") != 0) {
            st = fn(fd, entry->d_name, ctx, why);
        }
    }
    (void)closedir(list);
    return st;
}

/* All names are seen before the first file goes. */
static enum vlt_status
may_go(int fd, const char *path, struct vlt_buf *why)
{
    struct content content = { .keys = false };
    enum vlt_status st = each_name(fd, note_name, &content, why);

    if (st != VLT_OK) {
        return st;
    }
    if (content.strange) {
        return store_say(VLT_E_CONFLICT, why,
                         "the directory .new beside it holds files that are "
                         "not a vault's: remove it");
    }
    if (content.keys && !content.making) {
        return store_say(VLT_E_CONFLICT, why,
                         "%.1000s is in the way, and no half that was left: "
                         "it is a vault; move it to where it belongs",
                         path);
    }
    return VLT_OK;
}

/* Remove a directory of ours and what is in it. */
static enum vlt_status
remove_all(int fd, const char *path, struct vlt_buf *why)
{
    enum vlt_status st = each_name(fd, remove_file, NULL, why);

    if (st == VLT_OK && unlinkat(fd, MAKE_DIR_MAKING, 0) != 0 &&
        errno != ENOENT) {
        st = fail("remove", MAKE_DIR_MAKING, why);
    }
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
        st = may_go(fd, path, why);
        if (st == VLT_OK) {
            st = remove_all(fd, path, why);
        }
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

/* Durable before anything else is in it. */
static enum vlt_status
mark(int fd, struct vlt_buf *why)
{
    int file = openat(fd, MAKE_DIR_MAKING,
                      O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (file < 0) {
        return fail("make", MAKE_DIR_MAKING, why);
    }
    (void)close(file);
    return files_sync_dir(fd, why);
}

enum vlt_status
make_dir_unmark(int fd, struct vlt_buf *why)
{
    if (unlinkat(fd, MAKE_DIR_MAKING, 0) == 0) {
        return files_sync_dir(fd, why);
    }
    return errno == ENOENT ? VLT_OK : fail("remove", MAKE_DIR_MAKING, why);
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
    st = mark(dir->fd, why);
    return st == VLT_OK ? dir_lock(dir->fd, why, &dir->lock_fd) : st;
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
    enum vlt_status st;

    /* An empty directory that appeared meanwhile is not replaced either. */
    if (!in_place(dir) &&
        renameat2(AT_FDCWD, vlt_buf_text(&dir->name), AT_FDCWD, dir->path,
                  RENAME_NOREPLACE) != 0) {
        return errno == EEXIST ? store_say(VLT_E_CONFLICT, why,
                                           "%s is there already", dir->path)
                               : fail("make", dir->path, why);
    }
    dir->made = false; /* not ours to remove any more */
    st = sync_parent(dir, why);
    if (st == VLT_OK) {
        /* Later than the name, so that no cut leaves a whole vault under the
         * name of a half.  It need not be durable: where it fails or a cut
         * takes it back, opening does it. */
        (void)unlinkat(dir->fd, MAKE_DIR_MAKING, 0);
    }
    return st;
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
