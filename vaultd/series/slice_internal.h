/*
 * slice_internal: a slice of a scan in the making: its records are opened in
 * scan.c, and their rows given to the page in slice.c.  aim.c says how many.
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

/* Have they a column of texts? */
bool rows_have_texts(const struct vlt_rows *rows);

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

/* Of the rows that may so be given: those that were looked at, and the bytes
 * that those of them that are wanted take of a page.  From page->most_bytes on
 * there may be more. */
struct share {
    size_t rows, bytes;
};

struct share slice_share(const struct slice *slice, int64_t horizon,
                         const struct series_at *at, const struct page *page);

/* Is there a row of the range behind *at, as far as the slice knows? */
bool slice_left(const struct slice *slice, const struct series_at *at);

/* ---- aim.c ---- */

/* How many rows its records are to have for a page, at first; all that it may
 * take are page->most_rows. */
size_t aim_rows(const struct series_want *want, const struct page *page);

/* Is a page of so many bytes about full? */
bool aim_fills(const struct page *page, size_t bytes);

/* How many records of a slice are opened. */
struct aim {
    size_t upto;  /* so many, the first ones */
    size_t low;   /* fewer than these, or as many, are too few for a page, */
    size_t high;  /* and more are more than it takes */
    bool settled; /* it is to be as many, whatever they have */
    size_t most;  /* bytes of rows that are enough in any case, */
    size_t bytes; /* of those opened so far; */
    size_t taken; /* records of them, in the order of opening */
    bool over;    /* they are more: the others were not opened */
};

/* Of a stream of numbers it is known.  Of texts the first ones are to tell. */
struct aim aim_of(const struct slice *slice, const struct series_at *at,
                  const struct page *page);

/* None is opened yet; one more is, whose rows are those from this one on. */
void aim_begin(struct aim *aim);
void aim_count(struct aim *aim, const struct vlt_rows *rows, size_t from);

/* They are open, but for those behind what is over.  Is it to be done again,
 * with another number? */
bool aim_again(struct aim *aim, const struct slice *slice, int64_t horizon,
               const struct series_at *at, const struct page *page);

/* Nothing could be given of them: twice as many, however much they have. */
void aim_double(struct aim *aim, const struct slice *slice);

#endif
