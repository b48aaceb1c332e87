#include "store/space.h"

uint64_t
space_quota(uint64_t free)
{
    uint64_t half = free / 2;

    if (half < STORE_QUOTA_LEAST) {
        return STORE_QUOTA_LEAST;
    }
    return half < SPACE_QUOTA_MOST ? half : SPACE_QUOTA_MOST;
}

uint64_t
space_margin(uint64_t size)
{
    uint64_t share = size / 100 * SPACE_FREE_PERCENT;

    return share > SPACE_FREE_LEAST ? share : SPACE_FREE_LEAST;
}

enum store_stop
space_judge(const struct space *space)
{
    uint64_t kept = space->quota / 100 * (100 - SPACE_ROWS_PERCENT);

    if (space->quota > 0 && space->used >= space->quota - kept) {
        return STORE_STOP_QUOTA;
    }
    return space->free < space_margin(space->size) ? STORE_STOP_DISK
                                                   : STORE_STOP_NONE;
}

static uint64_t
near(size_t map)
{
    return map / 4 < SPACE_MAP_NEAR ? map / 4 : SPACE_MAP_NEAR;
}

size_t
space_map(size_t map, size_t most, uint64_t file)
{
    while (map < most && file + near(map) > map) {
        map = map < most / 2 ? 2 * map : most;
    }
    return map;
}
