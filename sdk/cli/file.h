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

/* Write a file whole or not at all, mode 0600: a new one beside it takes its
 * place.  VLT_E_STORAGE: errno says why. */
VLT_MUST_USE enum vlt_status file_write(const char *path,
                                        struct vlt_slice bytes);

/* Make a file of our own, mode 0600, to write to; what had the name is removed,
 * not followed and not reused.  Its descriptor, which the caller closes; -1:
 * errno says why. */
int file_create(const char *path);

/* Write to a descriptor until all is written.  VLT_E_STORAGE. */
VLT_MUST_USE enum vlt_status file_put(int fd, struct vlt_slice bytes);

#endif
