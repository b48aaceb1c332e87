/*
 * number_internal: what printing one number and many share.
 */
#ifndef VLT_NUMBER_INTERNAL_H
#define VLT_NUMBER_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Is a size, which is not negative, a whole number below 10^15 of 10^-places?
 * As many places are tried first as *places says, of at most 6, then the
 * fewest; it gets those that do.  The whole number may end with zeros.
 */
bool number_find_whole(double size, unsigned *places, uint64_t *whole);

#endif
