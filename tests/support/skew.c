/*
 * skew: clocks that a test sets, and whether the kernel calls the wall clock
 * synchronised.
 *
 * Preloaded into the daemon.  The file that the variable SKEW names holds three
 * 64-bit numbers of this machine: ns to add to the wall clock, not 0 where it
 * is synchronised, and ns to add to the time since the machine's start, which
 * may only grow.  It is mapped, so that a test changes it at any time.
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

static void
add(struct timespec *time, int64_t more)
{
    int64_t ns = (int64_t)time->tv_sec * SECOND + time->tv_nsec + more;

    time->tv_sec = (time_t)(ns / SECOND);
    time->tv_nsec = (long)(ns % SECOND);
}

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

    if (code == 0 && skew != NULL && id == CLOCK_REALTIME) {
        add(out, skew[0]);
    } else if (code == 0 && skew != NULL && id == CLOCK_BOOTTIME) {
        add(out, skew[2]);
    }
    return (int)code;
}

__attribute__((visibility("default"))) int
adjtimex(struct timex *about)
{
    about->status = skew != NULL && skew[1] != 0 ? 0 : STA_UNSYNC;
    return TIME_OK;
}
