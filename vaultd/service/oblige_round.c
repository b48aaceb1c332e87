/*
 * oblige_round: values rounded down to a step, exactly.
 *
 * A value becomes k × step, k the greatest whole number with k × step ≤ value.
 * The comparison is exact: a double is m × 2^e, a step a whole number of
 * 10^-9, so both sides are whole numbers once they are scaled.  k beyond ±2^53
 * gives no value.  Places become the south-west corner of their cell.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "service/reading_internal.h"

__extension__ typedef __int128 wide;

#define NANO INT64_C(1000000000)
#define K_MAX (INT64_C(1) << 53)

enum {
    DEGREE = 10000000, /* 10^-7 degrees of one */
    METRES = 111320,   /* of one degree of latitude */
    COS_ONE = 1 << 20,
};

/* floor(2^20 · cos) by whole degree. */
static const int32_t cos_table[91] = {
    1048576, 1048416, 1047937, 1047138, 1046021, 1044585, 1042831, 1040760,
    1038371, 1035666, 1032645, 1029310, 1025662, 1021701, 1017428, 1012846,
    1007955, 1002758, 997255,  991448,  985339,  978930,  972222,  965219,
    957921,  950332,  942453,  934288,  925837,  917105,  908093,  898805,
    889242,  879409,  869308,  858943,  848315,  837430,  826289,  814896,
    803255,  791370,  779243,  766879,  754282,  741455,  728402,  715127,
    701634,  687927,  674011,  659890,  645567,  631048,  616337,  601438,
    586356,  571095,  555660,  540056,  524287,  508359,  492276,  476043,
    459665,  443147,  426494,  409711,  392803,  375776,  358634,  341382,
    324027,  306573,  289026,  271391,  253673,  235878,  218011,  200077,
    182083,  164033,  145933,  127789,  109606,  91389,   73144,   54878,
    36594,   18300,   0,
};

/* Is k × step ≤ value, exactly?  step in 10^-9; |value| below 2^84. */
static bool
not_above(int64_t k, int64_t step, double value)
{
    int e;
    double fraction = frexp(value, &e);
    wide m = (wide)(int64_t)ldexp(fraction, 53) * NANO; /* × 2^(e - 53) */
    wide left = (wide)k * step;

    e -= 53;
    if (e >= 0) {
        return left <= m << e;
    }
    /* left ≤ m / 2^-e, both whole: so left ≤ floor(m / 2^-e). */
    if (-e >= 126) {
        return left <= (m < 0 ? -1 : 0);
    }
    return left <= m >> -e;
}

/* The greatest k; false: beyond ±2^53, or no number. */
static bool
steps_of(double value, int64_t step, int64_t *out)
{
    double guess = floor(value / ((double)step / 1e9));
    int64_t k;

    if (!isfinite(value) || !(fabs(guess) <= (double)K_MAX)) {
        return false;
    }
    k = (int64_t)guess;
    while (!not_above(k, step, value)) {
        k--;
    }
    while (not_above(k + 1, step, value)) {
        k++;
    }
    *out = k;
    return k >= -K_MAX && k <= K_MAX;
}

/* k × step as the nearest double of its decimal. */
static bool
decimal_of(int64_t k, int64_t step, double *out)
{
    wide nano = (wide)k * step;
    char digits[64];
    size_t at = sizeof digits;
    bool minus = nano < 0;
    int places = 0;

    if (minus) {
        nano = -nano;
    }
    do {
        if (places == 9) {
            digits[--at] = '.';
        }
        digits[--at] = (char)('0' + (int)(nano % 10));
        nano /= 10;
        places++;
    } while (nano > 0 || places < 10);
    if (minus) {
        digits[--at] = '-';
    }
    return vlt_double_parse(vlt_slice_of(digits + at, sizeof digits - at),
                            out) == VLT_OK;
}

static bool
round_double(double value, struct terms_step step, double *out)
{
    int64_t k;

    return steps_of(value, step.nano, &k) && decimal_of(k, step.nano, out);
}

/* ---- places ---- */

/* Whole 10^-7 degrees of one, rounded to the nearest. */
static bool
degrees_of(double value, double most, int64_t *out)
{
    if (!(fabs(value) <= most)) {
        return false;
    }
    *out = (int64_t)llround(value * DEGREE);
    return true;
}

struct cell {
    int64_t lat, lon; /* the corner, 10^-7 degrees */
};

static bool
corner_of(double lat, double lon, struct terms_step step, struct cell *out)
{
    wide height = (wide)DEGREE * step.nano / NANO / METRES;
    int64_t y;
    int64_t x;
    int64_t edge;
    int64_t width;

    if (!degrees_of(lat, 90, &y) || !degrees_of(lon, 180, &x) || height < 1 ||
        height > 90 * (wide)DEGREE) {
        return false;
    }
    out->lat = vlt_floor_div(y, (int64_t)height) * (int64_t)height;
    edge = out->lat < 0 ? -out->lat : out->lat;
    edge /= DEGREE;

    int64_t c = cos_table[edge > 90 ? 90 : edge];

    if (c < COS_ONE / 100) {
        c = COS_ONE / 100;
    }
    width = (int64_t)(height * COS_ONE / c);
    out->lon = vlt_floor_div(x, width) * width;
    return true;
}

