/*
 * stuck: a disk that hangs while a backup is written to it, or at a commit.
 *
 * Preloaded into the daemon.  What goes to a file named *.part gets through up
 * to its first bytes; then write() waits for as long as the file is there that
 * the variable STUCK_WHILE names.  While the one is there that STUCK_MAKING
 * names, none is even made.  While the one of STUCK_SYNCING is there, no
 * fdatasync() ends.
 */
#define _GNU_SOURCE /* syscall() */

#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LOOK_US = 5000 };

/* The descriptor of the file that was opened last under such a name: the system
 * calls of the daemon are filtered, so nothing is asked of the kernel here that
 * it does not ask itself. */
static int part = -1;

static bool
is_part(const char *path, size_t len)
{
    static const char ends[] = ".part";
    size_t tail = sizeof ends - 1;

    return len > tail && memcmp(path + len - tail, ends, tail) == 0;
}

/* As long as the file is there that a variable names. */
static void
hang(const char *variable)
{
    const char *name = getenv(variable);

    while (name != NULL && access(name, F_OK) == 0) {
        (void)usleep(LOOK_US);
    }
}

__attribute__((visibility("default"))) int
openat(int dir, const char *path, int flags, ...)
{
    unsigned mode = 0;
    va_list args;

    if ((flags & O_CREAT) != 0) {
        va_start(args, flags);
        mode = va_arg(args, unsigned);
        va_end(args);
        if (is_part(path, strlen(path))) {
            hang("STUCK_MAKING");
        }
    }
    int fd = (int)syscall(SYS_openat, dir, path, flags, mode);

    if (is_part(path, strlen(path))) {
        part = fd;
    }
    return fd;
}

__attribute__((visibility("default"))) ssize_t
write(int fd, const void *at, size_t len)
{
    if (getenv("STUCK_WHILE") != NULL && fd == part &&
        lseek(fd, 0, SEEK_CUR) > 0) {
        hang("STUCK_WHILE");
    }
    return (ssize_t)syscall(SYS_write, fd, at, len);
}

__attribute__((visibility("default"))) int
fdatasync(int fd)
{
    hang("STUCK_SYNCING");
    return (int)syscall(SYS_fdatasync, fd);
}
