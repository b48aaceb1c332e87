/*
 * page: scan one page and oblige its rows (a worker).
 */
#include "service/page_internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "wire/frame.h"
#include "wire/limits.h"

enum {
    SLICES = 16, /* scanned for a page in vain */
    OPENED = 64, /* records, and then others come first */
    VIEWS = 4,   /* begun anew where one is too old */
};

struct page *
page_new(struct reading *reading, struct call *call)
{
    struct page *page = calloc(1, sizeof *page);

    if (page == NULL) {
        return NULL;
    }
    reading_hold(reading);
    page->reading = reading;
    page->call = call;
    page->lagged = reading->live && reading->lagged;
    vlt_buf_init(&page->body, VLT_FRAME_MAX);
    vlt_buf_init(&page->frame, VLT_FRAME_MAX);
    vlt_buf_init(&page->detail, AUDIT_DETAIL_MAX);
    vlt_buf_init(&page->checkpoint, VLT_LIMIT_CHECKPOINT);
    return page;
}

void
page_free(struct page *page)
{
    if (page == NULL) {
        return;
    }
    reading_note_opened(page->reading, page->opened);
    release_free(page->leave);
    after_free(page->after);
    vlt_buf_free(&page->body);
    vlt_buf_free(&page->frame);
    vlt_buf_free(&page->detail);
    vlt_buf_free(&page->checkpoint);
    reading_release(page->reading);
    free(page);
}

/* ---- scanning ---- */

/* Rows that came late, for a subscription that is past their time. */
static enum vlt_status
scan_late(struct page *page, struct read_stream *at,
          const struct store_view *view, struct vlt_rows *rows)
{
    const struct reading *reading = page->reading;
    struct series_since since = {
        .mark = at->late,
        .before = at->at.time,
        .most_rows = page_most_rows(reading, rows),
        .most_bytes = page_most_bytes(reading, rows),
    };
    enum vlt_status st = series_late(reading->service->series, view, at->stream,
                                     &at->want, since, rows, &page->late_at);

    if (st == VLT_OK && vlt_rows_count(rows) > 0) {
        page->late = true;
        page->at = at->at;
    }
    return st;
}

static enum vlt_status
scan_order(struct page *page, struct read_stream *at,
           const struct store_view *view, struct vlt_rows *rows)
{
    const struct reading *reading = page->reading;
    bool more = false;
    enum vlt_status st;

    page->at = at->at;
    st = series_scan(reading->service->series, view, at->stream, &at->want,
                     &page->at, page_most_rows(reading, rows),
                     page_most_bytes(reading, rows), rows, &more);
    page->stream_done = !more;
    return st;
}

/* What every row of the page has to pass before it is printed. */
static enum vlt_status
oblige(struct page *page, const struct read_stream *at, struct vlt_rows **rows)
{
    const struct reading *reading = page->reading;
    struct vlt_rows *rounded = NULL;
    bool told;
    enum vlt_status st = page_leave_gaps(reading, at, rows, &told);

    if (st != VLT_OK) {
        return st;
    }
    if (reading->live && told) {
        page->reading->withheld = true;
    }
    if (at->round.nano != 0) {
        st = oblige_round(at->stream, &at->want, at->round, *rows, &rounded);
        if (st != VLT_OK) {
            return st;
        }
        vlt_rows_free(*rows);
        *rows = rounded;
    }
    return page_filter(reading, at, rows);
}

void
page_begin(struct page *page)
{
    struct reading *reading = page->reading;

    page->epoch = consent_epoch(reading->service->consent);
    page->refused = false;
    page->more = false;
    page->seq = reading->seq + 1;
    page->rows = 0;
    page->given.rows = 0;
    vlt_buf_clear(&page->frame);
}

void
page_note(struct page *page, struct read_stream *at,
          const struct vlt_rows *rows)
{
    size_t count = vlt_rows_count(rows);
    struct given *given = page->many ? &at->given : &page->given;

    given->rows = count;
    page->rows += count;
    if (count > 0) {
        const int64_t *times = vlt_rows_times(rows);
        bool up = times[0] < times[count - 1];

        given->first = up ? times[0] : times[count - 1];
        given->last = up ? times[count - 1] : times[0];
    }
}

struct gave
page_gave(const struct page *page)
{
    return (struct gave){ .many = page->many,
                          .index = page->index,
                          .given = page->given,
                          .snapshot = page->snapshot };
}

