#define _GNU_SOURCE /* madvise, MADV_WIPEONFORK */

#include "crypto/secret.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "crypto/secret_internal.h"

struct vlt_secret {
    uint8_t *at; /* sodium_malloc() */
    size_t len;
    pid_t owner; /* who made it; a child finds the pages wiped */
};

enum vlt_status
vlt_secret_init(void)
{
    return sodium_init() < 0 ? VLT_E_NOMEM : VLT_OK;
}

/* The one file-scope variable of this file, set before there are threads: what
 * a process may do with its memory is one thing for all of it, as locking is,
 * and each function that makes a secret would have to hand it on. */
static bool unlocked_allowed;

void
vlt_secret_allow_unlocked(void)
{
    unlocked_allowed = true;
}

bool
vlt_secret_locks(void)
{
    uint8_t *at = sodium_malloc(1);
    bool locks = at != NULL && sodium_mlock(at, 1) == 0;

    sodium_free(at);
    return locks;
}

/*
 * sodium_malloc() of 1.0.18 locks its pages but does not say whether that
 * worked; so they are locked once more, which does.  A child gets zeros
 * instead of the pages (Linux 4.14; older kernels lack it, nothing is lost).
 */
static bool
guard_pages(uint8_t *at, size_t len)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    size_t into = (uintptr_t)at % page;

    (void)madvise(at - into, into + len, MADV_WIPEONFORK);
    return sodium_mlock(at, len) == 0 || unlocked_allowed;
}

enum vlt_status
vlt_secret_new(size_t len, struct vlt_secret **out)
{
    if (len < 1 || len > VLT_SECRET_MAX) {
        return VLT_E_LIMIT;
    }
    struct vlt_secret *secret = malloc(sizeof *secret);

    if (secret == NULL) {
        return VLT_E_NOMEM;
    }
    uint8_t *at = sodium_malloc(len);

    if (at == NULL || !guard_pages(at, len)) {
        sodium_free(at);
        free(secret);
        return VLT_E_NOMEM;
    }
    memset(at, 0, len);
    *secret = (struct vlt_secret){ .at = at, .len = len, .owner = getpid() };
    *out = secret;
    return VLT_OK;
}

enum vlt_status
vlt_secret_random(size_t len, struct vlt_secret **out)
{
    struct vlt_secret *secret;
    enum vlt_status st = vlt_secret_new(len, &secret);

    if (st != VLT_OK) {
        return st;
    }
    randombytes_buf(secret->at, len);
    *out = secret;
    return VLT_OK;
}

enum vlt_status
vlt_secret_copy(struct vlt_slice bytes, struct vlt_secret **out)
{
    struct vlt_secret *secret;
    enum vlt_status st = vlt_secret_new(bytes.len, &secret);

    if (st != VLT_OK) {
        return st;
    }
    memcpy(secret->at, bytes.at, bytes.len);
    *out = secret;
    return VLT_OK;
}

void
vlt_secret_free(struct vlt_secret *secret)
{
    if (secret == NULL) {
        return;
    }
    /* In a child the guard value before the bytes was wiped with them, and
     * sodium_free() would take that for an overrun and end the process. */
    if (secret->owner == getpid()) {
        sodium_free(secret->at);
    }
    free(secret);
}

size_t
vlt_secret_len(const struct vlt_secret *secret)
{
    return secret->len;
}

uint8_t *
vlt_secret_bytes(struct vlt_secret *secret)
{
    return secret->at;
}

const uint8_t *
vlt_secret_peek(const struct vlt_secret *secret)
{
    return secret->at;
}

struct vlt_key
vlt_key_of(const struct vlt_secret *secret)
{
    assert(secret->len >= VLT_KEY_LEN);
    return (struct vlt_key){ .in = secret, .at = 0 };
}

const uint8_t *
vlt_key_peek(struct vlt_key key)
{
    assert(key.in->len >= VLT_KEY_LEN);
    assert(key.at <= key.in->len - VLT_KEY_LEN);
    return key.in->at + key.at;
}

bool
vlt_equal(const void *a, const void *b, size_t len)
{
    return len == 0 || sodium_memcmp(a, b, len) == 0;
}

void
vlt_wipe(void *at, size_t len)
{
    if (len > 0) {
        sodium_memzero(at, len);
    }
}
