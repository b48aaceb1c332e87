/*
 * sums: buckets out of roll-ups.
 *
 * Hours that lie within one bucket and within the range are taken as they were
 * summed up; of the other hours the chunks behind them are opened, and of rows
 * that are in no roll-up all records.  Sums are exact, so that both ways give
 * the same bits.
 */
#include <stdlib.h>
#include <string.h>

#include "series/series_internal.h"
#include "series/summary_record.h"

enum {
    CELLS_MAX = 4096, /* sums that are held at once: buckets × columns */
    OPEN_MAX = 256,   /* records opened for one slice, about */
};

/* Buckets from `begin` on, side by side. */
struct summing {
    struct bucketing *bucketing;
    const struct series_want *want;
    struct vlt_field fields[SERIES_COLUMNS_MAX];
    struct vlt_schema schema; /* of the stream */
    size_t columns;           /* that are wanted */
    int64_t from, to;         /* rows that count */
    int64_t begin;
    size_t buckets;
    struct vlt_stat *stat; /* owned: buckets × columns */
    bool *some;            /* owned: the bucket has rows */
    struct plan plan;      /* owned */
};

static void
summing_free(struct summing *summing)
{
    free(summing->stat);
    free(summing->some);
    plan_free(&summing->plan);
}

static size_t
place_of(const struct summing *summing, int64_t time)
{
    return (size_t)((bucket_of(summing->want, time) - summing->begin) /
                    summing->want->every);
}

/* ---- may it be had like this? ---- */

static bool
may_sum(const struct series_want *want)
{
    return !want->descending && want->where_count == 0 && want->below == 0 &&
           want->every >= VLT_HOUR;
}

/* Of rows of one time the order of arrival is told by the order of records,
 * but not between a roll-up and a chunk that is in none. */
static bool
apart(const struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct piece *loose = &plan->piece[i];

        if (loose->tail || loose->rolled) {
            continue;
        }
        for (size_t j = 0; j < plan->count; j++) {
            const struct piece *rolled = &plan->piece[j];

            if (rolled->rolled && rolled->first <= loose->last &&
                rolled->last >= loose->first) {
                return false;
            }
        }
    }
    return true;
}

/* Does anything that is wanted depend on the order of equal times? */
static bool
needs_order(const struct series_want *want)
{
    return (want->stats & (SERIES_FIRST | SERIES_LAST)) != 0;
}

/* ---- hours ---- */

/* Does the hour lie within one bucket and within the range? */
static bool
is_whole(const struct summing *summing, int64_t hour)
{
    return hour >= summing->from && hour + VLT_HOUR <= summing->to &&
           bucket_of(summing->want, hour) ==
               bucket_of(summing->want, hour + VLT_HOUR - 1);
}

static void
take_hour(struct summing *summing, const struct roll_record *roll, size_t hour)
{
    int64_t time = roll->day * VLT_DAY + (int64_t)hour * VLT_HOUR;
    size_t place;

    if ((roll->hours >> hour & 1) == 0 || !is_whole(summing, time)) {
        return;
    }
    place = place_of(summing, time);
    summing->some[place] = true;
    for (size_t i = 0; i < summing->columns; i++) {
        uint8_t id = vlt_rows_column(summing->bucketing->rows, i).field.id;
        size_t at = summary_find(&roll->columns, id);

        if (at != SIZE_MAX) {
            vlt_stat_merge(&summing->stat[place * summing->columns + i],
                           &roll->stat[hour * roll->columns.count + at]);
        }
    }
}

static enum vlt_status
take_roll(struct summing *summing, const struct roll_ref *ref)
{
    const struct store_view *view = summing->bucketing->scanning.view;
    struct roll_record roll = { .hours = 0 };
    struct vlt_buf room;
    enum vlt_status st;

    vlt_buf_init(&room, 0);
    st = store_piece_get(view, STORE_ROLL, ref->no, &room, NULL);
    if (st == VLT_OK) {
        st = roll_record_decode(vlt_buf_slice(&room), &summing->schema, &roll);
    }
    vlt_buf_free(&room);
    if (st != VLT_OK) {
        return st == VLT_E_NOMEM ? st : VLT_E_STORAGE;
    }
    for (size_t hour = 0; hour < SUMMARY_HOURS; hour++) {
        take_hour(summing, &roll, hour);
    }
    roll_record_free(&roll);
    return VLT_OK;
}

