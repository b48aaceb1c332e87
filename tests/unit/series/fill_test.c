/* How much waits in the tails until it is packed. */
#include "bench.h"

#include "series/series_internal.h"

enum {
    BATCH = 2000,
    BATCHES = 100,
    WAITING = 40000, /* rows: a chunk of these holds about 12,000 */
};

/* Power in steps of 0.1 W, a row a second. */
static void
put_power(struct bench *b, const struct stream *stream, size_t from)
{
    static struct cell cell[BATCH];

    for (size_t i = 0; i < BATCH; i++) {
        cell[i].time = (int64_t)(from + i) * VLT_SECOND +
                       (int64_t)((from + i) * 7919 % 4) * (VLT_SECOND / 1000);
        cell[i].value = (double)(2300 + (from + i) * 104729 % 61) / 10;
    }
    assert_int_equal(commit_rows(b, stream, 0, cell, BATCH).rows, BATCH);
}

static uint64_t
rows_in_chunks(struct bench *b)
{
    struct store_read *read = read_begin(&b->vault);
    struct series_check found;

    assert_int_equal(
        series_check(b->series, store_read_view(read), NULL, &found), VLT_OK);
    store_read_end(read);
    return found.rows;
}

/* Rows that pack well: what fills a chunk is expected from what filled one. */
static void
rows_that_fill_a_chunk_do_not_wait_for_more(void **state)
{
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    for (size_t i = 0; i < BATCHES; i++) {
        put_power(&b, stream, i * BATCH);
        if (i % 10 == 9) {
            assert_true((i + 1) * BATCH - rows_in_chunks(&b) < WAITING);
        }
    }
    stream_release(stream);
    bench_end(&b);
}

/* ---- sums ---- */

/* A filter that all rows pass: so the rows themselves are summed up. */
static struct vlt_rows *
sums_of_rows(struct bench *b, const struct stream *stream,
             struct series_want want)
{
    want.where_count = 1;
    want.where[0] = (struct series_where){ .compare = SERIES_GT };
    return scan(b, stream, &want, 1000);
}

/* Each small segment leaves a short chunk between full ones; when these are
 * merged, what they become lies across them. */
static void
sums_beside_chunks_that_lie_across_full_ones_are_the_same(void **state)
{
    static const unsigned stats[] = {
        SERIES_MEAN | SERIES_MIN | SERIES_MAX | SERIES_SUM | SERIES_COUNT,
        SERIES_STATS,
    };
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    b.series->limits = (struct pack_limits){ .least = 1 << 20,
                                             .most = 1 << 20,
                                             .records = 17 };
    stream = new_stream(&b, "a");
    for (size_t i = 0; i < 2 * BATCHES; i++) {
        put_power(&b, stream, i * BATCH);
    }
    for (size_t i = 0; i < 2; i++) {
        struct series_want want = { .to = 2 * BATCHES * BATCH * VLT_SECOND,
                                    .every = VLT_HOUR,
                                    .stats = stats[i] };
        struct vlt_rows *summed = scan(&b, stream, &want, 1000);
        struct vlt_rows *rows = sums_of_rows(&b, stream, want);

        assert_true(vlt_rows_same(summed, rows));
        assert_int_equal(vlt_rows_count(rows), 2 * BATCHES * BATCH / 3600 + 1);
        vlt_rows_free(summed);
        vlt_rows_free(rows);
    }
    stream_release(stream);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_that_fill_a_chunk_do_not_wait_for_more),
        cmocka_unit_test(
            sums_beside_chunks_that_lie_across_full_ones_are_the_same),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
