#include "bench.h"

enum {
    LONG_BATCH = 4096,
    LONG_BATCHES = 280, /* more records than a slice opens */
};

/* A slice that gives nothing ends all the same, between two buckets, so that
 * others come first; the next ones go on behind it. */
static void
a_filter_that_lets_nothing_through_holds_up_nobody(void **state)
{
    static struct cell cells[LONG_BATCH];
    struct series_want want = { .from = 0,
                                .to = LONG_BATCH * LONG_BATCHES,
                                .every = 1000,
                                .stats = SERIES_SUM,
                                .where_count = 1,
                                .where = { { 0, SERIES_GT, 1 } } };
    struct series_at at = at_begin(&want);
    const struct stream *stream;
    struct vlt_rows *rows;
    unsigned slices = 0;
    bool more = true;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    turn_begin(&b);
    for (int64_t batch = 0; batch < LONG_BATCHES; batch++) {
        for (int64_t i = 0; i < LONG_BATCH; i++) {
            cells[i] = (struct cell){ batch * LONG_BATCH + i, 1 };
        }
        (void)append(&b, stream, 0, cells, LONG_BATCH);
    }
    turn_commit(&b);
    rows = rows_for(stream, &want);
    for (; more; slices++) {
        struct store_read *read = read_begin(&b.vault);

        assert_int_equal(series_scan(b.series, store_read_view(read), stream,
                                     &want, &at, 10, SIZE_MAX, rows, &more),
                         VLT_OK);
        assert_int_equal(vlt_rows_count(rows), 0);
        assert_true(store_view_opened(store_read_view(read)) <
                    LONG_BATCHES + 10);
        assert_true(!more || (at.time > 0 && at.time % 1000 == 0));
        store_read_end(read);
    }
    assert_int_equal(slices, 2);
    vlt_rows_free(rows);
    stream_release(stream);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_filter_that_lets_nothing_through_holds_up_nobody),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
