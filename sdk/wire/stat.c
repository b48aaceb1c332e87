#include "wire/stat.h"

#include <assert.h>
#include <math.h>

#include "wire/rows_internal.h"

enum { GROUP = 128 };

#define SIGN (UINT64_C(1) << 63)
#define INFINITE (UINT64_C(0x7ff) << 52)

void
vlt_stat_init(struct vlt_stat *stat, enum vlt_type type)
{
    *stat = (struct vlt_stat){ .type = type };
}

static inline bool
is_nan(uint64_t bits)
{
    return (bits & ~SIGN) > INFINITE;
}

/*
 * An int64 that orders as the values do: a negative double has its other bits
 * turned, nothing else changes.  The same again gives the bits.
 */
static inline int64_t
key_of(uint64_t bits, bool f64)
{
    uint64_t negative = 0 - (bits >> 63);

    return (int64_t)(bits ^ (f64 ? negative >> 1 : 0));
}

static inline uint64_t
bits_of_key(int64_t key, bool f64)
{
    return (uint64_t)key_of((uint64_t)key, f64);
}

/* The values of some rows that are present and not NaN, and what they are
 * between. */
struct group {
    const uint64_t *bits; /* the column's own, or those in room */
    size_t n;
    size_t first; /* row of the first */
    size_t last;
    int64_t least; /* keys */
    int64_t most;
    uint64_t room[GROUP];
};

static bool
any_nan(const uint64_t *bits, size_t n)
{
    bool found = false;

    for (size_t i = 0; i < n; i++) {
        found |= is_nan(bits[i]);
    }
    return found;
}

/* Copy what counts; how many NaN there are comes back. */
static size_t
sift(struct group *g, const struct vlt_column *column, struct vlt_range range)
{
    bool f64 = column->field.type == VLT_TYPE_F64;
    size_t nan = 0;

    for (size_t i = 0; i < range.count; i++) {
        size_t row = range.from + i;

        if (column->bitmap != NULL && !rows_bit(column->bitmap, row)) {
            continue;
        }
        if (f64 && is_nan(column->bits[row])) {
            nan++;
            continue;
        }
        g->first = g->n == 0 ? row : g->first;
        g->last = row;
        g->room[g->n] = column->bits[row];
        g->n++;
    }
    return nan;
}

/* The values of a group of rows; how many NaN there are comes back. */
static size_t
gather(struct group *g, const struct vlt_column *column, struct vlt_range range)
{
    const uint64_t *bits = column->bits + range.from;
    bool f64 = column->field.type == VLT_TYPE_F64;

    if (column->bitmap == NULL && !(f64 && any_nan(bits, range.count))) {
        g->bits = bits;
        g->n = range.count;
        g->first = range.from;
        g->last = range.from + range.count - 1;
        return 0;
    }
    g->bits = g->room;
    g->n = 0;
    return sift(g, column, range);
}

static void
find_bounds(struct group *g, bool f64)
{
    int64_t least = INT64_MAX;
    int64_t most = INT64_MIN;

    for (size_t i = 0; i < g->n; i++) {
        int64_t key = key_of(g->bits[i], f64);

        least = key < least ? key : least;
        most = key > most ? key : most;
    }
    g->least = least;
    g->most = most;
}

/* Infinities are noted and taken out. */
static void
note_infinities(struct vlt_stat *stat, struct group *g)
{
    size_t finite = 0;

    for (size_t i = 0; i < g->n; i++) {
        uint64_t bits = g->bits[i];
        bool infinite = (bits & ~SIGN) == INFINITE;

        stat->plus = stat->plus || (infinite && bits >> 63 == 0);
        stat->minus = stat->minus || (infinite && bits >> 63 != 0);
        g->room[finite] = bits;
        finite += !infinite;
    }
    g->bits = g->room;
    g->n = finite;
}

static void
add_to_sum(struct vlt_stat *stat, struct group *g)
{
    if (stat->type != VLT_TYPE_F64) {
        vlt_sum_add_i64s(&stat->sum, g->bits, g->n);
        return;
    }
    /* They are the least and the most there can be. */
    if (g->most == key_of(INFINITE, true) ||
        g->least == key_of(INFINITE | SIGN, true)) {
        note_infinities(stat, g);
    }
    vlt_sum_add_f64s(&stat->sum, g->bits, g->n);
}

