/*
 * expand: {a..b} in a text stands for the numbers from a to b.
 */
#ifndef EXPAND_H
#define EXPAND_H

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"

enum {
    EXPAND_MAX = 1000, /* numbers of one range */
    EXPAND_LAST = 9999 /* the greatest */
};

struct expand {
    struct vlt_slice before, after; /* borrowed from the text */
    int first;
    int count; /* 1 without a range */
    int width; /* least digits, as in {01..12}; 0: no range */
};

/* Look for a range; there may be one.  VLT_E_FORMAT: braces that are none, or
 * the second one.  VLT_E_LIMIT: too many numbers, or none. */
VLT_MUST_USE enum vlt_status expand_read(struct vlt_slice text,
                                         struct expand *out);

/* Append the text with its i-th number, i from 0 on. */
void expand_put(const struct expand *expand, int i, struct vlt_buf *out);

#endif
