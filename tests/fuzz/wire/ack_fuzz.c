#include "wire/ack.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_ack ack;

    if (vlt_secret_init() != VLT_OK) {
        abort();
    }
    if (vlt_ack_read(vlt_slice_of(bytes, len), &ack) == VLT_OK &&
        (ack.last_seq == 0 || ack.last_seq > (UINT64_C(1) << 53))) {
        abort();
    }
    return 0;
}
