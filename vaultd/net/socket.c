#include "socket.h"

#include <string.h>

#include "http_answer.h"
#include "net_internal.h"
#include "session.h"
#include "wiped.h"
#include "wire/limits.h"

enum {
    CLOSE_NONE = 1005, /* a close frame without a code */
};

/* Until READY only handshake messages come: the largest is AUTH. */
static const struct ws_limits strangers = {
    .text = VLT_AUTH_MAX,
    .binary = VLT_AUTH_MAX,
    .fragments = 1,
    .too_large = VLT_CLOSE_POLICY,
};

static const struct ws_limits known = {
    .text = VLT_LIMIT_TEXT,
    .binary = VLT_LIMIT_BINARY,
    .fragments = VLT_LIMIT_FRAGMENTS,
    .too_large = VLT_CLOSE_TOO_BIG,
};

void
socket_open(struct conn *conn)
{
    http_upgrade_put(&conn->raw, conn->request.field[HTTP_WS_KEY]);
    socket_begin(conn);
}

void
socket_begin(struct conn *conn)
{
    enum vlt_status st = VLT_OK;

    conn->phase = PHASE_SOCKET;
    conn->socket.early = conn->head.len;
    wiped_free(&conn->head);
    ws_reader_init(&conn->socket.reader, &strangers);
    conn->socket.reader.from_server = conn->dial != NULL;
    conn->socket.out.masks = conn->dial != NULL;
    if (vlt_buf_failed(&conn->raw)) {
        conn_end(conn, false);
        return;
    }
    if (conn->place == PLACE_OWNER) {
        session_begin_owner(conn);
    } else {
        st = session_begin(conn);
    }
    if (st != VLT_OK) {
        conn_end(conn, false);
        return;
    }
    link_want(conn->link);
}

/* When keep-alive has to look again, ns from now. */
static int64_t
next_look(const struct conn *conn, int64_t now)
{
    const struct net_times *times = &conn->net->times;
    const struct socket *socket = &conn->socket;
    int64_t quiet = socket->heard_ns > socket->pinged_ns ? socket->heard_ns
                                                         : socket->pinged_ns;
    int64_t at = quiet + times->ping_ns;

    if (socket->heard_ns + times->silence_ns < at) {
        at = socket->heard_ns + times->silence_ns;
    }
    bool waits = socket->out.bytes > 0 || (conn->held & HOLD_WRITING) != 0;

    if (waits && socket->moved_ns + times->stall_ns < at) {
        at = socket->moved_ns + times->stall_ns;
    }
    return at > now ? at - now : 1;
}

void
socket_ready(struct conn *conn)
{
    int64_t now = net_now(conn->net);

    conn->socket.reader.limits = known;
    conn->socket.heard_ns = now;
    conn->socket.pinged_ns = now;
    conn->socket.moved_ns = now;
    conn_deadline(conn, next_look(conn, now));
}

/* ---- reading ---- */

/* The peer's frames make no sense: its close frame would not be understood
 * either, so it is not waited for. */
static void
fail(struct conn *conn, int code, const char *why)
{
    if (conn->state < SESSION_READY) {
        conn->net->strangers_refused++;
    }
    conn->socket.peer_closed = true;
    socket_close(conn, code, why, false);
}

static void
on_close(struct conn *conn, const struct ws_event *event)
{
    conn->socket.peer_closed = true;
    if (conn->socket.close_awaited) {
        conn_finish(conn);
        return;
    }
    socket_close(conn,
                 event->code == CLOSE_NONE ? VLT_CLOSE_NORMAL : event->code,
                 NULL, false);
}

static void
on_message(struct conn *conn, const struct ws_event *event)
{
    struct session_input input = { .payload = event->payload,
                                   .fragments = event->fragments };

    session_step(conn, event->kind == WS_TEXT ? EVENT_TEXT : EVENT_BINARY,
                 &input);
}

static void
on_event(struct conn *conn, const struct ws_event *event)
{
    switch (event->kind) {
    case WS_MORE:
    case WS_PONG:
        break;
    case WS_PING:
        outbox_pong(&conn->socket.out, event->payload);
        link_want(conn->link);
        break;
    case WS_CLOSE:
        on_close(conn, event);
        break;
    case WS_TEXT:
    case WS_BINARY:
        if (conn->state != SESSION_CLOSING) {
            on_message(conn, event);
        }
        break;
    case WS_BROKEN:
        fail(conn, event->code, event->why);
        break;
    }
}

