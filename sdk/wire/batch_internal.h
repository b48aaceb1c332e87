/*
 * batch_internal: one cell of a batch, and rows that were scanned.
 */
#ifndef VLT_BATCH_INTERNAL_H
#define VLT_BATCH_INTERNAL_H

#include "wire/batch.h"

enum { BATCH_SAYS = 96 };

/* A reason, as in "is text, must be a number or null". */
struct batch_fault {
    char says[BATCH_SAYS];
};

/* The time at the head of a row.  VLT_E_FORMAT: *fault says why. */
VLT_MUST_USE enum vlt_status batch_time(const struct vlt_json *node,
                                        int64_t *out,
                                        struct batch_fault *fault);

/* Set a cell of the last row, if it is not null.  scratch is used for json
 * values.  VLT_E_FORMAT: *fault says why.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status batch_cell(struct vlt_rows *rows, size_t column,
                                        const struct vlt_json *node,
                                        struct vlt_buf *scratch,
                                        struct batch_fault *fault);

/* Fill rows, of which there are none yet, with part i of a scan.  place: of
 * each cell of a row, which column it is.  VLT_E_FORMAT, VLT_E_LIMIT: they are
 * not to be had so. */
VLT_MUST_USE enum vlt_status batch_put_scanned(const struct vlt_scan *scan,
                                               size_t i, const size_t *place,
                                               struct vlt_rows *rows);

#endif
