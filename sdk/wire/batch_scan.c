#include "wire/batch_scan.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum {
    DIGITS = 19,      /* that a uint64 holds in any case */
    EXACT_POWER = 22, /* of ten, that a double is */
};

#define EXACT_WHOLE (UINT64_C(1) << 53)

static const double powers[EXACT_POWER + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/* A text on the way through; what is not plain ends it. */
struct cursor {
    const uint8_t *at;
    const uint8_t *end;
    const uint8_t *kept; /* from here on nothing is in the rest yet */
    struct vlt_scan *scan;
};

/* ---- tokens ---- */

static int
peek(const struct cursor *c)
{
    return c->at < c->end ? *c->at : -1;
}

static int
next(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' ||
                              *c->at == '\r' || *c->at == '\t')) {
        c->at++;
    }
    return peek(c);
}

static bool
take(struct cursor *c, char wanted)
{
    if (next(c) != wanted) {
        return false;
    }
    c->at++;
    return true;
}

/* A text; *out is what is between the quotes, as it stands. */
static bool
take_text(struct cursor *c, struct vlt_slice *out)
{
    if (!take(c, '"')) {
        return false;
    }
    const uint8_t *from = c->at;

    while (c->at < c->end && *c->at != '"') {
        c->at += *c->at == '\\' && c->end - c->at > 1 ? 2 : 1;
    }
    if (c->at == c->end) {
        return false;
    }
    *out = vlt_slice_of(from, (size_t)(c->at - from));
    c->at++;
    return true;
}

/* One value of any kind, up to the comma or bracket behind it.  Whether it is
 * one is for the reader of the rest to say. */
static bool
skip_value(struct cursor *c)
{
    struct vlt_slice text;
    size_t depth = 0;

    for (int now = next(c); now >= 0; now = peek(c)) {
        if (depth == 0 && (now == ',' || now == '}' || now == ']')) {
            return true;
        }
        if (now == '"') {
            if (!take_text(c, &text)) {
                return false;
            }
            continue;
        }
        depth += now == '{' || now == '[';
        depth -= now == '}' || now == ']';
        c->at++;
    }
    return false;
}

/* ---- numbers ---- */

struct number {
    const uint8_t *from;
    uint64_t whole;  /* all digits, of point and fraction */
    unsigned digits; /* of them that count */
    int power;       /* of ten, by which it is multiplied */
    bool minus, real;
};

static bool
is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* Digits, at least one; false as well where they are too many to be held. */
static bool
take_digits(struct cursor *c, struct number *n)
{
    const uint8_t *at = c->at; /* not by c and n: they may be anything's */
    const uint8_t *end = c->end;
    uint64_t whole = n->whole;
    const uint8_t *first = n->digits > 0 ? at : NULL; /* that is not 0 */

    for (; at < end && is_digit(*at); at++) {
        if (first == NULL && *at != '0') {
            first = at;
        }
        whole = whole * 10 + (uint64_t)(*at - '0');
    }
    bool some = at > c->at;

    n->whole = whole;
    n->digits += first != NULL ? (unsigned)(at - first) : 0;
    c->at = at;
    return some && n->digits <= DIGITS;
}

static bool
take_exponent(struct cursor *c, struct number *n)
{
    int power = 0;
    bool minus;

    c->at++;
    minus = peek(c) == '-';
    if (minus || peek(c) == '+') {
        c->at++;
    }
    if (!is_digit(peek(c))) {
        return false;
    }
    for (; is_digit(peek(c)); c->at++) {
        if (power > 1000) {
            return false;
        }
        power = power * 10 + (*c->at - '0');
    }
    n->power += minus ? -power : power;
    return true;
}

static bool
take_number(struct cursor *c, struct number *n)
{
    *n = (struct number){ .from = c->at, .minus = *c->at == '-' };
    c->at += n->minus;
    int first = peek(c);
    const uint8_t *digits = c->at;

    if (!take_digits(c, n) || (first == '0' && c->at - digits > 1)) {
        return false;
    }
    if (peek(c) == '.') {
        n->real = true;
        c->at++;
        const uint8_t *point = c->at;

        if (!take_digits(c, n)) {
            return false;
        }
        n->power = -(int)(c->at - point);
    }
    if (peek(c) == 'e' || peek(c) == 'E') {
        n->real = true;
        return take_exponent(c, n);
    }
    return true;
}

/* Both factors are doubles as they are, so that one operation rounds once;
 * what is longer is for who can do that. */
static bool
real_of(const struct cursor *c, const struct number *n, uint64_t *bits)
{
    double value = (double)n->whole;

    if (n->whole > EXACT_WHOLE || n->power > EXACT_POWER ||
        n->power < -EXACT_POWER) {
        struct vlt_slice text =
            vlt_slice_of(n->from, (size_t)(c->at - n->from));

        if (vlt_double_parse(text, &value) != VLT_OK) {
            return false;
        }
        *bits = vlt_bits_of(value);
        return true;
    }
    value = n->power < 0 ? value / powers[-n->power] : value * powers[n->power];
    *bits = vlt_bits_of(n->minus ? -value : value);
    return true;
}

/* ---- rows ---- */

static bool
take_word(struct cursor *c, const char *word, size_t len)
{
    if ((size_t)(c->end - c->at) < len || memcmp(c->at, word, len) != 0) {
        return false;
    }
    c->at += len;
    return true;
}

