/*
 * no_memory: allocations of the vault's own rooms that fail.
 *
 * For programs of the name no_memory_test or no_memory_…_test: these are linked
 * with --wrap, so that malloc, calloc and realloc of all rooms come here, and
 * what they take of a pool (util/pool.h); what foreign libraries allocate does
 * not.
 */
#ifndef TESTS_NO_MEMORY_H
#define TESTS_NO_MEMORY_H

#include <stdbool.h>
#include <stdlib.h>

enum { MEMORY_ENDLESS = 1 << 20 };

void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
void *__real_realloc(void *at, size_t len);
/* Not there in a program that has no pool. */
struct pool;
__attribute__((weak)) void *__real_pool_take(struct pool *pool);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__wrap_realloc(void *at, size_t len);
void *__wrap_pool_take(struct pool *pool);

static struct {
    size_t left; /* allocations that still go well */
    bool once;   /* of those behind them one does not; else none does */
    bool failed;
} memory = { .left = MEMORY_ENDLESS };

/* From now on so many go well. */
static inline void
memory_take(size_t left, bool once)
{
    memory.left = left;
    memory.once = once;
    memory.failed = false;
}

/* All go well again.  Was one refused? */
static inline bool
memory_give(void)
{
    memory.left = MEMORY_ENDLESS;
    return memory.failed;
}

static bool
memory_fails(void)
{
    if (memory.left == MEMORY_ENDLESS) {
        return false;
    }
    if (memory.left > 0) {
        memory.left--;
        return false;
    }
    if (memory.once && memory.failed) {
        return false;
    }
    memory.failed = true;
    return true;
}

void *
__wrap_malloc(size_t len)
{
    return memory_fails() ? NULL : __real_malloc(len);
}

void *
__wrap_calloc(size_t count, size_t len)
{
    return memory_fails() ? NULL : __real_calloc(count, len);
}

void *
__wrap_realloc(void *at, size_t len)
{
    return memory_fails() ? NULL : __real_realloc(at, len);
}

void *
__wrap_pool_take(struct pool *pool)
{
    return memory_fails() ? NULL : __real_pool_take(pool);
}

#endif
