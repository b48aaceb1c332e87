#include "wire/handshake_internal.h"

#include <string.h>

#include "base/reader.h"
#include "base/writer.h"
#include "crypto/hash.h"
#include "wire/enrol.h"

enum {
    M1 = 1, /* first byte of each message */
    M2 = 2,
    M3 = 3,
    M4 = 4,
    BINDING_EXPORTER = 1,
};

enum vlt_handshake_state
vlt_handshake_next(const struct vlt_handshake_row *rows, size_t count,
                   enum vlt_handshake_state from,
                   enum vlt_handshake_event event)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].from == from && rows[i].event == event) {
            return rows[i].to;
        }
    }
    return VLT_HANDSHAKE_ENDED;
}

enum vlt_identity_kind
vlt_role_identity(enum vlt_role role)
{
    switch (role) {
    case VLT_ROLE_FIRM:
        return VLT_IDENTITY_FIRM;
    case VLT_ROLE_SOURCE:
        return VLT_IDENTITY_SOURCE;
    case VLT_ROLE_OWNER:
        return VLT_IDENTITY_OWNER;
    }
    return VLT_IDENTITY_FIRM;
}

/* ---- the transcript ---- */

void
vlt_transcript_begin(const struct vlt_channel *channel,
                     uint8_t hash[VLT_TRANSCRIPT_LEN])
{
    static const char label[] = "vd1 handshake v1"; /* with its zero */
    uint8_t how[2] = { BINDING_EXPORTER, channel->vault_dialled ? 1 : 0 };
    struct vlt_slice parts[] = {
        vlt_slice_of(label, sizeof label),
        vlt_slice_of(how, sizeof how),
        vlt_slice_of(channel->ekm, VLT_EKM_LEN),
    };

    vlt_sha256(parts, 3, hash);
}

void
vlt_transcript_peek(const uint8_t hash[VLT_TRANSCRIPT_LEN],
                    struct vlt_slice head, uint8_t out[VLT_TRANSCRIPT_LEN])
{
    uint8_t len[4];
    struct vlt_writer w = vlt_writer_over(len, sizeof len);
    struct vlt_slice parts[] = {
        vlt_slice_of(hash, VLT_TRANSCRIPT_LEN),
        vlt_slice_of(len, sizeof len),
        head,
    };

    vlt_write_be32(&w, (uint32_t)head.len); /* a message: under 1 KiB */
    vlt_sha256(parts, 3, out);
}

void
vlt_transcript_add(uint8_t hash[VLT_TRANSCRIPT_LEN], struct vlt_slice message)
{
    uint8_t next[VLT_TRANSCRIPT_LEN];

    vlt_transcript_peek(hash, message, next);
    memcpy(hash, next, sizeof next);
}

void
vlt_head_message(const uint8_t vault[VLT_IDENTITY_LEN],
                 const uint8_t peer[VLT_IDENTITY_LEN],
                 const uint8_t m4[VLT_READY_LEN], uint8_t out[VLT_HEAD_SIGNED])
{
    memcpy(out, vault, VLT_IDENTITY_LEN);
    memcpy(out + VLT_IDENTITY_LEN, peer, VLT_IDENTITY_LEN);
    memcpy(out + 2 * VLT_IDENTITY_LEN, m4 + VLT_HEAD_AT, VLT_HEAD_LEN);
}

/* ---- M1 ---- */

/* Versions from 1 on, each above the one before. */
static bool
ascending(struct vlt_slice versions)
{
    uint8_t last = 0;

    for (size_t i = 0; i < versions.len; i++) {
        if (versions.at[i] <= last) {
            return false;
        }
        last = versions.at[i];
    }
    return true;
}

enum vlt_status
vlt_hello_decode(struct vlt_slice bytes, struct vlt_hello *out)
{
    struct vlt_reader r = vlt_reader_over(bytes);
    uint8_t type = vlt_read_u8(&r);
    uint8_t count = vlt_read_u8(&r);
    struct vlt_slice versions = vlt_read_slice(&r, count);
    struct vlt_slice vault = vlt_read_slice(&r, VLT_IDENTITY_LEN);
    struct vlt_slice nonce = vlt_read_slice(&r, VLT_HELLO_NONCE);

    if (!vlt_reader_done(&r) || type != M1 || count == 0 ||
        count > VLT_HANDSHAKE_VERSIONS || !ascending(versions)) {
        return VLT_E_FORMAT;
    }
    *out = (struct vlt_hello){ .versions = versions,
                               .vault = vault,
                               .nonce = nonce };
    return VLT_OK;
}

/* ---- M2 ---- */

enum vlt_status
vlt_challenge_decode(struct vlt_slice bytes, struct vlt_challenge *out)
{
    struct vlt_reader r = vlt_reader_over(bytes);
    uint8_t type = vlt_read_u8(&r);
    uint8_t version = vlt_read_u8(&r);
    struct vlt_slice pk = vlt_read_slice(&r, VLT_SIGN_PK);
    struct vlt_slice nonce = vlt_read_slice(&r, VLT_HELLO_NONCE);
    struct vlt_session_limits limits;

    limits.text = vlt_read_be32(&r);
    limits.binary = vlt_read_be32(&r);
    limits.calls = vlt_read_be32(&r);
    struct vlt_slice signature = vlt_read_slice(&r, VLT_SIGN_LEN);

    if (!vlt_reader_done(&r) || type != M2 || limits.text == 0 ||
        limits.binary == 0 || limits.calls == 0) {
        return VLT_E_FORMAT;
    }
    *out = (struct vlt_challenge){ .version = version,
                                   .pk = pk,
                                   .nonce = nonce,
                                   .limits = limits,
                                   .head = vlt_slice_of(bytes.at,
                                                        VLT_CHALLENGE_SIGNED),
                                   .signature = signature };
    return VLT_OK;
}

