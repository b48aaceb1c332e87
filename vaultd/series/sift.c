/*
 * sift: what of a batch is new.
 *
 * A row whose time and values are there already is left out, whoever sent it;
 * other values at one time are kept beside it.
 */
#include <stdlib.h>

#include "series/series_internal.h"

enum {
    LOOK = 128, /* times that are looked at at once */
};

/* Are the rows as own would have them: all columns of the stream, in order? */
static bool
ready(const struct stream *stream, const struct vlt_rows *given)
{
    if (vlt_rows_columns(given) != stream->columns) {
        return false;
    }
    for (size_t i = 0; i < stream->columns; i++) {
        struct vlt_field field = vlt_rows_column(given, i).field;

        if (field.id != stream->column[i].id ||
            (uint8_t)field.type != stream->column[i].type) {
            return false;
        }
    }
    return vlt_rows_sorted(given);
}

/* Begin to put parts together, with the one that is there. */
static enum vlt_status
begin_own(struct sifted *sifted)
{
    struct vlt_field fields[SERIES_COLUMNS_MAX];
    struct vlt_schema schema;
    enum vlt_status st;

    schema_of(slot_now(sifted->slot), fields, &schema);
    st = vlt_rows_new(&schema, &sifted->own);
    if (st == VLT_OK && sifted->all != NULL) {
        st = vlt_rows_append(sifted->own, sifted->all,
                             vlt_rows_all(sifted->all));
    }
    return st;
}

enum vlt_status
sift_add(struct sifted *sifted, const struct vlt_rows *given)
{
    enum vlt_status st = VLT_OK;

    if (sifted->all == NULL && ready(slot_now(sifted->slot), given)) {
        sifted->all = given;
        return VLT_OK;
    }
    if (sifted->own == NULL) {
        st = begin_own(sifted);
    }
    if (st == VLT_OK) {
        sifted->all = sifted->own;
        st = vlt_rows_append(sifted->own, given, vlt_rows_all(given));
    }
    return st;
}

void
sift_free(struct sifted *sifted)
{
    vlt_rows_free(sifted->kept);
    vlt_rows_free(sifted->own);
}

/* Of one record, the rows at times that a new row has too. */
static enum vlt_status
take_near(const struct vlt_rows *all, const struct vlt_rows *rows,
          struct vlt_rows *near)
{
    const int64_t *wanted = vlt_rows_times(all);
    const int64_t *times = vlt_rows_times(rows);
    size_t row = vlt_rows_seek(rows, wanted[0]);
    size_t at = 0;
    enum vlt_status st = VLT_OK;

    for (; st == VLT_OK && row < vlt_rows_count(rows); row++) {
        struct vlt_range one = { .from = row, .count = 1 };

        while (at < vlt_rows_count(all) && wanted[at] < times[row]) {
            at++;
        }
        if (at == vlt_rows_count(all)) {
            break;
        }
        if (wanted[at] == times[row]) {
            st = vlt_rows_pick(near, rows, one);
        }
    }
    return st;
}

static bool
may_meet(const struct vlt_rows *all, const struct piece *piece)
{
    size_t at = vlt_rows_seek(all, piece->first);

    return at < vlt_rows_count(all) && vlt_rows_times(all)[at] <= piece->last;
}

/* Rows of the stream that stand at the times of the new ones: so many records
 * are opened as may have some, and no more is held than is looked at. */
static enum vlt_status
load_near(const struct sifting *sifting, const struct sifted *sifted,
          struct vlt_rows *near)
{
    const int64_t *times = vlt_rows_times(sifted->all);
    struct plan_range range = {
        .from = times[0],
        .to = times[vlt_rows_count(sifted->all) - 1] + 1,
        .turn = true,
    };
    struct plan plan = { .count = 0 };
    enum vlt_status st =
        plan_make(sifting->series, sifting->view, sifted->slot, &range, &plan);

    for (size_t i = 0; st == VLT_OK && i < plan.count; i++) {
        struct vlt_rows *rows = NULL;

        if (!may_meet(sifted->all, &plan.piece[i])) {
            continue;
        }
        st = piece_open(sifting->view, &plan.piece[i], plan.end, &rows);
        if (st == VLT_OK) {
            st = take_near(sifted->all, rows, near);
            vlt_rows_free(rows);
        }
    }
    plan_free(&plan);
    return st == VLT_OK ? vlt_rows_sort(near) : st;
}

/* Keep what is neither in `near` nor earlier in the batch itself. */
static enum vlt_status
keep_new(struct sifted *sifted, const struct vlt_rows *near)
{
    const struct vlt_rows *all = sifted->all;
    const int64_t *times = vlt_rows_times(all);
    size_t row = 0;
    enum vlt_status st = VLT_OK;

    while (st == VLT_OK && row < vlt_rows_count(all)) {
        struct vlt_range range = { .from = row };

        while (row < vlt_rows_count(all) && times[row] == times[range.from]) {
            row++;
        }
        range.count = row - range.from;
        st = twins_keep(all, range, near, sifted->kept, &sifted->equal);
    }
    return st;
}

/* Are sorted times all apart?  Of equal ones the difference less one has a
 * sign. Without a way out compilers do several at a time. */
static bool
all_apart(const int64_t *times, size_t count)
{
    uint64_t all = 0;

    for (size_t i = 0; i < count; i++) {
        all |= (uint64_t)times[i + 1] - (uint64_t)times[i] - 1;
    }
    return all >> 63 == 0;
}

/* No two rows of one time? */
static bool
times_rise(const struct vlt_rows *rows)
{
    const int64_t *times = vlt_rows_times(rows);
    size_t steps = vlt_rows_count(rows) - 1;

    for (size_t done = 0; done < steps; done += LOOK) {
        size_t left = steps - done;

        if (!(left < LOOK ? all_apart(times + done, left)
                          : all_apart(times + done, LOOK))) {
            return false;
        }
    }
    return true;
}

enum vlt_status
sift(const struct sifting *sifting, struct sifted *sifted)
{
    const struct extent *extent = &sifted->slot->turn_extent;
    struct vlt_field fields[SERIES_COLUMNS_MAX];
    struct vlt_rows *near = NULL;
    struct vlt_schema schema;
    enum vlt_status st =
        sifted->own != NULL ? vlt_rows_sort(sifted->own) : VLT_OK;

    if (st != VLT_OK || vlt_rows_count(sifted->all) == 0) {
        return st;
    }
    bool behind =
        extent->rows == 0 || vlt_rows_times(sifted->all)[0] > extent->last;

    if (behind && times_rise(sifted->all)) {
        sifted->rows = sifted->all; /* none stands there, none stands twice */
        return VLT_OK;
    }
    schema_of(slot_now(sifted->slot), fields, &schema);
    st = vlt_rows_new(&schema, &sifted->kept);
    sifted->rows = sifted->kept;
    if (st == VLT_OK) {
        st = vlt_rows_new(&schema, &near);
    }
    if (st == VLT_OK && !behind) {
        st = load_near(sifting, sifted, near);
    }
    if (st == VLT_OK) {
        st = keep_new(sifted, near);
    }
    vlt_rows_free(near);
    return st;
}
