/*
 * sink: what the service calls to answer.
 *
 * A session that is closing, or gone, takes nothing any more; whatever is
 * queued for it is freed, with its release.
 */
#include "net.h"

#include "net_internal.h"
#include "service/service.h"
#include "session.h"
#include "socket.h"
#include "wiped.h"

static void
send_frame(struct net *net, uint64_t session, enum ws_opcode opcode,
           struct vlt_buf *frame, struct release *leave, bool at_tick)
{
    struct conn *conn = net_find(net, session);

    if (conn == NULL || vlt_buf_failed(frame)) {
        release_free(leave);
        wiped_free(frame);
        if (conn != NULL) {
            conn_end(conn, false);
        }
        return;
    }
    socket_send(conn, opcode, frame, leave, at_tick);
}

static void
sink_text(void *ctx, uint64_t session, struct vlt_buf *frame,
          struct release *leave, bool at_tick)
{
    send_frame(ctx, session, WS_OP_TEXT, frame, leave, at_tick);
}

static void
sink_binary(void *ctx, uint64_t session, struct vlt_buf *frame,
            struct release *leave)
{
    send_frame(ctx, session, WS_OP_BINARY, frame, leave, false);
}

static size_t
sink_backlog(void *ctx, uint64_t session)
{
    struct conn *conn = net_find(ctx, session);

    return conn != NULL ? socket_backlog(conn) : SIZE_MAX;
}

static void
sink_close(void *ctx, uint64_t session, int code, const char *why, bool drain)
{
    struct conn *conn = net_find(ctx, session);

    if (conn != NULL) {
        socket_close(conn, code, why, drain);
    }
}

static void
sink_admitted(void *ctx, uint64_t connection,
              const struct service_admission *admission)
{
    struct conn *conn = net_find(ctx, connection);
    struct session_input input = { .admission = admission };

    if (conn != NULL) {
        session_step(conn, EVENT_ADMITTED, &input);
    }
}

static void
sink_answered(void *ctx, uint64_t connection, struct http_answer *answer)
{
    struct conn *conn = net_find(ctx, connection);

    if (conn != NULL) {
        http_answered(conn, answer);
    } else {
        vlt_buf_free(&answer->body);
    }
}

static void
sink_silence(void *ctx, const uint8_t *grant, struct silence *out)
{
    struct net *net = ctx;

    *out = (struct silence){ 0 };
    for (size_t i = 0; i < net->slot_count; i++) {
        struct conn *conn = net->slots[i];

        if (conn != NULL && conn->link != NULL && conn->phase == PHASE_SOCKET) {
            socket_silence(conn, grant, out);
        }
    }
}

static void
sink_due(void *ctx, int64_t boot_ns)
{
    net_due_at(ctx, boot_ns);
}

struct service_sink
net_sink(struct net *net)
{
    return (struct service_sink){
        .ctx = net,
        .text = sink_text,
        .binary = sink_binary,
        .backlog = sink_backlog,
        .close = sink_close,
        .admitted = sink_admitted,
        .answered = sink_answered,
        .silence = sink_silence,
        .due = sink_due,
    };
}
