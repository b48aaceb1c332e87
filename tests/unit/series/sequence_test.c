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
        cmocka_unit_test(a_turn_that_is_undone_knows_nothing_more),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
