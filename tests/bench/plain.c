#include "plain.h"

#include <math.h>
#include <string.h>

enum {
    GROUP = 128,
    WORD = sizeof(uint64_t),
    UNIT = 1000000, /* ns */
};

static const double scale = 10;

static int64_t
mantissa_of(double value)
{
    double scaled = value * scale;

    return (int64_t)(scaled + copysign(0.5, scaled));
}

static uint64_t
zigzag(int64_t x)
{
    return (uint64_t)x << 1 ^ (uint64_t)(x >> 63);
}

static int64_t
unzigzag(uint64_t x)
{
    return (int64_t)(x >> 1 ^ (0 - (x & 1)));
}

static size_t
group_len(size_t n, size_t done)
{
    return n - done < GROUP ? n - done : GROUP;
}

static unsigned
width_of(const uint64_t *x, size_t m)
{
    uint64_t all = 0;

    for (size_t i = 0; i < m; i++) {
        all |= x[i];
    }
    return all == 0 ? 0 : 64 - (unsigned)__builtin_clzll(all);
}

/* One group; widths over 56 are not met. */
static uint8_t *
put_group(uint8_t *at, const uint64_t *x, size_t m)
{
    unsigned width = width_of(x, m);
    uint64_t word = 0;
    unsigned fill = 0;

    *at++ = (uint8_t)width;
    for (size_t i = 0; i < m; i++) {
        word |= x[i] << fill;
        fill += width;
        if (fill >= 64) {
            memcpy(at, &word, WORD);
            at += WORD;
            fill -= 64;
            word = x[i] >> (width - fill);
        }
    }
    memcpy(at, &word, WORD);
    return at + (fill + 7) / 8;
}

static uint8_t *
put_all(uint8_t *at, const uint64_t *x, size_t n)
{
    for (size_t done = 0; done < n; done += GROUP) {
        at = put_group(at, x + done, group_len(n, done));
    }
    return at;
}

static const uint8_t *
get_all(const uint8_t *at, uint64_t *x, size_t n)
{
    for (size_t done = 0; done < n; done += GROUP) {
        size_t m = group_len(n, done);
        unsigned width = *at++;
        uint64_t mask = (UINT64_C(1) << width) - 1;

        for (size_t i = 0; i < m; i++) {
            uint64_t word;

            memcpy(&word, at + i * width / 8, WORD);
            x[done + i] = word >> (i * width % 8) & mask;
        }
        at += (m * width + 7) / 8;
    }
    return at;
}

size_t
plain_encode(const struct plain_rows *rows, uint64_t *work, uint8_t *out)
{
    size_t n = rows->n;
    uint8_t *at = out;
    int64_t last = mantissa_of(rows->values[0]);

    memcpy(at, &last, WORD);
    at += WORD;
    for (size_t i = 1; i < n; i++) {
        int64_t m = mantissa_of(rows->values[i]);

        work[i - 1] = zigzag(m - last);
        last = m;
    }
    at = put_all(at, work, n - 1);
    memcpy(at, &rows->times[0], WORD);
    at += WORD;
    for (size_t i = 1; i < n; i++) {
        work[i - 1] = (uint64_t)(rows->times[i] - rows->times[i - 1]) / UNIT;
    }
    at = put_all(at, work, n - 1);
    return (size_t)(at - out);
}

void
plain_decode(const uint8_t *bytes, uint64_t *work, struct plain_rows *rows)
{
    size_t n = rows->n;
    int64_t last;

    memcpy(&last, bytes, WORD);
    bytes = get_all(bytes + WORD, work, n - 1);
    rows->values[0] = (double)last / scale;
    for (size_t i = 1; i < n; i++) {
        last += unzigzag(work[i - 1]);
        rows->values[i] = (double)last / scale;
    }
    memcpy(&last, bytes, WORD);
    get_all(bytes + WORD, work, n - 1);
    rows->times[0] = last;
    for (size_t i = 1; i < n; i++) {
        last += (int64_t)work[i - 1] * UNIT;
        rows->times[i] = last;
    }
}
