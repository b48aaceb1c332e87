/* Any file gets one of these answers, and nothing outside of it is read. */
#include <stdlib.h>

#include "store/whole.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    enum vlt_status st = whole_check(vlt_slice_of(bytes, len));

    if (st != VLT_OK && st != VLT_E_FORMAT && st != VLT_E_STORAGE &&
        st != VLT_E_NOMEM) {
        abort();
    }
    return 0;
}
