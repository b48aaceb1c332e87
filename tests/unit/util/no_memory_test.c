/* Where memory is missing nothing was made, and nothing changed. */
#include "unit.h"

#include "no_memory.h"
#include "util/map.h"
#include "util/pool.h"

enum { KEYS = 100 };

static const uint8_t seed[MAP_SEED_LEN] = "sixteen bytes xx";

static void
a_pool_without_memory_is_none(void **state)
{
    bool failed = true;

    for (size_t n = 0; failed; n++) {
        struct pool *pool = NULL;

        memory_take(n, false);
        enum vlt_status st = pool_new(POOL_SIZE_MIN, &pool);

        failed = memory_give();
        assert_int_equal(st, failed ? VLT_E_NOMEM : VLT_OK);
        assert_int_equal(pool != NULL, st == VLT_OK);
        pool_free(pool);
    }
}

static void
a_map_without_memory_is_none(void **state)
{
    struct pool *pool = NULL;
    bool failed = true;

    assert_int_equal(pool_new(POOL_SIZE_MIN, &pool), VLT_OK);
    for (size_t n = 0; failed; n++) {
        struct map *map = NULL;

        memory_take(n, false);
        enum vlt_status st = map_new_of(pool, sizeof(uint64_t), seed, &map);

        failed = memory_give();
        assert_int_equal(st, failed ? VLT_E_NOMEM : VLT_OK);
        assert_int_equal(map != NULL, st == VLT_OK);
        map_free(map);
    }
    pool_free(pool);
}

/* Put all, each until there is memory. */
static void
put_with_refusals(struct map *map, void *const values[KEYS])
{
    size_t refused = 0;

    for (uint64_t key = 0; key < KEYS; key++) {
        bool failed = true;

        for (size_t n = 0; failed; n++) {
            memory_take(n, false);
            enum vlt_status st = map_put(map, &key, values[key]);

            failed = memory_give();
            refused += failed;
            assert_int_equal(st, failed ? VLT_E_NOMEM : VLT_OK);
            assert_int_equal(map_count(map), key + !failed);
            for (uint64_t i = 0; i < key + !failed; i++) {
                assert_ptr_equal(map_get(map, &i), values[i]);
            }
        }
    }
    assert_true(refused >= 2);
}

static void
a_map_that_cannot_grow_is_as_it_was(void **state)
{
    static char byte[KEYS];
    static void *values[KEYS];
    struct map *map = NULL;

    for (size_t i = 0; i < KEYS; i++) {
        values[i] = &byte[i];
    }
    assert_int_equal(map_new(sizeof(uint64_t), seed, &map), VLT_OK);
    put_with_refusals(map, values);
    map_free(map);
}

static void
a_map_of_a_pool_that_cannot_grow_is_as_it_was(void **state)
{
    static void *values[KEYS];
    struct pool *pool = NULL;
    struct map *map = NULL;

    assert_int_equal(pool_new(POOL_SIZE_MIN, &pool), VLT_OK);
    for (size_t i = 0; i < KEYS; i++) {
        values[i] = pool_take(pool);
        assert_non_null(values[i]);
    }
    assert_int_equal(map_new_of(pool, sizeof(uint64_t), seed, &map), VLT_OK);
    put_with_refusals(map, values);
    map_free(map);
    for (size_t i = 0; i < KEYS; i++) {
        pool_give(values[i]);
    }
    pool_free(pool);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pool_without_memory_is_none),
        cmocka_unit_test(a_map_without_memory_is_none),
        cmocka_unit_test(a_map_that_cannot_grow_is_as_it_was),
        cmocka_unit_test(a_map_of_a_pool_that_cannot_grow_is_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
