/*
 * store_memory: the most private memory that this process has for a while.
 *
 * Private is what belongs to no file: the heap, stacks and locked memory, as
 * the kernel counts it (RssAnon).  Pages of the map of data.mdb are not.
 *
 * What cannot go on ends the program.  Threads: begin and end by one; between
 * them a thread of its own looks every millisecond.
 */
#ifndef STORE_MEMORY_H
#define STORE_MEMORY_H

#include <stdint.h>

struct memory_watch;

struct memory_watch *memory_watch_begin(void);

/* Bytes.  Frees watch. */
uint64_t memory_watch_end(struct memory_watch *watch);

#endif
