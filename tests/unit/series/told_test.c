/* A subscription while rows are packed. */
#include "cells.h"

enum { TOLD_MAX = 200000 };

struct listener {
    struct series_at at;
    struct series_mark mark;
    size_t most;    /* rows of a page; 0: any */
    uint64_t *told; /* owned: values, as bits, in the order they were told */
    size_t count;
};

static void
hear(struct listener *listener, const struct vlt_rows *rows)
{
    for (size_t i = 0; i < vlt_rows_count(rows); i++) {
        assert_true(listener->count < TOLD_MAX);
        listener->told[listener->count++] = vlt_rows_bits(rows, i, 0);
    }
}

/* What came late, page by page, then what came in order. */
static void
listen(struct bench *b, struct cells *cells, const struct stream *stream,
       struct listener *listener)
{
    struct vlt_rows *rows = rows_for(stream, &want_all);
    size_t most =
        listener->most > 0 ? listener->most : 1 + cells_draw(cells, 400);
    bool more = true;
    bool late = true;

    while (late || more) {
        struct store_read *read = read_begin(&b->vault);
        struct series_since since = { .mark = listener->mark,
                                      .before = listener->at.time,
                                      .most_rows = most,
                                      .most_bytes = SIZE_MAX };

        assert_int_equal(series_late(b->series, store_read_view(read), stream,
                                     &want_all, since, rows, &listener->mark),
                         VLT_OK);
        late = vlt_rows_count(rows) > 0;
        if (!late) {
            assert_int_equal(series_scan(b->series, store_read_view(read),
                                         stream, &want_all, &listener->at, most,
                                         SIZE_MAX, rows, &more),
                             VLT_OK);
        }
        hear(listener, rows);
        store_read_end(read);
    }
    vlt_rows_free(rows);
}

static int
by_bits(const void *a, const void *b)
{
    const uint64_t *x = a;
    const uint64_t *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* Each row of the cells was told once. */
static void
assert_told(const struct cells *cells, struct listener *listener)
{
    uint64_t *all = calloc(cells->count + 1, sizeof *all);

    assert_non_null(all);
    for (size_t i = 0; i < cells->count; i++) {
        all[i] = vlt_bits_of(cells->cell[i].value);
    }
    assert_int_equal(listener->count, cells->count);
    qsort(all, cells->count, sizeof *all, by_bits);
    qsort(listener->told, listener->count, sizeof *all, by_bits);
    assert_memory_equal(all, listener->told, cells->count * sizeof *all);
    free(all);
}

static void
a_subscription_is_told_each_row_once_while_they_are_packed(void **state)
{
    static struct cells cells;
    struct listener often = { .at = { .time = VLT_TIME_MIN } };
    struct listener seldom = often;
    const struct stream *stream;
    struct bench b;
    int64_t newest = 100 * VLT_DAY;

    often.told = calloc(TOLD_MAX, sizeof *often.told);
    seldom.told = calloc(TOLD_MAX, sizeof *seldom.told);
    assert_true(often.told != NULL && seldom.told != NULL);
    cells_begin(&b, &cells, 77);
    stream = new_stream(&b, "a");
    while (cells.count < 30000) {
        struct cell cell[300];
        size_t most = cells_draw(&cells, 2) == 0 ? 3 : 300;

        turn_begin(&b);
        cells_put(&b, &cells, stream, cell,
                  cells_batch(&cells, &newest, cell, most));
        turn_commit(&b);
        if (cells_draw(&cells, 3) == 0) {
            listen(&b, &cells, stream, &often);
        }
        if (cells_draw(&cells, 60) == 0) {
            listen(&b, &cells, stream, &seldom);
        }
        if (cells_draw(&cells, 80) == 0) {
            reopen_small(&b);
        }
    }
    listen(&b, &cells, stream, &often);
    listen(&b, &cells, stream, &seldom);
    assert_told(&cells, &often);
    assert_told(&cells, &seldom);
    free(often.told);
    free(seldom.told);
    stream_release(stream);
    bench_end(&b);
}

/* ---- more late rows than are held for one page ---- */

/* Late rows in batches, of which the times lie across each other. */
static size_t
put_late(struct bench *b, const struct stream *stream, const size_t *batch,
         size_t batches)
{
    static struct cell cell[CELLS_MAX];
    size_t all = 0;

    for (size_t k = 0; k < batches; k++) {
        assert_true(batch[k] <= CELLS_MAX);
        for (size_t i = 0; i < batch[k]; i++) {
            cell[i].time = (int64_t)(i * batches + k + 1);
            cell[i].value = (double)all++ / 7;
        }
        commit_rows(b, stream, 0, cell, batch[k]);
    }
    return all;
}

static void
late_rows_beyond_what_is_held_are_told_once(const size_t *batch, size_t batches)
{
    static const struct cell newest[] = { { VLT_DAY, 0.5 } };
    static struct cells cells;
    struct listener listener = { .at = { .time = VLT_TIME_MIN },
                                 .most = 60000 };
    const struct stream *stream;
    struct bench b;
    size_t rows;

    listener.told = calloc(TOLD_MAX, sizeof *listener.told);
    assert_non_null(listener.told);
    cells_begin(&b, &cells, 3);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, newest, 1);
    listen(&b, &cells, stream, &listener);
    rows = put_late(&b, stream, batch, batches);
    for (int64_t i = 1; i < 900; i++) { /* until all of them are packed */
        const struct cell cell[] = { { VLT_DAY + i, 1.5 } };

        commit_rows(&b, stream, 0, cell, 1);
    }
    assert_true(assert_packed_whole(&b).rows >= rows);
    listen(&b, &cells, stream, &listener);
    assert_int_equal(listener.count, rows + 900);
    qsort(listener.told, listener.count, sizeof *listener.told, by_bits);
    for (size_t i = 1; i < listener.count; i++) {
        assert_true(listener.told[i] != listener.told[i - 1] ||
                    listener.told[i] == vlt_bits_of(1.5));
    }
    free(listener.told);
    stream_release(stream);
    bench_end(&b);
}

