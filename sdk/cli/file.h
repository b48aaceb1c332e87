/*
 * file: whole files.
 */
#ifndef FILE_H
#define FILE_H

#include "base/buf.h"
#include "base/slice.h"

/* Append a file of at most max bytes; "-" is stdin.
 * VLT_E_NOT_FOUND  it is not there
 * VLT_E_LIMIT      it is larger
 * VLT_E_STORAGE    it cannot be read: errno says why
 * VLT_E_NOMEM */
VLT_MUST_USE enum vlt_status file_read(const char *path, size_t max,
                                       struct vlt_buf *out);

/* The same, from a descriptor to its end. */
VLT_MUST_USE enum vlt_status file_read_fd(int fd, size_t max,
                                          struct vlt_buf *out);

enum { FILE_PATH = 4096 };

/* A file that is written beside the one whose place it takes, whole, or not at
 * all. */
struct file_whole {
    const char *path; /* borrowed */
    char beside[FILE_PATH];
    int fd; /* to write to, mode 0600; -1: none */
};

/* Begin one.  VLT_E_STORAGE: errno says why, and there is nothing to end. */
VLT_MUST_USE enum vlt_status file_begin(const char *path,
                                        struct file_whole *out);

/* It takes its place, once it is on the disk, or, where it is not good, is gone
 * and the other as it was.  VLT_E_STORAGE: it is gone; errno says why, of what
 * was not good as it was before.  Without fd it does nothing. */
VLT_MUST_USE enum vlt_status file_end(struct file_whole *whole, bool good);

/* Write such a file.  VLT_E_STORAGE: errno says why. */
VLT_MUST_USE enum vlt_status file_write(const char *path,
                                        struct vlt_slice bytes);

/* Make a file of our own, mode 0600, to write to; what had the name is removed,
 * not followed and not reused.  Its descriptor, which the caller closes; -1:
 * errno says why. */
int file_create(const char *path);

/* Write to a descriptor until all is written.  VLT_E_STORAGE. */
VLT_MUST_USE enum vlt_status file_put(int fd, struct vlt_slice bytes);

#endif
