#include "import/zone_internal.h"

#include "base/time.h"

enum { DAY = 86400 };

/* Reading from the front of a text. */
struct cursor {
    struct vlt_slice text;
    size_t at;
};

static uint8_t
peek(const struct cursor *c)
{
    return c->at < c->text.len ? c->text.at[c->at] : 0;
}

static bool
take(struct cursor *c, uint8_t byte)
{
    if (peek(c) != byte) {
        return false;
    }
    c->at++;
    return true;
}

static bool
letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* An abbreviation, at least three letters, or anything within < and >. */
static bool
take_name(struct cursor *c)
{
    size_t begin = c->at;

    if (take(c, '<')) {
        while (peek(c) != 0 && peek(c) != '>') {
            c->at++;
        }
        return take(c, '>');
    }
    while (letter(peek(c))) {
        c->at++;
    }
    return c->at >= begin + 3;
}

static bool
take_number(struct cursor *c, int max, int *out)
{
    size_t begin = c->at;
    int value = 0;

    while (peek(c) >= '0' && peek(c) <= '9' && value <= max) {
        value = value * 10 + (peek(c) - '0');
        c->at++;
    }
    *out = value;
    return c->at > begin && value <= max;
}

/* [+-]h[h[h]][:mm[:ss]] in seconds. */
static bool
take_clock(struct cursor *c, int32_t *out)
{
    bool negative = take(c, '-');
    int hour = 0;
    int minute = 0;
    int second = 0;

    if (!negative) {
        take(c, '+');
    }
    if (!take_number(c, 167, &hour)) {
        return false;
    }
    if (take(c, ':') && !take_number(c, 59, &minute)) {
        return false;
    }
    if (take(c, ':') && !take_number(c, 59, &second)) {
        return false;
    }
    *out = hour * 3600 + minute * 60 + second;
    *out = negative ? -*out : *out;
    return true;
}

static bool
take_month(struct cursor *c, struct zone_change *out)
{
    out->kind = ZONE_MONTH;
    return take_number(c, 12, &out->month) && out->month >= 1 && take(c, '.') &&
           take_number(c, 5, &out->week) && out->week >= 1 && take(c, '.') &&
           take_number(c, 6, &out->day);
}

static bool
take_change(struct cursor *c, struct zone_change *out)
{
    bool good;

    *out = (struct zone_change){ .kind = ZONE_ORDINAL, .seconds = 7200 };
    if (take(c, 'M')) {
        good = take_month(c, out);
    } else if (take(c, 'J')) {
        out->kind = ZONE_JULIAN;
        good = take_number(c, 365, &out->day) && out->day >= 1;
    } else {
        good = take_number(c, 365, &out->day);
    }
    return good && (!take(c, '/') || take_clock(c, &out->seconds));
}

bool
zone_rule_read(struct vlt_slice text, struct zone_rule *out)
{
    struct cursor c = { .text = text };
    struct zone_rule rule = { 0 };
    int32_t west;

    if (!take_name(&c) || !take_clock(&c, &west)) {
        return false;
    }
    rule.standard = -west;
    rule.daylight = rule.standard + 3600;
    if (c.at < text.len) {
        rule.summer = true;
        if (!take_name(&c)) {
            return false;
        }
        if (peek(&c) != ',') {
            if (!take_clock(&c, &west)) {
                return false;
            }
            rule.daylight = -west;
        }
        if (!take(&c, ',') || !take_change(&c, &rule.begin) || !take(&c, ',') ||
            !take_change(&c, &rule.end)) {
            return false;
        }
    }
    *out = rule;
    return c.at == text.len;
}

static bool
leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days since 1970 of the day that a change falls on. */
static int64_t
day_of(const struct zone_change *change, int64_t year)
{
    int64_t first = vlt_days_from_civil(year, 1, 1);

    if (change->kind == ZONE_ORDINAL) {
        return first + change->day;
    }
    if (change->kind == ZONE_JULIAN) {
        return first + change->day - 1 + (leap(year) && change->day >= 60);
    }
    int64_t month = vlt_days_from_civil(year, change->month, 1);
    int64_t next = change->month == 12
                       ? vlt_days_from_civil(year + 1, 1, 1)
                       : vlt_days_from_civil(year, change->month + 1, 1);
    /* 1970-01-01 was a Thursday, 4. */
    int64_t weekday = ((month + 4) % 7 + 7) % 7;
    int64_t day = month + (change->day - weekday + 7) % 7 +
                  7 * (int64_t)(change->week - 1);

    return day < next ? day : day - 7;
}

/* When, UTC, a change comes in a year whose offset until then is this. */
static int64_t
time_of(const struct zone_change *change, int64_t year, int32_t offset)
{
    return day_of(change, year) * DAY + change->seconds - offset;
}

int32_t
zone_rule_offset(const struct zone_rule *rule, int64_t utc)
{
    if (!rule->summer) {
        return rule->standard;
    }
    int64_t days = vlt_floor_div(utc + rule->standard, DAY);
    /* The year of that day: 400 years are 146,097 days. */
    int64_t year = 1970 + vlt_floor_div(days * 400, 146097);

    while (vlt_days_from_civil(year, 1, 1) > days) {
        year--;
    }
    while (vlt_days_from_civil(year + 1, 1, 1) <= days) {
        year++;
    }
    int64_t begin = time_of(&rule->begin, year, rule->standard);
    int64_t end = time_of(&rule->end, year, rule->daylight);
    bool summer =
        begin < end ? utc >= begin && utc < end : utc >= begin || utc < end;

    return summer ? rule->daylight : rule->standard;
}
