/* A page opens about as many records as it gives rows of, however long rows
 * are. */
#include "model.h"

#include "crypto/random.h"

enum {
    LONG = 400,  /* bytes of a text that compresses little */
    BATCH = 500, /* rows of a commit */
    BATCHES = 12,
    PAGE = 64 << 10,  /* bytes */
    LEAST = PAGE / 2, /* of every page but the last */
    FEW = 24,         /* records: what a page has thrice, and heads */
};

static const struct stream_column number_and_text[] = {
    { .id = 0, .type = VLT_TYPE_F64, .name = "level" },
    { .id = 1, .type = VLT_TYPE_TEXT, .name = "text" },
};

struct texts {
    struct bench b;
    const struct stream *stream;
    int64_t rows;
};

static void
begin_with(struct texts *texts, const struct stream_column *column,
           size_t columns)
{
    struct stream wish = wish_of("a", column, columns);

    bench_begin(&texts->b);
    texts->rows = 0;
    turn_begin(&texts->b);
    assert_int_equal(series_create(texts->b.series, texts->b.txn, &wish, NULL,
                                   &texts->stream),
                     VLT_OK);
    turn_commit(&texts->b);
}

static void
begin(struct texts *texts)
{
    begin_with(texts, number_and_text, 2);
}

static void
end(struct texts *texts)
{
    stream_release(texts->stream);
    bench_end(&texts->b);
}

/* A commit of these rows, which are freed. */
static void
commit_all(struct texts *texts, struct vlt_rows *rows)
{
    struct series_stored out;

    turn_begin(&texts->b);
    assert_int_equal(try_append(&texts->b, texts->stream, 0, rows, &out),
                     VLT_OK);
    turn_commit(&texts->b);
    vlt_rows_free(rows);
}

/* A commit of rows whose texts are of so many bytes; their times, and their
 * numbers, count on.  plain: all bytes of a text are one letter. */
static void
commit_texts_as(struct texts *texts, size_t count, size_t bytes, bool plain)
{
    struct vlt_rows *rows = rows_for(texts->stream, &want_all);
    char *text = malloc(bytes + 1);

    assert_non_null(text);
    for (size_t i = 0; i < count; i++, texts->rows++) {
        vlt_random(text, bytes);
        for (size_t at = 0; at < bytes; at++) {
            text[at] = plain ? 'x' : (char)(' ' + (text[at] & 0x3f));
        }
        assert_int_equal(vlt_rows_add(rows, texts->rows), VLT_OK);
        vlt_rows_set(rows, 0, vlt_bits_of((double)texts->rows));
        assert_int_equal(vlt_rows_set_text(rows, 1, vlt_slice_of(text, bytes)),
                         VLT_OK);
    }
    free(text);
    commit_all(texts, rows);
}

static void
commit_texts(struct texts *texts, size_t count, size_t bytes)
{
    commit_texts_as(texts, count, bytes, false);
}

/* What a scan took, page by page. */
struct taken {
    size_t rows, pages;
    uint64_t opened, most_opened; /* records: of all pages, of one */
    size_t least;                 /* bytes of a page, but for the last one */
};

/* The rows of one page, of at most so many bytes, which the caller frees. */
static struct vlt_rows *
read_page(struct texts *texts, const struct series_want *want,
          struct series_at *at, size_t bytes, uint64_t *opened, bool *more)
{
    struct store_read *read = read_begin(&texts->b.vault);
    struct vlt_rows *page = rows_for(texts->stream, want);

    assert_int_equal(series_scan(texts->b.series, store_read_view(read),
                                 texts->stream, want, at, SERIES_PAGE_ROWS,
                                 bytes, page, more),
                     VLT_OK);
    *opened = store_view_opened(store_read_view(read));
    store_read_end(read);
    return page;
}

/* Such a page; its rows count on. */
static bool
take_page(struct texts *texts, const struct series_want *want,
          struct series_at *at, size_t bytes, struct taken *taken)
{
    uint64_t opened;
    size_t size;
    bool more = false;
    struct vlt_rows *page = read_page(texts, want, at, bytes, &opened, &more);

