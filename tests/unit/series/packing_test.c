/* Rows that are large, equal or wide leave the tails and stay as they are. */
#include "model.h"

static struct vlt_rows *
rows_like(const struct model *model)
{
    return rows_for(model->stream, &want_all);
}

/* ---- large rows ---- */

static const struct stream_column note[] = {
    { .id = 0, .type = VLT_TYPE_TEXT, .name = "note" },
    { .id = 1, .type = VLT_TYPE_I64, .name = "n" },
};

static const struct stream *
stream_with(struct bench *b, const char *name,
            const struct stream_column *column, size_t columns)
{
    struct stream wish = wish_of(name, column, columns);
    const struct stream *stream;

    turn_begin(b);
    assert_int_equal(series_create(b->series, b->txn, &wish, NULL, &stream),
                     VLT_OK);
    turn_commit(b);
    return stream;
}

/* A text that no coding makes small. */
static void
add_note(struct vlt_rows *rows, uint32_t *x, int64_t time, size_t len)
{
    char *text = malloc(len + 1);

    assert_non_null(text);
    for (size_t i = 0; i < len; i++) {
        text[i] = (char)('!' + draw_of(x, 90));
    }
    assert_int_equal(vlt_rows_add(rows, time), VLT_OK);
    assert_int_equal(vlt_rows_set_text(rows, 0, vlt_slice_of(text, len)),
                     VLT_OK);
    vlt_rows_set(rows, 1, draw_of(x, 1000));
    free(text);
}

static void
rows_larger_than_a_record_are_chunks_of_their_own(void **state)
{
    struct model model;
    struct bench b;
    uint32_t x = 5;

    bench_begin_small(&b);
    model_begin(&model, stream_with(&b, "a", note, 2));
    for (int64_t i = 0; i < 40; i++) {
        struct vlt_rows *rows = rows_like(&model);
        int64_t time = (i % 7 == 6 ? i - 5 : i) * VLT_MINUTE; /* some late */

        add_note(rows, &x, time, i % 3 == 0 ? 200 << 10 : 40);
        add_note(rows, &x, time, i % 5 == 0 ? 60 << 10 : 9000);
        commit_model(&b, &model, rows);
    }
    assert_true(stat_now(&b).chunks > 10);
    assert_model(&b, &model, 7);
    assert_true(assert_packed_whole(&b).rows > 40);
    reopen_small(&b);
    assert_model(&b, &model, 1000);
    model_end(&model);
    bench_end(&b);
}

/* ---- equal times ---- */

/* No two chunks of the stream share a time. */
static void
assert_apart(struct bench *b, const struct stream *stream)
{
    struct plan_range range = { .from = VLT_TIME_MIN, .to = VLT_TIME_MAX };
    struct store_read *read = read_begin(&b->vault);
    struct plan plan;

    assert_int_equal(plan_make(b->series, store_read_view(read),
                               series_slot(b->series, stream->id), &range,
                               &plan),
                     VLT_OK);
    for (size_t i = 0; i < plan.count; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_true(plan.piece[i].first > plan.piece[j].last ||
                        plan.piece[i].last < plan.piece[j].first);
        }
    }
    plan_free(&plan);
    store_read_end(read);
}

static void
as_many_rows_of_one_time_as_there_may_be_stay_together(void **state)
{
    static struct cell cell[SERIES_EQUAL_TIMES];
    const struct stream *other;
    struct model model;
    struct bench b;
    uint32_t x = 9;

    bench_begin_small(&b);
    other = new_stream(&b, "other");
    model_begin(&model, new_stream(&b, "a"));
    for (int64_t time = 0; time < 3; time++) {
        for (size_t at = 0; at < SERIES_EQUAL_TIMES; at += 1024) {
            for (size_t i = at; i < at + 1024; i++) {
                cell[i].time = time * VLT_HOUR;
                cell[i].value = (double)(i + 1) / 3 + draw_of(&x, 1000) * 5000;
            }
            commit_model(&b, &model, rows_of(&cell[at], 1024));
        }
        assert_model(&b, &model, 1000);
    }
    drop_segments(&b, other, 2);
    assert_model(&b, &model, 999);
    assert_apart(&b, model.stream);
    assert_true(assert_packed_whole(&b).rows >= 3 * SERIES_EQUAL_TIMES);

    /* One more is too many, although all others are in chunks. */
    struct vlt_rows *more;
    struct series_stored out;

    cell[0].value = -1;
    cell[0].time = VLT_HOUR;
    more = rows_of(cell, 1);
    turn_begin(&b);
    assert_int_equal(try_append(&b, model.stream, 0, more, &out),
                     VLT_E_CONFLICT);
    vlt_rows_free(more);
    turn_abort(&b);
    stream_release(other);
    model_end(&model);
    bench_end(&b);
}

