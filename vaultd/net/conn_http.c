#include "conn.h"

#include <assert.h>
#include <string.h>

#include "http_answer.h"
#include "net_internal.h"
#include "socket.h"
#include "wiped.h"

/* Turn to writing what is in conn->raw, which ends the connection. */
static void
reply(struct conn *conn)
{
    if (vlt_buf_failed(&conn->raw)) {
        conn_end(conn, false);
        return;
    }
    conn->phase = PHASE_REPLY;
    conn_deadline(conn, conn->net->times.stall_ns);
    link_want(conn->link);
}

static void
refuse(struct conn *conn, const struct http_ruling *ruling)
{
    struct http_reply answer = {
        .status = ruling->status,
        .retry_after_s = ruling->retry_after_s,
        .head_only = conn->request.method == HTTP_HEAD,
    };

    conn->net->strangers_refused++;
    http_refusal_put(&conn->raw, answer, ruling->says);
    reply(conn);
}

static struct http_site
site_of(const struct conn *conn)
{
    const struct net *net = conn->net;
    const struct listen_at *at = &net->listeners[conn->place].at;

    return (struct http_site){
        .place = conn->place,
        .locked = !service_unlocked(net->service),
        .bound = at->any || at->host[0] == '\0' ? NULL : at->host,
        .local = conn->peer.local[0] != '\0' ? conn->peer.local : NULL,
        .hosts = net->config.hosts,
        .origins = net->config.origins,
    };
}

/* A slice of the head as a C string: what follows each is a blank, a question
 * mark or the end of its line, and is overwritten. */
static const char *
text_of(struct conn *conn, struct vlt_slice slice)
{
    if (slice.at == NULL) {
        return NULL;
    }
    size_t at = (size_t)(slice.at - conn->head.at);

    assert(at + slice.len < conn->head.len);
    conn->head.at[at + slice.len] = '\0';
    return (const char *)(conn->head.at + at);
}

/* What it came over.  No upgrade, and so no request here, comes by the owner's
 * socket. */
static enum http_over
over_of(const struct conn *conn)
{
    return conn->place == PLACE_TLS        ? HTTP_OVER_TLS
           : conn->place == PLACE_LOOPBACK ? HTTP_OVER_LOOPBACK
                                           : HTTP_OVER_PLAIN;
}

/* Hand the request to the service; the answer may come within. */
static void
ask(struct conn *conn)
{
    const struct http_head *head = &conn->request;
    struct http_request request = {
        .over = over_of(conn),
        .method = text_of(conn, head->verb),
        .path = text_of(conn, head->path),
        .query = text_of(conn, head->query),
        .authorization = text_of(conn, head->field[HTTP_AUTHORIZATION]),
        .content_type = text_of(conn, head->field[HTTP_CONTENT_TYPE]),
        .content_encoding = text_of(conn, head->field[HTTP_CONTENT_ENCODING]),
        .device = text_of(conn, head->field[HTTP_DEVICE]),
        .body = vlt_buf_slice(&conn->body),
    };

    conn->phase = PHASE_ASKED;
    conn_deadline(conn, INT64_MAX);
    service_http(conn->net->service, conn->id, &request);
    wiped_free(&conn->head);
    wiped_free(&conn->body);
}

/* A request that passed the rules: its body comes first. */
static void
take_request(struct conn *conn)
{
    if (conn->request.length == 0) {
        ask(conn);
        return;
    }
    conn->phase = PHASE_BODY;
    conn_deadline(conn, conn->net->times.body_ns);
    if (conn->request.field[HTTP_EXPECT].at != NULL) {
        http_continue_put(&conn->raw);
        link_want(conn->link);
    }
}

/* The head is whole, in conn->head. */
static void
judge(struct conn *conn)
{
    enum vlt_status st =
        http_head_parse(vlt_buf_slice(&conn->head), &conn->request);
    struct http_ruling ruling = { .course = HTTP_REFUSE };

    if (st == VLT_OK) {
        struct http_site site = site_of(conn);

        ruling = http_rule(&conn->request, &site);
    } else {
        ruling.status = st == VLT_E_LIMIT ? 431 : 400;
        ruling.says = st == VLT_E_LIMIT ? "The request's head is too large."
                                        : "This is no HTTP request.";
    }
    if (ruling.course == HTTP_REFUSE) {
        refuse(conn, &ruling);
    } else if (ruling.course == HTTP_TO_SOCKET) {
        socket_open(conn);
    } else {
        take_request(conn);
    }
}

void
http_receive_head(struct conn *conn, struct vlt_slice *bytes)
{
    static const struct http_ruling too_large = {
        .status = 431, .says = "The request's head is too large."
    };
    size_t old = conn->head.len;
    size_t room = HTTP_HEAD_MAX - old;
    size_t len = bytes->len < room ? bytes->len : room;
    /* The end may have begun in what came before. */
    size_t from = old > 3 ? old - 3 : 0;

    wiped_put(&conn->head, vlt_slice_of(bytes->at, len));
    if (vlt_buf_failed(&conn->head)) {
        bytes->len = 0;
        conn_end(conn, false);
        return;
    }
    size_t end = http_head_find(
        vlt_slice_of(conn->head.at + from, conn->head.len - from));

    if (end > 0) {
        conn->head.len = from + end;
        len = conn->head.len - old;
    }
    bytes->at += len;
    bytes->len -= len;
    if (end > 0) {
        judge(conn);
    } else if (conn->head.len == HTTP_HEAD_MAX) {
        refuse(conn, &too_large);
    }
}

void
http_receive_body(struct conn *conn, struct vlt_slice *bytes)
{
    size_t left = (size_t)conn->request.length - conn->body.len;
    size_t len = bytes->len < left ? bytes->len : left;

    wiped_put(&conn->body, vlt_slice_of(bytes->at, len));
    bytes->at += len;
    bytes->len -= len;
    if (vlt_buf_failed(&conn->body)) {
        bytes->len = 0;
        conn_end(conn, false);
    } else if (len == left) {
        ask(conn);
    }
}

void
http_shed(struct conn *conn)
{
    static const struct http_ruling busy = {
        .status = 503,
        .retry_after_s = HTTP_RETRY_BUSY_S,
        .says = "Too much is under way; come again.",
    };

    wiped_free(&conn->body);
    refuse(conn, &busy);
}

void
http_writable(struct conn *conn)
{
    bool left = conn_write_raw(conn);

    if (conn->phase == PHASE_REPLY) {
        conn_deadline(conn, conn->net->times.stall_ns);
        if (left) {
            conn_finish(conn);
        }
    }
}

void
http_answered(struct conn *conn, struct http_answer *answer)
{
    struct http_reply print = {
        .status = answer->status,
        .content_type = answer->content_type,
        .retry_after_s = answer->retry_after_s,
        .challenge = answer->challenge,
        .head_only = conn->request.method == HTTP_HEAD,
        .body = vlt_buf_slice(&answer->body),
    };

    if (conn->phase == PHASE_ASKED && conn->link != NULL) {
        http_reply_put(&conn->raw, &print);
        reply(conn);
    }
    vlt_buf_free(&answer->body);
}
