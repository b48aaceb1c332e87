#include "session.h"

#include <string.h>

#include "crypto/random.h"
#include "net_internal.h"
#include "seeds.h"
#include "socket.h"
#include "wire/limits.h"

/* What a session is told that it may send. */
static const struct vlt_session_limits told_limits = {
    .text = VLT_LIMIT_TEXT,
    .binary = VLT_LIMIT_BINARY,
    .calls = VLT_LIMIT_CALLS,
};

static const struct {
    enum vlt_role said;
    enum role role;
} roles[] = {
    { VLT_ROLE_FIRM, ROLE_FIRM },
    { VLT_ROLE_SOURCE, ROLE_SOURCE },
    { VLT_ROLE_OWNER, ROLE_OWNER },
};

enum vlt_status
session_begin(struct conn *conn)
{
    const struct vlt_signer *signer = service_signer(conn->net->service);
    struct vlt_channel channel = { .vault_dialled = conn->dial != NULL };
    enum vlt_status st;

    if (signer == NULL) {
        return VLT_E_LOCKED;
    }
    st = link_ekm(conn->link, channel.ekm);
    if (st != VLT_OK) {
        return st;
    }
    vlt_handshake_server_init(&conn->handshake, &channel, signer);
    vlt_wipe(&channel, sizeof channel);
    conn->state = SESSION_NEW;
    conn_deadline(conn, conn->net->times.step_ns);
    return VLT_OK;
}

/* READY, whoever it is. */
static void
open_session(struct conn *conn)
{
    conn->state = SESSION_READY;
    conn->opened = true;
    conn->told = false;
    conn_known(conn);
    socket_ready(conn);
    service_opened(conn->net->service, &conn->who);
}

void
session_begin_owner(struct conn *conn)
{
    conn->who = (struct principal){ .role = ROLE_OWNER,
                                    .way = WAY_SOCKET,
                                    .session = conn->id };
    open_session(conn);
}

void
session_step(struct conn *conn, enum session_event event,
             const struct session_input *input)
{
    const struct session_row *row = session_row_of(conn->state, event);

    if (row == NULL) {
        if (conn->state != SESSION_CLOSING) {
            socket_close(conn, VLT_CLOSE_POLICY, "out of turn", false);
        }
        return;
    }
    enum session_state before = conn->state;
    enum vlt_status st = row->handler(conn, input);

    /* A handler may have closed the session, or the service within it. */
    if (st == VLT_OK && conn->state == before) {
        conn->state = row->next;
    }
}

/* Send a message of the handshake. */
static void
send_bytes(struct conn *conn, const uint8_t *bytes, size_t len, bool at_tick)
{
    struct vlt_buf frame = { 0 };

    vlt_buf_put(&frame, bytes, len);
    if (vlt_buf_failed(&frame)) {
        conn_end(conn, false);
        return;
    }
    socket_send(conn, WS_OP_BINARY, &frame, NULL, at_tick);
}

/* The one refusal: the same bytes for everybody, and at the same moment, when a
 * whole number of steps has passed since AUTH.  What leads to it takes less
 * than one step, whatever it is; so the time does not tell who is enrolled, or
 * which invitation is open.  leak: see seeds.h. */
static void
refuse(struct conn *conn, int64_t leak)
{
    int64_t waited = net_now(conn->net) - conn->socket.auth_ns;
    int64_t step = conn->net->times.refused_ns;

    conn->net->strangers_refused++;
    conn->state = SESSION_REFUSED;
    conn_deadline(conn, step - waited % step + leak);
}

void
session_refuse(struct conn *conn)
{
    uint8_t m4[VLT_READY_LEN];

    vlt_handshake_server_refuse(&conn->handshake, m4);
    send_bytes(conn, m4, sizeof m4, false);
    socket_close(conn, VLT_CLOSE_POLICY, NULL, true);
}

/* The signer that the machine borrowed is the vault's until it is locked. */
static bool
locked_since(const struct conn *conn)
{
    return service_signer(conn->net->service) != conn->handshake.signer;
}

static enum vlt_status
end_quietly(struct conn *conn, enum vlt_status why)
{
    conn->net->strangers_refused++;
    conn_end(conn, false);
    return why;
}

