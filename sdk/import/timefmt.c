#include "import/timefmt.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"

/* What a pattern has read so far. */
struct reading {
    struct vlt_slice text;
    size_t at;
    struct vlt_civil civil;
    int32_t offset; /* seconds east, of %z */
    bool offset_read;
};

static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

struct vlt_slice
timefmt_trim(struct vlt_slice text)
{
    while (text.len > 0 && (text.at[0] == ' ' || text.at[0] == '\t')) {
        text.at++;
        text.len--;
    }
    while (text.len > 0 &&
           (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t')) {
        text.len--;
    }
    return text;
}

static uint8_t
peek(const struct reading *r)
{
    return r->at < r->text.len ? r->text.at[r->at] : 0;
}

static bool
take(struct reading *r, uint8_t byte)
{
    if (r->at >= r->text.len || r->text.at[r->at] != byte) {
        return false;
    }
    r->at++;
    return true;
}

/* A number of least to most digits. */
static bool
take_number(struct reading *r, int least, int most, int *out)
{
    int digits = 0;
    int value = 0;

    while (digits < most && peek(r) >= '0' && peek(r) <= '9') {
        value = value * 10 + (peek(r) - '0');
        r->at++;
        digits++;
    }
    *out = value;
    return digits >= least;
}

static bool
take_year(struct reading *r)
{
    int year = 0;

    if (!take_number(r, 4, 4, &year)) {
        return false;
    }
    r->civil.year = year;
    return true;
}

/* Decimals of a second, one to nine. */
static bool
take_fraction(struct reading *r)
{
    size_t begin = r->at;
    int value = 0;

    if (!take_number(r, 1, 9, &value)) {
        return false;
    }
    r->civil.ns = value;
    for (size_t digits = r->at - begin; digits < 9; digits++) {
        r->civil.ns *= 10;
    }
    return true;
}

/* Z, or +hh, +hhmm, +hh:mm and the same with -. */
static bool
take_offset(struct reading *r)
{
    bool west = peek(r) == '-';
    int hours = 0;
    int minutes = 0;

    r->offset_read = true;
    if (take(r, 'Z') || take(r, 'z')) {
        r->offset = 0;
        return true;
    }
    if ((!take(r, '+') && !take(r, '-')) || !take_number(r, 2, 2, &hours)) {
        return false;
    }
    bool colon = take(r, ':');

    if ((colon || (peek(r) >= '0' && peek(r) <= '9')) &&
        !take_number(r, 2, 2, &minutes)) {
        return false;
    }
    r->offset = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return hours < 24 && minutes < 60;
}

/* A month's English name, its first three letters, in either case. */
static bool
take_month_name(struct reading *r)
{
    char name[3];

    if (r->text.len - r->at < sizeof name) {
        return false;
    }
    for (size_t i = 0; i < sizeof name; i++) {
        uint8_t c = r->text.at[r->at + i];

        name[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    for (int month = 1; month <= 12; month++) {
        if (memcmp(months + 3 * (month - 1), name, sizeof name) == 0) {
            r->civil.month = month;
            r->at += sizeof name;
            return true;
        }
    }
    return false;
}

static bool
take_directive(struct reading *r, char directive)
{
    switch (directive) {
    case 'Y':
        return take_year(r);
    case 'm':
        return take_number(r, 1, 2, &r->civil.month);
    case 'b':
        return take_month_name(r);
    case 'd':
        return take_number(r, 1, 2, &r->civil.day);
    case 'H':
        return take_number(r, 1, 2, &r->civil.hour);
    case 'M':
        return take_number(r, 1, 2, &r->civil.minute);
    case 'S':
        return take_number(r, 1, 2, &r->civil.second);
    case 'f':
        return take_fraction(r);
    case 'z':
        return take_offset(r);
    default:
        return take(r, (uint8_t)directive);
    }
}

bool
timefmt_pattern_valid(const char *pattern, bool *offset)
{
    static const char known[] = "YmdHMSfzb%";
    bool seen[sizeof known] = { false };

    for (const char *c = pattern; *c != '\0'; c++) {
        if (*c != '%') {
            continue;
        }
        c++;
        const char *found = *c != '\0' ? strchr(known, *c) : NULL;

        if (found == NULL || (seen[found - known] && *c != '%')) {
            return false;
        }
        seen[found - known] = true;
    }
    *offset = seen[7];
    /* A year, a day, and one of the two ways to write a month. */
    return seen[0] && seen[2] && seen[1] != seen[8];
}

/* UTC of what a pattern has read. */
static enum vlt_status
finish(struct reading *r, const struct zone *zone, struct zone_walk *walk,
       bool *gap, int64_t *out)
{
    int64_t ns = r->civil.ns;
    int64_t wall;
    enum vlt_status st;

    /* Of a time at the edge of the range the local one may lie outside, and
     * so be refused; no file has those. */
    r->civil.ns = 0;
    st = vlt_time_from_civil(&r->civil, &wall);
    if (st != VLT_OK) {
        return st;
    }
    int64_t local = wall / VLT_SECOND;
    int64_t utc =
        r->offset_read ? local - r->offset : zone_utc(zone, local, walk, gap);

    *out = utc * VLT_SECOND + ns;
    return *out >= VLT_TIME_MIN && *out < VLT_TIME_MAX ? VLT_OK : VLT_E_LIMIT;
}

static enum vlt_status
read_pattern(const struct timefmt *format, struct vlt_slice text,
             struct zone_walk *walk, bool *gap, int64_t *out)
{
    struct reading r = { .text = text };

    for (const char *c = format->pattern; *c != '\0'; c++) {
        bool good;

        if (*c == '%') {
            c++;
            good = take_directive(&r, *c);
        } else {
            good = take(&r, (uint8_t)*c);
        }
        if (!good) {
            return VLT_E_FORMAT;
        }
    }
    if (r.at != text.len || (!r.offset_read && format->zone == NULL)) {
        return VLT_E_FORMAT;
    }
    return finish(&r, format->zone, walk, gap, out);
}

/* A decimal number of units of `unit` ns, exactly; what lies below a
 * nanosecond must be zero. */
static enum vlt_status
read_epoch(struct vlt_slice text, int64_t unit, int64_t *out)
{
    const uint8_t *point = memchr(text.at, '.', text.len);
    size_t whole_len = point != NULL ? (size_t)(point - text.at) : text.len;
    bool negative = text.len > 0 && text.at[0] == '-';
    int64_t whole = 0;
    int64_t part = 0;
    int64_t scale = unit;
    enum vlt_status st =
        vlt_int_parse(vlt_slice_of(text.at, whole_len), &whole);

    if (st != VLT_OK) {
        return st;
    }
    if (point != NULL && whole_len + 1 == text.len) {
        return VLT_E_FORMAT;
    }
    for (size_t i = whole_len + 1; i < text.len; i++) {
        int digit = text.at[i] - '0';

        if (digit < 0 || digit > 9 || (scale == 1 && digit != 0)) {
            return VLT_E_FORMAT;
        }
        if (scale > 1) {
            scale /= 10;
            part += digit * scale;
        }
    }
    if (__builtin_mul_overflow(whole, unit, out) ||
        __builtin_add_overflow(*out, negative ? -part : part, out) ||
        *out < VLT_TIME_MIN || *out >= VLT_TIME_MAX) {
        return VLT_E_LIMIT;
    }
    return VLT_OK;
}

enum vlt_status
timefmt_read(const struct timefmt *format, struct vlt_slice cell,
             struct zone_walk *walk, bool *gap, int64_t *out)
{
    struct vlt_slice text = timefmt_trim(cell);

    *gap = false;
    if (text.len == 0) {
        return VLT_E_FORMAT;
    }
    switch (format->kind) {
    case TIMEFMT_RFC3339:
        return vlt_time_parse(text, out);
    case TIMEFMT_EPOCH_S:
        return read_epoch(text, VLT_SECOND, out);
    case TIMEFMT_EPOCH_MS:
        return read_epoch(text, VLT_SECOND / 1000, out);
    case TIMEFMT_PATTERN:
        break;
    }
    return read_pattern(format, text, walk, gap, out);
}
