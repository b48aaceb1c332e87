#include "wire/handshake_internal.h"

#include <string.h>

#include "base/writer.h"

/* clang-format off */
static const struct vlt_handshake_row rows[] = {
    { VLT_HANDSHAKE_NEW,        VLT_HANDSHAKE_HELLO,     VLT_HANDSHAKE_GREETED    },
    { VLT_HANDSHAKE_GREETED,    VLT_HANDSHAKE_CHALLENGE, VLT_HANDSHAKE_CHALLENGED },
    { VLT_HANDSHAKE_CHALLENGED, VLT_HANDSHAKE_AUTH,      VLT_HANDSHAKE_PROVED     },
    { VLT_HANDSHAKE_PROVED,     VLT_HANDSHAKE_DONE,      VLT_HANDSHAKE_READY      },
};
/* clang-format on */

/* Where event leads from here.  The machine counts as ended until the step
 * has done all its work and sets the state itself. */
static enum vlt_handshake_state
step(struct vlt_handshake_client *client, enum vlt_handshake_event event)
{
    enum vlt_handshake_state next = vlt_handshake_next(
        rows, sizeof rows / sizeof rows[0], client->state, event);

    client->state = VLT_HANDSHAKE_ENDED;
    return next;
}

void
vlt_handshake_client_init(struct vlt_handshake_client *client,
                          const struct vlt_channel *channel,
                          const uint8_t vault[VLT_IDENTITY_LEN],
                          const struct vlt_signer *signer)
{
    *client = (struct vlt_handshake_client){ .state = VLT_HANDSHAKE_NEW,
                                             .signer = signer };
    memcpy(client->wanted, vault, VLT_IDENTITY_LEN);
    vlt_transcript_begin(channel, client->transcript);
}

enum vlt_status
vlt_handshake_client_hello(struct vlt_handshake_client *client,
                           const uint8_t nonce[VLT_HELLO_NONCE],
                           uint8_t out[VLT_HELLO_MAX], size_t *len)
{
    enum vlt_handshake_state next = step(client, VLT_HANDSHAKE_HELLO);

    if (next == VLT_HANDSHAKE_ENDED) {
        return VLT_E_FORMAT;
    }
    struct vlt_writer w = vlt_writer_over(out, VLT_HELLO_MAX);

    vlt_write_u8(&w, 1);
    vlt_write_u8(&w, 1); /* one version */
    vlt_write_u8(&w, VLT_HANDSHAKE_VERSION);
    vlt_write_bytes(&w, client->wanted, VLT_IDENTITY_LEN);
    vlt_write_bytes(&w, nonce, VLT_HELLO_NONCE);
    vlt_transcript_add(client->transcript, vlt_writer_slice(&w));
    *len = w.len;
    client->state = next;
    return VLT_OK;
}

enum vlt_status
vlt_handshake_client_challenge(struct vlt_handshake_client *client,
                               struct vlt_slice m2)
{
    enum vlt_handshake_state next = step(client, VLT_HANDSHAKE_CHALLENGE);
    struct vlt_challenge said;
    uint8_t id[VLT_IDENTITY_LEN];
    uint8_t digest[VLT_TRANSCRIPT_LEN];
    enum vlt_status st;

    if (next == VLT_HANDSHAKE_ENDED) {
        return VLT_E_FORMAT;
    }
    st = vlt_challenge_decode(m2, &said);
    if (st != VLT_OK) {
        return st;
    }
    vlt_identity_of(VLT_IDENTITY_VAULT, said.pk.at, id);
    if (!vlt_equal(id, client->wanted, sizeof id)) {
        return VLT_E_AUTH;
    }
    vlt_transcript_peek(client->transcript, said.head, digest);
    st = vlt_verify(said.pk.at, VLT_SIGN_SERVER_AUTH,
                    vlt_slice_of(digest, sizeof digest), said.signature.at);
    if (st != VLT_OK) {
        return st;
    }
    /* Only one version exists, so our highest common one is that. */
    if (said.version != VLT_HANDSHAKE_VERSION) {
        return VLT_E_FORMAT;
    }
    memcpy(client->vault_pk, said.pk.at, VLT_SIGN_PK);
    client->limits = said.limits;
    vlt_transcript_add(client->transcript, m2);
    client->state = next;
    return VLT_OK;
}

enum vlt_status
vlt_handshake_client_auth(struct vlt_handshake_client *client,
                          const struct vlt_auth *auth,
                          uint8_t out[VLT_AUTH_MAX], size_t *len)
{
    enum vlt_handshake_state next = step(client, VLT_HANDSHAKE_AUTH);
    uint8_t digest[VLT_TRANSCRIPT_LEN];
    enum vlt_status st;

    if (next == VLT_HANDSHAKE_ENDED ||
        !vlt_enrol_fits(auth->enrol, auth->data)) {
        return VLT_E_FORMAT;
    }
    size_t head = vlt_auth_encode(vlt_signer_pk(client->signer), auth, out);

    vlt_transcript_peek(client->transcript, vlt_slice_of(out, head), digest);
    st = vlt_sign(client->signer, VLT_SIGN_CLIENT_AUTH,
                  vlt_slice_of(digest, sizeof digest), out + head);
    if (st != VLT_OK) {
        return st;
    }
    *len = head + VLT_SIGN_LEN;
    vlt_transcript_add(client->transcript, vlt_slice_of(out, *len));
    client->role = auth->role;
    client->state = next;
    return VLT_OK;
}

/* The signature over the head; a source has no tree, so all is zero there. */
static enum vlt_status
check_head(const struct vlt_handshake_client *client, struct vlt_slice m4)
{
    static const uint8_t zero[VLT_HEAD_LEN + VLT_SIGN_LEN];
    uint8_t id[VLT_IDENTITY_LEN];
    uint8_t message[VLT_HEAD_SIGNED];

    if (client->role == VLT_ROLE_SOURCE) {
        return vlt_equal(m4.at + VLT_HEAD_AT, zero, sizeof zero) ? VLT_OK
                                                                 : VLT_E_FORMAT;
    }
    vlt_identity_of(vlt_role_identity(client->role),
                    vlt_signer_pk(client->signer), id);
    vlt_head_message(client->wanted, id, m4.at, message);
    return vlt_verify(client->vault_pk, VLT_SIGN_HEAD,
                      vlt_slice_of(message, sizeof message),
                      m4.at + VLT_HEAD_AT + VLT_HEAD_LEN);
}

enum vlt_status
vlt_handshake_client_ready(struct vlt_handshake_client *client,
                           struct vlt_slice m4, struct vlt_ready *out)
{
    enum vlt_handshake_state next = step(client, VLT_HANDSHAKE_DONE);
    struct vlt_ready ready;
    enum vlt_status st;

    if (next == VLT_HANDSHAKE_ENDED) {
        return VLT_E_FORMAT;
    }
    st = vlt_ready_decode(m4, &ready);
    if (st != VLT_OK) {
        return st;
    }
    if (ready.status == VLT_READY_REFUSED) {
        return VLT_E_DENIED;
    }
    if (!vlt_equal(ready.session, client->transcript, VLT_SESSION_LEN)) {
        return VLT_E_FORMAT;
    }
    st = check_head(client, m4);
    if (st != VLT_OK) {
        return st;
    }
    *out = ready;
    client->state = next;
    return VLT_OK;
}
