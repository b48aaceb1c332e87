/*
 * stamp: a small file that says one number, and nothing by accident.
 *
 * It has 32 bytes: 8 that say what it is ‖ u64 n ‖ the first 16 bytes of
 * H(the 16 before).  Pure.
 */
#ifndef KEYS_STAMP_H
#define KEYS_STAMP_H

#include "base/slice.h"
#include "base/status.h"

enum { STAMP_LEN = 32, STAMP_MAGIC = 8 };

/* magic is STAMP_MAGIC characters. */
void stamp_encode(const char *magic, uint64_t n, uint8_t out[STAMP_LEN]);

/* VLT_E_FORMAT: not what stamp_encode() makes. */
VLT_MUST_USE enum vlt_status stamp_decode(const char *magic,
                                          struct vlt_slice bytes, uint64_t *n);

#endif
