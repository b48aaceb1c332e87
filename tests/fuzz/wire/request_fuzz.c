#include "wire/request.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* print(read(x)) is read as the same request, and printed as the same text. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice text = vlt_slice_of(bytes, len);
    struct vlt_json *document = NULL;
    struct vlt_json *second = NULL;
    struct terms_request request;
    struct terms_request again;
    struct terms_fault fault = { .says = "" };
    struct vlt_buf one = { 0 };
    struct vlt_buf two = { 0 };

    if (vlt_request_read(text, &document, &request, &fault) == VLT_OK) {
        vlt_request_put(&request, &one);
        if (vlt_request_read(vlt_buf_slice(&one), &second, &again, &fault) !=
            VLT_OK) {
            abort();
        }
        vlt_request_put(&again, &two);
        if (!vlt_slice_equal(vlt_buf_slice(&one), vlt_buf_slice(&two))) {
            abort();
        }
    }
    vlt_json_free(document);
    vlt_json_free(second);
    document = NULL;
    if (vlt_request_read_file(text, NULL, &document, &request, &fault) ==
        VLT_OK) {
        vlt_json_free(document);
    }
    vlt_buf_free(&one);
    vlt_buf_free(&two);
    return 0;
}
