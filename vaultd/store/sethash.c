#include "store/sethash.h"

#include <assert.h>

#include "base/writer.h"

void
sethash_toggle(uint8_t hash[VLT_HASH_LEN], struct vlt_key set_key,
               enum seal_type type, struct vlt_slice key, uint64_t version)
{
    uint8_t head[2] = { (uint8_t)type, (uint8_t)key.len };
    uint8_t number[8];
    uint8_t one[VLT_HASH_LEN];

    assert(key.len <= SETHASH_KEY_MAX);
    vlt_store_u64(number, version);
    struct vlt_slice parts[] = { vlt_slice_of(head, sizeof head), key,
                                 vlt_slice_of(number, sizeof number) };

    vlt_hash_keyed(set_key, parts, 3, one);
    for (size_t i = 0; i < sizeof one; i++) {
        hash[i] ^= one[i];
    }
}
