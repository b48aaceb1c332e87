/*
 * batch_scan_internal: a text on the way through, and its rows.
 */
#ifndef VLT_BATCH_SCAN_INTERNAL_H
#define VLT_BATCH_SCAN_INTERNAL_H

#include "wire/batch_scan.h"

/* What is not plain ends it. */
struct scan_cursor {
    const uint8_t *at;
    const uint8_t *end;
    struct vlt_scan *scan;
};

/* Where a part stands in the text, and whose rows they are. */
struct scan_cut {
    const uint8_t *begin;
    const uint8_t *end;
    struct vlt_slice name;
};

static inline int
scan_peek(const struct scan_cursor *c)
{
    return c->at < c->end ? *c->at : -1;
}

/* Behind blanks.  In registers: what a cursor has may be anything's. */
static inline const uint8_t *
scan_behind_blanks(const uint8_t *at, const uint8_t *end)
{
    while (at < end && *at <= ' ' &&
           (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) {
        at++;
    }
    return at;
}

static inline int
scan_next(struct scan_cursor *c)
{
    c->at = scan_behind_blanks(c->at, c->end);
    return scan_peek(c);
}

static inline bool
scan_take(struct scan_cursor *c, char wanted)
{
    if (scan_next(c) != wanted) {
        return false;
    }
    c->at++;
    return true;
}

/* A list of rows: items of the scan, and one more part of it. */
bool scan_take_rows(struct scan_cursor *c);

/* Digits, of which there is at least one; false as well where they are not as
 * JSON writes an integer, or over int64. */
bool scan_take_whole(struct scan_cursor *c, uint64_t *value);

#endif
