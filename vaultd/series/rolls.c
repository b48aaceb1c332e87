/*
 * rolls: hours of a lane summed up, a record a day.
 *
 * A roll-up holds the rows of those full chunks whose entry says so.  What is
 * added is merged; what is replaced makes its hours anew, from the heads'
 * summaries and, where a chunk crosses an hour, from its rows.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "series/pack_internal.h"

static size_t
hour_of(int64_t time)
{
    return (size_t)((time - day_of(time) * VLT_DAY) / VLT_HOUR);
}

/* ---- one day in memory, with the stream's columns ---- */

enum vlt_status
rolls_make(const struct lane_work *work, int32_t day, struct roll_record *out)
{
    size_t columns = work->schema.count;
    struct roll_record roll = { .day = day, .columns = { .count = columns } };

    roll.stat = calloc(SUMMARY_HOURS * columns + 1, sizeof *roll.stat);
    if (roll.stat == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < columns; i++) {
        roll.columns.id[i] = work->schema.fields[i].id;
        for (size_t hour = 0; hour < SUMMARY_HOURS; hour++) {
            vlt_stat_init(&roll.stat[hour * columns + i],
                          work->schema.fields[i].type);
        }
    }
    *out = roll;
    return VLT_OK;
}

/* What is stored of the day. */
static void
take_stored(const struct roll_record *stored, struct roll_record *out)
{
    size_t columns = out->columns.count;

    out->hours = stored->hours;
    for (size_t i = 0; i < columns; i++) {
        size_t at = summary_find(&stored->columns, out->columns.id[i]);

        for (size_t hour = 0; at != SIZE_MAX && hour < SUMMARY_HOURS; hour++) {
            out->stat[hour * columns + i] =
                stored->stat[hour * stored->columns.count + at];
        }
    }
}

static size_t
find_day(const struct lane_record *record, int32_t day)
{
    for (size_t i = 0; i < record->rolls; i++) {
        if (record->roll[i].day == day) {
            return i;
        }
    }
    return SIZE_MAX;
}

enum vlt_status
rolls_read(const struct lane_work *work, int32_t day, struct roll_record *out)
{
    size_t at = find_day(&work->record, day);
    struct roll_record stored = { .hours = 0 };
    struct vlt_buf room;
    enum vlt_status st = rolls_make(work, day, out);

    if (st != VLT_OK || at == SIZE_MAX) {
        return st;
    }
    vlt_buf_init(&room, 0);
    st = store_piece_get(work->view, STORE_ROLL, work->record.roll[at].no,
                         &room, NULL);
    if (st == VLT_OK) {
        st = roll_record_decode(vlt_buf_slice(&room), &work->schema, &stored);
    }
    if (st == VLT_OK && stored.day != day) {
        st = VLT_E_STORAGE;
    }
    if (st == VLT_OK) {
        take_stored(&stored, out);
    }
    roll_record_free(&stored);
    vlt_buf_free(&room);
    if (st != VLT_OK) {
        roll_record_free(out);
        return st == VLT_E_NOMEM ? st : VLT_E_STORAGE;
    }
    return VLT_OK;
}

static enum vlt_status
write_day(struct lane_work *work, const struct roll_record *roll)
{
    size_t at = find_day(&work->record, roll->day);
    struct roll_ref ref = { .day = roll->day };
    struct vlt_buf plain;
    enum vlt_status st = VLT_OK;

    if (at != SIZE_MAX) {
        st =
            store_piece_delete(work->txn, STORE_ROLL, work->record.roll[at].no);
        lane_drop_roll(&work->record, at);
    }
    if (st != VLT_OK || roll->hours == 0) {
        return st;
    }
    vlt_buf_init(&plain, STORE_PIECE_MAX);
    st = roll_record_encode(roll, &plain);
    if (st == VLT_OK) {
        st = store_piece_put(work->txn, STORE_ROLL, &work->where,
                             vlt_buf_slice(&plain), &ref.no);
    }
    vlt_buf_free(&plain);
    return st == VLT_OK ? lane_set_roll(&work->record, &ref) : st;
}

/* ---- adding ---- */

/* Add rows of one hour. */
static void
add_rows(struct roll_record *roll, size_t hour, const struct vlt_rows *rows,
         struct vlt_range range)
{
    size_t columns = roll->columns.count;

    roll->hours |= UINT32_C(1) << hour;
    for (size_t i = 0; i < columns; i++) {
        struct vlt_stat more;

        vlt_stat_init(&more, vlt_rows_column(rows, i).field.type);
        vlt_stat_add(&more, rows, i, range);
        vlt_stat_merge(&roll->stat[hour * columns + i], &more);
    }
}

void
rolls_sum(struct roll_record *roll, const struct vlt_rows *rows,
          struct vlt_range range)
{
    const int64_t *times = vlt_rows_times(rows);
    size_t stop = range.from + range.count;

