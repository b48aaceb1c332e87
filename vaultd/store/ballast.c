#define _GNU_SOURCE /* fallocate() */

#include "store/ballast.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/space.h"

enum {
    PIECE = 1 << 16,
    BLOCK = 512, /* bytes that stat() counts in */
};

bool
ballast_whole(int dir)
{
    struct stat about;

    return fstatat(dir, BALLAST_NAME, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(about.st_mode) &&
           (uint64_t)about.st_blocks * BLOCK >= SPACE_BALLAST;
}

static int
open_file(int dir, int flags)
{
    struct stat about;
    int fd =
        openat(dir, BALLAST_NAME,
               O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags, 0600);

    if (fd >= 0 && (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static bool
write_zeros(int fd)
{
    static const uint8_t zeros[PIECE];
    off_t at = 0;

    while (at < SPACE_BALLAST) {
        ssize_t put = pwrite(fd, zeros, sizeof zeros, at);

        if (put < 0 && errno != EINTR) {
            return false;
        }
        at += put > 0 ? put : 0;
    }
    return true;
}

static bool
hold_blocks(int fd)
{
    int code;

    do {
        code = fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, SPACE_BALLAST);
    } while (code != 0 && errno == EINTR);
    return code == 0 || (errno == EOPNOTSUPP && write_zeros(fd));
}

enum vlt_status
ballast_make(int dir)
{
    int fd = open_file(dir, O_CREAT);
    bool made;

    if (fd < 0) {
        return VLT_E_STORAGE;
    }
    made = hold_blocks(fd) && fsync(fd) == 0;
    if (!made) {
        (void)!ftruncate(fd, 0); /* a half of it would only be in the way */
    }
    (void)close(fd);
    return made ? VLT_OK : VLT_E_STORAGE;
}

bool
ballast_give(int dir)
{
    struct stat about;
    int fd = open_file(dir, 0);
    bool given;

    if (fd < 0) {
        return false;
    }
    given =
        fstat(fd, &about) == 0 && about.st_blocks > 0 && ftruncate(fd, 0) == 0;
    /* Some file systems hand blocks out again only once that they are free is
     * on the disk. */
    (void)fsync(fd);
    (void)close(fd);
    return given;
}
