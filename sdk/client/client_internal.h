/*
 * client_internal: what the parts of a client know of each other.
 *
 * A client is one state machine.  machine.c moves it by bytes and time;
 * message.c gives each message of an open session to the call or reading that
 * waits for it.  Everything runs on the caller's thread.
 *
 *     IDLE -> DIAL -> (TLS) -> UPGRADE -> (CHALLENGE -> VERDICT -> SESSION)
 *          -> OPEN
 *
 * What stands in brackets is left out on the owner's socket.  Of a vault that
 * dials out AWAIT is in the place of what is before CHALLENGE (listener.h).
 */
#ifndef VLT_CLIENT_INTERNAL_H
#define VLT_CLIENT_INTERNAL_H

#include <vault/client.h>

#include "base/buf.h"
#include "client/accept.h"
#include "client/acknowledge.h"
#include "client/call.h"
#include "client/dial.h"
#include "client/identity.h"
#include "client/listener.h"
#include "client/prove.h"
#include "client/record.h"
#include "client/tls.h"
#include "client/ws.h"
#include "wire/enrol.h"
#include "wire/frame.h"
#include "wire/handshake.h"

enum {
    CLIENT_DETAIL = 768,
    CLIENT_REASON = 64,
    CLIENT_AT = 256,
    CLIENT_CONNECT_MS = 15000,
    CLIENT_BACKOFF_MIN_MS = 1000,
    CLIENT_BACKOFF_MAX_MS = 300000,
    CLIENT_HOST_TEXT = VLT_HOST_TEXT + 8,
    CLIENT_PLACE = 256, /* bytes of a socket's path */
};

enum client_phase {
    PHASE_IDLE,
    PHASE_DIAL,
    PHASE_TLS,
    PHASE_UPGRADE,
    PHASE_AWAIT,     /* the vault is to dial */
    PHASE_CHALLENGE, /* M1 is sent */
    PHASE_VERDICT,   /* M3 is sent */
    PHASE_SESSION,   /* session.info, and the proof of the log, are asked */
    PHASE_OPEN,
};

/* Where to, and as whom. */
struct client_target {
    char path[CLIENT_PLACE]; /* the owner's socket; "" when by address */
    struct vlt_address address;
    const struct vault_identity *identity; /* borrowed; NULL on the socket */
    struct vlt_secret *invite;       /* invitation, or secret of a source's
                                        token, to be spent; owned; NULL */
    uint8_t invite_id[VLT_ENROL_ID]; /* by which the vault finds it */
    struct vault_listener *listener; /* where the vault dials; borrowed; NULL */
    uint8_t rendezvous[VLT_RENDEZVOUS]; /* with a listener */
};

struct vault_client {
    vault_notice_fn *notice;
    void *notice_ctx;
    vault_state_fn *changed;
    void *changed_ctx;
    bool reconnect;
    int connect_ms;
    char *witness_dir; /* owned; NULL */

    enum vault_client_state state;
    enum client_phase phase;
    struct client_target target;
    enum vault_status ended; /* why CLOSED, or why it broke last */
    int64_t deadline_ms;     /* of the connect, or when to try again */
    int64_t heard_ms;        /* when bytes came last */
    unsigned failures;       /* in a row */
    bool waiting;            /* M4 said: enrolled, waits for the owner */

    int fd; /* connected; -1 */
    struct vlt_dial dial;
    struct vlt_tls *tls;     /* NULL on the socket */
    struct vlt_guest *guest; /* the vault has dialled: to be taken; owned */
    struct vlt_await await;  /* while it awaits its vault */
    struct vault_client *next_awaiting; /* of its listener */
    struct vlt_buf plain;               /* came, not taken yet */
    struct vlt_buf stage;               /* to be encrypted */
    struct vlt_buf out;                 /* to be sent as it is */
    size_t out_sent;                    /* bytes of it that are gone */
    struct vlt_ws *ws;
    char accept[VLT_UPGRADE_ACCEPT];
    struct vlt_handshake_client handshake;
    struct vlt_session_limits limits;
    struct vlt_record record; /* of this vault, where there is an identity */
    struct vlt_prove prove;

