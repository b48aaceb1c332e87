/*
 * rows: some rows of one stream in memory, column by column.
 *
 * A row has a time and a cell in each column; a cell is absent or holds a
 * value as 64 bits.  What the bits are depends on the column's type:
 *
 *     f64         the double, bit for bit (vlt_f64_of())
 *     i64         the two's complement
 *     bool        0 or 1
 *     text, json  offset in the pool << 32 | length in bytes; read them with
 *                 vlt_rows_text()
 *
 * Absent cells have bits 0.  Columns stand in order of their id, which is 0 to
 * 63, or 255 for the vault's own arrival column.  Names are not here: they are
 * the catalogue's business.
 *
 * A builder adds rows and sets cells of the last one; whoever gets a const
 * struct vlt_rows only reads.  Rows stand in the order in which they were
 * added, until vlt_rows_sort().
 *
 * Threads: rows may be read by several, changed or freed by one.
 */
#ifndef VLT_ROWS_H
#define VLT_ROWS_H

#include <string.h>

#include "base/slice.h"
#include "base/status.h"

enum {
    VLT_COLUMNS_MAX = 65,     /* 64 of the stream's, and arrival */
    VLT_COLUMN_ID_MAX = 63,   /* greatest id of a stream's own column */
    VLT_COLUMN_ARRIVAL = 255, /* an i64; on disk and in memory only */
    VLT_ROWS_MAX = 1 << 22,   /* rows that may be held together */
    VLT_ROWS_POOL = 1 << 30,  /* bytes of their texts */
    VLT_VALUE_MAX = 262144,   /* bytes of one text or json value */
};

/* The types of a column; the numbers are those of the block format. */
enum vlt_type {
    VLT_TYPE_F64 = 0,
    VLT_TYPE_I64 = 1,
    VLT_TYPE_BOOL = 2,
    VLT_TYPE_TEXT = 3,
    VLT_TYPE_JSON = 4,
};

/* What identifies a column within its stream. */
struct vlt_field {
    uint8_t id;
    enum vlt_type type;
};

/* Columns that are allowed, in order of their id.  Borrowed. */
struct vlt_schema {
    const struct vlt_field *fields;
    size_t count;
};

/* count rows from row `from` on. */
struct vlt_range {
    size_t from;
    size_t count;
};

/* One column to read: borrowed, valid until its rows change. */
struct vlt_column {
    struct vlt_field field;
    size_t present;        /* cells that hold a value, of all rows */
    const uint64_t *bits;  /* one a row */
    const uint8_t *bitmap; /* bit row%8 of byte row/8: 1 = present; NULL when
                              every cell is */
};

struct vlt_rows;

