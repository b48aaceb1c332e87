#include "base/slice.h"

#include <string.h>

struct vlt_slice
vlt_slice_of(const void *at, size_t len)
{
    return (struct vlt_slice){ .at = at, .len = len };
}

struct vlt_slice
vlt_slice_text(const char *text)
{
    return vlt_slice_of(text, strlen(text));
}

int
vlt_slice_order(struct vlt_slice a, struct vlt_slice b)
{
    size_t both = a.len < b.len ? a.len : b.len;
    int order = both > 0 ? memcmp(a.at, b.at, both) : 0;

    if (order != 0) {
        return order;
    }
    return (a.len > b.len) - (a.len < b.len);
}

bool
vlt_slice_equal(struct vlt_slice a, struct vlt_slice b)
{
    return a.len == b.len && vlt_slice_order(a, b) == 0;
}

bool
vlt_slice_is(struct vlt_slice a, const char *text)
{
    return vlt_slice_equal(a, vlt_slice_text(text));
}
