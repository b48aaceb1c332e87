#include "conn.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net_internal.h"
#include "socket.h"
#include "wiped.h"
#include "wire/limits.h"

/* One that is known by its id; NULL: fd is closed. */
static struct conn *
make(struct net *net, enum place place, int fd, const struct conn_peer *peer)
{
    struct conn *conn = calloc(1, sizeof *conn);

    if (conn == NULL || net_register(net, conn) != VLT_OK) {
        free(conn);
        close(fd);
        return NULL;
    }
    conn->net = net;
    conn->place = place;
    conn->peer = *peer;
    conn->phase = place == PLACE_TLS ? PHASE_TLS : PHASE_HEAD;
    conn->told = true; /* nothing to tell before service_opened() */
    return conn;
}

/* It has its link; NULL: it is freed. */
static struct conn *
linked(struct conn *conn, struct link *link)
{
    struct net *net = conn->net;

    conn->link = link;
    if (link == NULL) {
        net_forget(net, conn);
        free(conn);
        return NULL;
    }
    net->conns++;
    conn_deadline(conn, net->times.step_ns);
    return conn;
}

struct conn *
conn_new(struct net *net, enum place place, int fd,
         const struct conn_peer *peer)
{
    struct conn *conn = make(net, place, fd, peer);

    return conn != NULL
               ? linked(conn, link_new(net->loop, fd, place == PLACE_TLS, conn))
               : NULL;
}

struct conn *
conn_dial(struct net *net, int fd, const char *host,
          const struct conn_peer *peer, struct dial *dial)
{
    struct conn *conn = make(net, PLACE_TLS, fd, peer);

    if (conn == NULL) {
        return NULL;
    }
    conn->dial = dial;
    return linked(conn, link_dial(net->loop, fd, host, conn));
}

void
conn_free(struct conn *conn)
{
    wiped_free(&conn->head);
    wiped_free(&conn->body);
    vlt_buf_free(&conn->raw);
    ws_reader_fini(&conn->socket.reader);
    outbox_fini(&conn->socket.out);
    net_forget(conn->net, conn);
    free(conn);
}

void
conn_end(struct conn *conn, bool reset)
{
    conn->ended = true;
    if (conn->link != NULL) {
        link_end(conn->link, reset);
    }
}

void
conn_finish(struct conn *conn)
{
    if (conn->phase == PHASE_LINGER || conn->link == NULL) {
        return;
    }
    conn->phase = PHASE_LINGER;
    link_finish(conn->link);
    conn_hold(conn, HOLD_WRITING, false);
    conn_hold(conn, HOLD_BACKLOG, false);
    conn_deadline(conn, conn->net->times.linger_ns);
}

void
conn_deadline(struct conn *conn, int64_t ns)
{
    if (conn->link == NULL) {
        return;
    }
    if (ns == INT64_MAX) {
        conn->deadline_ns = INT64_MAX;
        link_timer(conn->link, 0);
        return;
    }
    conn->deadline_ns = net_now(conn->net) + ns;
    link_timer(conn->link, ns / 1000 + 1);
}

void
conn_hold(struct conn *conn, enum hold why, bool on)
{
    unsigned held = on ? conn->held | why : conn->held & ~(unsigned)why;

    if ((held != 0) != (conn->held != 0) && conn->link != NULL) {
        link_read(conn->link, held == 0);
    }
    conn->held = held;
}

bool
conn_write_raw(struct conn *conn)
{
    size_t left = conn->raw.len - conn->raw_at;
    size_t len = left < LOOP_TURN ? left : LOOP_TURN;

    if (len > 0 && !link_write(conn->link, conn->raw.at + conn->raw_at, len)) {
        conn_end(conn, false);
        return false;
    }
    conn->raw_at += len;
    bool held = link_held(conn->link);

    conn_hold(conn, HOLD_WRITING, held);
    if (conn->raw_at < conn->raw.len) {
        link_want(conn->link);
        return false;
    }
    if (held) {
        return false;
    }
    vlt_buf_free(&conn->raw);
    conn->raw_at = 0;
    return true;
}

/* Room for a message or body counts, whether it is filled yet or not. */
static size_t
weight(const struct conn *conn)
{
    const struct socket *socket = &conn->socket;
    size_t body = conn->body.cap;

    if (conn->phase == PHASE_BODY && conn->request.length > body) {
        body = (size_t)conn->request.length;
    }
    return conn->head.cap + body + (conn->raw.len - conn->raw_at) +
           socket->reader.message.cap + socket->out.bytes;
}

void
conn_weigh(struct conn *conn)
{
    struct net *net = conn->net;
    size_t weighs = conn->link != NULL ? weight(conn) : 0;
    size_t body = conn->phase == PHASE_BODY ? weighs : 0;

    net->held += weighs - conn->weighs;
    net->bodies += body - conn->body_weighs;
    conn->weighs = weighs;
    conn->body_weighs = body;
}

