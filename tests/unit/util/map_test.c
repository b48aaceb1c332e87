#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "util/map.h"
#include "util/pool.h"

enum {
    KEYS = 5000,
    STEPS = 200000,
};

static const uint8_t seed[MAP_SEED_LEN] = "sixteen bytes xx";

/* Values are addresses in here; their index is their number. */
static char values[KEYS];

static int
set_up(void **state)
{
    struct map *map = NULL;

    if (map_new(sizeof(uint64_t), seed, &map) != VLT_OK) {
        return -1;
    }
    *state = map;
    return 0;
}

static int
tear_down(void **state)
{
    map_free(*state);
    return 0;
}

static void
put(struct map *map, uint64_t key, size_t value)
{
    assert_int_equal(map_put(map, &key, &values[value]), VLT_OK);
}

static void
an_empty_map_has_nothing(void **state)
{
    struct map *map = *state;
    uint64_t key = 1;
    size_t at = 0;
    const uint8_t *found;
    void *value;

    assert_null(map_get(map, &key));
    assert_null(map_take(map, &key));
    assert_int_equal(map_count(map), 0);
    assert_false(map_next(map, &at, &found, &value));
    map_clear(map);
    map_free(NULL);
}

static void
what_was_put_is_found(void **state)
{
    struct map *map = *state;

    for (uint64_t key = 0; key < KEYS; key++) {
        put(map, key, (size_t)key);
    }
    assert_int_equal(map_count(map), KEYS);
    for (uint64_t key = 0; key < KEYS; key++) {
        assert_ptr_equal(map_get(map, &key), &values[key]);
    }
    uint64_t none = KEYS;

    assert_null(map_get(map, &none));
}

static void
a_second_put_replaces_the_first(void **state)
{
    uint64_t key = 7;

    put(*state, key, 1);
    put(*state, key, 2);
    assert_int_equal(map_count(*state), 1);
    assert_ptr_equal(map_get(*state, &key), &values[2]);
}

static void
a_key_is_copied_and_compared_whole(void **state)
{
    struct map *map = NULL;
    char key[MAP_KEY_MAX];

    memset(key, 'k', sizeof key);
    assert_int_equal(map_new(sizeof key, seed, &map), VLT_OK);
    assert_int_equal(map_put(map, key, &values[1]), VLT_OK);
    for (size_t i = 0; i < sizeof key; i++) {
        key[i] = 'x';
        assert_null(map_get(map, key));
        key[i] = 'k';
    }
    assert_ptr_equal(map_get(map, key), &values[1]);
    map_free(map);
}

/* Puts and takes at random, beside a plain table that knows better. */
static void
it_agrees_with_a_plain_table(void **state)
{
    static bool there[KEYS];
    struct map *map = *state;
    size_t count = 0;
    uint32_t dice = 12345;

    for (int i = 0; i < STEPS; i++) {
        dice = dice * 1664525 + 1013904223;
        uint64_t key = (dice >> 8) % (i < STEPS / 2 ? KEYS : KEYS / 50);

        if ((dice >> 4 & 1) != 0) {
            put(map, key, (size_t)key);
            count += !there[key];
            there[key] = true;
        } else {
            assert_ptr_equal(map_take(map, &key),
                             there[key] ? &values[key] : NULL);
            count -= there[key];
            there[key] = false;
        }
        assert_int_equal(map_count(map), count);
    }
    for (uint64_t key = 0; key < KEYS; key++) {
        assert_ptr_equal(map_get(map, &key), there[key] ? &values[key] : NULL);
    }
}

static void
a_walk_meets_each_entry_once(void **state)
{
    static bool met[KEYS];
    struct map *map = *state;
    size_t at = 0;
    size_t count = 0;
    const uint8_t *key;
    void *value;

    for (uint64_t i = 0; i < KEYS; i++) {
        put(map, i, (size_t)i);
    }
    for (; map_next(map, &at, &key, &value); count++) {
        uint64_t number;

        memcpy(&number, key, sizeof number);
        assert_false(met[number]);
        assert_ptr_equal(value, &values[number]);
        met[number] = true;
    }
    assert_int_equal(count, KEYS);
}

