#include "bench.h"

static void
a_row_is_found_after_the_commit(void **state)
{
    static const struct cell cells[] = { { 10, 1.5 }, { 20, -2 } };
    struct series_stored stored;
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "home/power");
    turn_begin(&b);
    stored = append(&b, stream, 1, cells, 2);
    assert_int_equal(stored.rows, 2);
    assert_holds(&b, stream, NULL, 0); /* others do not see it yet */
    turn_commit(&b);
    assert_holds(&b, stream, cells, 2);
    stream_release(stream);
    bench_end(&b);
}

static void
a_repeated_sequence_stores_nothing(void **state)
{
    static const struct cell first[] = { { 10, 1 } };
    static const struct cell other[] = { { 11, 2 } };
    struct series_stored stored;
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 5, first, 1);
    stored = commit_rows(&b, stream, 5, other, 1);
    assert_true(stored.duplicate);
    assert_int_equal(stored.rows, 0);
    assert_holds(&b, stream, first, 1);
    bench_reopen(&b);
    stored = commit_rows(&b, stream, 5, other, 1);
    assert_true(stored.duplicate);
    stored = commit_rows(&b, stream, 6, other, 1);
    assert_false(stored.duplicate);
    assert_int_equal(stored.rows, 1);
    stream_release(stream);
    bench_end(&b);
}

static void
a_repeated_sequence_is_known_within_its_turn(void **state)
{
    static const struct cell cells[] = { { 10, 1 } };
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    turn_begin(&b);
    append(&b, stream, 5, cells, 1);
    assert_true(series_knows(b.series, 1, (const uint8_t[8]){ 7 }, 5));
    assert_true(append(&b, stream, 5, cells, 1).duplicate);
    turn_abort(&b);
    assert_false(series_knows(b.series, 1, (const uint8_t[8]){ 7 }, 5));
    stream_release(stream);
    bench_end(&b);
}

/* No tail tells it, since there is none. */
static void
a_batch_of_which_nothing_was_new_stays_known(void **state)
{
    static const struct cell cells[] = { { 10, 1 } };
    const uint8_t boot[8] = { 7 };
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 5, cells, 1);
    assert_int_equal(commit_rows(&b, stream, 6, cells, 1).equal, 1);
    assert_int_equal(commit_rows(&b, stream, 100, cells, 0).rows, 0);
    turn_begin(&b);
    assert_int_equal(append(&b, stream, 101, cells, 1).equal, 1);
    turn_abort(&b);
    for (int round = 0; round < 2; round++) {
        assert_true(series_knows(b.series, 1, boot, 5));
        assert_true(series_knows(b.series, 1, boot, 6));
        assert_true(series_knows(b.series, 1, boot, 100));
        assert_false(series_knows(b.series, 1, boot, 101));
        assert_false(series_below(b.series, 1, boot, 36));
        assert_true(series_below(b.series, 1, boot, 35));
        assert_false(series_below(b.series, 1, boot, 100));
        bench_reopen(&b);
    }
    stream_release(stream);
    bench_end(&b);
}

static void
equal_rows_are_kept_once(void **state)
{
    static const struct cell cells[] = { { 10, 1 }, { 10, 1 }, { 20, 2 } };
    static const struct cell kept[] = { { 10, 1 }, { 20, 2 } };
    struct series_stored stored;
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    stored = commit_rows(&b, stream, 0, cells, 3);
    assert_int_equal(stored.rows, 2);
    assert_int_equal(stored.equal, 1);
    stored = commit_rows(&b, stream, 0, cells, 3); /* a writer tries again */
    assert_int_equal(stored.rows, 0);
    assert_int_equal(stored.equal, 3);
    assert_holds(&b, stream, kept, 2);
    stream_release(stream);
    bench_end(&b);
}

static void
rows_differ_by_their_last_bit(void **state)
{
    static const struct cell cells[] = { { 10, 0.0 }, { 10, -0.0 } };
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    assert_int_equal(commit_rows(&b, stream, 0, cells, 2).rows, 2);
    assert_holds(&b, stream, cells, 2);
    stream_release(stream);
    bench_end(&b);
}