/* A double's bits. */
static inline uint64_t
vlt_bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The double of these bits. */
static inline double
vlt_f64_of(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* ---- building ---- */

/*
 * Empty rows with these columns (none is allowed).
 * The caller owns *out and frees it with vlt_rows_free().
 * VLT_E_FORMAT  ids or types are unknown, or ids not ascending
 * VLT_E_LIMIT   more than VLT_COLUMNS_MAX
 */
VLT_MUST_USE enum vlt_status vlt_rows_new(const struct vlt_schema *schema,
                                          struct vlt_rows **out);

/* NULL is allowed. */
void vlt_rows_free(struct vlt_rows *rows);

/* No rows any more; columns and memory stay. */
void vlt_rows_clear(struct vlt_rows *rows);

/* Make room for this many more.  VLT_E_LIMIT: over VLT_ROWS_MAX. */
VLT_MUST_USE enum vlt_status vlt_rows_reserve(struct vlt_rows *rows,
                                              size_t more);

/*
 * Add a row whose cells are all absent.
 * VLT_E_LIMIT  over VLT_ROWS_MAX, or the time is outside
 *              [VLT_TIME_MIN, VLT_TIME_MAX)
 */
VLT_MUST_USE enum vlt_status vlt_rows_add(struct vlt_rows *rows, int64_t time);

/* Set a cell of the last row, in a column of numbers or bools (by its place,
 * not its id).  A bool's bits are 0 or 1. */
void vlt_rows_set(struct vlt_rows *rows, size_t column, uint64_t bits);

/* The same in any row. */
void vlt_rows_set_at(struct vlt_rows *rows, size_t row, size_t column,
                     uint64_t bits);

/*
 * Set a cell of the last row, in a column of texts.  The bytes are copied, not
 * checked.
 * VLT_E_LIMIT  longer than VLT_VALUE_MAX, or the pool is full
 */
VLT_MUST_USE enum vlt_status
vlt_rows_set_text(struct vlt_rows *rows, size_t column, struct vlt_slice text);

/* ---- moving ---- */

/*
 * Append rows of another, column by column of equal id; cells of columns that
 * the other has not are absent.  On failure nothing was appended.
 * VLT_E_FORMAT  the other has a column that is not here, or of another type
 * VLT_E_LIMIT   too many rows or bytes
 */
VLT_MUST_USE enum vlt_status vlt_rows_append(struct vlt_rows *rows,
                                             const struct vlt_rows *other,
                                             struct vlt_range range);

/* The same, but columns that are not here are left out: so a projection is
 * made.  VLT_E_FORMAT: a column of another type. */
VLT_MUST_USE enum vlt_status vlt_rows_pick(struct vlt_rows *rows,
                                           const struct vlt_rows *other,
                                           struct vlt_range range);

/* A copy of a range, with the same columns.  The caller frees *out. */
VLT_MUST_USE enum vlt_status vlt_rows_slice(const struct vlt_rows *rows,
                                            struct vlt_range range,
                                            struct vlt_rows **out);

/* Forget all but a range.  Its cells stay where they are, so this takes no time
 * for each, and the memory of the others is free again only when all is. */
void vlt_rows_keep(struct vlt_rows *rows, struct vlt_range range);

/* Exchange the rows of two, which takes no time for each.  False, and nothing
 * was done: they have not the same columns. */
VLT_MUST_USE bool vlt_rows_swap(struct vlt_rows *a, struct vlt_rows *b);

/* Sort by time; rows of one time keep their order.  Fails only for memory,
 * and not at all where vlt_rows_sorted(). */
VLT_MUST_USE enum vlt_status vlt_rows_sort(struct vlt_rows *rows);

/* ---- reading ---- */

/* Rows. */
size_t vlt_rows_count(const struct vlt_rows *rows);
/* Columns, with and without values. */
size_t vlt_rows_columns(const struct vlt_rows *rows);

/* All of them. */
struct vlt_range vlt_rows_all(const struct vlt_rows *rows);

/* One a row, ns UTC: borrowed until the rows change; NULL without rows. */
const int64_t *vlt_rows_times(const struct vlt_rows *rows);

/* The column at a place below vlt_rows_columns(). */
struct vlt_column vlt_rows_column(const struct vlt_rows *rows, size_t column);

/* The place of a column by its id; SIZE_MAX when it is not here. */
size_t vlt_rows_find(const struct vlt_rows *rows, uint8_t id);

/* Does the cell hold a value? */
bool vlt_rows_has(const struct vlt_rows *rows, size_t row, size_t column);

/* Its bits; 0 when absent. */
uint64_t vlt_rows_bits(const struct vlt_rows *rows, size_t row, size_t column);

/* A cell of a column of texts: borrowed until the rows change; empty when it
 * is absent. */
struct vlt_slice vlt_rows_text(const struct vlt_rows *rows, size_t row,
                               size_t column);

/* Are they in order of time? */
bool vlt_rows_sorted(const struct vlt_rows *rows);

/* The first row whose time is not before `time`, or the count; the rows are
 * sorted. */
size_t vlt_rows_seek(const struct vlt_rows *rows, int64_t time);

/* Row i of a and row j of b: the same time, and the same cells by column id,
 * bit for bit?  A column that is not there is as one that is absent. */
bool vlt_rows_equal(const struct vlt_rows *a, size_t i,
                    const struct vlt_rows *b, size_t j);

/* All rows of both, in their order. */
bool vlt_rows_same(const struct vlt_rows *a, const struct vlt_rows *b);

/* Decoded size of a range as a block counts it: 8 bytes a cell, present or
 * not, and the bytes of each text. */
size_t vlt_rows_size(const struct vlt_rows *rows, struct vlt_range range);

/* Memory that they hold, in bytes. */
size_t vlt_rows_memory(const struct vlt_rows *rows);

#endif
