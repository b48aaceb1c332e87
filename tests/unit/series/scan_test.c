#include "bench.h"

#include "series/series_internal.h"

/* A stream whose records overlap, with equal times across them. */
static const struct stream *
tangled(struct bench *b)
{
    const struct stream *stream = new_stream(b, "a");
    uint32_t x = 7;

    for (size_t batch = 0; batch < 12; batch++) {
        struct cell cells[9];

        for (size_t i = 0; i < 9; i++) {
            x = x * 1664525 + 1013904223;
            cells[i] = (struct cell){ (int64_t)(x >> 24) % 40,
                                      (double)(batch * 100 + i) };
        }
        commit_rows(b, stream, 0, cells, 9);
    }
    return stream;
}

static void
slices_of_any_size_give_the_same_rows(void **state)
{
    const struct stream *stream;
    struct series_want want = want_all;
    struct vlt_rows *whole;
    struct bench b;

    bench_begin(&b);
    stream = tangled(&b);
    whole = scan(&b, stream, &want, 1000);
    assert_int_equal(vlt_rows_count(whole), 108);
    assert_true(vlt_rows_sorted(whole));
    for (size_t slice = 1; slice < 120; slice += slice < 12 ? 1 : 31) {
        struct vlt_rows *rows = scan(&b, stream, &want, slice);

        assert_true(vlt_rows_same(rows, whole));
        vlt_rows_free(rows);
    }
    vlt_rows_free(whole);
    stream_release(stream);
    bench_end(&b);
}

static void
backwards_is_the_same_in_reverse(void **state)
{
    const struct stream *stream;
    struct series_want want = want_all;
    struct vlt_rows *whole;
    struct bench b;

    bench_begin(&b);
    stream = tangled(&b);
    whole = scan(&b, stream, &want, 1000);
    want.descending = true;
    for (size_t slice = 1; slice < 120; slice += slice < 12 ? 1 : 31) {
        struct vlt_rows *rows = scan(&b, stream, &want, slice);
        size_t count = vlt_rows_count(rows);

        assert_int_equal(count, vlt_rows_count(whole));
        for (size_t i = 0; i < count; i++) {
            assert_true(vlt_rows_equal(rows, i, whole, count - 1 - i));
        }
        vlt_rows_free(rows);
    }
    vlt_rows_free(whole);
    stream_release(stream);
    bench_end(&b);
}

/* A page is planned epoch by epoch, and goes on at their edges. */
static void
a_row_on_the_edge_of_an_epoch_is_passed(void **state)
{
    enum { EPOCHS = 4, EACH = 3 };
    static const int64_t off[EACH] = { 0, 1, EPOCH - 1 };
    const struct stream *stream;
    struct series_want want = want_all;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    for (int i = 0; i < EPOCHS; i++) {
        struct cell cells[EACH];

        for (int j = 0; j < EACH; j++) {
            cells[j] = (struct cell){ epoch_begin(i) + off[j], i * 10 + j };
        }
        commit_rows(&b, stream, 0, cells, EACH);
    }
    for (int down = 0; down < 2; down++) {
        want.descending = down == 1;
        for (size_t slice = 1; slice < 7; slice++) {
            struct vlt_rows *rows = scan(&b, stream, &want, slice);

            assert_int_equal(vlt_rows_count(rows), EPOCHS * EACH);
            vlt_rows_free(rows);
        }
    }
    for (int i = 1; i < EPOCHS; i++) {
        struct vlt_rows *rows = rows_for(stream, &want);
        struct series_at at = { .time = epoch_begin(i) };
        struct store_read *read = read_begin(&b.vault);
        bool more;

        assert_int_equal(series_scan(b.series, store_read_view(read), stream,
                                     &want, &at, 1, SIZE_MAX, rows, &more),
                         VLT_OK);
        store_read_end(read);
        assert_int_equal(vlt_rows_count(rows), 1);
        assert_true(vlt_rows_times(rows)[0] == epoch_begin(i) - 1);
        vlt_rows_free(rows);
    }
    stream_release(stream);
    bench_end(&b);
}

static void
the_range_is_half_open(void **state)
{
    static const struct cell cells[] = {
        { 9, 1 }, { 10, 2 }, { 19, 3 }, { 20, 4 }
    };
    struct series_want want = { .from = 10, .to = 20 };
    const struct stream *stream;
    struct vlt_rows *rows;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, cells, 4);
    for (int down = 0; down < 2; down++) {
        want.descending = down == 1;
        rows = scan(&b, stream, &want, 1);
        assert_int_equal(vlt_rows_count(rows), 2);
        assert_int_equal(vlt_rows_times(rows)[down], 10);
        assert_int_equal(vlt_rows_times(rows)[1 - down], 19);
        vlt_rows_free(rows);
    }
    want.to = want.from;
    rows = scan(&b, stream, &want, 1);
    assert_int_equal(vlt_rows_count(rows), 0);
    vlt_rows_free(rows);
    stream_release(stream);
    bench_end(&b);
}

