#include "keys/slot.h"

#include <string.h>

#include "base/reader.h"
#include "base/writer.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"

enum {
    SUITE = 1,
    KDF_NONE = 0,
    KDF_ARGON2ID = 1,
    HEAD_LEN = 48, /* of the record: what is bound by AAD */
    SEALED_LEN = SLOT_KEY_LEN + VLT_TAG_LEN,
    AAD_LEN = SLOT_VAULT + HEAD_LEN,
    UNUSED_HEAD = 16,
    UNUSED_TAIL = 72,
};

static const char label_commit[] = "vd1 slot commit";
static const char label_wrap[] = "vd1 slot wrap";

/* A record, cut into its fields; slices are borrowed from it. */
struct fields {
    struct slot_about about;
    uint8_t suite;
    uint8_t kdf;
    uint32_t lanes;
    struct vlt_slice commit;
    struct vlt_slice nonce;
    struct vlt_slice sealed;
};

static bool
all_zero(struct vlt_slice bytes)
{
    uint8_t some = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        some |= bytes.at[i];
    }
    return some == 0;
}

/* Do type, kdf and cost go together? */
static enum vlt_status
check_kdf(const struct slot_about *about, uint8_t kdf, uint32_t lanes)
{
    if (about->type != SLOT_PASSPHRASE) {
        return kdf == KDF_NONE && about->cost.t == 0 &&
                       about->cost.m_kib == 0 && lanes == 0
                   ? VLT_OK
                   : VLT_E_FORMAT;
    }
    if (kdf != KDF_ARGON2ID || lanes != 1) {
        return VLT_E_FORMAT;
    }
    return kek_cost_valid(about->cost) ? VLT_OK : VLT_E_LIMIT;
}

static enum vlt_status
read_fields(struct vlt_slice record, struct fields *out)
{
    struct vlt_reader r = vlt_reader_over(record);
    struct fields f = { 0 };
    uint8_t type = vlt_read_u8(&r);

    f.about.number = vlt_read_u8(&r);
    f.suite = vlt_read_u8(&r);
    f.kdf = vlt_read_u8(&r);
    f.about.cost.t = vlt_read_u32(&r);
    f.about.cost.m_kib = vlt_read_u32(&r);
    f.lanes = vlt_read_u32(&r);
    vlt_read_bytes(&r, f.about.salt, sizeof f.about.salt);
    vlt_read_zeros(&r, UNUSED_HEAD);
    f.commit = vlt_read_slice(&r, VLT_HASH_LEN);
    f.nonce = vlt_read_slice(&r, VLT_NONCE_LEN);
    f.sealed = vlt_read_slice(&r, SEALED_LEN);
    vlt_read_zeros(&r, UNUSED_TAIL);

    if (!vlt_reader_done(&r) || type > SLOT_CREDENTIAL) {
        return VLT_E_FORMAT;
    }
    f.about.type = (enum slot_type)type;
    if (f.about.type == SLOT_EMPTY) {
        *out = f;
        return all_zero(record) ? VLT_OK : VLT_E_FORMAT;
    }
    if (f.suite != SUITE || f.about.number >= SLOT_COUNT) {
        return VLT_E_FORMAT;
    }
    *out = f;
    return check_kdf(&f.about, f.kdf, f.lanes);
}

enum vlt_status
slot_read(struct vlt_slice record, struct slot_about *out)
{
    struct fields f;
    enum vlt_status st = read_fields(record, &f);

    if (st == VLT_OK) {
        *out = f.about;
    }
    return st;
}

/* AAD of a record whose first 48 bytes stand. */
static struct vlt_slice
aad_of(const uint8_t vault[SLOT_VAULT], const uint8_t *head,
       uint8_t buf[AAD_LEN])
{
    struct vlt_writer w = vlt_writer_over(buf, AAD_LEN);

    vlt_write_bytes(&w, vault, SLOT_VAULT);
    vlt_write_bytes(&w, head, HEAD_LEN);
    return vlt_writer_slice(&w);
}

static void
commit_of(const struct vlt_secret *kek, struct vlt_slice aad,
          uint8_t out[VLT_HASH_LEN])
{
    struct vlt_slice parts[] = { vlt_slice_text(label_commit), aad };

    vlt_hash_keyed(vlt_key_of(kek), parts, 2, out);
}

