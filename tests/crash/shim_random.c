/* Random bytes that come again. */
#define _GNU_SOURCE /* syscall() */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dice.h"
#include "shim_internal.h"

/* Global, since the C library's functions have no argument for it. */
static struct dice dice;
static bool loaded;

__attribute__((constructor)) static void
begin(void)
{
    const char *seed = getenv("CRASH_RANDOM");

    loaded = seed != NULL;
    if (loaded) {
        dice = dice_of(strtoull(seed, NULL, 10), 0);
    }
}

static void
roll(unsigned char *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = (unsigned char)dice_next(&dice);
    }
}

SHIM_EXPORT ssize_t
getrandom(void *at, size_t len, unsigned flags)
{
    if (!loaded) {
        return syscall(SYS_getrandom, at, len, flags);
    }
    roll(at, len);
    return (ssize_t)len;
}
