/*
 * scan: rows of a stream in order of time, slice by slice.
 *
 * Records may overlap in time.  A slice opens as many as it takes (aim.c) to
 * have enough rows before the first time of those that it did not open: up to
 * there (the horizon) nothing can be missing.
 */
#include <stdlib.h>
#include <string.h>

#include "series/slice_internal.h"
#include "util/log.h"

/* The first time at which a record has a row that counts. */
static int64_t
begin_of(const struct piece *piece)
{
    return piece->after >= piece->first ? piece->after + 1 : piece->first;
}

static int
by_begin(const void *a, const void *b)
{
    int64_t x = begin_of(a);
    int64_t y = begin_of(b);

    if (x != y) {
        return x < y ? -1 : 1;
    }
    return piece_order(a, b);
}

static int
by_last_down(const void *a, const void *b)
{
    const struct piece *x = a;
    const struct piece *y = b;

    if (x->last != y->last) {
        return x->last > y->last ? -1 : 1;
    }
    return piece_order(x, y);
}

static int
by_order(const void *a, const void *b)
{
    return piece_order(a, b);
}

/* Rows that records have, about: so that room is made once, up to that of a
 * page and a record. */
static size_t
most_rows(const struct piece *piece, size_t count)
{
    size_t rows = 0;

    for (size_t i = 0; i < count && rows < SERIES_PAGE_ROWS; i++) {
        rows += piece[i].rows;
    }
    return rows < 2 * SERIES_PAGE_ROWS ? rows : 2 * SERIES_PAGE_ROWS;
}

/* Put records in the order of rows of one time; those that have no time in
 * common, as most have not, in the order of time, so that nothing is left to
 * sort. */
static void
put_in_order(struct piece *piece, size_t count)
{
    bool apart = true;

    qsort(piece, count, sizeof *piece, by_begin);
    for (size_t i = 1; apart && i < count; i++) {
        apart = begin_of(&piece[i]) > piece[i - 1].last;
    }
    if (!apart) {
        qsort(piece, count, sizeof *piece, by_order);
    }
}

/* The rows of these records; of texts no more than aim says. */
static enum vlt_status
take_rows(struct slice *slice, const struct piece *order, struct aim *aim)
{
    struct plan_window window = { .from = slice->want->from,
                                  .to = slice->want->to,
                                  .end = slice->plan.end };
    struct opening opening = { .rows = NULL };
    enum vlt_status st;

    vlt_rows_clear(slice->rows);
    st = vlt_rows_reserve(slice->rows, most_rows(order, aim->upto));
    aim_begin(aim);
    for (size_t i = 0; st == VLT_OK && i < aim->upto && !aim->over; i++) {
        size_t count = vlt_rows_count(slice->rows);

        st = piece_take(slice->view, &order[i], &window, &opening, slice->rows);
        aim_count(aim, slice->rows, count);
    }
    opening_free(&opening);
    return st;
}

/* Open as many records as aim says, in the order of rows of one time.  What was
 * opened before is opened again: it was not enough, or too much (aim.c). */
static enum vlt_status
open_first(struct slice *slice, struct aim *aim)
{
    struct piece *order = malloc((aim->upto + 1) * sizeof *order);
    enum vlt_status st;

    if (order == NULL) {
        return VLT_E_NOMEM;
    }
    memcpy(order, slice->plan.piece, aim->upto * sizeof *order);
    put_in_order(order, aim->upto);
    st = take_rows(slice, order, aim);
    free(order);
    slice->opened = aim->upto;
    if (st != VLT_OK || aim->over) {
        return st;
    }
    st = vlt_rows_sort(slice->rows);
    return st == VLT_OK ? filter_rows(slice->want, slice->rows, &slice->holds)
                        : st;
}

/* Up to where nothing can be missing: neither of what is not opened, nor of
 * what was not looked at. */
static int64_t
horizon_of(const struct slice *slice)
{
    const struct plan *plan = &slice->plan;
    bool down = slice->want->descending;
    bool all = slice->opened == plan->count;
    int64_t opened = down ? INT64_MIN : INT64_MAX;
    int64_t looked = plan->cut ? plan->edge : opened;

    if (!all) {
        opened = down ? plan->piece[slice->opened].last + 1
                      : begin_of(&plan->piece[slice->opened]);
    }
    return (down ? opened > looked : opened < looked) ? opened : looked;
}

/* Open as many records as a page takes. */
static enum vlt_status
open_enough(struct slice *slice, const struct series_at *at,
            const struct page *page, struct aim *aim)
{
    enum vlt_status st;

    do {
        st = open_first(slice, aim);
    } while (st == VLT_OK &&
             aim_again(aim, slice, horizon_of(slice), at, page));
    return st;
}

/* Open more until something is given or all is open. */
static enum vlt_status
run(struct slice *slice, struct series_at *at, struct page *page)
{
    struct series_at begin = *at;
    struct aim aim = aim_of(slice, at, page);

    for (;;) {
        int64_t horizon;
        enum vlt_status st = open_enough(slice, &begin, page, &aim);

        if (st != VLT_OK) {
            return st;
        }
        horizon = horizon_of(slice);
        *at = begin;
        vlt_rows_clear(page->rows);
        page->bytes = 0;
        st = slice->want->descending ? slice_give_down(slice, horizon, at, page)
                                     : slice_give_up(slice, horizon, at, page);
        bool all = slice->opened == slice->plan.count;

        if (st != VLT_OK || at->time != begin.time ||
            at->count != begin.count) {
            return st;
        }
        if (all && slice->plan.cut) {
            /* None of what was looked at counts: go on behind it. */
            *at = (struct series_at){ .time = horizon };
        }
        if (all) {
            return st;
        }
        aim_double(&aim, slice);
    }
}

