/*
 * keyring_internal: the ring in memory, for keyring.c and keyring_file.c.
 */
#ifndef KEYS_KEYRING_INTERNAL_H
#define KEYS_KEYRING_INTERNAL_H

#include "keys/keyring.h"

enum keyring_state {
    KEYRING_LIVE = 1,
    KEYRING_STAGED = 2, /* of an erase under way: found by kid alone */
};

/* Open addressing: 0 is free, else an entry's number plus one. */
struct keyring_index {
    uint32_t *at; /* NULL before the first grow */
    size_t mask;  /* slots - 1; slots are a power of two, twice the entries */
};

struct keyring {
    struct vlt_secret *slab; /* room × KEYRING_ENTRY bytes */
    size_t room;
    size_t count;
    struct keyring_index kids;
    struct keyring_index uses; /* live keys by type, subject and epoch */
};

/* Room for at least this many entries (at most KEYRING_ENTRIES_MAX). */
VLT_MUST_USE enum vlt_status keyring_reserve(struct keyring *ring,
                                             size_t entries);

/*
 * Take the entry that lies in the slab behind the last one.
 * VLT_E_FORMAT, VLT_E_LIMIT as keyring_open(); VLT_E_CONFLICT: its kid, or a
 * live key of its use, is there.
 */
VLT_MUST_USE enum vlt_status keyring_take(struct keyring *ring);

#endif
