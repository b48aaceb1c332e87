#include "wire/sum.h"

#include <string.h>

#include "wire/sum_internal.h"

enum {
    /* Bits that a stored sum may reach: the top digit is for the sign. */
    BITS_MAX = SUM_DIGIT_BITS * (VLT_SUM_DIGITS - 1),
    WHOLE_BYTES = 12, /* 2^32 values of int64 */
};

static int
lowest_bit(const struct sum_magnitude *size)
{
    for (int i = 0; i < VLT_SUM_DIGITS; i++) {
        if (size->digits[i] != 0) {
            return i * SUM_DIGIT_BITS + __builtin_ctz(size->digits[i]);
        }
    }
    return -1;
}

/* The eight bits from this one on. */
static uint8_t
byte_at(const struct sum_magnitude *size, int bit)
{
    int digit = bit / SUM_DIGIT_BITS;
    uint64_t two = size->digits[digit];

    if (digit + 1 < VLT_SUM_DIGITS) {
        two |= (uint64_t)size->digits[digit + 1] << SUM_DIGIT_BITS;
    }
    return (uint8_t)(two >> (bit % SUM_DIGIT_BITS));
}

/* Change the sign of a two's complement number. */
static void
negate(uint8_t *m, size_t len)
{
    unsigned carry = 1;

    for (size_t i = 0; i < len; i++) {
        carry += (uint8_t)~m[i];
        m[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

/* Does the last byte only repeat the sign of the one before? */
static bool
last_is_idle(const uint8_t *m, size_t len)
{
    uint8_t sign = len > 1 && (m[len - 2] & 0x80) != 0 ? 0xff : 0;

    return len > 0 && m[len - 1] == sign && (len > 1 || sign == 0);
}

void
vlt_sum_store(const struct vlt_sum *sum, bool whole, struct vlt_sum_parts *out)
{
    struct sum_magnitude size = sum_magnitude_of(sum);
    int low = whole ? SUM_UNIT : lowest_bit(&size);
    int top = sum_top_bit(size.digits, VLT_SUM_DIGITS);
    size_t len = 0;

    *out = (struct vlt_sum_parts){ .e = 0 };
    if (top < 0) {
        return;
    }
    for (int bit = low; bit <= top; bit += 8) {
        out->m[len] = byte_at(&size, bit);
        len++;
    }
    len++; /* room for the sign */
    if (size.negative) {
        negate(out->m, len);
    }
    while (last_is_idle(out->m, len)) {
        len--;
    }
    out->len = (uint16_t)len;
    out->e = (int16_t)(low - SUM_UNIT);
}

static bool
parts_hold(const struct vlt_sum_parts *parts, bool whole)
{
    int bits = parts->e + SUM_UNIT + 8 * parts->len;

    if (parts->len == 0) {
        return parts->e == 0;
    }
    return parts->len <= VLT_SUM_BYTES && parts->e >= -SUM_UNIT &&
           bits <= BITS_MAX && !last_is_idle(parts->m, parts->len) &&
           (whole ? parts->e == 0 && parts->len <= WHOLE_BYTES
                  : (parts->m[0] & 1) != 0);
}

enum vlt_status
vlt_sum_load(const struct vlt_sum_parts *parts, bool whole, struct vlt_sum *out)
{
    uint8_t m[VLT_SUM_BYTES + 1] = { 0 };
    struct vlt_sum sum = { .adds = 8 };
    int bit = parts->e + SUM_UNIT;

    if (!parts_hold(parts, whole)) {
        return VLT_E_FORMAT;
    }
    bool negative = parts->len > 0 && (parts->m[parts->len - 1] & 0x80) != 0;

    memcpy(m, parts->m, parts->len);
    if (negative) {
        negate(m, parts->len);
    }
    for (size_t i = 0; i < parts->len; i++, bit += 8) {
        uint64_t two = (uint64_t)m[i] << (bit % SUM_DIGIT_BITS);
        int64_t low = (int64_t)(two & UINT32_MAX);
        int64_t high = (int64_t)(two >> SUM_DIGIT_BITS);
        int64_t *digit = sum.digits + bit / SUM_DIGIT_BITS;

        digit[0] += negative ? -low : low;
        digit[1] += negative ? -high : high;
    }
    *out = sum;
    return VLT_OK;
}
