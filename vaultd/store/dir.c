#define _GNU_SOURCE /* flock() */

#include "store/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "keys/current.h"
#include "keys/files.h"
#include "store/make_dir.h"
#include "store/store.h"
#include "util/log.h"

enum {
    WIDE = 077 /* mode bits that nobody but the owner may have */
};

const char dir_keys_gone[] =
    "this vault's keys were destroyed (vaultctl panic): nothing in it can be "
    "read any more; only a backup, with its passphrase or words, brings it "
    "back";

static const char *const generations[] = { "header.", "erase.", "keyring." };

static enum vlt_status
say(enum vlt_status st, const char *sentence, struct vlt_buf *why)
{
    if (why != NULL) {
        vlt_buf_put_text(why, sentence);
    }
    return st;
}

static enum vlt_status
fail(const char *verb, const char *name, struct vlt_buf *why)
{
    if (why != NULL) {
        vlt_buf_printf(why, "cannot %s %s: %s", verb, name, strerror(errno));
    }
    return VLT_E_STORAGE;
}

static bool
is_there(const char *path, const char *more)
{
    struct vlt_buf whole = { 0 };
    struct stat about;

    vlt_buf_printf(&whole, "%s%s", path, more);
    const char *name = vlt_buf_text(&whole);
    bool there = name != NULL && stat(name, &about) == 0;

    vlt_buf_free(&whole);
    return there;
}

/* Why there is no directory: perhaps its making did not finish.  Sentences
 * name a path with at most 1,000 bytes, so that they fit a line of 4,096. */
static enum vlt_status
not_there(const char *path, struct vlt_buf *why)
{
    bool begun = is_there(path, ".new");
    /* A half has the one, a whole vault the other alone. */
    bool whole = !is_there(path, ".new/" MAKE_DIR_MAKING) &&
                 is_there(path, ".new/CURRENT");

    if (why == NULL) {
        return VLT_E_NOT_FOUND;
    }
    if (whole) {
        vlt_buf_printf(why,
                       "there is no vault in %.1000s, but a whole one in "
                       "%.1000s.new: mv %.1000s.new %.1000s",
                       path, path, path, path);
    } else if (begun) {
        vlt_buf_printf(
            why,
            "there is no vault in %.1000s, but %.1000s.new is there: making "
            "it did not finish; vaultd init --dir %.1000s makes it again",
            path, path, path);
    } else {
        vlt_buf_printf(
            why,
            "there is no vault in %.1000s; vaultd init --dir %.1000s makes "
            "one",
            path, path);
    }
    return VLT_E_NOT_FOUND;
}

/* What a folder holds, as far as it matters where no vault is in it. */
struct content {
    unsigned ours;   /* files with a vault's names */
    unsigned others; /* other files */
};

static void
count_entry(const char *name, struct content *content)
{
    bool ours = strcmp(name, "data.mdb") == 0;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return;
    }
    for (size_t i = 0; i < sizeof generations / sizeof *generations; i++) {
        ours =
            ours || strncmp(name, generations[i], strlen(generations[i])) == 0;
    }
    content->ours += ours;
    content->others += !ours;
}

static struct content
content_of(int fd)
{
    int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = again >= 0 ? fdopendir(again) : NULL;
    struct content content = { 0 };
    struct dirent *entry;

    if (list == NULL) {
        if (again >= 0) {
            (void)close(again);
        }
        return (struct content){ .others = 1 };
    }
    while ((entry = readdir(list)) != NULL) {
        count_entry(entry->d_name, &content);
    }
    (void)closedir(list);
    return content;
}

/* Is it a vault's directory?  Asked before anything in it is touched: a wrong
 * path may be any folder. */
