/* However chunks are merged, rows of one time stay in order of arrival, and
 * equal ones are stored once. */
#include "model.h"

#include "series/pack_internal.h"

enum { MOST = 1500 };

/* A few rows of one day; now and then many, or some of several days. */
static struct vlt_rows *
any_rows(uint32_t *x, uint32_t *values, int64_t day)
{
    static struct cell cell[MOST];
    uint32_t kind = draw_of(x, 25);
    size_t count = 1 + draw_of(x, kind == 0 ? MOST : 20);
    uint32_t days = kind == 1 ? 8 : 1;
    struct vlt_rows *rows;

    for (size_t i = 0; i < count; i++) {
        cell[i].time = (day + draw_of(x, days)) * VLT_DAY +
                       (int64_t)draw_of(x, 40) * VLT_MINUTE;
        cell[i].value = ++*values / 3.0;
    }
    rows = rows_of(cell, count);
    assert_int_equal(vlt_rows_sort(rows), VLT_OK);
    return rows;
}

typedef enum vlt_status tidy_fn(struct lane_work *work);

/* As a turn empties a lane, with so many chunks that it may still put. */
static void
empty(struct bench *b, const struct stream *stream, size_t left, tidy_fn *tidy)
{
    struct slot *slot = series_slot(b->series, stream->id);
    struct lane_work work;
    bool whole = false;
    uint64_t end;

    assert_int_equal(store_tail_next(store_txn_view(b->txn), &end), VLT_OK);
    assert_int_equal(work_begin(b->series, b->txn, slot->lane[0], &left, &work),
                     VLT_OK);
    assert_int_equal(pack_before(&work, end, &whole), VLT_OK);
    assert_true(whole);
    assert_int_equal(tidy(&work), VLT_OK);
    assert_int_equal(work_end(&work), VLT_OK);
    work_free(&work);
}

/* The epoch is over: turn by turn what is short becomes full. */
static void
end_epoch(struct bench *b, const struct model *model)
{
    struct lane_record record = lane_now(b, model->stream, 0);

    while (record.shorts > 0) {
        size_t before = record.shorts;

        turn_begin(b);
        empty(b, model->stream, 2, tidy_epoch);
        turn_commit(b);
        assert_model(b, model, 5000);
        lane_record_free(&record);
        record = lane_now(b, model->stream, 0);
        assert_true(record.shorts < before);
    }
    assert_int_equal(record.rows, model->committed);
    lane_record_free(&record);
}

/* Batches at times that are mostly taken, for a while on one day of an epoch,
 * then on another; emptied by turns that have much or little left. */
static void
run(uint32_t seed)
{
    uint32_t x = seed;
    uint32_t values = 0;
    struct model model;
    struct bench b;
    int64_t day = 0;

    bench_begin(&b);
    model_begin(&model, new_stream(&b, "a"));
    for (int turn = 0; turn < 300; turn++) {
        struct vlt_rows *rows;

        if (draw_of(&x, 10) == 0) {
            day = draw_of(&x, 8);
        }
        rows = any_rows(&x, &values, day);
        turn_begin(&b);
        model_put(&b, &model, rows);
        empty(&b, model.stream, 1 + draw_of(&x, 2), tidy_lane);
        turn_commit(&b);
        model_commit(&model);
        vlt_rows_free(rows);
        if (turn % 10 == 9) {
            assert_model(&b, &model, 5000);
        }
    }
    end_epoch(&b, &model);
    (void)assert_packed_whole(&b);
    model_end(&model);
    bench_end(&b);
}

static void
rows_of_one_time_stay_in_order_of_arrival(void **state)
{
    for (uint32_t seed = 1; seed < 6; seed++) {
        run(seed);
    }
}

/* Of one batch; where rows are all apart none is looked at. */
static void
a_row_that_stands_twice_is_seen_wherever_it_is(void **state)
{
    enum { COUNT = 300 };
    static struct cell cell[COUNT];
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    for (size_t at = 1; at < COUNT; at++) {
        struct series_stored stored;

        for (size_t i = 0; i < COUNT; i++) {
            cell[i].time = (int64_t)(i < at ? i : i - 1);
            cell[i].value = (double)cell[i].time;
        }
        turn_begin(&b);
        stored = append(&b, stream, 0, cell, COUNT);
        assert_int_equal(stored.rows, COUNT - 1);
        assert_int_equal(stored.equal, 1);
        turn_abort(&b);
    }
    stream_release(stream);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_one_time_stay_in_order_of_arrival),
        cmocka_unit_test(a_row_that_stands_twice_is_seen_wherever_it_is),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
