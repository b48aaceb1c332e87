#define _GNU_SOURCE /* CLOCK_BOOTTIME */

#include "util/clock.h"

#include <assert.h>
#include <sys/timex.h>
#include <time.h>

#include "base/time.h"

static int64_t
read_clock(clockid_t id)
{
    struct timespec now;
    int error = clock_gettime(id, &now);

    assert(error == 0); /* only an unknown clock fails */
    (void)error;
    return (int64_t)now.tv_sec * VLT_SECOND + now.tv_nsec;
}

static int64_t
system_wall(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_REALTIME);
}

static int64_t
system_boot(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_BOOTTIME);
}

struct clock
clock_system(void)
{
    return (struct clock){ .wall = system_wall, .boot = system_boot };
}

int64_t
clock_wall(const struct clock *clock)
{
    return clock->wall(clock->ctx);
}

int64_t
clock_boot(const struct clock *clock)
{
    return clock->boot(clock->ctx);
}

static int64_t
hand_wall(void *ctx)
{
    const struct clock_hand *hand = ctx;

    return (int64_t)atomic_get(&hand->wall);
}

static int64_t
hand_boot(void *ctx)
{
    const struct clock_hand *hand = ctx;

    return (int64_t)atomic_get(&hand->boot);
}

struct clock
clock_by_hand(struct clock_hand *hand)
{
    return (struct clock){ .wall = hand_wall, .boot = hand_boot, .ctx = hand };
}

void
clock_set_wall(struct clock_hand *hand, int64_t wall_ns)
{
    atomic_set(&hand->wall, (uint64_t)wall_ns);
}

void
clock_advance(struct clock_hand *hand, int64_t ns)
{
    (void)atomic_add(&hand->wall, (uint64_t)ns);
    (void)atomic_add(&hand->boot, (uint64_t)ns);
}

bool
clock_synchronised(void)
{
    struct timex about = { .modes = 0 };

    return adjtimex(&about) >= 0 && (about.status & STA_UNSYNC) == 0;
}
