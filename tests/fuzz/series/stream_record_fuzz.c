/* A stream that reads is printed as a record that reads as the same. */
#include <stdlib.h>
#include <string.h>

#include "series/series_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const uint8_t id[VLT_ID_LEN] = { 1 };
    const struct stream *stream = NULL;
    const struct stream *again = NULL;
    struct vlt_buf first;
    struct vlt_buf second;

    if (stream_record_get(id, vlt_slice_of(bytes, len), &stream) != VLT_OK) {
        return 0;
    }
    vlt_buf_init(&first, 0);
    vlt_buf_init(&second, 0);
    stream_record_put(&first, stream);
    if (stream_record_get(id, vlt_buf_slice(&first), &again) != VLT_OK) {
        abort();
    }
    stream_record_put(&second, again);
    if (!vlt_slice_equal(vlt_buf_slice(&first), vlt_buf_slice(&second))) {
        abort();
    }
    stream_release(stream);
    stream_release(again);
    vlt_buf_free(&first);
    vlt_buf_free(&second);
    return 0;
}
