#include "wire/rows.h"

#include <assert.h>

#include "wire/rows_internal.h"

enum {
    GROUP = 128, /* times that are looked at at once */
};

size_t
vlt_rows_count(const struct vlt_rows *rows)
{
    return rows->count;
}

size_t
vlt_rows_columns(const struct vlt_rows *rows)
{
    return rows->columns;
}

struct vlt_range
vlt_rows_all(const struct vlt_rows *rows)
{
    return (struct vlt_range){ .from = 0, .count = rows->count };
}

const int64_t *
vlt_rows_times(const struct vlt_rows *rows)
{
    return rows->times;
}

struct vlt_column
vlt_rows_column(const struct vlt_rows *rows, size_t column)
{
    assert(column < rows->columns);
    const struct rows_cells *cells = &rows->cells[column];
    bool whole = cells->present == rows->count;

    return (struct vlt_column){ .field = cells->field,
                                .present = cells->present,
                                .bits = cells->bits,
                                .bitmap = whole ? NULL : cells->bitmap };
}

size_t
vlt_rows_find(const struct vlt_rows *rows, uint8_t id)
{
    for (size_t c = 0; c < rows->columns; c++) {
        if (rows->cells[c].field.id == id) {
            return c;
        }
    }
    return SIZE_MAX;
}

bool
vlt_rows_has(const struct vlt_rows *rows, size_t row, size_t column)
{
    assert(row < rows->count && column < rows->columns);
    return rows_bit(rows->cells[column].bitmap, row);
}

uint64_t
vlt_rows_bits(const struct vlt_rows *rows, size_t row, size_t column)
{
    assert(row < rows->count && column < rows->columns);
    return rows->cells[column].bits[row];
}

struct vlt_slice
vlt_rows_text(const struct vlt_rows *rows, size_t row, size_t column)
{
    assert(row < rows->count && column < rows->columns);
    const struct rows_cells *cells = &rows->cells[column];
    uint64_t cell = cells->bits[row];

    assert(rows_of_texts(cells->field.type));
    if (rows_cell_len(cell) == 0) {
        return (struct vlt_slice){ 0 };
    }
    return (struct vlt_slice){ .at = rows->pool.at + rows_cell_offset(cell),
                               .len = rows_cell_len(cell) };
}

/* A time that is less than the one before gives a difference with a sign, as no
 * difference of two times overflows.  Without a way out compilers do several at
 * a time. */
static bool
all_sorted(const int64_t *times, size_t count)
{
    uint64_t all = 0;

    for (size_t i = 0; i < count; i++) {
        all |= (uint64_t)times[i + 1] - (uint64_t)times[i];
    }
    return all >> 63 == 0;
}

bool
vlt_rows_sorted(const struct vlt_rows *rows)
{
    for (size_t done = 0; done + 1 < rows->count; done += GROUP) {
        size_t left = rows->count - 1 - done;
        bool sorted = left < GROUP ? all_sorted(rows->times + done, left)
                                   : all_sorted(rows->times + done, GROUP);

        if (!sorted) {
            return false;
        }
    }
    return true;
}

size_t
vlt_rows_seek(const struct vlt_rows *rows, int64_t time)
{
    size_t low = 0;
    size_t high = rows->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (rows->times[middle] < time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The cell at a place that may be none (SIZE_MAX). */
static bool
holds(const struct vlt_rows *rows, size_t row, size_t column)
{
    return column != SIZE_MAX && rows_bit(rows->cells[column].bitmap, row);
}

/* A cell of a that is there against b's of the same column id. */
static bool
cell_equal(const struct vlt_rows *a, size_t i, size_t column,
           const struct vlt_rows *b, size_t j)
{
    const struct rows_cells *cells = &a->cells[column];
    size_t other = vlt_rows_find(b, cells->field.id);

    if (!holds(b, j, other) ||
        b->cells[other].field.type != cells->field.type) {
        return false;
    }
    if (rows_of_texts(cells->field.type)) {
        return vlt_slice_equal(vlt_rows_text(a, i, column),
                               vlt_rows_text(b, j, other));
    }
    return cells->bits[i] == b->cells[other].bits[j];
}

static size_t
present_in_row(const struct vlt_rows *rows, size_t row)
{
    size_t present = 0;

    for (size_t c = 0; c < rows->columns; c++) {
        present += rows_bit(rows->cells[c].bitmap, row) ? 1 : 0;
    }
    return present;
}

bool
vlt_rows_equal(const struct vlt_rows *a, size_t i, const struct vlt_rows *b,
               size_t j)
{
    assert(i < a->count && j < b->count);
    /* As many cells, and each of a's is in b: so each of b's is in a. */
    if (a->times[i] != b->times[j] ||
        present_in_row(a, i) != present_in_row(b, j)) {
        return false;
    }
    for (size_t c = 0; c < a->columns; c++) {
        if (holds(a, i, c) && !cell_equal(a, i, c, b, j)) {
            return false;
        }
    }
    return true;
}

bool
vlt_rows_same(const struct vlt_rows *a, const struct vlt_rows *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!vlt_rows_equal(a, i, b, i)) {
            return false;
        }
    }
    return true;
}

size_t
vlt_rows_size(const struct vlt_rows *rows, struct vlt_range range)
{
    assert(range.from <= rows->count &&
           range.count <= rows->count - range.from);
    size_t size = sizeof(uint64_t) * range.count * rows->columns;

    for (size_t c = 0; c < rows->columns; c++) {
        const struct rows_cells *cells = &rows->cells[c];

        if (!rows_of_texts(cells->field.type)) {
            continue;
        }
        for (size_t i = 0; i < range.count; i++) {
            size += rows_cell_len(cells->bits[range.from + i]);
        }
    }
    return size;
}

size_t
vlt_rows_memory(const struct vlt_rows *rows)
{
    return sizeof *rows + rows->columns * sizeof rows->cells[0] +
           rows->cap * sizeof(uint64_t) * (1 + rows->columns) +
           rows->columns * (rows->cap / 8) + rows->pool.cap;
}
