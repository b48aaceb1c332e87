/*
 * session_table: what a WebSocket session may do, state by state.
 *
 * The whole protocol is the table in session_table.c; what has no row is
 * refused.  A handler that fails has said how the session ends; its next state
 * is not entered then.
 *
 * Threads: the loop.
 */
#ifndef SESSION_TABLE_H
#define SESSION_TABLE_H

#include "base/status.h"
#include "ws_reader.h"

struct conn;
struct service_admission;

enum session_state {
    SESSION_NEW,        /* upgraded over TLS: HELLO is waited for */
    SESSION_CHALLENGED, /* CHALLENGE went out: AUTH is waited for */
    SESSION_ADMITTING,  /* the service is asked who it is */
    SESSION_REFUSED,    /* not let in: it is told at its moment */
    SESSION_READY,
    SESSION_CLOSING, /* a close frame went out or will: nothing is heard */
};

enum session_event {
    EVENT_TEXT,
    EVENT_BINARY,
    EVENT_ADMITTED, /* the service's answer */
};

/* What an event brings; what does not belong to it is empty. */
struct session_input {
    struct vlt_slice payload; /* borrowed */
    unsigned fragments;
    const struct service_admission *admission; /* borrowed */
};

typedef enum vlt_status session_handler(struct conn *conn,
                                        const struct session_input *input);

struct session_row {
    enum session_state state;
    enum session_event event;
    session_handler *handler;
    enum session_state next;
};

/* The row of a state and event; NULL: refuse. */
const struct session_row *session_row_of(enum session_state state,
                                         enum session_event event);

#endif
