#include "bench.h"

/* One slice of late rows into rows; the mark moves on. */
static void
late_into(struct bench *b, const struct stream *stream,
          const struct series_want *want, struct series_since *since,
          struct vlt_rows *rows)
{
    struct store_read *read = read_begin(&b->vault);

    assert_int_equal(series_late(b->series, store_read_view(read), stream, want,
                                 *since, rows, &since->mark),
                     VLT_OK);
    assert_true(vlt_rows_sorted(rows));
    store_read_end(read);
}

/* How many there are. */
static size_t
late(struct bench *b, const struct stream *stream,
     const struct series_want *want, struct series_since *since)
{
    struct vlt_rows *rows = rows_for(stream, want);
    size_t count;

    late_into(b, stream, want, since, rows);
    count = vlt_rows_count(rows);
    vlt_rows_free(rows);
    return count;
}

static struct series_since
since_before(int64_t before)
{
    return (struct series_since){ .before = before,
                                  .most_rows = 100,
                                  .most_bytes = SIZE_MAX };
}

static void
a_late_row_is_given_once_to_who_comes_back(void **state)
{
    static const struct cell first[] = { { 100, 1 } };
    static const struct cell back[] = { { 50, 2 }, { 60, 3 }, { 200, 4 } };
    struct series_since since = since_before(101);
    struct series_mark before;
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, first, 1);
    assert_int_equal(late(&b, stream, &want_all, &since), 1);
    before = since.mark;
    assert_int_equal(late(&b, stream, &want_all, &since), 0);
    assert_int_equal(since.mark.arrival, before.arrival);
    commit_rows(&b, stream, 0, back, 3);
    assert_int_equal(late(&b, stream, &want_all, &since), 2);
    assert_int_equal(late(&b, stream, &want_all, &since), 0);
    stream_release(stream);
    bench_end(&b);
}

/* Between a commit and the end of its turn a view knows of arrivals that are
 * not in memory: none of them may be told as seen. */
static void
an_arrival_is_not_told_before_its_rows_can_be(void **state)
{
    static const struct cell first[] = { { 100, 1 } };
    static const struct cell back[] = { { 50, 2 } };
    struct series_since since = since_before(101);
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, first, 1);
    assert_int_equal(late(&b, stream, &want_all, &since), 1);
    turn_begin(&b);
    append(&b, stream, 0, back, 1);
    txn_commit(b.txn);
    assert_int_equal(late(&b, stream, &want_all, &since), 0);
    series_turn_end(b.series, true);
    assert_int_equal(late(&b, stream, &want_all, &since), 1);
    stream_release(stream);
    bench_end(&b);
}

/* Two records of ROWS late rows, every other one behind `before`. */
enum { ROWS = 40, BEFORE = ROWS };

static const struct stream *
two_records(struct bench *b)
{
    const struct stream *stream = new_stream(b, "a");

    for (int record = 0; record < 2; record++) {
        struct cell cells[ROWS];

        for (int i = 0; i < ROWS; i++) {
            cells[i] = (struct cell){ .time = 2 * i + record,
                                      .value = (double)(2 * i + record) };
        }
        commit_rows(b, stream, 0, cells, ROWS);
    }
    return stream;
}

/* Whatever bounds a slice, the late rows of all slices are the same, each
 * once. */
static void
check_slices(struct bench *b, const struct stream *stream,
             struct series_since since)
{
    struct vlt_rows *page = rows_for(stream, &want_all);
    bool seen[BEFORE] = { false };
    size_t most = since.most_bytes / sizeof(uint64_t);
    size_t count;

    most = most < 1 ? 1 : most;
    most = since.most_rows < most ? since.most_rows : most;
    do {
        late_into(b, stream, &want_all, &since, page);
        count = vlt_rows_count(page);
        assert_true(count <= most);
        for (size_t i = 0; i < count; i++) {
            int64_t time = vlt_rows_times(page)[i];

            assert_true(time >= 0 && time < BEFORE && !seen[time]);
            seen[time] = true;
        }
    } while (count > 0);
    for (size_t i = 0; i < BEFORE; i++) {
        assert_true(seen[i]);
    }
    vlt_rows_free(page);
}

static void
a_slice_may_end_within_a_record(void **state)
{
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = two_records(&b);
    for (size_t most = 1; most < BEFORE + 2; most++) {
        struct series_since since = since_before(BEFORE);

        since.most_rows = most;
        check_slices(&b, stream, since);
        since.most_rows = 1000;
        since.most_bytes = most * 8 - 3;
        check_slices(&b, stream, since);
    }
    stream_release(stream);
    bench_end(&b);
}

/* Rows at 10, 20, 30, then at 15: the range ends at 12, then 31, and grows. */
static void
a_row_that_is_not_due_waits_and_comes_once(void **state)
{
    static const struct cell first[] = { { 10, 1 }, { 20, 2 }, { 30, 3 } };
    static const struct cell then[] = { { 5, 4 }, { 15, 5 } };
    static const struct {
        int64_t to;
        size_t count;
    } steps[] = { { 0, 0 },  { 10, 0 }, { 11, 1 }, { 20, 0 },
                  { 21, 1 }, { 30, 0 }, { 31, 3 }, { 99, 0 } };
    struct series_since since = since_before(50);
    struct series_want want = { .from = 0 };
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, first, 3);
    commit_rows(&b, stream, 0, then, 2);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        print_message("up to %d\n", (int)steps[i].to);
        want.to = steps[i].to;
        assert_int_equal(late(&b, stream, &want, &since), steps[i].count);
    }
    stream_release(stream);
    bench_end(&b);
}

static void
what_the_range_has_left_is_passed_over(void **state)
{
    static const struct cell cells[] = { { 10, 1 }, { 20, 2 }, { 30, 3 } };
    struct series_since since = since_before(50);
    struct series_want want = { .from = 0, .to = 50 };
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, cells, 3);
    since.most_rows = 1;
    assert_int_equal(late(&b, stream, &want, &since), 1);
    assert_int_equal(since.mark.count, 1);
    want.from = 25; /* the second is out of it, whatever the mark counts */
    since.most_rows = 100;
    assert_int_equal(late(&b, stream, &want, &since), 1);
    want.from = 0;
    assert_int_equal(late(&b, stream, &want, &since), 0);
    stream_release(stream);
    bench_end(&b);
}

static void
late_rows_from_a_bound_on_are_not_seen(void **state)
{
    static const struct cell first[] = { { 10, 1 } };
    static const struct cell then[] = { { 5, 2 } };
    struct series_since since = since_before(50);
    struct series_want want = want_all;
    struct store_read *read;
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, first, 1);
    read = read_begin(&b.vault);
    assert_int_equal(series_end(b.series, store_read_view(read), &want.below),
                     VLT_OK);
    store_read_end(read);
    commit_rows(&b, stream, 0, then, 1);
    assert_int_equal(late(&b, stream, &want, &since), 1);
    assert_int_equal(since.mark.arrival, want.below);
    want.below = 0;
    assert_int_equal(late(&b, stream, &want, &since), 1);
    stream_release(stream);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_late_row_is_given_once_to_who_comes_back),
        cmocka_unit_test(an_arrival_is_not_told_before_its_rows_can_be),
        cmocka_unit_test(a_slice_may_end_within_a_record),
        cmocka_unit_test(a_row_that_is_not_due_waits_and_comes_once),
        cmocka_unit_test(what_the_range_has_left_is_passed_over),
        cmocka_unit_test(late_rows_from_a_bound_on_are_not_seen),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
