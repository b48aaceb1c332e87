#include "util/map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "util/siphash_internal.h"

enum {
    SLOTS_FIRST = 16 /* a power of two, as always */
};

struct map {
    size_t key_len;
    uint8_t seed[MAP_SEED_LEN];
    size_t count;
    size_t slots;  /* a power of two; 0 before the first put */
    void **value;  /* NULL: a free slot */
    uint8_t *keys; /* slots × key_len */
};

enum vlt_status
map_new(size_t key_len, const uint8_t seed[MAP_SEED_LEN], struct map **out)
{
    assert(key_len >= 1 && key_len <= MAP_KEY_MAX);
    struct map *map = calloc(1, sizeof *map);

    if (map == NULL) {
        return VLT_E_NOMEM;
    }
    map->key_len = key_len;
    memcpy(map->seed, seed, MAP_SEED_LEN);
    *out = map;
    return VLT_OK;
}

void
map_free(struct map *map)
{
    if (map == NULL) {
        return;
    }
    free(map->value);
    free(map->keys);
    free(map);
}

size_t
map_count(const struct map *map)
{
    return map->count;
}

static uint8_t *
key_at(const struct map *map, size_t slot)
{
    return map->keys + slot * map->key_len;
}

static size_t
home_of(const struct map *map, const void *key)
{
    return (size_t)siphash(map->seed, vlt_slice_of(key, map->key_len)) &
           (map->slots - 1);
}

/* Where a key is, or else the free slot where it would go.  There always is
 * one: a quarter of the slots stays free. */
static size_t
slot_of(const struct map *map, const void *key)
{
    size_t slot = home_of(map, key);

    while (map->value[slot] != NULL &&
           memcmp(key_at(map, slot), key, map->key_len) != 0) {
        slot = (slot + 1) & (map->slots - 1);
    }
    return slot;
}

void *
map_get(const struct map *map, const void *key)
{
    return map->slots > 0 ? map->value[slot_of(map, key)] : NULL;
}

/* Double the slots and put everything into its new place. */
static enum vlt_status
grow(struct map *map)
{
    struct map larger = *map;

    larger.slots = map->slots > 0 ? 2 * map->slots : SLOTS_FIRST;
    larger.value = calloc(larger.slots, sizeof *larger.value);
    larger.keys = calloc(larger.slots, map->key_len);
    if (larger.value == NULL || larger.keys == NULL) {
        free(larger.value);
        free(larger.keys);
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < map->slots; i++) {
        if (map->value[i] == NULL) {
            continue;
        }
        size_t slot = slot_of(&larger, key_at(map, i));

        larger.value[slot] = map->value[i];
        memcpy(key_at(&larger, slot), key_at(map, i), map->key_len);
    }
    free(map->value);
    free(map->keys);
    *map = larger;
    return VLT_OK;
}

enum vlt_status
map_put(struct map *map, const void *key, void *value)
{
    assert(value != NULL);
    /* At most three quarters are taken, also after this one. */
    if (map->count >= map->slots / 4 * 3) {
        enum vlt_status st = grow(map);

        if (st != VLT_OK) {
            return st;
        }
    }
    size_t slot = slot_of(map, key);

    if (map->value[slot] == NULL) {
        memcpy(key_at(map, slot), key, map->key_len);
        map->count++;
    }
    map->value[slot] = value;
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
    for (size_t at = (hole + 1) & mask; map->value[at] != NULL;
         at = (at + 1) & mask) {
        size_t home = home_of(map, key_at(map, at));

        /* It may move if the hole lies between its home and its place. */
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            map->value[hole] = map->value[at];
            memcpy(key_at(map, hole), key_at(map, at), map->key_len);
            hole = at;
        }
    }
    map->value[hole] = NULL;
}

void *
map_take(struct map *map, const void *key)
{
    if (map->slots == 0) {
        return NULL;
    }
    size_t slot = slot_of(map, key);
    void *value = map->value[slot];

    if (value != NULL) {
        vacate(map, slot);
    }
    return value;
}

void
map_clear(struct map *map)
{
    if (map->slots > 0) {
        memset(map->value, 0, map->slots * sizeof *map->value);
    }
    map->count = 0;
}

bool
map_next(const struct map *map, size_t *at, const uint8_t **key, void **value)
{
    while (*at < map->slots && map->value[*at] == NULL) {
        *at += 1;
    }
    if (*at >= map->slots) {
        return false;
    }
    if (key != NULL) {
        *key = key_at(map, *at);
    }
    *value = map->value[*at];
    *at += 1;
    return true;
}