static bool
take_item(struct cursor *c, uint64_t *bits, uint8_t *kind)
{
    struct number n;

    *bits = 0;
    switch (next(c)) {
    case 'n':
        *kind = VLT_SCAN_NULL;
        return take_word(c, "null", 4);
    case 't':
        *kind = VLT_SCAN_TRUE;
        return take_word(c, "true", 4);
    case 'f':
        *kind = VLT_SCAN_FALSE;
        return take_word(c, "false", 5);
    default:
        break;
    }
    if (peek(c) < 0 || !take_number(c, &n)) {
        return false;
    }
    *kind = n.real ? VLT_SCAN_REAL : VLT_SCAN_INT;
    if (n.real) {
        return real_of(c, &n, bits);
    }
    *bits = n.minus ? UINT64_C(0) - n.whole : n.whole;
    return n.whole <= (uint64_t)INT64_MAX;
}

static bool
put_item(struct vlt_scan *scan, uint64_t bits, uint8_t kind)
{
    vlt_buf_put(&scan->bits, &bits, sizeof bits);
    vlt_buf_put_u8(&scan->kinds, kind);
    return !vlt_buf_failed(&scan->bits) && !vlt_buf_failed(&scan->kinds);
}

/* One row; *width is the items it has. */
static bool
take_row(struct cursor *c, size_t *width)
{
    uint64_t bits;
    uint8_t kind;

    if (!take(c, '[')) {
        return false;
    }
    for (*width = 0; *width <= VLT_COLUMNS_MAX; ++*width) {
        if (*width > 0 && !take(c, ',')) {
            return take(c, ']');
        }
        if (!take_item(c, &bits, &kind) ||
            (*width == 0 && kind != VLT_SCAN_INT) ||
            !put_item(c->scan, bits, kind)) {
            return false;
        }
    }
    return false;
}

/* A list of rows, in whose place its index goes to the rest. */
static bool
take_rows(struct cursor *c)
{
    struct vlt_scan *scan = c->scan;
    struct vlt_scan_part part = { .from = scan->kinds.len };
    char index[24];
    size_t width;

    vlt_buf_put(&scan->rest, c->kept, (size_t)(c->at - c->kept));
    if (!take(c, '[')) {
        return false;
    }
    do {
        if (!take_row(c, &width) || width < 2 ||
            (part.rows > 0 && width != part.width)) {
            return false;
        }
        part.width = width;
        part.rows++;
    } while (take(c, ','));
    int len = snprintf(index, sizeof index, "%zu", vlt_scan_parts(scan));

    vlt_buf_put(&scan->rest, index, (size_t)len);
    vlt_buf_put(&scan->parts, &part, sizeof part);
    bool whole = take(c, ']');

    c->kept = c->at;
    return whole;
}

/* ---- the way there ---- */

typedef bool taker(struct cursor *c);

/* An object: the values of one member are taken so, those of others skipped. */
static bool
take_object(struct cursor *c, const char *member, taker *value)
{
    struct vlt_slice name;

    if (!take(c, '{')) {
        return false;
    }
    do {
        if (!take_text(c, &name) || !take(c, ':')) {
            return false;
        }
        (void)next(c);
        if (!(vlt_slice_equal(name, vlt_slice_text(member)) ? value(c)
                                                            : skip_value(c))) {
            return false;
        }
    } while (take(c, ','));
    return take(c, '}');
}

static bool
take_stream(struct cursor *c)
{
    return take_object(c, "rows", take_rows);
}

static bool
take_streams(struct cursor *c)
{
    if (!take(c, '[')) {
        return false;
    }
    do {
        if (!take_stream(c)) {
            return false;
        }
    } while (take(c, ','));
    return take(c, ']');
}

static bool
take_params(struct cursor *c)
{
    return take_object(c, "streams", take_streams);
}

bool
vlt_scan_begin(struct vlt_slice text, struct vlt_scan *out)
{
    struct cursor c = {
        .at = text.at, .end = text.at + text.len, .kept = text.at, .scan = out
    };

    *out = (struct vlt_scan){ .rest = { 0 } };
    if (text.len < VLT_SCAN_LEAST || !take_object(&c, "params", take_params) ||
        vlt_scan_parts(out) == 0) {
        return false;
    }
    vlt_buf_put(&out->rest, c.kept, (size_t)(c.end - c.kept));
    return !vlt_buf_failed(&out->rest) && !vlt_buf_failed(&out->parts);
}

void
vlt_scan_free(struct vlt_scan *scan)
{
    vlt_buf_free(&scan->rest);
    vlt_buf_free(&scan->bits);
    vlt_buf_free(&scan->kinds);
    vlt_buf_free(&scan->parts);
}

/* ---- reading ---- */

size_t
vlt_scan_parts(const struct vlt_scan *scan)
{
    return scan->parts.len / sizeof(struct vlt_scan_part);
}

struct vlt_scan_part
vlt_scan_part(const struct vlt_scan *scan, size_t i)
{
    struct vlt_scan_part part;

    memcpy(&part, scan->parts.at + i * sizeof part, sizeof part);
    return part;
}

const uint64_t *
vlt_scan_bits(const struct vlt_scan *scan)
{
    return (const uint64_t *)(const void *)scan->bits.at;
}

const uint8_t *
vlt_scan_kinds(const struct vlt_scan *scan)
{
    return scan->kinds.at;
}
