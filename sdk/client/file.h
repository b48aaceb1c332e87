/*
 * file: small files, read whole and replaced whole.
 *
 * Threads: any.  These wait for the disk.
 */
#ifndef VLT_FILE_H
#define VLT_FILE_H

#include "base/buf.h"
#include "crypto/secret.h"

enum { VLT_FILE_PATH = 4096 };

/* Read at most max bytes into out.  VLT_E_NOT_FOUND: no such file.
 * VLT_E_LIMIT: larger.  VLT_E_STORAGE: it cannot be read. */
VLT_MUST_USE enum vlt_status vlt_file_read(const char *path, size_t max,
                                           struct vlt_buf *out);

/* Replace or make it, mode 0600, so that either the old or the new bytes stand
 * there whatever happens.  VLT_E_STORAGE. */
VLT_MUST_USE enum vlt_status vlt_file_replace(const char *path,
                                              struct vlt_slice bytes);

/* Read exactly len bytes of a file that nobody else may read.  The caller owns
 * *out.  VLT_E_DENIED: its mode lets others in.  VLT_E_FORMAT: another length.
 * VLT_E_NOT_FOUND, VLT_E_STORAGE as above. */
VLT_MUST_USE enum vlt_status vlt_file_secret(const char *path, size_t len,
                                             struct vlt_secret **out);

/* Wait until nobody else holds the lock of this folder, by this function, and
 * hold it.  The caller gives *out to vlt_file_unlock().  VLT_E_STORAGE. */
VLT_MUST_USE enum vlt_status vlt_file_lock(const char *folder, int *out);
void vlt_file_unlock(int lock);

/* DIR/NAME and an ending, into out.  VLT_E_LIMIT: too long. */
VLT_MUST_USE enum vlt_status vlt_file_path(char out[VLT_FILE_PATH],
                                           const char *dir, const char *name,
                                           const char *ending);

#endif
