/*
 * bucket: rows summed up, a bucket of time at a go.
 *
 * Sums are exact and rounded once (wire/stat.h), so that what comes out does
 * not depend on how the rows lie in records.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "series/series_internal.h"
#include "wire/stat.h"

enum {
    SCAN_ROWS = 65536, /* raw rows taken at a time */
    SCAN_BYTES = 8 << 20,
    SLICE_ROWS = 262144, /* raw rows of a slice, about */
    SLICE_OPENED = 256,  /* records opened for one, about */
};

int64_t
bucket_of(const struct series_want *want, int64_t time)
{
    return want->origin +
           vlt_floor_div(time - want->origin, want->every) * want->every;
}

static void
reset(struct bucketing *bucketing)
{
    for (size_t i = 0; i < vlt_rows_columns(bucketing->rows); i++) {
        vlt_stat_init(&bucketing->stats[i],
                      vlt_rows_column(bucketing->rows, i).field.type);
    }
    bucketing->rows_in = 0;
}

static double
number(enum vlt_type type, uint64_t bits)
{
    return type == VLT_TYPE_F64 ? vlt_f64_of(bits) : (double)(int64_t)bits;
}

/* One statistic of one column, as the bits of a cell; false: absent. */
static bool
cell(const struct vlt_stat *stat, unsigned which, uint64_t *bits)
{
    double value = 0;

    if (which == SERIES_COUNT) {
        *bits = stat->n;
        return true;
    }
    if (stat->n == 0) {
        return false;
    }
    switch (which) {
    case SERIES_MEAN:
        value = vlt_stat_mean(stat);
        break;
    case SERIES_MIN:
        value = number(stat->type, stat->min);
        break;
    case SERIES_MAX:
        value = number(stat->type, stat->max);
        break;
    case SERIES_SUM:
        value = vlt_stat_sum(stat);
        break;
    case SERIES_FIRST:
        value = number(stat->type, stat->first);
        break;
    case SERIES_LAST:
        value = number(stat->type, stat->last);
        break;
    default:
        return false;
    }
    *bits = vlt_bits_of(value);
    return true;
}

/* Has this column readings enough to be given?  What counts are its own: a row
 * that is there for the sake of another column is none of them. */
static bool
has_enough(const struct bucketing *bucketing, size_t column)
{
    return bucketing->stats[column].n >= bucketing->want->min_readings;
}

/* Has any column, so that the bucket is given? */
static bool
any_enough(const struct bucketing *bucketing)
{
    for (size_t i = 0; i < vlt_rows_columns(bucketing->rows); i++) {
        if (has_enough(bucketing, i)) {
            return true;
        }
    }
    return false;
}

enum vlt_status
bucket_emit(struct bucketing *bucketing, int64_t start, struct vlt_rows *out)
{
    size_t at = 0;
    enum vlt_status st;

    if (bucketing->rows_in == 0 || !any_enough(bucketing)) {
        return VLT_OK;
    }
    st = vlt_rows_add(out, start);
    for (size_t i = 0; st == VLT_OK && i < vlt_rows_columns(bucketing->rows);
         i++) {
        bool enough = has_enough(bucketing, i);
        enum vlt_type type = vlt_rows_column(bucketing->rows, i).field.type;
        bool text = type == VLT_TYPE_TEXT || type == VLT_TYPE_JSON;

        for (unsigned bit = 0; bit < 7; bit++) {
            unsigned which = 1U << bit;
            uint64_t bits;

            if ((bucketing->want->stats & which) == 0 ||
                (text && which != SERIES_COUNT)) {
                continue;
            }
            if (enough && cell(&bucketing->stats[i], which, &bits)) {
                vlt_rows_set(out, at, bits);
            }
            at++;
        }
    }
    return st;
}

