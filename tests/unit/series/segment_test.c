/* Segments of tails come and go; what was known of their rows stays known. */
#include "model.h"

/* ---- many streams ---- */

enum { STREAMS = 300 };

/* One batch with a row, or more, of every stream. */
static void
commit_all(struct bench *b, struct model *models, int64_t time)
{
    static struct series_part part[STREAMS];
    struct series_batch batch = { .parts = STREAMS, .part = part };
    struct series_stored out;

    turn_begin(b);
    for (int i = 0; i < STREAMS; i++) {
        struct cell cell[2] = { { time, i }, { time + 1, (double)time } };

        part[i].stream = models[i].stream;
        part[i].rows = rows_of(cell, 2);
    }
    assert_int_equal(series_append(b->series, b->txn, &batch, &out), VLT_OK);
    assert_int_equal(out.rows, 2 * STREAMS);
    for (int i = 0; i < STREAMS; i++) {
        assert_int_equal(vlt_rows_append(models[i].rows, part[i].rows,
                                         vlt_rows_all(part[i].rows)),
                         VLT_OK);
        model_commit(&models[i]);
        vlt_rows_free((struct vlt_rows *)(uintptr_t)part[i].rows);
    }
    turn_commit(b);
}

static void
a_segment_of_many_streams_is_emptied_over_several_turns(void **state)
{
    static struct model models[STREAMS];
    const struct stream *other;
    struct bench b;
    int turns = 0;

    bench_begin_small(&b);
    other = new_stream(&b, "other");
    turn_begin(&b);
    for (int i = 0; i < STREAMS; i++) {
        char name[16];

        (void)snprintf(name, sizeof name, "s%d", i);
        model_begin(&models[i], make_stream(&b, name));
    }
    turn_commit(&b);
    commit_all(&b, models, VLT_HOUR); /* more records than a segment has */
    commit_all(&b, models, 2 * VLT_HOUR);

    uint64_t first = b.series->first;

    for (; b.series->first == first; turns++) {
        struct cell cell = { .time = turns, .value = turns };
        uint64_t chunks = stat_now(&b).chunks;

        (void)commit_rows(&b, other, 0, &cell, 1);
        assert_true(stat_now(&b).chunks <= chunks + 64);
        for (int i = turns % 7; i < STREAMS; i += 7) {
            assert_model(&b, &models[i], 100);
        }
    }
    assert_true(turns >= 3);
    drop_segments(&b, other, 2);
    reopen_small(&b);
    for (int i = 0; i < STREAMS; i++) {
        assert_model(&b, &models[i], 3);
        model_end(&models[i]);
    }
    (void)assert_packed_whole(&b);
    stream_release(other);
    bench_end(&b);
}

/* ---- a turn that fails ---- */

/* Rows that nothing makes small. */
static struct vlt_rows *
any_rows(uint32_t *x, int64_t *time)
{
    struct cell cell[700];

    for (size_t i = 0; i < 700; i++) {
        cell[i].time = *time += VLT_SECOND;
        cell[i].value = draw_of(x, 1 << 24) / 3.0;
    }
    return rows_of(cell, 700);
}

/* A turn that may fail, and is undone then; *packing: that is where. */
static enum vlt_status
try_turn(struct bench *b, struct model *model, const struct vlt_rows *rows,
         bool *packing)
{
    struct series_stored out;
    enum vlt_status st;

    turn_begin(b);
    st = try_append(b, model->stream, 0, rows, &out);
    *packing = st == VLT_OK;
    if (st == VLT_OK) {
        st = series_pack(b->series, b->txn);
    }
    if (st != VLT_OK) {
        turn_abort(b);
        return st;
    }
    *packing = false;
    st = store_txn_commit(b->txn);
    series_turn_end(b->series, st == VLT_OK);
    if (st == VLT_OK) {
        assert_int_equal(vlt_rows_append(model->rows, rows, vlt_rows_all(rows)),
                         VLT_OK);
        model_commit(model);
    }
    return st;
}

/* The vault, with room for so many bytes. */
static void
begin_tight(struct bench *b, uint64_t bytes)
{
    struct store_limits limits = { .map = bytes };

    bench_begin(b);
    series_free(b->series);
    vault_close(&b->vault);
    assert_int_equal(store_open(b->vault.path, &limits, NULL, &b->vault.store),
                     VLT_OK);
    assert_int_equal(vault_try_unlock(&b->vault, NULL), VLT_OK);
    bench_load(b);
    small_segments(b, 64 << 10, 60);
}

static void
a_turn_that_a_full_map_ends_leaves_what_was_there(void **state)
{
    struct model model;
    struct bench b;
    uint32_t x = 3;
    int64_t time = 0;
    int packing = 0;

    begin_tight(&b, UINT64_C(3) << 20);
    model_begin(&model, new_stream(&b, "a"));
    for (int failed = 0; failed < 5;) {
        struct vlt_rows *rows = any_rows(&x, &time);
        bool here = false;

        if (try_turn(&b, &model, rows, &here) != VLT_OK) {
            failed++;
            packing += here;
            assert_model(&b, &model, 5000);
        }
        vlt_rows_free(rows);
    }
    assert_true(model.committed > 10000);
    assert_true(packing > 0);
    (void)assert_packed_whole(&b);
    reopen_small(&b); /* with more room */
    assert_model(&b, &model, 5000);
    model_end(&model);
    bench_end(&b);
}

