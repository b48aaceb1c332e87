#include "wire/sum.h"

#include "wire/rows.h"
#include "wire/sum_internal.h"

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 uwide;

enum {
    GROUP = 128,       /* numbers added up before they go to the digits */
    NARROW_SPREAD = 3, /* 53 + 3 bits, 128 times: within int64 */
    WIDE_SPREAD = 66,  /* 53 + 66 bits, 128 times: within 127 bits */
    ADDS_MAX = 1 << 28,
    FRACTION_BITS = 52,
    EXPONENT_MASK = 0x7ff,
    /* The exponent field of 2^(1074 - p) is this less p. */
    SCALE_PLACE = 1023 + SUM_UNIT,
};

#define FRACTION_MASK ((UINT64_C(1) << FRACTION_BITS) - 1)

void
sum_carry(struct vlt_sum *sum)
{
    int64_t carry = 0;

    for (size_t i = 0; i < VLT_SUM_DIGITS - 1; i++) {
        int64_t digit = sum->digits[i] + carry;

        sum->digits[i] = digit & UINT32_MAX;
        carry = digit >> SUM_DIGIT_BITS; /* rounds down, as gcc and clang do */
    }
    sum->digits[VLT_SUM_DIGITS - 1] += carry;
    sum->adds = 1;
}

static inline void
count_adds(struct vlt_sum *sum, uint32_t adds)
{
    sum->adds += adds;
    if (sum->adds > ADDS_MAX) {
        sum_carry(sum);
    }
}

/* Add ±value·2^(bit - 1074). */
static void
add_wide(struct vlt_sum *sum, wide value, unsigned bit)
{
    uwide size = value < 0 ? 0 - (uwide)value : (uwide)value;
    int64_t *digit = sum->digits + bit / SUM_DIGIT_BITS;
    unsigned shift = bit % SUM_DIGIT_BITS;

    for (; size != 0; size >>= SUM_DIGIT_BITS, digit++) {
        uint64_t part = (uint64_t)(uint32_t)size << shift;
        int64_t low = (int64_t)(part & UINT32_MAX);
        int64_t high = (int64_t)(part >> SUM_DIGIT_BITS);

        digit[0] += value < 0 ? -low : low;
        digit[1] += value < 0 ? -high : high;
    }
    count_adds(sum, 2);
}

static inline unsigned
exponent_of(uint64_t bits)
{
    return (unsigned)(bits >> FRACTION_BITS) & EXPONENT_MASK;
}

/* The mantissa with its sign; its lowest bit is bit place_of(). */
static inline int64_t
mantissa_of(uint64_t bits)
{
    uint64_t hidden = (uint64_t)(exponent_of(bits) != 0) << FRACTION_BITS;
    int64_t size = (int64_t)((bits & FRACTION_MASK) | hidden);

    return bits >> 63 != 0 ? -size : size;
}

/* Subnormals have the places of exponent 1. */
static inline unsigned
place_of(uint64_t bits)
{
    unsigned exponent = exponent_of(bits);

    return exponent == 0 ? 0 : exponent - 1;
}

/* The sizes of the least and the greatest value that are not zero, as doubles'
 * bits shifted by one, so without their sign.  False: all are zero. */
static bool
sizes_of(const uint64_t *bits, size_t n, uint64_t *least, uint64_t *most)
{
    uint64_t low = UINT64_MAX;
    uint64_t high = 0;

    for (size_t i = 0; i < n; i++) {
        uint64_t size = bits[i] << 1;

        /* One less, so that a zero is beyond all others. */
        low = size - 1 < low ? size - 1 : low;
        high = size > high ? size : high;
    }
    *least = low + 1;
    *most = high;
    return high != 0;
}

/* The values in units of the lowest place are integers below 2^56: a multiply
 * by a power of two gives them exactly, and 128 of them fit an int64. */
static wide
add_up_narrow(const uint64_t *bits, size_t n, unsigned lowest)
{
    double scale =
        vlt_f64_of((uint64_t)(SCALE_PLACE - lowest) << FRACTION_BITS);
    int64_t total = 0;

    for (size_t i = 0; i < n; i++) {
        total += (int64_t)(vlt_f64_of(bits[i]) * scale);
    }
    return total;
}

static wide
add_up_wide(const uint64_t *bits, size_t n, unsigned lowest)
{
    wide total = 0;

    for (size_t i = 0; i < n; i++) {
        int64_t mantissa = mantissa_of(bits[i]);

        total += mantissa == 0 ? 0
                               : (wide)mantissa *
                                     ((wide)1 << (place_of(bits[i]) - lowest));
    }
    return total;
}

static void
add_group(struct vlt_sum *sum, const uint64_t *bits, size_t n)
{
    uint64_t least;
    uint64_t most;

    if (!sizes_of(bits, n, &least, &most)) {
        return;
    }
    unsigned lowest = place_of(least >> 1);
    unsigned spread = place_of(most >> 1) - lowest;

    if (spread <= NARROW_SPREAD && lowest > SCALE_PLACE - EXPONENT_MASK) {
        add_wide(sum, add_up_narrow(bits, n, lowest), lowest);
    } else if (spread <= WIDE_SPREAD) {
        add_wide(sum, add_up_wide(bits, n, lowest), lowest);
    } else {
        for (size_t i = 0; i < n; i++) {
            add_wide(sum, mantissa_of(bits[i]), place_of(bits[i]));
        }
    }
}

void
vlt_sum_add_f64s(struct vlt_sum *sum, const uint64_t *bits, size_t n)
{
    for (size_t done = 0; done < n; done += GROUP) {
        add_group(sum, bits + done, n - done < GROUP ? n - done : GROUP);
    }
}

void
vlt_sum_add_i64s(struct vlt_sum *sum, const uint64_t *bits, size_t n)
{
    wide total = 0; /* room for 2^64 of them */

    for (size_t i = 0; i < n; i++) {
        total += (int64_t)bits[i];
    }
    add_wide(sum, total, SUM_UNIT);
}

void
vlt_sum_merge(struct vlt_sum *sum, const struct vlt_sum *other)
{
    for (size_t i = 0; i < VLT_SUM_DIGITS; i++) {
        sum->digits[i] += other->digits[i];
    }
    count_adds(sum, other->adds);
}

/* ---- sign and magnitude ---- */

struct sum_magnitude
sum_magnitude_of(const struct vlt_sum *sum)
{
    struct sum_magnitude out = { .negative = false };
    struct vlt_sum copy = *sum;

    sum_carry(&copy);
    if (copy.digits[VLT_SUM_DIGITS - 1] < 0) {
        out.negative = true;
        for (size_t i = 0; i < VLT_SUM_DIGITS; i++) {
            copy.digits[i] = -copy.digits[i];
        }
        sum_carry(&copy);
    }
    for (size_t i = 0; i < VLT_SUM_DIGITS; i++) {
        out.digits[i] = (uint32_t)copy.digits[i];
    }
    return out;
}

int
sum_top_bit(const uint32_t *digits, size_t count)
{
    for (size_t i = count; i-- > 0;) {
        if (digits[i] != 0) {
            return (int)i * SUM_DIGIT_BITS + 31 - __builtin_clz(digits[i]);
        }
    }
    return -1;
}
