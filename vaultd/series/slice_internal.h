/*
 * slice_internal: a slice of a scan in the making: its records are opened in
 * scan.c, and their rows given to the page in slice.c.
 */
#ifndef SERIES_SLICE_INTERNAL_H
#define SERIES_SLICE_INTERNAL_H

#include "series/series_internal.h"

/* A slice in the making. */
struct slice {
    const struct store_view *view;
    const struct series_want *want;
    struct plan plan; /* owned; by first or last time */
    size_t opened;
    struct vlt_rows *rows; /* all columns of the stream, in order */
    uint8_t *holds;        /* owned; a byte a row: 1 where it is wanted; NULL:
                              all are */
    bool handed;           /* the page has the rows: */
    bool left;             /* and there were others behind them */
};

/* Rows from *at on, before the horizon, to an empty page; *at moves behind
 * them.  slice->rows may be the page's afterwards, and the other way round. */
VLT_MUST_USE enum vlt_status slice_give_up(struct slice *slice, int64_t horizon,
                                           struct series_at *at,
                                           struct page *page);

/* The same backwards: rows up to *at, not before the horizon. */
VLT_MUST_USE enum vlt_status slice_give_down(const struct slice *slice,
                                             int64_t horizon,
                                             struct series_at *at,
                                             struct page *page);

/* Is there a row of the range behind *at, as far as the slice knows? */
bool slice_left(const struct slice *slice, const struct series_at *at);

#endif
