#include "keys/erase.h"

#include <assert.h>
#include <string.h>

#include "base/writer.h"
#include "crypto/hash.h"
#include "crypto/random.h"

static void
mix(uint8_t d[ERASE_STRIPE], const uint8_t *stripe)
{
    for (size_t i = 0; i < ERASE_STRIPE; i++) {
        d[i] ^= stripe[i];
    }
}

/* d_3999 of all stripes but the last. */
static void
diffuse(const uint8_t *stripes, uint8_t d[ERASE_STRIPE])
{
    uint8_t number[4];
    struct vlt_slice parts[] = { vlt_slice_text("vd1 af"),
                                 { number, sizeof number },
                                 { d, ERASE_STRIPE } };

    memset(d, 0, ERASE_STRIPE);
    for (uint32_t k = 1; k < ERASE_STRIPES; k++) {
        uint8_t hash[VLT_HASH_LEN];

        mix(d, stripes + (size_t)(k - 1) * ERASE_STRIPE);
        vlt_store_u32(number, k);
        vlt_hash(parts, 3, hash);
        memcpy(d, hash, ERASE_STRIPE);
        vlt_wipe(hash, sizeof hash);
    }
}

void
erase_split(const struct vlt_secret *secret, uint8_t *stripes)
{
    size_t last = ERASE_LEN - ERASE_STRIPE;
    uint8_t d[ERASE_STRIPE];

    assert(vlt_secret_len(secret) == ERASE_STRIPE);
    vlt_random(stripes, last);
    diffuse(stripes, d);
    mix(d, vlt_secret_peek(secret));
    memcpy(stripes + last, d, ERASE_STRIPE);
    vlt_wipe(d, sizeof d);
}

enum vlt_status
erase_join(struct vlt_slice stripes, struct vlt_secret **out)
{
    struct vlt_secret *secret = NULL;

    if (stripes.len != ERASE_LEN) {
        return VLT_E_FORMAT;
    }
    enum vlt_status st = vlt_secret_new(ERASE_STRIPE, &secret);

    if (st != VLT_OK) {
        return st;
    }
    uint8_t *d = vlt_secret_bytes(secret);

    diffuse(stripes.at, d);
    mix(d, stripes.at + ERASE_LEN - ERASE_STRIPE);
    *out = secret;
    return VLT_OK;
}
