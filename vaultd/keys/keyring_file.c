#include <string.h>

#include "base/reader.h"
#include "base/writer.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "keys/keyring_internal.h"

enum {
    SUITE = 1,
    MAGIC_LEN = 8,
    NONCE_AT = 32,
    UNUSED = 8,
    AAD_LEN = 64, /* the head before its commit */
};

static const char magic[] = "vdkeyr01";
static const char label_commit[] = "vd1 keyring commit";
static const char label_seal[] = "vd1 keyring";
static const char label_wrap[] = "vd1 kw";

enum vlt_status
keyring_wrap_base(const struct vlt_secret *root_key, struct vlt_secret **out)
{
    return vlt_kdf(vlt_key_of(root_key), "vd1-kyrg", out);
}

enum vlt_status
keyring_wrap_key(const struct vlt_secret *base, const struct vlt_secret *erase,
                 uint64_t n, struct vlt_secret **out)
{
    struct vlt_secret *wrap = NULL;
    uint8_t number[8];
    enum vlt_status st = vlt_secret_new(VLT_KEY_LEN, &wrap);

    if (st != VLT_OK) {
        return st;
    }
    vlt_store_u64(number, n);
    struct vlt_slice parts[] = {
        vlt_slice_text(label_wrap),
        vlt_slice_of(vlt_secret_peek(erase), vlt_secret_len(erase)),
        vlt_slice_of(number, sizeof number),
    };

    vlt_hash_keyed(vlt_key_of(base), parts, 3, vlt_secret_bytes(wrap));
    *out = wrap;
    return VLT_OK;
}

static void
commit_of(const struct vlt_secret *wrap, const uint8_t *head,
          uint8_t out[VLT_HASH_LEN])
{
    struct vlt_slice parts[] = { vlt_slice_text(label_commit),
                                 vlt_slice_of(head, AAD_LEN) };

    vlt_hash_keyed(vlt_key_of(wrap), parts, 2, out);
}

/*
 * AAD is the head with its nonce in it.  vlt_aead_seal() writes the nonce it
 * drew before it reads the AAD, so both may be the same memory; a test of the
 * format would see the opposite.
 */
void
keyring_seal(const struct keyring *ring, const struct vlt_secret *wrap,
             const struct keyring_head *head, struct vlt_buf *out)
{
    struct vlt_secret *key = NULL;
    size_t len = ring->count * KEYRING_ENTRY;
    uint8_t *at = vlt_buf_extend(out, KEYRING_HEAD + len + VLT_TAG_LEN);

    if (at == NULL) {
        return;
    }
    if (vlt_derive(vlt_key_of(wrap), label_seal, &key) != VLT_OK) {
        out->failed = true;
        return;
    }
    struct vlt_writer w = vlt_writer_over(at, AAD_LEN);

    vlt_write_bytes(&w, magic, MAGIC_LEN);
    vlt_write_u64(&w, head->n);
    vlt_write_u64(&w, head->g);
    vlt_write_u32(&w, (uint32_t)ring->count);
    vlt_write_u32(&w, SUITE);
    vlt_write_zeros(&w, VLT_NONCE_LEN + UNUSED);
    vlt_aead_seal(vlt_key_of(key), vlt_slice_of(at, AAD_LEN),
                  vlt_slice_of(vlt_secret_peek(ring->slab), len), at + NONCE_AT,
                  at + KEYRING_HEAD);
    commit_of(wrap, at, at + AAD_LEN);
    vlt_secret_free(key);
}

enum vlt_status
keyring_read_head(struct vlt_slice file, struct keyring_head *out)
{
    struct vlt_reader r = vlt_reader_over(file);
    struct vlt_slice begins = vlt_read_slice(&r, MAGIC_LEN);
    uint64_t n = vlt_read_u64(&r);
    uint64_t g = vlt_read_u64(&r);
    uint32_t entries = vlt_read_u32(&r);
    uint32_t suite = vlt_read_u32(&r);

    vlt_read_slice(&r, VLT_NONCE_LEN);
    vlt_read_zeros(&r, UNUSED);
    vlt_read_slice(&r, VLT_HASH_LEN);
    size_t left = vlt_reader_left(&r);

    if (!vlt_slice_equal(begins, vlt_slice_of(magic, MAGIC_LEN)) || r.failed) {
        return VLT_E_FORMAT;
    }
    if (suite != SUITE || entries > KEYRING_ENTRIES_MAX) {
        return VLT_E_LIMIT;
    }
    if (left != (size_t)entries * KEYRING_ENTRY + VLT_TAG_LEN) {
        return VLT_E_FORMAT;
    }
    *out = (struct keyring_head){ .n = n, .g = g, .entries = entries };
    return VLT_OK;
}

/* Decipher the entries into a ring with room for them, and take each. */
static enum vlt_status
take_entries(struct vlt_slice file, const struct vlt_secret *wrap,
             uint32_t entries, struct keyring *ring)
{
    struct vlt_secret *key = NULL;
    enum vlt_status st = vlt_derive(vlt_key_of(wrap), label_seal, &key);

    if (st != VLT_OK) {
        return st;
    }
    st = vlt_aead_open(
        vlt_key_of(key), vlt_slice_of(file.at, AAD_LEN), file.at + NONCE_AT,
        vlt_slice_of(file.at + KEYRING_HEAD, file.len - KEYRING_HEAD),
        vlt_secret_bytes(ring->slab));
    while (st == VLT_OK && ring->count < entries) {
        st = keyring_take(ring);
    }
    vlt_secret_free(key);
    return st == VLT_E_CONFLICT ? VLT_E_FORMAT : st;
}

enum vlt_status
keyring_open(struct vlt_slice file, const struct vlt_secret *wrap, uint64_t n,
             struct keyring_head *head, struct keyring **out)
{
    struct keyring *ring = NULL;
    uint8_t commit[VLT_HASH_LEN];
    struct keyring_head said;
    enum vlt_status st = keyring_read_head(file, &said);

    if (st != VLT_OK) {
        return st;
    }
    commit_of(wrap, file.at, commit);
    if (said.n != n || !vlt_equal(commit, file.at + AAD_LEN, sizeof commit)) {
        return VLT_E_AUTH;
    }
    st = keyring_new(&ring);
    if (st != VLT_OK) {
        return st;
    }
    st = keyring_reserve(ring, said.entries);
    if (st != VLT_OK) {
        goto done;
    }
    st = take_entries(file, wrap, said.entries, ring);
    if (st != VLT_OK) {
        goto done;
    }
    *head = said;
    *out = ring;
    ring = NULL;

done:
    keyring_free(ring);
    return st;
}
