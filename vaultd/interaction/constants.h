/*
 * constants: the numbers that the formulas depend on, one versioned table.
 *
 * All are choices of engineering; the literature gives the forms, not these
 * numbers.  The version is printed with every result.
 */
#ifndef CONSTANTS_H
#define CONSTANTS_H

#include <stdint.h>

struct constants {
    const char *version; /* "ix-1"; static */
    int64_t newest;      /* A: what the newest takes of the score, ppm */
    int64_t update;      /* BETA: what it moves the expectation by, ppm */
    int32_t first;       /* E0: the first expectation, q */
    int32_t dead_band;   /* TAU: a gap up to this is none, q */
    int32_t settled;     /* N_SETTLED: fewer interactions are `unsettled` */
    int64_t newest_min;  /* range of A, ppm */
    int64_t newest_max;
};

/* Version ix-1. */
struct constants constants_default(void);

#endif
