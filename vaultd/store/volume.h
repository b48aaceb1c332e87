/*
 * volume: the file system that a vault lies on.
 */
#ifndef STORE_VOLUME_H
#define STORE_VOLUME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct volume {
    uint64_t free; /* bytes, for who is not root */
    uint64_t size; /* bytes */
    bool in_place; /* what is overwritten takes no new blocks */
};

/* Ask about the volume that an open file or directory lies on.
 * VLT_E_STORAGE: it does not tell. */
VLT_MUST_USE enum vlt_status volume_look(int fd, struct volume *out);

#endif
