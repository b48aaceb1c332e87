/*
 * current: which generation of the key files is in force.
 *
 * CURRENT is a stamp (stamp.h): "vdCURR01" and N.  It chooses header.N,
 * erase.N and keyring.N.  Pure.
 */
#ifndef KEYS_CURRENT_H
#define KEYS_CURRENT_H

#include "keys/stamp.h"

enum { CURRENT_LEN = STAMP_LEN };

void current_encode(uint64_t n, uint8_t out[CURRENT_LEN]);

/* VLT_E_FORMAT: not what current_encode() makes. */
VLT_MUST_USE enum vlt_status current_decode(struct vlt_slice bytes,
                                            uint64_t *n);

#endif
