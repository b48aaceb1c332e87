#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, madvise() */

#include "util/pool.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "util/lock.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) /* clang */
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#endif

enum {
    BLOCK = 2 << 20, /* bytes, and where one begins: a large page */
    PLACE_BITS = 11,
    PLACES = 1 << PLACE_BITS, /* that a block has at most */
    BLOCKS = 1 << (POOL_NUMBER_BITS - PLACE_BITS),
    WORD = 64,
};

/* What a block begins with, in the place of thing 0. */
struct block {
    struct pool *pool;
    uint32_t number;
    uint32_t used;
    uint64_t taken[PLACES / WORD]; /* bit i % 64 of word i / 64: place i */
};

struct pool {
    struct lock *lock;
    size_t size;   /* of a thing: whole lines */
    size_t places; /* of a block, its head's with them */
    size_t used;   /* things, of all blocks */
    size_t first;  /* blocks before this one are full */
    size_t end;    /* blocks from here on were never made */
    bool ended;
    bool spare;                  /* one block has nothing, and is kept */
    struct block *block[BLOCKS]; /* NULL: none */
};

enum vlt_status
pool_new(size_t size, struct pool **out)
{
    assert(size >= POOL_SIZE_MIN && size <= POOL_SIZE_MAX);
    static_assert(sizeof(struct block) <= POOL_SIZE_MIN, "it takes one place");
    static_assert(BLOCK / POOL_SIZE_MIN <= PLACES, "places have numbers");
    struct pool *pool = calloc(1, sizeof *pool);

    if (pool == NULL) {
        return VLT_E_NOMEM;
    }
    if (lock_new(&pool->lock) != VLT_OK) {
        free(pool);
        return VLT_E_NOMEM;
    }
    pool->size = (size + POOL_LINE - 1) / POOL_LINE * POOL_LINE;
    pool->places = BLOCK / pool->size;
    *out = pool;
    return VLT_OK;
}

/* ---- blocks ---- */

static struct block *
block_of(const void *thing)
{
    return (struct block *)((uintptr_t)thing & ~(uintptr_t)(BLOCK - 1));
}

/* As much of what the system gave as begins where a large page does. */
static struct block *
trim(uint8_t *room)
{
    size_t before = (BLOCK - (uintptr_t)room % BLOCK) % BLOCK;

    if (before > 0) {
        munmap(room, before);
    }
    munmap(room + before + BLOCK, BLOCK - before);
    return (void *)(room + before);
}

/* One that has no number yet, outside of the lock, since the system has to
 * clear what is touched.  NULL: no memory. */
static struct block *
make_block(struct pool *pool, bool first)
{
    void *room = mmap(NULL, (size_t)2 * BLOCK, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (room == MAP_FAILED) {
        return NULL;
    }
    struct block *block = trim(room);

    /* Few things are not to take a large page, not even where the system gives
     * one unasked; where it has none, small ones do. */
    (void)madvise(block, BLOCK, first ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
    block->pool = pool;
    block->taken[0] = 1; /* its head */
    ASAN_POISON_MEMORY_REGION((uint8_t *)block + pool->size,
                              BLOCK - pool->size);
    return block;
}

/* NULL is allowed. */
static void
unmap_block(struct block *block)
{
    if (block != NULL) {
        ASAN_UNPOISON_MEMORY_REGION(block, BLOCK);
        munmap(block, BLOCK);
    }
}

static void
end(struct pool *pool)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        if (pool->block[i] != NULL) {
            unmap_block(pool->block[i]);
        }
    }
    lock_free(pool->lock);
    free(pool);
}

/* The first block that has room.  NULL: none; one more would be pool->first. */
static struct block *
block_with_room(struct pool *pool)
{
    size_t gap = pool->end;

    for (size_t i = pool->first; i < pool->end; i++) {
        struct block *block = pool->block[i];

        if (block == NULL) {
            gap = i < gap ? i : gap;
        } else if (block->used < pool->places - 1) {
            pool->first = gap < i ? gap : i;
            pool->spare = pool->spare && block->used > 0;
            return block;
        }
    }
    pool->first = gap;
    return NULL;
}

