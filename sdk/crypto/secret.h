/*
 * secret: bytes that must not outlive their use.
 *
 * A secret lives in guarded, locked memory and is wiped when it is freed; a
 * child of fork() finds zeros there.  Memory that may not be locked is no
 * memory, unless a program says once, for all of it, that it shall be.  Key
 * material is held in nothing else: not in a plain array, not in a struct that
 * is copied.
 *
 * A key is 32 bytes of a secret.  `struct vlt_key` says which; so many keys can
 * lie in one secret (the keyring is one slab).
 *
 * Threads: a secret may be read by several, changed or freed by one.
 */
#ifndef VLT_SECRET_H
#define VLT_SECRET_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/status.h"

enum {
    VLT_KEY_LEN = 32,
    VLT_SECRET_MAX = 32 << 20, /* 16 MiB of keyring, twice while it grows */
};

struct vlt_secret;

/* 32 bytes at `at` of a secret: borrowed, valid while the secret is. */
struct vlt_key {
    const struct vlt_secret *in;
    size_t at;
};

/* Call once, before any other thread exists.  VLT_E_NOMEM: no entropy. */
VLT_MUST_USE enum vlt_status vlt_secret_init(void);

/* From now on a secret is made also where its pages cannot be locked: they are
 * guarded and wiped all the same, but may come to lie in swap.  Before any
 * other thread exists; there is no way back. */
void vlt_secret_allow_unlocked(void);

/* Can a page be locked now? */
bool vlt_secret_locks(void);

/*
 * Make a secret of len bytes (1 to VLT_SECRET_MAX), all zero.
 * The caller owns *out and frees it with vlt_secret_free().
 *
 * VLT_E_LIMIT  len is out of range
 * VLT_E_NOMEM  no memory, or none that may be locked (see RLIMIT_MEMLOCK)
 * On failure *out is untouched.
 */
VLT_MUST_USE enum vlt_status vlt_secret_new(size_t len,
                                            struct vlt_secret **out);

/* The same, filled with random bytes. */
VLT_MUST_USE enum vlt_status vlt_secret_random(size_t len,
                                               struct vlt_secret **out);

/* The same, filled with a copy of bytes, which the caller still has to wipe
 * with vlt_wipe(). */
VLT_MUST_USE enum vlt_status vlt_secret_copy(struct vlt_slice bytes,
                                             struct vlt_secret **out);

/* Wipe and free.  NULL is allowed. */
void vlt_secret_free(struct vlt_secret *secret);

/* Length in bytes. */
size_t vlt_secret_len(const struct vlt_secret *secret);

/* The bytes, to write: borrowed, valid until the secret is freed. */
uint8_t *vlt_secret_bytes(struct vlt_secret *secret);

/* The bytes, to read: borrowed likewise. */
const uint8_t *vlt_secret_peek(const struct vlt_secret *secret);

/* The first 32 bytes of a secret that has at least so many. */
struct vlt_key vlt_key_of(const struct vlt_secret *secret);

/* Are len bytes equal, in a time that depends on len alone? */
bool vlt_equal(const void *a, const void *b, size_t len);

/* Overwrite with zeros, so that no compiler leaves it out. */
void vlt_wipe(void *at, size_t len);

#endif
