/*
 * load_connection: a WebSocket over a unix socket that asks and counts answers.
 *
 * A raw socket, since a client library would be measured with the server.  The
 * masking key is zero, which RFC 6455 allows: the server's work is the same,
 * and ours is none.
 *
 * What cannot go on ends the program.  Threads: one belongs to one.
 */
#ifndef LOAD_CONNECTION_H
#define LOAD_CONNECTION_H

#include <stddef.h>
#include <stdint.h>

enum {
    LOAD_TEXT = 1024,  /* bytes of a message of ours */
    LOAD_IN = 1 << 21, /* bytes of a frame, with what came behind it */
};

enum load_kind { LOAD_APPEND, LOAD_LATEST, LOAD_QUERY, LOAD_KINDS };

struct load_connection {
    int fd;
    enum load_kind kind;
    unsigned stream; /* the number in the name of its stream */
    uint64_t asked;  /* messages sent; the newest one's id */
    uint64_t answered;
    int64_t row_ns; /* time of the newest row */
    size_t held;    /* bytes in `in` */
    uint8_t in[LOAD_IN];
};

/* Connect to the socket at path and be upgraded.  The caller owns what comes
 * out, and ends it with load_close(). */
struct load_connection *load_connect(const char *path, enum load_kind kind,
                                     unsigned stream);

void load_close(struct load_connection *c);

/* Send one call of its kind; an append is of one row to stream bench/NN. */
void load_ask(struct load_connection *c);

/* Take what came and count the answers; one that is an error ends the
 * program. */
void load_take(struct load_connection *c);

#endif
