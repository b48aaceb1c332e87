#include <stdlib.h>
#include <string.h>

#include "wire/upgrade.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What is read reads the same when more follows it, and not when its end is
 * missing. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char accept[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    struct vlt_upgrade out = { 0 };
    struct vlt_upgrade again = { 0 };

    if (vlt_upgrade_read(vlt_slice_of(bytes, len), accept, &out) != VLT_OK) {
        return 0;
    }
    if (out.used < 4 || out.used > len || out.used > VLT_UPGRADE_MAX ||
        out.status < 100 || out.status > 599 || out.retry_s < 0 ||
        vlt_upgrade_read(vlt_slice_of(bytes, out.used), accept, &again) !=
            VLT_OK ||
        again.used != out.used || again.status != out.status ||
        vlt_upgrade_read(vlt_slice_of(bytes, out.used - 1), accept, &again) !=
            VLT_E_BUSY) {
        abort();
    }
    return 0;
}
