/*
 * zone: local time of a place to UTC, by the tables of the time zone database
 * (TZif, RFC 8536).
 *
 * A local time that comes twice, as clocks go back, takes the earlier offset
 * until the times of a file step back, then the later; one that does not
 * exist, as clocks go forward, is moved by the gap.
 */
#ifndef ZONE_H
#define ZONE_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/status.h"

enum {
    ZONE_FILE = 65536, /* bytes of a TZif file */
    ZONE_NAME = 64,    /* bytes of a zone's name */
};

struct zone;

/* A zone of one offset, seconds east of Greenwich (at most a day): the caller
 * owns *out and frees it with zone_free(). */
VLT_MUST_USE enum vlt_status zone_fixed(int32_t offset, struct zone **out);

/* Read the bytes of a TZif file of version 2 or later; pure.  VLT_E_FORMAT:
 * they are none. */
VLT_MUST_USE enum vlt_status zone_parse(struct vlt_slice bytes,
                                        struct zone **out);

/*
 * "UTC" or "Z", an offset as +01:00, or a name of the system's database, as
 * Europe/Berlin, whose file is read.
 * VLT_E_NOT_FOUND  there is none of that name
 * VLT_E_FORMAT     the file is damaged
 */
VLT_MUST_USE enum vlt_status zone_load(struct vlt_slice name,
                                       struct zone **out);

/* NULL is allowed. */
void zone_free(struct zone *zone);

/* Seconds east of Greenwich at a time, seconds UTC since 1970. */
int32_t zone_offset(const struct zone *zone, int64_t utc);

/* What a file's times have shown so far; begins as { 0 }. */
struct zone_walk {
    bool any;
    bool later;   /* an hour that comes twice has come for the second time */
    int64_t last; /* the local time before */
};

/* UTC of a local time, both seconds since 1970.  *gap: it did not exist. */
int64_t zone_utc(const struct zone *zone, int64_t local, struct zone_walk *walk,
                 bool *gap);

#endif
