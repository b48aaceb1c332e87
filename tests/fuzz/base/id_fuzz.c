#include "base/id.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* What decodes must encode to the same text again. */
static void
try_base64(struct vlt_slice text)
{
    struct vlt_buf bytes = { 0 };
    struct vlt_buf again = { 0 };

    if (vlt_base64_get(text, &bytes) == VLT_OK) {
        vlt_base64_put(&again, vlt_buf_slice(&bytes));
        must(vlt_slice_equal(vlt_buf_slice(&again), text));
    }
    vlt_buf_clear(&bytes);
    vlt_buf_clear(&again);
    if (vlt_base64url_get(text, &bytes) == VLT_OK) {
        vlt_base64url_put(&again, vlt_buf_slice(&bytes));
        must(vlt_slice_equal(vlt_buf_slice(&again), text));
    }
    vlt_buf_free(&bytes);
    vlt_buf_free(&again);
}

static void
try_base32(struct vlt_slice text)
{
    uint8_t bytes[64];
    char again[128];

    for (size_t len = 0; len <= sizeof bytes; len++) {
        if (vlt_base32_parse(text, bytes, len) == VLT_OK) {
            vlt_base32_print(bytes, len, again);
            must(vlt_slice_is(text, again));
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice text = vlt_slice_of(bytes, len);
    uint8_t id[VLT_ID_LEN];
    uint8_t same[VLT_ID_LEN];
    char print[2 * VLT_ID_LEN + 1];

    try_base64(text);
    try_base32(text);
    if (vlt_ulid_parse(text, id) == VLT_OK) {
        vlt_ulid_print(id, print);
        must(vlt_ulid_parse(vlt_slice_text(print), same) == VLT_OK);
        must(memcmp(id, same, sizeof id) == 0);
    }
    if (vlt_hex_parse(text, id, sizeof id) == VLT_OK) {
        vlt_hex_print(id, sizeof id, print);
        must(vlt_hex_parse(vlt_slice_text(print), same, sizeof same) == VLT_OK);
        must(memcmp(id, same, sizeof id) == 0);
    }
    return 0;
}