static void
other_values_at_one_time_are_both_kept(void **state)
{
    static const struct cell first[] = { { 10, 2 } };
    static const struct cell then[] = { { 10, 1 } };
    static const struct cell both[] = { { 10, 2 }, { 10, 1 } };
    struct vlt_rows *last;
    struct series_stored stored;
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, first, 1);
    stored = commit_rows(&b, stream, 0, then, 1);
    assert_int_equal(stored.rows, 1);
    assert_int_equal(stored.late, 0); /* not earlier than the newest */
    assert_holds(&b, stream, both, 2);
    last = last_row(&b, stream);
    assert_cells(last, then, 1); /* the one that arrived last */
    vlt_rows_free(last);
    stream_release(stream);
    bench_end(&b);
}

static void
late_rows_are_counted_and_stand_in_their_place(void **state)
{
    static const struct cell first[] = { { 100, 1 } };
    static const struct cell mixed[] = { { 150, 4 }, { 50, 2 }, { 60, 3 } };
    static const struct cell all[] = {
        { 50, 2 }, { 60, 3 }, { 100, 1 }, { 150, 4 }
    };
    struct series_stored stored;
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    assert_int_equal(commit_rows(&b, stream, 0, first, 1).late, 0);
    stored = commit_rows(&b, stream, 0, mixed, 3);
    assert_int_equal(stored.rows, 3);
    assert_int_equal(stored.late, 2);
    assert_holds(&b, stream, all, 4);
    stream_release(stream);
    bench_end(&b);
}

static void
rows_at_one_time_have_a_limit(void **state)
{
    static struct cell cells[SERIES_EQUAL_TIMES];
    static const struct cell more[] = { { 20, 9 }, { 10, -1 } };
    struct series_stored stored;
    const struct stream *stream;
    struct vlt_rows *rows;
    struct bench b;

    for (size_t i = 0; i < SERIES_EQUAL_TIMES; i++) {
        cells[i] = (struct cell){ 10, (double)i };
    }
    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, cells, SERIES_EQUAL_TIMES);
    turn_begin(&b);
    rows = rows_of(more, 2);
    assert_int_equal(try_append(&b, stream, 3, rows, &stored), VLT_E_CONFLICT);
    vlt_rows_free(rows);
    assert_int_equal(append(&b, stream, 4, cells, 1).equal, 1);
    turn_commit(&b);
    assert_false(series_knows(b.series, 1, (const uint8_t[8]){ 7 }, 3));
    assert_holds(&b, stream, cells, SERIES_EQUAL_TIMES);
    stream_release(stream);
    bench_end(&b);
}

/* Few rows of a time are compared, many are looked up: it is one answer. */
static void
rows_at_one_time_are_told_apart_however_many(void **state)
{
    enum { TIMES = 40, MOST = 1000 };
    static struct cell cells[MOST];
    const struct stream *stream;
    struct series_stored stored;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    for (size_t count = 1; count <= TIMES; count++) {
        int64_t time = (int64_t)count * 10;

        for (size_t i = 0; i < 2 * count; i++) {
            cells[i] = (struct cell){ time, (double)(i / 2) - 1 };
        }
        /* The second of each pair, and -1, 0, 1, … when they come again. */
        stored = commit_rows(&b, stream, 0, cells, 2 * count);
        assert_int_equal(stored.rows, count);
        assert_int_equal(stored.equal, count);
        for (size_t i = 0; i < 2 * count; i++) {
            cells[i].value = (double)i - 1;
        }
        stored = commit_rows(&b, stream, 0, cells, 2 * count);
        assert_int_equal(stored.rows, count);
        assert_int_equal(stored.equal, count);
    }
    stream_release(stream);
    bench_end(&b);
}

