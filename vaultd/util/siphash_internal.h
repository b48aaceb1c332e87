/*
 * siphash_internal: SipHash-1-3 (Aumasson and Bernstein, 2012).
 */
#ifndef UTIL_SIPHASH_H
#define UTIL_SIPHASH_H

#include "base/slice.h"

enum { SIPHASH_SEED = 16 };

/* One compression round a word, three at the end. */
uint64_t siphash(const uint8_t seed[SIPHASH_SEED], struct vlt_slice bytes);

#endif
