#include "wire/frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What decodes must encode to the same header again. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_frame f;
    uint8_t again[VLT_FRAME_HEAD];

    if (vlt_frame_decode((struct vlt_slice){ .at = bytes, .len = len }, &f) !=
        VLT_OK) {
        return 0;
    }
    vlt_frame_encode_head(&f, again);
    if (memcmp(again, bytes, sizeof again) != 0) {
        abort();
    }
    return 0;
}
