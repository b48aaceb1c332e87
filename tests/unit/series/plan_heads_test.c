/* Of a lane with many heads those are opened that a page may need. */
#include "model.h"

enum {
    BATCH = 4096,
    BATCHES = 160,
    ROWS = BATCH * BATCHES,
    PAGE = 10000,
};

/* Values that take all of their bits, so that chunks are many. */
static double
value_of(int64_t time)
{
    uint64_t mixed = (uint64_t)time * UINT64_C(0x9e3779b97f4a7c15);

    return (double)(mixed >> 12) / 7;
}

struct long_lane {
    struct bench b;
    const struct stream *stream;
    size_t heads;
};

/* One epoch, with many heads, and tails behind them. */
static void
begin(struct long_lane *lane)
{
    static struct cell cells[BATCH];
    struct lane_record record;

    bench_begin(&lane->b);
    lane->stream = new_stream(&lane->b, "a");
    for (int64_t batch = 0; batch < BATCHES; batch++) {
        for (int64_t i = 0; i < BATCH; i++) {
            int64_t time = batch * BATCH + i;

            cells[i] = (struct cell){ time, value_of(time) };
        }
        commit_rows(&lane->b, lane->stream, 0, cells, BATCH);
    }
    record = lane_now(&lane->b, lane->stream, 0);
    lane->heads = record.heads;
    lane_record_free(&record);
    assert_true(lane->heads > 5);
}

static void
end(struct long_lane *lane)
{
    stream_release(lane->stream);
    bench_end(&lane->b);
}

/* Records that the first page of so many rows takes. */
static uint64_t
opened_for(struct long_lane *lane, const struct series_want *want, size_t rows)
{
    struct store_read *read = read_begin(&lane->b.vault);
    struct vlt_rows *page = rows_for(lane->stream, want);
    struct series_at at = at_begin(want);
    uint64_t opened;
    bool more = false;

    assert_int_equal(series_scan(lane->b.series, store_read_view(read),
                                 lane->stream, want, &at, rows, SIZE_MAX, page,
                                 &more),
                     VLT_OK);
    assert_int_equal(vlt_rows_count(page), rows);
    assert_true(more);
    opened = store_view_opened(store_read_view(read));
    vlt_rows_free(page);
    store_read_end(read);
    return opened;
}

static const struct series_want upwards = { .from = VLT_TIME_MIN,
                                            .to = VLT_TIME_MAX };
static const struct series_want downwards = { .from = VLT_TIME_MIN,
                                              .to = VLT_TIME_MAX,
                                              .descending = true };

static void
a_page_opens_only_the_heads_that_it_may_need(void **state)
{
    struct long_lane lane;

    begin(&lane);
    assert_true(opened_for(&lane, &downwards, 1) < lane.heads);
    assert_true(opened_for(&lane, &upwards, 1) < lane.heads);
    end(&lane);
}

/* Page by page all rows come, in order, each once. */
static void
all_rows_come_page_by_page(void **state)
{
    struct long_lane lane;

    begin(&lane);
    for (int down = 0; down < 2; down++) {
        struct vlt_rows *rows =
            scan(&lane.b, lane.stream, down ? &downwards : &upwards, PAGE);
        const int64_t *times = vlt_rows_times(rows);

        assert_int_equal(vlt_rows_count(rows), ROWS);
        for (int64_t i = 0; i < ROWS; i++) {
            int64_t time = down ? ROWS - 1 - i : i;

            assert_int_equal(times[i], time);
            assert_true(vlt_rows_bits(rows, (size_t)i, 0) ==
                        vlt_bits_of(value_of(time)));
        }
        vlt_rows_free(rows);
    }
    end(&lane);
}

/* Rows that came late lie in tails and heads before others of the same times.
 */
static void
late_rows_stand_among_those_of_other_heads(void **state)
{
    static struct cell cells[BATCHES];
    struct long_lane lane;
    struct vlt_rows *rows;

    begin(&lane);
    for (int64_t i = 0; i < BATCHES; i++) {
        cells[i] = (struct cell){ i * BATCH + 7, -1 };
    }
    commit_rows(&lane.b, lane.stream, 0, cells, BATCHES);
    for (int down = 0; down < 2; down++) {
        size_t late = 0;

        rows = scan(&lane.b, lane.stream, down ? &downwards : &upwards, PAGE);
        assert_int_equal(vlt_rows_count(rows), ROWS + BATCHES);
        for (size_t i = 0; i < ROWS + BATCHES; i++) {
            int64_t time = vlt_rows_times(rows)[i];

            late += vlt_rows_bits(rows, i, 0) == vlt_bits_of(-1);
            if (i > 0) {
                int64_t before = vlt_rows_times(rows)[i - 1];

                assert_true(down ? before >= time : before <= time);
            }
        }
        assert_int_equal(late, BATCHES);
        vlt_rows_free(rows);
    }
    end(&lane);
}

/* Three pages of ten rows, each time once. */
static void
assert_goes_on(struct long_lane *lane, const struct series_want *want,
               int64_t begin)
{
    struct vlt_rows *page = rows_for(lane->stream, want);
    struct series_at at = at_begin(want);
    int64_t step = want->descending ? -1 : 1;
    bool more = true;

    for (int64_t given = 0; given < 30;) {
        struct store_read *read = read_begin(&lane->b.vault);

        assert_int_equal(series_scan(lane->b.series, store_read_view(read),
                                     lane->stream, want, &at, 10, SIZE_MAX,
                                     page, &more),
                         VLT_OK);
        store_read_end(read);
        assert_true(vlt_rows_count(page) > 0);
        for (size_t i = 0; i < vlt_rows_count(page); i++, given++) {
            assert_int_equal(vlt_rows_times(page)[i], begin + step * given);
        }
    }
    vlt_rows_free(page);
}

/* A record that has many rows may have one in the range: then what is before
 * the next head is less than enough. */
static void
what_is_less_than_enough_goes_on_in_the_next_head(void **state)
{
    struct long_lane lane;
    struct lane_record record;

    begin(&lane);
    record = lane_now(&lane.b, lane.stream, 0);
    for (size_t i = 1; i + 1 < record.heads; i++) {
        struct series_want up = upwards;
        struct series_want down = downwards;

        up.from = record.head[i].last;
        down.to = record.head[i].first + 1;
        assert_goes_on(&lane, &up, up.from);
        assert_goes_on(&lane, &down, down.to - 1);
    }
    lane_record_free(&record);
    end(&lane);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_opens_only_the_heads_that_it_may_need),
        cmocka_unit_test(all_rows_come_page_by_page),
        cmocka_unit_test(late_rows_stand_among_those_of_other_heads),
        cmocka_unit_test(what_is_less_than_enough_goes_on_in_the_next_head),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
