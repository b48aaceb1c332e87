/*
 * store_busy: does a vault answer while rows are pouring in?
 *
 * What cannot go on ends the program.  Threads: one has the vault, and starts
 * another for the rows.
 */
#ifndef STORE_BUSY_H
#define STORE_BUSY_H

#include "store_vault.h"

/* For ms: batches of 5,000 rows of stream 0, one after the other; beside them
 * the newest row and the means of an hour of one day, in turns, each day after
 * the other.  Prints rows and answers a second, and the most private memory. */
void store_busy(struct vault *vault, int64_t ms);

#endif
