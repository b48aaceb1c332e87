#include "wire/sum.h"

#include <assert.h>
#include <string.h>

#include "wire/rows.h"
#include "wire/sum_internal.h"

__extension__ typedef unsigned __int128 uwide;

enum {
    /* Digits put behind the unit before a division by up to 2^64: 64 bits of
     * the quotient are there at least, and a remainder, which is at least 2^-64
     * of the unit, shows in them. */
    BEHIND = 4,
    ROOM = VLT_SUM_DIGITS + BEHIND,
    MANTISSA_BITS = 53,
};

#define INFINITE (UINT64_C(0x7ff) << 52)

/* A magnitude of which bit 0 counts 2^-(1074 + behind). */
struct quotient {
    uint32_t digits[ROOM];
    int behind;
};

static struct quotient
divide(const uint32_t *digits, uint64_t by)
{
    struct quotient q = { .behind = BEHIND * SUM_DIGIT_BITS };
    uint64_t rest = 0;

    for (size_t i = ROOM; i-- > 0;) {
        uint32_t digit = i < BEHIND ? 0 : digits[i - BEHIND];

        if (by <= UINT32_MAX) {
            uint64_t part = rest << SUM_DIGIT_BITS | digit;

            q.digits[i] = (uint32_t)(part / by);
            rest = part % by;
        } else {
            uwide part = (uwide)rest << SUM_DIGIT_BITS | digit;

            q.digits[i] = (uint32_t)(part / by);
            rest = (uint64_t)(part % by);
        }
    }
    return q;
}

static bool
bit_at(const struct quotient *q, int bit)
{
    return (q->digits[bit / SUM_DIGIT_BITS] >> (bit % SUM_DIGIT_BITS) & 1) != 0;
}

/* Is anything but zero below this bit? */
static bool
more_below(const struct quotient *q, int bit)
{
    for (int i = 0; i < bit; i++) {
        if (i % SUM_DIGIT_BITS == 0 && bit - i >= SUM_DIGIT_BITS) {
            if (q->digits[i / SUM_DIGIT_BITS] != 0) {
                return true;
            }
            i += SUM_DIGIT_BITS - 1;
        } else if (bit_at(q, i)) {
            return true;
        }
    }
    return false;
}

/* The bits of the nearest double, even of two. */
static uint64_t
nearest(const struct quotient *q)
{
    int top = sum_top_bit(q->digits, ROOM);
    /* The lowest bit that is kept: the 53rd, or what a subnormal still has. */
    int low = top - MANTISSA_BITS + 1;

    if (low < q->behind) {
        low = q->behind;
    }
    uint64_t mantissa = 0;

    for (int bit = top; bit >= low; bit--) {
        mantissa = mantissa << 1 | bit_at(q, bit);
    }
    bool half = low > 0 && low - 1 <= top && bit_at(q, low - 1);

    if (half && ((mantissa & 1) != 0 || more_below(q, low - 1))) {
        mantissa++;
    }
    /* A carry out of the mantissa, or out of the subnormals, moves into the
     * exponent by itself. */
    uint64_t bits = ((uint64_t)(low - q->behind) << 52) + mantissa;

    return bits < INFINITE ? bits : INFINITE;
}

double
vlt_sum_round(const struct vlt_sum *sum, uint64_t by)
{
    struct sum_magnitude size = sum_magnitude_of(sum);
    struct quotient q;

    assert(by > 0);
    if (sum_top_bit(size.digits, VLT_SUM_DIGITS) < 0) {
        return 0;
    }
    if (by == 1) {
        q = (struct quotient){ .behind = 0 };
        memcpy(q.digits, size.digits, sizeof size.digits);
    } else {
        q = divide(size.digits, by);
    }
    return vlt_f64_of(nearest(&q) | (uint64_t)size.negative << 63);
}

/* ---- integers ---- */

/* The magnitude of a sum of integers: below 2^127, as they are at most 2^64 of
 * at most 2^63. */
static uwide
whole_of(const struct sum_magnitude *size)
{
    uwide whole = 0;

    for (size_t i = VLT_SUM_DIGITS; i-- > SUM_UNIT / SUM_DIGIT_BITS + 1;) {
        assert(whole >> 96 == 0);
        whole = whole << SUM_DIGIT_BITS | size->digits[i];
    }
    uint32_t last = size->digits[SUM_UNIT / SUM_DIGIT_BITS];
    unsigned unit = SUM_UNIT % SUM_DIGIT_BITS;

    return whole << (SUM_DIGIT_BITS - unit) | last >> unit;
}

const char *
vlt_sum_text(const struct vlt_sum *sum, char out[VLT_SUM_TEXT])
{
    struct sum_magnitude size = sum_magnitude_of(sum);
    uwide whole = whole_of(&size);
    char back[VLT_SUM_TEXT];
    size_t len = 0;
    size_t at = 0;

    do {
        back[len] = (char)('0' + (int)(whole % 10));
        len++;
        whole /= 10;
    } while (whole != 0);
    if (size.negative) {
        out[at] = '-';
        at++;
    }
    while (len > 0) {
        len--;
        out[at] = back[len];
        at++;
    }
    out[at] = 0;
    return out;
}

bool
vlt_sum_int64(const struct vlt_sum *sum, int64_t *out)
{
    struct sum_magnitude size = sum_magnitude_of(sum);
    uwide whole = whole_of(&size);

    if (whole > (uwide)INT64_MAX + size.negative) {
        return false;
    }
    *out = (int64_t)(size.negative ? 0 - (uint64_t)whole : (uint64_t)whole);
    return true;
}
