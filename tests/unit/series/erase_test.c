/* What is erased is nowhere, and nothing else is missing. */
#include "erases.h"

#include "../store/raw.h"
#include "series/tomb.h"

enum { STREAMS = 3 };

/* ---- streams whose rows are known ---- */

struct world {
    struct bench b;
    struct cells cells[STREAMS];
    const struct stream *stream[STREAMS];
    int64_t newest[STREAMS];
    struct cells dice;
};

static void
world_begin(struct world *w, uint32_t seed)
{
    static const char *const names[STREAMS] = { "a", "b", "c" };

    cells_begin(&w->b, &w->dice, seed);
    for (size_t i = 0; i < STREAMS; i++) {
        w->cells[i].count = 0;
        w->cells[i].committed = 0;
        w->cells[i].x = seed + (uint32_t)i + 1;
        w->newest[i] = 100 * VLT_DAY;
        w->stream[i] = new_stream(&w->b, names[i]);
    }
}

static void
world_end(struct world *w)
{
    for (size_t i = 0; i < STREAMS; i++) {
        stream_release(w->stream[i]);
    }
    bench_end(&w->b);
}

static void
world_append(struct world *w)
{
    size_t i = cells_draw(&w->dice, STREAMS);
    struct cell cell[300];
    size_t count = cells_batch(&w->cells[i], &w->newest[i], cell, 300);

    turn_begin(&w->b);
    cells_put(&w->b, &w->cells[i], w->stream[i], cell, count);
    turn_commit(&w->b);
    w->cells[i].committed = w->cells[i].count;
}

/* Take them out of what should be there.  How many they were. */
static size_t
forget(struct cells *cells, int64_t from, int64_t to)
{
    size_t kept = 0;
    size_t before = cells->count;

    for (size_t i = 0; i < cells->count; i++) {
        if (cells->cell[i].time < from || cells->cell[i].time >= to) {
            cells->cell[kept++] = cells->cell[i];
        }
    }
    cells->count = kept;
    cells->committed = kept;
    return before - kept;
}

static void
assert_world(struct world *w)
{
    for (size_t i = 0; i < STREAMS; i++) {
        assert_cells_in(&w->b, &w->cells[i], w->stream[i],
                        500 + cells_draw(&w->dice, 4000));
    }
    (void)assert_packed_whole(&w->b);
}

/* A range of any length about where rows are, now and then at the ends of
 * epochs. */
static void
draw_range(struct world *w, int64_t *from, int64_t *to)
{
    int64_t length = (int64_t)cells_draw(&w->dice, 1 << 22) * VLT_SECOND;

    *from = 60 * VLT_DAY + (int64_t)cells_draw(&w->dice, 45 * 24) * VLT_HOUR;
    *to = *from + 1 + length;
    if (cells_draw(&w->dice, 3) == 0) {
        *from = epoch_begin(epoch_of(*from));
    }
    if (cells_draw(&w->dice, 3) == 0) {
        *to = epoch_begin(epoch_of(*to) + 1);
    }
}

static void
world_erase(struct world *w)
{
    size_t i = cells_draw(&w->dice, STREAMS);
    int64_t from;
    int64_t to;

    draw_range(w, &from, &to);
    struct series_erased erased = erase(&w->b, w->stream[i], from, to);

    assert_int_equal(erased.rows, forget(&w->cells[i], from, to));
    assert_int_equal(erased.state, SERIES_ERASE_PENDING);
}

static void
run(uint32_t seed)
{
    static struct world world;
    struct world *w = &world;

    world_begin(w, seed);
    for (int i = 0; i < 250; i++) {
        uint32_t what = cells_draw(&w->dice, 100);

        if (what < 70) {
            world_append(w);
        } else if (what < 78) {
            world_erase(w);
        } else if (what < 94) {
            (void)step(&w->b);
        } else if (what < 97) {
            reopen_small(&w->b);
        } else {
            assert_world(w);
        }
    }
    assert_world(w);
    finish(&w->b);
    assert_world(w);
    reopen_small(&w->b);
    assert_world(w);
    assert_int_equal(series_erase_next(w->b.series), SERIES_ERASE_NOTHING);
    world_end(w);
}

static void
any_ranges_at_any_time_leave_the_other_rows(void **state)
{
    for (uint32_t seed = 1; seed <= 6; seed++) {
        run(seed);
    }
}

/* ---- a whole stream ---- */

static void
fill_streams(struct world *w)
{
    for (int i = 0; i < 120; i++) {
        world_append(w);
    }
}