/* Sum up all rows of one bucket: [start, start + every), cut to the want. */
static enum vlt_status
sum_bucket(struct bucketing *bucketing, int64_t start)
{
    struct series_at at;
    struct series_want raw = bucketing->raw;
    struct scanning scanning = bucketing->scanning;
    bool more = true;
    enum vlt_status st = VLT_OK;

    scanning.want = &raw;
    raw.descending = false;
    raw.from = start > raw.from ? start : raw.from;
    if (start + bucketing->want->every < raw.to) {
        raw.to = start + bucketing->want->every;
    }
    at = (struct series_at){ .time = raw.from };
    reset(bucketing);
    while (st == VLT_OK && more) {
        st = scan_rows(&scanning, &at, bucketing->rows, &more);
        for (size_t i = 0;
             st == VLT_OK && i < vlt_rows_columns(bucketing->rows); i++) {
            vlt_stat_add(&bucketing->stats[i], bucketing->rows, i,
                         vlt_rows_all(bucketing->rows));
        }
        bucketing->rows_in += vlt_rows_count(bucketing->rows);
    }
    return st;
}

/* The time of the next raw row before *at.  A slice may give none, where the
 * filter was against all that it looked at. */
static enum vlt_status
peek(struct bucketing *bucketing, const struct series_at *at, bool *some,
     int64_t *time)
{
    struct scanning scanning = bucketing->scanning;
    struct series_at copy = *at;
    bool more = true;
    enum vlt_status st = VLT_OK;

    scanning.most_rows = 1;
    vlt_rows_clear(bucketing->rows);
    while (st == VLT_OK && more && vlt_rows_count(bucketing->rows) == 0) {
        st = scan_rows(&scanning, &copy, bucketing->rows, &more);
    }
    *some = st == VLT_OK && vlt_rows_count(bucketing->rows) > 0;
    if (*some) {
        *time = vlt_rows_times(bucketing->rows)[0];
    }
    return st;
}

/* Has this slice opened so many records that others should come first? */
static bool
opened_enough(const struct bucketing *bucketing)
{
    return store_view_opened(bucketing->scanning.view) >=
           bucketing->opened + SLICE_OPENED;
}

/* Backwards: find the next row, sum its bucket up, go before it. */
static enum vlt_status
run_down(struct bucketing *bucketing, struct series_at *at, size_t most_rows,
         struct vlt_rows *out, bool *more)
{
    enum vlt_status st = VLT_OK;

    *more = true;
    while (st == VLT_OK && vlt_rows_count(out) < most_rows &&
           (vlt_rows_count(out) == 0 || !opened_enough(bucketing))) {
        int64_t time;
        int64_t start;

        st = peek(bucketing, at, more, &time);
        if (st != VLT_OK || !*more) {
            break;
        }
        start = bucket_of(bucketing->want, time);
        st = sum_bucket(bucketing, start);
        if (st == VLT_OK) {
            st = bucket_emit(bucketing, start, out);
        }
        *at = (struct series_at){ .time = start };
    }
    return st;
}

/* Take the rows at hand into their buckets; a bucket that ends is given. */
struct open_bucket {
    bool some;
    int64_t start;
    size_t most_rows;
};

static enum vlt_status
take(struct bucketing *bucketing, struct open_bucket *bucket,
     struct series_at *at, struct vlt_rows *out)
{
    const int64_t *times = vlt_rows_times(bucketing->rows);
    size_t count = vlt_rows_count(bucketing->rows);
    size_t row = 0;

    while (row < count) {
        int64_t start = bucket_of(bucketing->want, times[row]);
        size_t end =
            vlt_rows_seek(bucketing->rows, start + bucketing->want->every);
        struct vlt_range range = { .from = row, .count = end - row };

        if (bucket->some && start != bucket->start) {
            enum vlt_status st = bucket_emit(bucketing, bucket->start, out);

            if (st != VLT_OK) {
                return st;
            }
            reset(bucketing);
            *at = (struct series_at){ .time = start };
            if (vlt_rows_count(out) >= bucket->most_rows) {
                bucket->some = false;
                return VLT_OK;
            }
        }
        bucket->some = true;
        bucket->start = start;
        for (size_t i = 0; i < vlt_rows_columns(bucketing->rows); i++) {
            vlt_stat_add(&bucketing->stats[i], bucketing->rows, i, range);
        }
        bucketing->rows_in += range.count;
        row = end;
    }
    return VLT_OK;
}

/* No row passed the filter so far: the next slice may begin with the bucket
 * that the scan got to.  False: that is the first one still. */
