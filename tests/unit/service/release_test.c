/* What happens to a frame when its reading ends. */
#include <string.h>

#include "unit.h"

#include "service/page_internal.h"

enum { ROWS = 7, BYTES = 100 };

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
    memset(leave->sha256, (int)seq, sizeof leave->sha256);
    release_arm(leave, seq, BYTES);
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

static void
what_was_sent_behind_one_that_is_decided_anew_is_too(void **state)
{
    struct reading *reading = subscription();
    struct release *first = out(reading, 1);
    struct release *second = out(reading, 2);

    release_back(first);
    assert_int_equal(release_check(second), RELEASE_AGAIN);
    release_back(second);
    assert_int_equal(second->round, first->round); /* they keep their order */

    struct release *third = out(reading, 3);

    assert_int_equal(third->round, first->round);
    release_back(first);
    assert_int_equal(release_check(second), RELEASE_AGAIN);
    assert_int_equal(release_check(third), RELEASE_AGAIN);
    reading->ended = true;
    release_free(first);
    release_free(second);
    assert_int_equal(reading->flying, BYTES);
    release_free(third);
    assert_int_equal(reading->flying, 0);
    reading_release(reading);
}

static void
digest_of(const struct reading *reading, uint8_t out[VLT_HASH_LEN])
{
    struct vlt_sha256 hash = reading->delivered.hash;

    vlt_sha256_end(&hash, out);
}

static void
what_was_delivered_of_a_use_begins_with_its_first_page(void **state)
{
    struct reading *other = subscription();
    struct reading *reading = subscription();
    uint8_t one[VLT_HASH_LEN];
    uint8_t two[VLT_HASH_LEN];

    other->ended = true;
    reading->ended = true; /* so that no page follows */
    release_sent(out(reading, 1));

    struct release *leave = out(reading, 2);

    leave->fresh = true;
    release_sent(leave);
    release_sent(out(other, 2));
    digest_of(reading, one);
    digest_of(other, two);
    assert_memory_equal(one, two, sizeof one);
    reading_release(reading);
    reading_release(other);
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
        cmocka_unit_test(what_was_sent_behind_one_that_is_decided_anew_is_too),
        cmocka_unit_test(
            what_was_delivered_of_a_use_begins_with_its_first_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
