/*
 * conn: one connection, from accept to its end.
 *
 *     TLS ─► HEAD ─┬► BODY ─► ASKED ─► REPLY ─► LINGER ─► DEAD
 *                  └► SOCKET ──────────────────► LINGER ─► DEAD
 *
 * One that the vault dialled (dial.h) goes TLS ─► ANSWER ─► SOCKET.
 *
 * It begins with an HTTP head.  What follows is either a request, whose answer
 * ends the connection, or a WebSocket (socket.h), in which a session runs
 * (session.h).  Each phase has an absolute deadline, however slowly the peer
 * sends.
 *
 * A connection is known to the service by its id, which is never used twice.
 * When it ends, the service is told from net_bury(), never from within a call
 * of the service's own.
 *
 * Threads: the loop.
 */
#ifndef CONN_H
#define CONN_H

#include "dial.h"
#include "gate.h"
#include "http_rules.h"
#include "listen.h"
#include "loop.h"
#include "outbox.h"
#include "service/service.h"
#include "session_table.h"
#include "wire/handshake.h"
#include "wire/upgrade.h"
#include "ws_reader.h"

struct net;

enum phase {
    PHASE_TLS,    /* nothing was read yet */
    PHASE_HEAD,   /* an HTTP head is coming in */
    PHASE_BODY,   /* its body */
    PHASE_ASKED,  /* the service has the request */
    PHASE_REPLY,  /* the answer goes out */
    PHASE_ANSWER, /* dialled: the request is out, its answer is waited for */
    PHASE_SOCKET, /* WebSocket */
    PHASE_LINGER, /* all is written; wait for the peer to go */
    PHASE_DEAD,   /* the socket is gone */
};

/* What is known of a peer at accept. */
struct conn_peer {
    enum gate_kind kind; /* as it is counted in the gate */
    struct gate_address address;
    char text[LISTEN_TEXT];  /* its address, for the log; empty on unix */
    char local[LISTEN_HOST]; /* the address it dialled; empty on unix */
};

/* The WebSocket part. */
struct socket {
    struct ws_reader reader;
    struct outbox out;
    size_t early;       /* bytes before READY, head in */
    int64_t heard_ns;   /* boot time of the last byte from the peer */
    int64_t pinged_ns;  /* of the last ping */
    int64_t moved_ns;   /* when bytes last left, or began to wait */
    int64_t auth_ns;    /* of AUTH */
    bool asked;         /* the service looks for room: tell it */
    bool peer_closed;   /* its close frame came */
    bool close_awaited; /* ours has left: its own is waited for */
};

struct conn {
    struct net *net;
    struct link *link; /* NULL: gone */
    uint64_t id;
    enum place place;
    enum phase phase;
    struct conn_peer peer;
    int64_t deadline_ns; /* boot time; INT64_MAX: none */
    unsigned held;       /* why reading is held: enum hold */

    struct vlt_buf head; /* may hold a token: wiped.h */
    struct http_head request;
    struct vlt_buf body; /* wiped.h, too */
    struct vlt_buf raw;  /* bytes outside of WebSocket frames, to be written */
    size_t raw_at;

    struct dial *dial;                /* borrowed; NULL: the peer dialled */
    uint8_t nonce[VLT_UPGRADE_NONCE]; /* of the request to it */

    struct socket socket;
    enum session_state state;
    struct vlt_handshake_server handshake;
    struct principal who;
    bool ended;         /* conn_end() was called: no event is looked at */
    bool opened;        /* service_opened() was called */
    bool told;          /* service_gone() was, or is not due */
    bool ticking;       /* holds refusals until the tick */
    size_t weighs;      /* bytes of it that are in net->held */
    size_t body_weighs; /* and in net->bodies */

    bool buried; /* waits in net's list to be told of, or freed */
    struct conn *next_buried;
};

enum hold {
    HOLD_WRITING = 1, /* the library keeps bytes that the socket did not take */
    HOLD_BACKLOG = 2, /* more answers wait than we like */
};

/* What the loop calls for links of connections. */
extern const struct link_events conn_events;

/* A connection for an accepted socket that passed the gate.  Takes fd.  NULL:
 * no memory, or the library refuses; the gate is left by the caller. */
struct conn *conn_new(struct net *net, enum place place, int fd,
                      const struct conn_peer *peer);
/* The same for a socket that is being connected to host, for this dial; it
 * hears dial_lost(). */
struct conn *conn_dial(struct net *net, int fd, const char *host,
                       const struct conn_peer *peer, struct dial *dial);
/* Frees it; its link must be gone. */
void conn_free(struct conn *conn);

/* End it now, without another byte.  reset: what the kernel holds is discarded
 * as well. */
void conn_end(struct conn *conn, bool reset);

/* All is written: say so to the peer and wait a little for it to go. */
void conn_finish(struct conn *conn);

/* Set the deadline, ns from now; INT64_MAX: none. */
void conn_deadline(struct conn *conn, int64_t ns);

/* Stop or go on reading for this reason. */
void conn_hold(struct conn *conn, enum hold why, bool on);

/* Write the next piece of conn->raw.  True: all of it has left our hands. */
bool conn_write_raw(struct conn *conn);

/* Count again what it holds: what came and is not whole yet (of a request's
 * body all that was announced), and what waits to be written. */
void conn_weigh(struct conn *conn);

/* Do all together hold more than is allowed, and this one more than a stranger
 * needs, so that it has to go?  The owner's are counted and never have to. */
bool conn_too_heavy(const struct conn *conn);

/* It has proved who it is. */
void conn_known(struct conn *conn);

/* Has it shown nothing yet that is worth its place?  Neither a whole request
 * nor a proof of who it is: it may be ended for a newcomer. */
bool conn_half_open(const struct conn *conn);

/* ---- conn_http.c ---- */

/* Take bytes of a head off *bytes, and judge it when it is whole. */
void http_receive_head(struct conn *conn, struct vlt_slice *bytes);
/* The same of a body. */
void http_receive_body(struct conn *conn, struct vlt_slice *bytes);
/* Write on; an answer that has left ends the connection. */
void http_writable(struct conn *conn);
/* There is no room for its body: 503. */
void http_shed(struct conn *conn);
/* The service's answer; takes its body. */
void http_answered(struct conn *conn, struct http_answer *answer);

#endif
