#include "base/name.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Cut at the first line feed of the rest. */
static struct vlt_slice
next_line(struct vlt_slice *rest)
{
    if (rest->len == 0) {
        return *rest;
    }
    const uint8_t *end = memchr(rest->at, '\n', rest->len);
    size_t len = end != NULL ? (size_t)(end - rest->at) : rest->len;
    struct vlt_slice line = vlt_slice_of(rest->at, len);

    len += end != NULL;
    *rest = vlt_slice_of(rest->at + len, rest->len - len);
    return line;
}

static void
try_segment(struct vlt_slice text)
{
    struct vlt_buf segment = { 0 };

    vlt_name_put_segment(&segment, text);
    if (segment.len > 0 && segment.len <= VLT_NAME_SEGMENT) {
        must(vlt_name_valid(vlt_buf_slice(&segment)));
    }
    vlt_buf_free(&segment);
}

/* Two patterns and a name, a line each: what one covers, it matches. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice rest = vlt_slice_of(bytes, len);
    struct vlt_slice outer = next_line(&rest);
    struct vlt_slice inner = next_line(&rest);

    try_segment(outer);
    must(!vlt_name_valid(rest) || vlt_pattern_valid(rest));
    if (!vlt_pattern_valid(outer) || !vlt_pattern_valid(inner)) {
        return 0;
    }
    must(vlt_pattern_covers(outer, outer));
    must(vlt_pattern_prefix(outer).len <= outer.len);
    if (vlt_name_valid(rest)) {
        must(vlt_pattern_matches(rest, rest));
        must(!vlt_pattern_covers(outer, inner) ||
             !vlt_pattern_matches(inner, rest) ||
             vlt_pattern_matches(outer, rest));
        must(vlt_pattern_matches(outer, rest) ||
             !vlt_pattern_covers(outer, rest));
    }
    return 0;
}
