/*
 * stuck: a disk that hangs while a backup is written to it.
 *
 * Preloaded into the daemon.  What goes to a file named *.part gets through up
 * to its first bytes; then write() waits for as long as the file is there that
 * the variable STUCK_WHILE names.
 */
#define _GNU_SOURCE /* syscall() */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LOOK_US = 5000 };

static bool
to_part(int fd)
{
    static const char ends[] = ".part";
    char link[64];
    char path[4096];

    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path);
    size_t tail = sizeof ends - 1;

    return len > (ssize_t)tail &&
           memcmp(path + (size_t)len - tail, ends, tail) == 0;
}

__attribute__((visibility("default"))) ssize_t
write(int fd, const void *at, size_t len)
{
    const char *name = getenv("STUCK_WHILE");

    if (name != NULL && lseek(fd, 0, SEEK_CUR) > 0 && to_part(fd)) {
        while (access(name, F_OK) == 0) {
            (void)usleep(LOOK_US);
        }
    }
    return (ssize_t)syscall(SYS_write, fd, at, len);
}
