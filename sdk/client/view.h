/*
 * view: rows as the plain arrays of vault/page.h.
 *
 * Each column of the series is there, in its order, also one that the rows
 * have not: then all its cells are absent.
 *
 * Threads: a view belongs to one.
 */
#ifndef VLT_VIEW_H
#define VLT_VIEW_H

#include <vault/page.h>

#include "client/series.h"

/* A plain value that begins as { 0 }. */
struct vlt_view {
    struct vault_page page; /* borrows the rows, the series and what follows */
    struct vault_column columns[VLT_COLUMNS_MAX];
    void *values[VLT_COLUMNS_MAX]; /* owned; one array a column */
    uint8_t *absent; /* owned: a bitmap of zeros, where a column is missing */
};

/* All the rows.  one may be NULL where there are no rows.  The
 * caller ends it with vlt_view_free() in any case.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status vlt_view_make(const struct vlt_rows *rows,
                                           const struct vlt_one_series *one,
                                           struct vlt_view *out);

void vlt_view_free(struct vlt_view *view);

#endif
