#include "wire/rows.h"

#include <assert.h>
#include <stdlib.h>

#include "wire/rows_internal.h"

/* Has each column of the other a like one here?  Where `strict` is false it
 * may have none, but never one of another type. */
static bool
columns_fit(const struct vlt_rows *rows, const struct vlt_rows *other,
            bool strict)
{
    for (size_t c = 0; c < other->columns; c++) {
        struct vlt_field field = other->cells[c].field;
        size_t here = vlt_rows_find(rows, field.id);

        if (here == SIZE_MAX ? strict
                             : rows->cells[here].field.type != field.type) {
            return false;
        }
    }
    return true;
}

/* Bytes of all texts that would come over. */
static size_t
text_bytes(const struct vlt_rows *rows, const struct vlt_rows *other,
           struct vlt_range range)
{
    size_t bytes = 0;

    for (size_t c = 0; c < other->columns; c++) {
        const struct rows_cells *from = &other->cells[c];

        if (!rows_of_texts(from->field.type) ||
            vlt_rows_find(rows, from->field.id) == SIZE_MAX) {
            continue;
        }
        for (size_t i = 0; i < range.count; i++) {
            bytes += rows_cell_len(from->bits[range.from + i]);
        }
    }
    return bytes;
}

/* Eight bits of a bitmap from a row on; its last byte is `last`. */
static uint8_t
eight_bits(const uint8_t *bitmap, size_t row, size_t last)
{
    unsigned both = bitmap[row / 8];

    if (row / 8 < last) {
        both |= (unsigned)bitmap[row / 8 + 1] << 8;
    }
    return (uint8_t)(both >> (row % 8));
}

/* Copy which cells are present, of count, to where none is yet; the column's
 * bits follow apart.  Mostly all are; else eight are looked at at a time. */
static void
copy_presence(struct rows_cells *to, size_t at, const struct rows_cells *from,
              size_t count, struct vlt_range range)
{
    size_t last = (range.from + range.count - 1) / 8;

    if (from->present == count) {
        rows_bits_set(to->bitmap, at, range.count);
        to->present += range.count;
        return;
    }
    for (size_t i = 0; i < range.count; i += 8) {
        unsigned bits = eight_bits(from->bitmap, range.from + i, last);
        size_t place = (at + i) / 8;

        if (range.count - i < 8) {
            bits &= (1u << (range.count - i)) - 1;
        }
        to->present += (size_t)__builtin_popcount(bits);
        bits <<= (at + i) % 8;
        to->bitmap[place] = (uint8_t)(to->bitmap[place] | bits);
        if (bits >> 8 != 0) {
            to->bitmap[place + 1] =
                (uint8_t)(to->bitmap[place + 1] | bits >> 8);
        }
    }
}

/* Copy texts to where the pool has room at *offset. */
static void
copy_texts(struct vlt_rows *rows, struct rows_cells *to,
           const struct vlt_rows *other, struct vlt_range range, size_t *offset)
{
    size_t from = vlt_rows_find(other, to->field.id);

    for (size_t i = 0; i < range.count; i++) {
        struct vlt_slice text = vlt_rows_text(other, range.from + i, from);

        if (text.len > 0) {
            memcpy(rows->pool.at + *offset, text.at, text.len);
        }
        to->bits[rows->count + i] = vlt_rows_has(other, range.from + i, from)
                                        ? rows_cell(*offset, text.len)
                                        : 0;
        *offset += text.len;
    }
}

/* Room is made: from here on nothing can fail. */
static void
copy_range(struct vlt_rows *rows, const struct vlt_rows *other,
           struct vlt_range range, size_t offset)
{
    memcpy(rows->times + rows->count, other->times + range.from,
           range.count * sizeof rows->times[0]);
    for (size_t c = 0; c < rows->columns; c++) {
        struct rows_cells *to = &rows->cells[c];
        size_t place = vlt_rows_find(other, to->field.id);

        if (place == SIZE_MAX) {
            memset(to->bits + rows->count, 0, range.count * sizeof to->bits[0]);
            continue;
        }
        const struct rows_cells *from = &other->cells[place];

        copy_presence(to, rows->count, from, other->count, range);
        if (rows_of_texts(to->field.type)) {
            copy_texts(rows, to, other, range, &offset);
        } else {
            memcpy(to->bits + rows->count, from->bits + range.from,
                   range.count * sizeof to->bits[0]);
        }
    }
    rows->count += range.count;
}

static enum vlt_status
take(struct vlt_rows *rows, const struct vlt_rows *other,
     struct vlt_range range, bool strict)
{
    assert(rows != other && range.from <= other->count &&
           range.count <= other->count - range.from);
    if (!columns_fit(rows, other, strict)) {
        return VLT_E_FORMAT;
    }
    if (range.count == 0) {
        return VLT_OK;
    }
    size_t bytes = text_bytes(rows, other, range);
    size_t offset = rows->pool.len;
    enum vlt_status st;

