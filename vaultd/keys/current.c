#include "keys/current.h"

#include <string.h>

#include "base/reader.h"
#include "base/writer.h"
#include "crypto/hash.h"

enum {
    MAGIC_LEN = 8,
    SUMMED = 16, /* bytes that the sum is over, and bytes of the sum */
};

static const char magic[] = "vdCURR01";

void
current_encode(uint64_t n, uint8_t out[CURRENT_LEN])
{
    uint8_t hash[VLT_HASH_LEN];
    struct vlt_writer w = vlt_writer_over(out, CURRENT_LEN);

    vlt_write_bytes(&w, magic, MAGIC_LEN);
    vlt_write_u64(&w, n);
    struct vlt_slice summed = vlt_writer_slice(&w);

    vlt_hash(&summed, 1, hash);
    vlt_write_bytes(&w, hash, SUMMED);
}

enum vlt_status
current_decode(struct vlt_slice bytes, uint64_t *n)
{
    struct vlt_reader r = vlt_reader_over(bytes);
    uint8_t again[CURRENT_LEN];

    vlt_read_slice(&r, MAGIC_LEN);
    uint64_t value = vlt_read_u64(&r);

    current_encode(value, again);
    if (!vlt_slice_equal(bytes, vlt_slice_of(again, sizeof again))) {
        return VLT_E_FORMAT;
    }
    *n = value;
    return VLT_OK;
}
