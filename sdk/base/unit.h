/*
 * unit: the spellings of units that are understood, as UCUM.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_UNIT_H
#define VLT_UNIT_H

#include "base/buf.h"
#include "base/slice.h"

/* The UCUM unit of an accepted spelling, which may be UCUM itself: static;
 * NULL when none is known. */
const char *vlt_unit_find(struct vlt_slice spelling);

/*
 * Append the unit as it is stored: UCUM where the spelling is known, "1" for
 * an empty one, an annotation {text} as it is, else made into one.  Returns
 * whether it is known; an unknown one is flagged `unit-unknown`.  Braces and
 * what is not printable ASCII in an unknown spelling become _.
 */
bool vlt_unit_put(struct vlt_buf *out, struct vlt_slice spelling);

#endif
