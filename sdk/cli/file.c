#define _GNU_SOURCE
#include "cli/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 65536 };

enum vlt_status
file_read_fd(int fd, size_t max, struct vlt_buf *out)
{
    size_t total = 0;
    uint8_t piece[PIECE];

    for (;;) {
        ssize_t got = read(fd, piece, sizeof piece);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return VLT_E_STORAGE;
        }
        if (got == 0) {
            return vlt_buf_status(out);
        }
        total += (size_t)got;
        if (total > max) {
            return VLT_E_LIMIT;
        }
        vlt_buf_put(out, piece, (size_t)got);
    }
}

enum vlt_status
file_read(const char *path, size_t max, struct vlt_buf *out)
{
    if (strcmp(path, "-") == 0) {
        return file_read_fd(STDIN_FILENO, max, out);
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return errno == ENOENT ? VLT_E_NOT_FOUND : VLT_E_STORAGE;
    }
    enum vlt_status st = file_read_fd(fd, max, out);
    int why = errno;

    close(fd);
    errno = why;
    return st;
}

enum vlt_status
file_put(int fd, struct vlt_slice bytes)
{
    size_t done = 0;

    while (done < bytes.len) {
        ssize_t put = write(fd, bytes.at + done, bytes.len - done);

        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return VLT_E_STORAGE;
        }
        done += (size_t)put;
    }
    return VLT_OK;
}

int
file_create(const char *path)
{
    /* What is there may be a link to elsewhere, or another user's. */
    if (unlink(path) != 0 && errno != ENOENT) {
        return -1;
    }
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                0600);
}

enum vlt_status
file_begin(const char *path, struct file_whole *out)
{
    int len = snprintf(out->beside, sizeof out->beside, "%s.new", path);

    out->path = path;
    out->fd = -1;
    if (len < 0 || (size_t)len >= sizeof out->beside) {
        errno = ENAMETOOLONG;
        return VLT_E_STORAGE;
    }
    out->fd = file_create(out->beside);
    return out->fd < 0 ? VLT_E_STORAGE : VLT_OK;
}

enum vlt_status
file_end(struct file_whole *whole, bool good)
{
    int why = errno;

    if (whole->fd < 0) {
        return VLT_OK;
    }
    if (good && fsync(whole->fd) != 0) {
        good = false;
        why = errno;
    }
    if (close(whole->fd) != 0 && good) {
        good = false;
        why = errno;
    }
    whole->fd = -1;
    if (good && rename(whole->beside, whole->path) != 0) {
        good = false;
        why = errno;
    }
    if (!good) {
        unlink(whole->beside);
        errno = why;
    }
    return good ? VLT_OK : VLT_E_STORAGE;
}

enum vlt_status
file_write(const char *path, struct vlt_slice bytes)
{
    struct file_whole whole;
    enum vlt_status st = file_begin(path, &whole);

    if (st == VLT_OK) {
        st = file_put(whole.fd, bytes);
        st = file_end(&whole, st == VLT_OK);
    }
    return st;
}
