#include "bench.h"

enum { ROWS = 240 };

/* Rows of two epochs; each time is there once, so that the order of arrival
 * cannot show. */
static void
draw(struct cell cells[ROWS], uint32_t *x)
{
    for (size_t i = 0; i < ROWS; i++) {
        *x = *x * 1664525 + 1013904223;
        cells[i].time = (int64_t)i * VLT_DAY / 5;
        cells[i].value = (double)(int32_t)*x / 256;
    }
}

static void
shuffle(struct cell cells[ROWS], uint32_t *x)
{
    for (size_t i = ROWS - 1; i > 0; i--) {
        *x = *x * 1664525 + 1013904223;

        size_t j = (*x >> 8) % (i + 1);
        struct cell kept = cells[i];

        cells[i] = cells[j];
        cells[j] = kept;
    }
}

/* The same rows in another order, cut elsewhere, some of them sent twice. */
static void
put_anyhow(struct bench *b, const struct stream *stream, struct cell *cells,
           uint32_t *x)
{
    size_t at = 0;

    shuffle(cells, x);
    while (at < ROWS) {
        size_t count;
        size_t again;

        *x = *x * 1664525 + 1013904223;
        count = 1 + (*x >> 20) % 60;
        again = at > 5 ? 5 : 0;
        if (count > ROWS - at) {
            count = ROWS - at;
        }
        commit_rows(b, stream, 0, cells + at - again, count + again);
        at += count;
    }
}

/* The bytes of an answer. */
static void
answer(struct bench *b, const struct stream *stream,
       const struct series_want *want, struct vlt_buf *out)
{
    struct vlt_rows *rows = scan(b, stream, want, 37);

    if (want->descending) {
        assert_int_equal(vlt_rows_sort(rows), VLT_OK);
    }
    assert_int_equal(vlt_block_encode(rows, vlt_rows_all(rows), 0, out),
                     VLT_OK);
    vlt_rows_free(rows);
}

static void
answers(struct bench *b, const struct stream *stream, struct vlt_buf *out)
{
    const struct series_want wants[] = {
        want_all,
        { .from = 3 * VLT_DAY, .to = 40 * VLT_DAY, .descending = true },
        { .from = 0,
          .to = 60 * VLT_DAY,
          .every = VLT_DAY,
          .stats = SERIES_STATS },
        { .from = VLT_DAY / 2,
          .to = 50 * VLT_DAY,
          .every = 7 * VLT_DAY,
          .stats = SERIES_SUM | SERIES_FIRST,
          .descending = true },
    };

    for (size_t i = 0; i < sizeof wants / sizeof wants[0]; i++) {
        answer(b, stream, &wants[i], out);
    }
}

static void
the_order_of_arrival_does_not_change_an_answer(void **state)
{
    struct cell cells[ROWS];
    struct vlt_buf expected;
    struct bench b;
    uint32_t x = 11;

    bench_begin(&b);
    vlt_buf_init(&expected, 0);
    draw(cells, &x);
    for (int round = 0; round < 6; round++) {
        const struct stream *stream;
        struct vlt_buf bytes;
        char name[16];

        (void)snprintf(name, sizeof name, "round/%d", round);
        stream = new_stream(&b, name);
        put_anyhow(&b, stream, cells, &x);
        vlt_buf_init(&bytes, 0);
        answers(&b, stream, round == 0 ? &expected : &bytes);
        if (round > 0) {
            assert_int_equal(bytes.len, expected.len);
            assert_memory_equal(bytes.at, expected.at, expected.len);
        }
        vlt_buf_free(&bytes);
        stream_release(stream);
    }
    vlt_buf_free(&expected);
    bench_end(&b);
}

struct image {
    struct vlt_buf bytes;
    struct series_totals totals;
    uint64_t rows;
    int64_t first, last;
};

static bool
add_image(void *ctx, const struct stream *stream)
{
    struct image *image = ctx;

    vlt_buf_printf(&image->bytes, "%s %s %s %lld %lld %zu ", stream->name,
                   stream->unit, stream->category, (long long)stream->keep,
                   (long long)stream->created, stream->columns);
    vlt_buf_put(&image->bytes, stream->id, VLT_ID_LEN);
    return true;
}

