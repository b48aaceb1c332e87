/*
 * decimal: doubles that are short decimals, as whole mantissas.
 *
 * value = (double) m / 10^s with |m| <= 2^53 and s from 0 to 15: one correctly
 * rounded division, so it is the same on every machine.  A double is decimal
 * at s only where this gives back its very bits; so -0, subnormals, infinities
 * and NaN never are.
 */
#ifndef VLT_DECIMAL_H
#define VLT_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VLT_DECIMAL_SCALES = 16, /* s is below */
    VLT_DECIMAL_LOOK = 128,  /* values that are looked at to choose s */
};

#define VLT_MANTISSA_MAX (INT64_C(1) << 53)

/* Values of a column that are not decimal at its scale: their places among the
 * values, ascending.  At most `max` are noted. */
struct vlt_patches {
    uint32_t *at; /* the caller's, room for max */
    size_t count;
    size_t max;
};

/*
 * The mantissas of n doubles' bits at scale s.  Where one is not decimal its
 * mantissa repeats the one before (the first: the one that comes) and its
 * place is noted.  False: more than max are not, and out is of no use.
 */
bool vlt_decimal_split(const uint64_t *bits, size_t n, unsigned scale,
                       uint64_t *out, struct vlt_patches *patches);

/* The bits of n doubles from their mantissas, in place.  False: a mantissa is
 * beyond 2^53. */
bool vlt_decimal_join(uint64_t *values, size_t n, unsigned scale);

/* The smallest scale at which 15/16 of the first 128 values are decimal; or
 * VLT_DECIMAL_SCALES: there is none. */
unsigned vlt_decimal_scale(const uint64_t *bits, size_t n);

#endif
