#include "store/seal.h"

#include <assert.h>
#include <string.h>

#include "base/writer.h"
#include "crypto/aead.h"

enum {
    SUITE = 1,
    KID_AT = 1,
    NONCE_AT = KID_AT + SEAL_KID,
    CIPHER_AT = NONCE_AT + VLT_NONCE_LEN,
    FINE = 256, /* bytes up to which padding goes by 16 */
    FINE_STEP = 16,
    PIECE_STEP = 64,
    INSIDE = 2022, /* bytes of a value that lies among others in a page */
    PAGE = 4096,
    PAGE_HEAD = 16, /* LMDB's, once for a value in pages of its own */
};

static const uint8_t magic[4] = { 'v', 'd', '1', 1 };

/* The largest power of two that is not above len. */
static size_t
power_below(size_t len)
{
    size_t power = 1;

    while (power <= len / 2) {
        power *= 2;
    }
    return power;
}

static size_t
round_up(size_t len, size_t step)
{
    return (len + step - 1) / step * step;
}

size_t
seal_padded(size_t len)
{
    size_t step = len <= FINE ? FINE_STEP : power_below(len) / 8;

    return round_up(len, step);
}

size_t
seal_padded_piece(size_t len)
{
    size_t record = len + SEAL_MORE;
    size_t fine = round_up(record, PIECE_STEP);

    if (record <= INSIDE) {
        return (fine < INSIDE ? fine : INSIDE) - SEAL_MORE;
    }
    return round_up(record + PAGE_HEAD, PAGE) - PAGE_HEAD - SEAL_MORE;
}

void
seal_aad(const struct seal_place *place, const uint8_t vault_id[VLT_ID_LEN],
         size_t padded, uint8_t out[SEAL_AAD])
{
    struct vlt_writer w = vlt_writer_over(out, SEAL_AAD);

    assert(padded <= UINT32_MAX);
    vlt_write_bytes(&w, magic, sizeof magic);
    vlt_write_u8(&w, (uint8_t)place->type);
    vlt_write_u8(&w, place->meta);
    vlt_write_u16(&w, 0);
    vlt_write_bytes(&w, vault_id, VLT_ID_LEN);
    vlt_write_bytes(&w, place->subject, VLT_ID_LEN);
    vlt_write_i32(&w, place->epoch);
    vlt_write_u32(&w, (uint32_t)padded);
    vlt_write_u64(&w, place->position);
    vlt_write_u64(&w, place->version);
}

void
seal_make(struct seal_with with, const struct seal_place *place,
          struct vlt_slice padded, uint8_t *out)
{
    uint8_t aad[SEAL_AAD];

    seal_aad(place, with.vault_id, padded.len, aad);
    out[0] = SUITE;
    memcpy(out + KID_AT, with.kid, SEAL_KID);
    vlt_aead_seal(with.key, vlt_slice_of(aad, sizeof aad), padded,
                  out + NONCE_AT, out + CIPHER_AT);
}

const uint8_t *
seal_kid(struct vlt_slice sealed)
{
    if (sealed.len < SEAL_MORE || sealed.len > SEAL_PLAIN_MAX + SEAL_MORE ||
        sealed.at[0] != SUITE) {
        return NULL;
    }
    return sealed.at + KID_AT;
}

enum vlt_status
seal_open(struct seal_with with, const struct seal_place *place,
          struct vlt_slice sealed, struct vlt_buf *out)
{
    uint8_t aad[SEAL_AAD];
    size_t before = out->len;

    if (seal_kid(sealed) == NULL) {
        return VLT_E_AUTH;
    }
    size_t padded = sealed.len - SEAL_MORE;
    uint8_t *plain = vlt_buf_extend(out, padded);

    if (plain == NULL) {
        return vlt_buf_status(out);
    }
    seal_aad(place, with.vault_id, padded, aad);
    enum vlt_status st = vlt_aead_open(
        with.key, vlt_slice_of(aad, sizeof aad), sealed.at + NONCE_AT,
        vlt_slice_of(sealed.at + CIPHER_AT, sealed.len - CIPHER_AT), plain);

    if (st != VLT_OK) {
        out->len = before;
    }
    return st;
}
