/*
 * socket: the WebSocket part of a connection.
 *
 * Frames come in through ws_reader, go out through outbox; a silent peer is
 * pinged, then closed; a reader that takes nothing is closed.
 *
 * Threads: the loop.
 */
#ifndef SOCKET_H
#define SOCKET_H

#include "conn.h"

/* Answer the upgrade in conn->request and begin. */
void socket_open(struct conn *conn);

/* Begin: the upgrade is answered, by whichever end had to. */
void socket_begin(struct conn *conn);

/* The session is READY: its limits and its keep-alive begin. */
void socket_ready(struct conn *conn);

/* Take frames off *bytes. */
void socket_receive(struct conn *conn, struct vlt_slice *bytes);
/* Write one turn. */
void socket_writable(struct conn *conn);
/* The deadline has come. */
void socket_timer(struct conn *conn);

/* Queue a message.  Takes both.  Of a session that is closing: frees both. */
void socket_send(struct conn *conn, enum ws_opcode opcode,
                 struct vlt_buf *frame, struct release *leave, bool at_tick);

/* Close it with this code: once its queue is written (drain) or at once. */
void socket_close(struct conn *conn, int code, const char *why, bool drain);

/* All together hold too much: close this one, which is to come again. */
void socket_shed(struct conn *conn);

/* Bytes that wait. */
size_t socket_backlog(struct conn *conn);

/* The cut: see outbox_silence().  Adds to *found. */
void socket_silence(struct conn *conn, const uint8_t *grant,
                    struct silence *found);

/* The tick has come: let go what was held. */
void socket_tick(struct conn *conn);

#endif
