/* Segments of tails: a ring of four slots. */
#include "raw.h"

#include "pieces.h"

static size_t
segments(struct vault *v, struct store_segment out[STORE_SEGMENTS])
{
    struct store_read *read = read_begin(v);
    size_t count = 0;

    assert_int_equal(store_segments(store_read_view(read), out, &count),
                     VLT_OK);
    store_read_end(read);
    return count;
}

static void
a_new_vault_has_one_open_segment(void **state)
{
    struct vault v;
    struct store_segment s[STORE_SEGMENTS];

    vault_begin(&v);
    assert_int_equal(segments(&v, s), 1);
    assert_int_equal(s[0].number, 1);
    assert_int_equal(s[0].first, 1);
    assert_int_equal(s[0].end, 1);
    assert_int_equal(s[0].bytes, 0);
    assert_true(s[0].open);
    put_tail(&v, 1);
    put_tail(&v, 2);
    assert_int_equal(segments(&v, s), 1);
    assert_int_equal(s[0].end, 3);
    assert_int_equal(s[0].bytes, 4096); /* both in one page */
    vault_end(&v);
}

static void
a_segment_closes_and_the_next_goes_on(void **state)
{
    struct vault v;
    struct store_segment s[STORE_SEGMENTS];

    vault_begin(&v);
    put_tail(&v, 1);
    put_tail(&v, 2);
    assert_int_equal(close_segment(&v), VLT_OK);
    assert_int_equal(segments(&v, s), 2);
    assert_int_equal(s[0].number, 1);
    assert_int_equal(s[0].first, 1);
    assert_int_equal(s[0].end, 3);
    assert_false(s[0].open);
    assert_int_equal(s[1].number, 2);
    assert_int_equal(s[1].first, 3);
    assert_int_equal(s[1].end, 3);
    assert_true(s[1].open);
    put_tail(&v, 1);
    vault_close(&v);
    vault_open(&v);
    assert_int_equal(segments(&v, s), 2);
    assert_int_equal(s[1].end, 4);
    vault_end(&v);
}

static void
an_empty_segment_does_not_close(void **state)
{
    struct vault v;
    struct store_segment s[STORE_SEGMENTS];

    vault_begin(&v);
    assert_int_equal(close_segment(&v), VLT_E_CONFLICT);
    put_tail(&v, 1);
    assert_int_equal(close_segment(&v), VLT_OK);
    assert_int_equal(close_segment(&v), VLT_E_CONFLICT);
    assert_int_equal(segments(&v, s), 2);
    vault_end(&v);
}

static void
with_no_free_slot_it_is_busy(void **state)
{
    struct vault v;
    struct store_segment s[STORE_SEGMENTS];

    vault_begin(&v);
    for (uint8_t i = 0; i < 3; i++) {
        put_tail(&v, 1);
        assert_int_equal(close_segment(&v), VLT_OK);
    }
    put_tail(&v, 1);
    assert_int_equal(close_segment(&v), VLT_E_BUSY);
    assert_int_equal(segments(&v, s), 4);
    put_tail(&v, 1); /* the open one takes more all the same */
    assert_int_equal(drop_segment(&v, 1), VLT_OK);
    assert_int_equal(close_segment(&v), VLT_OK);
    assert_int_equal(segments(&v, s), 4);
    assert_int_equal(s[3].number, 5);
    assert_int_equal(s[3].first, 6);
    vault_end(&v);
}

static void
only_the_oldest_closed_one_is_dropped(void **state)
{
    struct vault v;

    vault_begin(&v);
    put_tail(&v, 1);
    assert_int_equal(drop_segment(&v, 1), VLT_E_NOT_FOUND); /* open */
    assert_int_equal(close_segment(&v), VLT_OK);
    put_tail(&v, 1);
    assert_int_equal(close_segment(&v), VLT_OK);
    assert_int_equal(drop_segment(&v, 2), VLT_E_NOT_FOUND);
    assert_int_equal(drop_segment(&v, 3), VLT_E_NOT_FOUND);
    assert_int_equal(drop_segment(&v, 0), VLT_E_NOT_FOUND);
    assert_int_equal(drop_segment(&v, 1), VLT_OK);
    assert_int_equal(drop_segment(&v, 1), VLT_E_NOT_FOUND);
    assert_int_equal(drop_segment(&v, 2), VLT_OK);
    assert_int_equal(drop_segment(&v, 3), VLT_E_NOT_FOUND);
    vault_end(&v);
}

