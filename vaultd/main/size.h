/*
 * size: an amount of bytes as people write it.  Pure.
 */
#ifndef MAIN_SIZE_H
#define MAIN_SIZE_H

#include <stdint.h>

#include "base/slice.h"
#include "base/status.h"

/* "512MiB", "40GiB", "1TiB": a whole number and its unit, nothing between.
 * VLT_E_FORMAT: written otherwise.  VLT_E_LIMIT: 2^63 or more. */
VLT_MUST_USE enum vlt_status size_parse(struct vlt_slice text, uint64_t *out);

#endif
