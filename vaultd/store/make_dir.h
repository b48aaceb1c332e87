/*
 * make_dir: a directory that is there whole or not at all.
 *
 * It is filled as PATH.new, synced, and renamed to PATH.  Until that is durable
 * it holds a file MAKING, which tells a half that a crash left from a whole
 * vault that somebody keeps under that name: only the first is removed.
 */
#ifndef STORE_MAKE_DIR_H
#define STORE_MAKE_DIR_H

#include "base/buf.h"
#include "base/status.h"

#define MAKE_DIR_MAKING "MAKING"

struct make_dir {
    const char *path;    /* borrowed */
    struct vlt_buf name; /* PATH.new, as a C string */
    int fd;              /* of it; -1: none */
    int lock_fd;         /* of its LOCK, held; -1: none */
    bool made;           /* by us, so ours to remove */
};

/*
 * Make PATH.new, after removing what a crash left of an earlier one.
 * make_dir_end() ends it in any case.
 *
 * VLT_E_CONFLICT  PATH is there, somebody else is making it, or PATH.new holds
 *                 what is not a vault's, or is a whole vault
 * VLT_E_STORAGE   the disk refused
 */
VLT_MUST_USE enum vlt_status
make_dir_begin(const char *path, struct vlt_buf *why, struct make_dir *out);

/* Give its lock back early, for whoever opens what is in it. */
void make_dir_yield(struct make_dir *dir);

/* The directory has its name, so it is whole: MAKING, which a cut may have left
 * in it, goes.  VLT_E_STORAGE. */
VLT_MUST_USE enum vlt_status make_dir_unmark(int fd, struct vlt_buf *why);

/* All is written and synced: rename it, sync the parent, take MAKING away.
 * VLT_E_CONFLICT, VLT_E_STORAGE, VLT_E_UNKNOWN. */
VLT_MUST_USE enum vlt_status make_dir_commit(struct make_dir *dir,
                                             struct vlt_buf *why);

/* Give the lock back; remove what was not committed. */
void make_dir_end(struct make_dir *dir);

#endif
