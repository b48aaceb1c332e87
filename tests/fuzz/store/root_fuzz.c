/* What decodes is what it encodes to. */
#include <stdlib.h>
#include <string.h>

#include "store/root.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    uint8_t again[ROOT_LEN];
    struct root root;

    if (root_decode(vlt_slice_of(bytes, len), &root) != VLT_OK) {
        return 0;
    }
    root_encode(&root, again);
    if (len != sizeof again || memcmp(again, bytes, len) != 0) {
        abort();
    }
    return 0;
}
