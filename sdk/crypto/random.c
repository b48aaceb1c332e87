#include "crypto/random.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>

enum {
    ULID_TIME = 6, /* bytes of milliseconds, big-endian */
    DRAWN = 64 << 10,
    SMALL = 64, /* more than that is drawn by itself */
};

/*
 * The one accepted variable of this room: a system call for a nonce or a salt
 * would cost more than sealing a small record does.  Each thread has its own
 * bytes, so nothing is shared, and they are wiped as they are handed out.
 */
static _Thread_local struct {
    size_t left;    /* bytes not handed out yet; they lie at the front */
    unsigned forks; /* as many as there had been when they were drawn */
    uint8_t at[DRAWN];
} drawn;

/* A child has its parent's bytes, and the parent will hand them out, too.  No
 * atomic: it changes in a child that has no second thread yet. */
static unsigned forks;

static void
forked(void)
{
    forks++;
}

/* Without memory for it the bytes are not kept at all. */
static bool watching;

static void
watch(void)
{
    watching = pthread_atfork(NULL, NULL, forked) == 0;
}

static bool
may_keep(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, watch);
    return watching;
}

void
vlt_random(void *out, size_t len)
{
    if (len == 0) {
        return;
    }
    if (len > SMALL || !may_keep()) {
        randombytes_buf(out, len);
        return;
    }
    if (drawn.left < len || drawn.forks != forks) {
        randombytes_buf(drawn.at, sizeof drawn.at);
        drawn.left = sizeof drawn.at;
        drawn.forks = forks;
    }
    drawn.left -= len;
    memcpy(out, drawn.at + drawn.left, len);
    sodium_memzero(drawn.at + drawn.left, len);
}

void
vlt_random_forget(void)
{
    sodium_memzero(&drawn, sizeof drawn);
}

void
vlt_ulid_new(int64_t now_ns, uint8_t out[VLT_ID_LEN])
{
    uint64_t ms = now_ns > 0 ? (uint64_t)now_ns / 1000000 : 0;

    for (unsigned i = 0; i < ULID_TIME; i++) {
        out[i] = (uint8_t)(ms >> (8 * (ULID_TIME - 1 - i)));
    }
    vlt_random(out + ULID_TIME, VLT_ID_LEN - ULID_TIME);
}

uint32_t
vlt_random_below(uint32_t bound)
{
    assert(bound >= 1);
    return randombytes_uniform(bound);
}
