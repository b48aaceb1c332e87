#include "bench.h"

#include <math.h>

#include "wire/stat.h"

/* Values that no naive sum gets right, NaN and infinities among them. */
static double
odd_value(uint32_t *x)
{
    *x = *x * 1664525 + 1013904223;
    switch ((*x >> 24) % 16) {
    case 0:
        return 1e16;
    case 1:
        return -1e16;
    case 2:
        return (double)NAN;
    case 3:
        return -0.0;
    case 4:
        return 1e-300;
    default:
        return (double)(int32_t)*x / 1000;
    }
}

enum { ROWS = 300 };

/* Rows over 1,000 units of time, in batches that overlap. */
static const struct stream *
odd_stream(struct bench *b)
{
    const struct stream *stream = new_stream(b, "a");
    uint32_t x = 3;

    for (size_t batch = 0; batch < ROWS / 30; batch++) {
        struct cell cells[30];

        for (size_t i = 0; i < 30; i++) {
            x = x * 1664525 + 1013904223;
            cells[i].time = (int64_t)((x >> 16) % 1000) - 200;
            cells[i].value = odd_value(&x);
        }
        commit_rows(b, stream, 0, cells, 30);
    }
    return stream;
}

static uint64_t
statistic(const struct vlt_stat *stat, unsigned bit)
{
    switch (1U << bit) {
    case SERIES_MEAN:
        return vlt_bits_of(vlt_stat_mean(stat));
    case SERIES_MIN:
        return stat->min;
    case SERIES_MAX:
        return stat->max;
    case SERIES_SUM:
        return vlt_bits_of(vlt_stat_sum(stat));
    case SERIES_COUNT:
        return stat->n;
    case SERIES_FIRST:
        return stat->first;
    default:
        return stat->last;
    }
}

/* One bucket, computed from the raw rows alone. */
static void
assert_bucket(const struct vlt_rows *raw, const struct series_want *want,
              const struct vlt_rows *buckets, size_t i)
{
    int64_t start = vlt_rows_times(buckets)[i];
    struct vlt_range range = { .from = vlt_rows_seek(raw, start) };
    struct vlt_stat stat;
    size_t at = 0;

    range.count = vlt_rows_seek(raw, start + want->every) - range.from;
    assert_true(range.count > 0);
    assert_int_equal((start - want->origin) % want->every, 0);
    vlt_stat_init(&stat, VLT_TYPE_F64);
    vlt_stat_add(&stat, raw, 0, range);
    assert_true(stat.n >= want->min_readings);
    for (unsigned bit = 0; bit < 7; bit++) {
        if ((want->stats & 1U << bit) == 0) {
            continue;
        }
        if (stat.n > 0 || (1U << bit) == SERIES_COUNT) {
            assert_true(vlt_rows_has(buckets, i, at));
            assert_int_equal(vlt_rows_bits(buckets, i, at),
                             statistic(&stat, bit));
        } else {
            assert_false(vlt_rows_has(buckets, i, at));
        }
        at++;
    }
}

/* Buckets with enough readings, counted by walking the raw rows. */
static size_t
count_buckets(const struct vlt_rows *raw, const struct series_want *want)
{
    size_t count = vlt_rows_count(raw);
    size_t buckets = 0;
    size_t row = 0;

    while (row < count) {
        int64_t start = want->origin +
                        vlt_floor_div(vlt_rows_times(raw)[row] - want->origin,
                                      want->every) *
                            want->every;
        size_t end = vlt_rows_seek(raw, start + want->every);
        struct vlt_range range = { .from = row, .count = end - row };
        struct vlt_stat stat;

        vlt_stat_init(&stat, VLT_TYPE_F64);
        vlt_stat_add(&stat, raw, 0, range);
        buckets += stat.n >= want->min_readings;
        row = end;
    }
    return buckets;
}

static void
check_buckets(struct bench *b, const struct stream *stream,
              struct series_want want)
{
    struct series_want plain = want;
    struct vlt_rows *raw;
    struct vlt_rows *up = scan(b, stream, &want, 1000);

    plain.every = 0;
    raw = scan(b, stream, &plain, 1000);
    assert_int_equal(vlt_rows_count(up), count_buckets(raw, &want));
    for (size_t i = 0; i < vlt_rows_count(up); i++) {
        assert_bucket(raw, &want, up, i);
    }
    for (size_t slice = 1; slice < 20; slice += 6) {
        struct vlt_rows *again = scan(b, stream, &want, slice);
        struct vlt_rows *down;

        assert_true(vlt_rows_same(again, up));
        want.descending = true;
        down = scan(b, stream, &want, slice);
        want.descending = false;
        assert_int_equal(vlt_rows_count(down), vlt_rows_count(up));
        for (size_t i = 0; i < vlt_rows_count(down); i++) {
            assert_true(
                vlt_rows_equal(down, i, up, vlt_rows_count(up) - 1 - i));
        }
        vlt_rows_free(again);
        vlt_rows_free(down);
    }
    vlt_rows_free(up);
    vlt_rows_free(raw);
}

