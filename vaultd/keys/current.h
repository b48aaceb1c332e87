/*
 * current: which generation of the key files is in force.
 *
 * CURRENT has 32 bytes: "vdCURR01" ‖ u64 N ‖ the first 16 bytes
 * of H(the 16 before).  It chooses header.N, erase.N and keyring.N.  Pure.
 */
#ifndef KEYS_CURRENT_H
#define KEYS_CURRENT_H

#include "base/slice.h"
#include "base/status.h"

enum { CURRENT_LEN = 32 };

void current_encode(uint64_t n, uint8_t out[CURRENT_LEN]);

/* VLT_E_FORMAT: not what current_encode() makes. */
VLT_MUST_USE enum vlt_status current_decode(struct vlt_slice bytes,
                                            uint64_t *n);

#endif