/* One part may be taken and the other not: then neither is. */
static void
a_batch_is_stored_whole_or_not_at_all(void **state)
{
    static struct cell full[SERIES_EQUAL_TIMES];
    static const struct cell good[] = { { 5, 5 } };
    static const struct cell bad[] = { { 10, -1 } };
    const struct stream *a;
    const struct stream *c;
    struct series_stored stored;
    struct bench b;

    for (size_t i = 0; i < SERIES_EQUAL_TIMES; i++) {
        full[i] = (struct cell){ 10, (double)i };
    }
    bench_begin(&b);
    a = new_stream(&b, "a");
    c = new_stream(&b, "c");
    commit_rows(&b, c, 0, full, SERIES_EQUAL_TIMES);

    struct series_part parts[] = {
        { .stream = a, .rows = rows_of(good, 1) },
        { .stream = c, .rows = rows_of(bad, 1) },
    };
    struct series_batch batch = {
        .source = 1, .seq = 9, .parts = 2, .part = parts
    };

    turn_begin(&b);
    assert_int_equal(series_append(b.series, b.txn, &batch, &stored),
                     VLT_E_CONFLICT);
    turn_commit(&b); /* the turn goes on */
    assert_holds(&b, a, NULL, 0);
    bench_reopen(&b);
    assert_holds(&b, a, NULL, 0);
    vlt_rows_free((struct vlt_rows *)(uintptr_t)parts[0].rows);
    vlt_rows_free((struct vlt_rows *)(uintptr_t)parts[1].rows);
    stream_release(a);
    stream_release(c);
    bench_end(&b);
}

static void
columns_of_another_type_are_refused(void **state)
{
    static const struct vlt_field wrong[] = { { 0, VLT_TYPE_I64 },
                                              { 3, VLT_TYPE_F64 } };
    const struct stream *stream;
    struct series_stored stored;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    turn_begin(&b);
    for (size_t i = 0; i < 2; i++) {
        struct vlt_schema schema = { .fields = &wrong[i], .count = 1 };
        struct vlt_rows *rows;

        assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
        assert_int_equal(vlt_rows_add(rows, 10), VLT_OK);
        vlt_rows_set(rows, 0, 1);
        assert_int_equal(try_append(&b, stream, 0, rows, &stored),
                         VLT_E_FORMAT);
        vlt_rows_free(rows);
    }
    turn_commit(&b);
    assert_holds(&b, stream, NULL, 0);
    stream_release(stream);
    bench_end(&b);
}

static void
a_row_that_fits_no_record_is_refused_alone(void **state)
{
    static const struct stream_column texts[] = {
        { .id = 0, .type = VLT_TYPE_TEXT, .name = "a" },
        { .id = 1, .type = VLT_TYPE_TEXT, .name = "b" },
        { .id = 2, .type = VLT_TYPE_TEXT, .name = "c" },
        { .id = 3, .type = VLT_TYPE_TEXT, .name = "d" },
        { .id = 4, .type = VLT_TYPE_TEXT, .name = "e" },
    };
    static char text[VLT_VALUE_MAX];
    struct stream wish = wish_of("t", texts, 5);
    const struct stream *stream;
    struct series_stored stored;
    struct vlt_rows *rows;
    uint32_t x = 1;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    assert_int_equal(series_create(b.series, b.txn, &wish, NULL, &stream),
                     VLT_OK);
    rows = rows_for(stream, &want_all);
    assert_int_equal(vlt_rows_add(rows, 10), VLT_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(vlt_rows_add(rows, 20), VLT_OK);
        for (size_t c = 0; i == 1 && c < 5; c++) {
            for (size_t j = 0; j < sizeof text; j++) {
                x = x * 1664525 + 1013904223;
                text[j] = (char)('!' + (x >> 24) % 90);
            }
            assert_int_equal(
                vlt_rows_set_text(rows, c, vlt_slice_of(text, sizeof text)),
                VLT_OK);
        }
    }
    assert_int_equal(try_append(&b, stream, 0, rows, &stored), VLT_E_LIMIT);
    turn_commit(&b);
    vlt_rows_free(rows);
    rows = scan(&b, stream, &want_all, 10);
    assert_int_equal(vlt_rows_count(rows), 0);
    vlt_rows_free(rows);
    stream_release(stream);
    bench_end(&b);
}

