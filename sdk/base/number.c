#include "base/text.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number_internal.h"

enum {
    NUMBER_MAX = 1000,   /* bytes of a decimal number */
    EXPONENT_MAX = 9999, /* beyond it, 1,000 digits are 0 or too large */
    EXACT_DIGITS = 15,   /* as many survive a double, there and back */
    EXACT_POWER = 22,    /* 10^22 is the last power that a double holds */
    PLAIN_MIN = -5,      /* decimal exponents written without an e */
    PLAIN_MAX = 16,
};

/* A decimal number: digits without a point, times a power of ten. */
struct decimal {
    bool negative;
    size_t len; /* of digits; at least 1 */
    int exponent;
    char digits[NUMBER_MAX];
};

/* The digits are left as they are: clearing them would cost more than all. */
static void
begin_decimal(struct decimal *out, bool negative)
{
    out->negative = negative;
    out->len = 0;
    out->exponent = 0;
}

static bool
digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool
at_mark(struct vlt_slice text, size_t at, char a, char b)
{
    return at < text.len &&
           (text.at[at] == (uint8_t)a || text.at[at] == (uint8_t)b);
}

/* Take digits from text at at on; returns where they end. */
static size_t
take_digits(struct vlt_slice text, size_t at, struct decimal *out)
{
    for (; at < text.len && digit(text.at[at]); at++) {
        out->digits[out->len] = (char)text.at[at];
        out->len++;
    }
    return at;
}

/* Take an exponent, at its e; returns where it ends, or 0: not one. */
static size_t
take_exponent(struct vlt_slice text, size_t at, struct decimal *out)
{
    bool down = at_mark(text, at + 1, '-', '-');
    size_t begin = at + 1 + at_mark(text, at + 1, '+', '-');
    int value = 0;

    for (at = begin; at < text.len && digit(text.at[at]); at++) {
        value = value * 10 + (text.at[at] - '0');
        value = value > EXPONENT_MAX ? EXPONENT_MAX : value;
    }
    out->exponent += down ? -value : value;
    return at > begin ? at : 0;
}

static bool
read_decimal(struct vlt_slice text, struct decimal *out)
{
    size_t begin = at_mark(text, 0, '+', '-');
    size_t at;

    begin_decimal(out, at_mark(text, 0, '-', '-'));
    at = take_digits(text, begin, out);
    if (at == begin) {
        return false;
    }
    if (at_mark(text, at, '.', '.')) {
        size_t whole = out->len;

        at = take_digits(text, at + 1, out);
        out->exponent = (int)whole - (int)out->len;
        if (out->len == whole) {
            return false;
        }
    }
    if (at_mark(text, at, 'e', 'E')) {
        at = take_exponent(text, at, out);
    }
    return at == text.len && at > 0;
}

