/*
 * skew: a wall clock that a test sets, and whether the kernel calls it
 * synchronised.
 *
 * Preloaded into the daemon.  The file that the variable SKEW names holds two
 * 64-bit numbers of this machine: ns to add to the wall clock, and not 0 where
 * it is synchronised.  It is mapped, so that a test changes it at any time.
 */
#define _GNU_SOURCE /* syscall() */

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

enum { SECOND = 1000000000 };

static const volatile int64_t *skew;

__attribute__((constructor)) static void
map_it(void)
{
    const char *path = getenv("SKEW");
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *at =
        fd >= 0 ? mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;

    if (at != MAP_FAILED) {
        skew = at;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
}

__attribute__((visibility("default"))) int
clock_gettime(clockid_t id, struct timespec *out)
{
    long code = syscall(SYS_clock_gettime, id, out);

    if (code == 0 && id == CLOCK_REALTIME && skew != NULL) {
        int64_t ns = (int64_t)out->tv_sec * SECOND + out->tv_nsec + skew[0];

        out->tv_sec = (time_t)(ns / SECOND);
        out->tv_nsec = (long)(ns % SECOND);
    }
    return (int)code;
}

__attribute__((visibility("default"))) int
adjtimex(struct timex *about)
{
    about->status = skew != NULL && skew[1] != 0 ? 0 : STA_UNSYNC;
    return TIME_OK;
}
