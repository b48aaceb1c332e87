#include <stdio.h>
#include <string.h>

#include "client/client_internal.h"
#include "client/listener.h"
#include "crypto/random.h"
#include "wire/enrol.h"

/* ---- dialling, TLS, upgrade ---- */

static enum vault_status
ask_upgrade(struct vault_client *client)
{
    uint8_t nonce[VLT_UPGRADE_NONCE];
    char host[CLIENT_HOST_TEXT];
    const struct vlt_address *at = &client->target.address;
    bool six = false;

    for (const char *c = at->host; *c != '\0'; c++) {
        six = six || *c == ':';
    }
    if (client->target.path[0] != '\0') {
        snprintf(host, sizeof host, "localhost");
    } else {
        snprintf(host, sizeof host, six ? "[%s]:%u" : "%s:%u", at->host,
                 at->port);
    }
    vlt_random(nonce, sizeof nonce);
    if (vlt_upgrade_accept(nonce, client->accept) != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    }
    vlt_upgrade_put("/", host, nonce, &client->stage);
    client->phase = PHASE_UPGRADE;
    return vlt_client_flush(client);
}

static enum vault_status
on_dial(struct vault_client *client, bool *moved)
{
    enum vlt_status st = vlt_dial_step(&client->dial, &client->fd);

    if (st == VLT_E_BUSY) {
        return VAULT_OK;
    }
    if (st != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_CONNECT, "%s",
                                client->dial.says);
    }
    *moved = true;
    client->heard_ms = vlt_client_now_ms();
    if (client->target.path[0] != '\0') {
        return ask_upgrade(client);
    }
    client->phase = PHASE_TLS;
    return vlt_tls_new(client->target.address.host, &client->tls) == VLT_OK
               ? VAULT_OK
               : vlt_client_fault(client, VAULT_E_NOMEM, "TLS cannot begin");
}

static enum vault_status
on_tls(struct vault_client *client, bool *moved)
{
    struct vlt_channel channel = { .vault_dialled = false };
    enum vlt_status st = vlt_tls_handshake(client->tls);

    if (st == VLT_E_BUSY) {
        return vlt_client_flush(client);
    }
    if (st == VLT_OK) {
        st = vlt_tls_exporter(client->tls, channel.ekm);
    }
    if (st != VLT_OK) {
        (void)vlt_client_flush(client); /* the alert */
        return vlt_client_fault(client, VAULT_E_PROTOCOL,
                                "TLS 1.3 could not be agreed");
    }
    vlt_handshake_client_init(&client->handshake, &channel,
                              client->target.address.vault,
                              client->target.identity->signer);
    *moved = true;
    return ask_upgrade(client);
}

static enum vault_status
greet(struct vault_client *client)
{
    uint8_t nonce[VLT_HELLO_NONCE];
    uint8_t hello[VLT_HELLO_MAX];
    size_t len;

    vlt_random(nonce, sizeof nonce);
    if (vlt_handshake_client_hello(&client->handshake, nonce, hello, &len) !=
        VLT_OK) {
        return vlt_client_fault(client, VAULT_E_INTERNAL, "no HELLO");
    }
    client->phase = PHASE_CHALLENGE;
    return vlt_client_send(client, VLT_WS_BINARY, vlt_slice_of(hello, len));
}

static enum vault_status
refused_upgrade(struct vault_client *client, const struct vlt_upgrade *answer)
{
    enum vault_status status = VAULT_E_CONNECT;

    if (answer->status == VLT_UPGRADE_UNAVAILABLE) {
        status = vlt_client_fault(client, VAULT_E_LOCKED,
                                  "the vault is locked: its owner must unlock "
                                  "it");
    } else {
        status = vlt_client_fault(client, VAULT_E_CONNECT,
                                  "the vault answered the upgrade with HTTP %d",
                                  answer->status);
    }
    client->retry_ms = answer->retry_s * 1000;
    return status;
}

static enum vault_status
on_upgrade(struct vault_client *client, bool *moved)
{
    struct vlt_upgrade answer;
    enum vlt_status st = vlt_upgrade_read(vlt_buf_slice(&client->plain),
                                          client->accept, &answer);

    if (st == VLT_E_BUSY) {
        return VAULT_OK;
    }
    if (st != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_PROTOCOL,
                                "what answers there is no vault: its HTTP "
                                "upgrade is wrong");
    }
    if (answer.status != VLT_UPGRADE_SWITCHED) {
        return refused_upgrade(client, &answer);
    }
    bool socket = client->tls == NULL;

    st = vlt_ws_new(socket ? VLT_FRAME_MAX : VLT_LIMIT_BEFORE_READY,
                    &client->ws);
    if (st == VLT_OK) {
        st = vlt_ws_feed(client->ws,
                         vlt_slice_of(client->plain.at + answer.used,
                                      client->plain.len - answer.used),
                         &client->stage);
    }
    if (st != VLT_OK) {
        return vlt_client_status(st);
    }
    vlt_buf_clear(&client->plain);
    *moved = true;
    if (!socket) {
        return greet(client);
    }
    vlt_client_open(client);
    return VAULT_OK;
}

