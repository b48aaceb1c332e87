#include <stdlib.h>
#include <string.h>

#include "wire/upgrade.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What is read reads the same when more follows it, and not when its end is
 * missing. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_knock out = { .used = 0 };
    struct vlt_knock again = { .used = 0 };

    if (vlt_knock_read(vlt_slice_of(bytes, len), &out) != VLT_OK) {
        return 0;
    }
    if (out.used < 4 || out.used > len || out.used > VLT_UPGRADE_MAX ||
        vlt_knock_read(vlt_slice_of(bytes, out.used), &again) != VLT_OK ||
        memcmp(out.nonce, again.nonce, sizeof out.nonce) != 0 ||
        memcmp(out.rendezvous, again.rendezvous, VLT_RENDEZVOUS) != 0 ||
        vlt_knock_read(vlt_slice_of(bytes, out.used - 1), &again) !=
            VLT_E_BUSY) {
        abort();
    }
    return 0;
}
