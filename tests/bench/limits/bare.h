/*
 * bare: what it takes at least to open a vault's file.
 *
 * Threads: any.  What cannot go on ends the program.
 */
#ifndef BARE_H
#define BARE_H

#include <stdint.h>

/* Open data.mdb of a vault that nobody has open, and seal each record of its
 * tails and lanes anew into memory, which costs what opening it does; again
 * and again for so many ms: us that one time took. */
double bare_open(const char *folder, int64_t ms);

#endif
