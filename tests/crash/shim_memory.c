/*
 * Allocations, of all libraries of the program.  Not with sanitizers, which
 * have their own allocator: there the program wraps its own calls.
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "shim_internal.h"

/* What glibc's own names stand for. */
void *__libc_malloc(size_t len);
void *__libc_calloc(size_t count, size_t len);
void *__libc_realloc(void *at, size_t len);
void *__libc_memalign(size_t alignment, size_t len);

SHIM_EXPORT void *
malloc(size_t len)
{
    return shim_memory_fails() ? NULL : __libc_malloc(len);
}

SHIM_EXPORT void *
calloc(size_t count, size_t len)
{
    return shim_memory_fails() ? NULL : __libc_calloc(count, len);
}

SHIM_EXPORT void *
realloc(void *at, size_t len)
{
    return shim_memory_fails() ? NULL : __libc_realloc(at, len);
}

SHIM_EXPORT int
posix_memalign(void **out, size_t alignment, size_t len)
{
    void *at = shim_memory_fails() ? NULL : __libc_memalign(alignment, len);

    if (at == NULL) {
        return ENOMEM;
    }
    *out = at;
    return 0;
}
