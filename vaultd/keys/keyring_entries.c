#include <string.h>

#include "keys/keyring_internal.h"

struct vlt_slice
keyring_entries(const struct keyring *ring)
{
    return vlt_slice_of(vlt_secret_peek(ring->slab),
                        ring->count * KEYRING_ENTRY);
}

enum vlt_status
keyring_of_entries(struct vlt_slice entries, struct keyring **out)
{
    struct keyring *ring = NULL;
    size_t count = entries.len / KEYRING_ENTRY;

    if (entries.len % KEYRING_ENTRY != 0) {
        return VLT_E_FORMAT;
    }
    if (count > KEYRING_ENTRIES_MAX) {
        return VLT_E_LIMIT;
    }
    enum vlt_status st = keyring_new(&ring);

    if (st != VLT_OK) {
        return st;
    }
    st = keyring_reserve(ring, count);
    if (st == VLT_OK && count > 0) {
        memcpy(vlt_secret_bytes(ring->slab), entries.at, entries.len);
    }
    while (st == VLT_OK && ring->count < count) {
        st = keyring_take(ring);
    }
    if (st != VLT_OK) {
        keyring_free(ring);
        return st == VLT_E_CONFLICT ? VLT_E_FORMAT : st;
    }
    *out = ring;
    return VLT_OK;
}
