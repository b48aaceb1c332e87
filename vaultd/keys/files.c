#define _GNU_SOURCE /* fallocate() */

#include "keys/files_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/random.h"
#include "keys/seeds.h"

enum {
    PIECE = 4096,
    OPEN_ALWAYS = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
};

const char *
files_name(const char *kind, uint64_t n, char out[FILES_NAME_MAX])
{
    (void)snprintf(out, FILES_NAME_MAX, "%s.%" PRIu64, kind, n);
    return out;
}

enum vlt_status
files_fail(enum vlt_status st, const char *verb, const char *name,
           struct vlt_buf *why)
{
    if (why != NULL) {
        vlt_buf_printf(why, "cannot %s %s: %s", verb, name, strerror(errno));
    }
    return st;
}

static void
close_if_open(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}

/* Append what the open file holds. */
static enum vlt_status
read_all(int fd, size_t max, struct vlt_buf *out)
{
    size_t begin = out->len;
    ssize_t got = 1;

    while (got > 0) {
        uint8_t *at = vlt_buf_extend(out, PIECE);

        if (at == NULL) {
            return vlt_buf_status(out);
        }
        do {
            got = read(fd, at, PIECE);
        } while (got < 0 && errno == EINTR);
        out->len -= (size_t)(PIECE - (got > 0 ? got : 0));
        if (out->len - begin > max) {
            out->len = begin;
            return VLT_E_LIMIT;
        }
    }
    if (got < 0) {
        out->len = begin;
        return VLT_E_STORAGE;
    }
    return VLT_OK;
}

enum vlt_status
files_read(int dir, const char *name, size_t max, struct vlt_buf *out,
           struct vlt_buf *why)
{
    struct stat about;
    enum vlt_status st;
    int fd = openat(dir, name, O_RDONLY | O_NONBLOCK | OPEN_ALWAYS);

    if (fd < 0) {
        return files_fail(errno == ENOENT ? VLT_E_NOT_FOUND : VLT_E_STORAGE,
                          "open", name, why);
    }
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        errno = EINVAL;
        st = files_fail(VLT_E_NOT_FOUND, "use", name, why);
        goto done;
    }
    st = read_all(fd, max, out);
    if (st == VLT_E_LIMIT && why != NULL) {
        vlt_buf_printf(why, "%s is larger than it can be", name);
    } else if (st != VLT_OK) {
        st = files_fail(st, "read", name, why);
    }

done:
    close_if_open(fd);
    return st;
}

static bool
write_all(int fd, struct vlt_slice bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.at, bytes.len);

        if (put < 0 && errno != EINTR) {
            return false;
        }
        if (put > 0) {
            bytes.at += put;
            bytes.len -= (size_t)put;
        }
    }
    return true;
}

/* Once: Linux forgets the error, and a second sync would not tell of it. */
static bool
sync_bytes(int fd)
{
    if (fdatasync(fd) == 0) {
        return true;
    }
    return keys_seed_planted(KEYS_SEED_SYNC_ERROR_IGNORED) ||
           (keys_seed_planted(KEYS_SEED_SYNC_RETRIED) && fdatasync(fd) == 0);
}

enum vlt_status
files_write_new(int dir, const char *name, struct vlt_slice bytes,
                struct vlt_buf *why)
{
    enum vlt_status st = VLT_OK;
    int fd;

    (void)unlinkat(dir, name, 0); /* what a crash left */
    fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | OPEN_ALWAYS, 0600);
    if (fd < 0) {
        return files_fail(VLT_E_STORAGE, "make", name, why);
    }
    if (!write_all(fd, bytes)) {
        st = files_fail(VLT_E_STORAGE, "write", name, why);
    } else if (!sync_bytes(fd)) {
        st = files_fail(VLT_E_UNKNOWN, "sync", name, why);
    }
    close_if_open(fd);
    if (st != VLT_OK) {
        (void)!files_destroy(dir, name, NULL);
    }
    return st;
}

enum vlt_status
files_beside(const char *name, const char *suffix, char out[FILES_NAME_MAX])
{
    int len = snprintf(out, FILES_NAME_MAX, "%s%s", name, suffix);

    return len > 0 && len < FILES_NAME_MAX ? VLT_OK : VLT_E_LIMIT;
}

enum vlt_status
files_write(int dir, const char *name, struct vlt_slice bytes,
            struct vlt_buf *why)
{
    char temporary[FILES_NAME_MAX];
    enum vlt_status st = files_beside(name, ".tmp", temporary);

    if (st == VLT_OK) {
        st = files_write_new(dir, temporary, bytes, why);
    }
    if (st != VLT_OK) {
        return st;
    }
    if (renameat(dir, temporary, dir, name) != 0) {
        st = files_fail(VLT_E_STORAGE, "rename", temporary, why);
        (void)!files_destroy(dir, temporary, NULL);
        return st;
    }
    return files_sync_dir(dir, why);
}

enum vlt_status
files_sync_dir(int dir, struct vlt_buf *why)
{
    if (keys_seed_planted(KEYS_SEED_NO_DIR_FSYNC)) {
        return VLT_OK;
    }
    return fsync(dir) == 0
               ? VLT_OK
               : files_fail(VLT_E_UNKNOWN, "sync", "the directory", why);
}

static bool
overwrite(int fd, off_t len)
{
    uint8_t piece[PIECE];

    for (off_t at = 0; at < len; at += PIECE) {
        vlt_random(piece, sizeof piece);
        size_t part = len - at < PIECE ? (size_t)(len - at) : sizeof piece;

        if (!write_all(fd, vlt_slice_of(piece, part))) {
            return false;
        }
    }
    return sync_bytes(fd);
}

enum vlt_status
files_destroy(int dir, const char *name, struct vlt_buf *why)
{
    struct stat about;
    enum vlt_status st = VLT_OK;
    int fd = openat(dir, name, O_WRONLY | O_NONBLOCK | OPEN_ALWAYS);

    if (fd < 0) {
        return errno == ENOENT ? VLT_OK
                               : files_fail(VLT_E_STORAGE, "open", name, why);
    }
    if (fstat(fd, &about) != 0 || (!keys_seed_planted(KEYS_SEED_UNLINK_ONLY) &&
                                   !overwrite(fd, about.st_size))) {
        st = files_fail(VLT_E_UNKNOWN, "overwrite", name, why);
        goto done;
    }
    /* Not every file system can; the bytes are overwritten in any case. */
    if (about.st_size > 0 && !keys_seed_planted(KEYS_SEED_UNLINK_ONLY)) {
        (void)fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                        about.st_size);
    }
    if (unlinkat(dir, name, 0) != 0) {
        st = files_fail(VLT_E_STORAGE, "remove", name, why);
        goto done;
    }
    st = files_sync_dir(dir, why);

done:
    close_if_open(fd);
    return st;
}
