#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "service/page_internal.h"
#include "service/service_internal.h"

enum { STREAMS = 3, KEPT = 256, NAME = 32 };

/* A cursor's text: its number in NAME characters, and what follows. */
struct cursor {
    char text[NAME + 8];
};

static struct vlt_slice
cursor(unsigned number, struct cursor *room)
{
    (void)snprintf(room->text, sizeof room->text, "%0*u-rest", NAME, number);
    return vlt_slice_text(room->text);
}

static struct reading *
begin(struct service *service, unsigned number, bool live)
{
    struct position positions[STREAMS];
    struct principal who = { .role = ROLE_FIRM };
    struct reading *reading = reading_new(service, &who);
    struct cursor room;

    assert_non_null(reading);
    reading->live = live;
    reading->count = STREAMS;
    memset(positions, 0, sizeof positions);
    for (size_t i = 0; i < STREAMS; i++) {
        positions[i].at.time = (int64_t)i;
    }
    trail_begin(reading, cursor(number, &room), positions);
    reading->count = 0; /* it holds no streams */
    return reading;
}

/* Page seq moves stream seq % STREAMS to time 1000 + seq. */
static void
add(struct reading *reading, uint64_t seq)
{
    struct page page = { .seq = seq, .index = seq % STREAMS };

    page.at.time = 1000 + (int64_t)seq;
    page.late_at.arrival = seq;
    trail_add(reading->trail, &page);
}

/* Where a stream is behind page seq. */
static int64_t
place(uint64_t seq, size_t stream)
{
    while (seq > 0 && seq % STREAMS != stream) {
        seq--;
    }
    return seq > 0 ? 1000 + (int64_t)seq : (int64_t)stream;
}

static void
assert_places(const struct position *positions, uint64_t seq)
{
    for (size_t i = 0; i < STREAMS; i++) {
        assert_int_equal(positions[i].at.time, place(seq, i));
    }
}

static void
each_page_of_the_newest_is_known(void **state)
{
    struct service service = { .trails = NULL };
    struct reading *reading = begin(&service, 1, true);
    struct position positions[STREAMS];

    (void)state;
    for (uint64_t last = 0; last < 3 * KEPT; last++) {
        uint64_t first = last > KEPT ? last - KEPT : 0;

        if (last > 0) {
            add(reading, last);
        }
        for (uint64_t seq = first; seq <= last;
             seq += last - first + 1 > 9 ? 7 : 1) {
            assert_int_equal(trail_at(reading->trail, seq, positions), VLT_OK);
            assert_places(positions, seq);
        }
        assert_int_equal(trail_at(reading->trail, last + 1, positions),
                         VLT_E_NOT_FOUND);
        if (first > 0) {
            assert_int_equal(trail_at(reading->trail, first - 1, positions),
                             VLT_E_NOT_FOUND);
        }
    }
    reading_release(reading);
    trail_forget_all(&service);
}

static void
a_cursor_finds_its_own_trail_after_the_reading_is_gone(void **state)
{
    struct service service = { .trails = NULL };
    struct position positions[STREAMS];
    struct cursor room;

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        struct reading *reading = begin(&service, i, i % 2 == 0);

        for (uint64_t seq = 1; seq <= i; seq++) {
            add(reading, seq);
        }
        reading_release(reading);
    }
    for (unsigned i = 0; i < 5; i++) {
        struct vlt_slice name = cursor(i, &room);

        assert_int_equal(trail_follow(&service, name, i, positions, STREAMS),
                         VLT_OK);
        assert_places(positions, i);
        assert_int_equal(
            trail_follow(&service, name, i + 1, positions, STREAMS),
            VLT_E_FORMAT);
        assert_int_equal(
            trail_follow(&service, name, i, positions, STREAMS - 1),
            VLT_E_FORMAT);
        name.len = NAME - 1;
        assert_int_equal(trail_follow(&service, name, 0, positions, STREAMS),
                         VLT_E_FORMAT);
    }
    assert_int_equal(
        trail_follow(&service, cursor(9, &room), 0, positions, STREAMS),
        VLT_E_FORMAT);
    trail_forget_all(&service);
    assert_int_equal(
        trail_follow(&service, cursor(1, &room), 0, positions, STREAMS),
        VLT_E_FORMAT);
}

static bool
known(struct service *service, unsigned number)
{
    struct position positions[STREAMS];
    struct cursor room;

    return trail_follow(service, cursor(number, &room), 0, positions,
                        STREAMS) == VLT_OK;
}

static void
queries_do_not_push_out_subscriptions(void **state)
{
    struct service service = { .trails = NULL };

    (void)state;
    reading_release(begin(&service, 0, true));
    for (unsigned i = 1; i <= 2 * KEPT; i++) {
        reading_release(begin(&service, i, false));
    }
    assert_true(known(&service, 0));
    for (unsigned i = 1; i <= 2 * KEPT; i++) {
        assert_int_equal(known(&service, i), i > KEPT);
    }
    for (unsigned i = 1; i <= KEPT; i++) {
        assert_true(known(&service, 0));
        reading_release(begin(&service, 1000 + i, true));
    }
    assert_false(known(&service, 0));
    assert_true(known(&service, 2 * KEPT));
    trail_forget_all(&service);
}

static void
a_trail_that_is_pushed_out_serves_its_reading_on(void **state)
{
    struct service service = { .trails = NULL };
    struct reading *reading = begin(&service, 0, false);
    struct position positions[STREAMS];

    (void)state;
    trail_forget_all(&service);
    add(reading, 1);
    assert_int_equal(trail_at(reading->trail, 1, positions), VLT_OK);
    assert_places(positions, 1);
    reading_release(reading);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_page_of_the_newest_is_known),
        cmocka_unit_test(
            a_cursor_finds_its_own_trail_after_the_reading_is_gone),
        cmocka_unit_test(queries_do_not_push_out_subscriptions),
        cmocka_unit_test(a_trail_that_is_pushed_out_serves_its_reading_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
