#include "wire/decimal.h"

#include <float.h>
#include <math.h>

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

bool
vlt_decimal_split(const uint64_t *bits, size_t n, unsigned scale, uint64_t *out,
                  struct vlt_patches *patches)
{
    double power = powers[scale];
    size_t led = 0; /* values before the first that is decimal */
    int64_t last = 0;

    patches->count = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t mantissa;

        if (take(bits[i], power, &mantissa)) {
            last = mantissa;
        } else if (patches->count == patches->max) {
            return false;
        } else {
            patches->at[patches->count] = (uint32_t)i;
            patches->count++;
            led += led == i;
        }
        out[i] = (uint64_t)last;
    }
    for (size_t i = 0; i < led; i++) {
        out[i] = led < n ? out[led] : 0;
    }
    return true;
}

bool
vlt_decimal_join(uint64_t *values, size_t n, unsigned scale)
{
    double power = powers[scale];
    uint64_t beyond = 0;

    for (size_t i = 0; i < n; i++) {
        int64_t mantissa = (int64_t)values[i];

        beyond |= mantissa > VLT_MANTISSA_MAX || mantissa < -VLT_MANTISSA_MAX;
        values[i] = give(mantissa, power);
    }
    return beyond == 0;
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
