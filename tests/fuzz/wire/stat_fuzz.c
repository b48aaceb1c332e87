#include "wire/stat.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* A stored stat that is read must be stored as the same bytes, and its sum must
 * be ready for anything. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_reader r = vlt_reader_over(vlt_slice_of(bytes, len));
    enum vlt_type type = (enum vlt_type)(vlt_read_u8(&r) % 5);
    struct vlt_buf buf = { 0 };
    struct vlt_stat stat;
    char text[VLT_SUM_TEXT];

    if (vlt_stat_load(&r, type, &stat) != VLT_OK) {
        return 0;
    }
    if (vlt_stat_store(&stat, &buf) != VLT_OK || buf.len != r.at - 1 ||
        memcmp(buf.at, bytes + 1, buf.len) != 0) {
        abort();
    }
    struct vlt_stat twin = stat;

    vlt_stat_merge(&stat, &twin);
    if (stat.n > 0) {
        vlt_stat_mean(&stat);
    }
    if (type == VLT_TYPE_I64 || type == VLT_TYPE_BOOL) {
        vlt_stat_sum_text(&stat, text);
    }
    vlt_buf_free(&buf);
    return 0;
}
