#include "base/time_internal.h"

#include <stdbool.h>
#include <string.h>

#include "base/reader.h"
#include "base/text.h"

enum {
    DECIMALS_MAX = 9,
    DURATION_YEARS = 100,
};

/* Exactly len digits; anything else fails the cursor. */
static int
read_digits(struct vlt_reader *r, size_t len)
{
    int value = 0;

    for (size_t i = 0; i < len; i++) {
        uint8_t c = vlt_read_u8(r);

        if (c < '0' || c > '9') {
            r->failed = true;
            return 0;
        }
        value = value * 10 + (c - '0');
    }
    return value;
}

static void
read_mark(struct vlt_reader *r, char mark)
{
    if (vlt_read_u8(r) != (uint8_t)mark) {
        r->failed = true;
    }
}

static bool
next_is(const struct vlt_reader *r, char mark)
{
    return vlt_reader_left(r) > 0 && r->bytes.at[r->at] == (uint8_t)mark;
}

/* .d to .ddddddddd, or nothing: nanoseconds. */
static int64_t
read_fraction(struct vlt_reader *r)
{
    int64_t ns = 0;
    int count = 0;

    if (!next_is(r, '.')) {
        return 0;
    }
    read_mark(r, '.');
    while (vlt_reader_left(r) > 0 && r->bytes.at[r->at] >= '0' &&
           r->bytes.at[r->at] <= '9' && count < DECIMALS_MAX) {
        ns = ns * 10 + read_digits(r, 1);
        count++;
    }
    if (count == 0) {
        r->failed = true;
    }
    for (; count < DECIMALS_MAX; count++) {
        ns *= 10;
    }
    return ns;
}

/* Z, +hh:mm or -hh:mm: nanoseconds ahead of UTC. */
static int64_t
read_offset(struct vlt_reader *r)
{
    uint8_t sign = vlt_read_u8(r);

    if (sign == 'Z' || sign == 'z') {
        return 0;
    }
    int hours = read_digits(r, 2);

    read_mark(r, ':');
    int minutes = read_digits(r, 2);

    if ((sign != '+' && sign != '-') || hours > 23 || minutes > 59) {
        r->failed = true;
        return 0;
    }
    int64_t ahead = hours * VLT_HOUR + minutes * VLT_MINUTE;

    return sign == '-' ? -ahead : ahead;
}

static void
read_date(struct vlt_reader *r, struct vlt_civil *out)
{
    out->year = read_digits(r, 4);
    read_mark(r, '-');
    out->month = read_digits(r, 2);
    read_mark(r, '-');
    out->day = read_digits(r, 2);
}

static void
read_clock(struct vlt_reader *r, struct vlt_civil *out)
{
    out->hour = read_digits(r, 2);
    read_mark(r, ':');
    out->minute = read_digits(r, 2);
    read_mark(r, ':');
    out->second = read_digits(r, 2);
    out->ns = read_fraction(r);
}

enum vlt_status
vlt_time_parse(struct vlt_slice text, int64_t *out)
{
    struct vlt_reader r = vlt_reader_over(text);
    struct vlt_civil civil;

    read_date(&r, &civil);
    uint8_t between = vlt_read_u8(&r);

    read_clock(&r, &civil);
    int64_t ahead = read_offset(&r);

    if (!vlt_reader_done(&r) || (between != 'T' && between != 't')) {
        return VLT_E_FORMAT;
    }
    return vlt_time_at_offset(&civil, ahead, out);
}

/* The last len decimal digits of value; returns what follows them. */
static char *
put_digits(char *at, int64_t value, size_t len)
{
    for (size_t i = len; i > 0; i--) {
        at[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + len;
}

static char *
put_after(char *at, char mark, int64_t value, size_t len)
{
    *at = mark;
    return put_digits(at + 1, value, len);
}

/* Seconds with as many decimals as they need, and the end. */
static char *
put_seconds(char *at, int64_t second, int64_t ns)
{
    int64_t ms = ns / 1000000;

    at = put_digits(at, second, 2);
    if (ns == ms * 1000000) {
        at = ms != 0 ? put_after(at, '.', ms, 3) : at;
    } else if (ns % 1000 != 0) {
        at = put_after(at, '.', ns, 9);
    } else {
        at = put_after(at, '.', ns / 1000, 6);
    }
    at[0] = 'Z';
    at[1] = 0;
    return at + 1;
}

/* All before the seconds. */
static char *
put_minute(char *at, const struct vlt_civil *c)
{
    at = put_digits(at, c->year, 4);
    at = put_after(at, '-', c->month, 2);
    at = put_after(at, '-', c->day, 2);
    at = put_after(at, 'T', c->hour, 2);
    at = put_after(at, ':', c->minute, 2);
    *at = ':';
    return at + 1;
}

const char *
vlt_time_print(int64_t ns, char out[VLT_TIME_TEXT])
{
    struct vlt_civil c = vlt_civil_of(ns);

    (void)put_seconds(put_minute(out, &c), c.second, c.ns);
    return out;
}

size_t
vlt_time_print_next(struct vlt_time_last *last, int64_t ns,
                    char out[VLT_TIME_TEXT])
{
    /* Of a time before that minute it wraps, and is large, too. */
    uint64_t into = (uint64_t)ns - (uint64_t)last->minute;

    if (!last->some || into >= (uint64_t)VLT_MINUTE) {
        struct vlt_civil c = vlt_civil_of(ns);

        (void)put_minute(last->text, &c);
        last->minute = vlt_floor_div(ns, VLT_MINUTE) * VLT_MINUTE;
        last->some = true;
    }
    int64_t rest = ns - last->minute;

    memcpy(out, last->text, VLT_TIME_MINUTE);
    return (size_t)(put_seconds(out + VLT_TIME_MINUTE, rest / VLT_SECOND,
                                rest % VLT_SECOND) -
                    out);
}

static const struct {
    const char *word;
    int64_t ns;
} units[] = {
    { "s", VLT_SECOND }, { "min", VLT_MINUTE }, { "h", VLT_HOUR },
    { "d", VLT_DAY },    { "w", 7 * VLT_DAY },  { "y", 365 * VLT_DAY },
};

/* Nanoseconds of a unit; 0 when there is no such unit. */
static int64_t
unit_of(struct vlt_slice word)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (vlt_slice_is(word, units[i].word)) {
            return units[i].ns;
        }
    }
    return 0;
}

enum vlt_status
vlt_duration_parse(struct vlt_slice text, int64_t *out)
{
    size_t digits = 0;
    uint64_t count;

    while (digits < text.len && text.at[digits] >= '0' &&
           text.at[digits] <= '9') {
        digits++;
    }
    if (digits == 0) {
        return VLT_E_FORMAT;
    }
    int64_t unit = unit_of(vlt_slice_of(text.at + digits, text.len - digits));

    if (unit == 0) {
        return VLT_E_FORMAT;
    }
    enum vlt_status st = vlt_uint_parse(vlt_slice_of(text.at, digits), &count);

    if (st != VLT_OK) {
        return st;
    }
    if (count > (uint64_t)(DURATION_YEARS * 365 * VLT_DAY / unit)) {
        return VLT_E_LIMIT;
    }
    *out = (int64_t)count * unit;
    return VLT_OK;
}
