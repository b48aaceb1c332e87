#include "wire/receipt.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* print(read(x)) is read as the same receipt, and printed as the same text. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_json *document = NULL;
    struct vlt_json *second = NULL;
    struct vlt_receipt receipt;
    struct vlt_receipt again;
    struct vlt_buf one = { 0 };
    struct vlt_buf two = { 0 };
    char says[VLT_WALK_SAYS];

    if (vlt_receipt_read(vlt_slice_of(bytes, len), &document, &receipt, says) ==
        VLT_OK) {
        vlt_receipt_put(&receipt, &one);
        if (vlt_receipt_read(vlt_buf_slice(&one), &second, &again, says) !=
            VLT_OK) {
            abort();
        }
        vlt_receipt_put(&again, &two);
        if (!vlt_slice_equal(vlt_buf_slice(&one), vlt_buf_slice(&two))) {
            abort();
        }
    }
    vlt_json_free(document);
    vlt_json_free(second);
    vlt_buf_free(&one);
    vlt_buf_free(&two);
    return 0;
}