/* ---- a vault that dialled ---- */

enum vault_status
vlt_client_welcome(struct vault_client *client)
{
    struct vlt_guest *guest = client->guest;
    struct vlt_channel channel = { .vault_dialled = true };
    struct vlt_slice rest = vlt_slice_of(guest->plain.at + guest->knock.used,
                                         guest->plain.len - guest->knock.used);
    enum vlt_status st = vlt_upgrade_accept(guest->knock.nonce, client->accept);

    client->guest = NULL;
    vlt_listener_leave(client);
    client->fd = guest->fd;
    client->tls = guest->tls;
    guest->fd = -1;
    guest->tls = NULL;
    client->heard_ms = vlt_client_now_ms();
    client->deadline_ms = client->heard_ms + client->connect_ms;
    if (st == VLT_OK) {
        st = vlt_tls_exporter(client->tls, channel.ekm);
    }
    if (st == VLT_OK) {
        vlt_knock_answer(client->accept, &client->stage);
        st = vlt_ws_new_dialled(VLT_LIMIT_BEFORE_READY, &client->ws);
    }
    if (st == VLT_OK) {
        st = vlt_ws_feed(client->ws, rest, &client->stage);
    }
    vlt_guest_free(guest);
    if (st != VLT_OK) {
        return vlt_client_fault(client, vlt_client_status(st),
                                "the vault that dialled broke the protocol");
    }
    vlt_handshake_client_init(&client->handshake, &channel,
                              client->target.address.vault,
                              client->target.identity->signer);
    return greet(client);
}

/* ---- the handshake ---- */

static enum vault_status
another_vault(struct vault_client *client, const struct vlt_ws_message *m2)
{
    char wanted[VLT_IDENTITY_TEXT];
    char other[VLT_IDENTITY_TEXT];
    uint8_t id[VLT_IDENTITY_LEN];
    size_t key_at = 2; /* the vault's key in M2 */

    vlt_identity_of(VLT_IDENTITY_VAULT, m2->bytes + key_at, id);
    vlt_identity_print(VLT_IDENTITY_VAULT, id, other);
    vlt_identity_print(VLT_IDENTITY_VAULT, client->target.address.vault,
                       wanted);
    if (vlt_equal(id, client->target.address.vault, sizeof id)) {
        return vlt_client_fault(client, VAULT_E_IDENTITY,
                                "the signature of %s does not hold: somebody "
                                "stands between",
                                wanted);
    }
    return vlt_client_fault(client, VAULT_E_IDENTITY,
                            "%s was wanted, but %s answers", wanted, other);
}

/* What shows that the owner meant this key. */
static void
put_enrolment(const struct vault_client *client,
              uint8_t out[VLT_ENROL_TOKEN_LEN])
{
    const struct vault_identity *identity = client->target.identity;
    struct vlt_enrol_token token = {
        .with = identity->role == VLT_ROLE_SOURCE ? VLT_ENROL_WITH_SOURCE
                                                  : VLT_ENROL_WITH_INVITE,
        .token = client->target.invite,
    };

    memcpy(token.id, client->target.invite_id, sizeof token.id);
    vlt_enrol_token_write(&token, client->handshake.transcript,
                          vlt_signer_pk(identity->signer), out);
}

static enum vault_status
on_challenge(struct vault_client *client, const struct vlt_ws_message *m2)
{
    const struct vault_identity *identity = client->target.identity;
    struct vlt_auth auth = { .role = identity->role };
    uint8_t data[VLT_ENROL_TOKEN_LEN];
    uint8_t m3[VLT_AUTH_MAX];
    size_t len;
    enum vlt_status st = vlt_handshake_client_challenge(
        &client->handshake, vlt_slice_of(m2->bytes, m2->len));

    if (st == VLT_E_AUTH) {
        return another_vault(client, m2);
    }
    if (st != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_PROTOCOL,
                                "the vault's CHALLENGE is malformed");
    }
    client->limits = client->handshake.limits;
    if (client->target.invite != NULL) {
        put_enrolment(client, data);
        auth.enrol = VLT_ENROL_TOKEN;
        auth.data = vlt_slice_of(data, sizeof data);
    }
    st = vlt_handshake_client_auth(&client->handshake, &auth, m3, &len);
    if (st != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_INTERNAL, "no AUTH");
    }
    client->phase = PHASE_VERDICT;
    return vlt_client_send(client, VLT_WS_BINARY, vlt_slice_of(m3, len));
}

/* The vault never says why. */
static enum vault_status
refused_source(struct vault_client *client)
{
    return vlt_client_fault(
        client, VAULT_E_AUTH,
        client->target.invite != NULL
            ? "the vault refused: the token is wrong or of another vault, its "
              "source has a key already or comes in another way, or is blocked"
            : "the vault refused this key: it is not that of a source, or the "
              "source is blocked");
}

