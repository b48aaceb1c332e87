/*
 * units: the spellings of units that are understood, as UCUM, and what they
 * say about the kind of data.
 */
#ifndef UNITS_H
#define UNITS_H

#include "base/buf.h"
#include "base/slice.h"

/* The UCUM unit of an accepted spelling, which may be UCUM itself: static;
 * NULL when none is known. */
const char *units_find(struct vlt_slice spelling);

/*
 * Append the unit as it is stored: UCUM where the spelling is known, "1" for
 * an empty one, an annotation {text} as it is, else made into one.  Returns
 * whether it is known; an unknown one is flagged `unit-unknown`.  Braces and
 * what is not printable ASCII in an unknown spelling become _.
 */
bool units_put(struct vlt_buf *out, struct vlt_slice spelling);

/* The category that a UCUM unit of units_find() alone tells (watts are
 * electricity; per cent may be anything): static, or NULL. */
const char *units_category(const char *ucum);

/* The category of a quantity, as Home Assistant's device classes and domains
 * name them ("temperature", "battery", "lock"): static, or NULL. */
const char *units_quantity_category(struct vlt_slice quantity);

#endif