static void
an_erased_stream_is_not_there(void **state)
{
    static struct world w;
    struct vlt_slice name = vlt_slice_text("b");

    world_begin(&w, 9);
    fill_streams(&w);
    struct series_erased erased =
        erase(&w.b, w.stream[1], INT64_MIN, INT64_MAX);

    assert_int_equal(erased.rows, w.cells[1].committed);
    assert_null(series_by_name(w.b.series, name));
    assert_null(series_by_id(w.b.series, w.stream[1]->id));
    w.cells[1].committed = 0;
    assert_world(&w); /* a scan of it gives nothing */
    reopen_small(&w.b);
    assert_null(series_by_name(w.b.series, name));
    assert_world(&w);
    finish(&w.b);
    assert_world(&w);

    /* One of that name is another. */
    const struct stream *again = new_stream(&w.b, "b");

    assert_memory_not_equal(again->id, w.stream[1]->id, VLT_ID_LEN);
    assert_holds(&w.b, again, NULL, 0);
    stream_release(again);
    world_end(&w);
}

static void
a_turn_that_is_undone_has_erased_nothing(void **state)
{
    static struct world w;
    struct series_erased wish = { .whole = true, .at = VLT_DAY };
    struct series_erased out;

    world_begin(&w, 10);
    fill_streams(&w);
    memcpy(wish.stream, w.stream[0]->id, sizeof wish.stream);
    for (int i = 0; i < 2; i++) {
        wish.whole = i == 0;
        wish.from = 0;
        wish.to = 101 * VLT_DAY;
        turn_begin(&w.b);
        assert_int_equal(series_erase(w.b.series, w.b.txn, &wish, &out),
                         VLT_OK);
        turn_abort(&w.b);
        assert_world(&w);
    }
    assert_int_equal(series_erase_next(w.b.series), SERIES_ERASE_NOTHING);
    fill_streams(&w);
    assert_world(&w);
    world_end(&w);
}

static void
what_is_not_there_cannot_be_erased(void **state)
{
    struct series_erased wish = { .whole = true, .stream = { 1 } };
    struct series_erased out;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    assert_int_equal(series_erase(b.series, b.txn, &wish, &out),
                     VLT_E_NOT_FOUND);
    turn_abort(&b);
    bench_end(&b);
}

static void
a_range_without_an_end_is_still_one_after_a_restart(void **state)
{
    struct cell cell[] = { { VLT_DAY, 1 }, { 2 * VLT_DAY, 2 } };
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    (void)commit_rows(&b, stream, 1, cell, 2);
    (void)erase(&b, stream, 2 * VLT_DAY, VLT_TIME_MAX);
    bench_reopen(&b);
    assert_holds(&b, stream, cell, 1);
    (void)erase(&b, stream, VLT_TIME_MIN, VLT_DAY + 1);
    bench_reopen(&b);
    assert_holds(&b, stream, cell, 0);
    finish(&b);
    bench_reopen(&b);
    stream_release(stream);
    bench_end(&b);
}

/* A turn whose erase failed on its way, as for want of room, is undone with all
 * that it had begun. */
static void
an_erase_that_failed_leaves_no_trace_for_the_next(void **state)
{
    struct cell cell[3];
    struct series_erased wish = { .whole = false, .at = VLT_DAY };
    struct series_erased out;
    const struct stream *stream;
    struct bench b;

    for (int i = 0; i < 3; i++) {
        cell[i] = (struct cell){ epoch_begin(10 + i) + VLT_DAY, i };
    }
    bench_begin(&b);
    stream = new_stream(&b, "a");
    (void)commit_rows(&b, stream, 1, cell, 3);
    memcpy(wish.stream, stream->id, sizeof wish.stream);
    wish.from = epoch_begin(10);
    wish.to = epoch_begin(12);
    turn_begin(&b);
    assert_int_equal(series_erase(b.series, b.txn, &wish, &out), VLT_OK);
    /* As if what it does last, to put the tombstone, had failed. */
    tomb_free(b.series->turn_tomb);
    b.series->turn_tomb = NULL;
    turn_abort(&b);
    (void)erase(&b, stream, epoch_begin(12), epoch_begin(13));
    assert_holds(&b, stream, cell, 2);
    finish(&b);
    bench_reopen(&b);
    assert_holds(&b, stream, cell, 2);
    stream_release(stream);
    bench_end(&b);
}

/* ---- on the disk ---- */