size_t
gave_from(const struct gave *gave, const struct reading *reading, size_t i)
{
    size_t count = reading->count;

    if (!gave->many) {
        return i <= gave->index && gave->index < count && gave->given.rows > 0
                   ? gave->index
                   : count;
    }
    while (i < count && reading->streams[i].given.rows == 0) {
        i++;
    }
    return i;
}

const struct given *
gave_of(const struct gave *gave, const struct reading *reading, size_t i)
{
    return gave->many ? &reading->streams[i].given : &gave->given;
}

/* Is this the last page of a query? */
static bool
is_final(const struct page *page)
{
    const struct reading *reading = page->reading;

    if (reading->live) {
        return false;
    }
    if ((int64_t)page->rows >= reading->left) {
        return true;
    }
    return page->stream_done && page->index + 1 >= reading->count;
}

enum vlt_status
page_new_rows(const struct read_stream *at, struct vlt_rows **out)
{
    struct stream_column columns[SERIES_COLUMNS_MAX];
    struct vlt_field fields[SERIES_COLUMNS_MAX];
    struct vlt_schema schema = { .fields = fields };
    size_t count = 0;
    enum vlt_status st = series_columns(at->stream, &at->want, &count, columns);

    if (st != VLT_OK) {
        return st;
    }
    for (size_t i = 0; i < count; i++) {
        fields[i] =
            (struct vlt_field){ .id = columns[i].id,
                                .type = (enum vlt_type)columns[i].type };
    }
    schema.count = count;
    return vlt_rows_new(&schema, out);
}

/* A single row, whose text is longer in JSON than a message may be. */
static void
refuse_large(struct page *page)
{
    page->refused = true;
    page->refusal = VLT_E_LIMIT;
    page->fault.code = VLT_RPC_PARAMS;
    (void)snprintf(page->fault.at, sizeof page->fault.at, "form");
    (void)snprintf(page->fault.message, sizeof page->fault.message,
                   "A row is too large for form json; go on with form "
                   "blocks.");
}

/* Print it, if that says anything.  VLT_E_LIMIT: as many rows do not fit, fewer
 * may. */
static enum vlt_status
print(struct page *page, const struct vlt_rows *rows, bool last)
{
    enum vlt_status st;

    if (page->rows == 0 && !page->final && !last) {
        return VLT_OK;
    }
    vlt_buf_clear(&page->frame);
    st = page_print(page, rows);
    if (st != VLT_OK) {
        vlt_buf_clear(&page->frame);
    }
    if (st == VLT_E_LIMIT && page->reading->asked.json &&
        !page_may_guess(page->reading, rows)) {
        refuse_large(page);
        return VLT_OK;
    }
    return st;
}

/* Scan in order, unless late rows are there, and print what is left of it. */
static enum vlt_status
scan_once(struct page *page, struct read_stream *at,
          const struct store_view *view, struct vlt_rows **rows, bool last)
{
    enum vlt_status st =
        page->late ? VLT_OK : scan_order(page, at, view, *rows);

    if (st == VLT_OK) {
        st = oblige(page, at, rows);
    }
    if (st == VLT_OK) {
        page->rows = 0;
        page_note(page, at, *rows);
        page->final = is_final(page);
        st = print(page, *rows, last);
    }
    return st;
}

/* Rows that are longer than those before them may not fit: then the answer goes
 * on with as many as always do. */
static enum vlt_status
scan_own(struct page *page, struct read_stream *at,
         const struct store_view *view, struct vlt_rows **rows, bool last)
{
    struct reading *reading = page->reading;
    enum vlt_status st = scan_once(page, at, view, rows, last);

    if (st != VLT_E_LIMIT || !page_may_guess(reading, *rows)) {
        return st;
    }
    reading->unlike = true;
    vlt_rows_free(*rows);
    *rows = NULL;
    st = page_new_rows(at, rows);
    return st == VLT_OK ? scan_once(page, at, view, rows, last) : st;
}

/* The same of a live page, which others of its scope may have, or wait for. */
static enum vlt_status
scan_shared(struct page *page, struct read_stream *at,
            const struct store_view *view, struct vlt_rows **rows)
{
    struct page_most most = { page_most_rows(page->reading, *rows),
                              page_most_bytes(page->reading, *rows) };
    struct page_share share = { .making = false };
    enum vlt_status st = VLT_OK;

    if (!page_share_take(page, at, most, &share)) {
        st = scan_own(page, at, view, rows, false);
        page_share_give(page, st, &share);
    } else if (page->rows > 0) {
        vlt_buf_clear(&page->frame);
        st = page_print_body(page);
    }
    /* A body that fitted another's message may not fit this one. */
    if (st == VLT_E_LIMIT && page->reading->asked.json) {
        vlt_buf_clear(&page->frame);
        refuse_large(page);
        st = VLT_OK;
    }
    return st;
}