/* What a group has, as a stat without its sum. */
static struct vlt_stat
outline(const struct group *g, const struct vlt_rows *rows, enum vlt_type type)
{
    bool f64 = type == VLT_TYPE_F64;
    const int64_t *times = vlt_rows_times(rows);

    return (struct vlt_stat){ .type = type,
                              .n = g->n,
                              .first_time = times[g->first],
                              .last_time = times[g->last],
                              .first = g->bits[0],
                              .last = g->bits[g->n - 1],
                              .min = bits_of_key(g->least, f64),
                              .max = bits_of_key(g->most, f64) };
}

/* Everything but sums and infinities. */
static void
merge_outline(struct vlt_stat *stat, const struct vlt_stat *later)
{
    bool f64 = stat->type == VLT_TYPE_F64;
    bool none = stat->n == 0;

    if (later->n == 0) {
        return;
    }
    stat->n += later->n;
    if (none || later->first_time < stat->first_time) {
        stat->first_time = later->first_time;
        stat->first = later->first;
    }
    if (none || later->last_time >= stat->last_time) {
        stat->last_time = later->last_time;
        stat->last = later->last;
    }
    if (none || key_of(later->min, f64) < key_of(stat->min, f64)) {
        stat->min = later->min;
    }
    if (none || key_of(later->max, f64) > key_of(stat->max, f64)) {
        stat->max = later->max;
    }
}

void
vlt_stat_add(struct vlt_stat *stat, const struct vlt_rows *rows, size_t column,
             struct vlt_range range)
{
    struct vlt_column cells = vlt_rows_column(rows, column);
    bool texts = rows_of_texts(stat->type);
    struct group g;

    assert(cells.field.type == stat->type &&
           range.from <= vlt_rows_count(rows) &&
           range.count <= vlt_rows_count(rows) - range.from);
    for (size_t done = 0; done < range.count; done += GROUP) {
        size_t left = range.count - done;
        struct vlt_range part = { range.from + done,
                                  left < GROUP ? left : GROUP };

        stat->nan += gather(&g, &cells, part);
        if (g.n == 0) {
            continue;
        }
        find_bounds(&g, stat->type == VLT_TYPE_F64);
        struct vlt_stat more = outline(&g, rows, stat->type);

        if (texts) {
            more.first = more.last = more.min = more.max = 0;
        }
        merge_outline(stat, &more);
        if (!texts) {
            add_to_sum(stat, &g);
        }
    }
}

void
vlt_stat_merge(struct vlt_stat *stat, const struct vlt_stat *later)
{
    assert(stat->type == later->type);
    merge_outline(stat, later);
    stat->nan += later->nan;
    stat->plus = stat->plus || later->plus;
    stat->minus = stat->minus || later->minus;
    vlt_sum_merge(&stat->sum, &later->sum);
}

static double
divided(const struct vlt_stat *stat, uint64_t by)
{
    if (stat->plus && stat->minus) {
        return (double)NAN;
    }
    if (stat->plus || stat->minus) {
        return stat->plus ? (double)INFINITY : -(double)INFINITY;
    }
    return vlt_sum_round(&stat->sum, by);
}

double
vlt_stat_sum(const struct vlt_stat *stat)
{
    return divided(stat, 1);
}

double
vlt_stat_mean(const struct vlt_stat *stat)
{
    assert(stat->n > 0);
    return divided(stat, stat->n);
}

const char *
vlt_stat_sum_text(const struct vlt_stat *stat, char out[VLT_SUM_TEXT])
{
    assert(stat->type == VLT_TYPE_I64 || stat->type == VLT_TYPE_BOOL);
    return vlt_sum_text(&stat->sum, out);
}

bool
vlt_stat_sum_int64(const struct vlt_stat *stat, int64_t *out)
{
    assert(stat->type == VLT_TYPE_I64 || stat->type == VLT_TYPE_BOOL);
    return vlt_sum_int64(&stat->sum, out);
}