/* ---- rows ---- */

/* What becomes of a column. */
enum fate {
    DROPPED,
    KEPT, /* counts */
    ROUNDED,
    LATITUDE,
    LONGITUDE,
};

static enum fate
fate_of(const struct stream_column *column, bool buckets,
        struct terms_step step)
{
    size_t len = strlen(column->name);

    if (column->type == VLT_TYPE_TEXT || column->type == VLT_TYPE_JSON) {
        return DROPPED;
    }
    if (buckets && len > 6 && strcmp(column->name + len - 6, ".count") == 0) {
        return KEPT;
    }
    if (!step.length) {
        return column->type == VLT_TYPE_BOOL ? DROPPED : ROUNDED;
    }
    if (!buckets && strcmp(column->name, "lat") == 0) {
        return LATITUDE;
    }
    if (!buckets && strcmp(column->name, "lon") == 0) {
        return LONGITUDE;
    }
    return DROPPED;
}

static double
value_of(const struct vlt_rows *rows, size_t row, size_t column)
{
    uint64_t bits = vlt_rows_bits(rows, row, column);

    return vlt_rows_column(rows, column).field.type == VLT_TYPE_F64
               ? vlt_f64_of(bits)
               : (double)(int64_t)bits;
}

struct rounding {
    const struct vlt_rows *from;
    struct vlt_rows *to;
    struct terms_step step;
    enum fate fate[SERIES_COLUMNS_MAX];
    size_t lat, lon; /* columns; SIZE_MAX: none */
};

static void
set_number(const struct rounding *rounding, size_t row, size_t column,
           double value)
{
    enum vlt_type type = vlt_rows_column(rounding->to, column).field.type;

    vlt_rows_set_at(rounding->to, row, column,
                    type == VLT_TYPE_F64 ? vlt_bits_of(value)
                                         : (uint64_t)(int64_t)value);
}

static void
round_place(const struct rounding *rounding, size_t row)
{
    struct cell cell;

    if (rounding->lat == SIZE_MAX || rounding->lon == SIZE_MAX ||
        !vlt_rows_has(rounding->from, row, rounding->lat) ||
        !vlt_rows_has(rounding->from, row, rounding->lon) ||
        !corner_of(value_of(rounding->from, row, rounding->lat),
                   value_of(rounding->from, row, rounding->lon), rounding->step,
                   &cell)) {
        return;
    }
    set_number(rounding, row, rounding->lat, (double)cell.lat / DEGREE);
    set_number(rounding, row, rounding->lon, (double)cell.lon / DEGREE);
}

static void
round_row(const struct rounding *rounding, size_t row)
{
    for (size_t i = 0; i < vlt_rows_columns(rounding->from); i++) {
        double value;

        if (!vlt_rows_has(rounding->from, row, i)) {
            continue;
        }
        if (rounding->fate[i] == KEPT) {
            vlt_rows_set_at(rounding->to, row, i,
                            vlt_rows_bits(rounding->from, row, i));
        } else if (rounding->fate[i] == ROUNDED &&
                   round_double(value_of(rounding->from, row, i),
                                rounding->step, &value)) {
            set_number(rounding, row, i, value);
        }
    }
    round_place(rounding, row);
}

/* Empty rows with the columns of others. */
static enum vlt_status
same_columns(const struct vlt_rows *rows, struct vlt_rows **out)
{
    struct vlt_range none = { .from = 0, .count = 0 };

    return vlt_rows_slice(rows, none, out);
}

static void
settle(struct rounding *rounding, const struct stream_column *columns,
       bool buckets)
{
    rounding->lat = SIZE_MAX;
    rounding->lon = SIZE_MAX;
    for (size_t i = 0; i < vlt_rows_columns(rounding->from); i++) {
        rounding->fate[i] = fate_of(&columns[i], buckets, rounding->step);
        if (rounding->fate[i] == LATITUDE) {
            rounding->lat = i;
        }
        if (rounding->fate[i] == LONGITUDE) {
            rounding->lon = i;
        }
    }
}

enum vlt_status
oblige_round(const struct stream *stream, const struct series_want *want,
             struct terms_step step, const struct vlt_rows *rows,
             struct vlt_rows **out)
{
    struct stream_column columns[SERIES_COLUMNS_MAX];
    struct rounding rounding = { .from = rows, .step = step };
    size_t count = 0;
    enum vlt_status st = series_columns(stream, want, &count, columns);

    if (st == VLT_OK && count != vlt_rows_columns(rows)) {
        return VLT_E_FORMAT;
    }
    if (st == VLT_OK) {
        st = same_columns(rows, &rounding.to);
    }
    if (st != VLT_OK) {
        return st;
    }
    settle(&rounding, columns, want->every != 0);
    for (size_t i = 0; st == VLT_OK && i < vlt_rows_count(rows); i++) {
        st = vlt_rows_add(rounding.to, vlt_rows_times(rows)[i]);
        if (st == VLT_OK) {
            round_row(&rounding, i);
        }
    }
    if (st != VLT_OK) {
        vlt_rows_free(rounding.to);
        return st;
    }
    *out = rounding.to;
    return VLT_OK;
}
