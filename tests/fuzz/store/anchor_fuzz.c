/* What is picked out of a file was signed, and encodes to the same sector; a
 * changed byte of it never counts. */
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "store/anchor.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct vlt_key
key(void)
{
    static struct vlt_secret *secret; /* all zero */

    if (secret == NULL && (vlt_secret_init() != VLT_OK ||
                           vlt_secret_new(VLT_KEY_LEN, &secret) != VLT_OK)) {
        abort();
    }
    return vlt_key_of(secret);
}

/* Sign what the bytes say, so that what is behind the MAC is reached. */
static void
sign_and_read(const uint8_t *bytes, size_t len)
{
    struct anchor anchor = { .at = { .commit = len } };
    struct anchor again;
    uint8_t file[ANCHOR_FILE] = { 0 };
    size_t which;

    memcpy(anchor.at.audit_head, bytes, len < 32 ? len : 32);
    anchor_encode(&anchor, key(), file + ANCHOR_SECTOR);
    if (anchor_pick(vlt_slice_of(file, sizeof file), key(), &which, &again) !=
            VLT_OK ||
        which != 1 || again.at.commit != len) {
        abort();
    }
    file[ANCHOR_SECTOR + len % ANCHOR_SECTOR] ^= 1;
    if (anchor_pick(vlt_slice_of(file, sizeof file), key(), &which, &again) ==
        VLT_OK) {
        abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct anchor anchor;
    uint8_t again[ANCHOR_SECTOR];
    size_t which;

    sign_and_read(bytes, len);
    if (anchor_pick(vlt_slice_of(bytes, len), key(), &which, &anchor) !=
        VLT_OK) {
        return 0;
    }
    anchor_encode(&anchor, key(), again);
    if (memcmp(again, bytes + which * ANCHOR_SECTOR, sizeof again) != 0) {
        abort();
    }
    return 0;
}