/* Has a stranger sent more than all of a handshake needs? */
static bool
too_much(struct conn *conn, size_t len)
{
    if (conn->state >= SESSION_READY) {
        return false;
    }
    conn->socket.early += len;
    return conn->socket.early > VLT_LIMIT_BEFORE_READY ||
           link_wire_bytes(conn->link) > VLT_LIMIT_BEFORE_READY;
}

void
socket_receive(struct conn *conn, struct vlt_slice *bytes)
{
    struct ws_event event;

    conn->socket.heard_ns = net_now(conn->net);
    if (too_much(conn, bytes->len)) {
        conn->net->strangers_refused++;
        bytes->len = 0;
        conn_end(conn, false);
        return;
    }
    if (conn->socket.peer_closed) {
        bytes->len = 0; /* nothing is heard behind its close frame */
    }
    while (bytes->len > 0 && conn->phase == PHASE_SOCKET && !conn->ended &&
           !conn->socket.peer_closed) {
        ws_read(&conn->socket.reader, bytes, &event);
        on_event(conn, &event);
        ws_reader_forget(&conn->socket.reader);
    }
}

/* ---- writing ---- */

/* Bytes begin to wait: from now on they must move. */
static void
begin_wait(struct conn *conn)
{
    int64_t now = net_now(conn->net);
    int64_t stall = conn->net->times.stall_ns;

    conn->socket.moved_ns = now;
    if (conn->state == SESSION_READY && conn->deadline_ns > now + stall) {
        conn_deadline(conn, stall);
    }
}

void
socket_send(struct conn *conn, enum ws_opcode opcode, struct vlt_buf *frame,
            struct release *leave, bool at_tick)
{
    struct socket *socket = &conn->socket;

    if (conn->phase != PHASE_SOCKET || socket->out.close.wanted) {
        release_free(leave);
        wiped_free(frame);
        return;
    }
    if (socket->out.bytes == 0) {
        begin_wait(conn);
    }
    if (outbox_put(&socket->out, opcode, frame, leave, at_tick) != VLT_OK) {
        conn_end(conn, false);
        return;
    }
    if (at_tick) {
        conn->ticking = true;
        net_want_tick(conn->net);
    }
    if (socket->out.bytes > VLT_LIMIT_OUTBOX) {
        conn_hold(conn, HOLD_BACKLOG, true);
    }
    conn_weigh(conn);
    if (conn_too_heavy(conn)) {
        socket_shed(conn);
    }
    /* With half a frame written, shedding has ended the link at once. */
    if (conn->link != NULL) {
        link_want(conn->link);
    }
}

/* Room again: read on, and tell the service if it had looked for room. */
static void
tell_room(struct conn *conn)
{
    struct socket *socket = &conn->socket;
    bool room = socket->out.bytes <= VLT_LIMIT_OUTBOX / 2;

    if (!room) {
        return;
    }
    conn_hold(conn, HOLD_BACKLOG, false);
    if (socket->asked && conn->state == SESSION_READY &&
        !socket->out.close.wanted) {
        socket->asked = false;
        service_writable(conn->net->service, conn->id);
    }
}

/* Our close frame has left. */
static void
closed(struct conn *conn)
{
    if (conn->socket.peer_closed) {
        conn_finish(conn);
    } else if (!conn->socket.close_awaited) {
        conn->socket.close_awaited = true;
        conn_deadline(conn, conn->net->times.close_ns);
    }
}

/* Fill one turn; frames whose consent moved go back to the guard. */
static enum outbox_next
fill_turn(struct conn *conn, struct vlt_writer *turn)
{
    enum outbox_next next = OUTBOX_AGAIN;

    while (next == OUTBOX_AGAIN) {
        struct outbox_again again;

        next = outbox_fill(&conn->socket.out, turn, &again);
        if (next == OUTBOX_AGAIN) {
            service_again(conn->net->service, conn->id, again.leave,
                          &again.frame, again.binary);
        }
    }
    return next;
}