/* Where none has room, one more, which is made while the lock is left.  Others
 * may do so at the same time: what is in *made then is to be unmapped after the
 * lock.  NULL: no memory. */
static struct block *
block_to_take(struct pool *pool, struct block **made)
{
    struct block *block = block_with_room(pool);
    size_t number = pool->first;

    if (block != NULL || number >= BLOCKS) {
        return block;
    }
    lock_drop(pool->lock);
    *made = make_block(pool, number == 0);
    lock_take(pool->lock);
    block = block_with_room(pool);
    number = pool->first;
    if (block == NULL && *made != NULL && number < BLOCKS) {
        block = *made;
        *made = NULL;
        block->number = (uint32_t)number;
        pool->block[number] = block;
        pool->end = number < pool->end ? pool->end : number + 1;
    }
    return block;
}

/* ---- things ---- */

static size_t
free_place(const struct block *block)
{
    size_t word = 0;

    while (block->taken[word] == UINT64_MAX) {
        word++;
    }
    return word * WORD + (size_t)__builtin_ctzll(~block->taken[word]);
}

static size_t
place_of(const struct block *block, const void *thing)
{
    return (size_t)((const uint8_t *)thing - (const uint8_t *)block) /
           block->pool->size;
}

void *
pool_take(struct pool *pool)
{
    uint8_t *thing = NULL;
    struct block *made = NULL;

    lock_take(pool->lock);
    struct block *block = block_to_take(pool, &made);

    if (block != NULL) {
        size_t place = free_place(block);

        block->taken[place / WORD] |= UINT64_C(1) << place % WORD;
        block->used++;
        pool->used++;
        thing = (uint8_t *)block + place * pool->size;
        ASAN_UNPOISON_MEMORY_REGION(thing, pool->size);
    }
    lock_drop(pool->lock);
    unmap_block(made);
    return thing;
}

/* One block is kept though it has nothing: whoever takes one thing and gives
 * it back would else have one made each time.  Any other is the caller's, to
 * unmap; else NULL. */
static struct block *
leave(struct pool *pool, struct block *block)
{
    if (block->used > 0) {
        return NULL;
    }
    if (pool->spare) {
        pool->block[block->number] = NULL;
        return block;
    }
    pool->spare = true;
    return NULL;
}

void
pool_give(void *thing)
{
    if (thing == NULL) {
        return;
    }
    struct block *block = block_of(thing);
    struct pool *pool = block->pool;
    size_t place = place_of(block, thing);
    bool over;

    memset(thing, 0, pool->size);
    ASAN_POISON_MEMORY_REGION(thing, pool->size);
    lock_take(pool->lock);
    block->taken[place / WORD] &= ~(UINT64_C(1) << place % WORD);
    block->used--;
    pool->used--;
    if (block->number < pool->first) {
        pool->first = block->number;
    }
    block = leave(pool, block);
    over = pool->ended && pool->used == 0;
    lock_drop(pool->lock);
    unmap_block(block);
    if (over) {
        end(pool);
    }
}

void
pool_free(struct pool *pool)
{
    bool over;

    if (pool == NULL) {
        return;
    }
    lock_take(pool->lock);
    pool->ended = true;
    over = pool->used == 0;
    lock_drop(pool->lock);
    if (over) {
        end(pool);
    }
}

struct pool *
pool_of(const void *thing)
{
    return block_of(thing)->pool;
}

uint32_t
pool_number(const void *thing)
{
    const struct block *block = block_of(thing);

    return block->number << PLACE_BITS | (uint32_t)place_of(block, thing);
}

void *
pool_at(const struct pool *pool, uint32_t number)
{
    uint8_t *block = (uint8_t *)pool->block[number >> PLACE_BITS];

    return block + (number & (PLACES - 1)) * pool->size;
}
