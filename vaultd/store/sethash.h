/*
 * sethash: one hash over all records that are rewritten in place, so that none
 * can be put back, dropped or added alone.
 *
 * XOR over the records of H(K_set, u8 type ‖ u8 key length ‖ key ‖ u64
 * version).  Adding a record and taking it out are the same operation.  Pure.
 */
#ifndef STORE_SETHASH_H
#define STORE_SETHASH_H

#include "crypto/hash.h"
#include "store/seal.h"

enum {
    SETHASH_KEY_MAX = 255 /* bytes of a record's key */
};

/* Put a record in, or take it out. */
void sethash_toggle(uint8_t hash[VLT_HASH_LEN], struct vlt_key set_key,
                    enum seal_type type, struct vlt_slice key,
                    uint64_t version);

#endif
