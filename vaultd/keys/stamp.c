#include "keys/stamp.h"

#include "base/reader.h"
#include "base/writer.h"
#include "crypto/hash.h"

enum {
    SUMMED = 16, /* bytes that the sum is over, and bytes of the sum */
};

void
stamp_encode(const char *magic, uint64_t n, uint8_t out[STAMP_LEN])
{
    uint8_t hash[VLT_HASH_LEN];
    struct vlt_writer w = vlt_writer_over(out, STAMP_LEN);

    vlt_write_bytes(&w, magic, STAMP_MAGIC);
    vlt_write_u64(&w, n);
    struct vlt_slice summed = vlt_writer_slice(&w);

    vlt_hash(&summed, 1, hash);
    vlt_write_bytes(&w, hash, SUMMED);
}

enum vlt_status
stamp_decode(const char *magic, struct vlt_slice bytes, uint64_t *n)
{
    struct vlt_reader r = vlt_reader_over(bytes);
    uint8_t again[STAMP_LEN];

    vlt_read_slice(&r, STAMP_MAGIC);
    uint64_t value = vlt_read_u64(&r);

    stamp_encode(magic, value, again);
    if (!vlt_slice_equal(bytes, vlt_slice_of(again, sizeof again))) {
        return VLT_E_FORMAT;
    }
    *n = value;
    return VLT_OK;
}
