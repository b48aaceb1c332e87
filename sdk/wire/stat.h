/*
 * stat: count, sum, mean, least, greatest, first and last of one column's
 * values over some rows; exact, and mergeable.
 *
 * NaN is counted apart and takes no part in the rest.  Infinities are values;
 * the sum keeps the finite ones exactly and remembers which infinities it met.
 * Of equal times the first row is the first and the last row the last.  -0 is
 * less than +0.  Bools count as integers 0 and 1.  Of texts only their number
 * and times are kept.
 *
 * A stat is a plain value.  Threads: any, each its own.
 */
#ifndef VLT_STAT_H
#define VLT_STAT_H

#include "base/buf.h"
#include "base/reader.h"
#include "wire/rows.h"
#include "wire/sum.h"

enum {
    VLT_STAT_HEAD = 62,                           /* of a stored one */
    VLT_STAT_MAX = VLT_STAT_HEAD + VLT_SUM_BYTES, /* bytes of it, at most */
};

struct vlt_stat {
    enum vlt_type type;
    uint64_t n;   /* values present and not NaN */
    uint64_t nan; /* NaN */
    /* Of the n, and zero without them; texts have the times only. */
    int64_t first_time; /* ns */
    int64_t last_time;
    uint64_t first; /* bits, as the next three */
    uint64_t last;
    uint64_t min;
    uint64_t max;
    bool plus;          /* +infinity was met */
    bool minus;         /* -infinity was met */
    struct vlt_sum sum; /* of the finite values */
};

/* Nothing yet, of a column of this type. */
void vlt_stat_init(struct vlt_stat *stat, enum vlt_type type);

/* Add the cells of a column (by its place, and of the stat's type) in a range
 * of rows, which are in order of time. */
void vlt_stat_add(struct vlt_stat *stat, const struct vlt_rows *rows,
                  size_t column, struct vlt_range range);

/* Add what another holds, of the same type.  Where times are equal its rows
 * came later. */
void vlt_stat_merge(struct vlt_stat *stat, const struct vlt_stat *later);

/* The sum, rounded once: 0 of nothing; infinite if one was met, NaN if both
 * were.  Not for texts, as the next three. */
double vlt_stat_sum(const struct vlt_stat *stat);

/* The exact sum divided by n, rounded once; n is not 0. */
double vlt_stat_mean(const struct vlt_stat *stat);

/* The exact sum of integers or bools in decimal.  Returns out. */
const char *vlt_stat_sum_text(const struct vlt_stat *stat,
                              char out[VLT_SUM_TEXT]);

/* The same as a number; false: it is beyond int64. */
bool vlt_stat_sum_int64(const struct vlt_stat *stat, int64_t *out);

/* ---- stored ----
 *
 *     offset  bytes  field
 *          0      4  n
 *          4      4  NaN count
 *       8 16   8  8  first and last time
 *      24 32   8  8  first and last, bits
 *      40 48   8  8  min and max, bits
 *         56   1  1  bit 0 +infinity met, bit 1 -infinity met; zero
 *      58 60   2  2  e, L
 *         62      L  M, two's complement, shortest; the sum is M·2^e
 *
 * Where n is 0 all but the NaN count is zero.
 */

/* Append it.  VLT_E_LIMIT: n or the NaN count is beyond 32 bits, or out may
 * not hold it. */
VLT_MUST_USE enum vlt_status vlt_stat_store(const struct vlt_stat *stat,
                                            struct vlt_buf *out);

/* Read one of this type from where r stands.  VLT_E_FORMAT: not as
 * vlt_stat_store() makes them. */
VLT_MUST_USE enum vlt_status
vlt_stat_load(struct vlt_reader *r, enum vlt_type type, struct vlt_stat *out);

#endif
