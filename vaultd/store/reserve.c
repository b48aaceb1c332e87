#define _GNU_SOURCE /* fallocate() */

#include "store/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/statvfs.h>

#include "store/seeds.h"
#include "util/log.h"

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

/* Is so much free that a commit will hardly fail? */
static bool
free_enough(int fd, uint64_t bytes)
{
    struct statvfs about;

    return fstatvfs(fd, &about) == 0 &&
           (uint64_t)about.f_bavail * about.f_frsize >= bytes;
}

enum vlt_status
reserve_ahead(struct reserve *reserve, uint64_t end, uint64_t beyond)
{
    uint64_t need = end + beyond;

    if (reserve->upto >= need) {
        return VLT_OK;
    }
    uint64_t goal = need + RESERVE_STEP;
    int code = allocate(reserve->fd, end, goal);

    if (code == ENOSPC) {
        goal = need;
        code = allocate(reserve->fd, end, goal);
    }
    if (code == 0) {
        reserve->upto = goal;
        return VLT_OK;
    }
    if (code == EOPNOTSUPP && free_enough(reserve->fd, beyond)) {
        return VLT_OK;
    }
    if (seed_planted(SEED_ENOSPC_IGNORED)) {
        return VLT_OK;
    }
    log_warning("store", "cannot reserve space: %s",
                strerror(code == EOPNOTSUPP ? ENOSPC : code));
    return VLT_E_STORAGE;
}