    if (bytes > VLT_ROWS_POOL - offset) {
        return VLT_E_LIMIT;
    }
    st = vlt_rows_reserve(rows, range.count);
    if (st != VLT_OK) {
        return st;
    }
    if (bytes > 0 && vlt_buf_extend(&rows->pool, bytes) == NULL) {
        return VLT_E_NOMEM;
    }
    copy_range(rows, other, range, offset);
    return VLT_OK;
}

enum vlt_status
vlt_rows_append(struct vlt_rows *rows, const struct vlt_rows *other,
                struct vlt_range range)
{
    return take(rows, other, range, true);
}

enum vlt_status
vlt_rows_pick(struct vlt_rows *rows, const struct vlt_rows *other,
              struct vlt_range range)
{
    return take(rows, other, range, false);
}

enum vlt_status
vlt_rows_slice(const struct vlt_rows *rows, struct vlt_range range,
               struct vlt_rows **out)
{
    struct vlt_field fields[VLT_COLUMNS_MAX];
    struct vlt_schema schema = { .fields = fields, .count = rows->columns };
    struct vlt_rows *copy = NULL;
    enum vlt_status st;

    for (size_t c = 0; c < rows->columns; c++) {
        fields[c] = rows->cells[c].field;
    }
    st = vlt_rows_new(&schema, &copy);
    if (st != VLT_OK) {
        return st;
    }
    st = vlt_rows_append(copy, rows, range);
    if (st != VLT_OK) {
        vlt_rows_free(copy);
        return st;
    }
    *out = copy;
    return VLT_OK;
}

/* The same cells of one column from its first row on. */
static void
keep_cells(struct rows_cells *cells, struct vlt_range range, size_t count)
{
    size_t bytes = (range.count + 7) / 8;
    size_t last = (count - 1) / 8;

    cells->bits += range.from;
    cells->present = 0;
    for (size_t i = 0; i < bytes; i++) {
        unsigned bits = eight_bits(cells->bitmap, range.from + 8 * i, last);

        if (range.count - 8 * i < 8) {
            bits &= (1u << (range.count - 8 * i)) - 1;
        }
        cells->bitmap[i] = (uint8_t)bits;
        cells->present += (size_t)__builtin_popcount(bits);
    }
    memset(cells->bitmap + bytes, 0, (count + 7) / 8 - bytes);
}

void
vlt_rows_keep(struct vlt_rows *rows, struct vlt_range range)
{
    assert(range.from <= rows->count &&
           range.count <= rows->count - range.from);
    if (range.count == rows->count) {
        return;
    }
    if (range.count == 0) {
        vlt_rows_clear(rows);
        return;
    }
    for (size_t c = 0; c < rows->columns; c++) {
        keep_cells(&rows->cells[c], range, rows->count);
    }
    rows->times += range.from;
    rows->skipped += range.from;
    rows->count = range.count;
}

bool
vlt_rows_swap(struct vlt_rows *a, struct vlt_rows *b)
{
    struct vlt_rows was = *a; /* without its cells */
    struct rows_cells cells[VLT_COLUMNS_MAX];

    if (a->columns != b->columns || !columns_fit(a, b, true)) {
        return false;
    }
    memcpy(cells, a->cells, a->columns * sizeof cells[0]);
    memcpy(a->cells, b->cells, a->columns * sizeof cells[0]);
    memcpy(b->cells, cells, a->columns * sizeof cells[0]);
    *a = *b;
    *b = was;
    return true;
}

/* ---- sorting ---- */

struct place {
    int64_t time;
    size_t row; /* where it stood: decides between equal times */
};

static int
by_time_then_row(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;

    if (a->time != b->time) {
        return a->time < b->time ? -1 : 1;
    }
    return a->row < b->row ? -1 : a->row > b->row;
}

/* Lay the rows into a new store in this order. */
static void
gather(struct vlt_rows *rows, void *store, const struct place *order)
{
    struct rows_cells was[VLT_COLUMNS_MAX];
    void *old = rows->store;

    memcpy(was, rows->cells, rows->columns * sizeof was[0]);
    rows_place(rows, store, rows->cap);
    for (size_t i = 0; i < rows->count; i++) {
        rows->times[i] = order[i].time;
    }
    for (size_t c = 0; c < rows->columns; c++) {
        struct rows_cells *to = &rows->cells[c];

        for (size_t i = 0; i < rows->count; i++) {
            to->bits[i] = was[c].bits[order[i].row];
            if (rows_bit(was[c].bitmap, order[i].row)) {
                rows_bit_set(to->bitmap, i);
            }
        }
    }
    free(old);
}

enum vlt_status
vlt_rows_sort(struct vlt_rows *rows)
{
    if (vlt_rows_sorted(rows)) {
        return VLT_OK;
    }
    struct place *order = malloc(rows->count * sizeof *order);
    void *store = rows_store_new(rows->columns, rows->cap);

    if (order == NULL || store == NULL) {
        free(order);
        free(store);
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < rows->count; i++) {
        order[i] = (struct place){ .time = rows->times[i], .row = i };
    }
    qsort(order, rows->count, sizeof *order, by_time_then_row);
    gather(rows, store, order);
    free(order);
    return VLT_OK;
}
