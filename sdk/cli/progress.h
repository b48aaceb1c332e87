/*
 * progress: how far long work has come, on a terminal's stderr only.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "cli/term.h"

/* Begins with progress_begin(), ends with progress_end(). */
struct progress {
    struct term term;
    const char *what;     /* borrowed */
    uint64_t all;         /* bytes; 0: not known */
    bool of_bytes;        /* told in bytes, not in rows */
    int64_t began, shown; /* ns of the monotonic clock */
    bool any;
};

struct progress progress_begin(struct term term, const char *what,
                               uint64_t all);

/* So much is done: bytes, and rows.  Draws at most ten times a second. */
void progress_at(struct progress *progress, uint64_t done, uint64_t rows);

/* Clear the line. */
void progress_end(struct progress *progress);

/* Pure: the line that is drawn after so many ns. */
void progress_line(const struct progress *progress, uint64_t done,
                   uint64_t rows, int64_t took, struct vlt_buf *out);

#endif
