/* Rows that were erased, by the one and by their age. */
#include "erases.h"

#include "../store/raw.h"
#include "store/bury.h"

/* ---- repeating what was erased ---- */

static void
a_batch_that_was_erased_does_not_come_back_by_repeating_it(void **state)
{
    struct cell cell[] = { { VLT_DAY, 1 }, { VLT_DAY + 5, 2 } };
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    (void)commit_rows(&b, stream, 77, cell, 2);
    (void)erase(&b, stream, VLT_DAY, VLT_DAY + 1);
    assert_true(commit_rows(&b, stream, 77, cell, 2).duplicate);
    bench_reopen(&b);
    assert_true(commit_rows(&b, stream, 77, cell, 2).duplicate);
    finish(&b);
    bench_reopen(&b);
    assert_true(commit_rows(&b, stream, 77, cell, 2).duplicate);
    assert_holds(&b, stream, &cell[1], 1);

    /* Under another sequence it is a row like any other: so one is mended. */
    cell[0].value = 3;
    assert_int_equal(commit_rows(&b, stream, 78, cell, 1).rows, 1);
    assert_holds(&b, stream, cell, 2);
    stream_release(stream);
    bench_end(&b);
}

/* ---- mending ---- */

/* A subscriber was told all; its newest row is erased and put right. */
static void
mend_newest(bool restarted)
{
    enum { ROWS = 4000, TOLD = 100 };
    static struct cell cell[ROWS];
    struct cell mended;
    const struct stream *stream;
    struct series_mark mark;
    struct store_read *read;
    struct vlt_rows *rows;
    struct bench b;
    uint32_t x = 3;
    uint64_t end;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    for (int i = 0; i < ROWS; i++) {
        cell[i].time = VLT_DAY + i * VLT_SECOND;
        cell[i].value = draw_of(&x, 1 << 24) / 3.0;
    }
    (void)commit_rows(&b, stream, 0, cell, TOLD);
    read = read_begin(&b.vault);
    assert_int_equal(series_end(b.series, store_read_view(read), &end), VLT_OK);
    store_read_end(read);
    mended = (struct cell){ cell[TOLD - 1].time, 7 };
    (void)erase(&b, stream, mended.time, mended.time + 1);
    if (restarted) {
        bench_reopen(&b);
    }
    (void)commit_rows(&b, stream, 0, &mended, 1);
    for (int i = TOLD; i < ROWS; i += 975) { /* so that it is packed */
        (void)commit_rows(&b, stream, 0, &cell[i], 975);
    }
    rows = rows_for(stream, &want_all);
    struct series_since since = { .mark = { .arrival = end },
                                  .before = mended.time + 1,
                                  .most_rows = 100,
                                  .most_bytes = SIZE_MAX };

    read = read_begin(&b.vault);
    assert_int_equal(series_late(b.series, store_read_view(read), stream,
                                 &want_all, since, rows, &mark),
                     VLT_OK);
    store_read_end(read);
    assert_cells(rows, &mended, 1);
    vlt_rows_free(rows);
    stream_release(stream);
    bench_end(&b);
}

static void
who_was_told_of_an_erased_row_is_told_of_what_takes_its_place(void **state)
{
    mend_newest(false);
    mend_newest(true);
}

/* The vault keeps a minute, not the time of a row that is gone. */
static void
after_a_restart_the_minute_of_the_newest_erased_row_is_told(void **state)
{
    static const struct cell old[] = { { VLT_DAY, 1 },
                                       { VLT_DAY + 5 * VLT_SECOND, 2 } };
    static const struct cell late = { VLT_DAY + 59 * VLT_SECOND, 3 };
    static const struct cell next = { VLT_DAY + 61 * VLT_SECOND, 4 };
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    (void)commit_rows(&b, stream, 0, old, 2);
    (void)erase(&b, stream, VLT_DAY + 1, VLT_TIME_MAX);
    finish(&b);
    bench_reopen(&b);
    assert_int_equal(commit_rows(&b, stream, 0, &late, 1).late, 1);
    assert_int_equal(commit_rows(&b, stream, 0, &next, 1).late, 0);
    stream_release(stream);
    bench_end(&b);
}

/* Where the newest row stays, nothing is remembered of others. */
static void
an_erase_in_the_midst_makes_no_row_late(void **state)
{
    static const struct cell old[] = { { VLT_DAY, 1 },
                                       { VLT_DAY + 5 * VLT_SECOND, 2 } };
    static const struct cell next = { VLT_DAY + 6 * VLT_SECOND, 3 };
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    (void)commit_rows(&b, stream, 0, old, 2);
    (void)erase(&b, stream, VLT_DAY, VLT_DAY + 1);
    bench_reopen(&b);
    assert_int_equal(commit_rows(&b, stream, 0, &next, 1).late, 0);
    stream_release(stream);
    bench_end(&b);
}

/* ---- views ---- */

