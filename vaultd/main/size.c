#include "main/size.h"

#include <string.h>

#include "base/text.h"

static const struct {
    const char *unit;
    unsigned shift;
} units[] = {
    { "MiB", 20 },
    { "GiB", 30 },
    { "TiB", 40 },
};

enum { UNIT = 3 /* characters of each */ };

enum vlt_status
size_parse(struct vlt_slice text, uint64_t *out)
{
    int64_t number;

    if (text.len <= UNIT) {
        return VLT_E_FORMAT;
    }
    struct vlt_slice digits = vlt_slice_of(text.at, text.len - UNIT);
    struct vlt_slice unit = vlt_slice_of(text.at + digits.len, UNIT);

    if (vlt_int_parse(digits, &number) != VLT_OK || number < 0 ||
        digits.at[0] == '-' || digits.at[0] == '+') {
        return VLT_E_FORMAT;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!vlt_slice_is(unit, units[i].unit)) {
            continue;
        }
        if (number > INT64_MAX >> units[i].shift) {
            return VLT_E_LIMIT;
        }
        *out = (uint64_t)number << units[i].shift;
        return VLT_OK;
    }
    return VLT_E_FORMAT;
}
