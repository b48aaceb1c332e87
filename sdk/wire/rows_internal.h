/*
 * rows_internal: what rows are made of, for those who fill them whole.
 *
 * All arrays lie in one allocation, `store`: cap times, then cap words a
 * column, then a bitmap of cap/8 bytes a column.  Where rows were dropped at
 * the front, times and words begin `skipped` of them later, so that there is
 * room for as many less; bitmaps begin where they did.  Bits of absent cells
 * and bitmap bits from count on are zero.
 */
#ifndef VLT_ROWS_INTERNAL_H
#define VLT_ROWS_INTERNAL_H

#include "base/buf.h"
#include "wire/rows.h"

struct rows_cells {
    struct vlt_field field;
    size_t present;
    uint64_t *bits;  /* cap - skipped words in store */
    uint8_t *bitmap; /* cap / 8 bytes in store */
};

struct vlt_rows {
    size_t count;
    size_t cap;     /* of the store, a multiple of 8 */
    size_t skipped; /* rows dropped at its front; count + skipped <= cap */
    size_t columns;
    void *store;    /* owned */
    int64_t *times; /* cap - skipped of them, in store */
    struct vlt_buf pool;
    struct rows_cells cells[]; /* columns of them */
};

/* Point the arrays of rows into a store for cap rows, none of them skipped. */
void rows_place(struct vlt_rows *rows, void *store, size_t cap);

/* A store for cap rows of so many columns, bitmaps zero; NULL: no memory. */
void *rows_store_new(size_t columns, size_t cap);

/* Is the row's bit set? */
static inline bool
rows_bit(const uint8_t *bitmap, size_t row)
{
    return (bitmap[row / 8] >> (row % 8) & 1) != 0;
}

/* Set the row's bit. */
static inline void
rows_bit_set(uint8_t *bitmap, size_t row)
{
    bitmap[row / 8] = (uint8_t)(bitmap[row / 8] | 1u << (row % 8));
}

/* Set the bits of count rows from row `from` on. */
void rows_bits_set(uint8_t *bitmap, size_t from, size_t count);

/* Are cells of this type texts in the pool? */
static inline bool
rows_of_texts(enum vlt_type type)
{
    return type == VLT_TYPE_TEXT || type == VLT_TYPE_JSON;
}

/* The cell of a text that lies in the pool. */
static inline uint64_t
rows_cell(size_t offset, size_t len)
{
    return (uint64_t)offset << 32 | (uint64_t)len;
}

/* Its length in bytes. */
static inline size_t
rows_cell_len(uint64_t cell)
{
    return (size_t)(cell & UINT32_MAX);
}

/* Where it begins in the pool. */
static inline size_t
rows_cell_offset(uint64_t cell)
{
    return (size_t)(cell >> 32);
}

#endif
