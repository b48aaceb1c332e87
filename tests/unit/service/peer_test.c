#include "service/peer.h"

#include <stdlib.h>

#include "base/time.h"
#include "unit.h"
#include "wire/limits.h"

enum { HOURLY = 3600 << 10 }; /* a KiB a second */

static const struct peer_share share = { HOURLY, 3600, 100, 0 };

static const uint8_t id[VLT_ID_LEN] = { 7 };

static void
requests_come_in_a_burst_and_then_by_the_second(void **state)
{
    int64_t now = VLT_HOUR;
    struct peer *peer = peer_new(id, share, now);

    (void)state;
    assert_non_null(peer);
    for (int i = 0; i < VLT_LIMIT_REQUESTS_BURST; i++) {
        assert_int_equal(peer_take_request(peer, now), 0);
    }
    int64_t wait = peer_take_request(peer, now);

    assert_in_range(wait, 1, 1000 / VLT_LIMIT_REQUESTS_S + 1);
    now += wait * 1000000;
    assert_int_equal(peer_take_request(peer, now), 0);
    assert_true(peer_take_request(peer, now) > 0);
    now += 1000 * VLT_HOUR; /* it never holds more than a burst */
    for (int i = 0; i < VLT_LIMIT_REQUESTS_BURST; i++) {
        assert_int_equal(peer_take_request(peer, now), 0);
    }
    assert_true(peer_take_request(peer, now) > 0);
    free(peer);
}

/* One or as many as may be, a share of rows is a day's. */
static void
rows_are_counted_by_the_day(void **state)
{
    static const uint64_t shares[] = { 1, 1000, UINT64_C(10000000000) };

    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        struct peer_share rows = share;
        int64_t now = VLT_DAY;

        rows.rows = shares[i];
        struct peer *peer = peer_new(id, rows, now);

        assert_non_null(peer);
        assert_int_equal(peer_count_ms(peer, now), 0);
        peer_note_count(peer, shares[i], now);
        assert_in_range(peer_day_ms(peer, now), 1, 86400000);
        now += VLT_DAY; /* then all of it is there again */
        peer_note_count(peer, shares[i] - 1, now);
        assert_int_equal(peer_day_ms(peer, now), 0);
        for (int more = 0; more < 99; more++) { /* it never overflows */
            peer_note_count(peer, UINT64_MAX, now);
            assert_in_range(peer_count_ms(peer, now), 1,
                            INT64_C(86400000) * PEER_WAIT_DAYS);
        }
        free(peer);
    }
}

/* Else a block of so many might come each day. */
static void
what_goes_beyond_a_days_rows_is_owed(void **state)
{
    struct peer_share rows = share;
    int64_t now = VLT_DAY;

    (void)state;
    rows.rows = 100;
    struct peer *peer = peer_new(id, rows, now);

    assert_non_null(peer);
    peer_note_count(peer, 65536, now);
    assert_int_equal(peer_count_ms(peer, now),
                     INT64_C(86400000) * PEER_WAIT_DAYS);
    now += 654 * VLT_DAY;
    assert_in_range(peer_count_ms(peer, now), 1, 86400001);
    now += VLT_DAY;
    assert_int_equal(peer_count_ms(peer, now), 0);
    peer_note_count(peer, 1000, now);
    rows.rows = 50; /* a change of the share does not wipe it out */
    peer_set_share(peer, rows, now);
    assert_in_range(peer_count_ms(peer, now), INT64_C(86400000) * 18,
                    INT64_C(86400000) * 20);
    free(peer);
}

/* No more than was taken, and no more than its share at once. */
static void
bytes_that_are_given_back_were_not_taken(void **state)
{
    int64_t now = VLT_HOUR;
    struct peer *peer = peer_new(id, share, now);

    (void)state;
    assert_non_null(peer);
    peer_note_rows(peer, HOURLY + 1024, now);
    assert_in_range(peer_rows_ms(peer, now), 1000, 1001);
    peer_give_back(peer, 1025, now);
    assert_int_equal(peer_rows_ms(peer, now), 0);
    peer_give_back(peer, 2 * (size_t)HOURLY, now);
    peer_note_rows(peer, HOURLY, now);
    assert_in_range(peer_rows_ms(peer, now), 1, 2);
    free(peer);
}

