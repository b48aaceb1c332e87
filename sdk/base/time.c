#include "base/time_internal.h"

#include <stdbool.h>

enum {
    /* Years whose nanoseconds surely fit, and that hold every valid time. */
    YEAR_MIN = 1800,
    YEAR_MAX = 2200,
    DAYS_PER_ERA = 146097, /* of 400 years */
    DAYS_TO_1970 = 719468, /* from 0000-03-01 */
};

int64_t
vlt_floor_div(int64_t value, int64_t by)
{
    int64_t whole = value / by;

    return value % by < 0 ? whole - 1 : whole;
}

/* Years are counted from March, so that the leap day is the last of a year. */
int64_t
vlt_days_from_civil(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = vlt_floor_div(y, 400);
    int64_t of_era = y - era * 400;
    int64_t from_march = month > 2 ? month - 3 : month + 9;
    int64_t of_year = (153 * from_march + 2) / 5 + day - 1;
    int64_t days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;

    return era * DAYS_PER_ERA + days - DAYS_TO_1970;
}

static void
civil_from_days(int64_t days, struct vlt_civil *out)
{
    int64_t since = days + DAYS_TO_1970;
    int64_t era = vlt_floor_div(since, DAYS_PER_ERA);
    int64_t d = since - era * DAYS_PER_ERA;
    int64_t y = (d - d / 1460 + d / 36524 - d / 146096) / 365;
    int64_t of_year = d - (365 * y + y / 4 - y / 100);
    int64_t from_march = (5 * of_year + 2) / 153;

    out->day = (int)(of_year - (153 * from_march + 2) / 5 + 1);
    out->month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
    out->year = y + era * 400 + (out->month <= 2);
}

static bool
leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
days_in(int64_t year, int month)
{
    static const int days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    return month == 2 && leap(year) ? 29 : days[month - 1];
}

static bool
within(int64_t value, int64_t min, int64_t max)
{
    return value >= min && value <= max;
}

bool
vlt_civil_valid(const struct vlt_civil *civil)
{
    return within(civil->month, 1, 12) &&
           within(civil->day, 1, days_in(civil->year, civil->month)) &&
           within(civil->hour, 0, 23) && within(civil->minute, 0, 59) &&
           within(civil->second, 0, 59) && within(civil->ns, 0, VLT_SECOND - 1);
}

struct vlt_civil
vlt_civil_of(int64_t ns)
{
    struct vlt_civil civil;
    int64_t days = vlt_floor_div(ns, VLT_DAY);
    int64_t rest = ns % VLT_DAY;

    if (rest < 0) {
        rest += VLT_DAY;
    }
    civil_from_days(days, &civil);
    civil.hour = (int)(rest / VLT_HOUR);
    civil.minute = (int)(rest % VLT_HOUR / VLT_MINUTE);
    civil.second = (int)(rest % VLT_MINUTE / VLT_SECOND);
    civil.ns = rest % VLT_SECOND;
    return civil;
}

enum vlt_status
vlt_time_at_offset(const struct vlt_civil *civil, int64_t ahead, int64_t *out)
{
    if (!vlt_civil_valid(civil)) {
        return VLT_E_FORMAT;
    }
    if (!within(civil->year, YEAR_MIN, YEAR_MAX)) {
        return VLT_E_LIMIT;
    }
    int64_t days = vlt_days_from_civil(civil->year, civil->month, civil->day);
    int64_t ns = days * VLT_DAY + civil->hour * VLT_HOUR +
                 civil->minute * VLT_MINUTE + civil->second * VLT_SECOND +
                 civil->ns - ahead;

    if (ns < VLT_TIME_MIN || ns >= VLT_TIME_MAX) {
        return VLT_E_LIMIT;
    }
    *out = ns;
    return VLT_OK;
}

enum vlt_status
vlt_time_from_civil(const struct vlt_civil *civil, int64_t *out)
{
    return vlt_time_at_offset(civil, 0, out);
}
