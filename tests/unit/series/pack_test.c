/* What is packed answers as it did before. */
#include "bench.h"

#include "../store/raw.h"

#include "series/series_internal.h"

enum { MODEL_MAX = 40000 };

/* All rows that were stored, in order of arrival. */
struct model {
    struct cell cell[MODEL_MAX];
    uint64_t arrival[MODEL_MAX];
    size_t count;
    size_t committed;
    uint32_t x;
};

static uint32_t
draw(struct model *model, uint32_t below)
{
    model->x = model->x * 1664525 + 1013904223;
    return (model->x >> 8) % below;
}

/* Values that no coding makes small, so that chunks fill soon. */
static double
any_value(struct model *model)
{
    return (double)draw(model, 1 << 24) / 3 +
           (double)draw(model, 1 << 24) / 7e9;
}

/* Segments are small, so that a test sees many of them. */
static void
begin(struct bench *b, struct model *model, uint32_t seed)
{
    model->count = 0;
    model->committed = 0;
    model->x = seed;
    bench_begin(b);
    b->series->limits = (struct pack_limits){ .least = 96 << 10,
                                              .most = 96 << 10,
                                              .records = 200 };
}

static void
reopen(struct bench *b)
{
    struct pack_limits limits = b->series->limits;

    bench_reopen(b);
    b->series->limits = limits;
}

/* Append cells that are all new in the turn under way. */
static void
put(struct bench *b, struct model *model, const struct stream *stream,
    const struct cell *cell, size_t count)
{
    assert_true(model->count + count <= MODEL_MAX);
    assert_int_equal(append(b, stream, 0, cell, count).rows, count);
    memcpy(&model->cell[model->count], cell, count * sizeof *cell);
    model->count += count;
}

static int
by_time(const void *a, const void *b)
{
    const struct cell *const *x = a;
    const struct cell *const *y = b;

    if ((*x)->time != (*y)->time) {
        return (*x)->time < (*y)->time ? -1 : 1;
    }
    return *x < *y ? -1 : *x > *y;
}

/* The stream holds the model's committed rows, in their order. */
static void
assert_as_model(struct bench *b, const struct model *model,
                const struct stream *stream, size_t slice)
{
    struct vlt_rows *rows = scan(b, stream, &want_all, slice);
    const struct cell **order = calloc(model->committed + 1, sizeof *order);
    uint64_t count;
    int64_t first;
    int64_t last;

    assert_non_null(order);
    for (size_t i = 0; i < model->committed; i++) {
        order[i] = &model->cell[i];
    }
    qsort(order, model->committed, sizeof *order, by_time);
    assert_int_equal(vlt_rows_count(rows), model->committed);
    for (size_t i = 0; i < model->committed; i++) {
        if (vlt_rows_times(rows)[i] != order[i]->time ||
            vlt_rows_bits(rows, i, 0) != vlt_bits_of(order[i]->value)) {
            fail_msg("row %zu of %zu is another", i, model->committed);
        }
    }
    if (model->committed > 0) {
        assert_true(
            series_extent(b->series, stream->id, &count, &first, &last));
        assert_int_equal(count, model->committed);
        assert_int_equal(first, order[0]->time);
        assert_int_equal(last, order[model->committed - 1]->time);
    }
    free(order);
    vlt_rows_free(rows);
}

static struct store_stat
stat_of(struct bench *b)
{
    struct store_read *read = read_begin(&b->vault);
    struct store_stat stat;

    assert_int_equal(store_view_stat(store_read_view(read), &stat), VLT_OK);
    store_read_end(read);
    return stat;
}

/* Everything in the store opens in its place, and lanes are as they say. */
static void
assert_whole(struct bench *b)
{
    struct store_read *read = read_begin(&b->vault);
    struct store_check found = { .bad = 0 };
    struct vlt_buf why;

    vlt_buf_init(&why, 0);
    if (store_check(store_read_view(read), &why, &found) != VLT_OK) {
        fail_msg("%.*s", (int)why.len, (const char *)why.at);
    }
    struct series_check packed;

    vlt_buf_clear(&why);
    if (series_check(b->series, store_read_view(read), &why, &packed) !=
        VLT_OK) {
        fail_msg("%.*s", (int)why.len, (const char *)why.at);
    }
    vlt_buf_free(&why);
    store_read_end(read);
}

/* ---- rows that come in order ---- */

static void
rows_in_order_leave_the_tails_and_stay_in_the_answer(void **state)
{
    static struct model model;
    const struct stream *stream;
    struct bench b;
    int64_t time = VLT_DAY;

    begin(&b, &model, 1);
    stream = new_stream(&b, "a");
    for (int turn = 0; turn < 60; turn++) {
        struct cell cell[400];

        for (size_t i = 0; i < 400; i++) {
            cell[i].time = time += VLT_SECOND;
            cell[i].value = any_value(&model);
        }
        turn_begin(&b);
        put(&b, &model, stream, cell, 400);
        turn_commit(&b);
        model.committed = model.count;
        if (turn % 20 == 19) {
            assert_as_model(&b, &model, stream, 777);
        }
    }
    struct store_stat stat = stat_of(&b);

    assert_true(stat.chunks >= 9);
    assert_true(stat.tails < 60);
    assert_whole(&b);
    reopen(&b);
    assert_as_model(&b, &model, stream, 5000);
    stream_release(stream);
    bench_end(&b);
}

