/*
 * line: a WebSocket of a load generator, over a unix socket or over TLS.
 *
 * Raw sockets, since a client library would be measured with the server.  The
 * masking key is zero, which RFC 6455 allows: the server's work is the same,
 * and ours is none.  A firm asks the very same of a bare server as of a vault,
 * up to the handshake behind the upgrade (firm.h).
 *
 * Descriptors block: who has several of them polls first.  What cannot go on
 * ends the program.  Threads: a line belongs to one; the context of TLS may be
 * shared.
 */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "base/buf.h"

enum {
    LINE_TEXT = 1, /* opcodes */
    LINE_BINARY = 2,
    LINE_FRAME_MAX = 2 << 20, /* bytes of a frame that comes */
};

/* A plain value that begins by line_unix() or line_tls(). */
struct line {
    int fd;
    SSL *ssl; /* NULL: in the clear */
    struct vlt_buf in;
    size_t taken; /* bytes of in that were given out */
    struct vlt_buf out;
};

struct line_frame {
    int opcode; /* of a whole message */
    const uint8_t *at;
    size_t len;
};

/* What all lines of TLS 1.3 are made with: no tickets, no checks, as sdk/client
 * has it.  The caller frees it with SSL_CTX_free(). */
SSL_CTX *line_context(void);

/* Connect and be upgraded; line_close() ends it. */
void line_unix(struct line *line, const char *path);

/* Where TLS is spoken, on loopback. */
struct line_place {
    SSL_CTX *context;
    uint16_t port;
};

/* The same by TLS. */
void line_tls(struct line *line, const struct line_place *place);

/* Only TLS, without an upgrade: what a bare handshake costs. */
void line_bare(struct line *line, const struct line_place *place);

void line_close(struct line *line);

/* Send one message as one frame. */
void line_send(struct line *line, int opcode, struct vlt_slice message);

/* Take what came, and wait for it if nothing did.  Frames that were borrowed
 * are gone. */
void line_read(struct line *line);

/* The next message that is here as a whole: borrowed until line_read().
 * False: none is. */
bool line_next(struct line *line, struct line_frame *out);

/* The same, and wait for it. */
void line_wait(struct line *line, struct line_frame *out);

/* Where text ends within bytes; 0: it is not there. */
size_t line_behind(struct vlt_slice bytes, const char *text);

#endif
