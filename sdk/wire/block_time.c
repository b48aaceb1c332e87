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
 * The greatest k at which 10^k divides all n differences.  Most differences are
 * equal to the one before and are not tried again.
 */
static unsigned
common_power(const uint64_t *d, size_t n)
{
    unsigned k = K_MAX;
    uint64_t power = block_power(k);
    bool all_zero = true;

    for (size_t i = 0; i < n && k > 0; i++) {
        if (i > 0 && d[i] == d[i - 1]) {
            continue;
        }
        all_zero = all_zero && d[i] == 0;
        while (k > 0 && d[i] % power != 0) {
            k--;
            power /= 10;
        }
    }
    return all_zero ? 0 : k;
}

static bool
take_differences(const int64_t *times, size_t n, uint64_t *d)
{
    for (size_t i = 1; i < n; i++) {
        if (times[i] < times[i - 1]) {
            return false;
        }
        d[i - 1] = (uint64_t)times[i] - (uint64_t)times[i - 1];
    }
    return true;
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
    unsigned k = common_power(d, n - 1);
    uint64_t unit = block_power(k);

    for (size_t i = 0; i < n - 1 && unit > 1; i++) {
        d[i] /= unit;
    }
    if (block_all_equal(d, n - 1)) {
        block_put_u64(out, d[0]);
        *coding = (uint8_t)(TIME_STEP | k << 4);
    } else {
        *coding =
            (uint8_t)(put_irregular(d, n - 1, work->packed, out) | k << 4);
    }
    return true;
}
