/*
 * number_next: numbers with few decimals, printed one after the other.
 *
 * A whole number below 10^15 over a power of ten is rounded once, so when it
 * gives a value back it is the only one of as many decimals that does, and the
 * shortest text is its digits without the zeros at their end.
 */
#include "base/number_internal.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/text.h"

enum {
    PLACES_MAX = 6, /* decimals that are tried */
};

#define WHOLE_MAX 1e15

static const double powers[PLACES_MAX + 1] = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6
};

/* Is it so many of 10^-places? */
static bool
whole_of(double size, unsigned places, uint64_t *whole)
{
    double scaled = size * powers[places] + 0.5;

    if (FLT_EVAL_METHOD != 0 || !(scaled < WHOLE_MAX)) {
        return false;
    }
    *whole = (uint64_t)(int64_t)scaled;
    return (double)*whole / powers[places] == size;
}

bool
number_find_whole(double size, unsigned *places, uint64_t *whole)
{
    if (whole_of(size, *places, whole)) {
        return true;
    }
    for (unsigned p = 0; p <= PLACES_MAX; p++) {
        if (whole_of(size, p, whole)) {
            *places = p;
            return true;
        }
    }
    return false;
}

static size_t
count_digits(uint64_t value)
{
    size_t count = 1;

    for (uint64_t over = 10; value >= over; over *= 10) {
        count++;
    }
    return count;
}

/* Digits of whole, a point before the last places of them; a zero at least
 * before that.  Returns how many bytes. */
static size_t
put_fixed(char *out, uint64_t whole, unsigned places)
{
    size_t len = count_digits(whole);
    char *at;

    len = len > places ? len : places + 1;
    len += places > 0;
    at = out + len;
    for (unsigned i = 0; i < places; i++) {
        *--at = (char)('0' + whole % 10);
        whole /= 10;
    }
    if (places > 0) {
        *--at = '.';
    }
    while (at > out) {
        *--at = (char)('0' + whole % 10);
        whole /= 10;
    }
    return len;
}

size_t
vlt_double_print_next(unsigned *places, double value, char out[VLT_DOUBLE_TEXT])
{
    unsigned shown;
    uint64_t whole;
    size_t minus = signbit(value) != 0;

    if (!number_find_whole(fabs(value), places, &whole)) {
        return strlen(vlt_double_print(value, out));
    }
    for (shown = *places; shown > 0 && whole % 10 == 0; shown--) {
        whole /= 10;
    }
    if (shown == PLACES_MAX && whole < 10) {
        return strlen(vlt_double_print(value, out)); /* it is so with an e */
    }
    out[0] = '-';
    return minus + put_fixed(out + minus, whole, shown);
}
