#include "cli/shown.h"

#include "base/text.h"

enum {
    ESC = 0x1B,
    COLOUR_MOST = 12, /* bytes of ESC [ … m */
};

/* Length of a sequence that sets a colour; 0: it is none. */
static size_t
colour_len(struct vlt_slice text, size_t at)
{
    if (text.at[at] != ESC || text.len - at < 3 || text.at[at + 1] != '[') {
        return 0;
    }
    for (size_t i = 2; i < COLOUR_MOST && at + i < text.len; i++) {
        uint8_t c = text.at[at + i];

        if (c == 'm') {
            return i + 1;
        }
        if (c != ';' && (c < '0' || c > '9')) {
            return 0;
        }
    }
    return 0;
}

static void
put_json(uint32_t code, struct vlt_buf *out)
{
    if (code > 0xFFFF) {
        vlt_buf_printf(out, "\\u%04X", (unsigned)(0xD7C0 + (code >> 10)));
        code = 0xDC00 | (code & 0x3FF);
    }
    vlt_buf_printf(out, "\\u%04X", (unsigned)code);
}

void
shown_put(struct vlt_slice text, bool json, struct vlt_buf *out)
{
    size_t len;

    for (size_t at = 0; at < text.len; at += len) {
        uint32_t code = 0;
        bool plain;

        len = json ? 0 : colour_len(text, at);
        plain = len > 0;
        if (!plain) {
            len = vlt_utf8_next(text, at, &code);
            plain = len > 0 && (!vlt_text_unseen(code) || code == '\n' ||
                                (code == '\t' && !json));
        }
        if (plain) {
            vlt_buf_put(out, text.at + at, len);
        } else if (json && len > 0) {
            put_json(code, out);
        } else {
            len = len > 0 ? len : 1;
            vlt_text_put_escaped(out, vlt_slice_of(text.at + at, len));
        }
    }
}
