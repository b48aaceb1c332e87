/*
 * shim_internal: what the files of the shim share.
 */
#ifndef TESTS_CRASH_SHIM_INTERNAL_H
#define TESTS_CRASH_SHIM_INTERNAL_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "shim.h"
#include "trace.h"

#define SHIM_EXPORT __attribute__((visibility("default")))

/* ---- which files (shim_trace.c) ---- */

/* A path as it is below the root. */
struct shim_path {
    char whole[PATH_MAX];
    const char *inner; /* within whole; NULL: not below the root */
};

/* Of a path as a call has it, dir a descriptor or AT_FDCWD. */
void shim_resolve(int dir, const char *path, struct shim_path *out);

/* Is it a descriptor of something below the root? */
bool shim_follows(int fd);

/* Is it the journal's? */
bool shim_is_journal(int fd);

/* Is nothing to be synced and no block to be reserved? */
bool shim_hastes(void);

/* Can no two names be exchanged? */
bool shim_no_exchange(void);

/* ---- writing down (shim_trace.c); errno is kept ---- */

/* Hold this around a call and its event, so that they have one order. */
void shim_lock(void);
void shim_unlock(void);

void shim_note(const struct trace_event *event, const void *more);

/* A descriptor has been opened, with this path; or is closed. */
void shim_opened(int fd, const struct shim_path *path, int flags);
void shim_closed(int fd);

/* The first count bytes of these have been written, at an offset, or (-1) where
 * the descriptor stood. */
void shim_wrote(int fd, off_t at, const struct iovec *part, int parts,
                size_t count);

/* One or two paths (may be NULL) that something was done to. */
void shim_path_event(enum trace_what what, const struct shim_path *a,
                     const struct shim_path *b);

/* ---- failing (shim_fault.c) ---- */

enum shim_verdict {
    SHIM_GO,
    SHIM_FAIL, /* errno is set */
    SHIM_HALF, /* of the bytes, of which there are more than one */
};

/* What becomes of this call; it is counted. */
enum shim_verdict shim_judge(enum shim_class family);

#endif
