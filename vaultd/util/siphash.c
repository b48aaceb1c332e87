#include "util/siphash_internal.h"

#include "base/writer.h"

struct state {
    uint64_t v[4];
};

static uint64_t
turn_left(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static void
mix(struct state *s)
{
    s->v[0] += s->v[1];
    s->v[1] = turn_left(s->v[1], 13) ^ s->v[0];
    s->v[0] = turn_left(s->v[0], 32);
    s->v[2] += s->v[3];
    s->v[3] = turn_left(s->v[3], 16) ^ s->v[2];
    s->v[0] += s->v[3];
    s->v[3] = turn_left(s->v[3], 21) ^ s->v[0];
    s->v[2] += s->v[1];
    s->v[1] = turn_left(s->v[1], 17) ^ s->v[2];
    s->v[2] = turn_left(s->v[2], 32);
}

static void
take_word(struct state *s, uint64_t word)
{
    s->v[3] ^= word;
    mix(s);
    s->v[0] ^= word;
}

uint64_t
siphash(const uint8_t seed[SIPHASH_SEED], struct vlt_slice bytes)
{
    uint64_t k0 = vlt_load_u64(seed);
    uint64_t k1 = vlt_load_u64(seed + 8);
    struct state s = {
        { k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
          k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573) }
    };
    uint64_t last = (uint64_t)bytes.len << 56;
    size_t whole = bytes.len / 8 * 8;

    for (size_t i = 0; i < whole; i += 8) {
        take_word(&s, vlt_load_u64(bytes.at + i));
    }
    for (size_t i = whole; i < bytes.len; i++) {
        last |= (uint64_t)bytes.at[i] << (8 * (i - whole));
    }
    take_word(&s, last);
    s.v[2] ^= 0xff;
    for (int i = 0; i < 3; i++) {
        mix(&s);
    }
    return s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
}
