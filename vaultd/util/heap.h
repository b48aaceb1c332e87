/*
 * heap: what the C library does with memory that was freed.
 */
#ifndef UTIL_HEAP_H
#define UTIL_HEAP_H

/*
 * Keep up to 32 MiB of it at hand, and take pieces below 16 MiB from it rather
 * than from the kernel.  A scan takes and frees its rows slice by slice; given
 * back each time, their pages are cleared by the kernel each time, which takes
 * longer than reading the rows.  Once, before threads.
 */
void heap_keep(void);

#endif