/* Compared before anything is decrypted, so that no ciphertext can be made
 * that opens under several passphrases. */
static bool
commit_holds(const struct fields *f, const struct vlt_secret *kek,
             struct vlt_slice aad)
{
    uint8_t commit[VLT_HASH_LEN];

    commit_of(kek, aad, commit);
    return vlt_equal(commit, f->commit.at, sizeof commit);
}

static void
write_head(const struct slot_about *about, uint8_t *record)
{
    bool slow = about->type == SLOT_PASSPHRASE;
    struct vlt_writer w = vlt_writer_over(record, SLOT_LEN);

    vlt_write_u8(&w, (uint8_t)about->type);
    vlt_write_u8(&w, about->number);
    vlt_write_u8(&w, SUITE);
    vlt_write_u8(&w, slow ? KDF_ARGON2ID : KDF_NONE);
    vlt_write_u32(&w, about->cost.t);
    vlt_write_u32(&w, about->cost.m_kib);
    vlt_write_u32(&w, slow ? 1 : 0);
    vlt_write_bytes(&w, about->salt, sizeof about->salt);
    vlt_write_zeros(&w, SLOT_LEN - w.len);
}

enum vlt_status
slot_seal(const uint8_t vault[SLOT_VAULT], const struct slot_about *about,
          const struct vlt_secret *kek, const struct vlt_secret *root_key,
          uint8_t record[SLOT_LEN])
{
    struct vlt_secret *wrap = NULL;
    uint8_t made[SLOT_LEN];
    uint8_t buf[AAD_LEN];
    struct slot_about again;
    enum vlt_status st;

    write_head(about, made);
    if (about->type == SLOT_EMPTY ||
        slot_read(vlt_slice_of(made, sizeof made), &again) != VLT_OK ||
        vlt_secret_len(kek) != VLT_KEY_LEN ||
        vlt_secret_len(root_key) != SLOT_KEY_LEN) {
        return VLT_E_LIMIT;
    }
    struct vlt_slice aad = aad_of(vault, made, buf);

    st = vlt_derive(vlt_key_of(kek), label_wrap, &wrap);
    if (st != VLT_OK) {
        return st;
    }
    uint8_t *commit = made + HEAD_LEN;
    uint8_t *nonce = commit + VLT_HASH_LEN;

    commit_of(kek, aad, commit);
    vlt_aead_seal(vlt_key_of(wrap), aad,
                  vlt_slice_of(vlt_secret_peek(root_key), SLOT_KEY_LEN), nonce,
                  nonce + VLT_NONCE_LEN);
    memcpy(record, made, sizeof made);
    vlt_secret_free(wrap);
    return VLT_OK;
}

enum vlt_status
slot_open(const uint8_t vault[SLOT_VAULT], struct vlt_slice record,
          const struct vlt_secret *kek, struct vlt_secret **out)
{
    struct vlt_secret *wrap = NULL;
    struct vlt_secret *root = NULL;
    uint8_t buf[AAD_LEN];
    struct fields f;
    enum vlt_status st;

    st = read_fields(record, &f);
    if (st != VLT_OK) {
        return st;
    }
    struct vlt_slice aad = aad_of(vault, record.at, buf);

    if (f.about.type == SLOT_EMPTY || vlt_secret_len(kek) != VLT_KEY_LEN ||
        !commit_holds(&f, kek, aad)) {
        return VLT_E_AUTH;
    }
    st = vlt_derive(vlt_key_of(kek), label_wrap, &wrap);
    if (st != VLT_OK) {
        goto done;
    }
    st = vlt_secret_new(SLOT_KEY_LEN, &root);
    if (st != VLT_OK) {
        goto done;
    }
    st = vlt_aead_open(vlt_key_of(wrap), aad, f.nonce.at, f.sealed,
                       vlt_secret_bytes(root));
    if (st != VLT_OK) {
        goto done;
    }
    *out = root;
    root = NULL; /* the caller's now */

done:
    vlt_secret_free(wrap);
    vlt_secret_free(root);
    return st;
}