/* More is there at once, and less is owed; what is not counted any more is not
 * owed. */
static void
what_is_gone_of_a_share_is_gone_of_the_next(void **state)
{
    struct peer_share rows = share;
    int64_t now = VLT_DAY;

    rows.rows = 100;
    struct peer *peer = peer_new(id, rows, now);

    assert_non_null(peer);
    peer_note_count(peer, 100, now);
    assert_true(peer_count_ms(peer, now) > 0);
    rows.rows = 200;
    peer_set_share(peer, rows, now);
    assert_int_equal(peer_count_ms(peer, now), 0);
    peer_note_count(peer, 100, now);
    assert_true(peer_count_ms(peer, now) > 0);
    peer_set_share(peer, rows, now); /* the same: nothing is filled */
    assert_true(peer_count_ms(peer, now) > 0);
    rows.rows = 0;
    peer_set_share(peer, rows, now);
    assert_int_equal(peer_count_ms(peer, now), 0);
    rows.rows = 10;
    peer_set_share(peer, rows, now);
    assert_int_equal(peer_count_ms(peer, now), 0);
    peer_note_count(peer, 20, now);
    assert_in_range(peer_count_ms(peer, now), 86400000, 86400001);
    rows.rows = 1;
    peer_set_share(peer, rows, now);
    assert_in_range(peer_count_ms(peer, now), 1, 10 * 86400000 + 1);
    free(peer);
}

static void
what_has_no_share_of_rows_is_not_counted(void **state)
{
    struct peer *peer = peer_new(id, share, 0);

    assert_non_null(peer);
    peer_note_count(peer, UINT64_MAX, 0);
    assert_int_equal(peer_count_ms(peer, 0), 0);
    free(peer);
}

static void
text_is_charged_by_its_bytes(void **state)
{
    int64_t now = 0;
    struct peer *peer = peer_new(id, share, now);

    (void)state;
    assert_non_null(peer);
    assert_true(peer_take_text(peer, PEER_TEXT_BURST, now));
    assert_false(peer_take_text(peer, 1, now));
    now += VLT_SECOND;
    assert_true(peer_take_text(peer, PEER_TEXT_S, now));
    assert_false(peer_take_text(peer, 1, now));
    assert_false(
        peer_take_text(peer, (size_t)PEER_TEXT_BURST + 1, now + VLT_HOUR));
    free(peer);
}

static void
refusals_are_logged_in_a_burst_and_then_by_the_minute(void **state)
{
    int64_t now = VLT_SECOND;
    struct peer *peer = peer_new(id, share, now);
    int logged = 0;

    (void)state;
    assert_non_null(peer);
    while (peer_denied_ms(peer, now) == 0) {
        peer_note_denied(peer, now);
        logged++;
    }
    assert_int_equal(logged, PEER_DENIED_BURST);
    for (int minute = 0; minute < 3; minute++) {
        logged = 0;
        for (int ms = 0; ms < 60000; ms += 100) {
            now += 100 * INT64_C(1000000);
            if (peer_denied_ms(peer, now) == 0) {
                peer_note_denied(peer, now);
                logged++;
            }
        }
        assert_in_range(logged, PEER_DENIED_MIN - 1, PEER_DENIED_MIN + 1);
    }
    free(peer);
}

static void
rows_are_given_while_there_are_some_and_owed_beyond(void **state)
{
    int64_t now = VLT_SECOND;
    struct peer *peer = peer_new(id, share, now);

    (void)state;
    assert_non_null(peer);
    peer_note_rows(peer, HOURLY - 1, now);
    assert_int_equal(peer_rows_ms(peer, now), 0);
    peer_note_rows(peer, 1 + 10 * 1024, now); /* a page is given whole */
    int64_t wait = peer_rows_ms(peer, now);

    assert_in_range(wait, 10000, 10001);
    now += wait * 1000000 - 10 * INT64_C(1000000);
    assert_in_range(peer_rows_ms(peer, now), 1, 11);
    now += 20 * INT64_C(1000000);
    assert_int_equal(peer_rows_ms(peer, now), 0);
    now += 1000 * VLT_HOUR; /* it never holds more than an hour's */
    peer_note_rows(peer, HOURLY, now);
    assert_true(peer_rows_ms(peer, now) > 0);
    free(peer);
}