static void
no_time_is_cut_in_two(void **state)
{
    const struct stream *other;
    struct model model;
    struct bench b;
    uint32_t x = 21;
    int64_t time = 0;

    bench_begin_small(&b);
    other = new_stream(&b, "other");
    model_begin(&model, new_stream(&b, "a"));
    for (int turn = 0; turn < 40; turn++) {
        struct cell cell[500];

        for (size_t i = 0; i < 500; i++) {
            time += draw_of(&x, 30) == 0 ? VLT_SECOND : 0;
            cell[i].time = time;
            cell[i].value = draw_of(&x, 1 << 24) / 3.0 + turn;
        }
        commit_model(&b, &model, rows_of(cell, 500));
    }
    drop_segments(&b, other, 2);
    assert_model(&b, &model, 999);
    assert_true(stat_now(&b).chunks > 8);
    assert_apart(&b, model.stream);
    stream_release(other);
    model_end(&model);
    bench_end(&b);
}

/* ---- columns ---- */

static void
set_any(struct vlt_rows *rows, uint32_t *x, size_t column)
{
    char text[40];

    switch (vlt_rows_column(rows, column).field.type) {
    case VLT_TYPE_F64:
        vlt_rows_set(rows, column, vlt_bits_of(draw_of(x, 1 << 20) / 7.0));
        return;
    case VLT_TYPE_I64:
        vlt_rows_set(rows, column, (uint64_t)draw_of(x, 1 << 20) - 5000);
        return;
    case VLT_TYPE_BOOL:
        vlt_rows_set(rows, column, draw_of(x, 2));
        return;
    case VLT_TYPE_TEXT:
    case VLT_TYPE_JSON:
        (void)snprintf(text, sizeof text, "\"word %u\"", draw_of(x, 100));
        assert_int_equal(vlt_rows_set_text(rows, column, vlt_slice_text(text)),
                         VLT_OK);
        return;
    }
}

/* Rows of all columns of a stream, some cells absent. */
static struct vlt_rows *
wide_rows(const struct stream *stream, uint32_t *x, int64_t *time, int count)
{
    struct vlt_rows *rows = rows_for(stream, &want_all);

    for (int i = 0; i < count; i++) {
        assert_int_equal(vlt_rows_add(rows, *time += VLT_MINUTE), VLT_OK);
        for (size_t j = 0; j < vlt_rows_columns(rows); j++) {
            if (draw_of(x, 4) > 0) {
                set_any(rows, x, j);
            }
        }
    }
    return rows;
}

/* The model's rows get the columns that the stream has now. */
static void
widen(struct model *model, const struct stream *stream)
{
    struct vlt_rows *wide = rows_for(stream, &want_all);

    assert_int_equal(
        vlt_rows_append(wide, model->rows, vlt_rows_all(model->rows)), VLT_OK);
    vlt_rows_free(model->rows);
    model->rows = wide;
    stream_release(model->stream);
    model->stream = stream;
}

static void
add_column(struct bench *b, struct model *model, const char *name, uint8_t type)
{
    const struct stream *stream;

    turn_begin(b);
    assert_int_equal(series_add_column(b->series, b->txn, model->stream->id,
                                       vlt_slice_text(name), type, &stream),
                     VLT_OK);
    turn_commit(b);
    widen(model, stream);
}

