/*
 * The input as a file, and as the entries of one that is sealed as it should
 * be: then every entry that was taken is found by its kid.
 */
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "keys/keyring.h"

enum {
    N = 1,
    AAD_LEN = 64,
    ENTRIES_MAX = 64,
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct vlt_secret *
make_wrap(void)
{
    struct vlt_secret *wrap = NULL;

    if (vlt_secret_init() != VLT_OK ||
        vlt_secret_new(VLT_KEY_LEN, &wrap) != VLT_OK) {
        abort();
    }
    return wrap;
}

/* A file of these entries, straight from keyring.h. */
static void
forge(const struct vlt_secret *wrap, struct vlt_slice entries,
      struct vlt_buf *file)
{
    uint8_t *at = vlt_buf_extend(file, KEYRING_HEAD + entries.len + 16);
    struct vlt_secret *key = NULL;

    if (at == NULL ||
        vlt_derive(vlt_key_of(wrap), "vd1 keyring", &key) != VLT_OK) {
        abort();
    }
    memset(at, 0, KEYRING_HEAD);
    memcpy(at, "vdkeyr01", 8);
    vlt_store_u64(at + 8, N);
    vlt_store_u32(at + 24, (uint32_t)(entries.len / KEYRING_ENTRY));
    vlt_store_u32(at + 28, 1);
    vlt_aead_seal(vlt_key_of(key), vlt_slice_of(at, AAD_LEN), entries, at + 32,
                  at + KEYRING_HEAD);
    struct vlt_slice parts[] = { vlt_slice_text("vd1 keyring commit"),
                                 vlt_slice_of(at, AAD_LEN) };

    vlt_hash_keyed(vlt_key_of(wrap), parts, 2, at + AAD_LEN);
    vlt_secret_free(key);
}

static void
open_forged(const struct vlt_secret *wrap, struct vlt_slice entries)
{
    struct vlt_buf file = { 0 };
    struct keyring *ring = NULL;
    struct keyring_head head;

    forge(wrap, entries, &file);
    if (keyring_open(vlt_buf_slice(&file), wrap, N, &head, &ring) == VLT_OK) {
        for (size_t at = 0; at < entries.len; at += KEYRING_ENTRY) {
            struct vlt_key key;

            if (keyring_find(ring, entries.at + at, NULL, &key) != VLT_OK ||
                memcmp(vlt_secret_peek(key.in) + key.at, entries.at + at + 32,
                       VLT_KEY_LEN) != 0) {
                abort();
            }
        }
    }
    keyring_free(ring);
    vlt_buf_free(&file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct vlt_secret *wrap;
    struct keyring *ring = NULL;
    struct keyring_head head;

    if (wrap == NULL) {
        wrap = make_wrap();
    }
    if (keyring_open(vlt_slice_of(bytes, len), wrap, N, &head, &ring) ==
        VLT_OK) {
        keyring_free(ring);
    }
    size_t entries = len / KEYRING_ENTRY;

    if (entries <= ENTRIES_MAX) {
        open_forged(wrap, vlt_slice_of(bytes, entries * KEYRING_ENTRY));
    }
    return 0;
}
