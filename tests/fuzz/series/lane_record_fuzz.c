/* A lane's record that decodes is what it encodes to, and zeros. */
#include <stdlib.h>
#include <string.h>

#include "series/lane_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct lane_record record;
    struct vlt_buf again;

    if (lane_record_decode(vlt_slice_of(bytes, len), &record) != VLT_OK) {
        return 0;
    }
    vlt_buf_init(&again, 0);
    if (lane_record_encode(&record, &again) != VLT_OK || again.len > len ||
        memcmp(again.at, bytes, again.len) != 0) {
        abort();
    }
    for (size_t i = again.len; i < len; i++) {
        if (bytes[i] != 0) {
            abort();
        }
    }
    vlt_buf_free(&again);
    lane_record_free(&record);
    return 0;
}
