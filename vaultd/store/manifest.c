#include "store/manifest.h"

#include "base/reader.h"
#include "base/writer.h"
#include "keys/keyring.h"

enum {
    MAGIC_LEN = 8,
    VERSION = 1,
    UNUSED = 28,
};

static const char magic[] = "vdbkman1";

void
manifest_encode(const struct manifest *manifest, uint8_t out[MANIFEST_LEN])
{
    struct vlt_writer w = vlt_writer_over(out, MANIFEST_LEN);

    vlt_write_bytes(&w, magic, MAGIC_LEN);
    vlt_write_u32(&w, VERSION);
    vlt_write_u32(&w, manifest->page);
    vlt_write_bytes(&w, manifest->id, sizeof manifest->id);
    vlt_write_i64(&w, manifest->time_ns);
    vlt_write_u64(&w, manifest->commit);
    vlt_write_u64(&w, manifest->keyring_n);
    vlt_write_u64(&w, manifest->keyring_g);
    vlt_write_u32(&w, manifest->entries);
    vlt_write_zeros(&w, UNUSED);
}

enum vlt_status
manifest_decode(struct vlt_slice bytes, struct manifest *out)
{
    struct vlt_reader r = vlt_reader_over(bytes);
    struct vlt_slice begins = vlt_read_slice(&r, MAGIC_LEN);
    uint32_t version = vlt_read_u32(&r);
    struct manifest m = { .page = vlt_read_u32(&r) };

    vlt_read_bytes(&r, m.id, sizeof m.id);
    m.time_ns = vlt_read_i64(&r);
    m.commit = vlt_read_u64(&r);
    m.keyring_n = vlt_read_u64(&r);
    m.keyring_g = vlt_read_u64(&r);
    m.entries = vlt_read_u32(&r);
    if (!vlt_slice_equal(begins, vlt_slice_of(magic, MAGIC_LEN))) {
        return VLT_E_FORMAT;
    }
    if (version > VERSION) {
        return VLT_E_LIMIT;
    }
    vlt_read_zeros(&r, UNUSED);
    if (!vlt_reader_done(&r) || version != VERSION) {
        return VLT_E_FORMAT;
    }
    if (m.entries > KEYRING_ENTRIES_MAX) {
        return VLT_E_LIMIT;
    }
    *out = m;
    return VLT_OK;
}

void
manifest_encode_tree(const struct manifest_tree *tree,
                     uint8_t out[MANIFEST_TREE])
{
    struct vlt_writer w = vlt_writer_over(out, MANIFEST_TREE);

    vlt_write_u64(&w, tree->size);
    vlt_write_bytes(&w, tree->head, sizeof tree->head);
}

enum vlt_status
manifest_decode_tree(struct vlt_slice bytes, struct manifest_tree *out)
{
    struct vlt_reader r = vlt_reader_over(bytes);
    struct manifest_tree tree = { .size = vlt_read_u64(&r) };

    vlt_read_bytes(&r, tree.head, sizeof tree.head);
    if (!vlt_reader_done(&r)) {
        return VLT_E_FORMAT;
    }
    *out = tree;
    return VLT_OK;
}
