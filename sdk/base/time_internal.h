/*
 * time_internal: what the calendar lends to the parser of times.
 */
#ifndef VLT_TIME_INTERNAL_H
#define VLT_TIME_INTERNAL_H

#include "base/time.h"

/* The time of a civil date at a place that is `ahead` nanoseconds (less than
 * a day, either way) before UTC.  Errors as of vlt_time_from_civil(). */
VLT_MUST_USE enum vlt_status vlt_time_at_offset(const struct vlt_civil *civil,
                                                int64_t ahead, int64_t *out);

#endif
