#include "keys/header.h"

#include <string.h>

#include "base/reader.h"
#include "base/writer.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"

enum {
    MAGIC_LEN = 8,
    OLDEST = 1,
    MACED = 4032, /* bytes under the MAC */
    UNUSED_SLOTS = 2144,
    UNUSED_END = 32,
};

/* What a header of each kind begins with, and what its MAC's key is of. */
static const struct form {
    const char *magic; /* MAGIC_LEN bytes */
    const char *mac;
} forms[] = {
    [HEADER_OF_VAULT] = { "vaultd1", "vd1-head" }, /* with its zero */
    [HEADER_OF_BACKUP] = { "vaultbk1", "vd1-bkhd" },
};

static bool
begins_as(struct vlt_slice bytes, enum header_of of)
{
    return bytes.len >= MAGIC_LEN &&
           memcmp(bytes.at, forms[of].magic, MAGIC_LEN) == 0;
}

static void
write_vault(const struct header *header, struct vlt_writer *w)
{
    vlt_write_bytes(w, forms[header->of].magic, MAGIC_LEN);
    vlt_write_u32(w, HEADER_FORMAT);
    vlt_write_u32(w, OLDEST);
    vlt_write_bytes(w, header->vault_id, sizeof header->vault_id);
}

void
header_vault(const struct header *header, uint8_t out[SLOT_VAULT])
{
    struct vlt_writer w = vlt_writer_over(out, SLOT_VAULT);

    write_vault(header, &w);
}

static enum vlt_status
mac_of(struct vlt_slice maced, const struct vlt_secret *root_key,
       uint8_t out[VLT_HASH_LEN])
{
    enum header_of of =
        begins_as(maced, HEADER_OF_BACKUP) ? HEADER_OF_BACKUP : HEADER_OF_VAULT;
    struct vlt_secret *key = NULL;
    enum vlt_status st = vlt_kdf(vlt_key_of(root_key), forms[of].mac, &key);

    if (st == VLT_OK) {
        vlt_hash_keyed(vlt_key_of(key), &maced, 1, out);
    }
    vlt_secret_free(key);
    return st;
}

enum vlt_status
header_encode(const struct header *header, const struct vlt_secret *root_key,
              uint8_t out[HEADER_LEN])
{
    uint8_t mac[VLT_HASH_LEN];
    struct vlt_writer w = vlt_writer_over(out, HEADER_LEN);

    write_vault(header, &w);
    vlt_write_bytes(&w, header->instance_id, sizeof header->instance_id);
    vlt_write_bytes(&w, header->inbox_pk, sizeof header->inbox_pk);
    vlt_write_bytes(&w, header->stream, sizeof header->stream);
    vlt_write_bytes(&w, header->slot, sizeof header->slot);
    vlt_write_zeros(&w, UNUSED_SLOTS);
    enum vlt_status st = mac_of(vlt_writer_slice(&w), root_key, mac);

    if (st != VLT_OK) {
        return st;
    }
    vlt_write_bytes(&w, mac, sizeof mac);
    vlt_write_zeros(&w, UNUSED_END);
    return VLT_OK;
}

/* Slots stand at their own numbers. */
static enum vlt_status
check_slots(const struct header *header)
{
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        struct slot_about about;
        enum vlt_status st =
            slot_read(vlt_slice_of(header->slot[i], SLOT_LEN), &about);

        if (st != VLT_OK) {
            return st;
        }
        if (about.type != SLOT_EMPTY && about.number != i) {
            return VLT_E_FORMAT;
        }
    }
    return VLT_OK;
}

bool
header_newer(struct vlt_slice bytes)
{
    struct vlt_reader r = vlt_reader_over(bytes);

    vlt_read_slice(&r, MAGIC_LEN);
    return (begins_as(bytes, HEADER_OF_VAULT) ||
            begins_as(bytes, HEADER_OF_BACKUP)) &&
           vlt_read_u32(&r) > HEADER_FORMAT;
}

/* Of a vault these bytes are zero. */
static bool
check_stream(const struct header *header)
{
    static const uint8_t none[HEADER_STREAM];

    return header->of == HEADER_OF_BACKUP ||
           memcmp(header->stream, none, sizeof none) == 0;
}

static enum vlt_status
decode(struct vlt_slice bytes, enum header_of of, struct header *out)
{
    struct vlt_reader r = vlt_reader_over(bytes);
    struct header h = { .of = of };

    if (!begins_as(bytes, of)) {
        return VLT_E_FORMAT;
    }
    if (header_newer(bytes)) {
        return VLT_E_LIMIT;
    }
    vlt_read_slice(&r, MAGIC_LEN);
    uint32_t format = vlt_read_u32(&r);
    uint32_t oldest = vlt_read_u32(&r);

    vlt_read_bytes(&r, h.vault_id, sizeof h.vault_id);
    vlt_read_bytes(&r, h.instance_id, sizeof h.instance_id);
    vlt_read_bytes(&r, h.inbox_pk, sizeof h.inbox_pk);
    vlt_read_bytes(&r, h.stream, sizeof h.stream);
    vlt_read_bytes(&r, h.slot, sizeof h.slot);
    vlt_read_zeros(&r, UNUSED_SLOTS);
    vlt_read_slice(&r, VLT_HASH_LEN);
    vlt_read_zeros(&r, UNUSED_END);

    if (!vlt_reader_done(&r) || format != HEADER_FORMAT || oldest != OLDEST ||
        !check_stream(&h)) {
        return VLT_E_FORMAT;
    }
    enum vlt_status st = check_slots(&h);

    if (st == VLT_OK) {
        *out = h;
    }
    return st;
}

enum vlt_status
header_decode(struct vlt_slice bytes, struct header *out)
{
    return decode(bytes, HEADER_OF_VAULT, out);
}

enum vlt_status
header_decode_backup(struct vlt_slice bytes, struct header *out)
{
    return decode(bytes, HEADER_OF_BACKUP, out);
}

enum vlt_status
header_check(struct vlt_slice bytes, const struct vlt_secret *root_key)
{
    uint8_t mac[VLT_HASH_LEN];

    if (bytes.len != HEADER_LEN) {
        return VLT_E_AUTH;
    }
    enum vlt_status st = mac_of(vlt_slice_of(bytes.at, MACED), root_key, mac);

    if (st != VLT_OK) {
        return st;
    }
    return vlt_equal(mac, bytes.at + MACED, sizeof mac) ? VLT_OK : VLT_E_AUTH;
}
