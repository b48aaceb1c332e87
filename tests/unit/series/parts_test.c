/* A batch may have several parts of one stream, in any order. */
#include "bench.h"

enum { PARTS_MAX = 3 };

struct given {
    const struct cell *cell;
    size_t count;
};

/* Commit a batch of these parts, whose rows stay as they are. */
static struct series_stored
put_parts(struct bench *b, const struct stream *stream,
          const struct given *given, size_t count)
{
    struct vlt_rows *rows[PARTS_MAX];
    struct series_part parts[PARTS_MAX];
    struct series_batch batch = { .parts = count, .part = parts };
    struct series_stored stored;

    for (size_t i = 0; i < count; i++) {
        rows[i] = rows_of(given[i].cell, given[i].count);
        parts[i] = (struct series_part){ .stream = stream, .rows = rows[i] };
    }
    turn_begin(b);
    assert_int_equal(series_append(b->series, b->txn, &batch, &stored), VLT_OK);
    turn_commit(b);
    for (size_t i = 0; i < count; i++) {
        assert_cells(rows[i], given[i].cell, given[i].count);
        vlt_rows_free(rows[i]);
    }
    return stored;
}

static void
parts_of_a_stream_are_taken_together_and_stay_whole(void **state)
{
    static const struct cell first[] = { { 20, 1 }, { 30, 2 } };
    static const struct cell then[] = { { 10, 3 }, { 20, 1 }, { 20, 4 } };
    static const struct cell all[] = {
        { 10, 3 }, { 20, 1 }, { 20, 4 }, { 30, 2 }
    };
    const struct given given[] = { { first, 2 }, { then, 3 } };
    struct series_stored stored;
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    stored = put_parts(&b, stream, given, 2);
    assert_int_equal(stored.rows, 4);
    assert_int_equal(stored.equal, 1);
    assert_int_equal(stored.late, 0); /* rows of a batch are not late */
    assert_holds(&b, stream, all, 4);
    stream_release(stream);
    bench_end(&b);
}

static void
a_part_may_be_empty_or_of_any_order(void **state)
{
    static const struct cell first[] = { { 20, 1 }, { 30, 2 } };
    static const struct cell mixed[] = { { 50, 3 }, { 5, 4 } };
    static const struct cell last[] = { { 30, 2 }, { 60, 5 } };
    static const struct cell all[] = {
        { 5, 4 }, { 20, 1 }, { 30, 2 }, { 50, 3 }, { 60, 5 }
    };
    static const struct cell again[] = { { 70, 6 } };
    const struct given three[] = { { first, 2 }, { mixed, 2 }, { last, 2 } };
    const struct given empty[] = { { NULL, 0 }, { again, 1 }, { NULL, 0 } };
    struct series_stored stored;
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    stored = put_parts(&b, stream, three, 3);
    assert_int_equal(stored.rows, 5);
    assert_int_equal(stored.equal, 1);
    assert_holds(&b, stream, all, 5);
    assert_int_equal(put_parts(&b, stream, empty, 3).rows, 1);
    assert_int_equal(put_parts(&b, stream, empty, 1).rows, 0);
    stream_release(stream);
    bench_end(&b);
}

static void
rows_that_are_given_twice_are_stored_once(void **state)
{
    static const struct cell cells[] = { { 20, 1 }, { 30, 2 } };
    struct vlt_rows *rows = rows_of(cells, 2);
    struct series_stored stored;
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");

    struct series_part parts[] = { { .stream = stream, .rows = rows },
                                   { .stream = stream, .rows = rows } };
    struct series_batch batch = { .parts = 2, .part = parts };

    turn_begin(&b);
    assert_int_equal(series_append(b.series, b.txn, &batch, &stored), VLT_OK);
    turn_commit(&b);
    assert_int_equal(stored.rows, 2);
    assert_int_equal(stored.equal, 2);
    assert_holds(&b, stream, cells, 2);
    vlt_rows_free(rows);
    stream_release(stream);
    bench_end(&b);
}

/* What lies behind what is told by where the last batch ends: the last that is
 * there. */
static void
a_turn_that_is_undone_does_not_put_batches_in_order(void **state)
{
    static const struct cell long_one[] = { { 10, 1 }, { 200, 2 } };
    static const struct cell undone[] = { { 50, 3 } };
    static const struct cell between[] = { { 100, 4 } };
    struct series_want want = want_all;
    const struct stream *stream;
    struct vlt_rows *rows;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 1, long_one, 2);
    turn_begin(&b);
    append(&b, stream, 2, undone, 1);
    turn_abort(&b);
    commit_rows(&b, stream, 2, between, 1);
    want.from = 150;
    for (int i = 0; i < 2; i++) {
        rows = scan(&b, stream, &want, 100);
        assert_cells(rows, &long_one[1], 1);
        vlt_rows_free(rows);
        bench_reopen(&b);
        stream_release(stream);
        stream = series_by_name(b.series, vlt_slice_text("a"));
    }
    stream_release(stream);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_a_stream_are_taken_together_and_stay_whole),
        cmocka_unit_test(a_part_may_be_empty_or_of_any_order),
        cmocka_unit_test(rows_that_are_given_twice_are_stored_once),
        cmocka_unit_test(a_turn_that_is_undone_does_not_put_batches_in_order),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
