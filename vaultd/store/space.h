/*
 * space: how much a vault may take of a disk, and what is kept back of it.
 * Pure.
 *
 * Rows stop first, so that what takes back, tells and closes (revoke, erase,
 * audit, lock) goes on: it has the last tenth of the quota, the blocks that
 * are reserved ahead of the file's end, and the ballast.
 */
#ifndef STORE_SPACE_H
#define STORE_SPACE_H

#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

enum {
    SPACE_ROWS_PERCENT = 90, /* of the quota: used so far, no row is taken */
    SPACE_FREE_PERCENT = 5,  /* of the disk: with less free, neither */
    SPACE_FREE_LEAST = 64 << 20, /* bytes: the same, on a small disk */

    SPACE_RESERVE_DATA = 16 << 20,   /* beyond the last page, for rows */
    SPACE_RESERVE_CONTROL = 8 << 20, /* for a turn of control jobs alone */
    SPACE_RESERVE_STEP = 4 << 20, /* taken more at a time, to ask less often */

    SPACE_BALLAST = 16 << 20,

    SPACE_MAP_NEAR = 64 << 20, /* left of the map: it is doubled (or a quarter
                                  of it, where that is less) */
};

/* Bytes: the most that is set without being asked for. */
#define SPACE_QUOTA_MOST (UINT64_C(60) << 30)

struct space {
    uint64_t quota; /* bytes; 0: not known */
    uint64_t used;  /* bytes of it */
    uint64_t free;  /* bytes of the disk, for who is not root */
    uint64_t size;  /* bytes of the disk */
};

/* The quota of a new vault: the smaller of SPACE_QUOTA_MOST and half of what
 * is free, but at least STORE_QUOTA_LEAST. */
uint64_t space_quota(uint64_t free);

/* With less of a disk free than this no row is taken. */
uint64_t space_margin(uint64_t size);

/* May rows be taken? */
enum store_stop space_judge(const struct space *space);

/* The map for a file of so many bytes: as it is, or doubled as often as it
 * takes, to at most `most`. */
size_t space_map(size_t map, size_t most, uint64_t file);

#endif
