/*
 * map: from keys of one length to pointers.
 *
 * Open addressing, SipHash-1-3 under a seed, so keys may come from outside as
 * long as the seed is random (crypto/random.h) and not told.  The map copies
 * keys and owns no value.
 *
 * Threads: one at a time.
 */
#ifndef UTIL_MAP_H
#define UTIL_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct map;
struct pool;

enum {
    MAP_SEED_LEN = 16,
    MAP_KEY_MAX = 64, /* bytes */
};

/* An empty map for keys of key_len bytes (1 to MAP_KEY_MAX).  The caller owns
 * *out and frees it with map_free().  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status
map_new(size_t key_len, const uint8_t seed[MAP_SEED_LEN], struct map **out);

/* The same for values that are things of one pool (util/pool.h), which outlives
 * the map: of many, each is found with one look at memory less.  No other value
 * may be put.  One that was put stays in the pool until it is taken out or
 * replaced, or the map is cleared or freed, neither of which looks at it. */
VLT_MUST_USE enum vlt_status map_new_of(const struct pool *pool, size_t key_len,
                                        const uint8_t seed[MAP_SEED_LEN],
                                        struct map **out);

/* Free the map, not what is in it.  NULL is allowed. */
void map_free(struct map *map);

/* Entries. */
size_t map_count(const struct map *map);

/* The value of a key: borrowed from whoever put it.  NULL: none. */
void *map_get(const struct map *map, const void *key);

/* Put a value, which is not NULL, in the place of an older one if there is
 * any.  VLT_E_NOMEM: nothing was changed. */
VLT_MUST_USE enum vlt_status map_put(struct map *map, const void *key,
                                     void *value);

/* Remove a key and give its value back.  NULL: there was none. */
void *map_take(struct map *map, const void *key);

/* Remove all, keeping the memory, which is wiped. */
void map_clear(struct map *map);

/*
 * Walk: *at begins as 0; false at the end.  The key (NULL: not wanted) is
 * borrowed until the map is changed, which ends the walk.  The order means
 * nothing.
 *
 *     size_t at = 0;
 *     while (map_next(map, &at, &key, &value)) { … }
 */
bool map_next(const struct map *map, size_t *at, const uint8_t **key,
              void **value);

#endif