/* One slice of one row, with a view of its own. */
static double
next_value(struct bench *b, const struct stream *stream,
           const struct series_want *want, struct series_at *at, bool *more)
{
    struct vlt_rows *page = rows_for(stream, want);
    struct store_read *read = read_begin(&b->vault);
    double value;

    assert_int_equal(series_scan(b->series, store_read_view(read), stream, want,
                                 at, 1, SIZE_MAX, page, more),
                     VLT_OK);
    store_read_end(read);
    assert_int_equal(vlt_rows_count(page), 1);
    value = vlt_f64_of(vlt_rows_bits(page, 0, 0));
    vlt_rows_free(page);
    return value;
}

/* A row of the very time at which a cursor stands arrives between two slices:
 * every older row still comes exactly once. */
static void
a_row_between_two_slices_makes_none_come_twice(void **state)
{
    static const struct cell cells[] = { { 10, 1 }, { 10, 2 }, { 10, 3 } };
    static const struct cell more_cells[] = { { 10, 4 } };

    for (int down = 0; down < 2; down++) {
        struct series_want want = want_all;
        const struct stream *stream;
        struct series_at at;
        struct bench b;
        bool more;

        bench_begin(&b);
        stream = new_stream(&b, "a");
        commit_rows(&b, stream, 0, cells, 3);
        want.descending = down == 1;
        at = at_begin(&want);
        assert_true(next_value(&b, stream, &want, &at, &more) ==
                    (down ? 3 : 1));
        assert_true(more);
        commit_rows(&b, stream, 0, more_cells, 1);
        assert_true(next_value(&b, stream, &want, &at, &more) == 2);
        assert_true(next_value(&b, stream, &want, &at, &more) ==
                    (down ? 1 : 3));
        assert_int_equal(more, !down);
        stream_release(stream);
        bench_end(&b);
    }
}

static void
a_page_ends_where_its_bytes_do(void **state)
{
    static const struct cell cells[] = { { 1, 1 }, { 2, 2 }, { 3, 3 } };
    const struct stream *stream;
    struct vlt_rows *page;
    struct store_read *read;
    struct series_at at = at_begin(&want_all);
    struct bench b;
    bool more;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, cells, 3);
    page = rows_for(stream, &want_all);
    read = read_begin(&b.vault);
    assert_int_equal(series_scan(b.series, store_read_view(read), stream,
                                 &want_all, &at, 100, 16, page, &more),
                     VLT_OK);
    assert_int_equal(vlt_rows_count(page), 2); /* 8 bytes each */
    assert_true(more);
    store_read_end(read);
    vlt_rows_free(page);
    stream_release(stream);
    bench_end(&b);
}

static void
a_view_shows_what_was_committed_when_it_was_begun(void **state)
{
    static const struct cell first[] = { { 10, 1 } };
    static const struct cell then[] = { { 5, 2 }, { 20, 3 } };
    const struct stream *stream;
    struct vlt_rows *page;
    struct store_read *read;
    struct series_at at = at_begin(&want_all);
    struct bench b;
    bool more;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, first, 1);
    read = read_begin(&b.vault);
    commit_rows(&b, stream, 0, then, 2);
    page = rows_for(stream, &want_all);
    assert_int_equal(series_scan(b.series, store_read_view(read), stream,
                                 &want_all, &at, 100, SIZE_MAX, page, &more),
                     VLT_OK);
    assert_cells(page, first, 1);
    store_read_end(read);
    vlt_rows_free(page);
    stream_release(stream);
    bench_end(&b);
}

/* ---- filters and projections ---- */

static size_t
count_where(struct bench *b, const struct stream *stream,
            enum series_compare compare, double value)
{
    struct series_want want = want_all;
    struct vlt_rows *rows;
    size_t up;

    want.where_count = 1;
    want.where[0] = (struct series_where){ .column = 0,
                                           .compare = compare,
                                           .value = value };
    rows = scan(b, stream, &want, 1);
    up = vlt_rows_count(rows);
    vlt_rows_free(rows);
    want.descending = true;
    rows = scan(b, stream, &want, 2);
    assert_int_equal(vlt_rows_count(rows), up);
    vlt_rows_free(rows);
    return up;
}

static void
a_filter_leaves_rows_out(void **state)
{
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    for (int64_t i = 0; i < 6; i++) {
        struct cell cell = { i, (double)(i % 4) };

        commit_rows(&b, stream, 0, &cell, 1);
    }
    assert_int_equal(count_where(&b, stream, SERIES_LT, 1), 2);
    assert_int_equal(count_where(&b, stream, SERIES_LE, 1), 4);
    assert_int_equal(count_where(&b, stream, SERIES_EQ, 1), 2);
    assert_int_equal(count_where(&b, stream, SERIES_NE, 1), 4);
    assert_int_equal(count_where(&b, stream, SERIES_GE, 1), 4);
    assert_int_equal(count_where(&b, stream, SERIES_GT, 1), 2);
    assert_int_equal(count_where(&b, stream, SERIES_GT, 99), 0);
    stream_release(stream);
    bench_end(&b);
}

