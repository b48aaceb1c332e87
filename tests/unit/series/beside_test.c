/* Chunks that are made beside the turns are those that turns make, and no turn
 * waits for them for ever. */
#include "besides.h"

/* ---- the same as in the turn ---- */

static bool
write_piece(void *ctx, uint64_t no, const struct store_lane *lane,
            struct vlt_slice plain)
{
    struct vlt_buf *out = ctx;

    vlt_buf_printf(out, "%llu %d ", (unsigned long long)no, (int)lane->epoch);
    vlt_buf_put(out, plain.at, plain.len);
    return true;
}

/* Every chunk, head and roll-up with its number, and a lane's record. */
static struct vlt_buf
layout_of(struct bench *b, const struct stream *stream)
{
    static const enum store_piece kinds[] = { STORE_CHUNK, STORE_HEAD,
                                              STORE_ROLL };
    struct store_read *read = read_begin(&b->vault);
    struct lane_record record;
    struct vlt_buf out;

    vlt_buf_init(&out, 0);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(store_piece_each(store_read_view(read), kinds[i],
                                          write_piece, &out),
                         VLT_OK);
    }
    store_read_end(read);
    record = lane_now(b, stream, epoch_of(START));
    assert_int_equal(lane_record_encode(&record, &out), VLT_OK);
    lane_record_free(&record);
    assert_int_equal(vlt_buf_status(&out), VLT_OK);
    return out;
}

enum { TURNS_MAX = 100 };

/* How a stream's rows come, and in which turns its lane was packed. */
struct coming {
    int64_t step;
    size_t rows; /* a turn, at most */
    int turns;
    bool late; /* in some turns one of before */
    bool packs[TURNS_MAX];
};

static struct lane *
lane_of(const struct bench *b, const struct stream *stream)
{
    return series_slot_here(b->series, stream->id)->lane[0];
}

static void
come(struct bench *b, struct cells *cells, const struct stream *stream,
     const struct coming *coming, int turn, int64_t *time)
{
    if (coming->late && turn % 40 == 39) {
        put_late(b, cells, stream, *time);
    } else {
        put_on(b, cells, stream, time, coming->step,
               1 + cells_draw(cells, (uint32_t)coming->rows));
    }
}

/* Beside, where they are made after each turn; or in the same turns. */
static struct vlt_buf
pack(struct coming *coming, bool beside, size_t *made)
{
    static struct cells cells;
    const struct stream *stream;
    struct bench b;
    int64_t time = START;
    struct vlt_buf out;

    begin_beside(&b, &cells, 3);
    if (!beside) {
        beside_free(b.series->beside);
        b.series->beside = NULL;
    }
    stream = new_stream(&b, "a");
    for (int i = 0; i < coming->turns; i++) {
        if (!beside && i > 0) {
            lane_of(&b, stream)->try_at = coming->packs[i] ? 0 : UINT64_MAX;
        }
        come(&b, &cells, stream, coming, i, &time);
        if (beside) {
            coming->packs[i] =
                is_given(&b, stream, START) ||
                lane_of(&b, stream)->open.done.a == b.series->end;
            *made += make_all(&b);
        }
    }
    put_on(&b, &cells, stream, &time, coming->step, 1);
    assert_cells_in(&b, &cells, stream, 3000);
    (void)assert_packed_whole(&b);
    out = layout_of(&b, stream);
    stream_release(stream);
    bench_end(&b);
    return out;
}

static void
what_is_made_beside_is_what_the_turn_makes(void **state)
{
    static struct coming comings[] = {
        { VLT_SECOND, 1000, 60, .late = false },    /* hours */
        { VLT_SECOND, 750, 90, .late = true },      /* some in the turn */
        { 3 * VLT_MINUTE, 999, 24, .late = false }, /* days */
        { 4 * VLT_MINUTE, 800, 24, .late = false }, /* not in roll-ups */
    };

    for (size_t i = 0; i < sizeof comings / sizeof *comings; i++) {
        size_t made = 0;
        struct vlt_buf beside = pack(&comings[i], true, &made);
        struct vlt_buf turn;

        assert_true(made > 0);
        made = 0;
        turn = pack(&comings[i], false, &made);
        assert_int_equal(made, 0);
        assert_true(turn.len > 30000); /* two chunks at least */
        assert_int_equal(beside.len, turn.len);
        assert_memory_equal(beside.at, turn.at, turn.len);
        vlt_buf_free(&turn);
        vlt_buf_free(&beside);
    }
}

