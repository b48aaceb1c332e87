/*
 * bench_crypto MS: bytes a second that one core hashes (SHA-256) and seals
 * (XChaCha20-Poly1305), by libsodium alone, in pieces of 4 KiB.
 */
#include <sodium.h>
#include <stddef.h>

#include "base/time.h"
#include "bench.h"

enum {
    PIECE = 4096,
    TURNS = 64, /* pieces between two looks at the clock */
    ARGS = 2,
};

struct work {
    unsigned char in[PIECE];
    unsigned char out[PIECE + crypto_aead_xchacha20poly1305_ietf_ABYTES];
    unsigned char nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    unsigned char key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
};

typedef void work_fn(struct work *work);

static void
hash_piece(struct work *work)
{
    crypto_hash_sha256(work->out, work->in, sizeof work->in);
    work->in[0] ^= work->out[0];
}

/* The key is nobody's: zeros, as all that is sealed with it is. */
static void
seal_piece(struct work *work)
{
    unsigned long long len;

    sodium_increment(work->nonce, sizeof work->nonce);
    crypto_aead_xchacha20poly1305_ietf_encrypt(work->out, &len, work->in,
                                               sizeof work->in, NULL, 0, NULL,
                                               work->nonce, work->key);
}

static void
measure(const char *figure, work_fn *fn, int64_t ms)
{
    struct work work = { 0 };
    double bytes = 0;

    fn(&work);
    int64_t from = bench_now();
    int64_t until = from + ms * (VLT_SECOND / 1000);
    int64_t now = from;

    while (now < until) {
        for (int i = 0; i < TURNS; i++) {
            fn(&work);
        }
        bytes += (double)TURNS * PIECE;
        now = bench_now();
    }
    bench_rate(figure, bytes, now - from);
}

int
main(int argc, char **argv)
{
    if (argc != ARGS || sodium_init() < 0) {
        bench_die("usage: bench_crypto MS", 0);
    }
    int64_t ms = bench_number(argv, 1, 1, BENCH_MS_MAX);

    measure("sha256", hash_piece, ms);
    measure("xchacha20poly1305", seal_piece, ms);
    return 0;
}
