#include "wire/batch_scan.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/writer.h"

enum {
    DIGITS = 19,      /* that a uint64 holds in any case */
    EIGHT = 8,        /* digits that are read at once */
    PLAIN_REAL = 16,  /* 15 digits, which a double holds, and a point */
    EXACT_POWER = 22, /* of ten, that a double is */
    ITEMS_MAX = VLT_COLUMNS_MAX + 1,
    ROOM = 8 * ITEMS_MAX, /* items that room is made for at once */
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

static inline int
peek(const struct cursor *c)
{
    return c->at < c->end ? *c->at : -1;
}

/* Behind blanks.  In registers: what a cursor has may be anything's. */
static inline const uint8_t *
behind_blanks(const uint8_t *at, const uint8_t *end)
{
    while (at < end && *at <= ' ' &&
           (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) {
        at++;
    }
    return at;
}

static inline int
next(struct cursor *c)
{
    c->at = behind_blanks(c->at, c->end);
    return peek(c);
}

static inline bool
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

/* Are these eight bytes digits?  *value is what they are together. */
static inline bool
eight_digits(const uint8_t *at, uint64_t *value)
{
    uint64_t bytes = vlt_load_u64(at) ^ UINT64_C(0x3030303030303030);

    /* A byte over 9 gets its highest bit, or has it; what that carries into
     * the next one changes nothing more. */
    if (((bytes | (bytes + UINT64_C(0x7676767676767676))) &
         UINT64_C(0x8080808080808080)) != 0) {
        return false;
    }
    /* The first digit is the lowest byte: pairs, fours, and all eight. */
    bytes = (bytes * 10 + (bytes >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
    bytes = (bytes * 100 + (bytes >> 16)) & UINT64_C(0x0000ffff0000ffff);
    *value = (bytes & UINT32_MAX) * 10000 + (bytes >> 32);
    return true;
}

/* Behind digits, by which *whole is continued. */
static inline const uint8_t *
behind_digits(const uint8_t *at, const uint8_t *end, uint64_t *whole)
{
    uint64_t value = *whole;
    uint64_t eight;

    while (end - at >= EIGHT && eight_digits(at, &eight)) {
        value = value * 100000000 + eight;
        at += EIGHT;
    }
    for (; at < end && is_digit(*at); at++) {
        value = value * 10 + (uint64_t)(*at - '0');
    }
    *whole = value;
    return at;
}

/* Digits, at least one; false as well where they are too many to be held. */
static bool
take_digits(struct cursor *c, struct number *n)
{
    const uint8_t *from = c->at;
    const uint8_t *first = from; /* that counts */

    while (n->digits == 0 && first < c->end && *first == '0') {
        first++;
    }
    c->at = behind_digits(first, c->end, &n->whole);
    n->digits += (unsigned)(c->at - first);
    return c->at > from && n->digits <= DIGITS;
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

/* A number as nearly all are: digits that a double holds, or an int64, and a
 * point among them perhaps.  Behind it; NULL: look closer. */
static const uint8_t *
behind_plain(const uint8_t *at, const uint8_t *end, uint64_t *bits,
             uint8_t *kind)
{
    bool minus = at < end && *at == '-';
    const uint8_t *first = at + minus;
    const uint8_t *point;
    uint64_t whole = 0;

    at = behind_digits(first, end, &whole);
    if (at == first || at - first > DIGITS || whole > (uint64_t)INT64_MAX ||
        at == end || (*first == '0' && at - first > 1)) {
        return NULL;
    }
    *kind = VLT_SCAN_INT;
    *bits = minus ? UINT64_C(0) - whole : whole;
    if (*at == '.') {
        point = at + 1;
        at = behind_digits(point, end, &whole);
        if (at == point || at - first > PLAIN_REAL || at == end) {
            return NULL;
        }
        double value = (double)whole / powers[at - point];

        *kind = VLT_SCAN_REAL;
        *bits = vlt_bits_of(minus ? -value : value);
    }
    return *at == 'e' || *at == 'E' ? NULL : at;
}

/* One row into room for the widest; *width is the items it has. */
static bool
take_cells(struct cursor *c, uint64_t *bits, uint8_t *kinds, size_t *width)
{
    if (!take(c, '[')) {
        return false;
    }
    for (size_t i = 0; i < ITEMS_MAX; i++) {
        const uint8_t *at = behind_blanks(c->at, c->end);
        const uint8_t *behind = behind_plain(at, c->end, &bits[i], &kinds[i]);

        if (behind != NULL) {
            c->at = behind;
        } else if (!take_item(c, &bits[i], &kinds[i])) {
            return false;
        }
        if (!take(c, ',')) {
            *width = i + 1;
            return take(c, ']');
        }
    }
    return false;
}

/* Room for many items at once, and what is taken of it. */
struct room {
    uint64_t *bits;
    uint8_t *kinds;
    size_t left;
};

static bool
make_room(struct vlt_scan *scan, struct room *room)
{
    scan->bits.len -= room->left * sizeof *room->bits;
    scan->kinds.len -= room->left;
    room->left = ROOM;
    room->bits = (uint64_t *)(void *)vlt_buf_extend(
        &scan->bits, room->left * sizeof *room->bits);
    room->kinds = vlt_buf_extend(&scan->kinds, room->left);
    return room->bits != NULL && room->kinds != NULL;
}

static bool
take_row(struct cursor *c, struct room *room, size_t *width)
{
    if ((room->left < ITEMS_MAX && !make_room(c->scan, room)) ||
        !take_cells(c, room->bits, room->kinds, width) ||
        room->kinds[0] != VLT_SCAN_INT) {
        return false;
    }
    room->bits += *width;
    room->kinds += *width;
    room->left -= *width;
    return true;
}

/* Rows of one width, at least two, with what is between them. */
static bool
take_list(struct cursor *c, struct vlt_scan_part *part)
{
    struct room room = { .left = 0 };
    size_t width;

    do {
        if (!take_row(c, &room, &width) || width < 2 ||
            (part->rows > 0 && width != part->width)) {
            return false;
        }
        part->width = width;
        part->rows++;
    } while (take(c, ','));
    c->scan->bits.len -= room.left * sizeof *room.bits;
    c->scan->kinds.len -= room.left;
    return true;
}

/* A list of rows, in whose place its index goes to the rest. */
static bool
take_rows(struct cursor *c)
{
    struct vlt_scan *scan = c->scan;
    struct vlt_scan_part part = { .from = scan->kinds.len };
    char index[24];

    vlt_buf_put(&scan->rest, c->kept, (size_t)(c->at - c->kept));
    if (!take(c, '[') || !take_list(c, &part)) {
        return false;
    }
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
