/*
 * ballast: blocks of a disk that a file holds for the day when it is full.
 *
 * The file has no length, where the file system can keep blocks beyond the end
 * of one; else it is made of zeros.  So a copy of the vault does not carry it,
 * and has none until one is made again.
 *
 * Threads: the commit thread.
 */
#ifndef STORE_BALLAST_H
#define STORE_BALLAST_H

#include <stdbool.h>

#include "base/status.h"

#define BALLAST_NAME "ballast"

/* Has the file in the directory `dir` all its blocks? */
bool ballast_whole(int dir);

/* Make it, or give it what it lacks; what was there stays.  Durable.
 * VLT_E_STORAGE: there is no room, and none is held. */
VLT_MUST_USE enum vlt_status ballast_make(int dir);

/* Give its blocks back.  False: there were none. */
bool ballast_give(int dir);

#endif
