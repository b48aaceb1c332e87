/* What comes while chunks are made beside the turns is neither lost nor brought
 * back. */
#include "besides.h"

/* ---- what comes meanwhile ---- */

/* How many jobs were made. */
static size_t
run_anyhow(uint32_t seed)
{
    static struct cells cells;
    const struct stream *stream;
    struct bench b;
    int64_t newest = 100 * VLT_DAY;
    size_t made = 0;

    cells_begin(&b, &cells, seed);
    by_hand(&b);
    stream = new_stream(&b, "a");
    while (cells.count < 38000) {
        struct cell cell[300];
        size_t before = cells.count;
        int64_t was = newest;
        bool late = cells_draw(&cells, 50) == 0;
        size_t count = late ? cells_batch(&cells, &newest, cell, 300) : 0;

        for (; count < 200 && !late; count++) {
            cell[count].time = newest += VLT_SECOND;
            cell[count].value = cells_value(&cells);
        }
        turn_begin(&b);
        cells_put(&b, &cells, stream, cell, count);
        if (cells_draw(&cells, 10) == 0) {
            assert_int_equal(series_pack(b.series, b.txn), VLT_OK);
            turn_abort(&b);
            cells.count = before;
            newest = was;
            continue;
        }
        turn_commit(&b);
        cells.committed = cells.count;
        made += cells_draw(&cells, 3) > 0 && beside_step(b.series->beside);
        if (cells_draw(&cells, 60) == 0) {
            reopen_small(&b);
            by_hand(&b);
            assert_cells_in(&b, &cells, stream, 2000);
        }
    }
    assert_cells_in(&b, &cells, stream, 3000);
    (void)assert_packed_whole(&b);
    reopen_small(&b);
    assert_cells_in(&b, &cells, stream, 3000);
    stream_release(stream);
    bench_end(&b);
    return made;
}

static void
rows_that_come_anyhow_and_turns_that_are_undone_lose_nothing(void **state)
{
    size_t made = 0;

    for (uint32_t seed = 2; seed < 8; seed++) {
        made += run_anyhow(seed);
    }
    assert_true(made >= 10);
}

static void
a_late_row_that_came_meanwhile_is_late_among_what_was_made(void **state)
{
    static struct cells cells;
    const struct stream *stream;
    struct bench b;
    int64_t time = START;

    begin_beside(&b, &cells, 5);
    stream = new_stream(&b, "a");
    put_until_given(&b, &cells, stream, &time);
    put_late(&b, &cells, stream, time - 200 * VLT_SECOND);
    assert_int_equal(make_all(&b), 1);
    put_on(&b, &cells, stream, &time, VLT_SECOND, 1);
    assert_true(stat_now(&b).chunks > 0);
    end_whole(&b, &cells, stream);
}

/* Others get the arrivals of its tails. */
static void
what_was_given_in_a_turn_that_is_undone_is_dropped(void **state)
{
    static struct cells cells;
    const struct stream *stream;
    struct bench b;
    int64_t time = START;

    begin_beside(&b, &cells, 13);
    stream = new_stream(&b, "a");
    for (bool given = false; !given;) {
        struct cell cell[400];

        for (size_t i = 0; i < 400; i++) {
            cell[i].time = time += VLT_SECOND;
            cell[i].value = cells_value(&cells);
        }
        turn_begin(&b);
        cells_put(&b, &cells, stream, cell, 400);
        assert_int_equal(series_pack(b.series, b.txn), VLT_OK);
        given = is_given(&b, stream, time);
        if (given) {
            turn_abort(&b);
            cells.count = cells.committed;
        } else {
            txn_commit(b.txn);
            series_turn_end(b.series, true);
            cells.committed = cells.count;
        }
    }
    assert_false(is_given(&b, stream, time));
    assert_int_equal(make_all(&b), 0);
    for (int i = 0; i < 3; i++) {
        put_on(&b, &cells, stream, &time, VLT_SECOND, 400);
        (void)make_all(&b);
    }
    assert_true(stat_now(&b).chunks > 0);
    end_whole(&b, &cells, stream);
}

static void
a_column_that_came_meanwhile_is_in_the_summaries(void **state)
{
    static struct cells cells;
    const struct stream *stream;
    const struct stream *wider = NULL;
    struct bench b;
    int64_t time = START;

    begin_beside(&b, &cells, 6);
    stream = new_stream(&b, "a");
    put_until_given(&b, &cells, stream, &time);
    assert_int_equal(make_all(&b), 1);
    turn_begin(&b);
    assert_int_equal(series_add_column(b.series, b.txn, stream->id,
                                       vlt_slice_text("more"), VLT_TYPE_I64,
                                       &wider),
                     VLT_OK);
    turn_commit(&b);
    put_on(&b, &cells, stream, &time, VLT_SECOND, 1);
    assert_int_equal(stat_now(&b).chunks, 0); /* made for another schema */
    assert_int_equal(make_all(&b), 1);
    put_on(&b, &cells, stream, &time, VLT_SECOND, 1);
    assert_true(stat_now(&b).chunks > 0);
    assert_cells_in(&b, &cells, stream, 3000);
    (void)assert_packed_whole(&b);
    stream_release(stream);
    stream_release(wider);
    bench_end(&b);
}

