#include "wire/decimal.h"

#include <float.h>
#include <math.h>

#include "wire/clones_internal.h"
#include "wire/rows.h"

#if defined(__FAST_MATH__) || FLT_EVAL_METHOD != 0
#error "doubles must round as IEEE 754 says: no -ffast-math, no x87"
#endif

static const double powers[VLT_DECIMAL_SCALES] = {
    1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
};

static inline uint64_t
give(int64_t mantissa, double power)
{
    return vlt_bits_of((double)mantissa / power);
}

static inline bool
take(uint64_t bits, double power, int64_t *out)
{
    double scaled = vlt_f64_of(bits) * power;
    double size = fabs(scaled);

    if (!(size <= (double)VLT_MANTISSA_MAX)) {
        return false;
    }
    /* From 2^52 on a double is whole already, and adding would round it. */
    double half = size < 0x1p52 ? copysign(0.5, scaled) : 0;

    *out = (int64_t)(scaled + half);
    return give(*out, power) == bits;
}

/*
 * Doubles of less than 2^51 and whole numbers pass into each other by adding
 * 3·2^51: its last bit counts ones, so the sum's bits less its own are the
 * number.  Compilers do several of these at a time, which they cannot with a
 * conversion.  The sum's upper twelve bits tell whether it was less than 2^51.
 */
static const double middle = 0x1.8p52;

#define MIDDLE_BITS UINT64_C(0x4338000000000000)
#define MIDDLE_TOP UINT64_C(0x4330000000000000)

enum {
    GROUP = 128, /* values that are done together */
    TOP = 52,    /* bits below the upper twelve */
};

/* Mantissas of a group; miss is not zero where there may be none.  False:
 * nowhere is it so. */
static bool
take_group(const uint64_t *restrict bits, double power, uint64_t *restrict out,
           uint64_t *restrict miss)
{
    uint64_t all = 0;

    for (size_t i = 0; i < GROUP; i++) {
        double sum = vlt_f64_of(bits[i]) * power + middle;
        uint64_t again = vlt_bits_of((sum - middle) / power);

        out[i] = vlt_bits_of(sum) - MIDDLE_BITS;
        miss[i] = (vlt_bits_of(sum) ^ MIDDLE_TOP) >> TOP | (again ^ bits[i]);
        all |= miss[i];
    }
    return all != 0;
}

struct split {
    double power;
    struct vlt_patches *patches;
    size_t led;    /* values before the first that is decimal */
    uint64_t last; /* the newest mantissa */
};

/* One value whose mantissa is not known.  False: too many are not decimal. */
static bool
split_one(struct split *split, const uint64_t *bits, size_t i, uint64_t *out)
{
    struct vlt_patches *patches = split->patches;
    int64_t mantissa;

    if (take(bits[i], split->power, &mantissa)) {
        split->last = (uint64_t)mantissa;
    } else if (patches->count == patches->max) {
        return false;
    } else {
        patches->at[patches->count] = (uint32_t)i;
        patches->count++;
        split->led += split->led == i;
    }
    out[i] = split->last;
    return true;
}

static bool
split_group(struct split *split, const uint64_t *bits, size_t from,
            uint64_t *out)
{
    uint64_t miss[GROUP];

    if (!take_group(bits + from, split->power, out + from, miss)) {
        split->last = out[from + GROUP - 1];
        return true;
    }
    for (size_t i = 0; i < GROUP; i++) {
        if (miss[i] == 0) {
            split->last = out[from + i];
        } else if (!split_one(split, bits, from + i, out)) {
            return false;
        }
    }
    return true;
}

VLT_CLONES bool
vlt_decimal_split(const uint64_t *bits, size_t n, unsigned scale, uint64_t *out,
                  struct vlt_patches *patches)
{
    struct split split = { .power = powers[scale], .patches = patches };
    size_t i = 0;

    patches->count = 0;
    for (; n - i >= GROUP; i += GROUP) {
        if (!split_group(&split, bits, i, out)) {
            return false;
        }
    }
    for (; i < n; i++) {
        if (!split_one(&split, bits, i, out)) {
            return false;
        }
    }
    for (i = 0; i < split.led; i++) {
        out[i] = split.led < n ? out[split.led] : 0;
    }
    return true;
}

/* A group of mantissas; false, and nothing is changed: one of them is 2^51 or
 * more. */
static bool
give_group(uint64_t *values, double power)
{
    uint64_t all = 0;

    for (size_t i = 0; i < GROUP; i++) {
        all |= (values[i] + MIDDLE_BITS) ^ MIDDLE_TOP;
    }
    if (all >> TOP != 0) {
        return false;
    }
    for (size_t i = 0; i < GROUP; i++) {
        double sum = vlt_f64_of(values[i] + MIDDLE_BITS);

        values[i] = vlt_bits_of((sum - middle) / power);
    }
    return true;
}

static bool
give_each(uint64_t *values, size_t n, double power)
{
    bool beyond = false;

    for (size_t i = 0; i < n; i++) {
        int64_t mantissa = (int64_t)values[i];

        beyond |= mantissa > VLT_MANTISSA_MAX || mantissa < -VLT_MANTISSA_MAX;
        values[i] = give(mantissa, power);
    }
    return !beyond;
}

VLT_CLONES bool
vlt_decimal_join(uint64_t *values, size_t n, unsigned scale)
{
    double power = powers[scale];
    size_t done = 0;

    for (; n - done >= GROUP; done += GROUP) {
        if (!give_group(values + done, power) &&
            !give_each(values + done, GROUP, power)) {
            return false;
        }
    }
    return give_each(values + done, n - done, power);
}

/* May at most a sixteenth of n not be decimal, and is it so? */
static bool
decimal_enough(const uint64_t *bits, size_t n, unsigned scale)
{
    size_t others = 0;
    int64_t mantissa;

    for (size_t i = 0; i < n; i++) {
        if (!take(bits[i], powers[scale], &mantissa)) {
            others++;
        }
        if (others * 16 > n) {
            return false;
        }
    }
    return true;
}

unsigned
vlt_decimal_scale(const uint64_t *bits, size_t n)
{
    size_t look = n < VLT_DECIMAL_LOOK ? n : VLT_DECIMAL_LOOK;

    for (unsigned scale = 0; scale < VLT_DECIMAL_SCALES; scale++) {
        if (decimal_enough(bits, look, scale)) {
            return scale;
        }
    }
    return VLT_DECIMAL_SCALES;
}