    while (range.from < stop) {
        int64_t time = times[range.from];
        int64_t hour = vlt_floor_div(time, VLT_HOUR) * VLT_HOUR;
        size_t end = vlt_rows_seek(rows, hour + VLT_HOUR);
        struct vlt_range some = { .from = range.from };

        some.count = (end < stop ? end : stop) - range.from;
        add_rows(roll, hour_of(time), rows, some);
        range.from += some.count;
    }
}

/* Those of `sums` from `at` on that are of the day; where they end. */
static size_t
merge_day(struct roll_record *roll, const struct hour_sums *sums, size_t at)
{
    size_t columns = roll->columns.count;

    assert(columns == sums->columns);
    for (; at < sums->count && day_of(sums->begin[at]) == roll->day; at++) {
        size_t hour = hour_of(sums->begin[at]);

        roll->hours |= UINT32_C(1) << hour;
        for (size_t i = 0; i < columns; i++) {
            vlt_stat_merge(&roll->stat[hour * columns + i],
                           &sums->stat[at * columns + i]);
        }
    }
    return at;
}

enum vlt_status
rolls_add(struct lane_work *work, const struct hour_sums *sums)
{
    size_t at = 0;
    enum vlt_status st = VLT_OK;

    while (st == VLT_OK && at < sums->count) {
        struct roll_record roll;

        st = rolls_read(work, day_of(sums->begin[at]), &roll);
        if (st == VLT_OK) {
            at = merge_day(&roll, sums, at);
            st = write_day(work, &roll);
            roll_record_free(&roll);
        }
    }
    return st;
}

/* ---- making anew ---- */

/* One chunk's part of an hour. */
static enum vlt_status
add_chunk(const struct lane_work *work, const struct head_record *head,
          size_t at, int64_t begin, struct roll_record *roll)
{
    const struct chunk_entry *entry = &head->entry[at];
    size_t columns = roll->columns.count;
    size_t hour = hour_of(begin);
    struct vlt_rows *rows = NULL;
    enum vlt_status st;

    if (entry->first >= begin && entry->last < begin + VLT_HOUR) {
        roll->hours |= UINT32_C(1) << hour;
        for (size_t i = 0; i < columns; i++) {
            vlt_stat_merge(&roll->stat[hour * columns + i],
                           &head->stat[at * columns + i]);
        }
        return VLT_OK;
    }
    st = work_open(work, entry->no, &rows);
    if (st == VLT_OK) {
        size_t from = vlt_rows_seek(rows, begin);
        struct vlt_range range = {
            .from = from, .count = vlt_rows_seek(rows, begin + VLT_HOUR) - from
        };

        if (range.count > 0) {
            add_rows(roll, hour, rows, range);
        }
        vlt_rows_free(rows);
    }
    return st;
}

static enum vlt_status
add_all_chunks(const struct lane_work *work, int64_t begin,
               struct roll_record *roll)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < work->record.heads; i++) {
        const struct head_ref *ref = &work->record.head[i];
        struct head_record head;

        if (ref->last < begin || ref->first >= begin + VLT_HOUR) {
            continue;
        }
        st = heads_read(work, ref, &head);
        if (st != VLT_OK) {
            return st;
        }
        for (size_t j = 0; st == VLT_OK && j < head.count; j++) {
            const struct chunk_entry *entry = &head.entry[j];

            if (entry->rolled && entry->last >= begin &&
                entry->first < begin + VLT_HOUR) {
                st = add_chunk(work, &head, j, begin, roll);
            }
        }
        head_record_free(&head);
    }
    return st;
}

static void
clear_hour(const struct lane_work *work, struct roll_record *roll, size_t hour)
{
    size_t columns = roll->columns.count;

    roll->hours &= ~(UINT32_C(1) << hour);
    for (size_t i = 0; i < columns; i++) {
        vlt_stat_init(&roll->stat[hour * columns + i],
                      work->schema.fields[i].type);
    }
}

enum vlt_status
rolls_rebuild(struct lane_work *work, int64_t first, int64_t last)
{
    int64_t begin = vlt_floor_div(first, VLT_HOUR) * VLT_HOUR;
    enum vlt_status st = VLT_OK;

    while (st == VLT_OK && begin <= last) {
        int32_t day = day_of(begin);
        struct roll_record roll;

        st = rolls_read(work, day, &roll);
        if (st != VLT_OK) {
            return st;
        }
        for (; st == VLT_OK && begin <= last && day_of(begin) == day;
             begin += VLT_HOUR) {
            clear_hour(work, &roll, hour_of(begin));
            st = add_all_chunks(work, begin, &roll);
        }
        if (st == VLT_OK) {
            st = write_day(work, &roll);
        }
        roll_record_free(&roll);
    }
    return st;
}