/* ---- a thread that lags, and a vault that closes ---- */

static void
a_lane_whose_chunks_are_not_made_in_time_is_packed_in_the_turn(void **state)
{
    static struct cells cells;
    const struct stream *stream;
    struct bench b;
    int64_t time = START;
    int turns = 0;

    begin_beside(&b, &cells, 9);
    stream = new_stream(&b, "a");
    put_until_given(&b, &cells, stream, &time);
    for (; stat_now(&b).chunks == 0; turns++) {
        assert_true(is_given(&b, stream, time));
        assert_true(turns < 70);
        put_on(&b, &cells, stream, &time, VLT_SECOND, 400);
    }
    assert_true(turns > 2);
    assert_false(is_given(&b, stream, time)); /* nor is it made after that */
    end_whole(&b, &cells, stream);
}

static void
more_lanes_than_are_made_at_once_wait_for_their_turn(void **state)
{
    enum { LANES = BESIDE_LANES + 4 };
    static struct model model[LANES];
    static struct cells cells;
    struct bench b;
    int64_t time = START;

    begin_beside(&b, &cells, 10);
    for (int i = 0; i < LANES; i++) {
        char name[16];

        (void)snprintf(name, sizeof name, "s%d", i);
        model_begin(&model[i], new_stream(&b, name));
    }
    for (int turn = 0; turn < 30; turn++, time += VLT_HOUR) {
        size_t made;

        turn_begin(&b);
        for (int i = 0; i < LANES; i++) {
            struct cell cell[500];
            struct vlt_rows *rows;

            for (int64_t j = 0; j < 500; j++) {
                cell[j].time = time + j * VLT_SECOND;
                cell[j].value = cells_value(&cells);
            }
            rows = rows_of(cell, 500);
            model_put(&b, &model[i], rows);
            vlt_rows_free(rows);
        }
        turn_commit(&b);
        made = make_all(&b);
        assert_true(made <= BESIDE_LANES);
    }
    for (int i = 0; i < LANES; i++) {
        struct lane_record record = lane_now(&b, model[i].stream, 0);

        assert_true(record.rows > 8000);
        lane_record_free(&record);
        model_commit(&model[i]);
        assert_model(&b, &model[i], 5000);
        model_end(&model[i]);
    }
    (void)assert_packed_whole(&b);
    bench_end(&b);
}

static void
a_vault_that_closes_or_is_locked_keeps_what_was_not_put(void **state)
{
    static struct cells cells;
    const struct stream *stream;
    struct store_read *read;
    struct bench b;
    int64_t time = START;

    begin_beside(&b, &cells, 11);
    stream = new_stream(&b, "a");
    put_until_given(&b, &cells, stream, &time);
    assert_int_equal(make_all(&b), 1);
    series_clear(b.series);
    assert_false(is_given(&b, stream, time)); /* nothing of it in memory */
    read = read_begin(&b.vault);
    assert_int_equal(series_load(b.series, store_read_view(read)), VLT_OK);
    store_read_end(read);
    assert_cells_in(&b, &cells, stream, 3000);
    put_on(&b, &cells, stream, &time, VLT_SECOND, 400);
    reopen_small(&b); /* with a lane that is full */
    by_hand(&b);
    assert_cells_in(&b, &cells, stream, 3000);
    put_on(&b, &cells, stream, &time, VLT_SECOND, 400);
    (void)assert_packed_whole(&b);
    stream_release(stream);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_made_beside_is_what_the_turn_makes),
        cmocka_unit_test(
            a_lane_whose_chunks_are_not_made_in_time_is_packed_in_the_turn),
        cmocka_unit_test(more_lanes_than_are_made_at_once_wait_for_their_turn),
        cmocka_unit_test(
            a_vault_that_closes_or_is_locked_keeps_what_was_not_put),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
