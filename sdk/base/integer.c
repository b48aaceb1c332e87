#include "base/text.h"

/* Digits to the end of the text, at least one. */
static bool
all_digits(struct vlt_slice text, size_t at)
{
    if (at >= text.len) {
        return false;
    }
    for (; at < text.len; at++) {
        if (text.at[at] < '0' || text.at[at] > '9') {
            return false;
        }
    }
    return true;
}

/* What the digits from at on say, if that is at most max. */
static enum vlt_status
sum_up(struct vlt_slice text, size_t at, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;

    for (; at < text.len; at++) {
        uint64_t digit = (uint64_t)(text.at[at] - '0');

        if (value > (max - digit) / 10) {
            return VLT_E_LIMIT;
        }
        value = value * 10 + digit;
    }
    *out = value;
    return VLT_OK;
}

enum vlt_status
vlt_uint_parse(struct vlt_slice text, uint64_t *out)
{
    if (!all_digits(text, 0)) {
        return VLT_E_FORMAT;
    }
    return sum_up(text, 0, UINT64_MAX, out);
}

enum vlt_status
vlt_int_parse(struct vlt_slice text, int64_t *out)
{
    bool negative = text.len > 0 && text.at[0] == '-';
    uint64_t max = (uint64_t)INT64_MAX + negative;
    uint64_t size;

    if (!all_digits(text, negative)) {
        return VLT_E_FORMAT;
    }
    enum vlt_status st = sum_up(text, negative, max, &size);

    if (st != VLT_OK) {
        return st;
    }
    /* Not -(int64_t)size, which cannot hold the lowest of all. */
    *out = negative ? (int64_t)(~size + 1) : (int64_t)size;
    return VLT_OK;
}
