#include "wire/entry.h"

#include "base/reader.h"
#include "base/writer.h"
#include "crypto/hash.h"

enum {
    VERSION = 1,
};

/* By type, from 1. */
static const char *const words[VLT_ENTRY_TYPES] = {
    "request",    "decision", "grant",   "countersign", "use",      "span.open",
    "span.close", "denied",   "ack",     "offer",       "deletion", "firm",
    "policy",     "stream",   "owner",   "export",      "backup",   "erase",
    "key",        "hold",     "restore", "request.bad", "run",
};

size_t
vlt_entry_encode(const struct vlt_entry *entry, uint8_t out[VLT_ENTRY_MASTER])
{
    struct vlt_writer w = vlt_writer_over(out, VLT_ENTRY_MASTER);

    vlt_write_u8(&w, VERSION);
    vlt_write_u8(&w, entry->type);
    vlt_write_be16(&w, 0);
    vlt_write_be32(&w, entry->instance);
    vlt_write_be64(&w, entry->index);
    vlt_write_be64(&w, (uint64_t)entry->time);
    vlt_write_bytes(&w, entry->subject, sizeof entry->subject);
    vlt_write_be64(&w, entry->seq);
    vlt_write_bytes(&w, entry->commitment, sizeof entry->commitment);
    if (entry->master) {
        vlt_write_bytes(&w, entry->tree, sizeof entry->tree);
        vlt_write_be64(&w, entry->tree_size);
        vlt_write_bytes(&w, entry->tree_root, sizeof entry->tree_root);
    }
    return w.len;
}

enum vlt_status
vlt_entry_decode(struct vlt_slice bytes, struct vlt_entry *out)
{
    struct vlt_reader r = vlt_reader_over(bytes);
    struct vlt_entry entry = { .master = bytes.len == VLT_ENTRY_MASTER };
    uint8_t version = vlt_read_u8(&r);

    entry.type = vlt_read_u8(&r);
    uint16_t zero = vlt_read_be16(&r);

    entry.instance = vlt_read_be32(&r);
    entry.index = vlt_read_be64(&r);
    entry.time = (int64_t)vlt_read_be64(&r);
    vlt_read_bytes(&r, entry.subject, sizeof entry.subject);
    entry.seq = vlt_read_be64(&r);
    vlt_read_bytes(&r, entry.commitment, sizeof entry.commitment);
    if (entry.master) {
        vlt_read_bytes(&r, entry.tree, sizeof entry.tree);
        entry.tree_size = vlt_read_be64(&r);
        vlt_read_bytes(&r, entry.tree_root, sizeof entry.tree_root);
    }
    if (!vlt_reader_done(&r) || version != VERSION || zero != 0 ||
        entry.type == 0 || entry.type > VLT_ENTRY_TYPES) {
        return VLT_E_FORMAT;
    }
    *out = entry;
    return VLT_OK;
}

void
vlt_entry_commit(const uint8_t salt[VLT_ENTRY_SALT], struct vlt_slice detail,
                 uint8_t out[32])
{
    static const char label[] = "vd1 audit detail"; /* with its zero */
    struct vlt_slice parts[] = { vlt_slice_of(label, sizeof label), detail };

    vlt_hmac(vlt_slice_of(salt, VLT_ENTRY_SALT), parts, 2, out);
}

bool
vlt_entry_opens(const struct vlt_entry *entry, struct vlt_slice salt,
                struct vlt_slice detail)
{
    uint8_t commitment[VLT_HASH_LEN];

    if (salt.len != VLT_ENTRY_SALT) {
        return false;
    }
    vlt_entry_commit(salt.at, detail, commitment);
    return vlt_equal(commitment, entry->commitment, sizeof commitment);
}

const char *
vlt_entry_word(int type)
{
    return type >= 1 && type <= VLT_ENTRY_TYPES ? words[type - 1] : NULL;
}

int
vlt_entry_type(struct vlt_slice word)
{
    for (int i = 0; i < VLT_ENTRY_TYPES; i++) {
        if (vlt_slice_is(word, words[i])) {
            return i + 1;
        }
    }
    return 0;
}
