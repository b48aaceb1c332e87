/* What decodes is what it encodes to, and whatever is done with its slots
 * leaves what decodes. */
#include <stdlib.h>
#include <string.h>

#include "store/root.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must_decode(const struct root *root)
{
    uint8_t bytes[ROOT_LEN];
    struct root again;

    root_encode(root, bytes);
    if (root_decode(vlt_slice_of(bytes, sizeof bytes), &again) != VLT_OK) {
        abort();
    }
}

/* The numbers that no vault comes to are not counted on. */
static void
turn_the_ring(struct root root)
{
    size_t slot;

    for (int i = 0; i < 2 * ROOT_TAILS && root.arrival < UINT64_MAX; i++) {
        uint64_t oldest = root.tail[root_oldest(&root)].segment;

        root.arrival++;
        if (!root_find(&root, root.arrival - 1, &slot) ||
            slot != root_open(&root)) {
            abort();
        }
        if (root_close(&root) == VLT_E_BUSY &&
            (root_drop(&root, oldest, &slot) != VLT_OK ||
             root_close(&root) != VLT_OK)) {
            abort();
        }
        must_decode(&root);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    uint8_t again[ROOT_LEN];
    struct root root;

    if (root_decode(vlt_slice_of(bytes, len), &root) != VLT_OK) {
        return 0;
    }
    root_encode(&root, again);
    if (len != sizeof again || memcmp(again, bytes, len) != 0) {
        abort();
    }
    turn_the_ring(root);
    return 0;
}