size_t
vlt_challenge_encode(const uint8_t pk[VLT_SIGN_PK],
                     const uint8_t nonce[VLT_HELLO_NONCE],
                     const struct vlt_session_limits *limits,
                     uint8_t out[VLT_CHALLENGE_LEN])
{
    struct vlt_writer w = vlt_writer_over(out, VLT_CHALLENGE_LEN);

    vlt_write_u8(&w, M2);
    vlt_write_u8(&w, VLT_HANDSHAKE_VERSION);
    vlt_write_bytes(&w, pk, VLT_SIGN_PK);
    vlt_write_bytes(&w, nonce, VLT_HELLO_NONCE);
    vlt_write_be32(&w, limits->text);
    vlt_write_be32(&w, limits->binary);
    vlt_write_be32(&w, limits->calls);
    return w.len;
}

/* ---- M3 ---- */

bool
vlt_enrol_fits(enum vlt_enrol_kind kind, struct vlt_slice data)
{
    struct vlt_enrol_open open;

    switch (kind) {
    case VLT_ENROL_NONE:
        return data.len == 0;
    case VLT_ENROL_TOKEN:
        return data.len == VLT_ENROL_TOKEN_LEN;
    case VLT_ENROL_OPEN:
        return data.len <= VLT_ENROL_MAX &&
               vlt_enrol_open_read(data, &open) == VLT_OK;
    }
    return false;
}

enum vlt_status
vlt_auth_decode(struct vlt_slice bytes, struct vlt_auth_message *out)
{
    struct vlt_reader r = vlt_reader_over(bytes);
    uint8_t type = vlt_read_u8(&r);
    uint8_t role = vlt_read_u8(&r);
    struct vlt_slice pk = vlt_read_slice(&r, VLT_SIGN_PK);
    uint8_t enrol = vlt_read_u8(&r);
    struct vlt_slice data = vlt_read_slice(&r, vlt_read_be16(&r));
    uint16_t options = vlt_read_be16(&r);
    struct vlt_slice head = vlt_slice_of(bytes.at, r.at);
    struct vlt_slice signature = vlt_read_slice(&r, VLT_SIGN_LEN);

    if (!vlt_reader_done(&r) || type != M3 || role < VLT_ROLE_FIRM ||
        role > VLT_ROLE_OWNER || enrol > VLT_ENROL_OPEN || options != 0 ||
        !vlt_enrol_fits((enum vlt_enrol_kind)enrol, data)) {
        return VLT_E_FORMAT;
    }
    *out = (struct vlt_auth_message){ .role = (enum vlt_role)role,
                                      .enrol = (enum vlt_enrol_kind)enrol,
                                      .pk = pk,
                                      .data = data,
                                      .head = head,
                                      .signature = signature };
    return VLT_OK;
}

size_t
vlt_auth_encode(const uint8_t pk[VLT_SIGN_PK], const struct vlt_auth *auth,
                uint8_t out[VLT_AUTH_MAX])
{
    struct vlt_writer w = vlt_writer_over(out, VLT_AUTH_MAX);

    vlt_write_u8(&w, M3);
    vlt_write_u8(&w, (uint8_t)auth->role);
    vlt_write_bytes(&w, pk, VLT_SIGN_PK);
    vlt_write_u8(&w, (uint8_t)auth->enrol);
    vlt_write_be16(&w, (uint16_t)auth->data.len); /* fits: at most 512 */
    vlt_write_slice(&w, auth->data);
    vlt_write_be16(&w, 0);
    return w.len;
}

/* ---- M4 ---- */

/* A refusal has no content, so that all are alike. */
static bool
all_zero(struct vlt_slice bytes)
{
    uint8_t any = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        any |= bytes.at[i];
    }
    return any == 0;
}

enum vlt_status
vlt_ready_decode(struct vlt_slice bytes, struct vlt_ready *out)
{
    struct vlt_reader r = vlt_reader_over(bytes);
    struct vlt_ready ready;
    uint8_t type = vlt_read_u8(&r);
    uint8_t status = vlt_read_u8(&r);

    vlt_read_bytes(&r, ready.session, sizeof ready.session);
    ready.time = (int64_t)vlt_read_be64(&r);
    ready.head.size = vlt_read_be64(&r);
    vlt_read_bytes(&r, ready.head.root, sizeof ready.head.root);
    ready.head.time = (int64_t)vlt_read_be64(&r);
    vlt_read_slice(&r, VLT_SIGN_LEN);

    if (!vlt_reader_done(&r) || type != M4 || status > VLT_READY_WAITING) {
        return VLT_E_FORMAT;
    }
    if (status == VLT_READY_REFUSED &&
        !all_zero(vlt_slice_of(bytes.at + 2, bytes.len - 2))) {
        return VLT_E_FORMAT;
    }
    ready.status = (enum vlt_ready_status)status;
    *out = ready;
    return VLT_OK;
}

size_t
vlt_ready_encode(const struct vlt_ready *ready, uint8_t out[VLT_READY_LEN])
{
    struct vlt_writer w = vlt_writer_over(out, VLT_READY_LEN);

    vlt_write_u8(&w, M4);
    vlt_write_u8(&w, (uint8_t)ready->status);
    vlt_write_bytes(&w, ready->session, sizeof ready->session);
    vlt_write_be64(&w, (uint64_t)ready->time);
    vlt_write_be64(&w, ready->head.size);
    vlt_write_bytes(&w, ready->head.root, sizeof ready->head.root);
    vlt_write_be64(&w, (uint64_t)ready->head.time);
    return w.len;
}
