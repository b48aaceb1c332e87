#include "client/ws.h"

#include <stdlib.h>
#include <string.h>

#include <wslay/wslay.h>

#include "base/text.h"
#include "crypto/random.h"

struct vlt_ws {
    wslay_event_context_ptr event; /* receives, and sends control frames */
    wslay_frame_context_ptr frame; /* sends messages */
    struct vlt_slice in;           /* borrowed while they are fed */
    struct vlt_buf *out;           /* borrowed while something is sent */
    struct vlt_ws_message *first;
    struct vlt_ws_message **last;
    unsigned fragments; /* of the message that is coming */
    bool dialled;       /* we are the server of the WebSocket */
    bool broken;
    bool starved; /* no memory for a message */
    bool closed;
    int code;
    char reason[VLT_LIMIT_CLOSE_REASON + 1];
};

static ssize_t
take_in(wslay_event_context_ptr event, uint8_t *at, size_t len, int flags,
        void *ctx)
{
    struct vlt_ws *ws = ctx;

    (void)flags;
    if (ws->in.len == 0) {
        wslay_event_set_error(event, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    len = len < ws->in.len ? len : ws->in.len;
    memcpy(at, ws->in.at, len);
    ws->in = vlt_slice_of(ws->in.at + len, ws->in.len - len);
    return (ssize_t)len;
}

static ssize_t
put_out(const uint8_t *bytes, size_t len, int flags, void *ctx)
{
    struct vlt_ws *ws = ctx;

    (void)flags;
    vlt_buf_put(ws->out, bytes, len);
    return vlt_buf_failed(ws->out) ? -1 : (ssize_t)len;
}

static ssize_t
put_out_event(wslay_event_context_ptr event, const uint8_t *bytes, size_t len,
              int flags, void *ctx)
{
    ssize_t sent = put_out(bytes, len, flags, ctx);

    if (sent < 0) {
        wslay_event_set_error(event, WSLAY_ERR_CALLBACK_FAILURE);
    }
    return sent;
}

static int
mask(uint8_t *at, size_t len, void *ctx)
{
    (void)ctx;
    vlt_random(at, len);
    return 0;
}

static int
mask_event(wslay_event_context_ptr event, uint8_t *at, size_t len, void *ctx)
{
    (void)event;
    return mask(at, len, ctx);
}

static void
on_frame(wslay_event_context_ptr event,
         const struct wslay_event_on_frame_recv_start_arg *arg, void *ctx)
{
    struct vlt_ws *ws = ctx;

    (void)event;
    if (!wslay_is_ctrl_frame(arg->opcode) &&
        ++ws->fragments > VLT_LIMIT_FRAGMENTS) {
        ws->broken = true;
    }
}

static void
on_close(struct vlt_ws *ws, const struct wslay_event_on_msg_recv_arg *arg)
{
    size_t head = 2; /* the code, before the words */

    ws->closed = true;
    ws->code = arg->status_code;
    if (arg->msg_length <= head) {
        return;
    }
    struct vlt_slice words =
        vlt_slice_of(arg->msg + head, arg->msg_length - head);

    if (words.len < sizeof ws->reason && vlt_text_printable(words)) {
        memcpy(ws->reason, words.at, words.len);
        ws->reason[words.len] = '\0';
    }
}

static void
on_message(wslay_event_context_ptr event,
           const struct wslay_event_on_msg_recv_arg *arg, void *ctx)
{
    struct vlt_ws *ws = ctx;
    struct vlt_ws_message *message;

    (void)event;
    if (arg->opcode == WSLAY_CONNECTION_CLOSE) {
        on_close(ws, arg);
        return;
    }
    if (wslay_is_ctrl_frame(arg->opcode)) {
        return;
    }
    ws->fragments = 0;
    message = malloc(sizeof *message + arg->msg_length);
    if (message == NULL) {
        ws->starved = true;
        return;
    }
    message->next = NULL;
    message->kind =
        arg->opcode == WSLAY_TEXT_FRAME ? VLT_WS_TEXT : VLT_WS_BINARY;
    message->len = arg->msg_length;
    if (arg->msg_length > 0) {
        memcpy(message->bytes, arg->msg, arg->msg_length);
    }
    *ws->last = message;
    ws->last = &message->next;
}

static const struct wslay_event_callbacks event_callbacks = {
    .recv_callback = take_in,
    .send_callback = put_out_event,
    .genmask_callback = mask_event,
    .on_frame_recv_start_callback = on_frame,
    .on_msg_recv_callback = on_message,
};

static const struct wslay_frame_callbacks frame_callbacks = {
    .send_callback = put_out,
    .genmask_callback = mask,
};

static enum vlt_status
make(size_t max, bool dialled, struct vlt_ws **out)
{
    struct vlt_ws *ws = calloc(1, sizeof *ws);

    if (ws == NULL) {
        return VLT_E_NOMEM;
    }
    ws->last = &ws->first;
    ws->dialled = dialled;
    int (*init)(wslay_event_context_ptr *, const struct wslay_event_callbacks *,
                void *) = dialled ? wslay_event_context_server_init
                                  : wslay_event_context_client_init;

    if (init(&ws->event, &event_callbacks, ws) != 0 ||
        wslay_frame_context_init(&ws->frame, &frame_callbacks, ws) != 0) {
        vlt_ws_free(ws);
        return VLT_E_NOMEM;
    }
    vlt_ws_limit(ws, max);
    *out = ws;
    return VLT_OK;
}

enum vlt_status
vlt_ws_new(size_t max, struct vlt_ws **out)
{
    return make(max, false, out);
}

enum vlt_status
vlt_ws_new_dialled(size_t max, struct vlt_ws **out)
{
    return make(max, true, out);
}

void
vlt_ws_free(struct vlt_ws *ws)
{
    if (ws == NULL) {
        return;
    }
    if (ws->event != NULL) {
        wslay_event_context_free(ws->event);
    }
    if (ws->frame != NULL) {
        wslay_frame_context_free(ws->frame);
    }
    while (ws->first != NULL) {
        vlt_ws_message_free(vlt_ws_next(ws));
    }
    free(ws);
}

void
vlt_ws_limit(struct vlt_ws *ws, size_t max)
{
    wslay_event_config_set_max_recv_msg_length(ws->event, max);
}

enum vlt_status
vlt_ws_feed(struct vlt_ws *ws, struct vlt_slice bytes, struct vlt_buf *out)
{
    ws->in = bytes;
    ws->out = out;
    int received = wslay_event_recv(ws->event);
    int sent = wslay_event_send(ws->event);

    ws->in = (struct vlt_slice){ 0 };
    ws->out = NULL;
    if (ws->starved || received == WSLAY_ERR_NOMEM || vlt_buf_failed(out)) {
        return VLT_E_NOMEM;
    }
    /* wslay answers a broken rule by itself and then reads no more. */
    if (ws->broken || received != 0 || sent != 0 ||
        (!wslay_event_get_read_enabled(ws->event) && !ws->closed)) {
        return VLT_E_FORMAT;
    }
    return VLT_OK;
}

struct vlt_ws_message *
vlt_ws_next(struct vlt_ws *ws)
{
    struct vlt_ws_message *message = ws->first;

    if (message != NULL) {
        ws->first = message->next;
        if (ws->first == NULL) {
            ws->last = &ws->first;
        }
    }
    return message;
}

bool
vlt_ws_waiting(const struct vlt_ws *ws)
{
    return ws->first != NULL;
}

void
vlt_ws_message_free(struct vlt_ws_message *message)
{
    free(message);
}

enum vlt_status
vlt_ws_send(struct vlt_ws *ws, enum vlt_ws_kind kind, struct vlt_slice bytes,
            struct vlt_buf *out)
{
    struct wslay_frame_iocb frame = {
        .fin = 1,
        .opcode = kind == VLT_WS_TEXT ? WSLAY_TEXT_FRAME : WSLAY_BINARY_FRAME,
        .payload_length = bytes.len,
        .mask = ws->dialled ? 0 : 1,
    };
    size_t done = 0;

    ws->out = out;
    do {
        frame.data = bytes.at + done;
        frame.data_length = bytes.len - done;
        ssize_t sent = wslay_frame_send(ws->frame, &frame);

        if (sent < 0) {
            ws->out = NULL;
            return VLT_E_NOMEM;
        }
        done += (size_t)sent;
    } while (done < bytes.len);
    ws->out = NULL;
    return VLT_OK;
}

void
vlt_ws_close(struct vlt_ws *ws, enum vlt_close code, struct vlt_buf *out)
{
    ws->out = out;
    if (wslay_event_queue_close(ws->event, (uint16_t)code, NULL, 0) == 0) {
        (void)wslay_event_send(ws->event);
    }
    ws->out = NULL;
}

bool
vlt_ws_closed(const struct vlt_ws *ws, int *code, const char **reason)
{
    *code = ws->code;
    *reason = ws->reason;
    return ws->closed;
}
