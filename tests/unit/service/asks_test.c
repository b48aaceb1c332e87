#include <string.h>

#include "base/time.h"
#include "service/asks.h"
#include "unit.h"

#define NOW (INT64_C(1800000000) * VLT_SECOND)

static const uint8_t grant[VLT_ID_LEN] = { 1 };
static const uint8_t other[VLT_ID_LEN] = { 2 };
static uint8_t digest[ASKS_DIGEST];

static struct asks_what
what(uint8_t mark, int64_t now)
{
    digest[0] = mark;
    return (struct asks_what){ grant, digest, now };
}

static struct asks *
some(void)
{
    struct asks *asks = NULL;

    assert_int_equal(asks_new(&asks), VLT_OK);
    return asks;
}

static bool
wait_for(struct asks *asks, uint8_t mark, int64_t now, uint8_t id[VLT_ID_LEN])
{
    struct asks_what asked = what(mark, now);
    bool fresh;

    return asks_wait(asks, &asked, "a query of **", id, &fresh) && fresh;
}

static enum asks_state
state_of(struct asks *asks, uint8_t mark, int64_t now)
{
    struct asks_what asked = what(mark, now);

    return asks_state_of(asks, &asked);
}

static void
a_yes_serves_the_same_question_once(void **state)
{
    struct asks *asks = some();
    struct asks_entry entry;
    uint8_t id[VLT_ID_LEN];

    assert_true(wait_for(asks, 1, NOW, id));
    assert_false(wait_for(asks, 1, NOW + 1, id)); /* it waits already */
    assert_int_equal(state_of(asks, 1, NOW), ASKS_WAITS);
    assert_true(asks_answer(asks, id, true, NOW, &entry));
    assert_string_equal(entry.says, "a query of **");
    assert_memory_equal(entry.grant, grant, VLT_ID_LEN);
    assert_int_equal(state_of(asks, 1, NOW), ASKS_YES);
    assert_int_equal(state_of(asks, 2, NOW), ASKS_NONE);
    struct asks_what asked = { other, digest, NOW };

    digest[0] = 1;
    assert_int_equal(asks_state_of(asks, &asked), ASKS_NONE);
    asks_spend(asks, &asked); /* another grant's spends nothing */
    assert_int_equal(state_of(asks, 1, NOW), ASKS_YES);
    asked = what(1, NOW);
    asks_spend(asks, &asked);
    assert_int_equal(state_of(asks, 1, NOW), ASKS_NONE);
    assert_false(asks_answer(asks, id, true, NOW, &entry));
    asks_free(asks);
}

static void
a_yes_is_good_for_an_hour_and_what_waits_for_a_day(void **state)
{
    struct asks *asks = some();
    struct asks_entry entry;
    uint8_t id[VLT_ID_LEN];

    assert_true(wait_for(asks, 1, NOW, id));
    assert_true(asks_answer(asks, id, true, NOW + VLT_HOUR, &entry));
    assert_int_equal(state_of(asks, 1, NOW + 2 * VLT_HOUR - 1), ASKS_YES);
    assert_int_equal(state_of(asks, 1, NOW + 2 * VLT_HOUR), ASKS_NONE);
    assert_true(wait_for(asks, 2, NOW, id));
    assert_int_equal(state_of(asks, 2, NOW + VLT_DAY - 1), ASKS_WAITS);
    assert_false(asks_answer(asks, id, true, NOW + VLT_DAY, &entry));
    assert_true(wait_for(asks, 3, NOW, id));
    assert_true(asks_answer(asks, id, false, NOW, &entry));
    assert_int_equal(state_of(asks, 3, NOW + VLT_DAY - 1), ASKS_REFUSED);
    assert_int_equal(state_of(asks, 3, NOW + VLT_DAY), ASKS_NONE);
    asks_free(asks);
}

static bool
count_one(void *ctx, const struct asks_entry *entry)
{
    assert_int_equal(entry->state, ASKS_WAITS);
    ++*(size_t *)ctx;
    return true;
}

static void
three_of_a_grant_wait_at_most(void **state)
{
    struct asks *asks = some();
    struct asks_entry entry;
    uint8_t id[VLT_ID_LEN];
    size_t count = 0;

    for (uint8_t i = 0; i < ASKS_OPEN; i++) {
        assert_true(wait_for(asks, i, NOW, id));
    }
    assert_false(wait_for(asks, ASKS_OPEN, NOW, id));
    asks_each(asks, NOW, count_one, &count);
    assert_int_equal(count, ASKS_OPEN);
    assert_true(asks_answer(asks, id, false, NOW, &entry));
    assert_true(wait_for(asks, ASKS_OPEN, NOW, id));
    asks_clear(asks);
    count = 0;
    asks_each(asks, NOW, count_one, &count);
    assert_int_equal(count, 0);
    asks_free(asks);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_yes_serves_the_same_question_once),
        cmocka_unit_test(a_yes_is_good_for_an_hour_and_what_waits_for_a_day),
        cmocka_unit_test(three_of_a_grant_wait_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
