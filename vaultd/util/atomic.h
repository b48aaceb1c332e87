/*
 * atomic: a number that threads share without a lock.
 *
 * Set and add publish what the thread wrote before; get sees what was written
 * before the value that it got.  Begins as { 0 }.
 *
 * Threads: any.
 */
#ifndef UTIL_ATOMIC_H
#define UTIL_ATOMIC_H

#include <stdint.h>

struct atomic {
    _Atomic uint64_t value; /* these functions' alone */
};

/* The value now. */
uint64_t atomic_get(const struct atomic *atomic);
/* From now on this. */
void atomic_set(struct atomic *atomic, uint64_t value);

/* Add, with wrap-around (UINT64_MAX takes one off).  Returns the sum. */
uint64_t atomic_add(struct atomic *atomic, uint64_t value);

#endif
