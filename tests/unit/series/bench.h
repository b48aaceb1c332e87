/*
 * bench: streams in a scratch vault, and rows to put into them.
 */
#ifndef TESTS_SERIES_BENCH_H
#define TESTS_SERIES_BENCH_H

#include "../store/fixture.h"

#include "base/time.h"
#include "series/series.h"

struct bench {
    struct vault vault;
    struct series *series;
    struct store_txn *txn; /* between turn_begin() and its end */
};

static inline void
bench_load(struct bench *b)
{
    struct store_read *read;

    assert_int_equal(series_new(b->vault.store, &b->series), VLT_OK);
    assert_int_equal(series_load_tombs(b->series), VLT_OK);
    read = read_begin(&b->vault);
    assert_int_equal(series_load(b->series, store_read_view(read)), VLT_OK);
    store_read_end(read);
}

static inline void
bench_begin(struct bench *b)
{
    *b = (struct bench){ .txn = NULL };
    vault_begin(&b->vault);
    bench_load(b);
}

static inline void
bench_end(struct bench *b)
{
    series_free(b->series);
    vault_end(&b->vault);
}

/* Close the vault and open it again. */
static inline void
bench_reopen(struct bench *b)
{
    series_free(b->series);
    vault_close(&b->vault);
    vault_open(&b->vault);
    bench_load(b);
}

static inline void
turn_begin(struct bench *b)
{
    b->txn = txn_begin(&b->vault);
}

static inline void
turn_commit(struct bench *b)
{
    assert_int_equal(series_pack(b->series, b->txn), VLT_OK);
    txn_commit(b->txn);
    b->txn = NULL;
    series_turn_end(b->series, true);
}

static inline void
turn_abort(struct bench *b)
{
    store_txn_abort(b->txn);
    b->txn = NULL;
    series_turn_end(b->series, false);
}

/* ---- streams ---- */

static const struct stream_column one_value[] = {
    { .id = 0, .type = VLT_TYPE_F64, .name = "value" },
};

static inline struct stream
wish_of(const char *name, const struct stream_column *column, size_t columns)
{
    struct stream wish = { .unit = "W",
                           .category = "energy.electricity",
                           .keep = INT64_MAX,
                           .columns = columns,
                           .column = column };

    (void)snprintf(wish.name, sizeof wish.name, "%s", name);
    return wish;
}

/* In the turn under way; the caller releases it. */
static inline const struct stream *
make_stream(struct bench *b, const char *name)
{
    struct stream wish = wish_of(name, one_value, 1);
    const struct stream *stream = NULL;

    assert_int_equal(series_create(b->series, b->txn, &wish, NULL, &stream),
                     VLT_OK);
    return stream;
}

/* In a turn of its own. */
static inline const struct stream *
new_stream(struct bench *b, const char *name)
{
    const struct stream *stream;

    turn_begin(b);
    stream = make_stream(b, name);
    turn_commit(b);
    return stream;
}

/* ---- rows ---- */

struct cell {
    int64_t time;
    double value;
};

static inline struct vlt_rows *
rows_of(const struct cell *cell, size_t count)
{
    static const struct vlt_field field = { .id = 0, .type = VLT_TYPE_F64 };
    struct vlt_schema schema = { .fields = &field, .count = 1 };
    struct vlt_rows *rows;

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(vlt_rows_add(rows, cell[i].time), VLT_OK);
        vlt_rows_set(rows, 0, vlt_bits_of(cell[i].value));
    }
    return rows;
}

/* Append rows of one stream in the turn under way. */
static inline enum vlt_status
try_append(struct bench *b, const struct stream *stream, uint64_t seq,
           const struct vlt_rows *rows, struct series_stored *out)
{
    struct series_part part = { .stream = stream, .rows = rows };
    struct series_batch batch = {
        .source = 1, .boot = { 7 }, .seq = seq, .parts = 1, .part = &part
    };

    return series_append(b->series, b->txn, &batch, out);
}

static inline struct series_stored
append(struct bench *b, const struct stream *stream, uint64_t seq,
       const struct cell *cell, size_t count)
{
    struct vlt_rows *rows = rows_of(cell, count);
    struct series_stored out;

    assert_int_equal(try_append(b, stream, seq, rows, &out), VLT_OK);
    vlt_rows_free(rows);
    return out;
}

/* The same in a turn of its own. */
static inline struct series_stored
commit_rows(struct bench *b, const struct stream *stream, uint64_t seq,
            const struct cell *cell, size_t count)
{
    struct series_stored out;

    turn_begin(b);
    out = append(b, stream, seq, cell, count);
    turn_commit(b);
    return out;
}

/* ---- reading ---- */

static const struct series_want want_all = { .from = VLT_TIME_MIN,
                                             .to = VLT_TIME_MAX };

/* Rows with the columns of a want. */
static inline struct vlt_rows *
rows_for(const struct stream *stream, const struct series_want *want)
{
    struct stream_column columns[SERIES_COLUMNS_MAX];
    struct vlt_field fields[SERIES_COLUMNS_MAX];
    struct vlt_schema schema = { .fields = fields };
    struct vlt_rows *rows;

    assert_int_equal(series_columns(stream, want, &schema.count, columns),
                     VLT_OK);
    for (size_t i = 0; i < schema.count; i++) {
        fields[i].id = columns[i].id;
        fields[i].type = (enum vlt_type)columns[i].type;
    }
    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    return rows;
}

static inline struct series_at
at_begin(const struct series_want *want)
{
    return (struct series_at){ .time =
                                   want->descending ? want->to : want->from };
}

/* All of a want, slice by slice, each with a view of its own. */
static inline struct vlt_rows *
scan(struct bench *b, const struct stream *stream,
     const struct series_want *want, size_t slice)
{
    struct vlt_rows *all = rows_for(stream, want);
    struct vlt_rows *page = rows_for(stream, want);
    struct series_at at = at_begin(want);
    bool more = true;

    while (more) {
        struct store_read *read = read_begin(&b->vault);

        assert_int_equal(series_scan(b->series, store_read_view(read), stream,
                                     want, &at, slice, SIZE_MAX, page, &more),
                         VLT_OK);
        store_read_end(read);
        assert_true(vlt_rows_count(page) <= slice);
        assert_int_equal(vlt_rows_append(all, page, vlt_rows_all(page)),
                         VLT_OK);
    }
    vlt_rows_free(page);
    return all;
}

/* The last row: by time, of equal times the one that arrived last. */
static inline struct vlt_rows *
last_row(struct bench *b, const struct stream *stream)
{
    struct series_want want = want_all;
    struct vlt_rows *rows = rows_for(stream, &want);
    struct series_at at = { .time = want.to };
    struct store_read *read = read_begin(&b->vault);
    bool more;

    want.descending = true;
    assert_int_equal(series_scan(b->series, store_read_view(read), stream,
                                 &want, &at, 1, SIZE_MAX, rows, &more),
                     VLT_OK);
    store_read_end(read);
    return rows;
}

static inline void
assert_cells(const struct vlt_rows *rows, const struct cell *cell, size_t count)
{
    assert_int_equal(vlt_rows_count(rows), count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(vlt_rows_times(rows)[i], cell[i].time);
        assert_int_equal(vlt_rows_bits(rows, i, 0), vlt_bits_of(cell[i].value));
    }
}

/* What stands in the stream is exactly this. */
static inline void
assert_holds(struct bench *b, const struct stream *stream,
             const struct cell *cell, size_t count)
{
    struct vlt_rows *rows = scan(b, stream, &want_all, 100);

    assert_cells(rows, cell, count);
    vlt_rows_free(rows);
}

#endif
