/*
 * block_rows: rows for tests of the block codec, made the same each time.
 */
#ifndef TESTS_BLOCK_ROWS_H
#define TESTS_BLOCK_ROWS_H

#include <stdio.h>

#include "unit.h"

#include "base/time.h"
#include "wire/block.h"

/* xorshift: numbers that look random; *x begins as anything but 0. */
static inline uint64_t
block_draw(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* Empty rows with one column, of id 0. */
static inline struct vlt_rows *
block_rows_of(enum vlt_type type)
{
    struct vlt_field field = { 0, type };
    struct vlt_schema schema = { &field, 1 };
    struct vlt_rows *rows = NULL;

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    return rows;
}

/* Add a row a second after the one before. */
static inline void
block_add(struct vlt_rows *rows)
{
    int64_t time = (int64_t)vlt_rows_count(rows) * VLT_SECOND;

    assert_int_equal(vlt_rows_add(rows, time), VLT_OK);
}

/* The same, with a value. */
static inline void
block_add_bits(struct vlt_rows *rows, uint64_t bits)
{
    block_add(rows);
    vlt_rows_set(rows, 0, bits);
}

/* The same, with a text. */
static inline void
block_add_text(struct vlt_rows *rows, const char *text)
{
    block_add(rows);
    assert_int_equal(vlt_rows_set_text(rows, 0, vlt_slice_text(text)), VLT_OK);
}

/* Rows of one block; what it says when it is none. */
static inline struct vlt_rows *
block_decoded(struct vlt_slice bytes)
{
    struct vlt_rows *rows = NULL;
    const char *why = "";
    enum vlt_status st =
        vlt_block_decode(bytes, VLT_BLOCK_WIRE, NULL, &why, &rows);

    if (st != VLT_OK) {
        print_message("%s\n", why);
    }
    assert_int_equal(st, VLT_OK);
    return rows;
}

/* Encode, and decode to the same rows.  The block comes back; to free. */
static inline struct vlt_buf
block_encoded(const struct vlt_rows *rows)
{
    struct vlt_buf buf = { 0 };

    assert_int_equal(vlt_block_encode(rows, vlt_rows_all(rows), 0, &buf),
                     VLT_OK);
    struct vlt_rows *again = block_decoded(vlt_buf_slice(&buf));

    assert_true(vlt_rows_same(rows, again));
    vlt_rows_free(again);
    return buf;
}

/* The same, of rows that are freed; the coding of the first column and the
 * block's length come out (NULL: not wanted). */
static inline unsigned
block_round(struct vlt_rows *rows, size_t *len)
{
    struct vlt_buf buf = block_encoded(rows);
    unsigned coding = buf.at[VLT_BLOCK_HEAD + 1] & 15;

    if (len != NULL) {
        *len = buf.len;
    }
    vlt_buf_free(&buf);
    vlt_rows_free(rows);
    return coding;
}

#endif
