#include "wire/enrol.h"

#include <assert.h>
#include <string.h>

#include "base/reader.h"
#include "base/text.h"
#include "base/writer.h"
#include "crypto/hash.h"

/* In the order of the enum. */
static const char *const labels[] = { "vd1 invite use", "vd1 source use" };

void
vlt_invite_id(const struct vlt_secret *token, uint8_t out[VLT_ENROL_ID])
{
    struct vlt_slice parts[] = { vlt_slice_text("vd1 invite id"),
                                 vlt_slice_of(vlt_secret_peek(token),
                                              vlt_secret_len(token)) };
    uint8_t hash[VLT_HASH_LEN];

    vlt_sha256(parts, 2, hash);
    memcpy(out, hash, VLT_ENROL_ID);
}

static void
mac_of(enum vlt_enrol_with with, const struct vlt_secret *token,
       const uint8_t th2[32], const uint8_t pk[VLT_SIGN_PK],
       uint8_t out[VLT_HASH_LEN])
{
    /* The label with its terminating zero, which is the 00 of the MAC. */
    struct vlt_slice parts[] = {
        vlt_slice_of(labels[with], strlen(labels[with]) + 1),
        vlt_slice_of(th2, 32),
        vlt_slice_of(pk, VLT_SIGN_PK),
    };

    vlt_hmac(vlt_slice_of(vlt_secret_peek(token), vlt_secret_len(token)), parts,
             3, out);
}

void
vlt_enrol_token_write(const struct vlt_enrol_token *token,
                      const uint8_t th2[32], const uint8_t pk[VLT_SIGN_PK],
                      uint8_t out[VLT_ENROL_TOKEN_LEN])
{
    memcpy(out, token->id, VLT_ENROL_ID);
    mac_of(token->with, token->token, th2, pk, out + VLT_ENROL_ID);
}

void
vlt_enrol_token_id(const struct vlt_peer *peer, uint8_t out[VLT_ENROL_ID])
{
    assert(peer->enrol == VLT_ENROL_TOKEN);
    memcpy(out, peer->data.at, VLT_ENROL_ID);
}

bool
vlt_enrol_token_holds(enum vlt_enrol_with with, const struct vlt_secret *token,
                      const struct vlt_peer *peer)
{
    uint8_t want[VLT_HASH_LEN];

    assert(peer->enrol == VLT_ENROL_TOKEN);
    mac_of(with, token, peer->binding, peer->pk, want);
    return vlt_equal(want, peer->data.at + VLT_ENROL_ID, sizeof want);
}

enum vlt_status
vlt_enrol_open_read(struct vlt_slice data, struct vlt_enrol_open *out)
{
    struct vlt_reader r = vlt_reader_over(data);
    struct vlt_slice name = vlt_read_slice(&r, vlt_read_u8(&r));
    struct vlt_slice contact = vlt_read_slice(&r, vlt_read_u8(&r));

    if (!vlt_reader_done(&r) || name.len == 0 || name.len > VLT_ENROL_NAME ||
        contact.len > VLT_ENROL_CONTACT || !vlt_text_printable(name) ||
        !vlt_text_printable(contact)) {
        return VLT_E_FORMAT;
    }
    *out = (struct vlt_enrol_open){ .name = name, .contact = contact };
    return VLT_OK;
}

enum vlt_status
vlt_enrol_open_write(const struct vlt_enrol_open *open,
                     uint8_t out[VLT_ENROL_MAX], size_t *len)
{
    if (open->name.len == 0 || open->name.len > VLT_ENROL_NAME ||
        open->contact.len > VLT_ENROL_CONTACT) {
        return VLT_E_LIMIT;
    }
    struct vlt_writer w = vlt_writer_over(out, VLT_ENROL_MAX);

    vlt_write_u8(&w, (uint8_t)open->name.len);
    vlt_write_slice(&w, open->name);
    vlt_write_u8(&w, (uint8_t)open->contact.len);
    vlt_write_slice(&w, open->contact);
    *len = w.len;
    return VLT_OK;
}