static void
buckets_are_what_their_rows_say(void **state)
{
    static const int64_t every[] = { 1, 7, 60, 5000 };
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = odd_stream(&b);
    for (size_t i = 0; i < sizeof every / sizeof every[0]; i++) {
        struct series_want want = { .from = -500,
                                    .to = 900,
                                    .every = every[i],
                                    .origin = 11,
                                    .stats = SERIES_STATS };

        check_buckets(&b, stream, want);
    }
    stream_release(stream);
    bench_end(&b);
}

static void
a_bucket_with_few_readings_is_not_given(void **state)
{
    struct series_want want = { .from = -200,
                                .to = 800,
                                .every = 10,
                                .stats = SERIES_MEAN | SERIES_COUNT,
                                .min_readings = 3 };
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = odd_stream(&b);
    check_buckets(&b, stream, want);
    want.min_readings = 1000;
    check_buckets(&b, stream, want);
    stream_release(stream);
    bench_end(&b);
}

/* Two columns, whose values stand in rows of their own: 1 and 3 readings in the
 * first bucket, 3 and 1 in the second, 1 and 1 in the third. */
static const struct stream *
two_columns(struct bench *b)
{
    static const struct stream_column pair[] = {
        { .id = 0, .type = VLT_TYPE_F64, .name = "a" },
        { .id = 1, .type = VLT_TYPE_F64, .name = "b" },
    };
    static const size_t column[] = { 0, 1, 1, 1, 0, 0, 0, 1, 0, 1 };
    static const int64_t time[] = { 0, 1, 2, 3, 10, 11, 12, 13, 20, 21 };
    struct stream wish = wish_of("pair", pair, 2);
    struct series_stored stored;
    const struct stream *stream;
    struct vlt_rows *rows;

    turn_begin(b);
    assert_int_equal(series_create(b->series, b->txn, &wish, NULL, &stream),
                     VLT_OK);
    rows = rows_for(stream, &want_all);
    for (size_t i = 0; i < sizeof time / sizeof time[0]; i++) {
        assert_int_equal(vlt_rows_add(rows, time[i]), VLT_OK);
        vlt_rows_set(rows, column[i], vlt_bits_of((double)i));
    }
    assert_int_equal(try_append(b, stream, 0, rows, &stored), VLT_OK);
    vlt_rows_free(rows);
    turn_commit(b);
    return stream;
}

static void
readings_are_counted_column_by_column(void **state)
{
    struct series_want want = { .from = 0,
                                .to = 30,
                                .every = 10,
                                .stats = SERIES_MEAN | SERIES_COUNT,
                                .min_readings = 3 };
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = two_columns(&b);
    for (int down = 0; down < 2; down++) {
        struct vlt_rows *rows;

        want.descending = down == 1;
        rows = scan(&b, stream, &want, 10);
        assert_int_equal(vlt_rows_count(rows), 2);
        for (size_t i = 0; i < 2; i++) {
            bool first = i == (size_t)down;

            assert_int_equal(vlt_rows_times(rows)[i], first ? 0 : 10);
            for (size_t j = 0; j < 4; j++) {
                assert_true(vlt_rows_has(rows, i, j) == (first == (j >= 2)));
            }
        }
        vlt_rows_free(rows);
    }
    stream_release(stream);
    bench_end(&b);
}

/* Records of which no row holds stand between those of which some do. */
static void
a_filter_goes_before_the_buckets(void **state)
{
    struct series_want want = { .from = 0,
                                .to = 100,
                                .every = 10,
                                .stats = SERIES_SUM,
                                .where_count = 1,
                                .where = { { 0, SERIES_GT, 0 } } };
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    for (int64_t i = 0; i < 10; i++) {
        struct cell cell = { i * 10 + 5, i % 4 == 0 ? (double)(i + 1) : -1 };

        commit_rows(&b, stream, 0, &cell, 1);
    }
    for (int down = 0; down < 2; down++) {
        struct vlt_rows *rows;

        want.descending = down == 1;
        rows = scan(&b, stream, &want, 2);
        assert_int_equal(vlt_rows_count(rows), 3);
        for (size_t i = 0; i < 3; i++) {
            int64_t at = down ? (int64_t)(2 - i) : (int64_t)i;

            assert_int_equal(vlt_rows_times(rows)[i], at * 40);
            assert_true(vlt_f64_of(vlt_rows_bits(rows, i, 0)) ==
                        (double)(at * 4 + 1));
        }
        vlt_rows_free(rows);
    }
    stream_release(stream);
    bench_end(&b);
}

/* A bucket is cut to the range that was asked for. */
static void
rows_beyond_the_range_are_in_no_bucket(void **state)
{
    static const struct cell cells[] = {
        { 4, 1 }, { 5, 2 }, { 14, 4 }, { 15, 8 }
    };
    struct series_want want = {
        .from = 5, .to = 15, .every = 10, .stats = SERIES_SUM
    };
    const struct stream *stream;
    struct vlt_rows *rows;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, cells, 4);
    for (int down = 0; down < 2; down++) {
        want.descending = down == 1;
        rows = scan(&b, stream, &want, 1);
        assert_int_equal(vlt_rows_count(rows), 2);
        assert_true(vlt_f64_of(vlt_rows_bits(rows, (size_t)down, 0)) == 2);
        assert_true(vlt_f64_of(vlt_rows_bits(rows, (size_t)(1 - down), 0)) ==
                    4);
        vlt_rows_free(rows);
    }
    stream_release(stream);
    bench_end(&b);
}

