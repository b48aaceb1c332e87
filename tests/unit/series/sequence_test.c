#include "bench.h"

static const struct cell *
next_cell(void)
{
    static struct cell cell;

    cell.time++;
    return &cell;
}

static bool
stores(struct bench *b, const struct stream *stream, uint8_t boot, uint64_t seq)
{
    struct vlt_rows *rows = rows_of(next_cell(), 1);
    struct series_part part = { .stream = stream, .rows = rows };
    struct series_batch batch = {
        .source = 3, .boot = { boot }, .seq = seq, .parts = 1, .part = &part
    };
    struct series_stored out;

    assert_int_equal(series_append(b->series, b->txn, &batch, &out), VLT_OK);
    vlt_rows_free(rows);
    return !out.duplicate;
}

static bool
knows(struct bench *b, uint8_t boot, uint64_t seq)
{
    return series_knows(b->series, 3, (const uint8_t[8]){ boot }, seq);
}

/* Those that came out of order are told apart 64 below the highest. */
static void
the_window_is_64_below_the_highest(void **state)
{
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    turn_begin(&b);
    assert_true(stores(&b, stream, 1, 100));
    assert_false(knows(&b, 1, 36));
    assert_true(knows(&b, 1, 35)); /* below the window nothing is new */
    assert_true(stores(&b, stream, 1, 36));
    assert_false(stores(&b, stream, 1, 36));
    assert_true(stores(&b, stream, 1, 99));
    assert_true(stores(&b, stream, 1, 101));
    assert_true(knows(&b, 1, 36)); /* now below it */
    for (uint64_t seq = 37; seq < 102; seq++) {
        assert_int_equal(knows(&b, 1, seq), seq >= 99);
    }
    assert_true(stores(&b, stream, 1, 165)); /* 101 is the last it reaches */
    assert_true(knows(&b, 1, 101));
    assert_true(knows(&b, 1, 100));
    assert_false(knows(&b, 1, 102));
    assert_true(stores(&b, stream, 1, 1000));
    assert_false(knows(&b, 1, 936));
    assert_true(knows(&b, 1, 935));
    turn_commit(&b);
    stream_release(stream);
    bench_end(&b);
}

static void
zero_is_no_sequence(void **state)
{
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    turn_begin(&b);
    assert_true(stores(&b, stream, 1, 0));
    assert_true(stores(&b, stream, 1, 0));
    turn_commit(&b);
    stream_release(stream);
    bench_end(&b);
}

static void
the_last_four_boots_are_known(void **state)
{
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    turn_begin(&b);
    for (uint8_t boot = 1; boot <= 5; boot++) {
        assert_true(stores(&b, stream, boot, 1));
    }
    assert_false(knows(&b, 1, 1));
    for (uint8_t boot = 2; boot <= 5; boot++) {
        assert_true(knows(&b, boot, 1));
    }
    turn_commit(&b);
    bench_reopen(&b);
    assert_false(knows(&b, 1, 1));
    assert_true(knows(&b, 2, 1));
    stream_release(stream);
    bench_end(&b);
}

static bool
below(struct bench *b, uint8_t boot, uint64_t seq)
{
    return series_below(b->series, 3, (const uint8_t[8]){ boot }, seq);
}

/* They are not known, since a writer may come back to one; whoever has one boot
 * at a time is told. */
static void
boots_that_gave_way_are_told_from_new_ones(void **state)
{
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    turn_begin(&b);
    for (uint8_t boot = 1; boot <= 8; boot++) {
        assert_true(stores(&b, stream, boot, 100));
    }
    turn_commit(&b);
    for (int round = 0; round < 2; round++) {
        for (uint8_t boot = 1; boot <= 9; boot++) {
            assert_int_equal(below(&b, boot, 101), boot <= 4);
            assert_int_equal(below(&b, boot, 35), boot <= 8);
            assert_false(below(&b, boot, 0));
        }
        bench_reopen(&b);
    }
    turn_begin(&b);
    assert_true(stores(&b, stream, 2, 101)); /* which drives out the fifth */
    assert_true(stores(&b, stream, 9, 0));   /* no number, no boot */
    turn_commit(&b);
    for (int round = 0; round < 2; round++) {
        for (uint8_t boot = 1; boot <= 9; boot++) {
            assert_int_equal(below(&b, boot, 101),
                             boot == 1 || (boot >= 3 && boot <= 5));
            assert_int_equal(knows(&b, boot, 101), boot == 2);
        }
        bench_reopen(&b);
    }
    stream_release(stream);
    bench_end(&b);
}

static void
only_so_many_of_the_past_are_remembered(void **state)
{
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    turn_begin(&b);
    for (unsigned i = 0; i < 4 + 256 + 1; i++) {
        const struct cell cell = { 1000 + i, 1 };
        struct vlt_rows *rows = rows_of(&cell, 1);
        struct series_part part = { .stream = stream, .rows = rows };
        struct series_batch batch = { .source = 3,
                                      .boot = { 1, (uint8_t)i,
                                                (uint8_t)(i >> 8) },
                                      .seq = 1,
                                      .parts = 1,
                                      .part = &part };
        struct series_stored out;

        assert_int_equal(series_append(b.series, b.txn, &batch, &out), VLT_OK);
        vlt_rows_free(rows);
    }
    turn_commit(&b);
    assert_false(series_below(b.series, 3, (const uint8_t[8]){ 1 }, 1));
    assert_true(series_below(b.series, 3, (const uint8_t[8]){ 1, 1 }, 1));
    assert_true(series_below(b.series, 3, (const uint8_t[8]){ 1, 0, 1 }, 1));
    stream_release(stream);
    bench_end(&b);
}

static void
a_turn_that_is_undone_knows_nothing_more(void **state)
{
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    turn_begin(&b);
    assert_true(stores(&b, stream, 1, 10));
    turn_commit(&b);
    turn_begin(&b);
    assert_true(stores(&b, stream, 1, 500));
    assert_true(stores(&b, stream, 2, 1));
    turn_abort(&b);
    assert_true(knows(&b, 1, 10));
    assert_false(knows(&b, 1, 9));
    assert_false(knows(&b, 1, 500));
    assert_false(knows(&b, 2, 1));
    stream_release(stream);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_window_is_64_below_the_highest),
        cmocka_unit_test(zero_is_no_sequence),
        cmocka_unit_test(the_last_four_boots_are_known),
        cmocka_unit_test(boots_that_gave_way_are_told_from_new_ones),
        cmocka_unit_test(only_so_many_of_the_past_are_remembered),
        cmocka_unit_test(a_turn_that_is_undone_knows_nothing_more),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
