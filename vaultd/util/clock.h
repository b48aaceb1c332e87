/*
 * clock: what time it is, from one place that tests can replace.
 *
 * Wall time is for records and consent, boot time for timers, quotas and
 * deadlines; it goes on while the machine sleeps and is never set.  Both are
 * nanoseconds; wall time counts from 1970 (base/time.h).
 *
 * A struct clock is a plain value; pass it on as const struct clock *.
 *
 * Threads: any.
 */
#ifndef UTIL_CLOCK_H
#define UTIL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "util/atomic.h"

struct clock {
    int64_t (*wall)(void *ctx);
    int64_t (*boot)(void *ctx);
    void *ctx;
};

/* The system's: CLOCK_REALTIME and CLOCK_BOOTTIME. */
struct clock clock_system(void);

/* Nanoseconds since 1970, as the clock is set. */
int64_t clock_wall(const struct clock *clock);
/* Nanoseconds since the machine started. */
int64_t clock_boot(const struct clock *clock);

/* Does the kernel say that the system's clock is synchronised? */
bool clock_synchronised(void);

/* A clock for tests, which stands where it was set.  Begins as { 0 }. */
struct clock_hand {
    struct atomic wall;
    struct atomic boot;
};

/* Shows what hand says; hand is borrowed for as long as the clock is used. */
struct clock clock_by_hand(struct clock_hand *hand);

/* Set wall time alone, as an administrator may. */
void clock_set_wall(struct clock_hand *hand, int64_t wall_ns);

/* Let time pass on both. */
void clock_advance(struct clock_hand *hand, int64_t ns);

#endif