static uint64_t
tails(struct bench *b)
{
    struct store_read *read = read_begin(&b->vault);
    struct store_stat stat;

    assert_int_equal(store_view_stat(store_read_view(read), &stat), VLT_OK);
    store_read_end(read);
    return stat.tails;
}

/* A lane's key is that of one epoch. */
static void
a_batch_is_cut_at_the_ends_of_epochs(void **state)
{
    const int64_t epoch = 30 * VLT_DAY;
    const struct cell cells[] = {
        { -epoch - 1, 1 }, { -1, 2 }, { 0, 3 }, { epoch - 1, 4 }, { epoch, 5 },
    };
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    assert_int_equal(commit_rows(&b, stream, 0, cells, 5).rows, 5);
    assert_int_equal(tails(&b), 4);
    assert_holds(&b, stream, cells, 5);
    stream_release(stream);
    bench_end(&b);
}

static void
nothing_is_left_of_a_turn_that_is_undone(void **state)
{
    static const struct cell before[] = { { 10, 1 } };
    static const struct cell undone[] = { { 5, 2 }, { 20, 3 } };
    static const struct cell after[] = { { 7, 4 } };
    static const struct cell all[] = { { 7, 4 }, { 10, 1 } };
    struct vlt_rows *last;
    const struct stream *stream;
    struct series_totals totals;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 1, before, 1);
    turn_begin(&b);
    append(&b, stream, 2, undone, 2);
    stream_release(make_stream(&b, "never"));
    turn_abort(&b);
    assert_null(series_by_name(b.series, vlt_slice_text("never")));
    series_totals(b.series, &totals);
    assert_int_equal(totals.streams, 1);
    assert_int_equal(totals.rows, 1);
    last = last_row(&b, stream);
    assert_cells(last, before, 1);
    vlt_rows_free(last);
    assert_int_equal(commit_rows(&b, stream, 2, after, 1).rows, 1);
    assert_holds(&b, stream, all, 2);
    stream_release(stream);
    bench_end(&b);
}

static void
note(void *ctx, const uint8_t id[VLT_ID_LEN], int64_t first, int64_t last)
{
    int64_t *seen = ctx;

    (void)id;
    seen[0]++;
    seen[1] = first;
    seen[2] = last;
}

static void
a_turn_tells_which_streams_got_rows(void **state)
{
    static const struct cell one[] = { { 20, 1 } };
    static const struct cell two[] = { { 10, 1 }, { 40, 3 } };
    const struct stream *stream;
    int64_t seen[3] = { 0 };
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    turn_begin(&b);
    append(&b, stream, 0, one, 1);
    append(&b, stream, 0, two, 2);
    stream_release(make_stream(&b, "empty"));
    series_touched(b.series, note, seen);
    turn_commit(&b);
    assert_int_equal(seen[0], 1);
    assert_int_equal(seen[1], 10);
    assert_int_equal(seen[2], 40);
    seen[0] = 0;
    series_touched(b.series, note, seen);
    assert_int_equal(seen[0], 0);
    stream_release(stream);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_found_after_the_commit),
        cmocka_unit_test(a_repeated_sequence_stores_nothing),
        cmocka_unit_test(a_repeated_sequence_is_known_within_its_turn),
        cmocka_unit_test(a_batch_of_which_nothing_was_new_stays_known),
        cmocka_unit_test(equal_rows_are_kept_once),
        cmocka_unit_test(rows_differ_by_their_last_bit),
        cmocka_unit_test(other_values_at_one_time_are_both_kept),
        cmocka_unit_test(late_rows_are_counted_and_stand_in_their_place),
        cmocka_unit_test(rows_at_one_time_have_a_limit),
        cmocka_unit_test(rows_at_one_time_are_told_apart_however_many),
        cmocka_unit_test(a_batch_is_stored_whole_or_not_at_all),
        cmocka_unit_test(columns_of_another_type_are_refused),
        cmocka_unit_test(a_row_that_fits_no_record_is_refused_alone),
        cmocka_unit_test(a_batch_is_cut_at_the_ends_of_epochs),
        cmocka_unit_test(nothing_is_left_of_a_turn_that_is_undone),
        cmocka_unit_test(a_turn_tells_which_streams_got_rows),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
