/*
 * model: all rows that a stream should have, in order of arrival, beside the
 * vault that packs them; and small segments, so that a test sees many.
 */
#ifndef TESTS_SERIES_MODEL_H
#define TESTS_SERIES_MODEL_H

#include "bench.h"

#include "series/series_internal.h"

struct model {
    const struct stream *stream; /* owned */
    struct vlt_rows *rows;       /* owned: stored, the turn's included */
    size_t committed;            /* of them */
};

/* A source of numbers: the same for the same seed. */
static inline uint32_t
draw_of(uint32_t *x, uint32_t below)
{
    *x = *x * 1664525 + 1013904223;
    return (*x >> 8) % below;
}

static inline void
small_segments(struct bench *b, uint64_t bytes, uint64_t records)
{
    b->series->limits = (struct pack_limits){ .least = bytes,
                                              .most = bytes,
                                              .records = records };
}

/* Reopen the vault, its segments as small as they were. */
static inline void
reopen_small(struct bench *b)
{
    struct pack_limits limits = b->series->limits;

    bench_reopen(b);
    b->series->limits = limits;
}

static inline void
model_begin(struct model *model, const struct stream *stream)
{
    model->stream = stream;
    model->rows = rows_for(stream, &want_all);
    model->committed = 0;
}

static inline void
model_end(struct model *model)
{
    stream_release(model->stream);
    vlt_rows_free(model->rows);
}

/* Append rows, sorted and all of them new, in the turn under way. */
static inline void
model_put(struct bench *b, struct model *model, const struct vlt_rows *rows)
{
    struct series_stored out;

    assert_int_equal(try_append(b, model->stream, 0, rows, &out), VLT_OK);
    assert_int_equal(out.rows, vlt_rows_count(rows));
    assert_int_equal(vlt_rows_append(model->rows, rows, vlt_rows_all(rows)),
                     VLT_OK);
}

static inline void
model_commit(struct model *model)
{
    model->committed = vlt_rows_count(model->rows);
}

/* What is committed, as it is to be read. */
static inline struct vlt_rows *
model_sorted(const struct model *model)
{
    struct vlt_range all = { .count = model->committed };
    struct vlt_rows *sorted;

    assert_int_equal(vlt_rows_slice(model->rows, all, &sorted), VLT_OK);
    assert_int_equal(vlt_rows_sort(sorted), VLT_OK);
    return sorted;
}

static inline void
assert_model(struct bench *b, const struct model *model, size_t slice)
{
    struct vlt_rows *expected = model_sorted(model);
    struct vlt_rows *rows = scan(b, model->stream, &want_all, slice);
    size_t count = vlt_rows_count(expected);

    assert_int_equal(vlt_rows_count(rows), count);
    for (size_t i = 0; i < count; i++) {
        if (!vlt_rows_equal(rows, i, expected, i)) {
            fail_msg("row %zu of %zu is another", i, count);
        }
    }
    vlt_rows_free(expected);
    vlt_rows_free(rows);
}

static inline struct store_stat
stat_now(struct bench *b)
{
    struct store_read *read = read_begin(&b->vault);
    struct store_stat stat;

    assert_int_equal(store_view_stat(store_read_view(read), &stat), VLT_OK);
    store_read_end(read);
    return stat;
}

/* Everything in the store opens in its place, and what is packed is whole. */
static inline struct series_check
assert_packed_whole(struct bench *b)
{
    struct store_read *read = read_begin(&b->vault);
    struct store_check found = { .bad = 0 };
    struct series_check packed = { .bad = 0 };
    struct vlt_buf why;

    vlt_buf_init(&why, 0);
    if (store_check(store_read_view(read), &why, &found) != VLT_OK ||
        series_check(b->series, store_read_view(read), &why, &packed) !=
            VLT_OK) {
        fail_msg("%.*s", (int)why.len, (const char *)why.at);
    }
    vlt_buf_free(&why);
    store_read_end(read);
    return packed;
}

/* The record of a lane; the caller frees it. */
static inline struct lane_record
lane_now(struct bench *b, const struct stream *stream, int32_t epoch)
{
    struct store_read *read = read_begin(&b->vault);
    struct store_lane where = { .epoch = epoch };
    struct lane_record record = { .rows = 0 };
    struct vlt_buf room;
    enum vlt_status st;

    memcpy(where.stream, stream->id, sizeof where.stream);
    vlt_buf_init(&room, 0);
    st = store_lane_get(store_read_view(read), &where, &room);
    if (st != VLT_E_NOT_FOUND) {
        assert_int_equal(st, VLT_OK);
        assert_int_equal(lane_record_decode(vlt_buf_slice(&room), &record),
                         VLT_OK);
    }
    vlt_buf_free(&room);
    store_read_end(read);
    return record;
}

enum { SEGMENT_FEW = 8 }; /* records of a segment, at which it is closed */

/* Commit rows in a turn of their own, and free them. */
static inline void
commit_model(struct bench *b, struct model *model, struct vlt_rows *rows)
{
    turn_begin(b);
    model_put(b, model, rows);
    turn_commit(b);
    model_commit(model);
    vlt_rows_free(rows);
}

/* Turns with rows of another stream, until so many more segments are gone. */
static inline void
drop_segments(struct bench *b, const struct stream *other, int count)
{
    static int64_t time = 0;

    for (int i = 0; i < count; i++) {
        uint64_t first = b->series->first;

        while (b->series->first == first) {
            struct cell cell = { .time = time += VLT_SECOND, .value = 1 };

            (void)commit_rows(b, other, 0, &cell, 1);
        }
    }
}

static inline void
bench_begin_small(struct bench *b)
{
    bench_begin(b);
    small_segments(b, 1 << 20, SEGMENT_FEW);
}

#endif
