#include "util/heap.h"

#include <malloc.h>

enum {
    KEPT = 32 << 20,
    MAPPED = 16 << 20,
};

void
heap_keep(void)
{
    /* Where it refuses, all goes slower and nothing else. */
    (void)mallopt(M_TRIM_THRESHOLD, KEPT);
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED);
}
