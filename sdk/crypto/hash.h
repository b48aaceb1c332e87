/*
 * hash: BLAKE2b-256, SHA-256 and HMAC-SHA-256.
 *
 * The store's H(x) is vlt_hash() and its H(key, x) is vlt_hash_keyed(); the
 * protocol's hashes are SHA-256.  Inputs are given as parts, hashed in order
 * as if joined.
 *
 * Threads: any; a struct vlt_sha256 belongs to one.
 */
#ifndef VLT_HASH_H
#define VLT_HASH_H

#include "crypto/secret.h"

enum { VLT_HASH_LEN = 32 };

/* BLAKE2b-256 without key. */
void vlt_hash(const struct vlt_slice *parts, size_t count,
              uint8_t out[VLT_HASH_LEN]);

/* BLAKE2b-256 with a key. */
void vlt_hash_keyed(struct vlt_key key, const struct vlt_slice *parts,
                    size_t count, uint8_t out[VLT_HASH_LEN]);

/* SHA-256. */
void vlt_sha256(const struct vlt_slice *parts, size_t count,
                uint8_t out[VLT_HASH_LEN]);

/* SHA-256 of one slice. */
void vlt_sha256_of(struct vlt_slice bytes, uint8_t out[VLT_HASH_LEN]);

/* HMAC-SHA-256 under a key of any length. */
void vlt_hmac(struct vlt_slice key, const struct vlt_slice *parts, size_t count,
              uint8_t out[VLT_HASH_LEN]);

/* SHA-256 of bytes that come by and by.  A plain value: copy it to take the
 * digest so far. */
struct vlt_sha256 {
    uint64_t state[16]; /* room for OpenSSL's state; opaque */
};

/* Begin a hash, whatever was there before. */
void vlt_sha256_begin(struct vlt_sha256 *hash);
/* The next bytes. */
void vlt_sha256_add(struct vlt_sha256 *hash, struct vlt_slice bytes);
/* Ends the hash; it must be begun again before the next use. */
void vlt_sha256_end(struct vlt_sha256 *hash, uint8_t out[VLT_HASH_LEN]);

#endif
