#include "unit.h"

#include "exec/gather.h"

enum { ENDED = 1000000, SLEPT = 300, THIRD = 100 };

/* Two were answered and two are there. */
static struct gather
of_four(void)
{
    struct gather gather = { .wanted = 0 };
    struct gather_turn turn = {
        .answered = 2, .waiting = 2, .slept = SLEPT, .ended = ENDED
    };

    gather_end(&gather, &turn);
    return gather;
}

static void
nobody_is_waited_for_before_the_first_turn(void **state)
{
    struct gather gather = { .wanted = 0 };

    assert_int_equal(gather_wait(&gather, 1, ENDED), 0);
    assert_int_equal(gather_wait(&gather, 0, ENDED), 0);
}

static void
who_was_answered_is_waited_for_beside_who_is_there(void **state)
{
    struct gather gather = of_four();

    assert_int_equal(gather_wait(&gather, 2, ENDED), THIRD);
    assert_int_equal(gather_wait(&gather, 4, ENDED), 0);
    assert_int_equal(gather_wait(&gather, 5, ENDED), 0);
}

static void
a_third_of_what_the_last_turn_slept_is_waited_at_most(void **state)
{
    struct gather gather = of_four();

    assert_int_equal(gather_wait(&gather, 2, ENDED + 60), THIRD - 60);
    assert_int_equal(gather_wait(&gather, 2, ENDED + THIRD), 0);
    assert_int_equal(gather_wait(&gather, 2, ENDED + 5 * THIRD), 0);
}

/* Of ten with one away, a ninth of a turn is all that it is worth. */
static void
the_fewer_are_away_the_less_they_are_waited_for(void **state)
{
    struct gather gather = { .wanted = 0 };
    struct gather_turn turn = {
        .answered = 10, .waiting = 0, .slept = 900, .ended = ENDED
    };

    gather_end(&gather, &turn);
    assert_int_equal(gather_wait(&gather, 9, ENDED), 100);
    assert_int_equal(gather_wait(&gather, 9, ENDED + 40), 60);
    assert_int_equal(gather_wait(&gather, 9, ENDED + 100), 0);
    assert_int_equal(gather_wait(&gather, 8, ENDED), 224);
    assert_int_equal(gather_wait(&gather, 5, ENDED), 300);
}

static unsigned
turns_without_a_wait(struct gather *gather)
{
    unsigned count = 0;

    while (gather_wait(gather, 2, ENDED) == 0 && count < 2 * GATHER_PAUSE) {
        gather_begin(gather, 2, false);
        count++;
    }
    return count;
}

static void
who_stays_away_is_waited_for_more_and_more_seldom(void **state)
{
    struct gather gather = of_four();

    for (unsigned pause = 1; pause <= GATHER_PAUSE; pause *= 2) {
        gather_begin(&gather, 3, true);
        assert_int_equal(turns_without_a_wait(&gather), pause);
    }
    gather_begin(&gather, 3, true);
    assert_int_equal(turns_without_a_wait(&gather), GATHER_PAUSE);
}

static void
who_comes_back_is_waited_for_again(void **state)
{
    struct gather gather = of_four();

    gather_begin(&gather, 2, true);
    gather_begin(&gather, 2, false);
    gather_begin(&gather, 2, true);
    assert_int_equal(turns_without_a_wait(&gather), 2);
    gather_begin(&gather, 4, true);
    assert_int_equal(turns_without_a_wait(&gather), 0);
    gather_begin(&gather, 2, true);
    assert_int_equal(turns_without_a_wait(&gather), 1);
}

/* A machine that slept for days within a turn, and thousands who waited. */
static void
a_long_sleep_is_no_reason_to_wait_long(void **state)
{
    struct gather gather = { .wanted = 0 };
    struct gather_turn turn = { .answered = 4000,
                                .waiting = 4000,
                                .slept = INT64_C(60) * 86400 * 1000000000,
                                .ended = ENDED };

    gather_end(&gather, &turn);
    assert_int_equal(gather_wait(&gather, 1, ENDED), GATHER_SLEPT / 3);
    assert_int_equal(gather_wait(&gather, 1, ENDED + GATHER_SLEPT), 0);
}

static void
a_turn_that_slept_for_no_disk_lets_nobody_wait(void **state)
{
    struct gather gather = of_four();
    struct gather_turn turn = { .answered = 4, .ended = ENDED };

    gather_end(&gather, &turn);
    assert_int_equal(gather_wait(&gather, 1, ENDED), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_waited_for_before_the_first_turn),
        cmocka_unit_test(who_was_answered_is_waited_for_beside_who_is_there),
        cmocka_unit_test(a_third_of_what_the_last_turn_slept_is_waited_at_most),
        cmocka_unit_test(the_fewer_are_away_the_less_they_are_waited_for),
        cmocka_unit_test(who_stays_away_is_waited_for_more_and_more_seldom),
        cmocka_unit_test(who_comes_back_is_waited_for_again),
        cmocka_unit_test(a_long_sleep_is_no_reason_to_wait_long),
        cmocka_unit_test(a_turn_that_slept_for_no_disk_lets_nobody_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
