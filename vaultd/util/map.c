#include "util/map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "util/pool.h"
#include "util/siphash_internal.h"

enum {
    SLOTS_FIRST = 16,                     /* a power of two, as always */
    NUMBER = (1 << POOL_NUMBER_BITS) - 1, /* the bits of a slot that are it */
    NO_THING = 1, /* the number of what is no thing of a pool */
};

/*
 * What is looked for in no order is found in a table that is small enough for
 * the processor's cache.  A slot is the value's number in its pool, and above
 * it some bits of the key's hash, so that other keys are seldom compared.
 * Beside the slots lie the keys; where there is no pool, each with its value,
 * so that whoever finds the one has touched the other.
 */
struct map {
    const struct pool *pool; /* of the values; NULL: of none */
    size_t key_len;
    uint8_t seed[MAP_SEED_LEN];
    size_t count;
    size_t slots;   /* a power of two; 0 before the first put */
    uint32_t *slot; /* 0: free */
    size_t stride;  /* bytes from one key to the next */
    uint8_t *key;   /* slots × stride: the key, and a value that has its own */
};

enum vlt_status
map_new_of(const struct pool *pool, size_t key_len,
           const uint8_t seed[MAP_SEED_LEN], struct map **out)
{
    assert(key_len >= 1 && key_len <= MAP_KEY_MAX);
    struct map *map = calloc(1, sizeof *map);

    if (map == NULL) {
        return VLT_E_NOMEM;
    }
    map->pool = pool;
    map->key_len = key_len;
    map->stride = key_len + (pool != NULL ? 0 : sizeof(void *));
    memcpy(map->seed, seed, MAP_SEED_LEN);
    *out = map;
    return VLT_OK;
}

enum vlt_status
map_new(size_t key_len, const uint8_t seed[MAP_SEED_LEN], struct map **out)
{
    return map_new_of(NULL, key_len, seed, out);
}

void
map_free(struct map *map)
{
    if (map == NULL) {
        return;
    }
    free(map->slot);
    free(map->key);
    free(map);
}

size_t
map_count(const struct map *map)
{
    return map->count;
}

static uint8_t *
key_at(const struct map *map, size_t at)
{
    return map->key + at * map->stride;
}

/* NULL: it is free. */
static void *
value_at(const struct map *map, size_t at)
{
    void *value = NULL;

    if (map->slot[at] == 0) {
        return NULL;
    }
    if (map->pool != NULL) {
        return pool_at(map->pool, map->slot[at] & NUMBER);
    }
    memcpy(&value, key_at(map, at) + map->key_len, sizeof value);
    return value;
}

static uint64_t
hash_of(const struct map *map, const void *key)
{
    return siphash(map->seed, vlt_slice_of(key, map->key_len));
}

/* The bits of a key's hash that its slot has. */
static uint32_t
tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32) & ~(uint32_t)NUMBER;
}

/* Where a key of that hash is, or else the free slot where it would go.  There
 * always is one: a quarter of the slots stays free. */
static size_t
place_of(const struct map *map, const void *key, uint64_t hash)
{
    size_t at = (size_t)hash & (map->slots - 1);

    while (map->slot[at] != 0 &&
           ((map->slot[at] & ~(uint32_t)NUMBER) != tag_of(hash) ||
            memcmp(key_at(map, at), key, map->key_len) != 0)) {
        at = (at + 1) & (map->slots - 1);
    }
    return at;
}

void *
map_get(const struct map *map, const void *key)
{
    return map->slots > 0 ? value_at(map, place_of(map, key, hash_of(map, key)))
                          : NULL;
}

/* One slot becomes as another, of this map or one like it. */
static void
copy_slot(const struct map *to, size_t at, const struct map *from, size_t i)
{
    to->slot[at] = from->slot[i];
    memcpy(key_at(to, at), key_at(from, i), from->stride);
}

/* Double the slots and put everything into its new place. */
static enum vlt_status
grow(struct map *map)
{
    struct map larger = *map;

    larger.slots = map->slots > 0 ? 2 * map->slots : SLOTS_FIRST;
    larger.slot = calloc(larger.slots, sizeof *larger.slot);
    larger.key = calloc(larger.slots, larger.stride);
    if (larger.slot == NULL || larger.key == NULL) {
        free(larger.slot);
        free(larger.key);
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < map->slots; i++) {
        if (map->slot[i] != 0) {
            const uint8_t *key = key_at(map, i);

            copy_slot(&larger, place_of(&larger, key, hash_of(map, key)), map,
                      i);
        }
    }
    free(map->slot);
    free(map->key);
    *map = larger;
    return VLT_OK;
}

enum vlt_status
map_put(struct map *map, const void *key, void *value)
{
    assert(value != NULL);
    assert(map->pool == NULL || pool_of(value) == map->pool);
    /* At most three quarters are taken, also after this one. */
    if (map->count >= map->slots / 4 * 3) {
        enum vlt_status st = grow(map);

        if (st != VLT_OK) {
            return st;
        }
    }
    uint64_t hash = hash_of(map, key);
    size_t at = place_of(map, key, hash);

    map->count += map->slot[at] == 0;
    memcpy(key_at(map, at), key, map->key_len);
    if (map->pool != NULL) {
        map->slot[at] = tag_of(hash) | pool_number(value);
    } else {
        map->slot[at] = tag_of(hash) | NO_THING;
        memcpy(key_at(map, at) + map->key_len, &value, sizeof value);
    }
    return VLT_OK;
}

/*
 * Free a slot.  What was pushed past it by a collision is moved back, so that
 * a search never has to step over holes.
 */
static void
vacate(struct map *map, size_t hole)
{
    size_t mask = map->slots - 1;

    map->count--;
    for (size_t at = (hole + 1) & mask; map->slot[at] != 0;
         at = (at + 1) & mask) {
        size_t home = (size_t)hash_of(map, key_at(map, at)) & mask;

        /* It may move if the hole lies between its home and its place. */
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            copy_slot(map, hole, map, at);
            hole = at;
        }
    }
    map->slot[hole] = 0;
}

void *
map_take(struct map *map, const void *key)
{
    if (map->slots == 0) {
        return NULL;
    }
    size_t at = place_of(map, key, hash_of(map, key));
    void *value = value_at(map, at);

    if (value != NULL) {
        vacate(map, at);
    }
    return value;
}

void
map_clear(struct map *map)
{
    if (map->slots > 0) {
        memset(map->slot, 0, map->slots * sizeof *map->slot);
        memset(map->key, 0, map->slots * map->stride);
    }
    map->count = 0;
}

bool
map_next(const struct map *map, size_t *at, const uint8_t **key, void **value)
{
    while (*at < map->slots && map->slot[*at] == 0) {
        *at += 1;
    }
    if (*at >= map->slots) {
        return false;
    }
    if (key != NULL) {
        *key = key_at(map, *at);
    }
    *value = value_at(map, *at);
    *at += 1;
    return true;
}
