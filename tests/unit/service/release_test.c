/* What happens to a frame when its reading ends. */
#include <string.h>

#include "unit.h"

#include "service/page_internal.h"

enum { ROWS = 7 };

static struct service service; /* no consent: not asked once it has ended */

static struct reading *
subscription(void)
{
    struct principal who = { .role = ROLE_FIRM };
    struct reading *reading = reading_new(&service, &who);

    assert_non_null(reading);
    reading->live = true;
    return reading;
}

/* As reading.c sends a frame. */
static struct release *
out(struct reading *reading, uint64_t seq)
{
    struct release *leave = release_new(reading, 0);

    assert_non_null(leave);
    leave->rows = ROWS;
    leave->seq = seq;
    leave->armed = true;
    reading_hold(reading);
    reading->outstanding++;
    return leave;
}

/* As data.unsubscribe does. */
static void
unsubscribe(struct reading *reading)
{
    release_finish(reading);
    reading->ended = true;
}

static void
a_frame_that_has_begun_is_finished_for_who_unsubscribes(void **state)
{
    struct reading *reading = subscription();
    struct release *leave = out(reading, 3);

    release_begun(leave);
    unsubscribe(reading);
    assert_int_equal(release_check(leave), RELEASE_SEND);
    assert_int_equal(reading->delivered.last_seq, 3);
    assert_int_equal(reading->delivered.rows, ROWS);
    release_sent(leave);
    assert_int_equal(reading->delivered.rows, ROWS); /* counted once */
    assert_int_equal(reading->delivered.span_rows, ROWS);
    assert_int_equal(reading->outstanding, 0);
    reading_release(reading);
}

static void
a_frame_that_has_not_begun_is_dropped(void **state)
{
    struct reading *reading = subscription();
    struct release *leave = out(reading, 3);

    unsubscribe(reading);
    assert_int_equal(release_check(leave), RELEASE_DROP);
    release_free(leave);
    assert_int_equal(reading->delivered.last_seq, 0);
    assert_int_equal(reading->delivered.rows, 0);
    assert_int_equal(reading->outstanding, 0);
    reading_release(reading);
}

static void
a_frame_that_has_left_is_not_taken_for_one_that_begins(void **state)
{
    struct reading *reading = subscription();
    struct release *leave = out(reading, 1);

    release_begun(leave);
    reading->ended = true; /* so that no page follows */
    release_sent(leave);
    reading->ended = false;
    leave = out(reading, 2);
    unsubscribe(reading);
    assert_int_equal(release_check(leave), RELEASE_DROP);
    release_free(leave);
    assert_int_equal(reading->delivered.last_seq, 1);
    reading_release(reading);
}

static void
a_frame_whose_reading_is_broken_off_is_not_finished(void **state)
{
    struct reading *reading = subscription();
    struct release *leave = out(reading, 3);

    release_begun(leave);
    reading->ended = true; /* as a grant that ends ends it */
    assert_int_equal(release_check(leave), RELEASE_DROP);
    release_free(leave);
    assert_int_equal(reading->delivered.rows, 0);
    reading_release(reading);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_frame_that_has_begun_is_finished_for_who_unsubscribes),
        cmocka_unit_test(a_frame_that_has_not_begun_is_dropped),
        cmocka_unit_test(
            a_frame_that_has_left_is_not_taken_for_one_that_begins),
        cmocka_unit_test(a_frame_whose_reading_is_broken_off_is_not_finished),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