static void
when_it_is_complete_no_record_is_under_a_key_that_is_gone(void **state)
{
    static struct world w;

    world_begin(&w, 11);
    fill_streams(&w);
    (void)erase(&w.b, w.stream[0], INT64_MIN, INT64_MAX);
    (void)erase(&w.b, w.stream[2], 0, 102 * VLT_DAY);
    finish(&w.b);
    /* Without tombstones to explain them such records would be faults. */
    series_free(w.b.series);
    vault_close(&w.b.vault);
    vault_open(&w.b.vault);
    struct store_read *read = read_begin(&w.b.vault);
    struct store_check found;

    assert_int_equal(store_check(store_read_view(read), NULL, &found), VLT_OK);
    store_read_end(read);
    bench_load(&w.b);
    world_end(&w);
}

static void
before_it_is_complete_they_are_known_by_the_tombstone_alone(void **state)
{
    static struct world w;
    struct store_read *read;
    struct store_check found;

    world_begin(&w, 12);
    fill_streams(&w);
    (void)erase(&w.b, w.stream[0], INT64_MIN, INT64_MAX);
    destroy_keys(&w.b);
    series_free(w.b.series);
    vault_close(&w.b.vault);
    vault_open(&w.b.vault);
    read = read_begin(&w.b.vault);
    assert_int_equal(store_check(store_read_view(read), NULL, &found),
                     VLT_E_AUTH);
    assert_true(found.bad > 10);
    store_read_end(read);
    bench_load(&w.b);
    (void)assert_packed_whole(&w.b);
    world_end(&w);
}

/* A copy from before an erase has what is to be gone. */
static void
a_compaction_that_an_erase_came_into_completes_nothing(void **state)
{
    static struct world w;
    struct store_compaction *c = NULL;
    bool more;

    world_begin(&w, 13);
    fill_streams(&w);
    (void)erase(&w.b, w.stream[0], INT64_MIN, INT64_MAX);
    (void)forget(&w.cells[0], INT64_MIN, INT64_MAX);
    while (series_erase_next(w.b.series) != SERIES_ERASE_COMPACT) {
        assert_true(step(&w.b));
    }
    assert_int_equal(series_erase_compact(w.b.series, NULL, NULL, &c), VLT_OK);
    assert_int_equal(store_compact_work(c, NULL), VLT_OK);
    (void)erase(&w.b, w.stream[1], 0, 102 * VLT_DAY);
    assert_int_equal(series_erase_compacted(w.b.series, c, NULL, &more),
                     VLT_E_CONFLICT);
    store_compact_free(c);
    assert_int_equal(series_erase_next(w.b.series), SERIES_ERASE_KEYS);
    finish(&w.b);
    (void)assert_packed_whole(&w.b);
    world_end(&w);
}

/* A copy from before the sweep has records that nothing opens, and once all is
 * complete nothing says why. */
static void
nothing_is_compacted_that_is_not_swept(void **state)
{
    static struct world w;
    struct store_compaction *c = NULL;

    world_begin(&w, 17);
    fill_streams(&w);
    (void)erase(&w.b, w.stream[0], INT64_MIN, INT64_MAX);
    (void)forget(&w.cells[0], INT64_MIN, INT64_MAX);
    while (series_erase_next(w.b.series) != SERIES_ERASE_COMPACT) {
        assert_true(step(&w.b));
    }
    (void)erase(&w.b, w.stream[1], INT64_MIN, INT64_MAX);
    (void)forget(&w.cells[1], INT64_MIN, INT64_MAX);
    assert_int_equal(series_erase_compact(w.b.series, NULL, NULL, &c),
                     VLT_E_CONFLICT);
    destroy_keys(&w.b);
    assert_int_equal(series_erase_compact(w.b.series, NULL, NULL, &c),
                     VLT_E_CONFLICT);
    finish(&w.b);
    (void)assert_packed_whole(&w.b);
    world_end(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_ranges_at_any_time_leave_the_other_rows),
        cmocka_unit_test(an_erased_stream_is_not_there),
        cmocka_unit_test(a_turn_that_is_undone_has_erased_nothing),
        cmocka_unit_test(what_is_not_there_cannot_be_erased),
        cmocka_unit_test(a_range_without_an_end_is_still_one_after_a_restart),
        cmocka_unit_test(an_erase_that_failed_leaves_no_trace_for_the_next),
        cmocka_unit_test(
            when_it_is_complete_no_record_is_under_a_key_that_is_gone),
        cmocka_unit_test(
            before_it_is_complete_they_are_known_by_the_tombstone_alone),
        cmocka_unit_test(
            a_compaction_that_an_erase_came_into_completes_nothing),
        cmocka_unit_test(nothing_is_compacted_that_is_not_swept),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