/* ---- rows ---- */

/* Rows [row, end) of one bucket. */
static void
take_rows(struct summing *summing, const struct vlt_rows *rows,
          struct vlt_range range)
{
    size_t place = place_of(summing, vlt_rows_times(rows)[range.from]);

    summing->some[place] = true;
    for (size_t i = 0; i < summing->columns; i++) {
        struct vlt_field field =
            vlt_rows_column(summing->bucketing->rows, i).field;
        size_t at = vlt_rows_find(rows, field.id);
        struct vlt_stat more;

        if (at != SIZE_MAX) {
            vlt_stat_init(&more, field.type);
            vlt_stat_add(&more, rows, at, range);
            vlt_stat_merge(&summing->stat[place * summing->columns + i], &more);
        }
    }
}

/* The rows of an opened record that count and are in no hour that was taken:
 * hour by hour where it is in roll-ups, else bucket by bucket. */
static void
take_opened(struct summing *summing, const struct piece *piece,
            const struct vlt_rows *rows)
{
    const int64_t *times = vlt_rows_times(rows);
    size_t row = vlt_rows_seek(rows, summing->from);
    size_t stop = vlt_rows_seek(rows, summing->to);

    while (row < stop) {
        int64_t hour = vlt_floor_div(times[row], VLT_HOUR) * VLT_HOUR;
        int64_t bound =
            bucket_of(summing->want, times[row]) + summing->want->every;
        bool taken = piece->rolled && is_whole(summing, hour);
        size_t end;

        if (piece->rolled && hour + VLT_HOUR < bound) {
            bound = hour + VLT_HOUR;
        }
        end = vlt_rows_seek(rows, bound);
        end = end < stop ? end : stop;
        if (!taken) {
            take_rows(summing, rows,
                      (struct vlt_range){ .from = row, .count = end - row });
        }
        row = end;
    }
}

/* Is there an hour of a chunk in roll-ups that they do not give? */
static bool
must_open(const struct summing *summing, const struct piece *piece)
{
    int64_t hour = vlt_floor_div(piece->first, VLT_HOUR) * VLT_HOUR;

    if (!piece->rolled) {
        return true;
    }
    for (; hour <= piece->last; hour += VLT_HOUR) {
        if (hour < summing->to && hour + VLT_HOUR > summing->from &&
            !is_whole(summing, hour)) {
            return true;
        }
    }
    return false;
}

static enum vlt_status
take_piece(struct summing *summing, const struct piece *piece)
{
    struct vlt_rows *rows = NULL;
    enum vlt_status st;

    if (piece->last < summing->from || piece->first >= summing->to ||
        !must_open(summing, piece)) {
        return VLT_OK;
    }
    st = piece_open(summing->bucketing->scanning.view, piece,
                    piece->rolled ? UINT64_MAX : summing->plan.end, &rows);
    if (st == VLT_OK) {
        take_opened(summing, piece, rows);
        vlt_rows_free(rows);
    }
    return st;
}

/* ---- one slice ---- */

/* The first time that any record has from a time on; false: none. */
static bool
next_time(const struct plan *plan, int64_t from, int64_t *out)
{
    bool any = false;

    for (size_t i = 0; i < plan->count; i++) {
        const struct piece *piece = &plan->piece[i];
        int64_t time = piece->first > from ? piece->first : from;

        if (piece->last >= from && (!any || time < *out)) {
            *out = time;
            any = true;
        }
    }
    return any;
}

/* So many buckets that not too many records are opened for them. */
static size_t
count_buckets(const struct summing *summing, size_t most)
{
    int64_t every = summing->want->every;
    int64_t span = summing->want->to - summing->begin;
    size_t limit = CELLS_MAX / (summing->columns + 1);
    size_t all = (size_t)((span + every - 1) / every);
    size_t count = most < limit ? most : limit;

    count = count > 0 ? count : 1;
    return count < all ? count : all;
}

