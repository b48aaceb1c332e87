#include "crypto/random.h"

#include <assert.h>
#include <sodium.h>

enum {
    ULID_TIME = 6 /* bytes of milliseconds, big-endian */
};

void
vlt_random(void *out, size_t len)
{
    if (len > 0) {
        randombytes_buf(out, len);
    }
}

void
vlt_ulid_new(int64_t now_ns, uint8_t out[VLT_ID_LEN])
{
    uint64_t ms = now_ns > 0 ? (uint64_t)now_ns / 1000000 : 0;

    for (unsigned i = 0; i < ULID_TIME; i++) {
        out[i] = (uint8_t)(ms >> (8 * (ULID_TIME - 1 - i)));
    }
    randombytes_buf(out + ULID_TIME, VLT_ID_LEN - ULID_TIME);
}

uint32_t
vlt_random_below(uint32_t bound)
{
    assert(bound >= 1);
    return randombytes_uniform(bound);
}