/* What a firm asks for does not open: it is told no more than that it gets
 * none of it, and never that there is none. */
static enum vlt_status
refuse_damaged(struct page *page)
{
    page->refused = true;
    page->refusal = VLT_E_DENIED;
    (void)snprintf(page->fault.detail, sizeof page->fault.detail,
                   "what it asks for does not open");
    return VLT_OK;
}

enum vlt_status
page_scan(struct page *page, const struct store_view *view, bool last)
{
    struct reading *reading = page->reading;
    struct read_stream *at = &reading->streams[page->index];
    struct vlt_rows *rows = NULL;
    enum vlt_status st = page_new_rows(at, &rows);

    if (st != VLT_OK) {
        return st;
    }
    if (!reading->live) {
        st = page_make_room(page, rows);
    }
    page->late = false;
    page->stream_done = false;
    page->late_at = at->late;
    if (st == VLT_OK && reading->live && at->want.every == 0) {
        st = scan_late(page, at, view, rows);
    }
    if (st == VLT_OK) {
        st = reading->live && !page->late
                 ? scan_shared(page, at, view, &rows)
                 : scan_own(page, at, view, &rows, last);
    }
    vlt_rows_free(rows);
    page_note_size(page);
    return st == VLT_E_STORAGE && reading->who.role == ROLE_FIRM
               ? refuse_damaged(page)
               : st;
}

/* A page without rows or streams, to end an answer with. */
static enum vlt_status
make_empty(struct page *page)
{
    struct vlt_schema none = { .count = 0 };
    struct vlt_rows *rows = NULL;
    enum vlt_status st = vlt_rows_new(&none, &rows);

    if (st != VLT_OK) {
        return st;
    }
    page->final = true;
    page->rows = 0;
    page->index = 0;
    vlt_buf_clear(&page->frame);
    st = page_print(page, rows);
    vlt_rows_free(rows);
    return st;
}

void
page_move_on(struct page *page)
{
    struct reading *reading = page->reading;

    page->moved = true;
    reading->seq++;
    reading->left -= (int64_t)page->rows;
    reading->withheld = false; /* it said so */
    if (page->index < reading->count) {
        struct read_stream *at = &reading->streams[page->index];

        at->at = page->at;
        at->late = page->late_at;
        reading->current = page->stream_done ? page->index + 1 : page->index;
        if (reading->live && page->stream_done) {
            page_end_sweep(page, at, true);
        }
    }
}

bool
page_opened_enough(const struct store_view *view)
{
    return store_view_opened(view) >= OPENED;
}

/* Slices of which nothing is left go by, SLICES at most: then a page without
 * rows goes out, and the next goes on behind it, so that a filter that lets
 * nothing through holds neither the worker nor the snapshot. */
static enum vlt_status
make_query(struct page *page, const struct store_view *view)
{
    struct reading *reading = page->reading;
    enum vlt_status st;

    if (reading->count == 0) {
        return make_empty(page);
    }
    while (!page->more) {
        page->index = reading->current;
        page->slices++;
        st = page_scan(page, view, page->slices >= SLICES);
        if (st != VLT_OK || page->frame.len > 0 || page->refused) {
            return st;
        }
        reading->streams[page->index].at = page->at;
        reading->current += page->stream_done;
        page->more = page_opened_enough(view);
    }
    return VLT_OK;
}

/* With a view of its own. */
static enum vlt_status
make(struct page *page)
{
    struct reading *reading = page->reading;
    struct store_read *read = NULL;
    enum vlt_status st = store_read_begin(reading->service->store, &read);

    if (st != VLT_OK) {
        return st;
    }
    page->snapshot = store_view_number(store_read_view(read));
    st = reading->live ? page_make_live(page, store_read_view(read))
                       : make_query(page, store_read_view(read));
    page->opened += store_view_opened(store_read_view(read));
    store_read_end(read);
    return st;
}

enum vlt_status
page_prepare(struct page *page)
{
    struct reading *reading = page->reading;
    enum vlt_status st = VLT_OK;

    page_begin(page);
    if (!reading->resolved) {
        st = resolve(reading, page);
    }
    if (st != VLT_OK || page->refused) {
        return st;
    }
    if (reading->live && page->call != NULL) {
        return VLT_OK; /* the first answer of a subscription has no rows */
    }
    st = make(page);
    for (int i = 0; st == VLT_E_BUSY && i < VIEWS; i++) {
        st = make(page); /* the view was too old: much was packed meanwhile */
    }
    return st;
}
