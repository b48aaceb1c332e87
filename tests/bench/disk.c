/*
 * bench_disk FOLDER MS: how long 4 KiB take that are written and synced by
 * fdatasync, behind a growing file ("append") and in place ("overwrite"):
 * the median and the 99th of a hundred, in us.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "bench.h"

enum { PIECE = 4096, PATH = 4096, ARGS = 3, SYNCS_MAX = 200000 };

static int64_t
write_synced(int fd, const char *piece, off_t at)
{
    int64_t from = bench_now();

    if (pwrite(fd, piece, PIECE, at) != PIECE || fdatasync(fd) != 0) {
        bench_die("cannot write", errno);
    }
    return bench_now() - from;
}

static int
by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* step: how far the next piece lies behind the last, 0 for in place. */
static void
measure(int fd, const char *figure, off_t step, int64_t ms)
{
    int64_t *took = calloc(SYNCS_MAX, sizeof *took);
    char piece[PIECE];
    size_t done = 0;
    off_t at = 0;

    if (took == NULL) {
        bench_die("out of memory", 0);
    }
    memset(piece, 'v', sizeof piece);
    (void)write_synced(fd, piece, 0);
    int64_t until = bench_now() + ms * (VLT_SECOND / 1000);

    while (done == 0 || (done < SYNCS_MAX && bench_now() < until)) {
        at += step;
        took[done++] = write_synced(fd, piece, at);
    }
    qsort(took, done, sizeof *took, by_size);
    printf("%s.p50\t%.6g\n", figure, (double)took[done / 2] / 1000);
    printf("%s.p99\t%.6g\n", figure, (double)took[done * 99 / 100] / 1000);
    free(took);
}

int
main(int argc, char **argv)
{
    char path[PATH];

    if (argc != ARGS) {
        bench_die("usage: bench_disk FOLDER MS", 0);
    }
    int64_t ms = bench_number(argv, 2, 1, BENCH_MS_MAX);
    int len = snprintf(path, sizeof path, "%s/disk", argv[1]);

    if (len < 0 || len >= PATH) {
        bench_die("the folder's name is too long", 0);
    }
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0 || unlink(path) != 0) {
        bench_die(path, errno);
    }
    measure(fd, "append", PIECE, ms);
    measure(fd, "overwrite", 0, ms);
    return close(fd) == 0 ? 0 : 1;
}
