/* Blocks of tails that were put last. */
#include "unit.h"

#include <string.h>

#include "series/recent.h"

/* A block of len bytes that says whose it is. */
static struct vlt_slice
block_of(uint64_t arrival, size_t len)
{
    static uint8_t bytes[RECENT_BYTES + 1];

    memset(bytes, (int)(arrival % 251), len);
    return vlt_slice_of(bytes, len);
}

static void
put(struct recent *recent, uint64_t from, uint64_t to, size_t len)
{
    for (uint64_t arrival = from; arrival < to; arrival++) {
        recent_put(recent, arrival, block_of(arrival, len));
    }
}

static bool
has(const struct recent *recent, uint64_t arrival, size_t len)
{
    struct vlt_slice found;

    if (!recent_find(recent, arrival, &found)) {
        return false;
    }
    assert_int_equal(found.len, len);
    assert_memory_equal(found.at, block_of(arrival, len).at, len);
    return true;
}

static void
what_was_put_is_found(void **state)
{
    struct recent *recent = recent_new();

    assert_false(has(recent, 1, 40));
    put(recent, 7, 10000, 40);
    assert_false(has(recent, 6, 40));
    for (uint64_t arrival = 7; arrival < 10000; arrival++) {
        assert_true(has(recent, arrival, 40));
    }
    assert_false(has(recent, 10000, 40));
    recent_free(recent);
}

static void
the_oldest_make_room(void **state)
{
    struct recent *recent = recent_new();
    size_t len = RECENT_BYTES / 4;

    put(recent, 1, 4 * RECENT_SLABS + 1, len);
    assert_true(has(recent, 1, len));
    put(recent, 4 * RECENT_SLABS + 1, 4 * RECENT_SLABS + 2, len);
    assert_false(has(recent, 4, len));
    assert_true(has(recent, 5, len));
    assert_true(has(recent, 4 * RECENT_SLABS + 1, len));
    recent_free(recent);
}

static void
one_that_is_too_large_is_not_there_and_the_next_is(void **state)
{
    struct recent *recent = recent_new();

    put(recent, 1, 3, 40);
    put(recent, 3, 4, RECENT_BYTES + 1);
    put(recent, 4, 6, 50);
    assert_true(has(recent, 2, 40));
    assert_false(has(recent, 3, RECENT_BYTES + 1));
    assert_true(has(recent, 4, 50));
    assert_true(has(recent, 5, 50));
    recent_free(recent);
}

/* Arrivals of a turn that was undone are given again, to other rows. */
static void
a_turn_that_is_undone_is_forgotten(void **state)
{
    struct recent *recent = recent_new();

    put(recent, 1, 10, 40);
    put(recent, 10, 6000, 40);
    recent_undo(recent, 10);
    assert_true(has(recent, 9, 40));
    assert_false(has(recent, 10, 40));
    assert_false(has(recent, 5999, 40));
    put(recent, 10, 12, 60);
    assert_true(has(recent, 10, 60));
    assert_true(has(recent, 11, 60));
    recent_undo(recent, 0);
    assert_false(has(recent, 1, 40));
    recent_free(recent);
}

static void
slabs_that_are_wholly_before_are_forgotten(void **state)
{
    struct recent *recent = recent_new();

    put(recent, 1, 2 * RECENT_TAILS + 1, 40);
    recent_forget_before(recent, RECENT_TAILS);
    assert_true(has(recent, RECENT_TAILS, 40));
    recent_forget_before(recent, RECENT_TAILS + 1);
    assert_false(has(recent, RECENT_TAILS, 40));
    assert_true(has(recent, RECENT_TAILS + 1, 40));
    recent_free(recent);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_found),
        cmocka_unit_test(the_oldest_make_room),
        cmocka_unit_test(one_that_is_too_large_is_not_there_and_the_next_is),
        cmocka_unit_test(a_turn_that_is_undone_is_forgotten),
        cmocka_unit_test(slabs_that_are_wholly_before_are_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