/* ---- tails over segments ---- */

struct walk {
    uint64_t next;
    uint64_t stop;
};

static bool
follow(void *ctx, const struct store_tail *tail)
{
    struct walk *walk = ctx;

    assert_int_equal(tail->arrival, walk->next);
    assert_int_equal(tail->stream[0], tail->plain.at[0]);
    walk->next++;
    return walk->next < walk->stop;
}

/* All of [first, end) are there, and each by its arrival. */
static void
assert_tails(struct vault *v, uint64_t first, uint64_t end)
{
    struct store_read *read = read_begin(v);
    const struct store_view *view = store_read_view(read);
    struct vlt_buf room = { 0 };
    struct store_tail tail;
    uint64_t next;

    for (uint64_t from = first > 2 ? first - 2 : 0; from <= end; from++) {
        struct walk walk = { from > first ? from : first, UINT64_MAX };

        assert_int_equal(store_tail_each(view, from, follow, &walk), VLT_OK);
        assert_int_equal(walk.next, end);
    }
    for (uint64_t i = 0; i <= end + 1; i++) {
        bool there = i >= first && i < end;

        vlt_buf_clear(&room);
        assert_int_equal(store_tail_get(view, i, &room, &tail),
                         there ? VLT_OK : VLT_E_NOT_FOUND);
        if (there) {
            assert_int_equal(tail.arrival, i);
        }
    }
    assert_int_equal(store_tail_next(view, &next), VLT_OK);
    assert_int_equal(next, end);
    vlt_buf_free(&room);
    store_read_end(read);
}

static void
a_walk_that_ends_early_ends_in_all_segments(void **state)
{
    struct vault v;
    struct walk walk = { .next = 1, .stop = 3 };

    vault_begin(&v);
    for (uint8_t i = 0; i < 3; i++) {
        put_tail(&v, 1);
        put_tail(&v, 2);
        assert_int_equal(close_segment(&v), VLT_OK);
    }
    struct store_read *read = read_begin(&v);

    assert_int_equal(store_tail_each(store_read_view(read), 1, follow, &walk),
                     VLT_OK);
    assert_int_equal(walk.next, 3);
    store_read_end(read);
    vault_end(&v);
}

static void
the_ring_goes_round_and_arrivals_go_on(void **state)
{
    struct vault v;
    struct store_segment s[STORE_SEGMENTS];
    uint64_t arrival = 1;
    uint64_t first[32] = { 0, 1 };

    vault_begin(&v);
    for (uint64_t n = 1; n <= 20; n++) {
        for (uint64_t i = 0; i < n % 4 + 1; i++) {
            put_tail(&v, (uint8_t)(i + 1));
            arrival++;
        }
        assert_int_equal(close_segment(&v), VLT_OK);
        first[n + 1] = arrival;
        uint64_t oldest = n > 2 ? n - 1 : 1;

        if (n > 2) {
            assert_int_equal(drop_segment(&v, n - 2), VLT_OK);
        }
        assert_tails(&v, first[oldest], arrival);
        if (n % 3 == 0) {
            vault_close(&v);
            vault_open(&v);
        }
        assert_int_equal(segments(&v, s), n + 2 - oldest);
        assert_int_equal(s[0].number, oldest);
        assert_int_equal(s[0].first, first[oldest]);
    }
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_vault_has_one_open_segment),
        cmocka_unit_test(a_segment_closes_and_the_next_goes_on),
        cmocka_unit_test(an_empty_segment_does_not_close),
        cmocka_unit_test(with_no_free_slot_it_is_busy),
        cmocka_unit_test(only_the_oldest_closed_one_is_dropped),
        cmocka_unit_test(a_walk_that_ends_early_ends_in_all_segments),
        cmocka_unit_test(the_ring_goes_round_and_arrivals_go_on),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
