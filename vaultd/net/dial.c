#define _GNU_SOURCE

#include "dial.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/random.h"
#include "http_answer.h"
#include "net_internal.h"
#include "session.h"
#include "socket.h"
#include "util/log.h"
#include "util/thread.h"
#include "wiped.h"
#include "wire/address.h"
#include "wire/limits.h"
#include "wire/upgrade.h"

enum {
    REST_MIN_MS = 1000,
    REST_MAX_MS = 300000,
    LOCKED_MS = 5000, /* how often it is looked whether the vault is unlocked */
    UNSENT_MAX = 16384,
    PORT_TEXT = 6,
    PATH_TEXT = 3 + VLT_RENDEZVOUS_TEXT,
};

enum dial_state {
    DIAL_RESTING,
    DIAL_LOOKING,
    DIAL_CALLING, /* or talking: there is a connection */
};

struct dial {
    struct net *net;
    struct vlt_meeting meeting;
    char text[VLT_MEETING_TEXT - VLT_RENDEZVOUS_TEXT]; /* for the log */
    enum dial_state state;
    struct loop_timer *timer;
    unsigned failures; /* in a row */
    struct thread *thread;
    struct atomic looked;   /* not 0: the thread has ended its work */
    int error;              /* the look-up's */
    struct addrinfo *found; /* owned */
};

struct dials {
    bool stopped;
    size_t count;
    struct dial list[DIALS_MAX];
};

/* ---- resting ---- */

static void
rest(struct dial *dial, int64_t ms)
{
    dial->state = DIAL_RESTING;
    loop_timer_set(dial->timer, ms * 1000);
}

/* Full jitter. */
static void
rest_a_while(struct dial *dial, const char *why)
{
    int64_t most = REST_MIN_MS;

    for (unsigned i = 0; i < dial->failures && most < REST_MAX_MS; i++) {
        most *= 2;
    }
    most = most < REST_MAX_MS ? most : REST_MAX_MS;
    int64_t ms = vlt_random_below((uint32_t)most) + 1;

    if (dial->failures == 0 || most == REST_MAX_MS) {
        log_info("net", "dial %s: %s; again in %d ms", dial->text, why,
                 (int)ms);
    }
    dial->failures++;
    rest(dial, ms);
}

/* ---- calling ---- */

/* A socket on its way to this address; -1: it fails at once. */
static int
begin_connect(const struct addrinfo *at)
{
    int fd =
        socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }
    if (connect(fd, at->ai_addr, at->ai_addrlen) != 0 && errno != EINPROGRESS) {
        close(fd);
        return -1;
    }
    accept_options(fd, UNSENT_MAX);
    return fd;
}

/* The next address after each failure: one that never answers fails by its
 * deadline alone, and must not keep us from the others. */
static const struct addrinfo *
whose_turn(const struct dial *dial)
{
    const struct addrinfo *at = dial->found;
    unsigned count = 0;

    for (; at != NULL; at = at->ai_next) {
        count++;
    }
    at = dial->found;
    for (unsigned i = 0; count > 0 && i < dial->failures % count; i++) {
        at = at->ai_next;
    }
    return at;
}

static void
call(struct dial *dial)
{
    struct net *net = dial->net;
    struct conn_peer peer = { .kind = GATE_STRANGER };
    const struct addrinfo *at = whose_turn(dial);
    struct sockaddr_storage to = { 0 };
    int fd = at != NULL ? begin_connect(at) : -1;

    if (fd < 0) {
        rest_a_while(dial, "cannot be reached");
        return;
    }
    /* A firm's mistakes are reckoned to its address, as of who comes in. */
    memcpy(&to, at->ai_addr, at->ai_addrlen);
    peer.address = gate_address_of(&to);
    (void)snprintf(peer.text, sizeof peer.text, "%.*s",
                   (int)sizeof peer.text - 1, dial->text);
    if (net_enter(net, &peer) != GATE_IN) {
        close(fd);
        rest_a_while(dial, "too many connections");
        return;
    }
    if (conn_dial(net, fd, dial->meeting.host, &peer, dial) == NULL) {
        gate_leave(net->gate, peer.kind, &peer.address);
        rest_a_while(dial, "no memory");
        return;
    }
    dial->state = DIAL_CALLING;
}

