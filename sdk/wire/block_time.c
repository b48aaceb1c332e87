#include "wire/block_internal.h"

#include "base/time.h"
#include "wire/pack.h"

enum { K_MAX = 15 };

/* ---- decoding ---- */

/* Differences in units, to d[1] and on. */
static const char *
read_units(struct vlt_reader *r, const struct block_layout *layout, uint64_t *d)
{
    size_t n = layout->rows;
    uint64_t first = vlt_read_u64(r);
    const char *why = NULL;

    switch (layout->time_coding) {
    case TIME_BASE:
        why = vlt_pack_get(r, d + 1, n - 1);
        for (size_t i = 1; i < n && why == NULL; i++) {
            d[i] += first;
        }
        return why;
    case TIME_DRIFT:
        why = vlt_pack_get(r, d + 2, n - 2);
        d[1] = first;
        for (size_t i = 2; i < n && why == NULL; i++) {
            d[i] = d[i - 1] + vlt_unzigzag(d[i]);
        }
        return why;
    default:
        for (size_t i = 1; i < n; i++) {
            d[i] = first;
        }
        return NULL;
    }
}

/* Add up differences: each is at least 0, and no time passes the end. */
static bool
add_up(const struct block_layout *layout, int64_t *times)
{
    uint64_t unit = layout->time_unit;
    uint64_t most = (uint64_t)INT64_MAX / unit;

    times[0] = layout->t0;
    for (size_t i = 1; i < layout->rows; i++) {
        uint64_t d = (uint64_t)times[i];
        uint64_t room = (uint64_t)(VLT_TIME_MAX - 1 - times[i - 1]);

        if (d > most || d * unit > room) {
            return false;
        }
        times[i] = times[i - 1] + (int64_t)(d * unit);
    }
    return true;
}

bool
block_read_times(struct vlt_slice payload, const struct block_layout *layout,
                 int64_t *times, struct block_fault *fault)
{
    struct vlt_reader r = vlt_reader_over(payload);
    const char *why = NULL;

    if (layout->time_coding != TIME_NONE) {
        why = read_units(&r, layout, (uint64_t *)times);
    }
    if (why != NULL) {
        return block_refuse(fault, VLT_E_FORMAT, why);
    }
    if (!vlt_reader_done(&r)) {
        return block_refuse(fault, VLT_E_FORMAT,
                            "a time payload of another length");
    }
    if (layout->time_coding == TIME_NONE) {
        if (layout->rows == 1) {
            times[0] = layout->t0;
        }
        return true;
    }
    if (!add_up(layout, times)) {
        return block_refuse(fault, VLT_E_FORMAT, "times out of order or range");
    }
    return true;
}

/* ---- encoding ---- */

/*
 * 10^k as a divisor of 64 bits.  A number is a multiple of 2^k·5^k when its low
 * k bits are zero and the rest, times the inverse of 5^k modulo 2^64, is small:
 * that product is then the quotient.  Faster than dividing.
 */
struct divisor {
    unsigned k;
    uint64_t inverse; /* of 5^k */
    uint64_t most;    /* the greatest quotient there can be */
};

static struct divisor
divisor_of(unsigned k)
{
    uint64_t five = block_power(k) >> k;
    uint64_t inverse = five; /* right in its low 3 bits, as five is odd */

    for (int bits = 3; bits < 64; bits *= 2) {
        inverse *= 2 - five * inverse;
    }
    return (struct divisor){ k, inverse, UINT64_MAX / five >> k };
}

static inline uint64_t
quotient(uint64_t number, const struct divisor *by)
{
    return (number >> by->k) * by->inverse;
}

static inline bool
divides(const struct divisor *by, uint64_t number)
{
    uint64_t low = (UINT64_C(1) << by->k) - 1;

    return (number & low) == 0 && quotient(number, by) <= by->most;
}

/*
 * The greatest power of ten that divides all n differences.  Most differences
 * are equal to the one before and are not tried again.
 */
static struct divisor
common_power(const uint64_t *d, size_t n)
{
    struct divisor by = divisor_of(K_MAX);
    bool all_zero = true;

    for (size_t i = 0; i < n && by.k > 0; i++) {
        if (i > 0 && d[i] == d[i - 1]) {
            continue;
        }
        all_zero = all_zero && d[i] == 0;
        while (!divides(&by, d[i])) {
            by = divisor_of(by.k - 1);
        }
    }
    return all_zero ? divisor_of(0) : by;
}

static bool
take_differences(const int64_t *times, size_t n, uint64_t *d)
{
    bool back = false;

    for (size_t i = 1; i < n; i++) {
        back |= times[i] < times[i - 1];
        d[i - 1] = (uint64_t)times[i] - (uint64_t)times[i - 1];
    }
    return !back;
}

/* Coding 2 or 3, the smaller, of n differences in units. */
static uint8_t
put_irregular(const uint64_t *d, size_t n, uint64_t *packed,
              struct vlt_buf *out)
{
    uint64_t base = UINT64_MAX;

    for (size_t i = 0; i < n; i++) {
        base = d[i] < base ? d[i] : base;
    }
    for (size_t i = 1; i < n; i++) {
        packed[i - 1] = vlt_zigzag(d[i] - d[i - 1]);
    }
    size_t drift = vlt_pack_size(packed, n - 1);
    uint64_t *offsets = packed + n - 1;

    for (size_t i = 0; i < n; i++) {
        offsets[i] = d[i] - base;
    }
    if (vlt_pack_size(offsets, n) <= drift) {
        block_put_u64(out, base);
        vlt_pack_put(out, offsets, n);
        return TIME_BASE;
    }
    block_put_u64(out, d[0]);
    vlt_pack_put(out, packed, n - 1);
    return TIME_DRIFT;
}

bool
block_put_times(const int64_t *times, size_t n, struct block_work *work,
                uint8_t *coding, struct vlt_buf *out)
{
    uint64_t *d = work->values;

    if (n <= 1) {
        *coding = TIME_NONE;
        return true;
    }
    if (!take_differences(times, n, d)) {
        return false;
    }
    struct divisor by = common_power(d, n - 1);

    if (block_all_equal(d, n - 1)) {
        block_put_u64(out, quotient(d[0], &by));
        *coding = (uint8_t)(TIME_STEP | by.k << 4);
        return true;
    }
    for (size_t i = 0; i < n - 1 && by.k > 0; i++) {
        d[i] = quotient(d[i], &by);
    }
    *coding = (uint8_t)(put_irregular(d, n - 1, work->packed, out) | by.k << 4);
    return true;
}
