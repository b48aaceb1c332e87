#include "wire/use.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t pk[VLT_SIGN_PK] = { 1 };

static void
try_evidence(const struct vlt_json *root)
{
    struct vlt_use_expected expected = { .pk = pk };
    struct vlt_checkpoint checkpoint;
    struct vlt_buf held = { 0 };
    struct vlt_use use;
    const char *why = NULL;

    if (vlt_use_read(root, &held, &use) == VLT_OK &&
        vlt_use_verify(&use, &expected, &checkpoint, &why) != VLT_OK &&
        why == NULL) {
        abort();
    }
    vlt_buf_free(&held);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice text = vlt_slice_of(bytes, len);
    struct vlt_json *root = NULL;
    struct vlt_use_detail detail;

    if (vlt_secret_init() != VLT_OK) {
        abort();
    }
    if (vlt_json_parse(text, 1 << 18, 16, NULL, &root) == VLT_OK) {
        try_evidence(root);
        vlt_json_free(root);
    }
    if (vlt_use_detail_read(text, &root, &detail) == VLT_OK) {
        for (size_t i = 0; i < detail.stream_count; i++) {
            (void)vlt_use_detail_stream(&detail, i);
        }
        vlt_json_free(root);
    }
    return 0;
}