/* Days of one column from roll-ups are those from rows alone: a comparison that
 * holds for every cell is nothing that a roll-up could answer. */
static void
assert_sums(struct bench *b, const struct stream *stream, uint8_t column)
{
    struct series_want want = want_all;
    struct vlt_rows *rolled;
    struct vlt_rows *opened;

    want.every = VLT_DAY;
    want.stats = SERIES_STATS;
    want.columns = 1;
    want.column[0] = column;
    want.min_readings = 1;
    rolled = scan(b, stream, &want, 100);
    want.where_count = 1;
    want.where[0] = (struct series_where){ .column = column,
                                           .compare = SERIES_GE,
                                           .value = -1e300 };
    opened = scan(b, stream, &want, 100);
    assert_true(vlt_rows_count(opened) > 0);
    assert_true(vlt_rows_same(rolled, opened));
    vlt_rows_free(rolled);
    vlt_rows_free(opened);
}

static void
a_stream_of_all_types_grows_to_64_columns_while_it_is_packed(void **state)
{
    static const struct stream_column first = { .id = 0,
                                                .type = VLT_TYPE_F64,
                                                .name = "c0" };
    struct model model;
    struct bench b;
    uint32_t x = 77;
    int64_t time = 0;

    bench_begin_small(&b);
    model_begin(&model, stream_with(&b, "a", &first, 1));
    for (int column = 1; column <= SERIES_COLUMNS_MAX; column++) {
        char name[8];

        for (int i = 0; i < 3; i++) {
            commit_model(&b, &model, wide_rows(model.stream, &x, &time, 60));
        }
        if (column % 16 == 0) {
            assert_model(&b, &model, 500);
            for (uint8_t id = 0; id < 3; id++) {
                assert_sums(&b, model.stream, id);
            }
            reopen_small(&b);
        }
        (void)snprintf(name, sizeof name, "c%d", column);
        if (column < SERIES_COLUMNS_MAX) {
            add_column(&b, &model, name, (uint8_t)(column % 5));
        }
    }
    struct store_stat stat = stat_now(&b);

    assert_true(stat.heads > 0 && stat.rolls > 0 && stat.chunks > 30);
    assert_model(&b, &model, 5000);
    (void)assert_packed_whole(&b);
    model_end(&model);
    bench_end(&b);
}

/* ---- epochs ---- */

static void
nothing_stays_short_of_an_epoch_that_is_over(void **state)
{
    const struct stream *other;
    struct model model;
    struct bench b;
    int64_t long_ago = FIXTURE_NOW - 100 * VLT_DAY;
    int64_t now = FIXTURE_NOW;

    bench_begin_small(&b);
    other = new_stream(&b, "other");
    model_begin(&model, new_stream(&b, "a"));
    for (int i = 0; i < 30; i++) {
        struct cell cell[] = { { long_ago + i * VLT_HOUR, i }, { now + i, i } };

        commit_model(&b, &model, rows_of(&cell[0], 1));
        commit_model(&b, &model, rows_of(&cell[1], 1));
    }
    drop_segments(&b, other, 2);

    struct lane_record over = lane_now(&b, model.stream, epoch_of(long_ago));
    struct lane_record under_way = lane_now(&b, model.stream, epoch_of(now));

    assert_int_equal(over.rows, 30);
    assert_int_equal(over.shorts, 0);
    assert_true(over.heads > 0);
    assert_int_equal(under_way.rows, 30);
    assert_true(under_way.shorts > 0);
    lane_record_free(&over);
    lane_record_free(&under_way);
    assert_model(&b, &model, 7);
    (void)assert_packed_whole(&b);
    stream_release(other);
    model_end(&model);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_larger_than_a_record_are_chunks_of_their_own),
        cmocka_unit_test(
            as_many_rows_of_one_time_as_there_may_be_stay_together),
        cmocka_unit_test(no_time_is_cut_in_two),
        cmocka_unit_test(
            a_stream_of_all_types_grows_to_64_columns_while_it_is_packed),
        cmocka_unit_test(nothing_stays_short_of_an_epoch_that_is_over),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