/* Give one turn to the library.  False: the connection has ended. */
static bool
write_turn(struct conn *conn)
{
    struct outbox *out = &conn->socket.out;
    struct vlt_writer turn =
        vlt_writer_over(loop_turn_buffer(conn->net->loop), OUTBOX_TURN);

    if (fill_turn(conn, &turn) == OUTBOX_ENDED) {
        conn_end(conn, true);
        return false;
    }
    if (turn.len > 0 && !link_write(conn->link, turn.at, turn.len)) {
        conn_end(conn, false);
        return false;
    }
    bool held = link_held(conn->link);

    outbox_wrote(out, held);
    conn_hold(conn, HOLD_WRITING, held);
    if (outbox_ready(out)) {
        link_want(conn->link);
    }
    return true;
}

void
socket_writable(struct conn *conn)
{
    struct outbox *out = &conn->socket.out;

    conn->socket.moved_ns = net_now(conn->net);
    if (link_held(conn->link)) {
        return;
    }
    conn_hold(conn, HOLD_WRITING, false);
    outbox_flushed(out);
    if (conn->raw.len > 0) {
        if (conn_write_raw(conn) && outbox_ready(out)) {
            link_want(conn->link);
        }
        return;
    }
    if (!write_turn(conn)) {
        return;
    }
    tell_room(conn);
    if (out->close.put && !link_held(conn->link)) {
        closed(conn);
    } else if (out->close.wanted) {
        conn_deadline(conn, conn->net->times.stall_ns);
    }
}

void
socket_close(struct conn *conn, int code, const char *why, bool drain)
{
    struct outbox *out = &conn->socket.out;

    if (conn->phase != PHASE_SOCKET) {
        conn_end(conn, false);
        return;
    }
    conn->state = SESSION_CLOSING;
    if (conn->opened && !conn->told) {
        net_to_bury(conn->net, conn);
    }
    if (!drain && outbox_half(out)) {
        conn_end(conn, true);
        return;
    }
    if (!out->close.wanted) {
        conn_deadline(conn, drain ? conn->net->times.stall_ns
                                  : conn->net->times.close_ns);
    }
    outbox_end(out, code, why, drain);
    if (conn->link != NULL) {
        link_want(conn->link);
    }
}

void
socket_shed(struct conn *conn)
{
    conn->socket.peer_closed = true; /* half a message: it is not waited for */
    socket_close(conn, VLT_CLOSE_BUSY, "too much is under way", false);
    outbox_drop(&conn->socket.out);
    conn_weigh(conn);
}

size_t
socket_backlog(struct conn *conn)
{
    if (conn->phase != PHASE_SOCKET || conn->state == SESSION_CLOSING) {
        return SIZE_MAX;
    }
    conn->socket.asked = conn->socket.asked || conn->socket.out.bytes > 0;
    return conn->socket.out.bytes;
}

void
socket_silence(struct conn *conn, const uint8_t *grant, struct silence *found)
{
    struct outbox_silence cut = outbox_silence(&conn->socket.out, grant);

    found->frames += cut.dropped;
    if (cut.half) {
        found->connections++;
        conn->state = SESSION_CLOSING;
        conn_end(conn, true);
    }
}

void
socket_tick(struct conn *conn)
{
    if (conn->ticking && conn->link != NULL) {
        conn->ticking = false;
        outbox_tick(&conn->socket.out);
        link_want(conn->link);
    }
}

/* ---- time ---- */

/* A silent peer is pinged, then closed; so is one that reads nothing.  While
 * we do not read it, its silence is our own doing. */
static void
keep_alive(struct conn *conn)
{
    const struct net_times *times = &conn->net->times;
    struct socket *socket = &conn->socket;
    int64_t now = net_now(conn->net);

    if (conn->held != 0) {
        socket->heard_ns = now;
    }
    if ((socket->out.bytes > 0 || link_held(conn->link)) &&
        now - socket->moved_ns >= times->stall_ns) {
        conn_end(conn, true);
        return;
    }
    if (now - socket->heard_ns >= times->silence_ns) {
        conn_end(conn, false);
        return;
    }
    if (now - socket->heard_ns >= times->ping_ns &&
        now - socket->pinged_ns >= times->ping_ns) {
        socket->pinged_ns = now;
        outbox_ping(&socket->out);
        link_want(conn->link);
    }
    conn_deadline(conn, next_look(conn, now));
}

void
socket_timer(struct conn *conn)
{
    if (conn->state == SESSION_READY) {
        keep_alive(conn);
        return;
    }
    if (conn->state == SESSION_REFUSED) {
        session_refuse(conn);
        return;
    }
    if (conn->state < SESSION_READY) {
        conn->net->strangers_refused++;
    }
    conn_end(conn, false);
}