static void
what_was_made_of_a_lane_that_was_packed_meanwhile_is_dropped(void **state)
{
    static struct cells cells;
    const struct stream *stream;
    struct beside *beside;
    struct bench b;
    int64_t time = START;

    begin_beside(&b, &cells, 12);
    stream = new_stream(&b, "a");
    put_until_given(&b, &cells, stream, &time);
    assert_int_equal(make_all(&b), 1);
    beside = b.series->beside;
    b.series->beside = NULL;
    put_on(&b, &cells, stream, &time, VLT_SECOND, 400);
    assert_true(stat_now(&b).chunks > 0);
    b.series->beside = beside;
    put_on(&b, &cells, stream, &time, VLT_SECOND, 400);
    assert_null(beside_take(beside));
    end_whole(&b, &cells, stream);
}

/* ---- what is erased meanwhile ---- */

static void
keep_but(struct cells *cells, int64_t from, int64_t to)
{
    size_t kept = 0;

    for (size_t i = 0; i < cells->count; i++) {
        if (cells->cell[i].time < from || cells->cell[i].time >= to) {
            cells->cell[kept++] = cells->cell[i];
        }
    }
    cells->count = kept;
    cells->committed = kept;
}

/* Chunks of a lane are made; then it is erased from a time on. */
static void
erase_made(int64_t from, int64_t to)
{
    static struct cells cells;
    const struct stream *stream;
    struct bench b;
    int64_t time = START;

    begin_beside(&b, &cells, 7);
    stream = new_stream(&b, "a");
    put_until_given(&b, &cells, stream, &time);
    assert_int_equal(make_all(&b), 1);
    assert_true(erase(&b, stream, from, to).rows > 0);
    assert_false(is_given(&b, stream, time)); /* nor are they in memory */
    keep_but(&cells, from, to);
    for (int i = 0; i < 30; i++) {
        put_on(&b, &cells, stream, &time, VLT_SECOND, 400);
        (void)make_all(&b);
    }
    assert_cells_in(&b, &cells, stream, 3000);
    finish(&b);
    end_whole(&b, &cells, stream);
}

static void
what_was_erased_meanwhile_does_not_come_back(void **state)
{
    erase_made(epoch_begin(0), epoch_begin(1)); /* the lane and its key */
    erase_made(START + 500 * VLT_SECOND, START + 600 * VLT_SECOND);
}

static void
a_stream_that_was_erased_meanwhile_is_gone(void **state)
{
    static struct cells cells;
    const struct stream *stream;
    const struct stream *other;
    struct cell cell = { 1, 1 };
    struct bench b;
    int64_t time = START;

    begin_beside(&b, &cells, 8);
    stream = new_stream(&b, "a");
    other = new_stream(&b, "b");
    put_until_given(&b, &cells, stream, &time);
    (void)erase(&b, stream, INT64_MIN, INT64_MAX);
    assert_int_equal(make_all(&b), 0);
    (void)commit_rows(&b, other, 0, &cell, 1);
    finish(&b);
    assert_int_equal(stat_now(&b).chunks, 1); /* of the other one */
    assert_holds(&b, other, &cell, 1);
    stream_release(stream);
    stream_release(other);
    bench_end(&b);
}

/* ---- which lanes are given ---- */

/* Two chunks' worth of them would be more than are held at once. */
static void
rows_of_a_bit_each_are_packed_too(void **state)
{
    static struct cell cell[5000];
    const struct stream *stream;
    struct bench b;
    int64_t time = START;

    bench_begin(&b);
    by_hand(&b);
    stream = new_stream(&b, "a");
    for (int batch = 0; batch < 70; batch++) {
        for (size_t i = 0; i < 5000; i++) {
            cell[i] = (struct cell){ time += VLT_SECOND, (double)(i % 2) };
        }
        turn_begin(&b);
        assert_int_equal(append(&b, stream, 0, cell, 5000).rows, 5000);
        turn_commit(&b);
        (void)make_all(&b);
    }
    assert_true(stat_now(&b).chunks > 0);
    stream_release(stream);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_a_bit_each_are_packed_too),
        cmocka_unit_test(
            rows_that_come_anyhow_and_turns_that_are_undone_lose_nothing),
        cmocka_unit_test(
            a_late_row_that_came_meanwhile_is_late_among_what_was_made),
        cmocka_unit_test(what_was_given_in_a_turn_that_is_undone_is_dropped),
        cmocka_unit_test(a_column_that_came_meanwhile_is_in_the_summaries),
        cmocka_unit_test(
            what_was_made_of_a_lane_that_was_packed_meanwhile_is_dropped),
        cmocka_unit_test(what_was_erased_meanwhile_does_not_come_back),
        cmocka_unit_test(a_stream_that_was_erased_meanwhile_is_gone),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
