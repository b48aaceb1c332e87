/*
 * batch_scan_internal: a text on the way through, and its rows.
 */
#ifndef VLT_BATCH_SCAN_INTERNAL_H
#define VLT_BATCH_SCAN_INTERNAL_H

#include "wire/batch_scan.h"

/* A text on the way through. */
struct scan_cursor {
    const uint8_t *at;
    const uint8_t *end;
    struct vlt_scan *scan;
    struct vlt_slice name; /* of the stream whose members are read */
    bool all_or_none;      /* it is too short for a rest */
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

/* A list of rows: items of the scan, and one part and cut of it.  False: it is
 * not plain.  Without memory for these, parts or cuts has failed. */
bool scan_take_rows(struct scan_cursor *c);

/* A whole number without a sign, behind blanks: 0 to INT64_MAX, as JSON writes
 * it.  False: it is another, and *value is of no use. */
bool scan_take_whole(struct scan_cursor *c, uint64_t *value);

#endif
