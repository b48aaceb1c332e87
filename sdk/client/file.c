#include "client/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"
#include "crypto/random.h"

enum { PIECE = 4096, TAG = 8 };

enum vlt_status
vlt_file_path(char out[VLT_FILE_PATH], const char *dir, const char *name,
              const char *ending)
{
    int len = snprintf(out, VLT_FILE_PATH, "%s/%s%s", dir, name, ending);

    return len > 0 && len < VLT_FILE_PATH ? VLT_OK : VLT_E_LIMIT;
}

static int
open_to_read(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

enum vlt_status
vlt_file_read(const char *path, size_t max, struct vlt_buf *out)
{
    uint8_t piece[PIECE];
    enum vlt_status st = VLT_OK;
    ssize_t got = 1;
    int fd = open_to_read(path);

    if (fd < 0) {
        return errno == ENOENT ? VLT_E_NOT_FOUND : VLT_E_STORAGE;
    }
    while (st == VLT_OK && got > 0) {
        got = read(fd, piece, sizeof piece);
        if (got < 0) {
            st = VLT_E_STORAGE;
        } else if (out->len + (size_t)got > max) {
            st = VLT_E_LIMIT;
        } else {
            vlt_buf_put(out, piece, (size_t)got);
            st = vlt_buf_status(out);
        }
    }
    close(fd);
    return st;
}

static bool
write_all(int fd, struct vlt_slice bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.at, bytes.len);

        if (put < 0) {
            return false;
        }
        bytes = vlt_slice_of(bytes.at + put, bytes.len - (size_t)put);
    }
    return fsync(fd) == 0;
}

enum vlt_status
vlt_file_replace(const char *path, struct vlt_slice bytes)
{
    char other[VLT_FILE_PATH];
    char ending[2 * TAG + 2] = ".";
    uint8_t tag[TAG];

    vlt_random(tag, sizeof tag);
    vlt_hex_print(tag, sizeof tag, ending + 1);
    if (snprintf(other, sizeof other, "%s%s", path, ending) >=
        (int)sizeof other) {
        return VLT_E_LIMIT;
    }
    int fd = open(other, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0) {
        return VLT_E_STORAGE;
    }
    bool good = write_all(fd, bytes);

    good = close(fd) == 0 && good;
    if (!good || rename(other, path) != 0) {
        unlink(other);
        return VLT_E_STORAGE;
    }
    return VLT_OK;
}

/* The folder's own descriptor: so there is no file that would be left over. */
enum vlt_status
vlt_file_lock(const char *folder, int *out)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int locked;

    if (fd < 0) {
        return VLT_E_STORAGE;
    }
    do {
        locked = flock(fd, LOCK_EX);
    } while (locked != 0 && errno == EINTR);
    if (locked != 0) {
        close(fd);
        return VLT_E_STORAGE;
    }
    *out = fd;
    return VLT_OK;
}

void
vlt_file_unlock(int lock)
{
    close(lock);
}

enum vlt_status
vlt_file_secret(const char *path, size_t len, struct vlt_secret **out)
{
    struct vlt_secret *secret = NULL;
    struct stat about;
    enum vlt_status st;
    int fd = open_to_read(path);

    if (fd < 0) {
        return errno == ENOENT ? VLT_E_NOT_FOUND : VLT_E_STORAGE;
    }
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        st = VLT_E_STORAGE;
        goto done;
    }
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        st = VLT_E_DENIED;
        goto done;
    }
    st = about.st_size == (off_t)len ? VLT_OK : VLT_E_FORMAT;
    if (st == VLT_OK) {
        st = vlt_secret_new(len, &secret);
    }
    if (st != VLT_OK) {
        goto done;
    }
    if (read(fd, vlt_secret_bytes(secret), len) != (ssize_t)len) {
        st = VLT_E_STORAGE;
        goto done;
    }
    *out = secret;
    secret = NULL;

done:
    vlt_secret_free(secret);
    close(fd);
    return st;
}