void
dial_lost(struct dial *dial, bool opened)
{
    if (opened) {
        dial->failures = 0;
    }
    rest_a_while(dial, opened ? "the session has ended" : "no session");
}

/* ---- looking up ---- */

/* Both kinds of addresses, of a stream; flags as getaddrinfo() has them. */
static int
look(struct dial *dial, int flags)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                              .ai_flags = flags | AI_NUMERICSERV };
    char port[PORT_TEXT];

    (void)snprintf(port, sizeof port, "%u", dial->meeting.port);
    return getaddrinfo(dial->meeting.host, port, &hints, &dial->found);
}

static void
look_slowly(void *ctx)
{
    struct dial *dial = ctx;

    dial->error = look(dial, 0);
    atomic_set(&dial->looked, 1);
    net_wake(dial->net);
}

static void
forget_addresses(struct dial *dial)
{
    if (dial->found != NULL) {
        freeaddrinfo(dial->found);
        dial->found = NULL;
    }
}

static void
begin(void *ctx)
{
    struct dial *dial = ctx;
    struct net *net = dial->net;

    if (net->stopping) {
        return;
    }
    if (net->service == NULL || !service_unlocked(net->service)) {
        rest(dial, LOCKED_MS);
        return;
    }
    forget_addresses(dial);
    if (look(dial, AI_NUMERICHOST) == 0) {
        call(dial);
        return;
    }
    dial->state = DIAL_LOOKING;
    atomic_set(&dial->looked, 0);
    if (thread_start("dial", look_slowly, dial, &dial->thread) != VLT_OK) {
        rest_a_while(dial, "no thread for a look-up");
    }
}

void
dials_woken(struct dials *dials)
{
    for (size_t i = 0; dials != NULL && i < dials->count; i++) {
        struct dial *dial = &dials->list[i];

        if (dial->state != DIAL_LOOKING || atomic_get(&dial->looked) == 0) {
            continue;
        }
        thread_join(dial->thread);
        dial->thread = NULL;
        if (dials->stopped) {
            dial->state = DIAL_RESTING;
        } else if (dial->error != 0) {
            rest_a_while(dial, gai_strerror(dial->error));
        } else {
            call(dial);
        }
    }
}

/* ---- making ---- */

static enum vlt_status
make(struct net *net, const char *text, struct vlt_buf *why, struct dial *dial)
{
    dial->net = net;
    if (vlt_meeting_parse(vlt_slice_text(text), &dial->meeting) != VLT_OK) {
        vlt_buf_put_text(why, "dial: not wss://host:port/v/ and 26 characters, "
                              "which the firm tells");
        return VLT_E_LIMIT;
    }
    (void)snprintf(dial->text, sizeof dial->text, "%s:%u", dial->meeting.host,
                   dial->meeting.port);
    dial->timer = loop_timer_new(net->loop, begin, dial);
    if (dial->timer == NULL) {
        return VLT_E_NOMEM;
    }
    rest(dial, 1);
    return VLT_OK;
}

enum vlt_status
dials_new(struct net *net, const char *const *list, struct vlt_buf *why,
          struct dials **out)
{
    struct dials *dials;
    enum vlt_status st = VLT_OK;

    if (list == NULL || list[0] == NULL) {
        return VLT_OK;
    }
    dials = calloc(1, sizeof *dials);
    if (dials == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; list[i] != NULL && st == VLT_OK; i++) {
        if (i == DIALS_MAX) {
            vlt_buf_put_text(why, "dial: more than 32");
            st = VLT_E_LIMIT;
        } else {
            dials->count++;
            st = make(net, list[i], why, &dials->list[i]);
        }
    }
    if (st != VLT_OK) {
        dials_free(dials);
        return st;
    }
    *out = dials;
    return VLT_OK;
}

