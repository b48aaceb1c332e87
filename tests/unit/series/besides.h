/*
 * besides: a vault that packs beside, where chunks are made by hand between
 * the turns.
 */
#ifndef TESTS_SERIES_BESIDES_H
#define TESTS_SERIES_BESIDES_H

#include "erases.h"

#include "series/beside.h"

#define START VLT_DAY

static inline void
by_hand(struct bench *b)
{
    assert_int_equal(beside_new(false, &b->series->beside), VLT_OK);
}

static inline size_t
make_all(struct bench *b)
{
    size_t made = 0;

    while (beside_step(b->series->beside)) {
        made++;
    }
    return made;
}

static inline bool
is_given(const struct bench *b, const struct stream *stream, int64_t time)
{
    return beside_has(b->series->beside, stream->id, epoch_of(time));
}

/* Rows in order, a step apart. */
static inline void
put_on(struct bench *b, struct cells *cells, const struct stream *stream,
       int64_t *time, int64_t step, size_t count)
{
    struct cell cell[1000];

    assert_true(count <= 1000);
    for (size_t i = 0; i < count; i++) {
        cell[i].time = *time += step;
        cell[i].value = cells_value(cells);
    }
    turn_begin(b);
    cells_put(b, cells, stream, cell, count);
    turn_commit(b);
    cells->committed = cells->count;
}

/* A row that is later than 100 others, of equal times the last to come. */
static inline void
put_late(struct bench *b, struct cells *cells, const struct stream *stream,
         int64_t time)
{
    struct cell late = { time - 100 * VLT_SECOND, -1 };

    turn_begin(b);
    cells_put(b, cells, stream, &late, 1);
    turn_commit(b);
    cells->committed = cells->count;
}

/* Turns of 400 rows until chunks of the stream are to be made. */
static inline void
put_until_given(struct bench *b, struct cells *cells,
                const struct stream *stream, int64_t *time)
{
    do {
        put_on(b, cells, stream, time, VLT_SECOND, 400);
    } while (!is_given(b, stream, *time));
}

/* All rows are there, and what is packed is whole. */
static inline void
end_whole(struct bench *b, struct cells *cells, const struct stream *stream)
{
    assert_cells_in(b, cells, stream, 3000);
    (void)assert_packed_whole(b);
    stream_release(stream);
    bench_end(b);
}

static inline void
begin_beside(struct bench *b, struct cells *cells, uint32_t seed)
{
    cells_begin(b, cells, seed);
    small_segments(b, 16 << 20, 100000);
    by_hand(b);
}

#endif
