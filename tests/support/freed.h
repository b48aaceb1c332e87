/*
 * freed: is a secret left in memory that is given back?
 *
 * The test's program is linked with --wrap=free and --wrap=realloc; each block
 * is looked through before it goes.  What a shared library frees is not seen,
 * unless it is told to use __wrap_free(), as jansson can be.  A block that
 * grows with the secret in it counts: what it leaves behind nobody wipes.
 */
#ifndef TESTS_FREED_H
#define TESTS_FREED_H

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"

enum { FREED_NEEDLES = 4, FREED_LEN = 128 };

static struct {
    size_t count;
    size_t len[FREED_NEEDLES];
    uint8_t at[FREED_NEEDLES][FREED_LEN];
    size_t found;
} freed;

void *__real_realloc(void *at, size_t size);
void __real_free(void *at);
void *__wrap_realloc(void *at, size_t size);
void __wrap_free(void *at);

static inline void
freed_look(const void *block)
{
    const uint8_t *at = block;
    size_t len = freed.count > 0 && block != NULL
                     ? malloc_usable_size((void *)(uintptr_t)block)
                     : 0;

    for (size_t k = 0; k < freed.count; k++) {
        for (size_t i = 0; i + freed.len[k] <= len; i++) {
            if (memcmp(at + i, freed.at[k], freed.len[k]) == 0) {
                freed.found++;
                break;
            }
        }
    }
}

void
__wrap_free(void *at)
{
    freed_look(at);
    __real_free(at);
}

void *
__wrap_realloc(void *at, size_t size)
{
    freed_look(at);
    return __real_realloc(at, size);
}

/* Look for these bytes from now on. */
static inline void
freed_watch(const void *bytes, size_t len)
{
    if (freed.count == FREED_NEEDLES || len == 0 || len > FREED_LEN) {
        abort();
    }
    memcpy(freed.at[freed.count], bytes, len);
    freed.len[freed.count++] = len;
}

/* The bytes, and their hex digits. */
static inline void
freed_watch_key(const void *bytes, size_t len)
{
    char hex[FREED_LEN + 1];

    if (2 * len > FREED_LEN) {
        abort();
    }
    freed_watch(bytes, len);
    freed_watch(vlt_hex_print(bytes, len, hex), 2 * len);
}

/* How many blocks held it since; begins anew. */
static inline size_t
freed_found(void)
{
    size_t found = freed.found;

    memset(&freed, 0, sizeof freed);
    return found;
}

#endif
