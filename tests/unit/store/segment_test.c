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

/* As a crash before the commit leaves it. */
static void
what_was_not_committed_changed_nothing(void **state)
{
    struct vault v;
    struct store_segment before[STORE_SEGMENTS];
    struct store_segment after[STORE_SEGMENTS];
    uint8_t stream[VLT_ID_LEN] = { 1 };
    uint8_t plain[STORE_TAIL_HEAD] = { 1 };
    uint64_t arrival;

    vault_begin(&v);
    put_tail(&v, 1);
    assert_int_equal(close_segment(&v), VLT_OK);
    put_tail(&v, 2);
    assert_int_equal(segments(&v, before), 2);
    struct store_txn *txn = txn_begin(&v);

    assert_int_equal(store_segment_close(txn), VLT_OK);
    assert_int_equal(store_tail_put(txn, stream, 0,
                                    vlt_slice_of(plain, sizeof plain),
                                    &arrival),
                     VLT_OK);
    assert_int_equal(arrival, 3);
    assert_int_equal(store_segment_drop(txn, 1), VLT_OK);
    store_txn_abort(txn);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(segments(&v, after), 2);
        for (size_t j = 0; j < 2; j++) {
            assert_int_equal(before[j].number, after[j].number);
            assert_int_equal(before[j].first, after[j].first);
            assert_int_equal(before[j].end, after[j].end);
            assert_int_equal(before[j].bytes, after[j].bytes);
            assert_int_equal(before[j].open, after[j].open);
        }
        assert_tails(&v, 1, 3);
        vault_close(&v);
        vault_open(&v);
    }
    vault_end(&v);
}

static void
several_segments_may_close_in_one_commit(void **state)
{
    struct vault v;
    struct store_segment s[STORE_SEGMENTS];
    uint8_t stream[VLT_ID_LEN] = { 1 };
    uint8_t plain[STORE_TAIL_HEAD] = { 1 };
    uint64_t arrival;
    size_t count;

    vault_begin(&v);
    struct store_txn *txn = txn_begin(&v);

    for (uint64_t n = 1; n <= 9; n++) {
        assert_int_equal(store_tail_put(txn, stream, 0,
                                        vlt_slice_of(plain, sizeof plain),
                                        &arrival),
                         VLT_OK);
        assert_int_equal(arrival, n);
        assert_int_equal(store_segment_close(txn), VLT_OK);
        assert_int_equal(store_segment_drop(txn, n), VLT_OK);
    }
    assert_int_equal(store_segments(store_txn_view(txn), s, &count), VLT_OK);
    assert_int_equal(count, 1);
    txn_commit(txn);
    vault_close(&v);
    vault_open(&v);
    assert_int_equal(segments(&v, s), 1);
    assert_int_equal(s[0].number, 10);
    assert_int_equal(s[0].first, 10);
    assert_int_equal(s[0].bytes, 0);
    vault_end(&v);
}

/* Its pages are not used again before it ends. */
static void
a_reader_keeps_a_segment_that_was_dropped_meanwhile(void **state)
{
    struct vault v;
    struct store_segment s[STORE_SEGMENTS];
    struct walk walk = { 1, UINT64_MAX };
    struct store_tail tail;
    struct vlt_buf room = { 0 };
    size_t count;

    vault_begin(&v);
    for (uint8_t i = 0; i < 50; i++) {
        put_tail(&v, (uint8_t)(i + 1));
    }
    assert_int_equal(close_segment(&v), VLT_OK);
    struct store_read *read = read_begin(&v);
    const struct store_view *view = store_read_view(read);

    assert_int_equal(drop_segment(&v, 1), VLT_OK);
    for (uint8_t n = 2; n < 8; n++) { /* over the same slot, too */
        put_tails(&v, 99, 10);
        assert_int_equal(close_segment(&v), VLT_OK);
        assert_int_equal(drop_segment(&v, n), VLT_OK);
    }
    assert_int_equal(store_tail_each(view, 1, follow, &walk), VLT_OK);
    assert_int_equal(walk.next, 51);
    assert_int_equal(store_tail_get(view, 17, &room, &tail), VLT_OK);
    assert_int_equal(tail.stream[0], 17);
    assert_int_equal(store_segments(view, s, &count), VLT_OK);
    assert_int_equal(count, 2);
    assert_int_equal(s[0].number, 1);
    store_read_end(read);
    read = read_begin(&v);
    assert_int_equal(store_tail_get(store_read_view(read), 17, &room, &tail),
                     VLT_E_NOT_FOUND);
    store_read_end(read);
    vlt_buf_free(&room);
    vault_end(&v);
}

/* What a segment held is free for the next ones. */
static void
the_file_does_not_grow_with_each_round(void **state)
{
    struct vault v;
    struct store_stat stat;
    uint64_t file = 0;

    vault_begin(&v);
    for (uint64_t n = 1; n <= 24; n++) {
        put_tails(&v, 1, 400);
        assert_int_equal(close_segment(&v), VLT_OK);
        assert_int_equal(drop_segment(&v, n), VLT_OK);
        struct store_read *read = read_begin(&v);

        assert_int_equal(store_view_stat(store_read_view(read), &stat), VLT_OK);
        store_read_end(read);
        file = n == 8 ? stat.file : file;
    }
    assert_int_equal(stat.tails, 0);
    assert_true(stat.file <= file + file / 8);
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
        cmocka_unit_test(what_was_not_committed_changed_nothing),
        cmocka_unit_test(several_segments_may_close_in_one_commit),
        cmocka_unit_test(a_reader_keeps_a_segment_that_was_dropped_meanwhile),
        cmocka_unit_test(the_file_does_not_grow_with_each_round),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
