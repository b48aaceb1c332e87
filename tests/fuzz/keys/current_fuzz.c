/* What decodes is what its number encodes to. */
#include <stdlib.h>
#include <string.h>

#include "keys/current.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    uint8_t again[CURRENT_LEN];
    uint64_t n;

    if (current_decode(vlt_slice_of(bytes, len), &n) != VLT_OK) {
        return 0;
    }
    current_encode(n, again);
    if (len != sizeof again || memcmp(again, bytes, len) != 0) {
        abort();
    }
    return 0;
}