uint16_t
dial_port(const char *text)
{
    struct vlt_meeting meeting;

    return vlt_meeting_parse(vlt_slice_text(text), &meeting) == VLT_OK
               ? meeting.port
               : 0;
}

void
dials_stop(struct dials *dials)
{
    for (size_t i = 0; dials != NULL && i < dials->count; i++) {
        loop_timer_stop(dials->list[i].timer);
        dials->stopped = true;
    }
}

void
dials_free(struct dials *dials)
{
    for (size_t i = 0; dials != NULL && i < dials->count; i++) {
        thread_join(dials->list[i].thread);
        forget_addresses(&dials->list[i]);
        loop_timer_free(dials->list[i].timer);
    }
    free(dials);
}

/* ---- of a connection ---- */

void
dial_secure(struct conn *conn)
{
    const struct vlt_meeting *meeting = &conn->dial->meeting;
    bool six = strchr(meeting->host, ':') != NULL;
    char host[VLT_HOST_TEXT + 8 + PORT_TEXT];
    char rendezvous[VLT_RENDEZVOUS_TEXT];
    char path[PATH_TEXT];

    if (!link_secure(conn->link)) {
        conn_end(conn, false);
        return;
    }
    (void)snprintf(host, sizeof host, six ? "[%s]:%u" : "%s:%u", meeting->host,
                   meeting->port);
    (void)snprintf(path, sizeof path, "/v/%s",
                   vlt_rendezvous_print(meeting->rendezvous, rendezvous));
    vlt_random(conn->nonce, sizeof conn->nonce);
    vlt_upgrade_put(path, host, conn->nonce, &conn->raw);
    if (vlt_buf_failed(&conn->raw)) {
        conn_end(conn, false);
        return;
    }
    conn->phase = PHASE_ANSWER;
    conn_deadline(conn, conn->net->times.step_ns);
    link_want(conn->link);
}

/* What the answer must have as Sec-WebSocket-Accept. */
static const char *
accept_of(const struct conn *conn, struct vlt_buf *out)
{
    struct vlt_buf key = { 0 };

    vlt_base64_put(&key, vlt_slice_of(conn->nonce, sizeof conn->nonce));
    if (vlt_buf_failed(&key)) {
        out->failed = true;
    } else {
        http_accept_put(out, vlt_buf_slice(&key));
    }
    vlt_buf_free(&key);
    return vlt_buf_text(out);
}

/* The switch is made: what comes behind it is WebSocket's. */
static void
take_switch(struct conn *conn, struct vlt_slice rest)
{
    socket_begin(conn);
    if (rest.len > 0 && conn->phase == PHASE_SOCKET && !conn->ended) {
        socket_receive(conn, &rest);
    }
}

void
dial_receive(struct conn *conn, struct vlt_slice *bytes)
{
    struct vlt_upgrade answer = { .status = 0 };
    struct vlt_buf accept = { 0 };
    enum vlt_status st = VLT_E_NOMEM;

    wiped_put(&conn->head, *bytes);
    bytes->len = 0;
    const char *wanted = accept_of(conn, &accept);

    if (wanted != NULL && !vlt_buf_failed(&conn->head)) {
        st = vlt_upgrade_read(vlt_buf_slice(&conn->head), wanted, &answer);
    }
    vlt_buf_free(&accept);
    if (st == VLT_E_BUSY) {
        return;
    }
    if (st != VLT_OK || answer.status != VLT_UPGRADE_SWITCHED) {
        conn_end(conn, false);
        return;
    }
    struct vlt_buf head = conn->head; /* ours now: socket_begin() frees it */

    conn->head = (struct vlt_buf){ 0 };
    take_switch(conn,
                vlt_slice_of(head.at + answer.used, head.len - answer.used));
    wiped_free(&head);
}
