/*
 * bench_disk FOLDER MS: how often a second 4 KiB are written and synced by
 * fdatasync, behind a growing file ("append") and in place ("overwrite").
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "bench.h"

enum { PIECE = 4096, PATH = 4096, ARGS = 3 };

static void
write_synced(int fd, const char *piece, off_t at)
{
    if (pwrite(fd, piece, PIECE, at) != PIECE || fdatasync(fd) != 0) {
        bench_die("cannot write", errno);
    }
}

/* step: how far the next piece lies behind the last, 0 for in place. */
static void
measure(int fd, const char *figure, off_t step, int64_t ms)
{
    char piece[PIECE];
    double done = 0;
    off_t at = 0;

    memset(piece, 'v', sizeof piece);
    write_synced(fd, piece, 0);
    int64_t from = bench_now();
    int64_t until = from + ms * (VLT_SECOND / 1000);
    int64_t now = from;

    while (now < until) {
        at += step;
        write_synced(fd, piece, at);
        done++;
        now = bench_now();
    }
    bench_rate(figure, done, now - from);
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