bool
conn_too_heavy(const struct conn *conn)
{
    const struct net *net = conn->net;
    /* Bodies are announced by anybody; half of it is for who has proved
     * himself. */
    bool much = conn->phase == PHASE_BODY
                    ? net->bodies > net->config.max_memory / 2
                    : net->held > net->config.max_memory;

    return much && conn->weighs > VLT_LIMIT_BEFORE_READY &&
           conn->place != PLACE_OWNER;
}

void
conn_known(struct conn *conn)
{
    gate_known(conn->net->gate, conn->peer.kind, &conn->peer.address);
    conn->peer.kind = GATE_KNOWN;
}

bool
conn_half_open(const struct conn *conn)
{
    /* One that we dialled stays as long as it may take. */
    if (conn->ended || conn->link == NULL || conn->dial != NULL) {
        return false;
    }
    switch (conn->phase) {
    case PHASE_TLS:
    case PHASE_HEAD:
    case PHASE_BODY:
    case PHASE_LINGER:
        return true;
    case PHASE_SOCKET:
        return conn->state != SESSION_ADMITTING && conn->state != SESSION_READY;
    case PHASE_ASKED:
    case PHASE_REPLY:
    case PHASE_ANSWER:
    case PHASE_DEAD:
        break;
    }
    return false;
}

/* ---- events of the link ---- */

static void
discard(struct conn *conn, struct vlt_slice *bytes)
{
    (void)conn;
    bytes->len = 0;
}

static void
receive_first(struct conn *conn, struct vlt_slice *bytes)
{
    /* Whom we dial has nothing to say before we have: it asks nothing. */
    if (conn->dial != NULL) {
        bytes->len = 0;
        conn_end(conn, false);
        return;
    }
    conn->phase = PHASE_HEAD;
    conn_deadline(conn, conn->net->times.step_ns);
}

/* What it has sent is more than there is room for: give the room back at once,
 * or others would be turned away for one that is gone. */
static void
shed(struct conn *conn)
{
    if (conn->phase == PHASE_SOCKET) {
        socket_shed(conn);
        ws_reader_fini(&conn->socket.reader); /* nothing more is heard */
    } else if (conn->phase == PHASE_BODY) {
        http_shed(conn);
    }
    conn_weigh(conn);
}

typedef void receiver(struct conn *conn, struct vlt_slice *bytes);

/* One request a connection: what follows it is not looked at. */
static receiver *const receivers[] = {
    [PHASE_TLS] = receive_first,      [PHASE_HEAD] = http_receive_head,
    [PHASE_BODY] = http_receive_body, [PHASE_ASKED] = discard,
    [PHASE_REPLY] = discard,          [PHASE_SOCKET] = socket_receive,
    [PHASE_LINGER] = discard,         [PHASE_DEAD] = discard,
    [PHASE_ANSWER] = dial_receive,
};

static void
on_received(void *owner, struct vlt_slice bytes)
{
    struct conn *conn = owner;

    while (bytes.len > 0 && !conn->ended) {
        receivers[conn->phase](conn, &bytes);
    }
    conn_weigh(conn);
    if (conn_too_heavy(conn)) {
        shed(conn);
    }
}

static void
on_writable(void *owner)
{
    struct conn *conn = owner;

    if (conn->phase == PHASE_SOCKET) {
        socket_writable(conn);
    } else if (conn->phase == PHASE_TLS && conn->dial != NULL) {
        dial_secure(conn);
    } else {
        http_writable(conn);
    }
    conn_weigh(conn);
}

/* The TLS handshake is over, but nothing was sent yet: one step more. */
static void
tls_late(struct conn *conn)
{
    if (link_secure(conn->link)) {
        conn->phase = PHASE_HEAD;
        conn_deadline(conn, conn->net->times.step_ns);
    } else {
        conn_end(conn, false);
    }
}

static void
on_timer(void *owner)
{
    struct conn *conn = owner;
    int64_t left = conn->deadline_ns - net_now(conn->net);

    /* Sleep of the machine, a clock of tests: the timer is not the clock. */
    if (left > 0) {
        link_timer(conn->link, left / 1000 + 1);
    } else if (conn->phase == PHASE_SOCKET) {
        socket_timer(conn);
    } else if (conn->phase == PHASE_TLS && conn->dial == NULL) {
        tls_late(conn);
    } else {
        conn_end(conn, false);
    }
}

static void
on_lost(void *owner)
{
    struct conn *conn = owner;

    conn->link = NULL;
    conn->phase = PHASE_DEAD;
    conn->net->conns--;
    gate_leave(conn->net->gate, conn->peer.kind, &conn->peer.address);
    conn->peer.kind = GATE_KNOWN;
    outbox_fini(&conn->socket.out);
    conn_weigh(conn);
    net_to_bury(conn->net, conn);
    if (conn->dial != NULL && !conn->net->stopping) {
        dial_lost(conn->dial, conn->opened);
    }
}

const struct link_events conn_events = {
    .received = on_received,
    .writable = on_writable,
    .timer = on_timer,
    .lost = on_lost,
};
