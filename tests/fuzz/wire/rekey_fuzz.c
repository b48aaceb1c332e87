#include "wire/rekey.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_rekey rekey;

    if (vlt_secret_init() != VLT_OK) {
        abort();
    }
    if (vlt_rekey_read(vlt_slice_of(bytes, len), &rekey) == VLT_OK &&
        rekey.iat < 0) {
        abort();
    }
    return 0;
}