static void
take_image(struct bench *b, struct image *image)
{
    const struct stream *stream =
        series_by_name(b->series, vlt_slice_text("a"));
    struct vlt_rows *last = last_row(b, stream);

    memset(image, 0, sizeof *image);
    vlt_buf_init(&image->bytes, 0);
    series_each(b->series, add_image, image);
    series_totals(b->series, &image->totals);
    assert_true(series_extent(b->series, stream->id, &image->rows,
                              &image->first, &image->last));
    answers(b, stream, &image->bytes);
    assert_int_equal(
        vlt_block_encode(last, vlt_rows_all(last), 0, &image->bytes), VLT_OK);
    vlt_rows_free(last);
    stream_release(stream);
}

static void
a_vault_opened_again_is_as_it_was(void **state)
{
    static const struct cell beside[] = { { VLT_DAY, 77 }, { VLT_DAY, 78 } };
    struct series_change change = { .category = "home.water", .keep = VLT_DAY };
    const struct stream *stream;
    struct cell cells[ROWS];
    struct image before;
    struct image after;
    struct bench b;
    uint32_t x = 5;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    stream_release(new_stream(&b, "b"));
    draw(cells, &x);
    put_anyhow(&b, stream, cells, &x);
    commit_rows(&b, stream, 0, beside, 2);
    turn_begin(&b);
    assert_int_equal(series_set(b.series, b.txn, stream->id, &change, NULL),
                     VLT_OK);
    turn_commit(&b);
    take_image(&b, &before);
    bench_reopen(&b);
    take_image(&b, &after);
    assert_int_equal(before.totals.rows, ROWS + 2);
    assert_memory_equal(&before.totals, &after.totals, sizeof before.totals);
    assert_int_equal(before.rows, after.rows);
    assert_int_equal(before.first, after.first);
    assert_int_equal(before.last, after.last);
    assert_int_equal(before.bytes.len, after.bytes.len);
    assert_memory_equal(before.bytes.at, after.bytes.at, before.bytes.len);
    vlt_buf_free(&before.bytes);
    vlt_buf_free(&after.bytes);
    stream_release(stream);
    bench_end(&b);
}

static void
a_locked_vault_forgets_its_streams(void **state)
{
    static const struct cell cells[] = { { 10, 1 } };
    const struct stream *stream;
    struct series_totals totals;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    commit_rows(&b, stream, 4, cells, 1);
    series_clear(b.series);
    series_totals(b.series, &totals);
    assert_int_equal(totals.streams, 0);
    assert_null(series_by_name(b.series, vlt_slice_text("a")));
    assert_false(series_knows(b.series, 1, (const uint8_t[8]){ 7 }, 4));
    assert_string_equal(stream->name, "a"); /* who holds it has it still */
    stream_release(stream);
    bench_end(&b);
}

/* A record that does not decode is told, not skipped. */
static void
a_damaged_record_fails_the_unlock(void **state)
{
    const struct stream *stream;
    uint8_t plain[STORE_TAIL_HEAD + 4] = { 0 };
    struct store_read *read;
    uint64_t arrival;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    turn_begin(&b);
    assert_int_equal(store_tail_put(b.txn, stream->id, 0,
                                    vlt_slice_of(plain, sizeof plain),
                                    &arrival),
                     VLT_OK);
    turn_commit(&b);
    series_clear(b.series);
    read = read_begin(&b.vault);
    assert_int_equal(series_load(b.series, store_read_view(read)),
                     VLT_E_STORAGE);
    store_read_end(read);
    stream_release(stream);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_arrival_does_not_change_an_answer),
        cmocka_unit_test(a_vault_opened_again_is_as_it_was),
        cmocka_unit_test(a_locked_vault_forgets_its_streams),
        cmocka_unit_test(a_damaged_record_fails_the_unlock),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
