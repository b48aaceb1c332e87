/*
 * units: what units and quantities say about the kind of data.  Their
 * spellings are in base/unit.h.
 */
#ifndef UNITS_H
#define UNITS_H

#include "base/slice.h"

/* The category that a UCUM unit of vlt_unit_find() alone tells (watts are
 * electricity; per cent may be anything): static, or NULL. */
const char *units_category(const char *ucum);

/* The category of a quantity, as Home Assistant's device classes and domains
 * name them ("temperature", "battery", "lock"): static, or NULL. */
const char *units_quantity_category(struct vlt_slice quantity);

#endif
