/*
 * page: rows as JSON, [[TIME, CELL…]…], as data.page carries them.
 *
 * Times are RFC 3339 UTC; doubles read back the same, NaN and infinities are
 * null; integers beyond 2^53 are text; json values stand as they are; what is
 * absent is null.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_PAGE_H
#define VLT_PAGE_H

#include "wire/rows.h"
#include "json/json_write.h"

/* Which columns are printed, and in which order, by their ids.  Borrowed.  One
 * that the rows have not is null in each row. */
struct vlt_page_order {
    const uint8_t *ids;
    size_t count; /* at most VLT_COLUMNS_MAX */
};

/* Write a range of rows as one list: a member called name, or NULL in a list
 * or at the root.  What does not fit fails the writer's buffer. */
void vlt_page_put(struct vlt_json_out *out, const char *name,
                  const struct vlt_rows *rows, struct vlt_range range,
                  const struct vlt_page_order *order);

/* Write one cell, as an item of the list that is open; column is a place in
 * the rows, or SIZE_MAX for none. */
void vlt_page_put_cell(struct vlt_json_out *out, const struct vlt_rows *rows,
                       size_t row, size_t column);

#endif