static enum vlt_status
check_vault(int fd, const char *path, struct vlt_buf *why)
{
    if (faccessat(fd, "CURRENT", F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
        errno != ENOENT) {
        return VLT_OK;
    }
    struct content content = content_of(fd);

    if (why == NULL) {
        return VLT_E_NOT_FOUND;
    }
    if (content.ours > 0) {
        vlt_buf_printf(
            why,
            "%.1000s holds half a vault: CURRENT is missing; put it back "
            "from a copy, or make another with vaultd init --dir "
            "and a new name",
            path);
    } else if (content.others > 0) {
        vlt_buf_printf(
            why,
            "there is no vault in %.1000s, but other files; vaultd init "
            "--dir and a new name makes one",
            path);
    } else {
        vlt_buf_printf(
            why,
            "there is no vault in %.1000s, it is empty; vaultd init "
            "makes the folder itself: rmdir %.1000s, then vaultd init "
            "--dir %.1000s",
            path, path, path);
    }
    return VLT_E_NOT_FOUND;
}

/* Ours, and nobody else's to look at. */
static enum vlt_status
check_owner(int fd, const char *name, struct vlt_buf *why)
{
    struct stat about;

    if (fstat(fd, &about) != 0) {
        return fail("look at", name, why);
    }
    if (about.st_uid != geteuid()) {
        if (why != NULL) {
            vlt_buf_printf(why, "%s belongs to another user", name);
        }
        return VLT_E_DENIED;
    }
    if ((about.st_mode & WIDE) == 0) {
        return VLT_OK;
    }
    log_warning("store", "%s could be read by others; its mode is narrowed",
                name);
    return fchmod(fd, about.st_mode & 0700) == 0
               ? VLT_OK
               : fail("narrow the mode of", name, why);
}

enum vlt_status
dir_lock(int fd, struct vlt_buf *why, int *lock_fd)
{
    int lock =
        openat(fd, "LOCK",
               O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

    if (lock < 0) {
        return fail("open", "LOCK", why);
    }
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        bool held = errno == EWOULDBLOCK;
        enum vlt_status st = fail("lock", "LOCK", held ? NULL : why);

        (void)close(lock);
        return held ? say(VLT_E_CONFLICT, "another process has this vault open",
                          why)
                    : st;
    }
    *lock_fd = lock;
    return VLT_OK;
}

/* Is it a key file of a generation that is not in force, or what a crash left
 * of writing one? */
static bool
outdated(const char *name, uint64_t n)
{
    struct vlt_slice all = vlt_slice_text(name);

    for (size_t i = 0; i < sizeof generations / sizeof *generations; i++) {
        size_t len = strlen(generations[i]);
        uint64_t number;

        if (all.len <= len || memcmp(name, generations[i], len) != 0) {
            continue;
        }
        return vlt_uint_parse(vlt_slice_of(all.at + len, all.len - len),
                              &number) != VLT_OK ||
               number != n;
    }
    return false;
}

/* Is it a second name of a key file in force?  A header that was being swapped
 * where names cannot be exchanged may leave one (keys/files.h). */
static bool
names_one_in_force(const struct dir *dir, const char *name)
{
    struct stat about;
    struct stat live;
    char live_name[FILES_NAME_MAX];

    return fstatat(dir->fd, name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
           fstatat(dir->fd, files_name("header", dir->n, live_name), &live,
                   AT_SYMLINK_NOFOLLOW) == 0 &&
           about.st_dev == live.st_dev && about.st_ino == live.st_ino;
}

static enum vlt_status
destroy_if_outdated(struct dir *dir, const char *name, struct vlt_buf *why)
{
    if (!outdated(name, dir->n)) {
        return VLT_OK;
    }
    if (names_one_in_force(dir, name)) {
        return unlinkat(dir->fd, name, 0) == 0 ? files_sync_dir(dir->fd, why)
                                               : fail("remove", name, why);
    }
    log_info("store", "destroying a key file that is not in force");
    return files_destroy(dir->fd, name, why);
}

/* One entry of the directory: destroyed, narrowed or left alone. */
static enum vlt_status
tidy_entry(struct dir *dir, const char *name, struct vlt_buf *why)
{
    if (outdated(name, dir->n)) {
        return destroy_if_outdated(dir, name, why);
    }
    int fd =
        openat(dir->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0) {
        return fail("open", name, why);
    }
    enum vlt_status st = check_owner(fd, name, why);

    (void)close(fd);
    return st;
}

typedef enum vlt_status entry_fn(struct dir *dir, const char *name,
                                 struct vlt_buf *why);

static enum vlt_status
each_entry(struct dir *dir, entry_fn *fn, struct vlt_buf *why)
{
    int again = openat(dir->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = again >= 0 ? fdopendir(again) : NULL;
    enum vlt_status st = VLT_OK;
    struct dirent *entry;

    if (list == NULL) {
        st = fail("list", "the directory", why);
        if (again >= 0) {
            (void)close(again);
        }
        return st;
    }
    while (st == VLT_OK && (entry = readdir(list)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 &&
            strcmp(entry->d_name, "..") != 0) {
            st = fn(dir, entry->d_name, why);
        }
    }
    (void)closedir(list);
    return st;
}

enum vlt_status
dir_destroy_outdated(struct dir *dir, struct vlt_buf *why)
{
    return each_entry(dir, destroy_if_outdated, why);
}

static enum vlt_status
read_current(struct dir *dir, struct vlt_buf *why)
{
    struct vlt_buf bytes = { 0 };
    enum vlt_status st =
        files_read(dir->fd, "CURRENT", CURRENT_LEN, &bytes, why);

    if (st == VLT_OK) {
        st = current_decode(vlt_buf_slice(&bytes), &dir->n);
        if (st != VLT_OK) {
            (void)say(st, "CURRENT is damaged", why);
        }
    }
    vlt_buf_free(&bytes);
    return st == VLT_E_LIMIT ? VLT_E_FORMAT : st;
}

static enum vlt_status
bad_header(const char *name, struct vlt_slice bytes, struct vlt_buf *why)
{
    if (why != NULL) {
        vlt_buf_printf(why,
                       header_newer(bytes)
                           ? "%s is of a newer format than this program knows"
                           : "%s is damaged",
                       name);
    }
    return VLT_E_FORMAT;
}

static enum vlt_status
read_header(struct dir *dir, struct vlt_buf *why)
{
    char name[FILES_NAME_MAX];
    struct vlt_buf bytes = { 0 };
    enum vlt_status st;

    st = files_read(dir->fd, files_name("header", dir->n, name), HEADER_LEN,
                    &bytes, why);
    if (st != VLT_OK) {
        goto done;
    }
    if (header_decode(vlt_buf_slice(&bytes), &dir->header) != VLT_OK) {
        st = bad_header(name, vlt_buf_slice(&bytes), why);
        goto done;
    }
    memcpy(dir->header_bytes, bytes.at, HEADER_LEN);

done:
    vlt_buf_free(&bytes);
    return st == VLT_E_LIMIT ? VLT_E_FORMAT : st;
}

/* Are all three files of the generation gone?  Then they were destroyed. */
static bool
keys_gone(const struct dir *dir)
{
    static const char *const kinds[] = { "header", "erase", "keyring" };
    char name[FILES_NAME_MAX];

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (faccessat(dir->fd, files_name(kinds[i], dir->n, name), F_OK,
                      AT_SYMLINK_NOFOLLOW) == 0 ||
            errno != ENOENT) {
            return false;
        }
    }
    return true;
}

/* Nothing is destroyed before all that is in force is there. */
static enum vlt_status
check_present(struct dir *dir, struct vlt_buf *why)
{
    char erase[FILES_NAME_MAX];
    char keyring[FILES_NAME_MAX];
    const char *needed[] = { files_name("erase", dir->n, erase),
                             files_name("keyring", dir->n, keyring),
                             "data.mdb" };

    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (faccessat(dir->fd, needed[i], F_OK, 0) != 0) {
            if (why != NULL) {
                vlt_buf_printf(why,
                               "%s is missing: this is half a vault; put it "
                               "back from a copy",
                               needed[i]);
            }
            return VLT_E_NOT_FOUND;
        }
    }
    return VLT_OK;
}

static enum vlt_status
read_all(struct dir *dir, struct vlt_buf *why)
{
    enum vlt_status st = check_owner(dir->fd, "the vault's directory", why);

    if (st != VLT_OK) {
        return st;
    }
    st = dir_lock(dir->fd, why, &dir->lock_fd);
    if (st != VLT_OK) {
        return st;
    }
    st = read_current(dir, why);
    if (st != VLT_OK) {
        return st;
    }
    if (keys_gone(dir)) {
        return say(VLT_E_NOT_FOUND, dir_keys_gone, why);
    }
    st = read_header(dir, why);
    if (st != VLT_OK) {
        return st;
    }
    st = check_present(dir, why);
    return st == VLT_OK ? each_entry(dir, tidy_entry, why) : st;
}

enum vlt_status
dir_open(const char *path, struct vlt_buf *why, struct dir *out)
{
    struct dir dir = { .lock_fd = -1 };

    dir.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir.fd < 0) {
        return errno == ENOENT ? not_there(path, why) : fail("open", path, why);
    }
    struct vlt_buf inner = { 0 };
    enum vlt_status st = check_vault(dir.fd, path, why);

    if (st != VLT_OK) {
        dir_close(&dir);
        return st;
    }
    st = read_all(&dir, &inner);
    if (st == VLT_OK) {
        *out = dir;
    } else {
        dir_close(&dir);
    }
    if (st != VLT_OK && why != NULL && inner.len > 0) {
        vlt_buf_printf(why, "%.1000s: %s", path, vlt_buf_text(&inner));
    }
    vlt_buf_free(&inner);
    return st;
}

void
dir_close(struct dir *dir)
{
    if (dir->lock_fd >= 0) {
        (void)close(dir->lock_fd);
        dir->lock_fd = -1;
    }
    if (dir->fd >= 0) {
        (void)close(dir->fd);
        dir->fd = -1;
    }
}
