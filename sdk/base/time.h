/*
 * time: int64 nanoseconds UTC since 1970, and their text.
 *
 * No clock is read here.  Intervals are half-open.  Source: RFC 3339.
 */
#ifndef VLT_TIME_H
#define VLT_TIME_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/status.h"

#define VLT_SECOND INT64_C(1000000000)
#define VLT_MINUTE (60 * VLT_SECOND)
#define VLT_HOUR (60 * VLT_MINUTE)
#define VLT_DAY (24 * VLT_HOUR)

/* A row's time lies in [VLT_TIME_MIN, VLT_TIME_MAX): 1823-11 to 2116-02. */
#define VLT_TIME_MIN (-(INT64_C(1) << 62))
#define VLT_TIME_MAX (INT64_C(1) << 62)

/* 2026-11-25T18:20:42.123456789+00:00 and the zero */
enum { VLT_TIME_TEXT = 40 };

struct vlt_civil {
    int64_t year;
    int month;  /* 1 to 12 */
    int day;    /* 1 to 31 */
    int hour;   /* 0 to 23 */
    int minute; /* 0 to 59 */
    int second; /* 0 to 59 */
    int64_t ns; /* 0 to 999,999,999 */
};

/* Days from 1970-01-01 to a day of the proleptic Gregorian calendar. */
int64_t vlt_days_from_civil(int64_t year, int month, int day);

/* Is this a date and time that exists (UTC, no leap second)? */
bool vlt_civil_valid(const struct vlt_civil *civil);

struct vlt_civil vlt_civil_of(int64_t ns);

/*
 * The time of a civil date in UTC.
 * VLT_E_FORMAT  it does not exist
 * VLT_E_LIMIT   it is outside [VLT_TIME_MIN, VLT_TIME_MAX)
 */
VLT_MUST_USE enum vlt_status vlt_time_from_civil(const struct vlt_civil *civil,
                                                 int64_t *out);

/*
 * Read RFC 3339 text with any offset and up to nine decimals, whole.
 * VLT_E_FORMAT, VLT_E_LIMIT as above; a leap second is VLT_E_FORMAT.
 */
VLT_MUST_USE enum vlt_status vlt_time_parse(struct vlt_slice text,
                                            int64_t *out);

/*
 * Print as RFC 3339 UTC with as many decimals (0, 3, 6 or 9) as are needed
 * to read back the same, ending in Z.  Returns out.
 */
const char *vlt_time_print(int64_t ns, char out[VLT_TIME_TEXT]);

enum { VLT_TIME_MINUTE = sizeof "2026-11-26T18:00:" - 1 };

/* What the last of many times was printed as, up to its seconds; begins as
 * { 0 }. */
struct vlt_time_last {
    bool some;
    int64_t minute; /* its beginning */
    char text[VLT_TIME_MINUTE];
};

/* The same text as vlt_time_print()'s, faster where times lie near each other.
 * Returns its length. */
size_t vlt_time_print_next(struct vlt_time_last *last, int64_t ns,
                           char out[VLT_TIME_TEXT]);

/* Whole quotient rounded down; by is positive. */
int64_t vlt_floor_div(int64_t value, int64_t by);

/*
 * Read a duration: a whole number and one of s min h d w y (365 d), no space,
 * as "90d".  Nanoseconds come out.
 * VLT_E_FORMAT  no number or no known unit
 * VLT_E_LIMIT   over 100 years
 */
VLT_MUST_USE enum vlt_status vlt_duration_parse(struct vlt_slice text,
                                                int64_t *out);

#endif