    uint8_t boot[8]; /* whose counter the numbers of batches are */
    int64_t next_id;
    size_t calls_open;
    struct vlt_call *calls;                   /* unanswered */
    struct vlt_reading *readings;             /* queries and subscriptions */
    struct vault_subscription *subscriptions; /* all that are not freed */
    struct vault_writer *writers;             /* likewise */
    struct vlt_acks acks;                     /* to be signed for */
    unsigned depth;                           /* of callbacks that run now */

    char detail[CLIENT_DETAIL];
    char reason[CLIENT_REASON];
    char at[CLIENT_AT];
    int64_t retry_ms;
};

/* Milliseconds of the monotonic clock; nanoseconds UTC. */
int64_t vlt_client_now_ms(void);
int64_t vlt_client_utc_ns(void);

/* ---- detail.c ---- */

/* Forget what the last failure said. */
void vlt_client_clear(struct vault_client *client);

/* Keep the sentence; returns status. */
enum vault_status vlt_client_fault(struct vault_client *client,
                                   enum vault_status status, const char *format,
                                   ...) __attribute__((format(printf, 3, 4)));

/* Keep an error object: its status, detail, reason, at and retry. */
enum vault_status vlt_client_error(struct vault_client *client,
                                   const struct vlt_rpc_error *error);

/* What a status of the inner rooms is outside. */
enum vault_status vlt_client_status(enum vlt_status st);

/* ---- machine.c, phases.c ---- */

/* Forget the last target, and what came of it: calls under way and queries end
 * with VAULT_E_CONNECT, subscriptions and writers go on in the next session. */
void vlt_client_aim(struct vault_client *client);

/* Begin to connect to client->target. */
void vlt_client_begin(struct vault_client *client);

/* Go on with a connection that the vault dialled: TLS and its request are
 * done.  Takes client->guest. */
enum vault_status vlt_client_welcome(struct vault_client *client);

/* Do what can be done without waiting. */
enum vault_status vlt_client_step(struct vault_client *client);

/* The phase's part; *moved: something was done, so look again. */
enum vault_status vlt_client_phase(struct vault_client *client, bool *moved);

/* READY. */
void vlt_client_open(struct vault_client *client);

/* The connection ends: calls get no answer; it is tried again, where that can
 * help and was asked for, else CLOSED.  The detail is set before. */
void vlt_client_break(struct vault_client *client, enum vault_status status);

/* Full jitter: a moment up to twice as far away as the last time, and never
 * nearer than the vault asked for. */
int64_t vlt_client_backoff(const struct vault_client *client,
                           unsigned failures);

/* Close what is open, tell nobody. */
void vlt_client_drop(struct vault_client *client);

/* Send one message.  VAULT_E_NOMEM. */
enum vault_status vlt_client_send(struct vault_client *client,
                                  enum vlt_ws_kind kind,
                                  struct vlt_slice bytes);

/* Send as much as goes.  VAULT_E_CONNECT. */
enum vault_status vlt_client_flush(struct vault_client *client);

/* ---- session.c ---- */

/* Ask session.info and what follows from it; READY in the end.  A source, to
 * which no receipt and no log is shown, is so at once. */
enum vault_status vlt_client_session(struct vault_client *client);

/* ---- message.c ---- */

/* Take one message of a session. */
enum vault_status vlt_client_message(struct vault_client *client,
                                     const struct vlt_ws_message *message);

/* ---- wait.c ---- */

/* What a blocking call waits for. */
struct vlt_wait {
    bool done;
    bool moved; /* the deadline begins anew */
    enum vault_status status;
};

/* Process events until done: its status; else VAULT_E_TIMEOUT (timeout_ms -1:
 * never) or why the client is closed. */
enum vault_status vlt_client_wait(struct vault_client *client,
                                  struct vlt_wait *wait, int timeout_ms);

/* The moment timeout_ms from now (-1: never), and what is left to it. */
int64_t vlt_client_until(int timeout_ms);
int vlt_client_left(int64_t deadline);

/* One poll() of at most ms (-1: for ever), then a step. */
enum vault_status vlt_client_poll(struct vault_client *client, int ms);

#endif
