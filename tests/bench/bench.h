/*
 * bench: what every program here does: read a number, read the clock, say a
 * figure, give up.
 *
 * A program prints one figure a line, its name and its value apart by a tab,
 * and exits 0; else it says on standard error why not and exits 1.
 *
 * Threads: any.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>

enum {
    BENCH_MS = 1000000,    /* ns */
    BENCH_MS_MAX = 600000, /* longest measurement, in ms */
};

/* Nanoseconds of a clock that only goes forward. */
int64_t bench_now(void);

/* Nanoseconds UTC since 1970. */
int64_t bench_utc(void);

/* Argument i of a program as a number of min to max; else the program ends. */
int64_t bench_number(char **argv, int i, int64_t min, int64_t max);

/* Print how many a second it were: done in ns (more than 0) nanoseconds. */
void bench_rate(const char *figure, double done, int64_t ns);

/* End the program with 1; what says what failed, code (0: none) is errno's. */
_Noreturn void bench_die(const char *what, int code);

#endif
