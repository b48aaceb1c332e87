/* What decodes is what it encodes to; the input's end is taken for the head of
 * a tree, too. */
#include <stdlib.h>
#include <string.h>

#include "store/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
try_tree(const uint8_t *bytes, size_t len)
{
    uint8_t again[MANIFEST_TREE];
    struct manifest_tree tree;

    if (manifest_decode_tree(vlt_slice_of(bytes, len), &tree) != VLT_OK) {
        return;
    }
    manifest_encode_tree(&tree, again);
    if (len != sizeof again || memcmp(again, bytes, len) != 0) {
        abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    uint8_t again[MANIFEST_LEN];
    struct manifest manifest;

    try_tree(bytes, len);
    if (manifest_decode(vlt_slice_of(bytes, len), &manifest) != VLT_OK) {
        return 0;
    }
    manifest_encode(&manifest, again);
    if (len != sizeof again || memcmp(again, bytes, len) != 0) {
        abort();
    }
    return 0;
}
