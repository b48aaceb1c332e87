/*
 * ws: WebSocket messages (RFC 6455) out of bytes and into bytes, by libwslay.
 *
 * Nothing here touches a descriptor.  What is sent is one frame a message,
 * whose plaintext is copied nowhere but into the caller's buffer, masked; so a
 * passphrase leaves nothing behind in the library's heap.  Pings are answered.
 *
 * Threads: one belongs to one.
 */
#ifndef VLT_WS_H
#define VLT_WS_H

#include "base/buf.h"
#include "base/slice.h"
#include "wire/limits.h"

struct vlt_ws;

enum vlt_ws_kind {
    VLT_WS_TEXT,
    VLT_WS_BINARY,
};

/* A message that came; the caller frees it with vlt_ws_message_free(). */
struct vlt_ws_message {
    struct vlt_ws_message *next;
    enum vlt_ws_kind kind;
    size_t len;
    uint8_t bytes[];
};

/* The caller owns *out.  Messages of more than max bytes close it. */
VLT_MUST_USE enum vlt_status vlt_ws_new(size_t max, struct vlt_ws **out);

/* The same for the end that was dialled: what comes is masked, what goes is
 * not. */
VLT_MUST_USE enum vlt_status vlt_ws_new_dialled(size_t max,
                                                struct vlt_ws **out);

/* NULL is allowed. */
void vlt_ws_free(struct vlt_ws *ws);

/* From now on messages may have so many bytes. */
void vlt_ws_limit(struct vlt_ws *ws, size_t max);

/* Take bytes that came; what must be answered at once is appended to out.
 * VLT_E_FORMAT: they break a rule.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status
vlt_ws_feed(struct vlt_ws *ws, struct vlt_slice bytes, struct vlt_buf *out);

/* The next message in their order, which is the caller's; NULL: none. */
struct vlt_ws_message *vlt_ws_next(struct vlt_ws *ws);

/* Is one waiting? */
bool vlt_ws_waiting(const struct vlt_ws *ws);

/* NULL is allowed. */
void vlt_ws_message_free(struct vlt_ws_message *message);

/* Append one message as a frame.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status vlt_ws_send(struct vlt_ws *ws,
                                         enum vlt_ws_kind kind,
                                         struct vlt_slice bytes,
                                         struct vlt_buf *out);

/* Append a close frame; nothing may be sent behind it. */
void vlt_ws_close(struct vlt_ws *ws, enum vlt_close code, struct vlt_buf *out);

/* Did the other end close?  Its code (0: none given), and its words, which are
 * borrowed and printable. */
bool vlt_ws_closed(const struct vlt_ws *ws, int *code, const char **reason);

#endif
