/*
 * outbox: what waits to be written to one session.
 *
 * Messages leave in the order they came, each as one WebSocket frame whose
 * bytes go out in pieces of a turn (OUTBOX_TURN); the frame is not fragmented,
 * so a caller's limit on fragments never matters.  Pings, pongs and the close
 * frame go between two messages, never inside one.
 *
 * A message with a release is a firm's rows.  It is asked for its leave before
 * its first byte goes to a turn, which the release is told, and again before
 * each further piece: what may not go on then cannot be finished, and the
 * connection is cut.  A message that
 * was handed to the library whole stays known until the library says that
 * nothing of it is left in its own buffer, so that outbox_silence() finds it.
 *
 * Nothing here writes.  Threads: the loop.
 */
#ifndef OUTBOX_H
#define OUTBOX_H

#include "base/id.h"
#include "base/writer.h"
#include "service/release.h"
#include "ws_reader.h"

enum {
    OUTBOX_TURN = 16384, /* bytes of one turn, headers in: one TLS record */
};

struct outbox_message;

struct outbox_close {
    bool wanted;
    bool drain; /* once the queue is written; else before what waits */
    bool put;   /* it is in a turn: nothing follows */
    uint8_t frame[2 + WS_MASK + WS_CONTROL_MAX];
    size_t len;
};

struct outbox {
    struct outbox_message *first; /* waiting, in order */
    struct outbox_message *last;
    struct outbox_message *given; /* in the turn, or in the library's buffer */
    struct outbox_message *given_last;
    size_t bytes; /* waiting, headers in */
    bool ping;
    bool pong;
    uint8_t pong_frame[2 + WS_MASK + WS_CONTROL_MAX];
    size_t pong_len;
    struct outbox_close close;
    bool masks; /* the vault dialled: it is the client of the WebSocket */
};

enum outbox_next {
    OUTBOX_EMPTY, /* the turn holds all that may leave now, perhaps nothing */
    OUTBOX_FULL,  /* the turn is full */
    OUTBOX_AGAIN, /* *again is to be decided anew; then fill on */
    OUTBOX_ENDED, /* what is half written may not be finished: cut */
};

/* What goes back to the guard: the caller owns both. */
struct outbox_again {
    struct release *leave;
    struct vlt_buf frame;
    bool binary;
};

/* What outbox_silence() found. */
struct outbox_silence {
    unsigned dropped;
    bool half; /* some bytes of the grant left, some may not: cut */
};

/* An outbox begins as { 0 } and ends so: everything is wiped and freed,
 * unsent. */
void outbox_fini(struct outbox *outbox);

/*
 * Queue a message (WS_OP_TEXT or WS_OP_BINARY).  Takes what frame holds, and
 * leave, which may be NULL.  held: it waits for outbox_tick(), and with it
 * what is behind it.
 * VLT_E_NOMEM: both are freed all the same.
 */
VLT_MUST_USE enum vlt_status outbox_put(struct outbox *outbox,
                                        enum ws_opcode opcode,
                                        struct vlt_buf *frame,
                                        struct release *leave, bool held);

/* Let go what was held. */
void outbox_tick(struct outbox *outbox);

/* Answer a ping; of several not yet answered only the last is. */
void outbox_pong(struct outbox *outbox, struct vlt_slice payload);

/* Send a ping. */
void outbox_ping(struct outbox *outbox);

/* End with a close frame; a later call changes nothing but a drain that
 * becomes none.  why: at most 123 bytes are sent; NULL is allowed. */
void outbox_end(struct outbox *outbox, int code, const char *why, bool drain);

/* Free what waits, unsent; pings, pongs and the close frame still leave. */
void outbox_drop(struct outbox *outbox);

/* Fill the turn as far as it goes. */
enum outbox_next outbox_fill(struct outbox *outbox, struct vlt_writer *turn,
                             struct outbox_again *again);

/* The turn was handed to the library.  held: some of it is in its buffer. */
void outbox_wrote(struct outbox *outbox, bool held);

/* The library's buffer is empty. */
void outbox_flushed(struct outbox *outbox);

/* Is there something that may leave now? */
bool outbox_ready(const struct outbox *outbox);

/* Is a message's frame begun and not whole? */
bool outbox_half(const struct outbox *outbox);

/* Drop what belongs to this grant, VLT_ID_LEN bytes; to any: NULL. */
struct outbox_silence outbox_silence(struct outbox *outbox,
                                     const uint8_t *grant);

#endif
