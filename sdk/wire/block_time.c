#include "wire/block_internal.h"

#include "base/time.h"
#include "wire/pack.h"

enum {
    K_MAX = 15,
    NARROW = 46, /* bits of a difference, 2^16 of which fit in 62 */
    LOOK = 128,  /* differences that are looked at to guess the unit */
};

/* ---- decoding ---- */

/* Differences in units, to d[1] and on. */
static const char *
read_units(struct vlt_reader *r, const struct block_layout *layout, uint64_t *d)
{
    size_t n = layout->rows;

    switch (layout->time_coding) {
    case TIME_BASE:
        return block_read_offsets(r, d + 1, n - 1);
    case TIME_DRIFT:
        return block_read_deltas(r, d + 1, n - 1);
    default:
        d[1] = vlt_read_u64(r);
        for (size_t i = 2; i < n; i++) {
            d[i] = d[1];
        }
        return NULL;
    }
}

/* Differences that may be of any size, one by one. */
static bool
add_up_wide(const struct block_layout *layout, int64_t *times)
{
    uint64_t unit = block_power(layout->time_k);
    uint64_t most = (uint64_t)INT64_MAX / unit;

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

/*
 * Add up differences: each is at least 0, and no time passes the end.  So many
 * as a block may have, each below 2^46, give a sum below 2^62: then only the
 * last time needs to be looked at, and before they are multiplied.
 */
static bool
add_up(const struct block_layout *layout, int64_t *times)
{
    uint64_t *d = (uint64_t *)times;
    uint64_t room = (uint64_t)(VLT_TIME_MAX - 1 - layout->t0);
    uint64_t unit = block_power(layout->time_k);
    uint64_t sum = 0;
    uint64_t all = 0;

    times[0] = layout->t0;
    for (size_t i = 1; i < layout->rows; i++) {
        all |= d[i];
        sum += d[i];
    }
    if (all >> NARROW != 0) {
        return add_up_wide(layout, times);
    }
    if (sum > room / unit) {
        return false;
    }
    uint64_t time = (uint64_t)layout->t0;

    for (size_t i = 1; i < layout->rows; i++) {
        time += d[i] * unit;
        d[i] = time;
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
 * The greatest power of ten, not above `by`, that divides the differences of n
 * times.  Most are equal to the one before and are not tried again.
 */
static struct divisor
common_power(struct divisor by, const int64_t *times, size_t n)
{
    uint64_t last = 0;

    for (size_t i = 1; i < n && by.k > 0; i++) {
        uint64_t d = (uint64_t)times[i] - (uint64_t)times[i - 1];

        while (d != last && !divides(&by, d)) {
            by = divisor_of(by.k - 1);
        }
        last = d;
    }
    return by;
}

/* What was met while differences were divided, all bits of all of them. */
struct met {
    uint64_t differences;
    uint64_t quotients;
};

/* The differences of n times, divided.  One that is no multiple has low bits,
 * or a quotient beyond the greatest that there can be. */
static struct met
divide(const int64_t *restrict times, size_t n, struct divisor by,
       uint64_t *restrict out)
{
    struct met met = { 0 };

    for (size_t i = 0; i + 1 < n; i++) {
        uint64_t d = (uint64_t)times[i + 1] - (uint64_t)times[i];

        out[i] = quotient(d, &by);
        met.differences |= d;
        met.quotients |= out[i];
    }
    return met;
}

/*
 * The differences of n times, at least two, in the greatest unit that serves,
 * 10^k.  It is guessed from the first of them.  False: they go back somewhere,
 * which sets a sign, as no difference of two times overflows.
 */
static bool
to_units(const int64_t *times, size_t n, uint64_t *out, uint8_t *k)
{
    struct divisor by =
        common_power(divisor_of(K_MAX), times, n < LOOK ? n : LOOK);
    struct met met = divide(times, n, by, out);

    if (met.differences >> 63 != 0) {
        return false;
    }
    if ((met.differences & ((UINT64_C(1) << by.k) - 1)) != 0 ||
        met.quotients > by.most) {
        by = common_power(by, times, n);
        (void)divide(times, n, by, out);
    }
    /* All of them zero, any unit would serve: it is one nanosecond. */
    *k = met.differences != 0 ? (uint8_t)by.k : 0;
    return true;
}

bool
block_put_times(const int64_t *times, size_t n, struct block_work *work,
                struct block_layout *layout, struct vlt_buf *out)
{
    uint64_t *d = work->first;
    struct block_sizes sizes;

    if (n <= 1) {
        layout->time_coding = TIME_NONE;
        return true;
    }
    if (!to_units(times, n, d, &layout->time_k)) {
        return false;
    }
    if (block_all_equal(d, n - 1)) {
        layout->time_coding = TIME_STEP;
        block_put_u64(out, d[0]);
        return true;
    }
    block_size_integers(d, n - 1, &sizes);
    if (sizes.offsets <= sizes.deltas) {
        layout->time_coding = TIME_BASE;
        block_put_offsets(d, n - 1, &sizes, out);
    } else {
        layout->time_coding = TIME_DRIFT;
        block_put_deltas(d, n - 1, &sizes, out);
    }
    return true;
}
