/* Rows of which it is known after packing that they came later than what was
 * there, though each came behind all others of its lane or record. */
#include "model.h"

/* The first arrival that a sweep from now on does not look at. */
static uint64_t
end_now(struct bench *b)
{
    struct store_read *read = read_begin(&b->vault);
    uint64_t end = 0;

    assert_int_equal(series_end(b->series, store_read_view(read), &end),
                     VLT_OK);
    store_read_end(read);
    return end;
}

/* After all was packed, a sweep that was bounded before `later` came gives
 * `first` alone. */
static void
assert_apart(struct bench *b, const struct stream *stream, uint64_t below,
             const struct cell *first)
{
    struct series_want want = { .from = 0,
                                .to = first->time + 1,
                                .below = below };
    struct vlt_rows *rows = scan(b, stream, &want, 10);

    assert_cells(rows, first, 1);
    vlt_rows_free(rows);
}

/* Not late: nothing of the stream is newer.  What was there is in a chunk by
 * then, so no tail says it. */
static void
what_came_later_at_the_last_time_of_a_chunk_stays_apart(void **state)
{
    static const struct cell first[] = { { 10, 1 } };
    static const struct cell later[] = { { 10, 2 } };
    const struct stream *other;
    const struct stream *stream;
    struct bench b;
    uint64_t below;

    bench_begin_small(&b);
    other = new_stream(&b, "other");
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, first, 1);
    drop_segments(&b, other, 2);
    below = end_now(&b);
    commit_rows(&b, stream, 0, later, 1);
    assert_apart(&b, stream, below, first);
    drop_segments(&b, other, 2);
    assert_apart(&b, stream, below, first);
    stream_release(stream);
    stream_release(other);
    bench_end(&b);
}

/* The newest row of the stream is of the next epoch, so the first one of this
 * is late. */
static void
a_late_row_in_front_of_all_others_is_told_when_it_is_packed(void **state)
{
    static const struct cell newest[] = { { EPOCH + 10, 1 } };
    static const struct cell late[] = { { 10, 2 } };
    struct series_since since = { .before = EPOCH + 11,
                                  .most_rows = 100,
                                  .most_bytes = SIZE_MAX };
    const struct stream *other;
    const struct stream *stream;
    struct store_read *read;
    struct vlt_rows *rows;
    struct bench b;

    bench_begin_small(&b);
    other = new_stream(&b, "other");
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, newest, 1);
    since.mark.arrival = end_now(&b);
    commit_rows(&b, stream, 0, late, 1);
    drop_segments(&b, other, 2);
    rows = rows_for(stream, &want_all);
    read = read_begin(&b.vault);
    assert_int_equal(series_late(b.series, store_read_view(read), stream,
                                 &want_all, since, rows, &since.mark),
                     VLT_OK);
    store_read_end(read);
    assert_cells(rows, late, 1);
    vlt_rows_free(rows);
    stream_release(stream);
    stream_release(other);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            what_came_later_at_the_last_time_of_a_chunk_stays_apart),
        cmocka_unit_test(
            a_late_row_in_front_of_all_others_is_told_when_it_is_packed),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