static void
a_range_may_begin_within_a_bucket(void **state)
{
    static const struct cell cells[] = { { 1, 1 }, { 4, 2 }, { 6, 4 } };
    struct series_want want = {
        .from = 3, .to = 5, .every = 10, .stats = SERIES_SUM, .descending = true
    };
    const struct stream *stream;
    struct vlt_rows *rows;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 0, cells, 3); /* one record around the range */
    rows = scan(&b, stream, &want, 1);
    assert_int_equal(vlt_rows_count(rows), 1);
    assert_true(vlt_f64_of(vlt_rows_bits(rows, 0, 0)) == 2);
    vlt_rows_free(rows);
    stream_release(stream);
    bench_end(&b);
}

static void
of_texts_only_their_number_is_given(void **state)
{
    static const struct stream_column mixed[] = {
        { .id = 1, .type = VLT_TYPE_TEXT, .name = "says" },
        { .id = 4, .type = VLT_TYPE_BOOL, .name = "on" },
    };
    struct stream wish = wish_of("mixed", mixed, 2);
    struct series_want want = want_all;
    struct stream_column columns[SERIES_COLUMNS_MAX];
    struct series_stored stored;
    const struct stream *stream;
    struct vlt_rows *rows;
    struct bench b;
    size_t count;

    bench_begin(&b);
    turn_begin(&b);
    assert_int_equal(series_create(b.series, b.txn, &wish, NULL, &stream),
                     VLT_OK);
    rows = rows_for(stream, &want);
    for (int64_t i = 0; i < 3; i++) {
        assert_int_equal(vlt_rows_add(rows, i), VLT_OK);
        vlt_rows_set(rows, 1, i == 1);
    }
    assert_int_equal(vlt_rows_set_text(rows, 0, vlt_slice_text("hello")),
                     VLT_OK);
    assert_int_equal(try_append(&b, stream, 0, rows, &stored), VLT_OK);
    vlt_rows_free(rows);
    turn_commit(&b);
    want.every = 100;
    want.stats = SERIES_COUNT | SERIES_SUM;
    assert_int_equal(series_columns(stream, &want, &count, columns), VLT_OK);
    assert_int_equal(count, 3);
    assert_string_equal(columns[0].name, "says.count");
    assert_string_equal(columns[1].name, "on.sum");
    assert_string_equal(columns[2].name, "on.count");
    rows = scan(&b, stream, &want, 10);
    assert_int_equal(vlt_rows_count(rows), 1);
    assert_int_equal(vlt_rows_bits(rows, 0, 0), 1);
    assert_true(vlt_f64_of(vlt_rows_bits(rows, 0, 1)) == 1);
    assert_int_equal(vlt_rows_bits(rows, 0, 2), 3);
    vlt_rows_free(rows);
    stream_release(stream);
    bench_end(&b);
}

static void
more_columns_than_a_page_has_are_refused(void **state)
{
    static struct stream_column many[10];
    struct stream wish = wish_of("many", many, 10);
    struct series_want want = want_all;
    struct stream_column columns[SERIES_COLUMNS_MAX];
    const struct stream *stream;
    struct series_at at = at_begin(&want);
    struct store_read *read;
    struct vlt_rows *rows;
    struct bench b;
    size_t count;
    bool more;

    for (uint8_t i = 0; i < 10; i++) {
        many[i].id = i;
        (void)snprintf(many[i].name, sizeof many[i].name, "c%d", i);
    }
    bench_begin(&b);
    turn_begin(&b);
    assert_int_equal(series_create(b.series, b.txn, &wish, NULL, &stream),
                     VLT_OK);
    turn_commit(&b);
    rows = rows_for(stream, &want);
    want.every = 10;
    want.stats = SERIES_STATS; /* 70 */
    assert_int_equal(series_columns(stream, &want, &count, columns),
                     VLT_E_LIMIT);
    read = read_begin(&b.vault);
    assert_int_equal(series_scan(b.series, store_read_view(read), stream, &want,
                                 &at, 10, SIZE_MAX, rows, &more),
                     VLT_E_LIMIT);
    store_read_end(read);
    vlt_rows_free(rows);
    stream_release(stream);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_are_what_their_rows_say),
        cmocka_unit_test(a_bucket_with_few_readings_is_not_given),
        cmocka_unit_test(readings_are_counted_column_by_column),
        cmocka_unit_test(a_filter_goes_before_the_buckets),
        cmocka_unit_test(rows_beyond_the_range_are_in_no_bucket),
        cmocka_unit_test(a_range_may_begin_within_a_bucket),
        cmocka_unit_test(of_texts_only_their_number_is_given),
        cmocka_unit_test(more_columns_than_a_page_has_are_refused),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
