/*
 * Any bytes as a gzip body: never more comes out than was allowed, and a
 * failure leaves the buffer as it was.
 */
#include "ingest/gunzip.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { MOST = 65536 };

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_buf out = { 0 };
    enum vlt_status st;

    vlt_buf_put_u8(&out, 'x');
    st = gunzip(vlt_slice_of(bytes, len), MOST, &out);
    if (st == VLT_OK ? out.len > 1 + MOST : out.len != 1) {
        abort();
    }
    if (vlt_buf_failed(&out) || out.at[0] != 'x') {
        abort();
    }
    vlt_buf_free(&out);
    return 0;
}
