#include "base/name_internal.h"

#include <string.h>

#include "base/text.h"

enum {
    ABOVE_CONTROLS = 0xA0, /* the first character beside those of ASCII */
};

bool
vlt_path_split(struct vlt_slice text, struct vlt_path *out)
{
    size_t begin = 0;

    out->count = 0;
    if (text.len > VLT_NAME_MAX) {
        return false;
    }
    for (size_t at = 0; at <= text.len; at++) {
        if (at < text.len && text.at[at] != '/') {
            continue;
        }
        if (out->count == VLT_NAME_SEGMENTS) {
            return false;
        }
        out->at[out->count] = at > begin
                                  ? vlt_slice_of(text.at + begin, at - begin)
                                  : (struct vlt_slice){ 0 };
        out->count++;
        begin = at + 1;
    }
    return true;
}

/* May the character stand in a segment as it is?  A % only as part of what
 * vlt_name_put_segment() makes of others. */
static bool
plain(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c >= ABOVE_CONTROLS ||
           (c != 0 && c < 0x80 && strchr("._-:=@+", (int)c) != NULL);
}

static bool
dots(struct vlt_slice segment)
{
    return vlt_slice_is(segment, ".") || vlt_slice_is(segment, "..");
}

bool
vlt_segment_valid(struct vlt_slice segment)
{
    uint32_t c;
    size_t len;

    if (segment.len == 0 || segment.len > VLT_NAME_SEGMENT || dots(segment)) {
        return false;
    }
    for (size_t at = 0; at < segment.len; at += len) {
        len = vlt_utf8_next(segment, at, &c);
        if (len == 0 || (!plain(c) && c != '%')) {
            return false;
        }
    }
    return true;
}

bool
vlt_name_valid(struct vlt_slice name)
{
    struct vlt_path path;
    bool valid = vlt_path_split(name, &path);

    for (size_t i = 0; valid && i < path.count; i++) {
        valid = vlt_segment_valid(path.at[i]);
    }
    return valid;
}

bool
vlt_column_valid(struct vlt_slice name)
{
    if (name.len == 0 || name.len > VLT_COLUMN_MAX ||
        vlt_slice_is(name, "time")) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '_' || c >= 0x80;
        bool other = (c >= '0' && c <= '9') || c == '-' || c == '.';

        if (!letter && (i == 0 || !other)) {
            return false;
        }
    }
    /* Beyond ASCII: valid, and no control character of U+0080 to U+009F. */
    return vlt_text_printable(name);
}

static void
put_percent(struct vlt_buf *out, const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        vlt_buf_printf(out, "%%%02X", at[i]);
    }
}

void
vlt_name_put_segment(struct vlt_buf *out, struct vlt_slice text)
{
    uint32_t c;

    if (dots(text)) {
        put_percent(out, text.at, text.len);
        return;
    }
    for (size_t at = 0; at < text.len;) {
        size_t len = vlt_utf8_next(text, at, &c);

        if (len > 0 && plain(c)) {
            vlt_buf_put(out, text.at + at, len);
        } else {
            len = len > 0 ? len : 1;
            put_percent(out, text.at + at, len);
        }
        at += len;
    }
}