static void
a_scan_gives_the_columns_that_were_asked_for(void **state)
{
    static const struct stream_column two[] = {
        { .id = 2, .type = VLT_TYPE_I64, .name = "n" },
        { .id = 9, .type = VLT_TYPE_BOOL, .name = "on" },
    };
    struct stream wish = wish_of("two", two, 2);
    struct series_want want = want_all;
    struct series_stored stored;
    const struct stream *stream;
    struct vlt_rows *rows;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    assert_int_equal(series_create(b.series, b.txn, &wish, NULL, &stream),
                     VLT_OK);
    rows = rows_for(stream, &want);
    assert_int_equal(vlt_rows_add(rows, 10), VLT_OK);
    vlt_rows_set(rows, 0, 5);
    vlt_rows_set(rows, 1, 1);
    assert_int_equal(try_append(&b, stream, 0, rows, &stored), VLT_OK);
    vlt_rows_free(rows);
    turn_commit(&b);
    want.columns = 1;
    want.column[0] = 9;
    rows = scan(&b, stream, &want, 10);
    assert_int_equal(vlt_rows_columns(rows), 1);
    assert_int_equal(vlt_rows_bits(rows, 0, 0), 1);
    vlt_rows_free(rows);
    stream_release(stream);
    bench_end(&b);
}

static void
rows_from_before_a_column_have_none_of_it(void **state)
{
    static const struct cell cells[] = { { 10, 1 } };
    const struct stream *stream;
    const struct stream *wider;
    struct vlt_rows *rows;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, cells, 1);
    turn_begin(&b);
    assert_int_equal(series_add_column(b.series, b.txn, stream->id,
                                       vlt_slice_text("more"), VLT_TYPE_I64,
                                       &wider),
                     VLT_OK);
    turn_commit(&b);
    rows = scan(&b, wider, &want_all, 10);
    assert_int_equal(vlt_rows_columns(rows), 2);
    assert_true(vlt_rows_has(rows, 0, 0));
    assert_false(vlt_rows_has(rows, 0, 1));
    vlt_rows_free(rows);
    rows = last_row(&b, wider);
    assert_int_equal(vlt_rows_count(rows), 1);
    assert_false(vlt_rows_has(rows, 0, 1));
    vlt_rows_free(rows);
    stream_release(stream);
    stream_release(wider);
    bench_end(&b);
}

/* A subscription's range moves while its place stands still. */
static void
a_place_that_the_range_has_left_skips_no_row(void **state)
{
    static const struct cell cells[] = {
        { 1, 1 }, { 1, 2 }, { 5, 3 }, { 6, 4 }
    };
    struct series_want want = { .from = 3, .to = 10 };
    struct series_at at = { .time = 1, .count = 2 };
    const struct stream *stream;
    struct vlt_rows *page;
    struct store_read *read;
    struct bench b;
    bool more;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, cells, 4);
    page = rows_for(stream, &want);
    read = read_begin(&b.vault);
    assert_int_equal(series_scan(b.series, store_read_view(read), stream, &want,
                                 &at, 100, SIZE_MAX, page, &more),
                     VLT_OK);
    assert_cells(page, &cells[2], 2);
    assert_false(more);
    store_read_end(read);
    vlt_rows_free(page);
    stream_release(stream);
    bench_end(&b);
}

static void
what_arrived_from_a_bound_on_is_not_seen(void **state)
{
    static const struct cell first[] = { { 10, 1 } };
    static const struct cell then[] = { { 5, 2 }, { 20, 3 } };
    struct series_want want = want_all;
    const struct stream *stream;
    struct store_read *read;
    struct vlt_rows *rows;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, first, 1);
    read = read_begin(&b.vault);
    assert_int_equal(series_end(b.series, store_read_view(read), &want.below),
                     VLT_OK);
    store_read_end(read);
    commit_rows(&b, stream, 0, then, 2);
    rows = scan(&b, stream, &want, 10);
    assert_cells(rows, first, 1);
    vlt_rows_free(rows);
    want.every = 100;
    want.stats = SERIES_COUNT;
    rows = scan(&b, stream, &want, 10);
    assert_int_equal(vlt_rows_bits(rows, 0, 0), 1);
    vlt_rows_free(rows);
    stream_release(stream);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_of_any_size_give_the_same_rows),
        cmocka_unit_test(backwards_is_the_same_in_reverse),
        cmocka_unit_test(a_row_on_the_edge_of_an_epoch_is_passed),
        cmocka_unit_test(the_range_is_half_open),
        cmocka_unit_test(a_row_between_two_slices_makes_none_come_twice),
        cmocka_unit_test(a_page_ends_where_its_bytes_do),
        cmocka_unit_test(a_view_shows_what_was_committed_when_it_was_begun),
        cmocka_unit_test(a_filter_leaves_rows_out),
        cmocka_unit_test(a_scan_gives_the_columns_that_were_asked_for),
        cmocka_unit_test(rows_from_before_a_column_have_none_of_it),
        cmocka_unit_test(a_place_that_the_range_has_left_skips_no_row),
        cmocka_unit_test(what_arrived_from_a_bound_on_is_not_seen),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
