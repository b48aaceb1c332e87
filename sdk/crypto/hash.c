/* SHA-256 by itself: OpenSSL would have it fetched, which allocates and may
 * fail; these functions do neither, and a state is a plain value. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/hash.h"

#include <sodium.h>
#include <string.h>

#include <openssl/sha.h>

#include "crypto/secret_internal.h"

_Static_assert(sizeof(struct vlt_sha256) >= sizeof(SHA256_CTX),
               "struct vlt_sha256 must hold OpenSSL's state");
_Static_assert(VLT_HASH_LEN == SHA256_DIGEST_LENGTH, "SHA-256");
_Static_assert(VLT_HASH_LEN == crypto_generichash_BYTES, "BLAKE2b-256");

/* None of these hash functions can fail with these lengths. */
static void
blake2b(const uint8_t *key, const struct vlt_slice *parts, size_t count,
        uint8_t out[VLT_HASH_LEN])
{
    crypto_generichash_state state;

    (void)crypto_generichash_init(&state, key, key != NULL ? VLT_KEY_LEN : 0,
                                  VLT_HASH_LEN);
    for (size_t i = 0; i < count; i++) {
        (void)crypto_generichash_update(&state, parts[i].at, parts[i].len);
    }
    (void)crypto_generichash_final(&state, out, VLT_HASH_LEN);
    sodium_memzero(&state, sizeof state);
}

void
vlt_hash(const struct vlt_slice *parts, size_t count, uint8_t out[VLT_HASH_LEN])
{
    blake2b(NULL, parts, count, out);
}

void
vlt_hash_keyed(struct vlt_key key, const struct vlt_slice *parts, size_t count,
               uint8_t out[VLT_HASH_LEN])
{
    blake2b(vlt_key_peek(key), parts, count, out);
}

void
vlt_sha256(const struct vlt_slice *parts, size_t count,
           uint8_t out[VLT_HASH_LEN])
{
    SHA256_CTX state;

    (void)SHA256_Init(&state);
    for (size_t i = 0; i < count; i++) {
        (void)SHA256_Update(&state, parts[i].at, parts[i].len);
    }
    (void)SHA256_Final(out, &state);
    sodium_memzero(&state, sizeof state);
}

void
vlt_sha256_of(struct vlt_slice bytes, uint8_t out[VLT_HASH_LEN])
{
    vlt_sha256(&bytes, 1, out);
}

/* The bytes of a block, each XORed. */
static void
mask(uint8_t block[SHA256_CBLOCK], uint8_t with)
{
    for (size_t i = 0; i < SHA256_CBLOCK; i++) {
        block[i] ^= with;
    }
}

/* RFC 2104; libsodium's is made of its own SHA-256, which is slower. */
void
vlt_hmac(struct vlt_slice key, const struct vlt_slice *parts, size_t count,
         uint8_t out[VLT_HASH_LEN])
{
    enum { INNER = 0x36, OUTER = 0x5C };
    uint8_t block[SHA256_CBLOCK] = { 0 };
    SHA256_CTX state;

    if (key.len > sizeof block) {
        vlt_sha256_of(key, block);
    } else if (key.len > 0) {
        memcpy(block, key.at, key.len);
    }
    mask(block, INNER);
    (void)SHA256_Init(&state);
    (void)SHA256_Update(&state, block, sizeof block);
    for (size_t i = 0; i < count; i++) {
        (void)SHA256_Update(&state, parts[i].at, parts[i].len);
    }
    (void)SHA256_Final(out, &state);

    mask(block, INNER ^ OUTER);
    (void)SHA256_Init(&state);
    (void)SHA256_Update(&state, block, sizeof block);
    (void)SHA256_Update(&state, out, VLT_HASH_LEN);
    (void)SHA256_Final(out, &state);
    sodium_memzero(&state, sizeof state);
    sodium_memzero(block, sizeof block);
}

/* OpenSSL's state is copied in and out, for the two types may not alias; 112
 * bytes are nothing beside one block of the hash. */
static void
keep(struct vlt_sha256 *hash, SHA256_CTX *state)
{
    memcpy(hash->state, state, sizeof *state);
    sodium_memzero(state, sizeof *state);
}

void
vlt_sha256_begin(struct vlt_sha256 *hash)
{
    SHA256_CTX state;

    *hash = (struct vlt_sha256){ { 0 } };
    (void)SHA256_Init(&state);
    keep(hash, &state);
}

void
vlt_sha256_add(struct vlt_sha256 *hash, struct vlt_slice bytes)
{
    SHA256_CTX state;

    memcpy(&state, hash->state, sizeof state);
    (void)SHA256_Update(&state, bytes.at, bytes.len);
    keep(hash, &state);
}

void
vlt_sha256_end(struct vlt_sha256 *hash, uint8_t out[VLT_HASH_LEN])
{
    SHA256_CTX state;

    memcpy(&state, hash->state, sizeof state);
    (void)SHA256_Final(out, &state);
    sodium_memzero(&state, sizeof state);
    sodium_memzero(hash, sizeof *hash);
}