static bool
go_on_at(const struct bucketing *bucketing, const struct series_at *raw_at,
         struct series_at *at)
{
    int64_t start = bucket_of(bucketing->want, raw_at->time);

    if (start <= at->time) {
        return false;
    }
    *at = (struct series_at){ .time = start };
    return true;
}

/* Forwards: one pass over the rows.  *at stays at the start of a bucket that
 * is not given yet. */
static enum vlt_status
run_up(struct bucketing *bucketing, struct series_at *at, size_t most_rows,
       struct vlt_rows *out, bool *more)
{
    struct open_bucket bucket = { .most_rows = most_rows };
    struct series_at raw_at = *at;
    size_t scanned = 0;
    bool raw_more = true;
    enum vlt_status st = VLT_OK;

    reset(bucketing);
    while (raw_more) {
        st = scan_rows(&bucketing->scanning, &raw_at, bucketing->rows,
                       &raw_more);
        if (st == VLT_OK) {
            scanned += vlt_rows_count(bucketing->rows);
            st = take(bucketing, &bucket, at, out);
        }
        if (st != VLT_OK) {
            return st;
        }
        /* A slice ends between buckets, once something was given. */
        if (vlt_rows_count(out) >= most_rows ||
            ((scanned >= SLICE_ROWS || opened_enough(bucketing)) &&
             vlt_rows_count(out) > 0)) {
            *more = true;
            return VLT_OK;
        }
        if (!bucket.some && raw_more && opened_enough(bucketing) &&
            go_on_at(bucketing, &raw_at, at)) {
            *more = true;
            return VLT_OK;
        }
    }
    *more = false;
    if (bucket.some) {
        st = bucket_emit(bucketing, bucket.start, out);
        *at =
            (struct series_at){ .time = bucket.start + bucketing->want->every };
    }
    return st;
}

/* Raw rows of the wanted columns only. */
static enum vlt_status
begin(struct bucketing *bucketing, const struct scanning *scanning)
{
    struct stream_column columns[SERIES_COLUMNS_MAX];
    struct vlt_field fields[SERIES_COLUMNS_MAX];
    struct vlt_schema schema = { .fields = fields };
    enum vlt_status st;

    bucketing->raw = *scanning->want;
    bucketing->raw.every = 0;
    bucketing->scanning = *scanning;
    bucketing->scanning.want = &bucketing->raw;
    bucketing->scanning.most_rows = SCAN_ROWS;
    bucketing->scanning.most_bytes = SCAN_BYTES;
    bucketing->opened = store_view_opened(scanning->view);
    st = series_columns(scanning->stream, &bucketing->raw, &schema.count,
                        columns);
    if (st != VLT_OK) {
        return st;
    }
    for (size_t i = 0; i < schema.count; i++) {
        fields[i].id = columns[i].id;
        fields[i].type = (enum vlt_type)columns[i].type;
    }
    bucketing->stats = calloc(schema.count + 1, sizeof *bucketing->stats);
    if (bucketing->stats == NULL) {
        return VLT_E_NOMEM;
    }
    return vlt_rows_new(&schema, &bucketing->rows);
}

enum vlt_status
scan_buckets(const struct scanning *scanning, struct series_at *at,
             struct vlt_rows *out, bool *more)
{
    const struct series_want *want = scanning->want;
    struct bucketing bucketing = { .want = want };
    struct stream_column columns[SERIES_COLUMNS_MAX];
    bool summed = false;
    size_t count;
    enum vlt_status st =
        series_columns(scanning->stream, want, &count, columns);

    vlt_rows_clear(out);
    *more = false;
    if (st != VLT_OK || want->from >= want->to) {
        return st;
    }
    st = begin(&bucketing, scanning);
    if (st == VLT_OK) {
        st = sums_run(&bucketing, at, scanning->most_rows, out, more, &summed);
    }
    if (st == VLT_OK && !summed) {
        st = want->descending
                 ? run_down(&bucketing, at, scanning->most_rows, out, more)
                 : run_up(&bucketing, at, scanning->most_rows, out, more);
    }
    free(bucketing.stats);
    vlt_rows_free(bucketing.rows);
    return st;
}