/* The powers of ten that a double holds exactly. */
static const double powers[EXACT_POWER + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/* Both operands are exact here, so one rounding is all there is (Clinger). */
static bool
by_exact_parts(const struct decimal *d, double *out)
{
    int64_t whole = 0;

    if (FLT_EVAL_METHOD != 0 || d->len > EXACT_DIGITS ||
        abs(d->exponent) > EXACT_POWER) {
        return false;
    }
    for (size_t i = 0; i < d->len; i++) {
        whole = whole * 10 + (d->digits[i] - '0');
    }
    *out = d->exponent < 0 ? (double)whole / powers[-d->exponent]
                           : (double)whole * powers[d->exponent];
    return true;
}

/* strtod() is given no decimal point, so no locale can change what it reads. */
static double
by_library(const struct decimal *d)
{
    char text[NUMBER_MAX + 16];

    memcpy(text, d->digits, d->len);
    snprintf(text + d->len, sizeof text - d->len, "e%d", d->exponent);
    return strtod(text, NULL);
}

static double
value_of(const struct decimal *d)
{
    double value;

    if (!by_exact_parts(d, &value)) {
        value = by_library(d);
    }
    return d->negative ? -value : value;
}

enum vlt_status
vlt_double_parse(struct vlt_slice text, double *out)
{
    struct decimal decimal;

    if (text.len > NUMBER_MAX || !read_decimal(text, &decimal)) {
        return VLT_E_FORMAT;
    }
    double value = value_of(&decimal);

    if (isinf(value)) {
        return VLT_E_LIMIT;
    }
    *out = value;
    return VLT_OK;
}

/* The value rounded to count digits, without trailing zeros. */
static void
round_to(double value, int count, struct decimal *out)
{
    char text[VLT_DOUBLE_TEXT];
    char *e;

    snprintf(text, sizeof text, "%.*e", count - 1, value);
    begin_decimal(out, text[0] == '-');
    e = strchr(text, 'e');
    /* Only digits: between the first two stands whatever point the locale of
     * a program has that this code is linked into. */
    for (const char *c = text; c < e; c++) {
        if (digit((uint8_t)*c)) {
            out->digits[out->len] = *c;
            out->len++;
        }
    }
    out->exponent = atoi(e + 1) - (int)out->len + 1;
    while (out->len > 1 && out->digits[out->len - 1] == '0') {
        out->len--;
        out->exponent++;
    }
}

static void
put_whole(struct decimal *out, int64_t whole)
{
    char back[EXACT_DIGITS + 1];
    size_t len = 0;

    do {
        back[len] = (char)('0' + whole % 10);
        whole /= 10;
        len++;
    } while (whole > 0);
    for (size_t i = len; i > 0; i--) {
        out->digits[len - i] = back[i - 1];
    }
    out->len = len;
}

/* Most values that sensors send have few decimals: those are what rounding to
 * 15 digits would give. */
static bool
quick(double value, struct decimal *out)
{
    unsigned places = 0;
    uint64_t whole;

    if (!number_find_whole(fabs(value), &places, &whole)) {
        return false;
    }
    begin_decimal(out, signbit(value) != 0);
    put_whole(out, (int64_t)whole);
    out->exponent = -(int)places;
    return true;
}

static void
shortest(double value, struct decimal *out)
{
    /* Below DBL_MIN a double has fewer digits than 15. */
    int count = fabs(value) < DBL_MIN ? 1 : EXACT_DIGITS;

    if (quick(value, out)) {
        return;
    }
    do {
        round_to(value, count, out);
        count++;
    } while (value_of(out) != value && count <= DBL_DECIMAL_DIG);
}

static char *
put_zeros(char *at, int count)
{
    for (int i = 0; i < count; i++) {
        at[i] = '0';
    }
    return at + (count > 0 ? count : 0);
}

/* Digits with a point behind the first `whole` of them, where some follow. */
static char *
put_digits(char *at, const struct decimal *d, size_t whole)
{
    memcpy(at, d->digits, whole);
    at += whole;
    if (whole < d->len) {
        *at = '.';
        memcpy(at + 1, d->digits + whole, d->len - whole);
        at += 1 + d->len - whole;
    }
    return at;
}

static void
lay_out(const struct decimal *d, char *at)
{
    int point = (int)d->len + d->exponent;

    if (d->negative) {
        *at = '-';
        at++;
    }
    if (point - 1 < PLAIN_MIN || point - 1 > PLAIN_MAX) {
        at = put_digits(at, d, 1);
        /* Sign, digits and point are 19 characters at most. */
        snprintf(at, VLT_DOUBLE_TEXT - 19, "e%d", point - 1);
        return;
    }
    if (point > 0) {
        size_t whole = d->exponent > 0 ? d->len : (size_t)point;

        at = put_zeros(put_digits(at, d, whole), d->exponent);
    } else {
        at = put_zeros(at, 1);
        *at = '.';
        at = put_digits(put_zeros(at + 1, -point), d, d->len);
    }
    *at = 0;
}

const char *
vlt_double_print(double value, char out[VLT_DOUBLE_TEXT])
{
    struct decimal decimal;

    if (isnan(value)) {
        return memcpy(out, "nan", sizeof "nan");
    }
    if (isinf(value)) {
        return value < 0 ? memcpy(out, "-inf", sizeof "-inf")
                         : memcpy(out, "inf", sizeof "inf");
    }
    shortest(value, &decimal);
    lay_out(&decimal, out);
    return out;
}
