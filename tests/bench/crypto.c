/*
 * bench_crypto MS: what one core does in a second, by libsodium alone: bytes
 * in pieces of 4 KiB that are copied, hashed (SHA-256), and sealed and opened
 * (XChaCha20-Poly1305), and messages of 256 bytes that are signed and verified
 * (Ed25519).
 */
#include <sodium.h>
#include <stddef.h>
#include <string.h>

#include "base/time.h"
#include "bench.h"

enum {
    PIECE = 4096,
    MESSAGE = 256,
    TURNS = 32, /* between two looks at the clock */
    ARGS = 2,
};

/* The keys are nobody's: zeros, as all that is sealed with them is. */
struct work {
    unsigned char in[PIECE];
    unsigned char out[PIECE + crypto_aead_xchacha20poly1305_ietf_ABYTES];
    unsigned char nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    unsigned char key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    unsigned char pk[crypto_sign_PUBLICKEYBYTES];
    unsigned char sk[crypto_sign_SECRETKEYBYTES];
    unsigned char signature[crypto_sign_BYTES];
};

typedef void work_fn(struct work *work);

static void
copy_piece(struct work *work)
{
    work->in[0]++;
    memcpy(work->out, work->in, sizeof work->in);
    work->in[1] ^= work->out[PIECE - 1];
}

static void
hash_piece(struct work *work)
{
    crypto_hash_sha256(work->out, work->in, sizeof work->in);
    work->in[0] ^= work->out[0];
}

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
open_piece(struct work *work)
{
    unsigned long long len;

    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            work->in, &len, NULL, work->out, sizeof work->out, NULL, 0,
            work->nonce, work->key) != 0) {
        bench_die("what was sealed does not open", 0);
    }
}

static void
sign_message(struct work *work)
{
    crypto_sign_detached(work->signature, NULL, work->in, MESSAGE, work->sk);
}

static void
verify_message(struct work *work)
{
    if (crypto_sign_verify_detached(work->signature, work->in, MESSAGE,
                                    work->pk) != 0) {
        bench_die("what was signed does not verify", 0);
    }
}

/* size: what one turn is counted as. */
static void
measure(const char *figure, struct work *work, work_fn *fn, double size,
        int64_t ms)
{
    double done = 0;

    fn(work);
    int64_t from = bench_now();
    int64_t until = from + ms * (VLT_SECOND / 1000);
    int64_t now = from;

    while (now < until) {
        for (int i = 0; i < TURNS; i++) {
            fn(work);
        }
        done += TURNS * size;
        now = bench_now();
    }
    bench_rate(figure, done, now - from);
}

int
main(int argc, char **argv)
{
    struct work work = { 0 };
    unsigned char seed[crypto_sign_SEEDBYTES] = { 0 };

    if (argc != ARGS || sodium_init() < 0) {
        bench_die("usage: bench_crypto MS", 0);
    }
    int64_t ms = bench_number(argv, 1, 1, BENCH_MS_MAX);

    (void)crypto_sign_seed_keypair(work.pk, work.sk, seed);
    measure("memcpy", &work, copy_piece, PIECE, ms);
    measure("sha256", &work, hash_piece, PIECE, ms);
    measure("seal", &work, seal_piece, PIECE, ms);
    measure("open", &work, open_piece, PIECE, ms);
    measure("sign", &work, sign_message, 1, ms);
    measure("verify", &work, verify_message, 1, ms);
    return 0;
}