static void
a_cleared_map_is_empty_and_of_use(void **state)
{
    uint64_t key = 3;

    put(*state, key, 1);
    map_clear(*state);
    assert_int_equal(map_count(*state), 0);
    assert_null(map_get(*state, &key));
    put(*state, key, 2);
    assert_ptr_equal(map_get(*state, &key), &values[2]);
}

/* ---- things of a pool ---- */

enum { THINGS = 3000 };

/* Each knows its key. */
static void
take_things(struct pool *pool, uint64_t *thing[THINGS])
{
    for (uint64_t i = 0; i < THINGS; i++) {
        thing[i] = pool_take(pool);
        assert_non_null(thing[i]);
        *thing[i] = i;
    }
}

static void
give_things(uint64_t *thing[THINGS])
{
    for (size_t i = 0; i < THINGS; i++) {
        pool_give(thing[i]);
    }
}

/* Half of the things are put at a time, then the other half in their places;
 * some are taken out between. */
static void
things_of_a_pool_are_found_replaced_and_taken(void **state)
{
    static uint64_t *thing[THINGS];
    struct pool *pool = NULL;
    struct map *map = NULL;
    size_t most = THINGS / 2;

    assert_int_equal(pool_new(POOL_SIZE_MIN, &pool), VLT_OK);
    assert_int_equal(map_new_of(pool, sizeof(uint64_t), seed, &map), VLT_OK);
    take_things(pool, thing);
    for (size_t half = 0; half < 2; half++) {
        for (uint64_t key = 0; key < most; key++) {
            assert_int_equal(map_put(map, &key, thing[half * most + key]),
                             VLT_OK);
        }
        assert_int_equal(map_count(map), most);
        for (uint64_t key = half; key < most; key += 2) {
            assert_ptr_equal(map_take(map, &key), thing[half * most + key]);
            assert_null(map_get(map, &key));
        }
        for (uint64_t key = 1 - half; key < most; key += 2) {
            assert_ptr_equal(map_get(map, &key), thing[half * most + key]);
        }
    }
    map_free(map);
    give_things(thing);
    pool_free(pool);
}

static void
a_walk_meets_each_thing_of_a_pool_once(void **state)
{
    static uint64_t *thing[THINGS];
    static bool met[THINGS];
    struct pool *pool = NULL;
    struct map *map = NULL;
    size_t at = 0;
    size_t count = 0;
    const uint8_t *key;
    void *value;

    assert_int_equal(pool_new(POOL_SIZE_MIN, &pool), VLT_OK);
    assert_int_equal(map_new_of(pool, sizeof(uint64_t), seed, &map), VLT_OK);
    take_things(pool, thing);
    for (uint64_t i = 0; i < THINGS; i++) {
        assert_int_equal(map_put(map, &i, thing[i]), VLT_OK);
    }
    for (; map_next(map, &at, &key, &value); count++) {
        uint64_t number = *(uint64_t *)value;

        assert_memory_equal(key, &number, sizeof number);
        assert_false(met[number]);
        met[number] = true;
    }
    assert_int_equal(count, THINGS);
    map_free(map);
    give_things(thing);
    pool_free(pool);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(an_empty_map_has_nothing),
        EACH(what_was_put_is_found),
        EACH(a_second_put_replaces_the_first),
        EACH(a_key_is_copied_and_compared_whole),
        EACH(it_agrees_with_a_plain_table),
        EACH(a_walk_meets_each_entry_once),
        EACH(a_cleared_map_is_empty_and_of_use),
        cmocka_unit_test(things_of_a_pool_are_found_replaced_and_taken),
        cmocka_unit_test(a_walk_meets_each_thing_of_a_pool_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
