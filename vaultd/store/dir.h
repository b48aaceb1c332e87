/*
 * dir: the directory of a vault and the small files in it.
 */
#ifndef STORE_DIR_H
#define STORE_DIR_H

#include "base/buf.h"
#include "keys/header.h"

struct dir {
    int fd;      /* of the directory; -1: closed */
    int lock_fd; /* of LOCK, under flock; -1: none */
    uint64_t n;  /* generation of the key files in force */
    struct header header;
    uint8_t header_bytes[HEADER_LEN]; /* for its MAC */
};

/* What is said of a vault whose keys were destroyed. */
extern const char dir_keys_gone[];

/*
 * Open a directory that must be ours, take its lock, narrow modes that are too
 * wide, read CURRENT and the header, and destroy key files of other
 * generations.  dir_close() ends it.  Status as store_open().
 */
VLT_MUST_USE enum vlt_status dir_open(const char *path, struct vlt_buf *why,
                                      struct dir *out);

/* Destroy the key files of all generations that are not in force.  Status as
 * files_destroy(). */
VLT_MUST_USE enum vlt_status dir_destroy_outdated(struct dir *dir,
                                                  struct vlt_buf *why);

/* Harmless on what is closed. */
void dir_close(struct dir *dir);

/*
 * Take the lock of the directory fd, making LOCK if need be.  The caller
 * closes *lock_fd, which gives it back.
 * VLT_E_CONFLICT: another process has it.  VLT_E_STORAGE.
 */
VLT_MUST_USE enum vlt_status dir_lock(int fd, struct vlt_buf *why,
                                      int *lock_fd);

#endif
