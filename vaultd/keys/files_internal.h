/*
 * files_internal: what the files of files.h share.
 */
#ifndef KEYS_FILES_INTERNAL_H
#define KEYS_FILES_INTERNAL_H

#include "keys/files.h"

/* "cannot write header.1: No space left on device": by errno.  Returns st. */
enum vlt_status files_fail(enum vlt_status st, const char *verb,
                           const char *name, struct vlt_buf *why);

/* A name with a suffix of 4 into out.  VLT_E_LIMIT: it is too long. */
VLT_MUST_USE enum vlt_status files_beside(const char *name, const char *suffix,
                                          char out[FILES_NAME_MAX]);

/* A new file with these bytes, synced; what is there of that name goes. */
VLT_MUST_USE enum vlt_status files_write_new(int dir, const char *name,
                                             struct vlt_slice bytes,
                                             struct vlt_buf *why);

/* files_swap(), exchanging names or not.  For tests: a file system that cannot
 * is not at hand. */
VLT_MUST_USE enum vlt_status files_swap_as(int dir, const char *name,
                                           struct vlt_slice bytes,
                                           bool exchanges, struct vlt_buf *why);

#endif
