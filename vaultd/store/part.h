/*
 * part: a file outside the vault's directory that is there whole or not at
 * all.
 *
 * It is written as NAME.part beside NAME, synced, and renamed.  What is there
 * under NAME is never replaced.
 */
#ifndef STORE_PART_H
#define STORE_PART_H

#include "base/buf.h"
#include "base/status.h"

enum { PART_NAME = 256 /* bytes of a file's name, with the zero */ };

struct part {
    int dir; /* that it is in; -1: none */
    int fd;  /* of NAME.part, to write; -1: none */
    char name[PART_NAME];
    char temporary[PART_NAME];
};

/*
 * Begin one.  A NAME.part that is empty or begins as magic (a C string) is what
 * a crash left, and goes.  part_end() ends it in any case.
 *
 * VLT_E_CONFLICT   NAME is there, or NAME.part and not ours
 * VLT_E_NOT_FOUND  its directory is not there
 * VLT_E_STORAGE    the disk refused
 */
VLT_MUST_USE enum vlt_status part_begin(const char *path, const char *magic,
                                        struct vlt_buf *why, struct part *out);

/* Append.  VLT_E_STORAGE. */
VLT_MUST_USE enum vlt_status part_put(struct part *part, struct vlt_slice bytes,
                                      struct vlt_buf *why);

/* Sync it and give it its name.  VLT_E_CONFLICT: NAME has appeared.
 * VLT_E_STORAGE.  VLT_E_UNKNOWN: it has its name, but the directory did not
 * sync. */
VLT_MUST_USE enum vlt_status part_commit(struct part *part,
                                         struct vlt_buf *why);

/* Close it; what was not committed is removed. */
void part_end(struct part *part);

#endif
