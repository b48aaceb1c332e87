/*
 * cells: rows of one column that a stream should have, in order of arrival,
 * that come in any order; of values that no coding makes small.
 */
#ifndef TESTS_SERIES_CELLS_H
#define TESTS_SERIES_CELLS_H

#include "model.h"

enum { CELLS_MAX = 40000 };

/* All rows that were stored, in order of arrival. */
struct cells {
    struct cell cell[CELLS_MAX];
    size_t count;
    size_t committed;
    uint32_t x;
};

static inline uint32_t
cells_draw(struct cells *cells, uint32_t below)
{
    return draw_of(&cells->x, below);
}

/* Values that no coding makes small, so that chunks fill soon. */
static inline double
cells_value(struct cells *cells)
{
    return (double)cells_draw(cells, 1 << 24) / 3 +
           (double)cells_draw(cells, 1 << 24) / 7e9;
}

/* Segments are small, so that a test sees many of them. */
static inline void
cells_begin(struct bench *b, struct cells *cells, uint32_t seed)
{
    cells->count = 0;
    cells->committed = 0;
    cells->x = seed;
    bench_begin(b);
    small_segments(b, 96 << 10, 200);
}

/* Append cells that are all new in the turn under way. */
static inline void
cells_put(struct bench *b, struct cells *cells, const struct stream *stream,
          const struct cell *cell, size_t count)
{
    assert_true(cells->count + count <= CELLS_MAX);
    assert_int_equal(append(b, stream, 0, cell, count).rows, count);
    memcpy(&cells->cell[cells->count], cell, count * sizeof *cell);
    cells->count += count;
}

/* One batch: mostly in order, some late, some at times that are there. */
static inline size_t
cells_batch(struct cells *cells, int64_t *newest, struct cell *cell,
            size_t most)
{
    size_t count = 1 + cells_draw(cells, (uint32_t)most);
    uint32_t kind = cells_draw(cells, 8);
    int64_t time = *newest;

    if (kind == 0) {
        time -= (int64_t)cells_draw(cells, 3000) * VLT_SECOND;
    } else if (kind == 1) {
        time -= (int64_t)cells_draw(cells, 40 * 24) * VLT_HOUR;
    }
    for (size_t i = 0; i < count; i++) {
        if (cells_draw(cells, 10) > 0) {
            time += (int64_t)cells_draw(cells, 1000) * VLT_SECOND / 100;
        }
        cell[i].time = time;
        cell[i].value = cells_value(cells);
    }
    *newest = time > *newest ? time : *newest;
    return count;
}

static inline int
cells_by_time(const void *a, const void *b)
{
    const struct cell *const *x = a;
    const struct cell *const *y = b;

    if ((*x)->time != (*y)->time) {
        return (*x)->time < (*y)->time ? -1 : 1;
    }
    return *x < *y ? -1 : *x > *y;
}

/* The stream holds the cells' committed rows, in their order. */
static inline void
assert_cells_in(struct bench *b, const struct cells *cells,
                const struct stream *stream, size_t slice)
{
    struct vlt_rows *rows = scan(b, stream, &want_all, slice);
    const struct cell **order = calloc(cells->committed + 1, sizeof *order);
    uint64_t count;
    int64_t first;
    int64_t last;

    assert_non_null(order);
    for (size_t i = 0; i < cells->committed; i++) {
        order[i] = &cells->cell[i];
    }
    qsort(order, cells->committed, sizeof *order, cells_by_time);
    assert_int_equal(vlt_rows_count(rows), cells->committed);
    for (size_t i = 0; i < cells->committed; i++) {
        if (vlt_rows_times(rows)[i] != order[i]->time ||
            vlt_rows_bits(rows, i, 0) != vlt_bits_of(order[i]->value)) {
            fail_msg("row %zu of %zu is another", i, cells->committed);
        }
    }
    if (cells->committed > 0) {
        assert_true(
            series_extent(b->series, stream->id, &count, &first, &last));
        assert_int_equal(count, cells->committed);
        assert_int_equal(first, order[0]->time);
        assert_int_equal(last, order[cells->committed - 1]->time);
    }
    free(order);
    vlt_rows_free(rows);
}

#endif
