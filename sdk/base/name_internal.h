/*
 * name_internal: names and patterns in their segments.
 */
#ifndef VLT_NAME_INTERNAL_H
#define VLT_NAME_INTERNAL_H

#include "base/name.h"

struct vlt_path {
    size_t count;
    struct vlt_slice at[VLT_NAME_SEGMENTS]; /* borrowed from the text */
};

/* Cut at the slashes.  False: over VLT_NAME_MAX bytes or VLT_NAME_SEGMENTS
 * segments.  A segment may be empty or anything else. */
bool vlt_path_split(struct vlt_slice text, struct vlt_path *out);

/* Can it be a segment of a name? */
bool vlt_segment_valid(struct vlt_slice segment);

#endif
