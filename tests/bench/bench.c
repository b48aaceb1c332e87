#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "base/time.h"

static int64_t
clock_ns(clockid_t clock)
{
    struct timespec at;

    if (clock_gettime(clock, &at) != 0) {
        bench_die("there is no clock", 0);
    }
    return (int64_t)at.tv_sec * VLT_SECOND + at.tv_nsec;
}

int64_t
bench_now(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t
bench_utc(void)
{
    return clock_ns(CLOCK_REALTIME);
}

int64_t
bench_number(char **argv, int i, int64_t min, int64_t max)
{
    int64_t got;
    struct vlt_slice text = vlt_slice_of(argv[i], strlen(argv[i]));

    if (vlt_int_parse(text, &got) != VLT_OK || got < min || got > max) {
        fprintf(stderr, "%s: argument %d is a number of %lld to %lld\n",
                argv[0], i, (long long)min, (long long)max);
        exit(1);
    }
    return got;
}

void
bench_rate(const char *figure, double done, int64_t ns)
{
    printf("%s\t%.6g\n", figure, done * (double)VLT_SECOND / (double)ns);
}

void
bench_die(const char *what, int code)
{
    if (code == 0) {
        fprintf(stderr, "%s\n", what);
    } else {
        fprintf(stderr, "%s: %s\n", what, strerror(code));
    }
    exit(1);
}
