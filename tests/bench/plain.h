/*
 * plain: what a codec of blocks could at best be: a column of decimals and
 * their times, packed, and nothing else.
 *
 * The scale of the values and the unit of the times are known beforehand, every
 * value is a decimal, none is absent.  Nothing is chosen, checked, or bounded:
 * it is what the vault's own codec is measured against, not a format.
 *
 *     values   i64 m_0 ‖ groups of zz(m_i - m_{i-1})
 *     times    i64 t_0 ‖ groups of d_i, in units of a millisecond
 *     group    u8 width ‖ 128 values of that many bits (the last are fewer)
 *
 * Pure.  Threads: any.
 */
#ifndef BENCH_PLAIN_H
#define BENCH_PLAIN_H

#include <stddef.h>
#include <stdint.h>

enum {
    PLAIN_ROW_MAX = 18, /* bytes a row takes at most, and as many behind all */
};

/* Columns of n rows: times in ns, values with one decimal place. */
struct plain_rows {
    int64_t *times;
    double *values;
    size_t n;
};

/* Pack them to out; there is room for (n + 2) · PLAIN_ROW_MAX bytes.  Returns
 * how many it took.  n is at least 1; work has room for n. */
size_t plain_encode(const struct plain_rows *rows, uint64_t *work,
                    uint8_t *out);

/* Unpack rows->n rows into rows; PLAIN_ROW_MAX bytes may be read behind the
 * last.  work has room for n. */
void plain_decode(const uint8_t *bytes, uint64_t *work,
                  struct plain_rows *rows);

#endif
