/*
 * page_json: the rows of a data.page notification (wire/page.h) read back.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_PAGE_JSON_H
#define VLT_PAGE_JSON_H

#include "client/series.h"

/* Read [[TIME, CELL…]…], cells in the order of the series' columns.  The caller
 * owns *out and frees it with vlt_rows_free().  VLT_E_FORMAT: it is none.
 * VLT_E_LIMIT, VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status
vlt_page_json_read(const struct vlt_json *list,
                   const struct vlt_one_series *one, struct vlt_rows **out);

#endif
