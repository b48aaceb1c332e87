/*
 * session: the handshake on the vault's side, and messages after READY.
 *
 * Threads: the loop.
 */
#ifndef SESSION_H
#define SESSION_H

#include "session_table.h"

/* A WebSocket over TLS begins: HELLO is waited for.  VLT_E_LOCKED: the vault
 * is locked; VLT_E_STORAGE: TLS has no exporter. */
VLT_MUST_USE enum vlt_status session_begin(struct conn *conn);

/* A WebSocket of the owner begins: it is READY. */
void session_begin_owner(struct conn *conn);

/* The moment has come to tell a refused one. */
void session_refuse(struct conn *conn);

/* Feed one event through the table. */
void session_step(struct conn *conn, enum session_event event,
                  const struct session_input *input);

/* ---- handlers of the table ---- */

/* M1: answer with M2. */
session_handler on_hello;
/* M3: check its signature, ask the service. */
session_handler on_auth;
/* The service knows who it is, or not: M4. */
session_handler on_admitted;
/* A whole text message: the service reads it. */
session_handler on_text;
/* A block frame: its header is decoded here. */
session_handler on_block;

#endif