enum vlt_status
on_hello(struct conn *conn, const struct session_input *input)
{
    uint8_t nonce[VLT_HELLO_NONCE];
    uint8_t m2[VLT_CHALLENGE_LEN];
    enum vlt_status st;

    if (locked_since(conn)) {
        return end_quietly(conn, VLT_E_LOCKED);
    }
    vlt_random(nonce, sizeof nonce);
    st = vlt_handshake_server_hello(&conn->handshake, input->payload, nonce,
                                    &told_limits, m2);
    if (st == VLT_E_FORMAT) {
        conn->net->strangers_refused++;
        socket_close(conn, VLT_CLOSE_POLICY, "no HELLO", false);
        return st;
    }
    if (st != VLT_OK) {
        return end_quietly(conn, st);
    }
    /* The deadline of session_begin() stands: it is for all messages. */
    send_bytes(conn, m2, sizeof m2, false);
    return VLT_OK;
}

static enum role
role_of(enum vlt_role said)
{
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (roles[i].said == said) {
            return roles[i].role;
        }
    }
    return ROLE_SOURCE; /* never: the decoder knows these three */
}

enum vlt_status
on_auth(struct conn *conn, const struct session_input *input)
{
    struct net *net = conn->net;
    int64_t now = net_now(net);
    int64_t now_ms = now / 1000000;
    struct vlt_peer peer;
    enum vlt_status st;

    conn->socket.auth_ns = now;
    if (locked_since(conn) ||
        !verify_allowed(net->verify, &conn->peer.address, now_ms)) {
        return end_quietly(conn, VLT_E_QUOTA);
    }
    st = vlt_handshake_server_auth(&conn->handshake, input->payload, &peer);
    if (st == VLT_E_AUTH) {
        verify_wrong(net->verify, &conn->peer.address, now_ms);
        refuse(conn, 0);
        return st;
    }
    if (st != VLT_OK) {
        net->strangers_refused++;
        socket_close(conn, VLT_CLOSE_POLICY, "no AUTH", false);
        return st;
    }
    struct service_claim claim = { .role = role_of(peer.role),
                                   .enrolment = (uint8_t)peer.enrol,
                                   .enrol_data = peer.data,
                                   .address = conn->peer.text };

    memcpy(claim.key, peer.pk, sizeof claim.key);
    memcpy(claim.transcript, peer.binding, sizeof claim.transcript);
    /* The service takes as long as it takes: no deadline. */
    conn_deadline(conn, INT64_MAX);
    conn->state = SESSION_ADMITTING; /* the answer may come within */
    service_admit(net->service, conn->id, &claim);
    return VLT_OK;
}

enum vlt_status
on_admitted(struct conn *conn, const struct session_input *input)
{
    const struct service_admission *admission = input->admission;
    struct vlt_head head = { .size = admission->tree_size,
                             .time = admission->tree_time };
    uint8_t m4[VLT_READY_LEN];
    enum vlt_status st;

    if (locked_since(conn) || admission->status == VLT_READY_REFUSED) {
        refuse(conn, seed_reason_leaks());
        return VLT_E_AUTH;
    }
    memcpy(head.root, admission->tree_root, sizeof head.root);
    st = vlt_handshake_server_ready(
        &conn->handshake, (enum vlt_ready_status)admission->status,
        clock_wall(conn->net->config.clock), &head, m4);
    if (st != VLT_OK) {
        refuse(conn, 0);
        return st;
    }
    send_bytes(conn, m4, sizeof m4, false);
    if (admission->status == VLT_READY_WAITING) {
        socket_close(conn, VLT_CLOSE_NORMAL, NULL, true);
        return VLT_E_AUTH;
    }
    verify_good(conn->net->verify, &conn->peer.address,
                net_now(conn->net) / 1000000);
    conn->who = admission->who;
    conn->who.session = conn->id;
    memcpy(conn->who.handshake, conn->handshake.transcript,
           sizeof conn->who.handshake);
    open_session(conn);
    return VLT_OK;
}

enum vlt_status
on_text(struct conn *conn, const struct session_input *input)
{
    service_text(conn->net->service, conn->id, input->payload);
    return VLT_OK;
}

enum vlt_status
on_block(struct conn *conn, const struct session_input *input)
{
    struct vlt_frame frame;
    enum vlt_status st = vlt_frame_decode(input->payload, &frame);

    if (st != VLT_OK) {
        socket_close(conn,
                     st == VLT_E_LIMIT ? VLT_CLOSE_TOO_BIG : VLT_CLOSE_POLICY,
                     "block frame", false);
        return st;
    }
    service_block(conn->net->service, conn->id, &frame);
    return VLT_OK;
}