/* Fewer buckets, where these would open too many records. */
static void
fit(struct summing *summing)
{
    int64_t every = summing->want->every;

    while (summing->buckets > 1) {
        size_t open = 0;

        summing->to = summing->begin + (int64_t)summing->buckets * every;
        summing->to =
            summing->to < summing->want->to ? summing->to : summing->want->to;
        for (size_t i = 0; i < summing->plan.count; i++) {
            const struct piece *piece = &summing->plan.piece[i];

            open += piece->last >= summing->from &&
                    piece->first < summing->to && must_open(summing, piece);
        }
        if (open <= OPEN_MAX) {
            return;
        }
        summing->buckets /= 2;
    }
    summing->to = summing->begin + every < summing->want->to
                      ? summing->begin + every
                      : summing->want->to;
}

static enum vlt_status
make_room(struct summing *summing)
{
    size_t cells = summing->buckets * summing->columns;

    summing->stat = calloc(cells + 1, sizeof *summing->stat);
    summing->some = calloc(summing->buckets + 1, sizeof *summing->some);
    if (summing->stat == NULL || summing->some == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < cells; i++) {
        vlt_stat_init(
            &summing->stat[i],
            vlt_rows_column(summing->bucketing->rows, i % summing->columns)
                .field.type);
    }
    return VLT_OK;
}

static enum vlt_status
sum_all(struct summing *summing)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < summing->plan.rolls; i++) {
        const struct roll_ref *ref = &summing->plan.roll[i];

        if (ref->day * VLT_DAY < summing->to &&
            (ref->day + 1) * VLT_DAY > summing->from) {
            st = take_roll(summing, ref);
        }
    }
    for (size_t i = 0; st == VLT_OK && i < summing->plan.count; i++) {
        st = take_piece(summing, &summing->plan.piece[i]);
    }
    return st;
}

static enum vlt_status
give(struct summing *summing, struct vlt_rows *out)
{
    struct bucketing *bucketing = summing->bucketing;
    struct vlt_stat *own = bucketing->stats;
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < summing->buckets; i++) {
        if (summing->some[i]) {
            bucketing->stats = &summing->stat[i * summing->columns];
            bucketing->rows_in = 1; /* one or more */
            st = bucket_emit(bucketing,
                             summing->begin + (int64_t)i * summing->want->every,
                             out);
        }
    }
    bucketing->stats = own;
    return st;
}

static enum vlt_status
sum_slice(struct summing *summing, struct series_at *at, size_t most_rows,
          struct vlt_rows *out, bool *more)
{
    int64_t time =
        at->time > summing->want->from ? at->time : summing->want->from;
    enum vlt_status st;

    *more = next_time(&summing->plan, time, &time);
    if (!*more) {
        return VLT_OK;
    }
    summing->begin = bucket_of(summing->want, time);
    summing->from = summing->begin > summing->want->from ? summing->begin
                                                         : summing->want->from;
    summing->buckets = count_buckets(summing, most_rows);
    fit(summing);
    st = make_room(summing);
    if (st == VLT_OK) {
        st = sum_all(summing);
    }
    if (st == VLT_OK) {
        st = give(summing, out);
    }
    if (st == VLT_OK) {
        at->time =
            summing->begin + (int64_t)summing->buckets * summing->want->every;
        at->count = 0;
        *more = next_time(&summing->plan, at->time, &time);
    }
    return st;
}

enum vlt_status
sums_run(struct bucketing *bucketing, struct series_at *at, size_t most_rows,
         struct vlt_rows *out, bool *more, bool *done)
{
    const struct scanning *scanning = &bucketing->scanning;
    struct summing summing = { .bucketing = bucketing,
                               .want = bucketing->want,
                               .columns = vlt_rows_columns(bucketing->rows) };
    struct plan_range range = { .from = bucketing->want->from,
                                .to = bucketing->want->to };
    enum vlt_status st;

    *done = false;
    if (!may_sum(bucketing->want)) {
        return VLT_OK;
    }
    if (at->time > range.from) {
        range.from = at->time;
    }
    if (range.from >= range.to) {
        *done = true;
        *more = false;
        return VLT_OK;
    }
    schema_of(scanning->stream, summing.fields, &summing.schema);
    st = plan_make(scanning->series, scanning->view,
                   series_slot(scanning->series, scanning->stream->id), &range,
                   &summing.plan);
    if (st == VLT_OK && summing.plan.rolls > 0 &&
        (!needs_order(bucketing->want) || apart(&summing.plan))) {
        *done = true;
        st = sum_slice(&summing, at, most_rows, out, more);
    }
    summing_free(&summing);
    return st;
}
