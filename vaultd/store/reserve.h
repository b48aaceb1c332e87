/*
 * reserve: blocks on disk, taken before a transaction needs them, so that a
 * full disk shows where nothing is at stake.
 */
#ifndef STORE_RESERVE_H
#define STORE_RESERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "util/atomic.h"

/* What is reserved of a file. */
struct reserve {
    int fd;
    uint64_t upto; /* offset below which all blocks are there */
    bool in_place; /* volume.h; else reserved blocks are not enough */
    /* Not 0: the file system cannot reserve.  Any thread looks. */
    struct atomic unsupported;
};

/*
 * See to it that all blocks from `end` (bytes that the file uses) to
 * end + beyond are there.  Where the file system cannot reserve, or needs new
 * blocks for what is overwritten, so much must be free.
 * VLT_E_STORAGE: no space.
 */
VLT_MUST_USE enum vlt_status reserve_ahead(struct reserve *reserve,
                                           uint64_t end, uint64_t beyond);

#endif