static void
a_view_from_before_is_told_that_it_is_too_old(void **state)
{
    struct cell cell[] = { { VLT_DAY, 1 }, { VLT_DAY + 5, 2 } };
    struct series_at at = at_begin(&want_all);
    const struct stream *stream;
    struct store_read *read;
    struct vlt_rows *rows;
    struct bench b;
    bool more;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    (void)commit_rows(&b, stream, 1, cell, 2);
    rows = rows_for(stream, &want_all);

    /* Burying waits for readers, so this one is ended before it happens. */
    struct series_erased wish = { .from = VLT_DAY, .to = VLT_DAY + 1 };
    struct series_erased out;

    memcpy(wish.stream, stream->id, sizeof wish.stream);
    uint64_t before;

    read = read_begin(&b.vault);
    before = store_view_number(store_read_view(read));
    store_read_end(read);
    assert_false(series_erased_since(b.series, stream->id, before));
    turn_begin(&b);
    assert_int_equal(series_erase(b.series, b.txn, &wish, &out), VLT_OK);
    turn_commit(&b);
    assert_true(series_erased_since(b.series, stream->id, before));
    assert_true(series_erased_since(b.series, stream->id, before + 1));
    assert_false(series_erased_since(b.series, stream->id, before + 2));
    read = read_begin(&b.vault);
    assert_int_equal(series_scan(b.series, store_read_view(read), stream,
                                 &want_all, &at, 10, SIZE_MAX, rows, &more),
                     VLT_OK);
    assert_cells(rows, &cell[1], 1);
    store_read_end(read);
    vlt_rows_free(rows);
    stream_release(stream);
    bench_end(&b);
}

/* ---- age ---- */

static void
whole_epochs_that_were_kept_long_enough_go(void **state)
{
    struct stream wish = wish_of("short", one_value, 1);
    struct series_erased age = { .at = 200 * VLT_DAY };
    struct series_erased out;
    const struct stream *stream = NULL;
    const struct stream *forever;
    struct bench b;
    struct cell cell[7];
    bool any = false;

    for (int i = 0; i < 7; i++) {
        cell[i].time = i * EPOCH + 1;
        cell[i].value = i;
    }
    bench_begin(&b);
    wish.keep = 2 * EPOCH;
    turn_begin(&b);
    assert_int_equal(series_create(b.series, b.txn, &wish, NULL, &stream),
                     VLT_OK);
    turn_commit(&b);
    forever = new_stream(&b, "forever");
    (void)commit_rows(&b, stream, 1, cell, 7);
    (void)commit_rows(&b, forever, 2, cell, 7);

    /* 200 days less 60: epochs 0 to 3 end before. */
    turn_begin(&b);
    assert_int_equal(series_expire(b.series, b.txn, &age, &out, &any), VLT_OK);
    turn_commit(&b);
    assert_true(any && out.by_age);
    assert_int_equal(out.rows, 4);
    assert_holds(&b, stream, &cell[4], 3);
    assert_holds(&b, forever, cell, 7);
    finish(&b);
    bench_reopen(&b);
    assert_holds(&b, stream, &cell[4], 3);
    assert_holds(&b, forever, cell, 7);
    turn_begin(&b);
    assert_int_equal(series_expire(b.series, b.txn, &age, &out, &any), VLT_OK);
    turn_abort(&b);
    assert_false(any);
    (void)assert_packed_whole(&b);
    stream_release(stream);
    stream_release(forever);
    bench_end(&b);
}

/* ---- keys of the epoch to come ---- */

static bool
count_key(void *ctx, const struct store_lane_key *key)
{
    *(int *)ctx += key->epoch == 4;
    return true;
}

static int
keys_of_epoch_4(struct bench *b)
{
    int count = 0;

    store_lane_keys(b->vault.store, count_key, &count);
    return count;
}

static void
keys_ahead(struct bench *b, int64_t now)
{
    turn_begin(b);
    assert_int_equal(series_keys_ahead(b->series, b->txn, now), VLT_OK);
    turn_commit(b);
}

static void
keys_of_the_next_epoch_are_made_when_it_is_near(void **state)
{
    struct cell now = { .time = 3 * EPOCH + 5 };
    struct cell before = { .time = 2 * EPOCH + 5 };
    const struct stream *busy;
    const struct stream *old;
    struct bench b;

    bench_begin(&b);
    busy = new_stream(&b, "busy");
    old = new_stream(&b, "old");
    (void)commit_rows(&b, busy, 1, &now, 1);
    (void)commit_rows(&b, old, 2, &before, 1);
    keys_ahead(&b, 3 * EPOCH + 10 * VLT_DAY);
    assert_int_equal(keys_of_epoch_4(&b), 0);
    keys_ahead(&b, 4 * EPOCH - VLT_DAY);
    assert_int_equal(keys_of_epoch_4(&b), 1); /* the busy one's */
    keys_ahead(&b, 4 * EPOCH - VLT_HOUR);
    assert_int_equal(keys_of_epoch_4(&b), 1);
    stream_release(busy);
    stream_release(old);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_batch_that_was_erased_does_not_come_back_by_repeating_it),
        cmocka_unit_test(
            who_was_told_of_an_erased_row_is_told_of_what_takes_its_place),
        cmocka_unit_test(
            after_a_restart_the_minute_of_the_newest_erased_row_is_told),
        cmocka_unit_test(an_erase_in_the_midst_makes_no_row_late),
        cmocka_unit_test(a_view_from_before_is_told_that_it_is_too_old),
        cmocka_unit_test(whole_epochs_that_were_kept_long_enough_go),
        cmocka_unit_test(keys_of_the_next_epoch_are_made_when_it_is_near),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