static void
the_largest_and_smallest_share_are_counted(void **state)
{
    static const uint64_t shares[] = { 3600, UINT64_C(1) << 40 };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct peer_share of = { shares[i], 3600, 1, 0 };
        struct peer *peer = peer_new(id, of, VLT_HOUR);

        assert_non_null(peer);
        for (int hours = 0; hours < 3; hours++) {
            peer_note_rows(peer, shares[i], VLT_HOUR);
        }
        assert_in_range(peer_rows_ms(peer, VLT_HOUR), 2 * 3600000,
                        2 * 3600000 + 2000);
        assert_int_equal(peer_rows_ms(peer, VLT_HOUR + 3 * VLT_HOUR), 0);
        free(peer);
    }
}

static void
bodies_come_in_a_burst_and_then_by_the_second(void **state)
{
    int64_t now = VLT_SECOND;
    struct peer *peer = peer_new(id, share, now);

    (void)state;
    assert_non_null(peer);
    peer_note_pushed(peer, PEER_PUSHED_BURST - 1, now);
    assert_int_equal(peer_pushed_ms(peer, now), 0);
    peer_note_pushed(peer, 1 + PEER_PUSHED_S / 2, now); /* it goes whole */
    assert_in_range(peer_pushed_ms(peer, now), 500, 501);
    now += VLT_SECOND / 2 + 2 * INT64_C(1000000);
    assert_int_equal(peer_pushed_ms(peer, now), 0);
    now += 1000 * VLT_HOUR; /* it never holds more than a burst */
    peer_note_pushed(peer, PEER_PUSHED_BURST, now);
    assert_true(peer_pushed_ms(peer, now) > 0);
    assert_int_equal(peer_rows_ms(peer, now), 0);
    free(peer);
}

static void
records_are_opened_in_a_burst_and_then_by_the_second(void **state)
{
    int64_t now = VLT_SECOND;
    struct peer *peer = peer_new(id, share, now);

    (void)state;
    assert_non_null(peer);
    peer_note_chunks(peer, 100 * PEER_CHUNKS_S - 1, now);
    assert_int_equal(peer_chunks_ms(peer, now), 0);
    peer_note_chunks(peer, 51, now);
    assert_in_range(peer_chunks_ms(peer, now), 500, 501);
    now += VLT_SECOND / 2 + 10 * INT64_C(1000000);
    assert_int_equal(peer_chunks_ms(peer, now), 0);
    now += 1000 * VLT_HOUR; /* it never holds more than a burst */
    peer_note_chunks(peer, 100 * PEER_CHUNKS_S, now);
    assert_true(peer_chunks_ms(peer, now) > 0);
    free(peer);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_come_in_a_burst_and_then_by_the_second),
        cmocka_unit_test(rows_are_counted_by_the_day),
        cmocka_unit_test(what_goes_beyond_a_days_rows_is_owed),
        cmocka_unit_test(bytes_that_are_given_back_were_not_taken),
        cmocka_unit_test(what_is_gone_of_a_share_is_gone_of_the_next),
        cmocka_unit_test(what_has_no_share_of_rows_is_not_counted),
        cmocka_unit_test(text_is_charged_by_its_bytes),
        cmocka_unit_test(refusals_are_logged_in_a_burst_and_then_by_the_minute),
        cmocka_unit_test(rows_are_given_while_there_are_some_and_owed_beyond),
        cmocka_unit_test(the_largest_and_smallest_share_are_counted),
        cmocka_unit_test(bodies_come_in_a_burst_and_then_by_the_second),
        cmocka_unit_test(records_are_opened_in_a_burst_and_then_by_the_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
