/* A source's record that decodes is what it encodes to, and zeros. */
#include <stdlib.h>
#include <string.h>

#include "series/series_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct source_seq seq = { .source = 1 };
    struct vlt_buf again;

    if (sequence_record_decode(vlt_slice_of(bytes, len), &seq) != VLT_OK) {
        return 0;
    }
    vlt_buf_init(&again, STORE_DEDUP_MAX);
    if (sequence_record_encode(&seq, &again) != VLT_OK || again.len > len ||
        memcmp(again.at, bytes, again.len) != 0) {
        abort();
    }
    for (size_t i = again.len; i < len; i++) {
        if (bytes[i] != 0) {
            abort();
        }
    }
    vlt_buf_free(&again);
    return 0;
}
