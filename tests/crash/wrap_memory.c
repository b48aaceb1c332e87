/*
 * Allocations of the program's own rooms, where a sanitizer has the allocator:
 * the linker sends them here (--wrap).
 */
#include <stdlib.h>

#include "shim.h"

void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
void *__real_realloc(void *at, size_t len);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__wrap_realloc(void *at, size_t len);

static bool
fails(void)
{
    return shim_memory_fails != NULL && shim_memory_fails();
}

void *
__wrap_malloc(size_t len)
{
    return fails() ? NULL : __real_malloc(len);
}

void *
__wrap_calloc(size_t count, size_t len)
{
    return fails() ? NULL : __real_calloc(count, len);
}

void *
__wrap_realloc(void *at, size_t len)
{
    return fails() ? NULL : __real_realloc(at, len);
}
