/* The thread that makes chunks, beside turns that bring rows and readers. */
#include "erases.h"

#include "series/beside.h"

enum { TURNS = 120, EACH = 300, KINDS = 3 };

/* Rows in order of several streams a turn. */
static void
put_all(struct bench *b, struct cells *cells, const struct stream **stream,
        int64_t time)
{
    turn_begin(b);
    for (size_t i = 0; i < KINDS; i++) {
        struct cell cell[EACH];

        for (int64_t j = 0; j < EACH; j++) {
            cell[j].time = time + j * VLT_SECOND;
            cell[j].value = cells_value(&cells[i]);
        }
        cells_put(b, &cells[i], stream[i], cell, EACH);
    }
}

static void
begin_all(struct bench *b, struct cells *cells, const struct stream **stream)
{
    static const char *const names[KINDS] = { "a", "b", "c" };

    cells_begin(b, &cells[0], 21);
    small_segments(b, 1 << 20, 4000);
    assert_int_equal(series_pack_beside(b->series), VLT_OK);
    for (size_t i = 0; i < KINDS; i++) {
        cells[i].count = 0;
        cells[i].committed = 0;
        cells[i].x = 21 + (uint32_t)i;
        stream[i] = new_stream(b, names[i]);
    }
}

static void
the_thread_packs_what_turns_bring(void **state)
{
    static struct cells cells[KINDS];
    const struct stream *stream[KINDS];
    struct bench b;

    begin_all(&b, cells, stream);
    for (int64_t turn = 0; turn < TURNS; turn++) {
        put_all(&b, cells, stream, VLT_DAY + turn * VLT_HOUR);
        if (turn % 13 == 12) {
            assert_int_equal(series_pack(b.series, b.txn), VLT_OK);
            turn_abort(&b);
        } else {
            turn_commit(&b);
        }
        for (size_t i = 0; i < KINDS; i++) {
            if (turn % 13 == 12) {
                cells[i].count = cells[i].committed;
            }
            cells[i].committed = cells[i].count;
        }
        if (turn % 40 == 39) {
            assert_cells_in(&b, &cells[turn % KINDS], stream[turn % KINDS],
                            3000);
        }
    }
    for (size_t i = 0; i < KINDS; i++) {
        struct lane_record record = lane_now(&b, stream[i], 0);

        assert_true(record.rows > 0);
        lane_record_free(&record);
        assert_cells_in(&b, &cells[i], stream[i], 3000);
        stream_release(stream[i]);
    }
    (void)assert_packed_whole(&b);
    bench_end(&b);
}

/* Whatever the thread is at: it is waited for. */
static void
it_ends_with_the_vault_and_forgets_with_its_lock(void **state)
{
    static struct cells cells[KINDS];
    const struct stream *stream[KINDS];
    struct bench b;

    begin_all(&b, cells, stream);
    for (int64_t turn = 0; turn < 40; turn++) {
        put_all(&b, cells, stream, VLT_DAY + turn * VLT_HOUR);
        turn_commit(&b);
        if (turn % 8 == 7) {
            struct store_read *read;

            series_clear(b.series);
            for (size_t i = 0; i < KINDS; i++) {
                assert_false(beside_has(b.series->beside, stream[i]->id, 0));
            }
            read = read_begin(&b.vault);
            assert_int_equal(series_load(b.series, store_read_view(read)),
                             VLT_OK);
            store_read_end(read);
        }
        if (turn % 16 == 12) {
            reopen_small(&b);
            assert_int_equal(series_pack_beside(b.series), VLT_OK);
        }
    }
    for (size_t i = 0; i < KINDS; i++) {
        cells[i].committed = cells[i].count;
        assert_cells_in(&b, &cells[i], stream[i], 3000);
        stream_release(stream[i]);
    }
    (void)assert_packed_whole(&b);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_thread_packs_what_turns_bring),
        cmocka_unit_test(it_ends_with_the_vault_and_forgets_with_its_lock),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
