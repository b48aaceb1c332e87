/* What is packed answers as it did before. */
#include "cells.h"

#include "../store/raw.h"

/* ---- rows that come in order ---- */

static void
rows_in_order_leave_the_tails_and_stay_in_the_answer(void **state)
{
    static struct cells cells;
    const struct stream *stream;
    struct bench b;
    int64_t time = VLT_DAY;

    cells_begin(&b, &cells, 1);
    stream = new_stream(&b, "a");
    for (int turn = 0; turn < 60; turn++) {
        struct cell cell[400];

        for (size_t i = 0; i < 400; i++) {
            cell[i].time = time += VLT_SECOND;
            cell[i].value = cells_value(&cells);
        }
        turn_begin(&b);
        cells_put(&b, &cells, stream, cell, 400);
        turn_commit(&b);
        cells.committed = cells.count;
        if (turn % 20 == 19) {
            assert_cells_in(&b, &cells, stream, 777);
        }
    }
    struct store_stat stat = stat_now(&b);

    assert_true(stat.chunks >= 9);
    assert_true(stat.tails < 60);
    (void)assert_packed_whole(&b);
    reopen_small(&b);
    assert_cells_in(&b, &cells, stream, 5000);
    stream_release(stream);
    bench_end(&b);
}

/* ---- rows that come anyhow ---- */

static void
run_anyhow(uint32_t seed)
{
    static struct cells cells;
    const struct stream *stream;
    struct bench b;
    int64_t newest = 100 * VLT_DAY;

    cells_begin(&b, &cells, seed);
    stream = new_stream(&b, "a");
    while (cells.count < 20000) {
        uint32_t batches = 1 + cells_draw(&cells, 3);
        size_t before = cells.count;
        int64_t was = newest;

        turn_begin(&b);
        for (uint32_t i = 0; i < batches; i++) {
            struct cell cell[300];
            size_t most = cells_draw(&cells, 2) == 0 ? 3 : 300;

            cells_put(&b, &cells, stream, cell,
                      cells_batch(&cells, &newest, cell, most));
        }
        if (cells_draw(&cells, 10) == 0) {
            assert_int_equal(series_pack(b.series, b.txn), VLT_OK);
            turn_abort(&b);
            cells.count = before;
            newest = was;
            continue;
        }
        turn_commit(&b);
        cells.committed = cells.count;
        if (cells_draw(&cells, 40) == 0) {
            assert_cells_in(&b, &cells, stream, 100 + cells_draw(&cells, 5000));
        }
        if (cells_draw(&cells, 60) == 0) {
            reopen_small(&b);
        }
    }
    assert_cells_in(&b, &cells, stream, 3000);
    (void)assert_packed_whole(&b);
    struct store_stat stat = stat_now(&b);

    assert_true(stat.chunks > 5 && stat.heads > 0 && stat.rolls > 0);
    reopen_small(&b);
    assert_cells_in(&b, &cells, stream, 3000);
    stream_release(stream);
    bench_end(&b);
}

static void
rows_in_any_order_are_each_there_once_in_order_of_arrival(void **state)
{
    for (uint32_t seed = 2; seed < 6; seed++) {
        run_anyhow(seed);
    }
}

/* ---- what does not open ---- */

/* Change a byte of the second chunk on the disk. */
static void
damage(struct bench *b)
{
    struct pack_limits limits = b->series->limits;
    struct vlt_buf key;
    struct vlt_buf value;

    vlt_buf_init(&key, 0);
    vlt_buf_init(&value, 0);
    series_free(b->series);
    vault_close(&b->vault);
    assert_true(raw_copy(&b->vault, "chunk", 1, &key, &value));
    value.at[value.len / 2] ^= 1;
    raw_put(&b->vault, "chunk", vlt_buf_slice(&key), vlt_buf_slice(&value));
    vlt_buf_free(&key);
    vlt_buf_free(&value);
    vault_open(&b->vault);
    bench_load(b);
    b->series->limits = limits;
}

/* A row on either side of that chunk, and one of another stream: false, the
 * turn was undone. */
static bool
put_around(struct bench *b, const struct stream *stream,
           const struct stream *other, int64_t i)
{
    const struct cell around[] = {
        { VLT_DAY + 500 * VLT_SECOND + i, 1 },
        { VLT_DAY + 5500 * VLT_SECOND + i, 2 },
    };
    enum vlt_status st;

    turn_begin(b);
    append(b, stream, 0, around, 2);
    append(b, other, 0, around, 1);
    st = series_pack(b->series, b->txn);
    if (st != VLT_OK) {
        assert_int_equal(st, VLT_E_STORAGE);
        turn_abort(b);
        return false;
    }
    txn_commit(b->txn);
    series_turn_end(b->series, true);
    return true;
}

static void
a_damaged_chunk_holds_up_nothing_but_its_own_stream(void **state)
{
    static struct cells cells;
    const struct stream *stream;
    const struct stream *other;
    struct vlt_rows *rows;
    struct bench b;
    size_t undone = 0;

    cells_begin(&b, &cells, 5);
    stream = new_stream(&b, "a");
    other = new_stream(&b, "b");
    for (int64_t turn = 0; turn < 20; turn++) {
        struct cell cell[300];

        for (int64_t i = 0; i < 300; i++) {
            cell[i].time = VLT_DAY + (300 * turn + i) * VLT_SECOND;
            cell[i].value = cells_value(&cells);
        }
        commit_rows(&b, stream, 0, cell, 300);
    }
    damage(&b);
    for (int64_t i = 1; i <= 1000; i++) {
        undone += !put_around(&b, stream, other, i);
    }
    assert_int_equal(undone, 1); /* the turn that met it */
    rows = scan(&b, other, &want_all, 999);
    assert_int_equal(vlt_rows_count(rows), 999);
    vlt_rows_free(rows);
    stream_release(stream);
    stream_release(other);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_in_order_leave_the_tails_and_stay_in_the_answer),
        cmocka_unit_test(
            rows_in_any_order_are_each_there_once_in_order_of_arrival),
        cmocka_unit_test(a_damaged_chunk_holds_up_nothing_but_its_own_stream),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
