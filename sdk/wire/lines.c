#include "wire/lines_internal.h"

#include <string.h>

#include "base/id.h"
#include "base/text.h"

enum {
    LINE_BYTES = 96, /* of base64, at most */
};

enum vlt_status
vlt_line_take(struct vlt_slice *text, struct vlt_slice *out)
{
    const uint8_t *end =
        text->len > 0 ? memchr(text->at, '\n', text->len) : NULL;

    if (end == NULL) {
        return VLT_E_FORMAT;
    }
    size_t len = (size_t)(end - text->at);

    *out = vlt_slice_of(text->at, len);
    *text = vlt_slice_of(end + 1, text->len - len - 1);
    return VLT_OK;
}

bool
vlt_line_skip(struct vlt_slice *line, const char *prefix)
{
    struct vlt_slice want = vlt_slice_text(prefix);

    if (line->len < want.len ||
        !vlt_slice_equal(vlt_slice_of(line->at, want.len), want)) {
        return false;
    }
    *line = vlt_slice_of(line->at + want.len, line->len - want.len);
    return true;
}

enum vlt_status
vlt_line_number(struct vlt_slice line, uint64_t *out)
{
    if (line.len == 0 || (line.len > 1 && line.at[0] == '0')) {
        return VLT_E_FORMAT;
    }
    return vlt_uint_parse(line, out) == VLT_OK ? VLT_OK : VLT_E_FORMAT;
}

enum vlt_status
vlt_line_bytes(struct vlt_slice line, void *out, size_t len)
{
    struct vlt_buf bytes = { 0 };
    enum vlt_status st;

    vlt_buf_init(&bytes, LINE_BYTES);
    st = vlt_base64_get(line, &bytes);
    if (st == VLT_OK && bytes.len == len) {
        memcpy(out, bytes.at, len);
    } else if (st != VLT_E_NOMEM) {
        st = VLT_E_FORMAT;
    }
    vlt_buf_free(&bytes);
    return st;
}
