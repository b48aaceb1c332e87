/*
 * files: the vault's small files, written so that a power cut leaves the old
 * one or the new one.
 *
 * Names are relative to a directory's descriptor.  Files have mode 0600.
 * A sentence for the owner is appended to why (may be NULL) on failure.
 *
 * VLT_E_STORAGE everywhere: the disk refused, and what was there is there.
 * VLT_E_UNKNOWN: a sync or the rename's directory sync failed; what is on disk
 * is not known, and trying again would not tell.
 */
#ifndef KEYS_FILES_H
#define KEYS_FILES_H

#include "base/buf.h"
#include "base/status.h"

enum {
    FILES_NAME_MAX = 64 /* with the zero and a suffix of 4 */
};

/* The name of a file of generation n, as header.7: into out, which is
 * returned. */
const char *files_name(const char *kind, uint64_t n, char out[FILES_NAME_MAX]);

/* Append a whole file of at most max bytes to out.  VLT_E_NOT_FOUND: there is
 * none, or it is no regular file.  VLT_E_LIMIT: larger.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status files_read(int dir, const char *name, size_t max,
                                        struct vlt_buf *out,
                                        struct vlt_buf *why);

/* Write or replace a file whole: name.tmp, sync, rename, sync directory. */
VLT_MUST_USE enum vlt_status files_write(int dir, const char *name,
                                         struct vlt_slice bytes,
                                         struct vlt_buf *why);

/*
 * The same for a file whose old bytes must not stay anywhere: the new file and
 * the old one change their names, and the old one is destroyed.  A power cut
 * leaves the old file or the new one under the name, and perhaps the other one
 * as name.tmp or name.old; that may also be a second name of the one in force,
 * so whoever tidies takes its name away and leaves its bytes alone.
 *
 * VLT_E_UNKNOWN  also: the new one is in force, but the old bytes may be there
 *                still, as name.tmp or name.old
 */
VLT_MUST_USE enum vlt_status files_swap(int dir, const char *name,
                                        struct vlt_slice bytes,
                                        struct vlt_buf *why);

/* Overwrite a file in place with random bytes, sync, punch its blocks out,
 * remove it, sync the directory.  One that is not there is VLT_OK. */
VLT_MUST_USE enum vlt_status files_destroy(int dir, const char *name,
                                           struct vlt_buf *why);

/* Sync a directory.  VLT_E_UNKNOWN. */
VLT_MUST_USE enum vlt_status files_sync_dir(int dir, struct vlt_buf *why);

#endif
