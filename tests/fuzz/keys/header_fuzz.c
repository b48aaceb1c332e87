/* What decodes is what it encodes to, but for the MAC; of a vault or of a
 * backup, and never of both. */
#include <stdlib.h>
#include <string.h>

#include "keys/header.h"

enum {
    MAC_AT = 4032,
    MAC_LEN = 32,
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct vlt_secret *root_key;
    struct vlt_slice all = vlt_slice_of(bytes, len);
    uint8_t again[HEADER_LEN];
    struct header header;

    if (root_key == NULL && (vlt_secret_init() != VLT_OK ||
                             vlt_secret_new(SLOT_KEY_LEN, &root_key) != 0)) {
        abort();
    }
    bool vault = header_decode(all, &header) == VLT_OK;
    bool backup = header_decode_backup(all, &header) == VLT_OK;

    if (vault && backup) {
        abort();
    }
    if (!vault && !backup) {
        return 0;
    }
    if (header_newer(all) || len != HEADER_LEN ||
        header_encode(&header, root_key, again) != VLT_OK ||
        header_check(vlt_slice_of(again, sizeof again), root_key) != VLT_OK) {
        abort();
    }
    memcpy(again + MAC_AT, bytes + MAC_AT, MAC_LEN);
    if (memcmp(again, bytes, sizeof again) != 0) {
        abort();
    }
    return 0;
}
