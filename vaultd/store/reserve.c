#define _GNU_SOURCE /* fallocate() */

#include "store/reserve.h"

#include <errno.h>
#include <fcntl.h>

#include "store/seeds.h"
#include "store/space.h"
#include "store/volume.h"

static int
allocate(int fd, uint64_t from, uint64_t to)
{
    int code;

    do {
        code =
            fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)(to - from));
    } while (code != 0 && errno == EINTR);
    return code == 0 ? 0 : errno;
}

/* Blocks that are the file's own.  False: there are not so many. */
static bool
take(struct reserve *reserve, uint64_t end, uint64_t need)
{
    uint64_t goal = need + SPACE_RESERVE_STEP;

    if (reserve->upto >= need) {
        return true;
    }
    int code = allocate(reserve->fd, end, goal);

    if (code == ENOSPC) {
        goal = need;
        code = allocate(reserve->fd, end, goal);
    }
    if (code == 0) {
        reserve->upto = goal;
    }
    atomic_set(&reserve->unsupported, code == EOPNOTSUPP);
    return code == 0 || code == EOPNOTSUPP;
}

/* Is so much free that a commit will hardly fail? */
static bool
free_enough(int fd, uint64_t bytes)
{
    struct volume volume;

    return volume_look(fd, &volume) == VLT_OK && volume.free >= bytes;
}

enum vlt_status
reserve_ahead(struct reserve *reserve, uint64_t end, uint64_t beyond)
{
    bool good = take(reserve, end, end + beyond);

    if (good &&
        (atomic_get(&reserve->unsupported) != 0 || !reserve->in_place)) {
        good = free_enough(reserve->fd, beyond);
    }
    return good || seed_planted(SEED_ENOSPC_IGNORED) ? VLT_OK : VLT_E_STORAGE;
}