/* ---- rows that come anyhow ---- */

/* One batch: mostly in order, some late, some at times that are there. */
static size_t
any_batch(struct model *model, int64_t *newest, struct cell *cell, size_t most)
{
    size_t count = 1 + draw(model, (uint32_t)most);
    uint32_t kind = draw(model, 8);
    int64_t time = *newest;

    if (kind == 0) {
        time -= (int64_t)draw(model, 3000) * VLT_SECOND;
    } else if (kind == 1) {
        time -= (int64_t)draw(model, 40 * 24) * VLT_HOUR;
    }
    for (size_t i = 0; i < count; i++) {
        if (draw(model, 10) > 0) {
            time += (int64_t)draw(model, 1000) * VLT_SECOND / 100;
        }
        cell[i].time = time;
        cell[i].value = any_value(model);
    }
    *newest = time > *newest ? time : *newest;
    return count;
}

static void
run_anyhow(uint32_t seed)
{
    static struct model model;
    const struct stream *stream;
    struct bench b;
    int64_t newest = 100 * VLT_DAY;

    begin(&b, &model, seed);
    stream = new_stream(&b, "a");
    while (model.count < 20000) {
        uint32_t batches = 1 + draw(&model, 3);
        size_t before = model.count;
        int64_t was = newest;

        turn_begin(&b);
        for (uint32_t i = 0; i < batches; i++) {
            struct cell cell[300];
            size_t most = draw(&model, 2) == 0 ? 3 : 300;

            put(&b, &model, stream, cell,
                any_batch(&model, &newest, cell, most));
        }
        if (draw(&model, 10) == 0) {
            assert_int_equal(series_pack(b.series, b.txn), VLT_OK);
            turn_abort(&b);
            model.count = before;
            newest = was;
            continue;
        }
        turn_commit(&b);
        model.committed = model.count;
        if (draw(&model, 40) == 0) {
            assert_as_model(&b, &model, stream, 100 + draw(&model, 5000));
        }
        if (draw(&model, 60) == 0) {
            reopen(&b);
        }
    }
    assert_as_model(&b, &model, stream, 3000);
    assert_whole(&b);
    struct store_stat stat = stat_of(&b);

    assert_true(stat.chunks > 5 && stat.heads > 0 && stat.rolls > 0);
    reopen(&b);
    assert_as_model(&b, &model, stream, 3000);
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
    static struct model model;
    const struct stream *stream;
    const struct stream *other;
    struct vlt_rows *rows;
    struct bench b;
    size_t undone = 0;

    begin(&b, &model, 5);
    stream = new_stream(&b, "a");
    other = new_stream(&b, "b");
    for (int64_t turn = 0; turn < 20; turn++) {
        struct cell cell[300];

        for (int64_t i = 0; i < 300; i++) {
            cell[i].time = VLT_DAY + (300 * turn + i) * VLT_SECOND;
            cell[i].value = any_value(&model);
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

/* ---- sums ---- */

/* The same buckets from rows alone: a comparison that holds for every row is
 * nothing that a roll-up could answer. */
static struct vlt_rows *
sum_rows(struct bench *b, const struct stream *stream, struct series_want want)
{
    want.where_count = 1;
    want.where[0] = (struct series_where){ .column = 0,
                                           .compare = SERIES_GE,
                                           .value = -1e300 };
    return scan(b, stream, &want, 1000);
}

static struct series_want
any_want(struct model *model)
{
    static const int64_t every[] = { VLT_HOUR, 90 * VLT_MINUTE, 5 * VLT_HOUR,
                                     VLT_DAY,  7 * VLT_DAY,     40 * VLT_DAY };
    static const int64_t step[] = { VLT_HOUR, VLT_MINUTE, 1 };
    int64_t unit = step[draw(model, 3)];
    struct series_want want = { .stats = SERIES_STATS };

    want.every = every[draw(model, 6)];
    want.origin = draw(model, 2) * 17 * VLT_MINUTE;
    want.from = 40 * VLT_DAY + draw(model, 70 * 24) * VLT_HOUR;
    want.to = want.from + 1 + draw(model, 60 * 24) * VLT_HOUR;
    want.from -= draw(model, 3600) * unit;
    want.to += draw(model, 3600) * unit;
    want.min_readings = draw(model, 3) * 20;
    return want;
}

static void
assert_same_sums(struct bench *b, struct model *model,
                 const struct stream *stream)
{
    for (int i = 0; i < 40; i++) {
        struct series_want want = any_want(model);
        struct vlt_rows *rolled = scan(b, stream, &want, 1 + draw(model, 300));
        struct vlt_rows *opened = sum_rows(b, stream, want);

        if (!vlt_rows_same(rolled, opened)) {
            fail_msg("%zu buckets, not the same as %zu: every %lld from %lld "
                     "to %lld",
                     vlt_rows_count(rolled), vlt_rows_count(opened),
                     (long long)want.every, (long long)want.from,
                     (long long)want.to);
        }
        vlt_rows_free(rolled);
        vlt_rows_free(opened);
    }
}

static void
buckets_from_roll_ups_equal_those_from_rows(void **state)
{
    static struct model model;
    const struct stream *stream;
    struct bench b;
    int64_t newest = 100 * VLT_DAY;

    begin(&b, &model, 31);
    stream = new_stream(&b, "a");
    while (model.count < 30000) {
        struct cell cell[300];

        turn_begin(&b);
        put(&b, &model, stream, cell, any_batch(&model, &newest, cell, 300));
        turn_commit(&b);
        /* Days go by now and then, so that there are many. */
        newest += draw(&model, 12) == 0 ? draw(&model, 20) * VLT_HOUR : 0;
        if (draw(&model, 30) == 0) {
            assert_same_sums(&b, &model, stream);
        }
    }
    assert_same_sums(&b, &model, stream);
    assert_whole(&b);
    stream_release(stream);
    bench_end(&b);
}

/* ---- a subscription ---- */

struct listener {
    struct series_at at;
    struct series_mark mark;
    uint64_t *told; /* owned: values, as bits, in the order they were told */
    size_t count;
};

static void
hear(struct listener *listener, const struct vlt_rows *rows)
{
    for (size_t i = 0; i < vlt_rows_count(rows); i++) {
        assert_true(listener->count < 2 * MODEL_MAX);
        listener->told[listener->count++] = vlt_rows_bits(rows, i, 0);
    }
}

/* What came late, page by page, then what came in order. */
static void
listen(struct bench *b, struct model *model, const struct stream *stream,
       struct listener *listener)
{
    struct vlt_rows *rows = rows_for(stream, &want_all);
    size_t most = 1 + draw(model, 400);
    bool more = true;
    bool late = true;

    while (late || more) {
        struct store_read *read = read_begin(&b->vault);
        struct series_since since = { .mark = listener->mark,
                                      .before = listener->at.time,
                                      .most_rows = most,
                                      .most_bytes = SIZE_MAX };

        assert_int_equal(series_late(b->series, store_read_view(read), stream,
                                     &want_all, since, rows, &listener->mark),
                         VLT_OK);
        late = vlt_rows_count(rows) > 0;
        if (!late) {
            assert_int_equal(series_scan(b->series, store_read_view(read),
                                         stream, &want_all, &listener->at, most,
                                         SIZE_MAX, rows, &more),
                             VLT_OK);
        }
        hear(listener, rows);
        store_read_end(read);
    }
    vlt_rows_free(rows);
}

static int
by_bits(const void *a, const void *b)
{
    const uint64_t *x = a;
    const uint64_t *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* Each row of the model was told once. */
static void
assert_told(const struct model *model, struct listener *listener)
{
    uint64_t *all = calloc(model->count + 1, sizeof *all);

    assert_non_null(all);
    for (size_t i = 0; i < model->count; i++) {
        all[i] = vlt_bits_of(model->cell[i].value);
    }
    assert_int_equal(listener->count, model->count);
    qsort(all, model->count, sizeof *all, by_bits);
    qsort(listener->told, listener->count, sizeof *all, by_bits);
    assert_memory_equal(all, listener->told, model->count * sizeof *all);
    free(all);
}

static void
a_subscription_is_told_each_row_once_while_they_are_packed(void **state)
{
    static struct model model;
    struct listener often = { .at = { .time = VLT_TIME_MIN } };
    struct listener seldom = often;
    const struct stream *stream;
    struct bench b;
    int64_t newest = 100 * VLT_DAY;

    often.told = calloc(2 * MODEL_MAX, sizeof *often.told);
    seldom.told = calloc(2 * MODEL_MAX, sizeof *seldom.told);
    assert_true(often.told != NULL && seldom.told != NULL);
    begin(&b, &model, 77);
    stream = new_stream(&b, "a");
    while (model.count < 30000) {
        struct cell cell[300];
        size_t most = draw(&model, 2) == 0 ? 3 : 300;

        turn_begin(&b);
        put(&b, &model, stream, cell, any_batch(&model, &newest, cell, most));
        turn_commit(&b);
        if (draw(&model, 3) == 0) {
            listen(&b, &model, stream, &often);
        }
        if (draw(&model, 60) == 0) {
            listen(&b, &model, stream, &seldom);
        }
        if (draw(&model, 80) == 0) {
            reopen(&b);
        }
    }
    listen(&b, &model, stream, &often);
    listen(&b, &model, stream, &seldom);
    assert_told(&model, &often);
    assert_told(&model, &seldom);
    free(often.told);
    free(seldom.told);
    stream_release(stream);
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
        cmocka_unit_test(buckets_from_roll_ups_equal_those_from_rows),
        cmocka_unit_test(
            a_subscription_is_told_each_row_once_while_they_are_packed),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
