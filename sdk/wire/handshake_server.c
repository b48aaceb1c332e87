#include "wire/handshake_internal.h"

#include <string.h>

/* clang-format off */
static const struct vlt_handshake_row rows[] = {
    { VLT_HANDSHAKE_NEW,     VLT_HANDSHAKE_HELLO, VLT_HANDSHAKE_GREETED },
    { VLT_HANDSHAKE_GREETED, VLT_HANDSHAKE_AUTH,  VLT_HANDSHAKE_PROVED  },
    { VLT_HANDSHAKE_PROVED,  VLT_HANDSHAKE_DONE,  VLT_HANDSHAKE_READY   },
};
/* clang-format on */

/* As at the other end: ended until the step has done all its work. */
static enum vlt_handshake_state
step(struct vlt_handshake_server *server, enum vlt_handshake_event event)
{
    enum vlt_handshake_state next = vlt_handshake_next(
        rows, sizeof rows / sizeof rows[0], server->state, event);

    server->state = VLT_HANDSHAKE_ENDED;
    return next;
}

void
vlt_handshake_server_init(struct vlt_handshake_server *server,
                          const struct vlt_channel *channel,
                          const struct vlt_signer *signer)
{
    *server = (struct vlt_handshake_server){ .state = VLT_HANDSHAKE_NEW,
                                             .signer = signer };
    vlt_identity_of(VLT_IDENTITY_VAULT, vlt_signer_pk(signer), server->vault);
    vlt_transcript_begin(channel, server->transcript);
}

static bool
offers(struct vlt_slice versions, uint8_t version)
{
    for (size_t i = 0; i < versions.len; i++) {
        if (versions.at[i] == version) {
            return true;
        }
    }
    return false;
}

enum vlt_status
vlt_handshake_server_hello(struct vlt_handshake_server *server,
                           struct vlt_slice m1,
                           const uint8_t nonce[VLT_HELLO_NONCE],
                           const struct vlt_session_limits *limits,
                           uint8_t out[VLT_CHALLENGE_LEN])
{
    enum vlt_handshake_state next = step(server, VLT_HANDSHAKE_HELLO);
    struct vlt_hello hello;
    uint8_t digest[VLT_TRANSCRIPT_LEN];
    enum vlt_status st;

    if (next == VLT_HANDSHAKE_ENDED) {
        return VLT_E_FORMAT;
    }
    st = vlt_hello_decode(m1, &hello);
    if (st != VLT_OK) {
        return st;
    }
    if (!vlt_equal(hello.vault.at, server->vault, VLT_IDENTITY_LEN) ||
        !offers(hello.versions, VLT_HANDSHAKE_VERSION)) {
        return VLT_E_NOT_FOUND;
    }
    vlt_transcript_add(server->transcript, m1);
    size_t head =
        vlt_challenge_encode(vlt_signer_pk(server->signer), nonce, limits, out);

    vlt_transcript_peek(server->transcript, vlt_slice_of(out, head), digest);
    st = vlt_sign(server->signer, VLT_SIGN_SERVER_AUTH,
                  vlt_slice_of(digest, sizeof digest), out + head);
    if (st != VLT_OK) {
        return st;
    }
    vlt_transcript_add(server->transcript,
                       vlt_slice_of(out, VLT_CHALLENGE_LEN));
    server->state = next;
    return VLT_OK;
}

enum vlt_status
vlt_handshake_server_auth(struct vlt_handshake_server *server,
                          struct vlt_slice m3, struct vlt_peer *out)
{
    enum vlt_handshake_state next = step(server, VLT_HANDSHAKE_AUTH);
    struct vlt_auth_message said;
    uint8_t digest[VLT_TRANSCRIPT_LEN];
    enum vlt_status st;

    if (next == VLT_HANDSHAKE_ENDED) {
        return VLT_E_FORMAT;
    }
    st = vlt_auth_decode(m3, &said);
    if (st != VLT_OK) {
        return st;
    }
    vlt_transcript_peek(server->transcript, said.head, digest);
    st = vlt_verify(said.pk.at, VLT_SIGN_CLIENT_AUTH,
                    vlt_slice_of(digest, sizeof digest), said.signature.at);
    if (st != VLT_OK) {
        return st;
    }
    struct vlt_peer peer = { .role = said.role,
                             .enrol = said.enrol,
                             .data = said.data };

    memcpy(peer.pk, said.pk.at, VLT_SIGN_PK);
    memcpy(peer.binding, server->transcript, sizeof peer.binding);
    vlt_identity_of(vlt_role_identity(said.role), peer.pk, peer.id);
    vlt_transcript_add(server->transcript, m3);
    server->role = said.role;
    memcpy(server->peer, peer.id, VLT_IDENTITY_LEN);
    server->state = next;
    *out = peer;
    return VLT_OK;
}

enum vlt_status
vlt_handshake_server_ready(struct vlt_handshake_server *server,
                           enum vlt_ready_status status, int64_t now_ns,
                           const struct vlt_head *head,
                           uint8_t out[VLT_READY_LEN])
{
    enum vlt_handshake_state next = step(server, VLT_HANDSHAKE_DONE);
    uint8_t message[VLT_HEAD_SIGNED];
    enum vlt_status st;

    if (next == VLT_HANDSHAKE_ENDED || status == VLT_READY_REFUSED) {
        return VLT_E_FORMAT;
    }
    struct vlt_ready ready = { .status = status, .time = now_ns };

    memcpy(ready.session, server->transcript, VLT_SESSION_LEN);
    memset(out, 0, VLT_READY_LEN);
    if (server->role == VLT_ROLE_SOURCE) {
        vlt_ready_encode(&ready, out);
        server->state = next;
        return VLT_OK;
    }
    ready.head = *head;
    size_t signed_at = vlt_ready_encode(&ready, out);

    vlt_head_message(server->vault, server->peer, out, message);
    st = vlt_sign(server->signer, VLT_SIGN_HEAD,
                  vlt_slice_of(message, sizeof message), out + signed_at);
    if (st == VLT_OK) {
        server->state = next;
    }
    return st;
}

void
vlt_handshake_server_refuse(struct vlt_handshake_server *server,
                            uint8_t out[VLT_READY_LEN])
{
    server->state = VLT_HANDSHAKE_ENDED;
    memset(out, 0, VLT_READY_LEN);
    out[0] = 4;
    out[1] = VLT_READY_REFUSED;
}