static enum vlt_status
begin_slice(const struct scanning *scanning, size_t enough_rows,
            struct slice *slice)
{
    struct slot *slot = series_slot(scanning->series, scanning->stream->id);
    struct plan_range range = { .from = slice->want->from,
                                .to = slice->want->to,
                                .below = slice->want->below,
                                .enough = enough_rows,
                                .whole = slice->want->where_count > 0,
                                .down = slice->want->descending };
    struct vlt_field fields[SERIES_COLUMNS_MAX];
    struct vlt_schema schema;
    enum vlt_status st;

    schema_of(scanning->stream, fields, &schema);
    st = vlt_rows_new(&schema, &slice->rows);
    if (st == VLT_OK) {
        st = plan_make(scanning->series, scanning->view, slot, &range,
                       &slice->plan);
    }
    return st;
}

/* Rows of what it takes to have about `rows` of them; *cut: there are others.
 */
static enum vlt_status
scan_some(const struct scanning *scanning, size_t rows, struct series_at *at,
          struct page *page, bool *more, bool *cut)
{
    const struct series_want *want = scanning->want;
    struct series_want narrow = *want;
    struct slice slice = { .view = scanning->view, .want = &narrow };
    enum vlt_status st;

    *more = false;
    *cut = false;
    /* Only what may still be given is looked at. */
    if (!want->descending && at->time > want->from) {
        narrow.from = at->time;
    }
    /* Downwards, rows of at->time are left only if some were given. */
    if (want->descending && at->time < want->to) {
        int64_t end = at->time + (at->count > 0);

        narrow.to = end < want->to ? end : want->to;
    }
    /* A bucket may begin before the range, or end behind it. */
    if (narrow.from >= narrow.to) {
        return VLT_OK;
    }
    st = begin_slice(scanning, rows + at->count, &slice);
    if (st == VLT_OK && slice.plan.count > 0) {
        qsort(slice.plan.piece, slice.plan.count, sizeof *slice.plan.piece,
              want->descending ? by_last_down : by_begin);
        st = run(&slice, at, page);
    }
    if (st == VLT_OK) {
        *more = slice_left(&slice, at);
        *cut = slice.plan.cut;
    }
    free(slice.holds);
    vlt_rows_free(slice.rows);
    plan_free(&slice.plan);
    return st;
}

/* A page: planned for few rows first, and once again for all that it may take
 * where that leaves it short and there are others. */
static enum vlt_status
scan_epochs(const struct scanning *scanning, struct series_at *at,
            struct page *page, bool *more, bool *cut)
{
    size_t rows = aim_rows(scanning->want, page);
    struct series_at begin = *at;
    enum vlt_status st = scan_some(scanning, rows, at, page, more, cut);

    if (st == VLT_OK && *cut && rows < page->most_rows &&
        vlt_rows_count(page->rows) < page->most_rows &&
        !aim_fills(page, page->bytes)) {
        *at = begin;
        st = scan_some(scanning, page->most_rows, at, page, more, cut);
    }
    return st;
}

enum vlt_status
scan_rows(const struct scanning *scanning, struct series_at *at,
          struct vlt_rows *out, bool *more)
{
    const struct series_want *want = scanning->want;
    struct page page = { .rows = out,
                         .texts = rows_have_texts(out),
                         .most_rows = scanning->most_rows,
                         .most_bytes = scanning->most_bytes };
    bool cut = true;
    enum vlt_status st = VLT_OK;

    vlt_rows_clear(out);
    *more = false;
    if (want->from >= want->to) {
        return VLT_OK;
    }
    /* Rows of a time that is out of the range by now are in no count. */
    if (!want->descending && at->time < want->from) {
        *at = (struct series_at){ .time = want->from };
    }
    /* Whoever asks for one row and no condition gets it at once. */
    while (st == VLT_OK && cut && vlt_rows_count(out) == 0) {
        struct series_at before = *at;

        st = scan_epochs(scanning, at, &page, more, &cut);
        cut = cut && want->where_count == 0;
        /* Whoever asks would wait for ever. */
        if (st == VLT_OK && cut && vlt_rows_count(out) == 0 &&
            at->time == before.time && at->count == before.count) {
            log_error("series", "a scan does not come on");
            st = VLT_E_STORAGE;
        }
    }
    return st;
}

enum vlt_status
series_scan(struct series *series, const struct store_view *view,
            const struct stream *stream, const struct series_want *want,
            struct series_at *at, size_t most_rows, size_t most_bytes,
            struct vlt_rows *out, bool *more)
{
    struct scanning scanning = {
        .series = series,
        .view = view,
        .stream = stream,
        .want = want,
        .most_rows = most_rows,
        .most_bytes = most_bytes,
    };

    return want->every != 0 ? scan_buckets(&scanning, at, out, more)
                            : scan_rows(&scanning, at, out, more);
}
