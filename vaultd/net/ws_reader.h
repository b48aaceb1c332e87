/*
 * ws_reader: RFC 6455 frames of a client into whole messages; or those of a
 * server, where the vault dialled.
 *
 * Why not libwebsockets' own: 4.1.6 takes unmasked frames and tells nobody
 * whether one was masked, so the rule that a client masks could not be held.
 *
 * Refused with 1002: an unmasked frame (of a server: a masked one), reserved
 * bits and opcodes, a control frame that is fragmented or over 125 bytes, a
 * length not in its shortest form, a continuation of nothing, a message inside
 * a message, a close frame of one byte or with a code that may not travel. With
 * 1007: text that is not UTF-8 (or holds U+0000, which no JSON can).  With the
 * code of the limits: a message that is too large, as soon as a header says so,
 * before its bytes came; or in too many fragments.  After a refusal nothing
 * more is read.
 *
 * No byte of a message is left in memory that is given back, nor in the reader
 * once it was told to forget.
 *
 * Pure.  Threads: a reader belongs to one.
 */
#ifndef WS_READER_H
#define WS_READER_H

#include "base/buf.h"
#include "base/slice.h"

enum {
    WS_CONTROL_MAX = 125, /* bytes of a control frame's payload */
    WS_HEAD_MAX = 14,     /* bytes of a frame's header */
    WS_MASK = 4,          /* bytes of a mask */
};

enum ws_opcode {
    WS_OP_CONTINUATION = 0,
    WS_OP_TEXT = 1,
    WS_OP_BINARY = 2,
    WS_OP_CLOSE = 8,
    WS_OP_PING = 9,
    WS_OP_PONG = 10,
};

enum ws_kind {
    WS_MORE, /* nothing whole yet: more bytes are needed */
    WS_TEXT,
    WS_BINARY,
    WS_PING,
    WS_PONG,
    WS_CLOSE,
    WS_BROKEN, /* refused: code and why say how to close */
};

struct ws_limits {
    size_t text;   /* bytes of a text message */
    size_t binary; /* bytes of a binary message */
    unsigned fragments;
    int too_large; /* close code of a message over these */
};

struct ws_event {
    enum ws_kind kind;
    struct vlt_slice payload; /* borrowed until ws_reader_forget() or the next
                               * ws_read() */
    unsigned fragments;       /* of a message: 1 and more */
    int code;        /* CLOSE: the peer's, 1005 without; BROKEN: ours */
    const char *why; /* BROKEN: static */
};

struct ws_reader {
    struct ws_limits limits; /* may be changed between messages */
    bool from_server;        /* set before the first byte */
    struct vlt_buf message;  /* data frames so far, unmasked */
    uint8_t head[WS_HEAD_MAX];
    size_t head_len; /* bytes of the header that came */
    bool in_payload; /* the header is whole */
    bool final;      /* of this frame */
    uint8_t opcode;  /* of this frame */
    uint8_t mask[4];
    uint64_t left;      /* payload bytes of this frame to come */
    uint64_t done;      /* payload bytes of this frame that came */
    uint8_t kind;       /* opcode of the message under way; 0: none */
    unsigned fragments; /* of the message under way */
    bool told;          /* the message was handed out: clear it first */
    bool broken;
    uint8_t control[WS_CONTROL_MAX];
};

/* A reader with these limits; it ends with ws_reader_fini(). */
void ws_reader_init(struct ws_reader *reader, const struct ws_limits *limits);
/* Wipe and free what it holds. */
void ws_reader_fini(struct ws_reader *reader);

/* The message that was handed out has served: wipe it.  The next ws_read()
 * would do so too, but may be hours away, and a message may hold a passphrase.
 * Harmless where none was handed out. */
void ws_reader_forget(struct ws_reader *reader);

/* Take bytes off the front of *bytes up to the next event, and tell it. */
void ws_read(struct ws_reader *reader, struct vlt_slice *bytes,
             struct ws_event *out);

/* The header of an unmasked, final frame of len payload bytes into out;
 * returns its length: 2, 4 or 10. */
size_t ws_head_put(uint8_t out[WS_HEAD_MAX], enum ws_opcode opcode, size_t len);

/* Make an unmasked header one of a masked frame; returns its new length, four
 * bytes more. */
size_t ws_head_mask(uint8_t head[WS_HEAD_MAX], size_t len,
                    const uint8_t mask[WS_MASK]);

/* May this close code travel in a frame? */
bool ws_code_ok(int code);

#endif
