#include "import/expand.h"

#include <string.h>

#include "base/text.h"

/* Where a byte stands; the text's length: nowhere. */
static size_t
find(struct vlt_slice text, char byte)
{
    const uint8_t *found =
        text.len > 0 ? memchr(text.at, byte, text.len) : NULL;

    return found != NULL ? (size_t)(found - text.at) : text.len;
}

/* One to four digits. */
static bool
read_number(struct vlt_slice text, int *out)
{
    int64_t value = 0;

    if (text.len == 0 || text.len > 4 || text.at[0] == '-' ||
        vlt_int_parse(text, &value) != VLT_OK || value > EXPAND_LAST) {
        return false;
    }
    *out = (int)value;
    return true;
}

/* a..b between the braces. */
static enum vlt_status
read_range(struct vlt_slice inside, struct expand *out)
{
    size_t dot = find(inside, '.');
    int last = 0;

    if (dot + 2 > inside.len || inside.at[dot + 1] != '.') {
        return VLT_E_FORMAT;
    }
    struct vlt_slice first = vlt_slice_of(inside.at, dot);

    if (!read_number(first, &out->first) ||
        !read_number(vlt_slice_of(inside.at + dot + 2, inside.len - dot - 2),
                     &last)) {
        return VLT_E_FORMAT;
    }
    if (last < out->first || last - out->first >= EXPAND_MAX) {
        return VLT_E_LIMIT;
    }
    out->count = last - out->first + 1;
    out->width = first.at[0] == '0' ? (int)first.len : 1;
    return VLT_OK;
}

enum vlt_status
expand_read(struct vlt_slice text, struct expand *out)
{
    size_t open = find(text, '{');
    size_t close = find(text, '}');
    struct expand expand = { .before = text, .count = 1 };
    enum vlt_status st;

    if (open == text.len && close == text.len) {
        *out = expand;
        return VLT_OK;
    }
    if (close == text.len || close < open) {
        return VLT_E_FORMAT;
    }
    expand.before.len = open;
    expand.after = vlt_slice_of(text.at + close + 1, text.len - close - 1);
    if (find(expand.after, '{') < expand.after.len ||
        find(expand.after, '}') < expand.after.len) {
        return VLT_E_FORMAT;
    }
    st =
        read_range(vlt_slice_of(text.at + open + 1, close - open - 1), &expand);
    if (st == VLT_OK) {
        *out = expand;
    }
    return st;
}

void
expand_put(const struct expand *expand, int i, struct vlt_buf *out)
{
    vlt_buf_put_slice(out, expand->before);
    if (expand->width > 0) {
        vlt_buf_printf(out, "%0*d", expand->width, expand->first + i);
    }
    vlt_buf_put_slice(out, expand->after);
}