/* ---- sources ---- */

static struct series_stored
commit_from(struct bench *b, const struct stream *stream, uint32_t source,
            uint64_t seq, const struct cell *cell, size_t count)
{
    struct vlt_rows *rows = rows_of(cell, count);
    struct series_part part = { .stream = stream, .rows = rows };
    struct series_batch batch = {
        .source = source, .boot = { 7 }, .seq = seq, .parts = 1, .part = &part
    };
    struct series_stored out;

    turn_begin(b);
    assert_int_equal(series_append(b->series, b->txn, &batch, &out), VLT_OK);
    turn_commit(b);
    vlt_rows_free(rows);
    return out;
}

static void
a_sequence_stays_known_when_its_tail_is_gone(void **state)
{
    const struct stream *stream;
    const struct stream *other;
    struct bench b;
    const uint8_t boot[8] = { 7 };

    bench_begin_small(&b);
    stream = new_stream(&b, "a");
    other = new_stream(&b, "other");
    for (uint64_t seq = 1; seq < 20; seq += 2) {
        struct cell cell = { .time = (int64_t)seq, .value = 1 };

        assert_false(commit_from(&b, stream, 3, seq, &cell, 1).duplicate);
    }
    for (int round = 0; round < 4; round++) {
        struct cell cell = { .time = 1000 + round, .value = 1 };

        for (uint64_t seq = 1; seq < 20; seq++) {
            assert_int_equal(series_knows(b.series, 3, boot, seq), seq % 2);
        }
        assert_false(series_knows(b.series, 3, boot, 20));
        assert_false(series_knows(b.series, 4, boot, 1));
        assert_true(commit_from(&b, stream, 3, 19, &cell, 1).duplicate);
        drop_segments(&b, other, 3);
        if (round % 2 == 1) {
            reopen_small(&b);
        }
    }
    assert_true(stat_now(&b).tails <= 4 * SEGMENT_FEW);
    stream_release(stream);
    stream_release(other);
    bench_end(&b);
}

static void
assert_counts(struct bench *b, const struct series_source *expected)
{
    struct series_source found[5];

    series_sources(b->series, found, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(found[i].rows, expected[i].rows);
        assert_int_equal(found[i].last, expected[i].last);
    }
}

static void
the_rows_of_each_source_are_counted_over_drops_and_restarts(void **state)
{
    struct series_source expected[5] = { { 0 } };
    const struct stream *streams[3];
    struct bench b;
    uint32_t x = 11;

    bench_begin_small(&b);
    streams[0] = new_stream(&b, "a");
    streams[1] = new_stream(&b, "b");
    streams[2] = new_stream(&b, "c");
    for (int turn = 0; turn < 200; turn++) {
        uint32_t source = draw_of(&x, 4);
        struct series_source *at = &expected[source];
        int64_t time = (int64_t)draw_of(&x, 90) * VLT_DAY - 40 * VLT_DAY;
        struct cell cell[2] = { { time, turn }, { time + 1, turn } };

        (void)commit_from(&b, streams[draw_of(&x, 3)], source, 0, cell, 2);
        at->last = at->rows == 0 || time + 1 > at->last ? time + 1 : at->last;
        at->rows += 2;
        assert_counts(&b, expected);
        if (draw_of(&x, 30) == 0) {
            reopen_small(&b);
            assert_counts(&b, expected);
        }
    }
    assert_true(b.series->first > 150);
    for (int i = 0; i < 3; i++) {
        stream_release(streams[i]);
    }
    bench_end(&b);
}

/* ---- old views ---- */

static void
a_view_sees_the_same_after_one_drop_and_is_too_old_after_two(void **state)
{
    const struct stream *stream;
    const struct stream *other;
    struct bench b;
    struct cell cell[3] = { { 10, 1 }, { 20, 2 }, { 20, 3 } };
    bool more;

    bench_begin_small(&b);
    stream = new_stream(&b, "a");
    other = new_stream(&b, "other");
    (void)commit_rows(&b, stream, 0, cell, 3);

    struct store_read *read = read_begin(&b.vault);
    struct vlt_rows *rows = rows_for(stream, &want_all);

    for (int drops = 0; drops < 4; drops++) {
        struct series_at at = at_begin(&want_all);
        enum vlt_status st =
            series_scan(b.series, store_read_view(read), stream, &want_all, &at,
                        100, SIZE_MAX, rows, &more);

        assert_int_equal(st, drops < 2 ? VLT_OK : VLT_E_BUSY);
        if (st == VLT_OK) {
            assert_cells(rows, cell, 3);
        }
        drop_segments(&b, other, 1);
    }
    vlt_rows_free(rows);
    store_read_end(read);
    assert_holds(&b, stream, cell, 3);
    stream_release(stream);
    stream_release(other);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_segment_of_many_streams_is_emptied_over_several_turns),
        cmocka_unit_test(a_turn_that_a_full_map_ends_leaves_what_was_there),
        cmocka_unit_test(a_sequence_stays_known_when_its_tail_is_gone),
        cmocka_unit_test(
            the_rows_of_each_source_are_counted_over_drops_and_restarts),
        cmocka_unit_test(
            a_view_sees_the_same_after_one_drop_and_is_too_old_after_two),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
