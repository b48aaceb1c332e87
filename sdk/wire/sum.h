/*
 * sum: the exact sum of many numbers, rounded only when it is asked for.
 *
 * The sum of doubles is the exact real sum, so it does not depend on order or
 * on how the numbers were grouped; sums of sums are exact too.  Integers go
 * into the same digits.  The idea of a few wide digits of which each may take
 * many additions before it is carried is Neal's "small superaccumulator"
 * (2015).
 *
 * A sum is a plain value; { 0 } is the sum of nothing.  Room is for 2^64
 * doubles of any size.  Threads: any, each its own.
 */
#ifndef VLT_SUM_H
#define VLT_SUM_H

#include "base/slice.h"
#include "base/status.h"

enum {
    VLT_SUM_DIGITS = 70, /* of 32 bits: 2^-1074 to beyond 2^1088 */
    VLT_SUM_BYTES = 280, /* of a stored M, at most */
    VLT_SUM_TEXT = 44,   /* of an integer in decimal, with sign and zero */
};

struct vlt_sum {
    /* Digit i counts 2^(32i - 1074).  Between two carries a digit may be of
     * either sign and beyond 32 bits. */
    int64_t digits[VLT_SUM_DIGITS];
    uint32_t adds; /* to one digit, at most, since it was last carried */
};

/* Add n finite doubles, as their bits. */
void vlt_sum_add_f64s(struct vlt_sum *sum, const uint64_t *bits, size_t n);

/* Add n int64, as their bits. */
void vlt_sum_add_i64s(struct vlt_sum *sum, const uint64_t *bits, size_t n);

/* Add another sum. */
void vlt_sum_merge(struct vlt_sum *sum, const struct vlt_sum *other);

/* The sum divided by `by` (1 or more), rounded once, to nearest even.  An exact
 * zero is +0; what is too large is an infinity. */
double vlt_sum_round(const struct vlt_sum *sum, uint64_t by);

/* A sum of integers alone, in decimal.  Returns out. */
const char *vlt_sum_text(const struct vlt_sum *sum, char out[VLT_SUM_TEXT]);

/* A sum of integers alone; false: it is beyond int64. */
bool vlt_sum_int64(const struct vlt_sum *sum, int64_t *out);

/* ---- as M·2^e, to store ---- */

struct vlt_sum_parts {
    int16_t e;
    uint16_t len;             /* of m */
    uint8_t m[VLT_SUM_BYTES]; /* two's complement, little-endian, shortest; no
                                 byte for 0 */
};

/*
 * Take a sum apart.  whole: a sum of integers, e is 0.  Else M is odd, or M and
 * e are 0.
 */
void vlt_sum_store(const struct vlt_sum *sum, bool whole,
                   struct vlt_sum_parts *out);

/* The sum again.  VLT_E_FORMAT: not as vlt_sum_store() makes them. */
VLT_MUST_USE enum vlt_status vlt_sum_load(const struct vlt_sum_parts *parts,
                                          bool whole, struct vlt_sum *out);

#endif
