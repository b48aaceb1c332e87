/*
 * calibrate: what this machine can do, so that figures of two machines can be
 * told apart.
 *
 * usage: calibrate FILE; prints the median time of appending 4 KiB and
 * fdatasync (microseconds), and the speed of memcpy (GB/s).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SYNCS = 501, BLOCK = 4096, COPY = 64 << 20, COPIES = 8 };

static double
now(void)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double
sync_median(const char *path)
{
    static double took[SYNCS];
    static unsigned char block[BLOCK];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    for (int i = 0; i < SYNCS; i++) {
        double begin = now();

        if (write(fd, block, BLOCK) != BLOCK || fdatasync(fd) != 0) {
            perror(path);
            exit(1);
        }
        took[i] = now() - begin;
    }
    (void)close(fd);
    (void)unlink(path);
    qsort(took, SYNCS, sizeof took[0], by_size);
    return took[SYNCS / 2];
}

static double
copy_speed(void)
{
    unsigned char *from = malloc(COPY);
    unsigned char *to = malloc(COPY);

    if (from == NULL || to == NULL) {
        exit(1);
    }
    memset(from, 1, COPY);
    memset(to, 2, COPY);

    double begin = now();

    for (int i = 0; i < COPIES; i++) {
        from[i] = (unsigned char)i;
        memcpy(to, from, COPY);
        from[i] = to[COPY - 1];
    }
    double took = now() - begin;

    free(from);
    free(to);
    return (double)COPY * COPIES / took / 1e9;
}

int
main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: calibrate FILE\n");
        return 2;
    }
    (void)printf("%.1f\n%.2f\n", 1e6 * sync_median(argv[1]), copy_speed());
    return 0;
}
