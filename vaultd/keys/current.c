#include "keys/current.h"

static const char magic[] = "vdCURR01";

void
current_encode(uint64_t n, uint8_t out[CURRENT_LEN])
{
    stamp_encode(magic, n, out);
}

enum vlt_status
current_decode(struct vlt_slice bytes, uint64_t *n)
{
    return stamp_decode(magic, bytes, n);
}