static enum vault_status
refused(struct vault_client *client)
{
    if (client->target.identity->role == VLT_ROLE_SOURCE) {
        return refused_source(client);
    }
    return vlt_client_fault(
        client, VAULT_E_AUTH,
        client->target.invite != NULL
            ? "the vault refused: the invitation is spent, out of date or "
              "wrong, or this key is known to it already"
        : client->record.has_key
            ? "the vault refused this key, which it knew: it was blocked or "
              "forgotten, or the vault was restored from a backup of before; "
              "where its owner says so, enrol again by a new invitation"
            : "the vault refused this key: it is not known, not confirmed "
              "yet, or blocked");
}

static enum vault_status
on_verdict(struct vault_client *client, const struct vlt_ws_message *m4)
{
    struct vlt_ready ready;
    enum vlt_status st = vlt_handshake_client_ready(
        &client->handshake, vlt_slice_of(m4->bytes, m4->len), &ready);

    if (st == VLT_E_DENIED) {
        return refused(client);
    }
    if (st != VLT_OK) {
        return vlt_client_fault(
            client, st == VLT_E_AUTH ? VAULT_E_AUTH : VAULT_E_PROTOCOL,
            "the vault's READY does not hold");
    }
    vlt_secret_free(client->target.invite);
    client->target.invite = NULL;
    vlt_ws_limit(client->ws, VLT_FRAME_MAX);
    if (ready.status == VLT_READY_WAITING) {
        client->waiting = true;
        vlt_client_drop(client);
        return VAULT_OK;
    }
    client->phase = PHASE_SESSION;
    return vlt_client_session(client);
}

/* ---- messages ---- */

/* Why the other end closed, once all its messages were taken. */
static enum vault_status
check_closed(struct vault_client *client)
{
    int code;
    const char *reason;

    if (!vlt_ws_closed(client->ws, &code, &reason) ||
        vlt_ws_waiting(client->ws)) {
        return VAULT_OK;
    }
    (void)vlt_client_flush(client);
    if (client->phase == PHASE_CHALLENGE && code == VLT_CLOSE_POLICY) {
        char wanted[VLT_IDENTITY_TEXT];

        return vlt_client_fault(
            client, VAULT_E_IDENTITY, "the vault at %s:%u is not %s",
            client->target.address.host, client->target.address.port,
            vlt_identity_print(VLT_IDENTITY_VAULT, client->target.address.vault,
                               wanted));
    }
    return vlt_client_fault(
        client,
        code == VLT_CLOSE_POLICY || code == VLT_CLOSE_TOO_BIG ? VAULT_E_PROTOCOL
                                                              : VAULT_E_CONNECT,
        "the vault closed the connection (%d%s%s)", code,
        reason[0] != '\0' ? ": " : "", reason);
}

static enum vault_status
take_message(struct vault_client *client, const struct vlt_ws_message *message)
{
    if (client->phase >= PHASE_SESSION) {
        return vlt_client_message(client, message);
    }
    if (message->kind != VLT_WS_BINARY) {
        return vlt_client_fault(client, VAULT_E_PROTOCOL,
                                "a text came before READY");
    }
    return client->phase == PHASE_CHALLENGE ? on_challenge(client, message)
                                            : on_verdict(client, message);
}

static enum vault_status
on_messages(struct vault_client *client, bool *moved)
{
    enum vlt_status st = VLT_OK;

    if (client->plain.len > 0) {
        st = vlt_ws_feed(client->ws, vlt_buf_slice(&client->plain),
                         &client->stage);
        vlt_buf_clear(&client->plain);
    }
    struct vlt_ws_message *message = vlt_ws_next(client->ws);

    if (message != NULL) {
        enum vault_status status = take_message(client, message);

        vlt_ws_message_free(message);
        *moved = true;
        if (status != VAULT_OK || st == VLT_OK) {
            return status;
        }
    }
    if (st != VLT_OK) {
        (void)vlt_client_flush(client); /* the close frame */
        return vlt_client_fault(client, vlt_client_status(st),
                                "what the vault sent is no WebSocket message "
                                "of its limits");
    }
    return check_closed(client);
}

enum vault_status
vlt_client_phase(struct vault_client *client, bool *moved)
{
    if (client->tls != NULL && client->phase > PHASE_TLS &&
        vlt_tls_read(client->tls, &client->plain) != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_CONNECT, "TLS broke");
    }
    switch (client->phase) {
    case PHASE_IDLE:
    case PHASE_AWAIT:
        return VAULT_OK;
    case PHASE_DIAL:
        return on_dial(client, moved);
    case PHASE_TLS:
        return on_tls(client, moved);
    case PHASE_UPGRADE:
        return on_upgrade(client, moved);
    case PHASE_CHALLENGE:
    case PHASE_VERDICT:
    case PHASE_SESSION:
    case PHASE_OPEN:
        return on_messages(client, moved);
    }
    return VAULT_E_INTERNAL;
}