static void
many_late_rows_of_many_batches_are_each_told_once(void **state)
{
    static const size_t batch[] = { 26000, 26000, 26000, 26000, 26000 };

    late_rows_beyond_what_is_held_are_told_once(batch, 5);
}

static void
many_late_rows_of_few_batches_are_each_told_once(void **state)
{
    static const size_t batch[] = { 32000, 40000, 40000 };

    late_rows_beyond_what_is_held_are_told_once(batch, 3);
}

/* ---- a sweep: what arrived before, and no more ---- */

/* Two rows at a time that is there, in one batch; then so many behind that all
 * of them are packed. */
static void
what_came_later_at_a_time_stays_apart_when_it_is_packed(void **state)
{
    static const struct cell first[] = { { 10, 1 } };
    static const struct cell then[] = { { 10, 2 }, { 10, 3 } };
    static struct cells cells;
    struct series_want want = { .from = 0, .to = 11 };
    const struct stream *stream;
    struct store_read *read;
    struct vlt_rows *rows;
    struct bench b;
    int64_t time = 10;

    cells_begin(&b, &cells, 9);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, first, 1);
    read = read_begin(&b.vault);
    assert_int_equal(series_end(b.series, store_read_view(read), &want.below),
                     VLT_OK);
    store_read_end(read);
    commit_rows(&b, stream, 0, then, 2);
    while (stat_now(&b).chunks == 0) {
        struct cell cell[200];

        for (size_t i = 0; i < 200; i++) {
            cell[i].time = ++time;
            cell[i].value = cells_value(&cells);
        }
        commit_rows(&b, stream, 0, cell, 200);
    }
    rows = scan(&b, stream, &want, 10);
    assert_cells(rows, first, 1);
    vlt_rows_free(rows);
    stream_release(stream);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_subscription_is_told_each_row_once_while_they_are_packed),
        cmocka_unit_test(many_late_rows_of_many_batches_are_each_told_once),
        cmocka_unit_test(many_late_rows_of_few_batches_are_each_told_once),
        cmocka_unit_test(
            what_came_later_at_a_time_stays_apart_when_it_is_packed),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
