/*
 * batch_scan_rows: numbers, and lists of rows of them.
 */
#include "wire/batch_scan_internal.h"

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
take_digits(struct scan_cursor *c, struct number *n)
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
take_exponent(struct scan_cursor *c, struct number *n)
{
    int power = 0;
    bool minus;

    c->at++;
    minus = scan_peek(c) == '-';
    if (minus || scan_peek(c) == '+') {
        c->at++;
    }
    if (!is_digit(scan_peek(c))) {
        return false;
    }
    for (; is_digit(scan_peek(c)); c->at++) {
        if (power > 1000) {
            return false;
        }
        power = power * 10 + (*c->at - '0');
    }
    n->power += minus ? -power : power;
    return true;
}

static bool
take_number(struct scan_cursor *c, struct number *n)
{
    *n = (struct number){ .from = c->at, .minus = *c->at == '-' };
    c->at += n->minus;
    int first = scan_peek(c);
    const uint8_t *digits = c->at;

    if (!take_digits(c, n) || (first == '0' && c->at - digits > 1)) {
        return false;
    }
    if (scan_peek(c) == '.') {
        n->real = true;
        c->at++;
        const uint8_t *point = c->at;

        if (!take_digits(c, n)) {
            return false;
        }
        n->power = -(int)(c->at - point);
    }
    if (scan_peek(c) == 'e' || scan_peek(c) == 'E') {
        n->real = true;
        return take_exponent(c, n);
    }
    return true;
}

/* Both factors are doubles as they are, so that one operation rounds once;
 * what is longer is for who can do that. */
static bool
real_of(const struct scan_cursor *c, const struct number *n, uint64_t *bits)
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
take_word(struct scan_cursor *c, const char *word, size_t len)
{
    if ((size_t)(c->end - c->at) < len || memcmp(c->at, word, len) != 0) {
        return false;
    }
    c->at += len;
    return true;
}

static bool
take_item(struct scan_cursor *c, uint64_t *bits, uint8_t *kind)
{
    struct number n;

    *bits = 0;
    switch (scan_next(c)) {
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
    if (scan_peek(c) < 0 || !take_number(c, &n)) {
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
take_cells(struct scan_cursor *c, uint64_t *bits, uint8_t *kinds, size_t *width)
{
    if (!scan_take(c, '[')) {
        return false;
    }
    for (size_t i = 0; i < ITEMS_MAX; i++) {
        const uint8_t *at = scan_behind_blanks(c->at, c->end);
        const uint8_t *behind = behind_plain(at, c->end, &bits[i], &kinds[i]);

        if (behind != NULL) {
            c->at = behind;
        } else if (!take_item(c, &bits[i], &kinds[i])) {
            return false;
        }
        if (!scan_take(c, ',')) {
            *width = i + 1;
            return scan_take(c, ']');
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

/* So many as a row may have, or as are to come at most: an item is a byte, and
 * one lies between two. */
static size_t
items_of(const struct scan_cursor *c, size_t most)
{
    size_t items = (size_t)(c->end - c->at) / 2 + 1;

    return items < most ? items : most;
}

static bool
make_room(const struct scan_cursor *c, struct room *room)
{
    struct vlt_scan *scan = c->scan;

    scan->bits.len -= room->left * sizeof *room->bits;
    scan->kinds.len -= room->left;
    room->left = items_of(c, ROOM);
    room->bits = (uint64_t *)(void *)vlt_buf_extend(
        &scan->bits, room->left * sizeof *room->bits);
    room->kinds = vlt_buf_extend(&scan->kinds, room->left);
    return room->bits != NULL && room->kinds != NULL;
}

static bool
take_row(struct scan_cursor *c, struct room *room, size_t *width)
{
    if ((room->left < items_of(c, ITEMS_MAX) && !make_room(c, room)) ||
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
take_list(struct scan_cursor *c, struct vlt_scan_part *part)
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
    } while (scan_take(c, ','));
    c->scan->bits.len -= room.left * sizeof *room.bits;
    c->scan->kinds.len -= room.left;
    return true;
}

bool
scan_take_rows(struct scan_cursor *c)
{
    struct vlt_scan *scan = c->scan;
    struct vlt_scan_part part = { .from = scan->kinds.len };
    struct scan_cut cut = { .begin = c->at };

    if (!scan_take(c, '[') || !take_list(c, &part) || !scan_take(c, ']')) {
        return false;
    }
    cut.end = c->at;
    vlt_buf_put(&scan->parts, &part, sizeof part);
    vlt_buf_put(&scan->cuts, &cut, sizeof cut);
    return true;
}

bool
scan_take_whole(struct scan_cursor *c, uint64_t *value)
{
    struct number n;

    if (!is_digit(scan_next(c)) || !take_number(c, &n) || n.real) {
        return false;
    }
    *value = n.whole;
    return n.whole <= (uint64_t)INT64_MAX;
}
