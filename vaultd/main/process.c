#define _GNU_SOURCE /* close_range() */

#include "main/process.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "crypto/secret.h"
#include "main/main_internal.h"
#include "util/log.h"

enum {
    FILES = 8192 + 64, /* descriptors: most connections, and the rest */
    LOCKED = 64 << 20, /* bytes: the keys of a large vault */
    LINE = 4096,
};

/* ---- limits and descriptors ---- */

/* True: it is to be set. */
static bool
raised(struct rlimit *limit, rlim_t to)
{
    if (limit->rlim_cur >= to) {
        return false;
    }
    limit->rlim_cur = limit->rlim_max < to ? limit->rlim_max : to;
    return true;
}

void
process_raise_limits(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && raised(&limit, FILES)) {
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && raised(&limit, LOCKED)) {
        (void)setrlimit(RLIMIT_MEMLOCK, &limit);
    }
}

bool
process_memory(bool allow_unlocked)
{
    if (vlt_secret_locks()) {
        return true;
    }
    if (!allow_unlocked) {
        complain("run: memory cannot be locked, so keys might be swapped out: "
                 "raise the limit (LimitMEMLOCK=64M, ulimit -l), or say "
                 "allow_unlocked_memory: true");
        return false;
    }
    vlt_secret_allow_unlocked();
    log_warning("main", "memory cannot be locked: keys may be swapped out");
    return true;
}

/* From the one, the other not included. */
static void
close_from(int first, int end)
{
    if (first < end) {
        (void)close_range((unsigned)first, (unsigned)end - 1, 0);
    }
}

void
process_shed(int keep, int keep_too)
{
    int low = keep < keep_too ? keep : keep_too;
    int high = keep < keep_too ? keep_too : keep;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (null >= 0) {
        (void)dup2(null, STDIN_FILENO);
    }
    low = low > STDERR_FILENO ? low : STDERR_FILENO;
    high = high > low ? high : low;
    close_from(STDERR_FILENO + 1, low);
    close_from(low + 1, high);
    (void)close_range((unsigned)high + 1, ~0U, 0);
}

/* ---- what it is like here ---- */

/* The first line of a file, without its end; false: there is none. */
static bool
first_line(const char *path, char out[LINE])
{
    FILE *file = fopen(path, "re");
    bool there = file != NULL && fgets(out, LINE, file) != NULL;

    if (file != NULL) {
        (void)fclose(file);
    }
    if (there) {
        out[strcspn(out, "\n")] = '\0';
    }
    return there;
}

/* Of version 2 alone, where the line is "0::/path". */
bool
process_swapless(void)
{
    static const char lead[] = "0::";
    char group[LINE];
    char path[LINE + 64];
    char limit[LINE];

    if (!first_line("/proc/self/cgroup", group) ||
        strncmp(group, lead, sizeof lead - 1) != 0) {
        return false;
    }
    (void)snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.swap.max",
                   group + sizeof lead - 1);
    return first_line(path, limit) && strcmp(limit, "0") == 0;
}

bool
process_beside(const char *path, const char *other)
{
    struct stat a;
    struct stat b;

    return path != NULL && stat(path, &a) == 0 && stat(other, &b) == 0 &&
           a.st_dev == b.st_dev;
}

/* ---- the service manager ---- */

int
process_notify_open(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct sockaddr_storage at = { 0 };
    size_t len = path != NULL ? strlen(path) : 0;

    if (len < 2 || len >= sizeof address.sun_path ||
        (path[0] != '/' && path[0] != '@')) {
        return -1;
    }
    memcpy(address.sun_path, path, len);
    if (path[0] == '@') {
        address.sun_path[0] = '\0'; /* of the abstract ones */
    }
    memcpy(&at, &address, sizeof address);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, (const struct sockaddr *)&at,
                           (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
                                       len)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

void
process_notify(int fd, const char *state)
{
    if (fd >= 0) {
        (void)send(fd, state, strlen(state), MSG_NOSIGNAL);
    }
}
