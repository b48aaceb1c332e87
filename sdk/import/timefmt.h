/*
 * timefmt: a cell of a file to a time.
 */
#ifndef TIMEFMT_H
#define TIMEFMT_H

#include "base/slice.h"
#include "base/status.h"
#include "import/zone.h"

enum timefmt_kind {
    TIMEFMT_RFC3339,
    TIMEFMT_EPOCH_S,  /* seconds since 1970, a decimal number */
    TIMEFMT_EPOCH_MS, /* milliseconds, likewise */
    TIMEFMT_PATTERN,  /* %Y %m %d %H %M %S %f %z %b %%, other bytes as they
                         are; numbers may lack leading zeros but %Y */
};

struct timefmt {
    enum timefmt_kind kind;
    const char *pattern;     /* borrowed; of TIMEFMT_PATTERN */
    const struct zone *zone; /* borrowed; NULL: the pattern has a %z */
};

/* Is the pattern understood: known directives, year, month and day there, none
 * twice?  *offset: it has a %z. */
bool timefmt_pattern_valid(const char *pattern, bool *offset);

/*
 * Read a whole cell; blanks around it do not count.  *gap: the local time does
 * not exist and was moved.  walk begins as { 0 } for a file.
 * VLT_E_FORMAT  it is no such time
 * VLT_E_LIMIT   it lies outside [VLT_TIME_MIN, VLT_TIME_MAX)
 */
VLT_MUST_USE enum vlt_status timefmt_read(const struct timefmt *format,
                                          struct vlt_slice cell,
                                          struct zone_walk *walk, bool *gap,
                                          int64_t *out);

/* The text without blanks and tabs around it. */
struct vlt_slice timefmt_trim(struct vlt_slice text);

#endif
