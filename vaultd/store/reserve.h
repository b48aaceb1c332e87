/*
 * reserve: blocks on disk, taken before a transaction needs them, so that a
 * full disk shows where nothing is at stake.
 */
#ifndef STORE_RESERVE_H
#define STORE_RESERVE_H

#include <stdint.h>

#include "base/status.h"

enum {
    RESERVE_DATA = 16 << 20,   /* bytes beyond the last page, for appends */
    RESERVE_CONTROL = 8 << 20, /* for a turn of control jobs alone */
    RESERVE_STEP = 4 << 20,    /* taken more at a time, to ask less often */
};

/* What is reserved of a file. */
struct reserve {
    int fd;
    uint64_t upto; /* offset below which all blocks are there */
};

/*
 * See to it that all blocks from `end` (bytes that the file uses) to
 * end + beyond are there.  Where the file system cannot reserve, its free
 * space is looked at instead.
 * VLT_E_STORAGE: no space.
 */
VLT_MUST_USE enum vlt_status reserve_ahead(struct reserve *reserve,
                                           uint64_t end, uint64_t beyond);

#endif
