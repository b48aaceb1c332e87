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
a_map_that_cannot_grow_is_as_it_was(void **state)
{
    static char values[KEYS];
    struct map *map = NULL;
    size_t refused = 0;

    assert_int_equal(map_new(sizeof(uint64_t), seed, &map), VLT_OK);
    for (uint64_t key = 0; key < KEYS; key++) {
        bool failed = true;

        for (size_t n = 0; failed; n++) {
            memory_take(n, false);
            enum vlt_status st = map_put(map, &key, &values[key]);

            failed = memory_give();
            refused += failed;
            assert_int_equal(st, failed ? VLT_E_NOMEM : VLT_OK);
            assert_int_equal(map_count(map), key + !failed);
            for (uint64_t i = 0; i < key + !failed; i++) {
                assert_ptr_equal(map_get(map, &i), &values[i]);
            }
        }
    }
    assert_true(refused >= 2);
    map_free(map);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pool_without_memory_is_none),
        cmocka_unit_test(a_map_that_cannot_grow_is_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
