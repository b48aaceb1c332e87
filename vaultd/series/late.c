/*
 * late: rows that arrived behind a subscription, record by record.
 *
 * They come in order of arrival, in pages that may end within a record: a
 * source may bring as many at once as a record holds.
 */
#include <stdlib.h>

#include "series/series_internal.h"

struct gathering {
    const struct store_view *view;
    const struct series_want *want;
    int64_t before;
    struct series_mark mark;
    struct page page;
    bool held; /* the page is full, or a row is not due yet */
};

/* The late rows of one record, as far as they fit and are due. */
static enum vlt_status
take_record(struct gathering *gathering, const struct tail_ref *ref)
{
    const struct series_want *want = gathering->want;
    struct series_mark *mark = &gathering->mark;
    int64_t to = want->to < gathering->before ? want->to : gathering->before;
    struct vlt_rows *rows = NULL;
    bool full = false;
    enum vlt_status st = index_open(gathering->view, ref->arrival, &rows);

    if (st != VLT_OK) {
        return st;
    }
    size_t row = vlt_rows_seek(rows, want->from);
    size_t due = vlt_rows_seek(rows, to);
    size_t end = vlt_rows_seek(rows, gathering->before);

    if (ref->arrival == mark->arrival && row < mark->count) {
        row = mark->count;
    }
    while (st == VLT_OK && row < due && !full) {
        st = page_add(&gathering->page, rows, row, &full);
        row += !full;
    }
    gathering->held = row < end;
    *mark = gathering->held
                ? (struct series_mark){ .arrival = ref->arrival,
                                        .count = (uint32_t)row }
                : (struct series_mark){ .arrival = ref->arrival + 1 };
    vlt_rows_free(rows);
    return st;
}

enum vlt_status
series_late(struct series *series, const struct store_view *view,
            const struct stream *stream, const struct series_want *want,
            struct series_since since, struct vlt_rows *out,
            struct series_mark *mark)
{
    struct gathering gathering = {
        .view = view,
        .want = want,
        .before = since.before,
        .mark = since.mark,
        .page = { .rows = out,
                  .most_rows = since.most_rows,
                  .most_bytes = since.most_bytes },
    };
    struct index_range range = {
        .from = want->from,
        .to = since.before,
        .after = since.mark.arrival > 0 ? since.mark.arrival - 1 : 0,
        .below = want->below,
    };
    struct index_picked picked = { .count = 0 };
    enum vlt_status st = index_pick(
        series, view, series_slot(series, stream->id), range, &picked);

    vlt_rows_clear(out);
    for (size_t i = 0; st == VLT_OK && !gathering.held && i < picked.count;
         i++) {
        st = take_record(&gathering, &picked.refs[i]);
    }
    free(picked.refs);
    if (st == VLT_OK) {
        st = vlt_rows_sort(out);
    }
    if (st != VLT_OK) {
        return st;
    }
    if (!gathering.held && gathering.mark.arrival < picked.end) {
        gathering.mark = (struct series_mark){ .arrival = picked.end };
    }
    *mark = gathering.mark;
    return VLT_OK;
}
