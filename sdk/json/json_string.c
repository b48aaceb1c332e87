#include "json/json_internal.h"

#include "base/text.h"

enum {
    DIGITS_MAX = 20 /* of a uint64 */
};

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* The letter behind the \ for those that have one; else 0. */
static char
short_escape(uint8_t c)
{
    switch (c) {
    case '"':
        return '"';
    case '\\':
        return '\\';
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

static bool
plain(uint8_t c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Where the run of plain characters from at on ends. */
static size_t
run_end(struct vlt_slice text, size_t at)
{
    while (at < text.len && plain(text.at[at])) {
        at++;
    }
    return at;
}

static void
put_escape(struct vlt_buf *out, uint8_t c)
{
    static const char digits[] = "0123456789abcdef";
    char letter = short_escape(c);

    if (letter != 0) {
        const char pair[] = { '\\', letter };

        vlt_buf_put(out, pair, sizeof pair);
    } else {
        const char code[] = { '\\',           'u',           '0', '0',
                              digits[c >> 4], digits[c & 15] };

        vlt_buf_put(out, code, sizeof code);
    }
}

/* Put the character at at, which is not plain; returns its length. */
static size_t
put_other(struct vlt_buf *out, struct vlt_slice text, size_t at)
{
    uint32_t code;

    if (text.at[at] < 0x80) {
        put_escape(out, text.at[at]);
        return 1;
    }
    size_t len = vlt_utf8_next(text, at, &code);

    if (len == 0) {
        vlt_buf_put_text(out, replacement);
        return 1;
    }
    vlt_buf_put(out, text.at + at, len);
    return len;
}

void
vlt_json_put_string(struct vlt_buf *out, struct vlt_slice text)
{
    size_t at = 0;

    vlt_buf_put_u8(out, '"');
    while (at < text.len) {
        size_t end = run_end(text, at);

        if (end > at) {
            vlt_buf_put(out, text.at + at, end - at);
            at = end;
        } else {
            at += put_other(out, text, at);
        }
    }
    vlt_buf_put_u8(out, '"');
}

void
vlt_json_put_digits(struct vlt_buf *out, bool negative, uint64_t size)
{
    char text[1 + DIGITS_MAX];
    size_t at = sizeof text;

    do {
        at--;
        text[at] = (char)('0' + size % 10);
        size /= 10;
    } while (size > 0);
    if (negative) {
        at--;
        text[at] = '-';
    }
    vlt_buf_put(out, text + at, sizeof text - at);
}
