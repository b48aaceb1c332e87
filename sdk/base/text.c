#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { DISTANCE_MAX = 64 };

/* The shape of a character, by its first byte.  The range of the second byte
 * is what keeps overlong forms, surrogates and all above U+10FFFF out
 * (Unicode, table 3-7). */
struct shape {
    uint8_t len;
    uint8_t second_min;
    uint8_t second_max;
};

static struct shape
shape_of(uint8_t first)
{
    if (first < 0x80) {
        return (struct shape){ 1, 0, 0 };
    }
    if (first < 0xC2 || first > 0xF4) {
        return (struct shape){ 0, 0, 0 };
    }
    if (first < 0xE0) {
        return (struct shape){ 2, 0x80, 0xBF };
    }
    if (first < 0xF0) {
        return (struct shape){ 3, first == 0xE0 ? 0xA0 : 0x80,
                               first == 0xED ? 0x9F : 0xBF };
    }
    return (struct shape){ 4, first == 0xF0 ? 0x90 : 0x80,
                           first == 0xF4 ? 0x8F : 0xBF };
}

size_t
vlt_utf8_next(struct vlt_slice text, size_t at, uint32_t *out)
{
    const uint8_t *c = text.at + at;
    struct shape shape = shape_of(c[0]);

    if (shape.len == 1) {
        *out = c[0];
        return 1;
    }
    if (shape.len == 0 || shape.len > text.len - at ||
        c[1] < shape.second_min || c[1] > shape.second_max) {
        return 0;
    }
    uint32_t code = c[0] & (0x7FU >> shape.len);

    for (size_t i = 1; i < shape.len; i++) {
        if ((c[i] & 0xC0) != 0x80) {
            return 0;
        }
        code = code << 6 | (c[i] & 0x3FU);
    }
    *out = code;
    return shape.len;
}

static bool
control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F);
}

/* Eight bytes of ASCII that are not 0? */
static bool
plain_eight(const uint8_t *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t bytes;

    memcpy(&bytes, at, sizeof bytes);
    return ((bytes | (bytes - ones)) & (ones << 7)) == 0;
}

bool
vlt_utf8_valid(struct vlt_slice text)
{
    uint32_t code;
    size_t len;

    for (size_t at = 0; at < text.len; at += len) {
        while (text.len - at > sizeof(uint64_t) && plain_eight(text.at + at)) {
            at += sizeof(uint64_t);
        }
        len = vlt_utf8_next(text, at, &code);
        if (len == 0 || code == 0) {
            return false;
        }
    }
    return true;
}

bool
vlt_text_printable(struct vlt_slice text)
{
    uint32_t code;
    size_t len;

    for (size_t at = 0; at < text.len; at += len) {
        len = vlt_utf8_next(text, at, &code);
        if (len == 0 || control(code)) {
            return false;
        }
    }
    return true;
}

size_t
vlt_utf8_count(struct vlt_slice text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        count += (text.at[i] & 0xC0) != 0x80;
    }
    return count;
}

/* Unicode 15: format characters (Cf), separators of lines and paragraphs, what
 * is to be ignored where it is not known, private use, and letters that are
 * drawn as nothing.  Ascending. */
static const struct {
    uint32_t from, to;
} unseen[] = {
    { 0xAD, 0xAD },       { 0x34F, 0x34F },      { 0x600, 0x605 },
    { 0x61C, 0x61C },     { 0x6DD, 0x6DD },      { 0x70F, 0x70F },
    { 0x890, 0x891 },     { 0x8E2, 0x8E2 },      { 0x115F, 0x1160 },
    { 0x17B4, 0x17B5 },   { 0x180B, 0x180F },    { 0x200B, 0x200F },
    { 0x2028, 0x202E },   { 0x2060, 0x206F },    { 0x2800, 0x2800 },
    { 0x3164, 0x3164 },   { 0xE000, 0xF8FF },    { 0xFDD0, 0xFDEF },
    { 0xFE00, 0xFE0F },   { 0xFEFF, 0xFEFF },    { 0xFFA0, 0xFFA0 },
    { 0xFFF0, 0xFFFB },   { 0x110BD, 0x110BD },  { 0x110CD, 0x110CD },
    { 0x13430, 0x1343F }, { 0x1BCA0, 0x1BCA3 },  { 0x1D173, 0x1D17A },
    { 0xE0000, 0xE0FFF }, { 0xF0000, 0x10FFFF },
};

bool
vlt_text_unseen(uint32_t code)
{
    size_t low = 0;
    size_t high = sizeof unseen / sizeof unseen[0];

    if (control(code) || (code & 0xFFFE) == 0xFFFE) {
        return true;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (code > unseen[middle].to) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < sizeof unseen / sizeof unseen[0] && code >= unseen[low].from;
}

/* Bytes from `at` on that are printable ones of ASCII, as most are. */
static size_t
plain(struct vlt_slice text, size_t at)
{
    size_t end = at;

    while (end < text.len && text.at[end] >= ' ' && text.at[end] <= '~') {
        end++;
    }
    return end - at;
}

void
vlt_text_put_escaped(struct vlt_buf *out, struct vlt_slice text)
{
    uint32_t code;
    size_t len;

    for (size_t at = 0; at < text.len; at += len) {
        len = plain(text, at);
        if (len > 0) {
            vlt_buf_put(out, text.at + at, len);
            continue;
        }
        len = vlt_utf8_next(text, at, &code);
        if (len == 0) {
            vlt_buf_printf(out, "\\x%02X", text.at[at]);
            len = 1;
        } else if (control(code) && code < 0x80) {
            vlt_buf_printf(out, "\\x%02X", (unsigned)code);
        } else if (vlt_text_unseen(code)) {
            vlt_buf_printf(out, "\\u{%04X}", (unsigned)code);
        } else {
            vlt_buf_put(out, text.at + at, len);
        }
    }
}

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The rows of the table of distances between beginnings of a and b. */
struct rows {
    size_t before_last[DISTANCE_MAX + 1];
    size_t last[DISTANCE_MAX + 1];
    size_t now[DISTANCE_MAX + 1];
};

static void
fill_row(struct rows *rows, const char *a, size_t i, const char *b, size_t len)
{
    rows->now[0] = i;
    for (size_t j = 1; j <= len; j++) {
        bool same = a[i - 1] == b[j - 1];
        size_t best = rows->last[j - 1] + (same ? 0 : 1);

        best = least(best, least(rows->last[j], rows->now[j - 1]) + 1);
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
            best = least(best, rows->before_last[j - 2] + 1);
        }
        rows->now[j] = best;
    }
    memcpy(rows->before_last, rows->last, sizeof rows->last);
    memcpy(rows->last, rows->now, sizeof rows->now);
}

size_t
vlt_text_distance(const char *a, const char *b)
{
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    struct rows rows = { 0 };

    if (a_len > DISTANCE_MAX || b_len > DISTANCE_MAX) {
        return a_len > b_len ? a_len : b_len;
    }
    for (size_t j = 0; j <= b_len; j++) {
        rows.last[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        fill_row(&rows, a, i, b, b_len);
    }
    return rows.last[b_len];
}

char *
vlt_text_copy(struct vlt_slice text)
{
    char *copy = malloc(text.len + 1);

    if (copy == NULL) {
        return NULL;
    }
    if (text.len > 0) {
        memcpy(copy, text.at, text.len);
    }
    copy[text.len] = 0;
    return copy;
}
