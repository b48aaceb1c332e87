/* What was taken apart gives the same when it is put together again, but for
 * numbers that were written with needless zeros. */
#include <stdlib.h>
#include <string.h>

#include "store/idem_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice text = vlt_slice_of(bytes, len);
    struct vlt_slice answer;
    struct vlt_slice twice;
    struct vlt_buf again = { 0 };
    int64_t when;
    int64_t then;

    if (idem_text_get(text, &answer, &when) != VLT_OK) {
        return 0;
    }
    idem_text_put(&again, answer, when);
    if (idem_text_get(vlt_buf_slice(&again), &twice, &then) != VLT_OK ||
        then != when || !vlt_slice_equal(answer, twice) || again.len > len) {
        abort();
    }
    vlt_buf_free(&again);
    return 0;
}