    for (size_t i = 0; i < vlt_rows_count(page); i++, taken->rows++) {
        int64_t row = (int64_t)taken->rows;

        assert_int_equal(vlt_rows_times(page)[i],
                         want->descending ? texts->rows - 1 - row : row);
    }
    size = vlt_rows_size(page, vlt_rows_all(page));
    assert_true(size <= bytes || vlt_rows_count(page) == 1);
    if (more && size < taken->least) {
        taken->least = size;
    }
    taken->opened += opened;
    taken->most_opened =
        opened > taken->most_opened ? opened : taken->most_opened;
    taken->pages++;
    vlt_rows_free(page);
    return more;
}

/* All of it, each row once and in order. */
static struct taken
take_all(struct texts *texts, bool down, size_t bytes)
{
    struct series_want want = want_all;
    struct taken taken = { .least = SIZE_MAX };

    want.descending = down;
    for (struct series_at at = at_begin(&want);
         take_page(texts, &want, &at, bytes, &taken);) {
    }
    assert_int_equal(taken.rows, texts->rows);
    return taken;
}

static void
a_page_of_long_texts_opens_about_what_it_gives(void **state)
{
    struct texts texts;

    begin(&texts);
    for (int i = 0; i < BATCHES; i++) {
        commit_texts(&texts, BATCH, LONG);
    }
    for (int down = 0; down < 2; down++) {
        struct taken taken = take_all(&texts, down != 0, PAGE);

        assert_true(taken.most_opened <= FEW);
        assert_true(taken.opened <= taken.pages * FEW / 2);
        assert_true(taken.least >= LEAST);
    }
    end(&texts);
}

/* What the first record says of the others is a guess. */
static void
a_page_is_full_where_short_texts_follow_a_long_one(void **state)
{
    struct texts texts;

    begin(&texts);
    commit_texts(&texts, 1, PAGE / 4);
    for (int i = 0; i < 300; i++) {
        commit_texts(&texts, 1, 1);
    }
    commit_texts(&texts, 1, PAGE / 4);
    for (int down = 0; down < 2; down++) {
        assert_int_equal(take_all(&texts, down != 0, PAGE).pages, 1);
    }
    end(&texts);
}

/* Nor is all that is long opened since what is before it is short: a stream
 * may have more than there is memory. */
static void
long_texts_behind_a_short_one_are_not_opened_at_once(void **state)
{
    enum { LONGEST = 200 << 10, COUNT = 120 };
    struct texts texts;

    begin(&texts);
    commit_texts(&texts, 1, 1);
    for (int i = 0; i < COUNT; i++) {
        commit_texts(&texts, 1, LONGEST);
    }
    commit_texts(&texts, 1, 1);
    for (int down = 0; down < 2; down++) {
        struct taken taken = take_all(&texts, down != 0, 2 * LONGEST + PAGE);

        assert_true(taken.most_opened <= COUNT / 2);
        assert_true(taken.opened <= COUNT * FEW / 4);
    }
    end(&texts);
}

/* Nor step by step, where many short ones stand before many long ones. */
static void
how_many_are_opened_is_found_in_few_steps(void **state)
{
    enum { LONGEST = 200 << 10, COUNT = 120 };
    struct series_want want = want_all;
    struct taken taken = { .least = SIZE_MAX };
    struct series_at at;
    struct texts texts;

    begin(&texts);
    for (int i = 0; i < 2 * COUNT; i++) {
        commit_texts_as(&texts, 1, i < COUNT ? LONGEST : 1, true);
    }
    want.descending = true;
    at = at_begin(&want);
    assert_true(take_page(&texts, &want, &at, 512 << 10, &taken));
    assert_true(taken.opened <= 4 * COUNT);
    end(&texts);
}

/* Two rows in one record, with times of others between them. */
static void
commit_two(struct texts *texts, int64_t first, int64_t last)
{
    struct vlt_rows *rows = rows_for(texts->stream, &want_all);
    const int64_t time[] = { first, last };

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(vlt_rows_add(rows, time[i]), VLT_OK);
        assert_int_equal(vlt_rows_set_text(rows, 1, vlt_slice_of("x", 1)),
                         VLT_OK);
    }
    commit_all(texts, rows);
}

/* Nor where records overlap, as forecasts do: half of their rows come late. */
static void
how_many_of_what_overlaps_is_found_in_few_steps(void **state)
{
    enum { COUNT = 600, BYTES = 8 << 10 };
    struct texts texts;

    begin(&texts);
    for (int64_t i = 0; i < COUNT; i++) {
        commit_two(&texts, i, COUNT + i);
    }
    texts.rows = (int64_t)COUNT * 2;
    for (int down = 0; down < 2; down++) {
        struct taken taken = take_all(&texts, down != 0, BYTES);

        assert_true(taken.opened <= taken.pages * COUNT * 4);
        assert_true(taken.least >= BYTES / 2);
    }
    end(&texts);
}

