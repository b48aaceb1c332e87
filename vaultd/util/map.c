#include "util/map.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "util/siphash_internal.h"

enum {
    SLOTS_FIRST = 16 /* a power of two, as always */
};

/* A key with its value, so that whoever finds the one has touched the other. */
struct slot {
    void *value; /* NULL: free */
    uint8_t key[];
};

struct map {
    size_t key_len;
    uint8_t seed[MAP_SEED_LEN];
    size_t count;
    size_t slots;  /* a power of two; 0 before the first put */
    size_t stride; /* bytes from one slot to the next */
    uint8_t *slot; /* slots × stride */
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
    map->stride = sizeof(struct slot) + (key_len + alignof(struct slot) - 1) /
                                            alignof(struct slot) *
                                            alignof(struct slot);
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
    free(map->slot);
    free(map);
}

size_t
map_count(const struct map *map)
{
    return map->count;
}

static struct slot *
slot_at(const struct map *map, size_t at)
{
    return (void *)(map->slot + at * map->stride);
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
place_of(const struct map *map, const void *key)
{
    size_t at = home_of(map, key);
    const struct slot *slot = slot_at(map, at);

    while (slot->value != NULL && memcmp(slot->key, key, map->key_len) != 0) {
        at = (at + 1) & (map->slots - 1);
        slot = slot_at(map, at);
    }
    return at;
}

void *
map_get(const struct map *map, const void *key)
{
    return map->slots > 0 ? slot_at(map, place_of(map, key))->value : NULL;
}

/* Double the slots and put everything into its new place. */
static enum vlt_status
grow(struct map *map)
{
    struct map larger = *map;

    larger.slots = map->slots > 0 ? 2 * map->slots : SLOTS_FIRST;
    larger.slot = calloc(larger.slots, larger.stride);
    if (larger.slot == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < map->slots; i++) {
        const struct slot *slot = slot_at(map, i);

        if (slot->value != NULL) {
            memcpy(slot_at(&larger, place_of(&larger, slot->key)), slot,
                   map->stride);
        }
    }
    free(map->slot);
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
    struct slot *slot = slot_at(map, place_of(map, key));

    if (slot->value == NULL) {
        memcpy(slot->key, key, map->key_len);
        map->count++;
    }
    slot->value = value;
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
    for (size_t at = (hole + 1) & mask; slot_at(map, at)->value != NULL;
         at = (at + 1) & mask) {
        size_t home = home_of(map, slot_at(map, at)->key);

        /* It may move if the hole lies between its home and its place. */
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            memcpy(slot_at(map, hole), slot_at(map, at), map->stride);
            hole = at;
        }
    }
    slot_at(map, hole)->value = NULL;
}

void *
map_take(struct map *map, const void *key)
{
    if (map->slots == 0) {
        return NULL;
    }
    size_t at = place_of(map, key);
    void *value = slot_at(map, at)->value;

    if (value != NULL) {
        vacate(map, at);
    }
    return value;
}

void
map_clear(struct map *map)
{
    if (map->slots > 0) {
        memset(map->slot, 0, map->slots * map->stride);
    }
    map->count = 0;
}

bool
map_next(const struct map *map, size_t *at, const uint8_t **key, void **value)
{
    const struct slot *slot = NULL;

    while (*at < map->slots && (slot = slot_at(map, *at))->value == NULL) {
        *at += 1;
    }
    if (*at >= map->slots) {
        return false;
    }
    if (key != NULL) {
        *key = slot->key;
    }
    *value = slot->value;
    *at += 1;
    return true;
}
