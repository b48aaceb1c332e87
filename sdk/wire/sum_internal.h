/*
 * sum_internal: a sum as sign and magnitude.
 */
#ifndef VLT_SUM_INTERNAL_H
#define VLT_SUM_INTERNAL_H

#include "wire/sum.h"

enum {
    SUM_DIGIT_BITS = 32,
    SUM_UNIT = 1074, /* bit 0 counts 2^-1074; an integer begins at this bit */
};

struct sum_magnitude {
    uint32_t digits[VLT_SUM_DIGITS]; /* lowest first */
    bool negative;
};

/* Give each digit 32 bits again, but the top one, which keeps the sign. */
void sum_carry(struct vlt_sum *sum);

/* The same number, carried and without its sign. */
struct sum_magnitude sum_magnitude_of(const struct vlt_sum *sum);

/* The place of the highest bit, or -1: it is zero. */
int sum_top_bit(const uint32_t *digits, size_t count);

#endif