/* Texts that nobody asks for are opened with the numbers beside them. */
static void
a_page_of_numbers_opens_no_more_where_texts_stand_beside_them(void **state)
{
    enum { LONGEST = 200 << 10, COUNT = 120 };
    struct series_want want = { .from = VLT_TIME_MIN,
                                .to = VLT_TIME_MAX,
                                .columns = 1 };
    struct taken taken = { .least = SIZE_MAX };
    struct texts texts;

    begin(&texts);
    for (int i = 0; i < COUNT; i++) {
        commit_texts(&texts, 1, LONGEST);
    }
    for (struct series_at at = at_begin(&want);
         take_page(&texts, &want, &at, 512 << 10, &taken);) {
    }
    assert_int_equal(taken.rows, COUNT);
    assert_true(taken.most_opened <= COUNT / 2);
    end(&texts);
}

/* Those that pass may be few. */
static void
rows_that_meet_a_condition_come_all(void **state)
{
    enum { RECORDS = 4 * BATCHES * BATCH / 50 }; /* about; of 20 KiB */
    struct series_want want = { .from = VLT_TIME_MIN,
                                .to = VLT_TIME_MAX,
                                .where_count = 1 };
    struct texts texts;
    size_t rows = 0;
    uint64_t opened;

    begin(&texts);
    for (int i = 0; i < 4 * BATCHES; i++) {
        commit_texts(&texts, BATCH, LONG);
    }
    want.where[0] = (struct series_where){ .column = 0,
                                           .compare = SERIES_GE,
                                           .value = (double)texts.rows - 3 };
    for (int down = 0; down < 2; down++) {
        struct series_at at;
        bool more = true;

        want.descending = down != 0;
        at = at_begin(&want);
        opened = 0;
        for (rows = 0; more;) {
            uint64_t records;
            struct vlt_rows *page =
                read_page(&texts, &want, &at, PAGE, &records, &more);

            rows += vlt_rows_count(page);
            opened += records;
            vlt_rows_free(page);
        }
        assert_int_equal(rows, 3);
        assert_true(opened <= 3 * RECORDS);
    }
    end(&texts);
}

/* Of numbers, how wide a row is says how many fit. */
static void
a_page_of_many_columns_opens_about_what_it_gives(void **state)
{
    enum { COLUMNS = 16, ROWS = 20000 };
    struct stream_column column[COLUMNS];
    struct vlt_rows *rows;
    struct texts texts;

    for (int i = 0; i < COLUMNS; i++) {
        column[i] =
            (struct stream_column){ .id = (uint8_t)i, .type = VLT_TYPE_F64 };
        (void)snprintf(column[i].name, sizeof column[i].name, "c%d", i);
    }
    begin_with(&texts, column, COLUMNS);
    rows = rows_for(texts.stream, &want_all);
    for (int64_t time = 0; time < ROWS; time++) {
        assert_int_equal(vlt_rows_add(rows, time), VLT_OK);
        for (size_t i = 0; i < COLUMNS; i++) {
            uint64_t bits;

            vlt_random(&bits, sizeof bits);
            vlt_rows_set(rows, i, vlt_bits_of((double)(bits >> 12) / 7));
        }
    }
    commit_all(&texts, rows);
    texts.rows = ROWS;
    for (int down = 0; down < 2; down++) {
        struct taken taken = take_all(&texts, down != 0, PAGE);

        assert_true(taken.most_opened <= FEW);
        assert_true(taken.opened <= taken.pages * FEW / 2);
        assert_true(taken.least >= LEAST);
    }
    end(&texts);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_of_long_texts_opens_about_what_it_gives),
        cmocka_unit_test(a_page_is_full_where_short_texts_follow_a_long_one),
        cmocka_unit_test(long_texts_behind_a_short_one_are_not_opened_at_once),
        cmocka_unit_test(how_many_are_opened_is_found_in_few_steps),
        cmocka_unit_test(how_many_of_what_overlaps_is_found_in_few_steps),
        cmocka_unit_test(
            a_page_of_numbers_opens_no_more_where_texts_stand_beside_them),
        cmocka_unit_test(rows_that_meet_a_condition_come_all),
        cmocka_unit_test(a_page_of_many_columns_opens_about_what_it_gives),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
