/*
 * random: bytes that nobody can guess, and ids made of them.
 *
 * Threads: any.
 */
#ifndef VLT_RANDOM_H
#define VLT_RANDOM_H

#include "base/id.h"

/* len bytes that nobody can guess. */
void vlt_random(void *out, size_t len);

/* A new ULID of the time now_ns (0 before 1970). */
void vlt_ulid_new(int64_t now_ns, uint8_t out[VLT_ID_LEN]);

/* A number below bound (at least 1), without bias. */
uint32_t vlt_random_below(uint32_t bound);

#endif
