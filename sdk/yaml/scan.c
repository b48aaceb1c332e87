#include "base/text.h"
#include "yaml/walk_internal.h"

enum {
    NEXT_LINE = 0x85,
    LINE_SEPARATOR = 0x2028,
    PARAGRAPH_SEPARATOR = 0x2029,
    BYTE_ORDER_MARK = 0xFEFF,
};

static const char mark_bytes[] = "\xEF\xBB\xBF";

bool
vlt_yaml_forbidden(uint32_t code)
{
    if (code == '\n' || code == '\r' || code == '\t') {
        return false;
    }
    return code < 0x20 || (code >= 0x7F && code < 0xA0) ||
           code == LINE_SEPARATOR || code == PARAGRAPH_SEPARATOR ||
           code == BYTE_ORDER_MARK || code == 0xFFFE || code == 0xFFFF;
}

/* A walk over the characters of a text. */
struct scan {
    struct vlt_slice text;
    size_t at;
    struct vlt_yaml_place place;
    bool leading;  /* only blanks so far in this line */
    bool tab_told; /* of this line's leading tabs one was told */
};

static struct scan
scan_over(struct vlt_slice text)
{
    return (struct scan){ .text = text, .place = { 1, 1 }, .leading = true };
}

/* CR LF is one break, at its LF. */
static bool
breaks(const struct scan *s, uint32_t code)
{
    bool before_feed = s->at + 1 < s->text.len && s->text.at[s->at + 1] == '\n';

    return code == '\n' || (code == '\r' && !before_feed);
}

static void
step_over(struct scan *s, uint32_t code, size_t len)
{
    if (breaks(s, code)) {
        s->place.line++;
        s->place.column = 1;
        s->leading = true;
        s->tab_told = false;
    } else {
        s->place.column++;
        s->leading = s->leading && (code == ' ' || code == '\t');
    }
    s->at += len;
}

struct vlt_yaml_place
vlt_yaml_place_of(struct vlt_slice text, size_t at)
{
    struct scan s = scan_over(text);
    uint32_t code = 0;

    while (s.at < at && s.at < text.len) {
        size_t len = vlt_utf8_next(text, s.at, &code);

        step_over(&s, len > 0 ? code : 'x', len > 0 ? len : 1);
    }
    return s.place;
}

static struct vlt_slice
without_mark(struct vlt_slice text)
{
    size_t len = sizeof mark_bytes - 1;

    if (text.len >= len &&
        vlt_slice_is(vlt_slice_of(text.at, len), mark_bytes)) {
        return vlt_slice_of(text.at + len, text.len - len);
    }
    return text;
}

/* True: libyaml may go on. */
static bool
look_at(struct scan *s, uint32_t code, struct vlt_yaml_faults *faults)
{
    if (vlt_yaml_forbidden(code)) {
        vlt_yaml_faults_printf(faults, VLT_YAML_CONTROL, s->place, "U+%04X",
                               (unsigned)code);
    }
    if (code != '\t' || !s->leading) {
        return true;
    }
    if (!s->tab_told) {
        vlt_yaml_faults_printf(faults, VLT_YAML_FEATURE, s->place,
                               "tab as indentation");
        s->tab_told = true;
    }
    return false;
}

bool
vlt_yaml_scan(struct vlt_slice text, struct vlt_yaml_faults *faults,
              struct vlt_buf *clean)
{
    struct scan s = scan_over(without_mark(text));
    bool good = true;
    uint32_t code;

    while (s.at < s.text.len) {
        size_t len = vlt_utf8_next(s.text, s.at, &code);

        if (len == 0) {
            vlt_yaml_faults_printf(faults, VLT_YAML_ENCODING, s.place,
                                   "byte 0x%02X", s.text.at[s.at]);
            return false;
        }
        good = look_at(&s, code, faults) && good;
        if (vlt_yaml_forbidden(code)) {
            vlt_buf_put_u8(clean, 'x');
        } else {
            vlt_buf_put(clean, s.text.at + s.at, len);
        }
        step_over(&s, code, len);
    }
    return good;
}
